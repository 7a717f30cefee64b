/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in and text out.  Lenient where RFC 7143 6.1 is stricter than the keys in use
 * ("iSCSIProtocolLevel" starts with a small letter, "X#..." has a '#').
 */
#include "lib/proto/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/quote.h"

/* As much of a bad key or value as a sentence can carry. */
enum { SHOWN = 80 };

struct text_in text_in_make(size_t max)
{
	return (struct text_in){.text = writer_make(max)};
}

void text_in_done(struct text_in *t)
{
	writer_done(&t->text);
}

int text_in_add(struct text_in *t, const void *data, size_t len)
{
	writer_bytes(&t->text, data, len);
	return writer_status(&t->text);
}

struct kv_reader text_in_reader(const struct text_in *t)
{
	return kv_reader_make(KV_NUL, t->text.data, t->text.len);
}

void text_in_reset(struct text_in *t)
{
	writer_reset(&t->text);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool label_valid(const char *s, size_t len)
{
	if (len == 0 || len > ISCSI_KEY_NAME_MAX || !is_letter(s[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_letter(s[i]) && !(s[i] >= '0' && s[i] <= '9') &&
		    (s[i] == '\0' || !strchr(".-+@_#", s[i])))
			return false;
	return true;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

int text_next(struct kv_reader *r, size_t value_max, struct kv *ret,
              char fault[static TEXT_FAULT_SIZE])
{
	char shown[SHOWN];
	struct kv kv;
	int n = kv_next(r, &kv);

	if (n == 0)
		return 0;
	quote_bytes(shown, sizeof(shown), kv.key, kv.key_len);
	if (n < 0) {
		snprintf(fault, TEXT_FAULT_SIZE, "pair %u, \"%s\", is not of the form key=value",
		         r->line, shown);
		return -EBADMSG;
	}
	if (!label_valid(kv.key, kv.key_len)) {
		snprintf(fault, TEXT_FAULT_SIZE, "\"%s\" is not a legal key name", shown);
		return -EBADMSG;
	}
	if (kv.value_len > value_max) {
		snprintf(fault, TEXT_FAULT_SIZE,
		         "the value of %s has %zu bytes, more than the %zu allowed", shown,
		         kv.value_len, value_max);
		return -EBADMSG;
	}
	if (has_control(kv.value, kv.value_len)) {
		char value[SHOWN];

		snprintf(fault, TEXT_FAULT_SIZE,
		         "the value of %s, \"%s\", contains control characters", shown,
		         quote_bytes(value, sizeof(value), kv.value, kv.value_len));
		return -EBADMSG;
	}
	*ret = kv;
	return 1;
}

void text_put(struct writer *w, const char *key, const char *value)
{
	kv_put(w, KV_NUL, key, value);
}

void text_put_number(struct writer *w, const char *key, uint32_t value)
{
	kv_putf(w, KV_NUL, key, "%u", value);
}

struct text_out text_out_make(size_t max)
{
	return (struct text_out){.text = writer_make(max)};
}

void text_out_done(struct text_out *t)
{
	writer_done(&t->text);
	t->sent = 0;
}

bool text_out_take(struct text_out *t, size_t max, const uint8_t **ret, size_t *ret_len)
{
	size_t left = t->text.len - t->sent, len = MIN(left, max);

	*ret = len > 0 ? t->text.data + t->sent : NULL;
	*ret_len = len;
	t->sent += len;
	if (t->sent < t->text.len)
		return true;
	writer_reset(&t->text);
	t->sent = 0;
	return false;
}
