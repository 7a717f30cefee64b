/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/quote.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Writes the form of one byte to dst (5 bytes) and returns its length. */
static size_t escape(uint8_t c, char *dst)
{
	if (c == '\\')
		return (size_t)sprintf(dst, "\\\\");
	if (c < 0x20 || c > 0x7e)
		return (size_t)sprintf(dst, "\\x%02x", c);
	dst[0] = (char)c;
	return 1;
}

const char *quote_bytes(char *dst, size_t size, const void *data, size_t len)
{
	static const char cut[] = "...";
	const uint8_t *in = data;
	size_t at = 0, last_safe = 0;

	for (size_t i = 0; i < len; i++) {
		char form[8];
		size_t n = escape(in[i], form);

		if (at + n >= size) {
			memcpy(dst + last_safe, cut, sizeof(cut));
			return dst;
		}
		memcpy(dst + at, form, n);
		at += n;
		if (at + sizeof(cut) <= size)
			last_safe = at;
	}
	dst[at] = '\0';
	return dst;
}
