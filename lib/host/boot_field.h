/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value of the firmware's after the other: what its kind allows goes to its place in a
 * boot_path, the rest is named.  Of use to the files that read boot information only.
 */
#ifndef HOST_BOOT_FIELD_H
#define HOST_BOOT_FIELD_H

#include "lib/base/macros.h"
#include "lib/host/boot.h"

enum boot_kind {
	BOOT_TEXT,     /* no control characters */
	BOOT_WORD,     /* printable ASCII without blanks */
	BOOT_NAME,     /* an iSCSI name */
	BOOT_ADDRESS,  /* a literal v4 or v6 address; "0.0.0.0" and "::" are none */
	BOOT_HWADDRESS /* six pairs of hexadecimal digits with colons */
};

/* Where a value goes; name is the attribute's or the argument's. */
struct boot_field {
	const char *name;
	enum boot_kind kind;
	size_t offset, size; /* in struct boot_path */
};

#define BOOT_FIELD(key, of_kind, member)                                                           \
	{                                                                                          \
		.name = (key), .kind = (of_kind), .offset = offsetof(struct boot_path, member),    \
		.size = sizeof(((struct boot_path *)NULL)->member)                                 \
	}

/* The paths found so far; release with boot_paths_free(). */
struct boot_reading {
	struct boot_path *paths;
	size_t count;
	/* borrowed */
	boot_problem problem;
	void *data;
};

/* Name what was left out. */
void boot_tell(const struct boot_reading *r, const char *fmt, ...) _printf_(2, 3);

/* Put len bytes at text into the field of path, or tell why not; where: ahead of the field's name
 * in the message. */
void boot_take(const struct boot_reading *r, const struct boot_field *field, const char *where,
               const char *text, size_t len, struct boot_path *path);

/* Add a path that has a target, unless it is there already; tell what it lacks.  0 or -ENOMEM. */
int boot_add(struct boot_reading *r, const struct boot_path *path);

/* A path of which nothing is known yet. */
struct boot_path boot_path_make(const char *source);

#endif
