/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/json_members.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

size_t json_character_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < len; i++, low = 0x80, high = 0xbf) {
		if (p[i] < low || p[i] > high)
			return 0;
	}
	return len;
}

/* RFC 8259 section 7: what must not stand in a string as it is. */
static bool is_plain(char c)
{
	return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static void put_character(struct writer *w, const char *p, size_t len)
{
	if (len == 0)
		writer_str(w, JSON_REPLACEMENT);
	else if (len > 1)
		writer_bytes(w, p, len);
	else if (*p == '"' || *p == '\\')
		writer_printf(w, "\\%c", *p);
	else
		writer_printf(w, "\\u%04x", (unsigned int)*p);
}

static size_t plain_length(const char *text)
{
	size_t n = 0;

	while (is_plain(text[n]))
		n++;
	return n;
}

static void put_string(struct writer *w, const char *text)
{
	writer_bytes(w, "\"", 1);
	while (*text) {
		size_t n = plain_length(text);

		writer_bytes(w, text, n);
		text += n;
		if (*text) {
			n = json_character_length(text);
			put_character(w, text, n);
			text += MAX(n, (size_t)1);
		}
	}
	writer_bytes(w, "\"", 1);
}

static void indent(struct json_members *m, int level)
{
	char *at = writer_extend(&m->text, 1 + 2 * (size_t)level);

	if (!at)
		return;
	*at++ = '\n';
	memset(at, ' ', 2 * (size_t)level);
}

static struct writer *begin(struct json_members *m, const char *key)
{
	writer_bytes(&m->text, m->text.len == 0 ? "{" : ",", 1);
	indent(m, m->level);
	put_string(&m->text, key);
	writer_bytes(&m->text, ":", 1);
	return &m->text;
}

void json_members_text(struct json_members *m, const char *key, const char *text)
{
	struct writer *w = begin(m, key);

	if (text[0])
		put_string(w, text);
	else
		writer_str(w, "null");
}

/* RFC 8259 section 6: no zero may lead. */
static bool has_leading_zero(const char *number)
{
	const char *digits = number + (number[0] == '-');

	return digits[0] == '0' && digits[1];
}

void json_members_decimal(struct json_members *m, const char *key, const char *text)
{
	size_t len = strlen(text);
	int64_t number;

	if (num_parse(text, len, INT64_MIN, INT64_MAX, &number) < 0)
		json_members_text(m, key, text);
	else if (has_leading_zero(text))
		writer_printf(begin(m, key), "%" PRId64, number);
	else
		writer_bytes(begin(m, key), text, len);
}

void json_members_secret(struct json_members *m, const char *key, const char *secret)
{
	char is_set[128];

	snprintf(is_set, sizeof(is_set), "%s_set", key);
	writer_str(begin(m, is_set), secret[0] ? "true" : "false");
}

void json_members_end(struct json_members *m)
{
	if (m->text.len == 0)
		writer_u8(&m->text, '{');
	indent(m, m->level - 1);
	writer_u8(&m->text, '}');
}
