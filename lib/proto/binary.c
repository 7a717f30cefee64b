/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/proto/binary.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(const char *digits, char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int hex_value(char c)
{
	return value_of(hex_digits, c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c);
}

static int parse_hex(const char *text, size_t len, struct binary *ret)
{
	/* an odd number of digits: as if there were a 0 before them */
	size_t half = len % 2;

	for (size_t i = 0; i < len; i++)
		if (hex_value(text[i]) < 0)
			return -EINVAL;
	if (len + half > 2 * sizeof(ret->bytes))
		return -EMSGSIZE;
	ret->len = (len + half) / 2;
	memset(ret->bytes, 0, ret->len);
	for (size_t i = 0; i < len; i++) {
		uint8_t *byte = &ret->bytes[(i + half) / 2];

		*byte = (uint8_t)(*byte << 4 | hex_value(text[i]));
	}
	return 0;
}

static int parse_base64(const char *text, size_t len, struct binary *ret)
{
	uint32_t bits = 0;
	unsigned int count = 0;
	size_t padding = 0;
	bool too_long = false;

	while (padding < 2 && len > 0 && text[len - 1] == '=') {
		len--;
		padding++;
	}
	if (len % 4 == 1 || (padding > 0 && (len + padding) % 4 != 0))
		return -EINVAL;
	ret->len = 0;
	for (size_t i = 0; i < len; i++) {
		int value = value_of(base64_digits, text[i]);

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		too_long = too_long || ret->len == sizeof(ret->bytes);
		if (!too_long)
			ret->bytes[ret->len++] = (uint8_t)(bits >> count);
		bits &= (1U << count) - 1;
	}
	if (bits)
		return -EINVAL;
	return too_long ? -EMSGSIZE : 0;
}

int binary_parse(const char *text, size_t len, struct binary *ret)
{
	if (len < 2 || text[0] != '0')
		return -EINVAL;
	if (text[1] == 'x' || text[1] == 'X')
		return parse_hex(text + 2, len - 2, ret);
	if (text[1] == 'b' || text[1] == 'B')
		return parse_base64(text + 2, len - 2, ret);
	return -EINVAL;
}

static void put_hex(struct writer *w, const uint8_t *bytes, size_t len)
{
	writer_str(w, "0x");
	for (size_t i = 0; i < len; i++) {
		writer_u8(w, (uint8_t)hex_digits[bytes[i] >> 4]);
		writer_u8(w, (uint8_t)hex_digits[bytes[i] & 0xf]);
	}
}

static void put_base64(struct writer *w, const uint8_t *bytes, size_t len)
{
	writer_str(w, "0b");
	for (size_t i = 0; i < len; i += 3) {
		size_t have = MIN(len - i, (size_t)3);
		uint32_t bits = (uint32_t)bytes[i] << 16;

		bits |= have > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= have > 2 ? bytes[i + 2] : 0;
		for (size_t j = 0; j < 4; j++)
			writer_u8(w, j > have
			                     ? '='
			                     : (uint8_t)base64_digits[bits >> (18 - 6 * j) & 0x3f]);
	}
}

void binary_put(struct writer *w, enum binary_encoding encoding, const void *data, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)data;

	switch (encoding) {
	case BINARY_HEX: put_hex(w, bytes, len); break;
	case BINARY_BASE64: put_base64(w, bytes, len); break;
	}
}
