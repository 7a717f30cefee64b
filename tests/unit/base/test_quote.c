/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/base/quote.h"

static void everything_but_printable_ascii_is_escaped(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
		{"", 0, ""},
		{"iqn.2001-04.com.example:a", 25, "iqn.2001-04.com.example:a"},
		{"a\nb", 3, "a\\x0ab"},
		{"a\0b", 3, "a\\x00b"},
		{"a\\b", 3, "a\\\\b"},
		{"\x1b[2J", 4, "\\x1b[2J"},
		{"\xc3\xa4\x7f", 3, "\\xc3\\xa4\\x7f"},
	};
	char got[QUOTE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(quote_bytes(got, sizeof(got), rows[i].in, rows[i].len),
		                    rows[i].out);
}

static void long_text_is_cut_at_a_whole_escape(void **state)
{
	char got[12];

	(void)state;
	assert_string_equal(quote_bytes(got, sizeof(got), "12345678901", 11), "12345678901");
	assert_string_equal(quote_bytes(got, sizeof(got), "123456789012", 12), "12345678...");
	assert_string_equal(quote_bytes(got, sizeof(got), "123456\n\n", 8), "123456...");
	assert_string_equal(quote_bytes(got, sizeof(got), "\n\n\n\n", 4), "\\x0a\\x0a...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_but_printable_ascii_is_escaped),
		cmocka_unit_test(long_text_is_cut_at_a_whole_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
