/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 32768 };

/* Room for need elements; the array as it is now, or NULL (then the old one stays). */
static void *grow(void *array, size_t *cap, size_t need, size_t size)
{
	size_t more = MAX(need, 2 * *cap);
	void *grown = need <= *cap ? array : reallocarray(array, more, size);

	if (grown && need > *cap)
		*cap = more;
	return grown;
}

static enum folder_entry_type entry_type(int fd, const char *name, unsigned char d_type)
{
	struct stat st;

	/* file systems may leave the type out */
	if (d_type == DT_UNKNOWN && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		d_type = IFTODT(st.st_mode);
	if (d_type == DT_REG)
		return FOLDER_ENTRY_FILE;
	if (d_type == DT_DIR)
		return FOLDER_ENTRY_FOLDER;
	return d_type == DT_LNK ? FOLDER_ENTRY_LINK : FOLDER_ENTRY_OTHER;
}

static int add_entry(int fd, struct folder *f, const struct dirent64 *d)
{
	size_t size = strlen(d->d_name) + 1;
	char *names = grow(f->names, &f->names_cap, f->names_len + size, 1);
	struct folder_entry *entries;

	if (!names)
		return -ENOMEM;
	f->names = names;
	entries = grow(f->entries, &f->cap, f->count + 1, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	f->entries = entries;
	memcpy(f->names + f->names_len, d->d_name, size);
	f->entries[f->count].offset = f->names_len;
	f->entries[f->count].type = entry_type(fd, d->d_name, d->d_type);
	f->names_len += size;
	f->count++;
	return 0;
}

static int read_entries(int fd, struct folder *f)
{
	_Alignas(struct dirent64) char buf[READ_SIZE];

	for (;;) {
		ssize_t n = getdents64(fd, buf, sizeof(buf));

		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const struct dirent64 *)(buf + at);

			if (d->d_name[0] != '.' && add_entry(fd, f, d) < 0)
				return -ENOMEM;
			at += d->d_reclen;
		}
	}
}

static int by_name(const void *a, const void *b)
{
	const struct folder_entry *ea = a, *eb = b;

	return strcmp(ea->name, eb->name);
}

int folder_read_open(int fd, struct folder *f)
{
	int r;

	f->names_len = f->count = 0;
	r = read_entries(fd, f);
	if (r < 0) {
		f->count = 0;
		return r;
	}
	for (size_t i = 0; i < f->count; i++)
		f->entries[i].name = f->names + f->entries[i].offset;
	if (f->count > 1)
		qsort(f->entries, f->count, sizeof(f->entries[0]), by_name);
	return 0;
}

int folder_read(int dirfd, const char *path, struct folder *f)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return folder_read_open(fd, f);
	f->names_len = f->count = 0;
	return -errno;
}

void folder_done(struct folder *f)
{
	free(f->names);
	free(f->entries);
	*f = (struct folder){0};
}
