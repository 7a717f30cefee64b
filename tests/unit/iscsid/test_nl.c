/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the kernel's door needs no kernel: the limits of a batch. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "iscsid/nl.h"
#include "iscsid/nl_message.h"
#include "lib/base/macros.h"

static void an_empty_batch_sends_nothing(void **state _unused_)
{
	struct nl_batch *b = nl_batch_new(7, 0);

	assert_int_equal(nl_batch_run(NULL, b, NULL), 0);
	assert_null(nl_batch_free(b));
}

static void a_batch_with_too_many_commands_is_not_sent(void **state _unused_)
{
	struct nl_batch *b = nl_batch_new(7, 0);
	const char *what = NULL;

	for (int i = 0; i < 101; i++)
		nl_batch_param_u32(b, NL_PARAM_ERL, 0);
	assert_int_equal(nl_batch_run(NULL, b, &what), -E2BIG);
	assert_non_null(what);
	nl_batch_free(b);
}

static void a_value_over_a_page_is_not_sent(void **state _unused_)
{
	struct nl_batch *b = nl_batch_new(7, 0);
	char value[NL_VALUE_MAX + 2];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	nl_batch_param(b, NL_PARAM_TARGET_NAME, value);
	nl_batch_start(b); /* the first error stays */
	assert_int_equal(nl_batch_run(NULL, b, NULL), -EMSGSIZE);
	nl_batch_free(b);
}

static void nothing_is_freed_twice(void **state _unused_)
{
	assert_null(nl_batch_free(NULL));
	assert_null(nl_close(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_batch_sends_nothing),
		cmocka_unit_test(a_batch_with_too_many_commands_is_not_sent),
		cmocka_unit_test(a_value_over_a_page_is_not_sent),
		cmocka_unit_test(nothing_is_freed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
