/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iscsid/recovery.h"
#include "lib/base/macros.h"

enum { NOW = 1000000000 };

static const struct portal portal = {.host = "192.0.2.1", .port = 3260};
static const struct conn_result refused_port = {.outcome = CONN_OUTCOME_UNCONNECTED,
                                                .error = ECONNREFUSED};
static const struct conn_result silent = {.outcome = CONN_OUTCOME_UNCONNECTED, .error = ETIMEDOUT};
static const struct conn_result denied = {
	.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 2};

static uint64_t nth(const struct conn_result *result, unsigned int n, uint32_t dice)
{
	struct recovery r = {0};
	uint64_t wait = 0;

	recovery_begin(&r, &portal, 0, NOW);
	for (unsigned int i = 0; i < n; i++)
		wait = recovery_failed(&r, &portal, result, dice);
	return wait;
}

static void the_first_attempt_comes_after_time2wait(void **state)
{
	struct recovery r = {0};

	(void)state;
	assert_int_equal(recovery_begin(&r, &portal, 2, NOW), 2 * USEC_PER_SEC);
	assert_int_equal(recovery_rest(&r, NOW + 500000), 1500000);
	assert_int_equal(recovery_rest(&r, NOW + 2500000), 0);
	assert_int_equal(recovery_begin(&r, &portal, 0, NOW), 0);
}

/* So that it is noticed within 0.3 s when it is back, after however long a time. */
static void one_goes_on_asking_a_port_that_refuses(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	for (int i = 0; i < 1000; i++)
		recovery_failed(&r, &portal, &refused_port, 0);
	assert_true(recovery_is_scouted(&r));
	assert_true(recovery_is_unconnected(&r));
	assert_in_range(recovery_scout(&r, 1), 100000, 250000);
}

static void many_portals_are_asked_more_slowly(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	recovery_failed(&r, &portal, &refused_port, 0);
	/* no more than so many in a second */
	for (unsigned int scouts = 1; scouts < 250; scouts++)
		assert_true(scouts * USEC_PER_SEC / recovery_scout(&r, scouts) <= 50);
	assert_int_equal(recovery_scout(&r, 1000), 5 * USEC_PER_SEC);
}

static void a_target_that_says_no_is_not_looked_for(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	assert_false(recovery_is_scouted(&r));
	recovery_failed(&r, &portal, &denied, 0);
	assert_false(recovery_is_scouted(&r));
	assert_false(recovery_is_unconnected(&r));
}

static void waits_grow_up_to_a_cap(void **state)
{
	(void)state;
	assert_in_range(nth(&silent, 1, 0), 1, 500000);
	assert_int_equal(nth(&silent, 1000, 0), 5 * USEC_PER_SEC);
	assert_in_range(nth(&denied, 1, 0), USEC_PER_SEC, 5 * USEC_PER_SEC);
	assert_int_equal(nth(&denied, 1000, 0), 60 * USEC_PER_SEC);
}

static void the_jitter_takes_up_to_a_quarter(void **state)
{
	const uint64_t whole = nth(&silent, 1000, 0);

	(void)state;
	for (uint32_t dice = 1; dice < 256; dice += 10)
		assert_in_range(nth(&silent, 1000, dice), whole / 4 * 3, whole - 1);
}

static void another_kind_of_failure_begins_at_its_first_wait(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	for (int i = 0; i < 100; i++)
		recovery_failed(&r, &portal, &silent, 0);
	assert_in_range(recovery_failed(&r, &portal, &refused_port, 0), 1, 250000);
	assert_true(recovery_worth_telling(&r));
}

static void a_line_comes_for_each_doubling(void **state)
{
	struct recovery r = {0};
	unsigned int lines = 0;

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	for (int i = 0; i < 1000; i++) {
		recovery_failed(&r, &portal, &silent, 0);
		lines += recovery_worth_telling(&r);
	}
	/* 1, 2, 4 ... 512 */
	assert_int_equal(lines, 10);
}

static void a_connection_that_breaks_again_at_once_has_to_wait(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	r.ended_usec = NOW;
	assert_in_range(recovery_begin(&r, &portal, 0, NOW + 1), 100000, 5000000);
	r.ended_usec = NOW;
	assert_int_equal(recovery_begin(&r, &portal, 0, NOW + RECOVERY_HEALTHY_SEC * USEC_PER_SEC),
	                 0);
}

static void a_redirect_is_forgotten_when_it_leads_nowhere(void **state)
{
	struct recovery r = {0};

	(void)state;
	recovery_begin(&r, &portal, 0, NOW);
	strcpy(r.at.host, "192.0.2.9");
	recovery_failed(&r, &portal, &silent, 0);
	assert_string_equal(r.at.host, "192.0.2.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_attempt_comes_after_time2wait),
		cmocka_unit_test(one_goes_on_asking_a_port_that_refuses),
		cmocka_unit_test(many_portals_are_asked_more_slowly),
		cmocka_unit_test(a_target_that_says_no_is_not_looked_for),
		cmocka_unit_test(waits_grow_up_to_a_cap),
		cmocka_unit_test(the_jitter_takes_up_to_a_quarter),
		cmocka_unit_test(another_kind_of_failure_begins_at_its_first_wait),
		cmocka_unit_test(a_line_comes_for_each_doubling),
		cmocka_unit_test(a_connection_that_breaks_again_at_once_has_to_wait),
		cmocka_unit_test(a_redirect_is_forgotten_when_it_leads_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
