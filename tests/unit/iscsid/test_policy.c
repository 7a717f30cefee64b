/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iscsid/policy.h"

/* The exit codes are those that users of open-iscsi see; classes and details are RFC 7143's. */
static const struct {
	struct conn_result result;
	int login, discovery;
	bool retry;
} outcomes[] = {
	{{.outcome = CONN_OUTCOME_UNRESOLVED}, 4, 4, false},
	{{.outcome = CONN_OUTCOME_NO_WAY}, 8, 11, true},
	{{.outcome = CONN_OUTCOME_UNCONNECTED}, 8, 11, true},
	{{.outcome = CONN_OUTCOME_SILENT}, 11, 11, true},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 0}, 19, 19, false},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 1}, 24, 24, false},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 2}, 24, 24, false},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 3}, 19, 19, false},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 5}, 19, 19, false},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 3, .status_detail = 0}, 8, 11, true},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 3, .status_detail = 1}, 8, 11, true},
	{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 9, .status_detail = 1}, 19, 19, false},
	{{.outcome = CONN_OUTCOME_AUTH_FAILED}, 24, 24, false},
	{{.outcome = CONN_OUTCOME_PROTOCOL}, 5, 5, false},
	{{.outcome = CONN_OUTCOME_CLOSED}, 8, 11, true},
	{{.outcome = CONN_OUTCOME_LOST}, 9, 9, true},
	{{.outcome = CONN_OUTCOME_INTERNAL}, 9, 9, false},
};

static void every_outcome_has_its_exit_code(void **state)
{
	/* no failures, and a query's */
	bool seen[CONN_OUTCOMES] = {[CONN_OUTCOME_LOGGED_IN] = true,
	                            [CONN_OUTCOME_CONNECTED] = true,
	                            [CONN_OUTCOME_ANSWERED] = true,
	                            [CONN_OUTCOME_REDIRECTED] = true,
	                            [CONN_OUTCOME_ISNS_REFUSED] = true};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		const struct policy *p = policy_of(&outcomes[i].result);

		assert_int_equal(p->login_error, outcomes[i].login);
		assert_int_equal(p->discovery_error, outcomes[i].discovery);
		assert_int_equal(p->retry, outcomes[i].retry);
		seen[outcomes[i].result.outcome] = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		assert_true(seen[i]);
}

/* As open-iscsi's: 26 when the server does not take the registration that it demands, else 25. */
static void a_query_fails_with_25_or_26_and_once(void **state)
{
	(void)state;
	for (enum conn_outcome o = 0; o < CONN_OUTCOMES; o++) {
		for (unsigned int function = 1; function <= 4; function++) {
			for (uint32_t status = 0; status <= 25; status++) {
				const struct conn_result result = {.outcome = o,
				                                   .isns_function =
				                                           (uint16_t)function,
				                                   .isns_status = status};
				bool registration = o == CONN_OUTCOME_ISNS_REFUSED && function == 1;
				const struct policy *p = policy_of_query(&result);

				assert_int_equal(p->discovery_error, registration ? 26 : 25);
				assert_false(p->retry);
			}
		}
	}
}

static void fail_fast_ends_at_a_refusal_and_not_at_silence(void **state)
{
	static const struct {
		struct conn_result result;
		bool again;
	} cases[] = {
		{{.outcome = CONN_OUTCOME_UNCONNECTED, .error = ECONNREFUSED}, false},
		{{.outcome = CONN_OUTCOME_UNCONNECTED, .error = EHOSTUNREACH}, false},
		{{.outcome = CONN_OUTCOME_UNCONNECTED, .error = ENETUNREACH}, false},
		{{.outcome = CONN_OUTCOME_NO_WAY, .error = ENODEV}, false},
		{{.outcome = CONN_OUTCOME_UNCONNECTED, .error = ETIMEDOUT}, true},
		{{.outcome = CONN_OUTCOME_SILENT}, true},
		{{.outcome = CONN_OUTCOME_CLOSED, .error = ECONNREFUSED}, true},
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 3}, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(policy_retries(&cases[i].result, false));
		assert_int_equal(policy_retries(&cases[i].result, true), cases[i].again);
	}
	assert_false(policy_retries(&(struct conn_result){.outcome = CONN_OUTCOME_PROTOCOL}, true));
}

static void waits_grow_by_a_second_up_to_the_step(void **state)
{
	static const unsigned int seconds[] = {1, 2, 3, 4, 5, 5, 5};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(seconds); i++)
		assert_int_equal(policy_retry_delay(i + 2, 0, 1000 * USEC_PER_SEC, 0),
		                 seconds[i] * USEC_PER_SEC);
}

static void an_attempt_that_the_limit_leaves_no_room_for_is_not_made(void **state)
{
	const uint64_t s = USEC_PER_SEC;

	(void)state;
	/* began at 100 s, 10 s long: the last attempt may begin before 110 s */
	assert_int_equal(policy_retry_delay(2, 100 * s, 10 * s, 108 * s), 1 * s);
	assert_int_equal(policy_retry_delay(2, 100 * s, 10 * s, 109 * s), 0);
	assert_int_equal(policy_retry_delay(4, 100 * s, 10 * s, 106 * s), 3 * s);
	assert_int_equal(policy_retry_delay(4, 100 * s, 10 * s, 107 * s), 0);
	assert_int_equal(policy_retry_delay(2, 100 * s, 10 * s, 200 * s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_exit_code),
		cmocka_unit_test(a_query_fails_with_25_or_26_and_once),
		cmocka_unit_test(fail_fast_ends_at_a_refusal_and_not_at_silence),
		cmocka_unit_test(waits_grow_by_a_second_up_to_the_step),
		cmocka_unit_test(an_attempt_that_the_limit_leaves_no_room_for_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
