/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients ask of a session that is logged in: its statistics, a new connection, settings. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

/* Login Response: the first 48 bytes are all that the manager looks at the length of. */
static const uint8_t response[48] = {0x23};

static void respond(void)
{
	happen((struct nl_event){.type = NL_EVENT_RECV_PDU,
	                         .sid = SID,
	                         .pdu = response,
	                         .pdu_len = sizeof(response)});
}

static struct session *session(struct house *h)
{
	return session_by_sid(&h->manager, SID);
}

/* A client of a session that is logged in. */
static int logged_in(struct house *h)
{
	int fd = client(h);

	log_in(h, fd);
	kernel.told[0] = 0;
	return fd;
}

static void statistics_are_told_but_for_names_that_are_no_keys(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "stats", 5, "sid=1\n");
	assert_int_equal(done(h, fd), 0);
	assert_non_null(strstr(h->answer, "\nsnmp.rjt_pdus=7\n"));
	assert_null(strstr(h->answer, "no name"));
	ask(fd, "stats", 6, "sid=2\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_SESS_NOT_FOUND);
	ask(fd, "stats", 7, "sid=x\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_INVAL);
	close(fd);
}

/* Nothing was lost unexpectedly: Time2Wait, 2 s here, is not waited for. */
static void a_new_connection_is_made_at_once_and_told_when_it_is_up(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "reconnect", 5, "sid=1\n");
	wait_told(h, "login");
	assert_int_equal(peer.login.purpose, PEER_PURPOSE_RELOGIN);
	respond();
	assert_int_equal(done(h, fd), 0);
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	assert_string_equal(kernel.told, "stop-recover stop-recover bind login start ");
	close(fd);
}

static void a_new_connection_offers_what_the_record_says_now(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);
	char rest[256];

	snprintf(rest, sizeof(rest),
	         "sid=1\nnode.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"
	         "node.conn[0].port=%u\nnode.session.iscsi.MaxBurstLength=4096\n"
	         "iface.initiatorname=iqn.2026-01.org.example:somebody-else\n",
	         h->port);
	ask(fd, "reconnect", 5, rest);
	wait_told(h, "login");
	assert_int_equal(peer.login.offer.max_burst_length, 4096);
	/* for the target that would be another session */
	assert_string_equal(peer.login.initiator_name, "iqn.2026-01.org.example:host");
	close(fd);
}

static void the_record_of_another_session_is_refused(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "reconnect", 5,
	    "sid=1\nnode.name=iqn.2026-01.org.example:other\nnode.conn[0].address=127.0.0.1\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_INVAL);
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	assert_string_equal(kernel.told, "");
	close(fd);
}

/* RFC 7143 section 11.13.5: 0201, authentication failure. */
static void a_new_connection_that_fails_is_told_and_tried_again(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "reconnect", 5, "sid=1\n");
	wait_told(h, "login");
	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 2;
	peer.answer.status_detail = 1;
	respond();
	assert_int_equal(done(h, fd), ISCSI_ERR_LOGIN_AUTH_FAILED);
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	close(fd);
}

/* What waits for the old record's login is told by the new one's. */
static void a_second_wish_begins_anew_and_both_are_told(void **state)
{
	struct house *h = (struct house *)*state;
	int first = logged_in(h), second = client(h);

	ask(first, "reconnect", 5, "sid=1\n");
	wait_told(h, "login");
	kernel.told[0] = 0;
	ask(second, "reconnect", 6, "sid=1\n");
	wait_told(h, "login");
	respond();
	assert_int_equal(done(h, first), 0);
	assert_int_equal(done(h, second), 0);
	close(first);
	close(second);
}

static void a_logout_ends_the_wait_for_a_new_connection(void **state)
{
	struct house *h = (struct house *)*state;
	int waiting = logged_in(h), fd = client(h);

	ask(waiting, "reconnect", 5, "sid=1\n");
	wait_told(h, "login");
	ask(fd, "logout", 6, "sid=1\n");
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	assert_int_equal(done(h, waiting), ISCSI_ERR_SESS_NOT_FOUND);
	close(fd);
	close(waiting);
}

static void a_client_that_goes_away_does_not_stop_it(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "reconnect", 5, "sid=1\n");
	wait_told(h, "login");
	close(fd);
	respond();
	wait_told(h, "start");
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
}

static const char *value(struct house *h, const char *key)
{
	return iscsi_db_record_get(session(h)->record, key);
}

static void new_settings_are_the_session_s_own_and_the_kernel_s(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "update", 5,
	    "sid=1\nnode.session.timeo.replacement_timeout=33\n"
	    "node.session.auth.username=somebody\nnode.conn[0].timeo.logout_timeout=7\n");
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(value(h, "node.session.timeo.replacement_timeout"), "33");
	assert_string_equal(value(h, "node.session.auth.username"), "somebody");
	assert_int_equal(session(h)->id.logout_timeout, 7);
	kernel.batch_result = -EINVAL;
	ask(fd, "update", 6, "sid=1\nnode.session.timeo.replacement_timeout=34\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_INVAL);
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void new_settings_are_taken_all_or_none(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "update", 5,
	    "sid=1\nnode.session.timeo.replacement_timeout=33\nnode.session.queue_depth=0\n");
	assert_int_not_equal(done(h, fd), 0);
	assert_string_equal(value(h, "node.session.timeo.replacement_timeout"), "120");
	/* that would make it another session */
	ask(fd, "update", 6, "sid=1\nnode.name=iqn.2026-01.org.example:other\n");
	assert_int_not_equal(done(h, fd), 0);
	close(fd);
}

/* The answer comes when the child that sets it has ended. */
static void a_queue_depth_is_answered_when_the_disks_have_it(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = logged_in(h);

	ask(fd, "update", 5, "sid=1\nnode.session.queue_depth=8\n");
	assert_int_equal(done(h, fd), 0);
	assert_null(session(h)->scan.child);
	close(fd);
}

/* libiscsi arms the timer of its NOPs when a connection starts. */
static void nops_that_are_to_begin_need_a_new_connection(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_login(h, fd, 1, "node.conn[0].timeo.noop_out_interval=0\n");
	assert_int_equal(done(h, fd), 0);
	ask(fd, "update", 5, "sid=1\nnode.conn[0].timeo.noop_out_interval=5\n");
	for (int i = 0; i < TURNS_MAX && ipc_recv(fd, h->answer, sizeof(h->answer)) < 0; i++)
		turn(h);
	assert_non_null(strstr(h->answer, "reconnect=node.conn[0].timeo.noop_out_interval\n"));
	assert_int_equal(done(h, fd), 0);
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(statistics_are_told_but_for_names_that_are_no_keys),
		TEST(a_new_connection_is_made_at_once_and_told_when_it_is_up),
		TEST(a_new_connection_offers_what_the_record_says_now),
		TEST(the_record_of_another_session_is_refused),
		TEST(a_new_connection_that_fails_is_told_and_tried_again),
		TEST(a_second_wish_begins_anew_and_both_are_told),
		TEST(a_logout_ends_the_wait_for_a_new_connection),
		TEST(a_client_that_goes_away_does_not_stop_it),
		TEST(new_settings_are_the_session_s_own_and_the_kernel_s),
		TEST(new_settings_are_taken_all_or_none),
		TEST(a_queue_depth_is_answered_when_the_disks_have_it),
		TEST(nops_that_are_to_begin_need_a_new_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
