/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "iscsid/conn.h"
#include "iscsid/session.h"
#include "lib/base/macros.h"

/*
 * Every state with every event is either decided by a row or here named as one that cannot
 * happen: then it is a fault of whoever sent it, and the connection is dropped.
 */
enum { YES = 1, NO = 0 };

/* Columns: START RESOLVED UNRESOLVED CONNECTED UNCONNECTED DONE REDIRECTED FAILED LOST TIMEOUT */
static const struct {
	enum conn_state state;
	int handled[CONN_EVENTS];
} conns[] = {
	{CONN_FREE, {YES}},
	{CONN_RESOLVING, {NO, YES, YES, NO, NO, NO, NO, NO, NO, YES}},
	{CONN_CONNECTING, {NO, NO, NO, YES, YES, NO, NO, NO, NO, YES}},
	{CONN_IN_LOGIN, {NO, NO, NO, NO, NO, YES, YES, YES, YES, YES}},
	{CONN_ENDED, {NO}},
};

static void each_event_of_a_connection_is_decided(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(conns); i++) {
		for (int e = 0; e < CONN_EVENTS; e++) {
			if (conn_handles(conns[i].state, (enum conn_event)e) != conns[i].handled[e])
				fail_msg("state %#x, event %d", (unsigned int)conns[i].state, e);
		}
	}
}

/*
 * Columns: START TRANSPORT_READY TRANSPORT_MISSING CONN_CONNECTED CONN_LOGGED_IN CONN_FAILED
 * SCANNED CONN_ERROR LOGOUT_WANTED ABANDONED UNBOUND LOGOUT_ANSWERED DESTROYED
 * TARGET_LOGOUT TARGET_DROPS NETWORK_UP TIMEOUT RENEWAL_WANTED
 */
static const struct {
	enum session_state state;
	int handled[SESSION_EVENTS];
} sessions[] = {
	{SESSION_NEW, {1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
	{SESSION_LOADING, {0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
	{SESSION_LOGIN, {0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
	{SESSION_RETRY_WAIT, {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0}},
	{SESSION_SCANNING, {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0}},
	{SESSION_LOGGED_IN, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1}},
	{SESSION_FAILED, {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1}},
	{SESSION_RECOVER_WAIT, {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1}},
	{SESSION_RECONNECT, {0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1}},
	{SESSION_RELOGIN, {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1}},
	{SESSION_STEP_OUT, {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1}},
	{SESSION_UNBINDING, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0}},
	{SESSION_LOGOUT, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0}},
	{SESSION_STOPPING, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0}},
	{SESSION_GONE, {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
};

static void each_event_of_a_session_is_decided(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sessions); i++) {
		for (int e = 0; e < SESSION_EVENTS; e++) {
			if (session_handles(sessions[i].state, (enum session_event)e) !=
			    sessions[i].handled[e])
				fail_msg("state %s, event %d",
				         session_state_name(sessions[i].state), e);
		}
	}
}

static void logout_is_legal_in_every_state_that_lasts(void **state)
{
	(void)state;
	for (unsigned int s = SESSION_NEW; s < SESSION_GONE; s <<= 1)
		assert_true(session_handles((enum session_state)s, SESSION_LOGOUT_WANTED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_of_a_connection_is_decided),
		cmocka_unit_test(each_event_of_a_session_is_decided),
		cmocka_unit_test(logout_is_legal_in_every_state_that_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
