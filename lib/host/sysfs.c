/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The invariant of the deferred close: first .. first + count - 1 are descriptors that openat()
 * gave to this reader one after the other, so that closing the range closes nobody else's.
 */
#include "lib/host/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

/* Descriptors held open at most. */
enum { OPEN_MAX_TOGETHER = 256 };

static void close_held(struct sysfs_reader *r)
{
	int first = r->first, count = r->count;

	r->count = 0;
	if (count > 1 &&
	    close_range((unsigned int)first, (unsigned int)(first + count - 1), 0) == 0)
		return;
	for (int i = 0; i < count; i++)
		close(first + i);
}

/* Takes over fd, to be closed with its neighbours. */
static void hold(struct sysfs_reader *r, int fd)
{
	if (r->count > 0 && (fd != r->first + r->count || r->count == OPEN_MAX_TOGETHER))
		close_held(r);
	if (r->count == 0)
		r->first = fd;
	r->count++;
}

int sysfs_reader_init(struct sysfs_reader *r, const char *path)
{
	int fd = open(path ? path : "/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*r = (struct sysfs_reader){.root = fd};
	return 0;
}

void sysfs_reader_done(struct sysfs_reader *r)
{
	close_held(r);
	close(r->root);
	r->root = -1;
}

/* Out of descriptors or memory is not the same as not there. */
static void note_exhaustion(struct sysfs_reader *r)
{
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		r->exhausted = -errno;
}

/* What is held must not be why there is no further descriptor. */
static int open_below(struct sysfs_reader *r, const char *path, int flags)
{
	int fd = openat(r->root, path, flags | O_CLOEXEC);

	if (fd < 0 && errno == EMFILE && r->count > 0) {
		close_held(r);
		fd = openat(r->root, path, flags | O_CLOEXEC);
	}
	if (fd < 0)
		note_exhaustion(r);
	return fd;
}

/* One read is all: the kernel gives an attribute whole or not at all. */
static ssize_t read_once(struct sysfs_reader *r, const char *path, char *dst, size_t size)
{
	ssize_t n;
	int fd = open_below(r, path, O_RDONLY | O_NOCTTY);

	if (fd < 0)
		return -errno;
	n = read(fd, dst, size);
	if (n < 0)
		n = -errno;
	hold(r, fd);
	return n;
}

ssize_t sysfs_read_text(struct sysfs_reader *r, const char *path, char *dst, size_t size)
{
	char text[SYSFS_ATTRIBUTE_SIZE];
	ssize_t n = read_once(r, path, text, sizeof(text));

	dst[0] = '\0';
	if (n < 0)
		return n;
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	if ((n == 6 && memcmp(text, "(null)", 6) == 0) ||
	    (n == 6 && memcmp(text, "<NULL>", 6) == 0))
		n = 0;
	if ((size_t)n >= size)
		return -EFBIG;
	memcpy(dst, text, (size_t)n);
	dst[n] = '\0';
	return n;
}

int sysfs_read_int(struct sysfs_reader *r, const char *path, int def, int *ret)
{
	char text[32];
	ssize_t n = sysfs_read_text(r, path, text, sizeof(text));
	int error = n < 0 ? (int)n : num_int(text, INT32_MIN, INT32_MAX, ret);

	if (error < 0)
		*ret = def;
	return error;
}

bool sysfs_number_behind(const char *name, const char *prefix, int *ret)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 && num_int(name + len, 0, INT32_MAX, ret) == 0;
}

int sysfs_read_folder(struct sysfs_reader *r, const char *path, struct folder *f)
{
	_cleanup_close_ int fd = open_below(r, path, O_RDONLY | O_DIRECTORY);
	int error;

	if (fd < 0) {
		f->count = 0;
		return -errno;
	}
	error = folder_read_open(fd, f);
	if (error == -ENOMEM)
		r->exhausted = error;
	return error;
}

bool sysfs_has(const struct sysfs_reader *r, const char *path)
{
	return faccessat(r->root, path, F_OK, 0) == 0;
}
