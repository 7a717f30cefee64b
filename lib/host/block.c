/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/block_tables.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <libmount/libmount.h>

#include "lib/base/library.h"
#include "lib/base/macros.h"

/*
 * libmount brings four other libraries along, which costs more than most commands take: it is
 * opened when a logout has to know what is mounted.
 */
#define LIBMOUNT "libmount.so.1"

#define MOUNT_FUNCTIONS(X)                                                                         \
	X(mnt_new_table)                                                                           \
	X(mnt_unref_table)                                                                         \
	X(mnt_table_parse_file)                                                                    \
	X(mnt_table_parse_swaps)                                                                   \
	X(mnt_new_iter)                                                                            \
	X(mnt_free_iter)                                                                           \
	X(mnt_table_next_fs)                                                                       \
	X(mnt_fs_get_source)                                                                       \
	X(mnt_fs_get_target)                                                                       \
	X(mnt_fs_get_devno)

struct libmount {
	MOUNT_FUNCTIONS(LIBRARY_POINTER)
};

static const struct library_symbol mount_symbols[] = {
#define X(name) LIBRARY_SYMBOL(struct libmount, name)
	MOUNT_FUNCTIONS(X)
#undef X
};

static int open_libmount(struct libmount *ret)
{
	return library_open(LIBMOUNT, mount_symbols, ARRAY_LEN(mount_symbols), ret, NULL);
}

/*
 * A path as the device behind it is called: links in /dev are resolved here once, and not for each
 * disk that is looked for.  NULL: no memory.
 */
static char *canonical(const char *path)
{
	char *real = strncmp(path, "/dev/", 5) == 0 ? realpath(path, NULL) : NULL;

	return real ? real : strdup(path);
}

/* Takes one row of a table; 0 or a negative errno. */
typedef int take_row(const struct libmount *lib, struct libmnt_fs *fs, struct block_tables *t);

static int take_mount(const struct libmount *lib, struct libmnt_fs *fs, struct block_tables *t)
{
	const char *source = lib->mnt_fs_get_source(fs), *target = lib->mnt_fs_get_target(fs);
	struct block_mount *grown, m = {.devno = lib->mnt_fs_get_devno(fs)};

	if (!target)
		return 0;
	grown = (struct block_mount *)reallocarray(t->mounts, t->mount_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	t->mounts = grown;
	m.source = canonical(source ? source : "");
	m.target = strdup(target);
	grown[t->mount_count++] = m;
	return m.source && m.target ? 0 : -ENOMEM;
}

static int take_swap(const struct libmount *lib, struct libmnt_fs *fs, struct block_tables *t)
{
	const char *path = lib->mnt_fs_get_source(fs);
	char **grown;

	if (!path)
		return 0;
	grown = (char **)reallocarray(t->swaps, t->swap_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	t->swaps = grown;
	grown[t->swap_count] = canonical(path);
	return grown[t->swap_count++] ? 0 : -ENOMEM;
}

static int each_row(const struct libmount *lib, struct libmnt_table *table, take_row *take,
                    struct block_tables *t)
{
	struct libmnt_iter *iter = lib->mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && lib->mnt_table_next_fs(table, iter, &fs) == 0)
		r = take(lib, fs, t);
	lib->mnt_free_iter(iter);
	return r;
}

static int read_table(const struct libmount *lib, const char *path,
                      int (*parse)(struct libmnt_table *, const char *), take_row *take,
                      struct block_tables *t)
{
	struct libmnt_table *table = lib->mnt_new_table();
	int r = table ? parse(table, path) : -ENOMEM;

	if (r == 0)
		r = each_row(lib, table, take, t);
	lib->mnt_unref_table(table);
	return r;
}

/* Whether process 1 has mounts of its own, and they can be read. */
static bool has_other_mounts(const char *proc)
{
	char path[PATH_MAX], ours[64], theirs[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "%s/self/ns/mnt", proc);
	n = readlink(path, ours, sizeof(ours));
	snprintf(path, sizeof(path), "%s/1/ns/mnt", proc);
	m = readlink(path, theirs, sizeof(theirs));
	return n > 0 && m > 0 && (n != m || memcmp(ours, theirs, (size_t)n) != 0);
}

void block_tables_done(struct block_tables *t)
{
	for (size_t i = 0; i < t->mount_count; i++) {
		free(t->mounts[i].source);
		free(t->mounts[i].target);
	}
	for (size_t i = 0; i < t->swap_count; i++)
		free(t->swaps[i]);
	free(t->mounts);
	free(t->swaps);
	*t = (struct block_tables){0};
}

int block_tables_read(const char *proc, struct block_tables *ret)
{
	struct block_tables t = {0};
	struct libmount lib;
	char path[PATH_MAX];
	int r = open_libmount(&lib);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/self/mountinfo", proc);
	r = read_table(&lib, path, lib.mnt_table_parse_file, take_mount, &t);
	if (r == 0 && has_other_mounts(proc)) {
		snprintf(path, sizeof(path), "%s/1/mountinfo", proc);
		r = read_table(&lib, path, lib.mnt_table_parse_file, take_mount, &t);
	}
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/swaps", proc);
		r = read_table(&lib, path, lib.mnt_table_parse_swaps, take_swap, &t);
		/* a kernel without swap */
		if (r == -ENOENT)
			r = 0;
	}
	if (r < 0) {
		block_tables_done(&t);
		return r;
	}
	*ret = t;
	return 0;
}
