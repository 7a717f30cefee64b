/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one key=value grammar, with two separators.
 *
 * KV_NUL is the text format of RFC 7143 section 6.1: pairs end in NUL, nothing is trimmed.
 * KV_NEWLINE is the form of records, configuration files and IPC messages: one pair a line,
 * blanks (space, tab, CR) around key and value do not count, empty lines and lines whose
 * first non-blank is '#' are skipped, and the last line may lack its newline.
 */
#ifndef BASE_KV_H
#define BASE_KV_H

#include <stddef.h>

#include "lib/base/cursor.h"

enum kv_separator {
	KV_NUL,
	KV_NEWLINE,
};

struct kv_reader {
	enum kv_separator separator;
	unsigned int line; /* number of the pair or line last returned, from 1 */
	/* borrowed */
	struct cursor in;
};

/* One pair; key and value are not NUL-terminated and point into the text that was read. */
struct kv {
	size_t key_len;
	size_t value_len;
	/* borrowed */
	const char *key;
	const char *value;
};

/* Read len bytes at text, which must outlive the reader and every pair it returns. */
struct kv_reader kv_reader_make(enum kv_separator separator, const void *text, size_t len);

/*
 * The next pair.  Returns 1 with *ret filled, 0 at the end, or -EBADMSG for a line without
 * '=' or with an empty key: then *ret has the whole line as its key and an empty value,
 * and the reader stands behind it, so that the caller may report it and go on.
 */
int kv_next(struct kv_reader *r, struct kv *ret);

/* Whether the pair's key is exactly name. */
bool kv_key_is(const struct kv *kv, const char *name);

/* Whether the pair's value is exactly text. */
bool kv_value_is(const struct kv *kv, const char *text);

/*
 * Copies of the value as a NUL-terminated string: into dst of size bytes (0, or -ENAMETOOLONG
 * when it does not fit, or -EILSEQ when it holds a NUL), or allocated (caller frees; NULL: no
 * memory).
 */
int kv_value_copy(const struct kv *kv, char *dst, size_t size);
char *kv_value_dup(const struct kv *kv);

/* Append "key=value" and the separator.  A newline inside a KV_NEWLINE pair is the writer's sticky
 * -EINVAL. */
void kv_put(struct writer *w, enum kv_separator separator, const char *key, const char *value);

/* The same with a formatted value. */
void kv_putf(struct writer *w, enum kv_separator separator, const char *key, const char *fmt, ...)
	_printf_(4, 5);

#endif
