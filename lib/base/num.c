/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/num.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Overflow stops at max: the caller learns -ERANGE, but only once all digits were digits. */
static int parse_digits(const char *text, size_t len, unsigned int base, uint64_t max,
                        uint64_t *ret)
{
	uint64_t v = 0;
	bool overflow = false;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		int d = digit_value(text[i]);

		if (d < 0 || (unsigned int)d >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)d, &v) || v > max)
			overflow = true;
	}
	if (overflow)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_parse(const char *text, size_t len, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = len > 0 && text[0] == '-';
	uint64_t magnitude;
	int64_t v;
	int r;

	r = parse_digits(text + negative, len - negative, 10, INT64_MAX, &magnitude);
	if (r < 0)
		return r;
	v = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_int(const char *text, int min, int max, int *ret)
{
	int64_t v;
	int r = num_parse(text, strlen(text), min, max, &v);

	if (r == 0)
		*ret = (int)v;
	return r;
}

int num_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret)
{
	int64_t v;
	int r = num_parse(text, strlen(text), min, max, &v);

	if (r == 0)
		*ret = (uint32_t)v;
	return r;
}

int num_iscsi(const char *text, size_t len, uint64_t max, uint64_t *ret)
{
	bool hex = len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	if (hex)
		return parse_digits(text + 2, len - 2, 16, max, ret);
	return parse_digits(text, len, 10, max, ret);
}
