/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many small attributes of sysfs with few system calls: an attribute is one openat() and one
 * read(), and descriptors that follow each other are closed together.
 */
#ifndef HOST_SYSFS_H
#define HOST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/folder.h"

/* The longest attribute: the kernel gives a page. */
enum { SYSFS_ATTRIBUTE_SIZE = 4096 };

/* A folder below which attributes are read.  Release with sysfs_reader_done(). */
struct sysfs_reader {
	int root;      /* descriptor of the folder */
	int first;     /* descriptors to close: from first on ... */
	int count;     /* ... this many, all ours, without a gap */
	int exhausted; /* 0, or why something could not be read though it may be there (-EMFILE) */
};

/* Open the folder path (NULL: "/sys").  0 or a negative errno. */
int sysfs_reader_init(struct sysfs_reader *r, const char *path);
void sysfs_reader_done(struct sysfs_reader *r);

/*
 * The attribute at path below the reader's folder as text, blanks and newline behind it cut off,
 * "" for "(null)" and "<NULL>".  Returns its length, -EFBIG when it does not fit into size bytes,
 * or a negative errno: what cannot be read is not there, or has gone.  On failure dst is "".
 */
ssize_t sysfs_read_text(struct sysfs_reader *r, const char *path, char *dst, size_t size);

/* The same as a decimal number; def when it is not there or not a number.  0 or a negative errno.
 */
int sysfs_read_int(struct sysfs_reader *r, const char *path, int def, int *ret);

/*
 * The number in an entry's name: 7 for ("session7", "session").  False when the name is not the
 * prefix and a number.
 */
bool sysfs_number_behind(const char *name, const char *prefix, int *ret);

/* The names in a folder below the reader's, as folder_read(). */
int sysfs_read_folder(struct sysfs_reader *r, const char *path, struct folder *f);

/* Whether there is a file or folder at path below the reader's folder. */
bool sysfs_has(const struct sysfs_reader *r, const char *path);

#endif
