/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/macros.h"

enum { READ_STEP = 8192, TEMPORARY_TRIES = 100 };

static ssize_t read_some(int fd, char *dst, size_t size)
{
	ssize_t n;

	do
		n = read(fd, dst, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Reads until the end or until size bytes are there. */
static ssize_t read_full(int fd, char *dst, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read_some(fd, dst + got, size - got);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int file_read(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *data = NULL;
	size_t len = 0, cap = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		/* the size that stat tells is a hint: sysfs says 4096, and files grow */
		size_t want = cap == 0 && st.st_size > 0 && st.st_size < (off_t)max
		                      ? (size_t)st.st_size + 1
		                      : READ_STEP;
		char *grown = realloc(data, cap + want + 1);
		ssize_t n;

		if (!grown)
			return -ENOMEM;
		data = grown;
		cap += want;
		n = read_some(fd, data + len, cap - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		/* there was room for more than the size told, so that is the end */
		if (n == 0 || ((off_t)len == st.st_size && len < cap))
			break;
	}
	data[len] = '\0';
	*ret = take_ptr(data);
	*ret_len = len;
	return 0;
}

int file_write(int fd, const void *data, size_t len)
{
	const char *from = data;

	while (len > 0) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		from += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Makes a file that nobody else has, next to the one to replace; its name goes into tmp. */
static int open_temporary(int dirfd, const char *name, mode_t mode, char tmp[static NAME_MAX + 1])
{
	for (unsigned int i = 0; i < TEMPORARY_TRIES; i++) {
		int fd;

		if (strlen(name) > NAME_MAX)
			return -ENAMETOOLONG;
		/* of a long name the beginning is enough */
		snprintf(tmp, NAME_MAX + 1, ".%.200s.%d.%u", name, (int)getpid(), i);
		fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -EEXIST;
}

int file_replace(int dirfd, const char *name, const void *data, size_t len, mode_t mode, bool sync)
{
	_cleanup_close_ int fd = -1;
	char tmp[NAME_MAX + 1];
	int r;

	fd = open_temporary(dirfd, name, mode, tmp);
	if (fd < 0)
		return fd;
	/* the umask of no sane process takes from the owner */
	r = (mode & (S_IRWXG | S_IRWXO)) && fchmod(fd, mode) < 0 ? -errno
	                                                         : file_write(fd, data, len);
	if (r == 0 && sync && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dirfd, tmp, 0);
		return r;
	}
	if (sync) {
		/* dirfd may be AT_FDCWD or an O_PATH descriptor, which cannot be synced */
		_cleanup_close_ int folder = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (folder < 0 || fsync(folder) < 0)
			return -errno;
	}
	return 0;
}

int file_make_folders(int dirfd, const char *path, mode_t mode)
{
	char part[PATH_MAX];
	struct stat st;
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return len ? -ENAMETOOLONG : -EINVAL;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdirat(dirfd, part, mode) < 0 && errno != EEXIST)
			return -errno;
	}
	if (fstatat(dirfd, path, &st, 0) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int file_folder(const char *path, char dst[static PATH_MAX])
{
	const char *slash = strrchr(path, '/'), *from = slash ? path : ".";
	/* the slash of the root stays */
	size_t len = slash ? MAX((size_t)(slash - path), (size_t)1) : strlen(from);

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(dst, from, len);
	dst[len] = '\0';
	return 0;
}

ssize_t file_read_line(int dirfd, const char *path, char *dst, size_t size)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_full(fd, dst, size);
	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -EFBIG;
	while (n > 0 && strchr(" \t\r\n", dst[n - 1]))
		n--;
	dst[n] = '\0';
	return n;
}

void file_guard_stdio(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* the lowest number that is free, which is this one */
		open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}
