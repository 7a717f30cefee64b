/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iscsid/contest.h"
#include "lib/base/macros.h"

static uint64_t now;

/* Logged in for so many seconds, then gone; a login later than that by the usual two seconds. */
static bool round_of(struct contest *c, unsigned int seconds, bool closed)
{
	bool said;

	now += 2 * USEC_PER_SEC;
	contest_up(c, now);
	now += seconds * USEC_PER_SEC;
	said = contest_down(c, now, closed);
	return said;
}

static void it_is_said_at_the_third_close_and_then_ever_less_often(void **state)
{
	struct contest c = {0};

	(void)state;
	for (unsigned int i = 1; i <= 100; i++)
		assert_int_equal(round_of(&c, 3, true),
		                 i == 3 || i == 6 || i == 12 || i == 24 || i == 48 || i == 96);
}

static void a_session_that_lasts_is_nobody_else_s(void **state)
{
	struct contest c = {0};

	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		assert_false(round_of(&c, 3, true));
		assert_false(round_of(&c, 3, true));
		assert_false(round_of(&c, 60, true));
	}
}

static void a_network_that_fails_is_no_host(void **state)
{
	struct contest c = {0};

	(void)state;
	for (unsigned int i = 0; i < 50; i++)
		assert_false(round_of(&c, 3, false));
}

/* Without a login in between nothing was taken away. */
static void a_second_report_of_one_end_does_not_count(void **state)
{
	struct contest c = {0};

	(void)state;
	assert_false(round_of(&c, 3, true));
	assert_false(contest_down(&c, now, true));
	assert_false(contest_down(&c, now, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_said_at_the_third_close_and_then_ever_less_often),
		cmocka_unit_test(a_session_that_lasts_is_nobody_else_s),
		cmocka_unit_test(a_network_that_fails_is_no_host),
		cmocka_unit_test(a_second_report_of_one_end_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
