/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cursor and writer.  Invariants: cursor pos <= end; writer len <= cap, len <= max.
 */
#include "lib/base/cursor.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { WRITER_FIRST_CAP = 256 };

static int cursor_be(struct cursor *c, size_t width, uint64_t *ret)
{
	uint64_t v = 0;

	if (cursor_left(c) < width)
		return -EBADMSG;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | c->pos[i];
	c->pos += width;
	*ret = v;
	return 0;
}

int cursor_u8(struct cursor *c, uint8_t *ret)
{
	uint64_t v;
	int r = cursor_be(c, 1, &v);

	if (r == 0)
		*ret = (uint8_t)v;
	return r;
}

int cursor_be16(struct cursor *c, uint16_t *ret)
{
	uint64_t v;
	int r = cursor_be(c, 2, &v);

	if (r == 0)
		*ret = (uint16_t)v;
	return r;
}

int cursor_be24(struct cursor *c, uint32_t *ret)
{
	uint64_t v;
	int r = cursor_be(c, 3, &v);

	if (r == 0)
		*ret = (uint32_t)v;
	return r;
}

int cursor_be32(struct cursor *c, uint32_t *ret)
{
	uint64_t v;
	int r = cursor_be(c, 4, &v);

	if (r == 0)
		*ret = (uint32_t)v;
	return r;
}

int cursor_be64(struct cursor *c, uint64_t *ret)
{
	return cursor_be(c, 8, ret);
}

int cursor_bytes(struct cursor *c, size_t len, const uint8_t **ret)
{
	if (cursor_left(c) < len)
		return -EBADMSG;
	*ret = c->pos;
	c->pos += len;
	return 0;
}

int cursor_copy(struct cursor *c, void *dst, size_t len)
{
	const uint8_t *src;
	int r = cursor_bytes(c, len, &src);

	if (r == 0 && len > 0)
		memcpy(dst, src, len);
	return r;
}

int cursor_skip(struct cursor *c, size_t len)
{
	const uint8_t *ignored;

	return cursor_bytes(c, len, &ignored);
}

/* Makes room for extra more bytes and one spare (for a NUL); false after any error. */
static bool writer_reserve(struct writer *w, size_t extra)
{
	size_t cap = w->cap ? w->cap : WRITER_FIRST_CAP;
	uint8_t *data;

	if (w->status < 0)
		return false;
	if (extra > w->max || w->len > w->max - extra) {
		w->status = -EMSGSIZE;
		return false;
	}
	while (cap - w->len <= extra)
		cap *= 2;
	if (cap == w->cap)
		return true;
	data = realloc(w->data, cap);
	if (!data) {
		w->status = -ENOMEM;
		return false;
	}
	w->data = data;
	w->cap = cap;
	return true;
}

void writer_done(struct writer *w)
{
	free(w->data);
	*w = writer_make(w->max);
}

void writer_reset(struct writer *w)
{
	w->len = 0;
	w->status = 0;
}

static void writer_be(struct writer *w, uint64_t v, size_t width)
{
	if (!writer_reserve(w, width))
		return;
	for (size_t i = 0; i < width; i++)
		w->data[w->len + i] = (uint8_t)(v >> 8 * (width - 1 - i));
	w->len += width;
}

void writer_u8(struct writer *w, uint8_t v)
{
	writer_be(w, v, 1);
}

void writer_be16(struct writer *w, uint16_t v)
{
	writer_be(w, v, 2);
}

void writer_be32(struct writer *w, uint32_t v)
{
	writer_be(w, v, 4);
}

void writer_be64(struct writer *w, uint64_t v)
{
	writer_be(w, v, 8);
}

void writer_bytes(struct writer *w, const void *data, size_t len)
{
	if (len == 0 || !writer_reserve(w, len))
		return;
	memcpy(w->data + w->len, data, len);
	w->len += len;
}

void *writer_extend(struct writer *w, size_t len)
{
	if (!writer_reserve(w, len))
		return NULL;
	w->len += len;
	return w->data + w->len - len;
}

void writer_zeros(struct writer *w, size_t len)
{
	if (!writer_reserve(w, len))
		return;
	memset(w->data + w->len, 0, len);
	w->len += len;
}

void writer_str(struct writer *w, const char *s)
{
	writer_bytes(w, s, strlen(s));
}

void writer_printf(struct writer *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !writer_reserve(w, (size_t)n))
		return;
	va_start(ap, fmt);
	/* the reserve above always leaves a spare byte for the NUL */
	vsnprintf((char *)w->data + w->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	w->len += (size_t)n;
}

int writer_take_str(struct writer *w, char **ret)
{
	int r;

	writer_reserve(w, 0);
	r = w->status;
	if (r == 0) {
		w->data[w->len] = '\0';
		*ret = (char *)w->data;
		w->data = NULL;
	}
	writer_done(w);
	return r;
}
