/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key=value grammar.  One scanner for both separators; only trimming and comments differ.
 */
#include "lib/base/kv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const char separator_byte[] = {[KV_NUL] = '\0', [KV_NEWLINE] = '\n'};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **s, size_t *len)
{
	while (*len > 0 && is_blank(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*s)[*len - 1]))
		(*len)--;
}

struct kv_reader kv_reader_make(enum kv_separator separator, const void *text, size_t len)
{
	return (struct kv_reader){.separator = separator, .in = cursor_make(text, len)};
}

/* Takes the text up to the next separator, or to the end. */
static void next_line(struct kv_reader *r, const char **ret, size_t *ret_len)
{
	const uint8_t *start = r->in.pos;
	size_t left = cursor_left(&r->in);
	const uint8_t *stop = memchr(start, separator_byte[r->separator], left);
	size_t len = stop ? (size_t)(stop - start) : left;

	r->in.pos = stop ? stop + 1 : r->in.end;
	r->line++;
	*ret = (const char *)start;
	*ret_len = len;
}

int kv_next(struct kv_reader *r, struct kv *ret)
{
	while (cursor_left(&r->in) > 0) {
		const char *line, *eq;
		size_t len;

		next_line(r, &line, &len);
		if (r->separator == KV_NEWLINE)
			trim(&line, &len);
		if (len == 0 || (r->separator == KV_NEWLINE && *line == '#'))
			continue;
		eq = memchr(line, '=', len);
		if (!eq) {
			*ret = (struct kv){.key = line, .key_len = len, .value = line + len};
			return -EBADMSG;
		}
		*ret = (struct kv){.key = line,
		                   .key_len = (size_t)(eq - line),
		                   .value = eq + 1,
		                   .value_len = len - (size_t)(eq - line) - 1};
		if (r->separator == KV_NEWLINE) {
			trim(&ret->key, &ret->key_len);
			trim(&ret->value, &ret->value_len);
		}
		if (ret->key_len == 0) {
			*ret = (struct kv){.key = line, .key_len = len, .value = line + len};
			return -EBADMSG;
		}
		return 1;
	}
	return 0;
}

bool kv_key_is(const struct kv *kv, const char *name)
{
	return kv->key_len == strlen(name) && memcmp(kv->key, name, kv->key_len) == 0;
}

bool kv_value_is(const struct kv *kv, const char *text)
{
	return kv->value_len == strlen(text) && memcmp(kv->value, text, kv->value_len) == 0;
}

int kv_value_copy(const struct kv *kv, char *dst, size_t size)
{
	if (kv->value_len >= size)
		return -ENAMETOOLONG;
	if (memchr(kv->value, '\0', kv->value_len))
		return -EILSEQ;
	memcpy(dst, kv->value, kv->value_len);
	dst[kv->value_len] = '\0';
	return 0;
}

char *kv_value_dup(const struct kv *kv)
{
	return strndup(kv->value, kv->value_len);
}

void kv_put(struct writer *w, enum kv_separator separator, const char *key, const char *value)
{
	if (separator == KV_NEWLINE && (strchr(key, '\n') || strchr(value, '\n'))) {
		/* it would read back as another pair */
		if (w->status == 0)
			w->status = -EINVAL;
		return;
	}
	writer_str(w, key);
	writer_u8(w, '=');
	writer_str(w, value);
	writer_u8(w, (uint8_t)separator_byte[separator]);
}

void kv_putf(struct writer *w, enum kv_separator separator, const char *key, const char *fmt, ...)
{
	_cleanup_free_ char *value = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (n < 0) {
		value = NULL;
		if (w->status == 0)
			w->status = -ENOMEM;
		return;
	}
	kv_put(w, separator, key, value);
}
