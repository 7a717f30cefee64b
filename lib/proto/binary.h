/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binary values in text (RFC 7143 section 6.1): hexadecimal behind 0x or 0X, base64 behind 0b or
 * 0B.
 */
#ifndef PROTO_BINARY_H
#define PROTO_BINARY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"

/* 12.1.3: bytes of a CHAP challenge or response; no other key has a longer binary value. */
enum { BINARY_MAX = 1024 };
/* Bytes of text that the longest one may take: two digits a byte behind the prefix. */
enum { BINARY_TEXT_MAX = 2 + 2 * BINARY_MAX };

enum binary_encoding {
	BINARY_HEX,
	BINARY_BASE64,
};

struct binary {
	size_t len;
	uint8_t bytes[BINARY_MAX];
};

/*
 * Read the whole of len bytes at text.  An odd number of hexadecimal digits begins with half a
 * byte, as in a number; base64 may lack its padding, but bits left over must be 0 (RFC 4648 3.5).
 * Returns 0; -EINVAL when it is neither of the two; -EMSGSIZE for more than BINARY_MAX bytes.  An
 * empty value is legal here.
 */
int binary_parse(const char *text, size_t len, struct binary *ret);

/* Append len bytes at data with the prefix (lower case); base64 has its padding. */
void binary_put(struct writer *w, enum binary_encoding encoding, const void *data, size_t len);

#endif
