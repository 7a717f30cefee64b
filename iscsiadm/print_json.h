/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One JSON document (RFC 8259), built in memory and written at once: a run that fails half-way
 * never leaves half a document.  The library is opened when the first document is made, so that a
 * run that prints text does not pay for it.
 */
#ifndef ISCSIADM_PRINT_JSON_H
#define ISCSIADM_PRINT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "iscsiadm/json_members.h"

struct json_document;

/* An object or a list inside a document: a handle, valid as long as the document. */
struct json {
	struct json_document *document;
	struct json_object *value; /* NULL once memory has run out: adding to it does nothing */
	int level;                 /* how many others it is in */
};

/* An empty document.  -ELIBACC: the library is not there (why, unless NULL, says what the loader
 * said; borrowed until the next call of dlopen); -ENOMEM. */
int json_document_new(struct json_document **ret, const char **why);
struct json_document *json_document_free(struct json_document *d);

/* Its outermost object. */
struct json json_root(struct json_document *d);

enum json_form {
	JSON_PRETTY, /* indented, for people as well */
	JSON_LINE,   /* one line: one of many documents in a stream */
};

/*
 * Write the document and a newline.  -ENOMEM: memory ran out while it was made, nothing was
 * written; a failure to write is the stream's to tell.
 */
int json_document_write(const struct json_document *d, enum json_form form, FILE *to);

/*
 * Add a value to in, under key if in is an object; key is NULL in a list.  The handle that is
 * returned is for what goes inside.  A text that is no UTF-8 has each wrong byte replaced by
 * U+FFFD; one that is NULL or "" becomes null.
 */
struct json json_add_object(struct json in, const char *key);
struct json json_add_list(struct json in, const char *key);
/* The list under key of the object in, made when it is not there. */
struct json json_open_list(struct json in, const char *key);
void json_add_text(struct json in, const char *key, const char *text);
void json_add_number(struct json in, const char *key, int64_t number);
void json_add_unsigned(struct json in, const char *key, uint64_t number);
void json_add_bool(struct json in, const char *key, bool truth);
/* A number that is a text: a text after all when it is none. */
void json_add_decimal(struct json in, const char *key, const char *text);
/* A secret: left out, but for whether there is one, which is said under "KEY_set". */
void json_add_secret(struct json in, const char *key, const char *secret);
/*
 * An object whose members are put together as text (json_members.h): for records, of which there
 * may be so many that an object for each value would take most of the time, and of the memory.  m
 * is json_members_of(in), filled; it is released.  For a document that is written JSON_PRETTY.
 */
struct json_members json_members_of(struct json in);
void json_add_members(struct json in, const char *key, struct json_members *m);
/* Seconds, to the microsecond. */
void json_add_seconds(struct json in, const char *key, uint64_t usec);

#endif
