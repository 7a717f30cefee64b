/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/secret.h"

static const struct secret nothing;

static void a_secret_is_kept_as_it_is(void **state)
{
	struct secret s = {0};

	(void)state;
	assert_false(secret_is_set(&s));
	assert_int_equal(secret_set(&s, "a\0b", 3), 0);
	assert_true(secret_is_set(&s));
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.bytes, "a\0b", 3);
}

static void a_shorter_secret_leaves_nothing_of_a_longer_one(void **state)
{
	struct secret s = {0};
	struct secret fresh = {0};

	(void)state;
	assert_int_equal(secret_set(&s, "a long secret", 13), 0);
	assert_int_equal(secret_set(&s, "short", 5), 0);
	assert_int_equal(secret_set(&fresh, "short", 5), 0);
	assert_memory_equal(&s, &fresh, sizeof(s));
	assert_int_equal(secret_set(&s, NULL, 0), 0);
	assert_memory_equal(&s, &nothing, sizeof(s));
}

static void a_wiped_secret_is_gone(void **state)
{
	struct secret s = {0};

	(void)state;
	assert_int_equal(secret_set(&s, "secret", 6), 0);
	secret_wipe(&s);
	assert_false(secret_is_set(&s));
	assert_memory_equal(&s, &nothing, sizeof(s));
}

static void a_secret_has_255_bytes_at_most(void **state)
{
	struct secret s = {0};
	char longest[SECRET_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(secret_set(&s, longest, SECRET_MAX), 0);
	assert_int_equal(s.len, 255);
	assert_int_equal(secret_set(&s, longest, SECRET_MAX + 1), -ENAMETOOLONG);
	assert_int_equal(s.len, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_kept_as_it_is),
		cmocka_unit_test(a_shorter_secret_leaves_nothing_of_a_longer_one),
		cmocka_unit_test(a_wiped_secret_is_gone),
		cmocka_unit_test(a_secret_has_255_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
