/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names in a folder, sorted.  The database and sysfs are listed from names alone, thousands of
 * small folders at a time: opendir(3) would take three more system calls for each, and one struct
 * folder is read into again and again without new memory.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/macros.h"

enum folder_entry_type {
	FOLDER_ENTRY_FILE,
	FOLDER_ENTRY_FOLDER,
	FOLDER_ENTRY_LINK,
	FOLDER_ENTRY_OTHER,
};

struct folder_entry {
	union {
		const char *name;
		size_t offset; /* in the names, while they may still move */
	};
	enum folder_entry_type type;
};

struct folder {
	char *names;
	size_t names_len, names_cap;
	struct folder_entry *entries;
	size_t count, cap;
};

/*
 * Read the names in the folder path below dirfd, sorted bytewise; names that start with a dot are
 * left out.  What the folder held before is forgotten.  Returns 0 or a negative errno (-ENOENT and
 * -ENOTDIR: no such folder), and then it is empty.
 */
int folder_read(int dirfd, const char *path, struct folder *f);

/* The same for a folder that is open; it stays open. */
int folder_read_open(int fd, struct folder *f);

void folder_done(struct folder *f);

#define _cleanup_folder_ _cleanup_(folder_done)

#endif
