/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A read cursor and a bounded writer over bytes in network order.
 *
 * All wire code reads through a cursor, so that no length from a peer is ever
 * used in arithmetic outside these two files.  Neither knows any protocol.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/macros.h"

/* A window on bytes that somebody else owns. */
struct cursor {
	/* borrowed */
	const uint8_t *pos;
	const uint8_t *end;
};

/* Look at len bytes at data, which must outlive the cursor. */
static inline struct cursor cursor_make(const void *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data;

	return (struct cursor){.pos = p, .end = p ? p + len : p};
}

/* Bytes not yet consumed. */
static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->pos);
}

/*
 * Consume one unsigned integer of 8, 16, 24, 32 or 64 bits, most significant byte first.
 * Returns 0, or -EBADMSG when fewer bytes are left (nothing is consumed, *ret is untouched).
 */
int cursor_u8(struct cursor *c, uint8_t *ret);
int cursor_be16(struct cursor *c, uint16_t *ret);
int cursor_be24(struct cursor *c, uint32_t *ret);
int cursor_be32(struct cursor *c, uint32_t *ret);
int cursor_be64(struct cursor *c, uint64_t *ret);

/* Consume len bytes and point *ret at them (borrowed from the underlying bytes).  0 or -EBADMSG. */
int cursor_bytes(struct cursor *c, size_t len, const uint8_t **ret);

/* Consume len bytes into dst.  0 or -EBADMSG. */
int cursor_copy(struct cursor *c, void *dst, size_t len);

/* Consume len bytes.  0 or -EBADMSG. */
int cursor_skip(struct cursor *c, size_t len);

/*
 * A growing byte buffer with a hard maximum.  Errors are sticky: after the first failure
 * every further call does nothing, and writer_status() tells what happened, so that a
 * message can be built without a check at every line.
 */
struct writer {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
	int status; /* 0, -ENOMEM, -EMSGSIZE or -EINVAL (kv.h) */
};

/* An empty writer that refuses to grow beyond max bytes.  Release with writer_done(). */
static inline struct writer writer_make(size_t max)
{
	return (struct writer){.max = max};
}

/* Free the bytes; the writer is empty afterwards and can be used again. */
void writer_done(struct writer *w);

/* Forget the content and the error, keep the memory. */
void writer_reset(struct writer *w);

/* 0, -ENOMEM, -EMSGSIZE when the maximum would have been passed, or -EINVAL (kv_put()). */
static inline int writer_status(const struct writer *w)
{
	return w->status;
}

/* Append one unsigned integer of 8, 16, 24, 32 or 64 bits, most significant byte first. */
void writer_u8(struct writer *w, uint8_t v);
void writer_be16(struct writer *w, uint16_t v);
void writer_be32(struct writer *w, uint32_t v);
void writer_be64(struct writer *w, uint64_t v);

/* Append len bytes, len zero bytes, a string without its NUL, or formatted text without its NUL. */
void writer_bytes(struct writer *w, const void *data, size_t len);
void writer_zeros(struct writer *w, size_t len);
void writer_str(struct writer *w, const char *s);
void writer_printf(struct writer *w, const char *fmt, ...) _printf_(2, 3);

/* Append len bytes that the caller fills in before anything else is appended; NULL on error. */
void *writer_extend(struct writer *w, size_t len);

/*
 * Give the bytes away as a NUL-terminated string that the caller frees; the writer is
 * empty afterwards.  Returns 0 or the sticky error (then the bytes are freed).
 */
int writer_take_str(struct writer *w, char **ret);

#endif
