/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

static void decimal_numbers_are_whole_and_within_bounds(void **state _unused_)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int result;
		int64_t value;
	} rows[] = {
		{"0", 0, 10, 0, 0},
		{"10", 0, 10, 0, 10},
		{"007", 0, 10, 0, 7},
		{"-1", -5, 5, 0, -1},
		{"-0", 0, 5, 0, 0},
		{"9223372036854775807", 0, INT64_MAX, 0, INT64_MAX},
		{"-9223372036854775807", INT64_MIN, 0, 0, -INT64_MAX},

		{"11", 0, 10, -ERANGE, 0},
		{"-1", 0, 10, -ERANGE, 0},
		{"9223372036854775808", 0, INT64_MAX, -ERANGE, 0},
		{"18446744073709551616", 0, INT64_MAX, -ERANGE, 0},
		{"99999999999999999999999999999999", INT64_MIN, INT64_MAX, -ERANGE, 0},

		{"", 0, 10, -EINVAL, 0},
		{"-", -5, 10, -EINVAL, 0},
		{"--1", -5, 10, -EINVAL, 0},
		{"+1", 0, 10, -EINVAL, 0},
		{" 1", 0, 10, -EINVAL, 0},
		{"1 ", 0, 10, -EINVAL, 0},
		{"1x", 0, 10, -EINVAL, 0},
		{"0x1", 0, 10, -EINVAL, 0},
		{"1.0", 0, 10, -EINVAL, 0},
		{"a", 0, 10, -EINVAL, 0},
		/* no number at all comes before too large a one */
		{"99999999999999999999x", 0, 10, -EINVAL, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t v = 77;

		if (num_parse(rows[i].text, strlen(rows[i].text), rows[i].min, rows[i].max, &v) !=
		    rows[i].result)
			fail_msg("'%s'", rows[i].text);
		assert_true(v == (rows[i].result < 0 ? 77 : rows[i].value));
	}
}

static void only_the_given_length_counts(void **state _unused_)
{
	int64_t v;

	assert_int_equal(num_parse("12345", 3, 0, 1000, &v), 0);
	assert_int_equal(v, 123);
	assert_int_equal(num_parse("1\0002", 3, 0, 1000, &v), -EINVAL);
	assert_int_equal(num_parse("5", 0, 0, 1000, &v), -EINVAL);
}

static void smaller_types_keep_their_bounds(void **state _unused_)
{
	int i = 7;
	uint32_t u = 7;

	assert_int_equal(num_int("2147483647", INT32_MIN, INT32_MAX, &i), 0);
	assert_int_equal(i, INT32_MAX);
	assert_int_equal(num_int("2147483648", INT32_MIN, INT32_MAX, &i), -ERANGE);
	assert_int_equal(num_int("-2147483648", INT32_MIN, INT32_MAX, &i), 0);
	assert_int_equal(i, INT32_MIN);
	assert_int_equal(num_u32("4294967295", 0, UINT32_MAX, &u), 0);
	assert_int_equal(u, UINT32_MAX);
	assert_int_equal(num_u32("4294967296", 0, UINT32_MAX, &u), -ERANGE);
	assert_int_equal(num_u32("-1", 0, UINT32_MAX, &u), -ERANGE);
	assert_int_equal(u, UINT32_MAX);
}

/* RFC 7143 section 6.1: numerical-value is decimal, or hex-constant behind 0x or 0X. */
static void iscsi_numbers_may_be_hexadecimal(void **state _unused_)
{
	static const struct {
		const char *text;
		uint64_t max;
		int result;
		uint64_t value;
	} rows[] = {
		{"8192", UINT64_MAX, 0, 8192},
		{"0x2000", UINT64_MAX, 0, 8192},
		{"0X2000", UINT64_MAX, 0, 8192},
		{"0xAbCd", UINT64_MAX, 0, 0xabcd},
		{"0x00000000000000000001", UINT64_MAX, 0, 1},
		{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
		{"0xffffffffffffffff", UINT64_MAX, 0, UINT64_MAX},

		{"18446744073709551616", UINT64_MAX, -ERANGE, 0},
		{"0x10000000000000000", UINT64_MAX, -ERANGE, 0},
		{"0x1000000", 0xffffff, -ERANGE, 0},
		{"0x", UINT64_MAX, -EINVAL, 0},
		{"x1", UINT64_MAX, -EINVAL, 0},
		{"0xg", UINT64_MAX, -EINVAL, 0},
		{"0x-1", UINT64_MAX, -EINVAL, 0},
		{"-1", UINT64_MAX, -EINVAL, 0},
		{"1a", UINT64_MAX, -EINVAL, 0},
		{"", UINT64_MAX, -EINVAL, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t v = 77;

		if (num_iscsi(rows[i].text, strlen(rows[i].text), rows[i].max, &v) !=
		    rows[i].result)
			fail_msg("'%s'", rows[i].text);
		assert_true(v == (rows[i].result < 0 ? 77 : rows[i].value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_numbers_are_whole_and_within_bounds),
		cmocka_unit_test(only_the_given_length_counts),
		cmocka_unit_test(smaller_types_keep_their_bounds),
		cmocka_unit_test(iscsi_numbers_may_be_hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
