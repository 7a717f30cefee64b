/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema: every key of every kind of record, and of iscsid.conf, once.
 *
 * What a key is called, which values it takes, what it is without a value, where it is printed and
 * what it means to people stands in one row of the table in schema.c.  Parsing, printing, checking,
 * the shipped iscsid.conf and its manual page all follow that table; there is no other list.
 */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libiscsi-db/iscsi-db.h"

/* The kinds of record that have a key, as bits; the last is for keys of iscsid.conf alone. */
enum schema_kinds {
	SCHEMA_NODE = 1 << ISCSI_DB_NODE,
	SCHEMA_SENDTARGETS = 1 << ISCSI_DB_SENDTARGETS,
	SCHEMA_ISNS = 1 << ISCSI_DB_ISNS,
	SCHEMA_IFACE = 1 << ISCSI_DB_IFACE,
	SCHEMA_CONFIG = 1 << (ISCSI_DB_IFACE + 1),
};

enum schema_type {
	SCHEMA_TEXT,     /* at most max bytes */
	SCHEMA_NUMBER,   /* decimal, min to max */
	SCHEMA_WORD,     /* one of the words in allowed */
	SCHEMA_LIST,     /* one or more of the words in allowed */
	SCHEMA_NETWORKS, /* none or more of ADDRESS/BITS */
	SCHEMA_NUMBERS,  /* none or more numbers, min to max each */
};

enum schema_flags {
	SCHEMA_LOOKUP = 1 << 0, /* finds the record: a user cannot change it, nor a file seed it */
	SCHEMA_SECRET = 1 << 1, /* masked unless asked for */
	SCHEMA_V4 = 1 << 2,     /* the part of an interface without "ipv6" in its name */
	SCHEMA_V6 = 1 << 3,     /* the part of an interface with it */
	SCHEMA_WHEN_SET =
		1 << 4, /* younger than the oldest reader we support: printed if not default */
	SCHEMA_NO_CONF = 1 << 5, /* not taken from iscsid.conf */
};

struct schema_row {
	const char *name;
	size_t name_len;
	const char *alias; /* another name that is understood, or NULL */
	unsigned int kinds;
	unsigned int flags;
	enum schema_type type;
	int64_t min, max;
	enum iscsi_db_effect effect;
	const char *allowed; /* for people; words are separated by ", " */
	const char *def;     /* built-in default, "" for none */
	const char *conf;    /* value in the shipped iscsid.conf; NULL: commented out there */
	const char *doc;     /* what it does, one or more sentences without a line break */
	/* place in the file form of a node record among the rows that have one; 0: as displayed */
	unsigned int file_place;
};

/* More than there are. */
enum { SCHEMA_ROWS_MAX = 255 };

/* The table in display order, and its length; a row's index names it everywhere. */
extern const struct schema_row schema_rows[];
extern const size_t schema_count;

/*
 * The index of the row for a key (or its alias; len bytes, no NUL needed) that one of kinds has;
 * -ENOENT: none.  The search starts at hint and goes around: whoever asks in table order, passing
 * the last answer, finds each at once.
 */
int schema_find(unsigned int kinds, const char *name, size_t len, size_t hint);

/*
 * Check a value (len bytes) against a row and bring it to its one form: numbers in plain decimal,
 * lists joined by commas.  Words of a list that are unknown or come twice are told to problem (may
 * be NULL) and dropped.  Returns 0 and an allocated text in *ret; -EINVAL, -ERANGE (a number or a
 * text out of bounds) or -ENOMEM.
 */
int schema_value(const struct schema_row *row, const char *value, size_t len,
                 iscsi_db_problem problem, void *data, unsigned int line, char **ret);

/*
 * The same for a value from a file, where old tools took a number with something behind it: what
 * follows the number is told and dropped, and any refusal is told with the values allowed.
 */
int schema_value_from_file(const struct schema_row *row, const char *value, size_t len,
                           iscsi_db_problem problem, void *data, unsigned int line, char **ret);

/* Format a message and tell it; nothing happens without a problem function. */
void schema_tell(iscsi_db_problem problem, void *data, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
