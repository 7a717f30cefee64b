/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/proto/binary.h"

/* RFC 7143 6.1 for the prefixes, RFC 4648 section 10 for base64. */
static void binary_values_are_read(void **state)
{
	static const struct {
		const char *text;
		int len; /* or a negative errno */
		const char *bytes;
	} rows[] = {
		{"0x00", 1, "\0"},
		{"0x0102fF", 3, "\x01\x02\xff"},
		{"0XaBcDeF", 3, "\xab\xcd\xef"},
		{"0x123", 2, "\x01\x23"}, /* as a number */
		{"0x", 0, ""},
		{"0b", 0, ""},
		{"0bZg==", 1, "f"},
		{"0BZm8=", 2, "fo"},
		{"0bZm9v", 3, "foo"},
		{"0bZm9vYg==", 4, "foob"},
		{"0bZm9vYmE=", 5, "fooba"},
		{"0bZm9vYmFy", 6, "foobar"},
		{"0b+/+/", 3, "\xfb\xff\xbf"},
		{"0bZg", 1, "f"}, /* without its padding */
		{"0bZm8", 2, "fo"},
		{"", -EINVAL, NULL},
		{"0", -EINVAL, NULL},
		{"1x00", -EINVAL, NULL},
		{"00", -EINVAL, NULL},
		{"12345678", -EINVAL, NULL},
		{"0y00", -EINVAL, NULL},
		{"0x0g", -EINVAL, NULL},
		{"0x 0", -EINVAL, NULL},
		{"0x-1", -EINVAL, NULL},
		{"0x00 ", -EINVAL, NULL},
		{"0bZ", -EINVAL, NULL},
		{"0bZm9vZ", -EINVAL, NULL},
		{"0bZg=", -EINVAL, NULL},
		{"0bZg===", -EINVAL, NULL},
		{"0bZm9v=", -EINVAL, NULL},
		{"0b====", -EINVAL, NULL},
		{"0bZ=g=", -EINVAL, NULL},
		{"0bZm-_", -EINVAL, NULL},
		{"0bZh==", -EINVAL, NULL}, /* bits are left over */
		{"0bZm9=", -EINVAL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct binary b = {.len = 99};
		int r = binary_parse(rows[i].text, strlen(rows[i].text), &b);

		if (r != MIN(rows[i].len, 0))
			print_message("at \"%s\"\n", rows[i].text);
		assert_int_equal(r, MIN(rows[i].len, 0));
		if (r < 0)
			continue;
		assert_int_equal(b.len, rows[i].len);
		assert_memory_equal(b.bytes, rows[i].bytes, b.len);
	}
}

static void nul_is_no_digit(void **state)
{
	struct binary b;

	(void)state;
	assert_int_equal(binary_parse("0x0\0", 4, &b), -EINVAL);
	assert_int_equal(binary_parse("0bZm9\0", 6, &b), -EINVAL);
}

static void values_of_1024_bytes_fit_and_longer_ones_are_told(void **state)
{
	struct binary b;
	char text[2 + 2 * 1024 + 2];

	(void)state;
	memset(text, 'A', sizeof(text));
	memcpy(text, "0x", 2);
	assert_int_equal(binary_parse(text, 2 + 2 * 1024, &b), 0);
	assert_int_equal(b.len, 1024);
	assert_int_equal(b.bytes[1023], 0xaa);
	assert_int_equal(binary_parse(text, 2 + 2 * 1024 - 1, &b), 0);
	assert_int_equal(b.len, 1024);
	assert_int_equal(b.bytes[0], 0x0a);
	assert_int_equal(binary_parse(text, 2 + 2 * 1024 + 1, &b), -EMSGSIZE);
	assert_int_equal(binary_parse(text, 2 + 2 * 1025, &b), -EMSGSIZE);
	/* 1024 bytes are 341 groups of 4 and one of 2 digits */
	memcpy(text, "0b", 2);
	assert_int_equal(binary_parse(text, 2 + 1366, &b), 0);
	assert_int_equal(b.len, 1024);
	assert_int_equal(binary_parse(text, 2 + 1367, &b), -EMSGSIZE);
	assert_int_equal(binary_parse(text, 2 + 1368, &b), -EMSGSIZE);
}

static void binary_values_are_written(void **state)
{
	static const struct {
		const char *bytes, *hex, *base64;
	} rows[] = {
		{"", "0x", "0b"},
		{"f", "0x66", "0bZg=="},
		{"fo", "0x666f", "0bZm8="},
		{"foo", "0x666f6f", "0bZm9v"},
		{"foobar", "0x666f6f626172", "0bZm9vYmFy"},
		{"\xfb\xff\xbf", "0xfbffbf", "0b+/+/"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct writer w = writer_make(64);
		char *text;

		binary_put(&w, BINARY_HEX, rows[i].bytes, strlen(rows[i].bytes));
		assert_int_equal(writer_take_str(&w, &text), 0);
		assert_string_equal(text, rows[i].hex);
		free(text);
		binary_put(&w, BINARY_BASE64, rows[i].bytes, strlen(rows[i].bytes));
		assert_int_equal(writer_take_str(&w, &text), 0);
		assert_string_equal(text, rows[i].base64);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary_values_are_read),
		cmocka_unit_test(nul_is_no_digit),
		cmocka_unit_test(values_of_1024_bytes_fit_and_longer_ones_are_told),
		cmocka_unit_test(binary_values_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
