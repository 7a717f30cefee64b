/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files: read with a limit, replaced so that a reader sees the old or the new content only.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Read the regular file path below dirfd (AT_FDCWD: the current folder; absolute paths ignore it).
 * *ret is NUL-terminated behind its *ret_len bytes; the caller frees it.  Returns 0, -EFBIG
 * when the file has more than max bytes, -ENOENT, or another negative errno.
 */
int file_read(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len);

/*
 * Replace (or make) the file name in the folder dirfd by len bytes with permissions mode: a
 * temporary file in the same folder, then rename.  With sync, the file and then the folder are
 * written to disk before it returns; without, the caller syncs a batch itself (syncfs(2)).  On any
 * error the old file is untouched and no temporary file stays.  Returns 0 or a negative errno.
 */
int file_replace(int dirfd, const char *name, const void *data, size_t len, mode_t mode, bool sync);

/* Write all of len bytes to fd.  Returns 0 or a negative errno. */
int file_write(int fd, const void *data, size_t len);

/* Make path and its missing parents as folders with permissions mode.  Returns 0 or a negative
 * errno. */
int file_make_folders(int dirfd, const char *path, mode_t mode);

/* The folder that the last part of path lies in: "/run" of "/run/x", "/" of "/x", "." of "x".
 * Returns 0 or -ENAMETOOLONG. */
int file_folder(const char *path, char dst[static PATH_MAX]);

/*
 * Read the small text file path below dirfd into dst (size bytes), the trailing newline and
 * blanks cut off.  Returns its length or a negative errno (-EFBIG: does not fit).
 */
ssize_t file_read_line(int dirfd, const char *path, char *dst, size_t size);

/*
 * Fill those of the descriptors 0 to 2 that a program was started without, so that nothing that it
 * opens is taken for its standard output.  Reading from the one and writing to the others fails
 * with EBADF, as if they were closed.  For the beginning of main().
 */
void file_guard_stdio(void);

#endif
