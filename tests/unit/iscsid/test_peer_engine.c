/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer makes of a target's login responses, good and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/iscsid/peer_scene.h"

/* ---- logins ------------------------------------------------------------------------------- */

static void a_login_is_reported_with_what_was_agreed(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	int pair[2];

	connect_login(s, PEER_PURPOSE_SESSION, 5, pair);
	say(pair[1], script.data, script.len);
	done = expect_done(s, 5, PEER_OUTCOME_DONE);
	assert_int_equal(done.tsih, 7);
	assert_int_equal(done.tpgt, 3);
	assert_int_equal(done.cmd_sn, 1);
	assert_int_equal(done.exp_stat_sn, 102);
	assert_int_equal(done.params.max_xmit_data_segment_length, 65536);
	assert_int_equal(done.params.max_recv_data_segment_length, 262144);
	assert_int_equal(done.params.max_burst_length, 131072);
	assert_string_equal(done.target_alias, "the disk");
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void nothing_behind_the_login_is_read(void **state)
{
	static const char next[] = "the first bytes of the full feature phase";
	struct scene *s = *state;
	struct writer script = good_login();
	char rest[sizeof(next) + 1];
	int pair[2];

	writer_bytes(&script, next, sizeof(next));
	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	say(pair[1], script.data, script.len);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	assert_int_equal(recv(pair[0], rest, sizeof(rest), MSG_DONTWAIT), sizeof(next));
	assert_memory_equal(rest, next, sizeof(next));
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void bytes_may_come_one_by_one(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	int pair[2];

	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	for (size_t i = 0; i < script.len; i++)
		say(pair[1], script.data + i, 1);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_target_may_close_at_any_byte(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	char expected[256];
	int pair[2];

	for (size_t n = 0; n < script.len; n++) {
		bool between = n == 0 || n == FIRST_RESPONSE_LEN;

		connect_login(s, PEER_PURPOSE_SESSION, n, pair);
		if (n > 0)
			say(pair[1], script.data, n);
		shutdown(pair[1], SHUT_WR);
		done = expect_done(s, n, PEER_OUTCOME_CLOSED);
		snprintf(expected, sizeof(expected), "the target closed the connection%s during %s",
		         between ? "" : " in the middle of a PDU",
		         n < FIRST_RESPONSE_LEN ? "security negotiation"
		                                : "operational negotiation");
		assert_string_equal(done.text, expected);
		assert_int_equal(done.error, 0);
		close(pair[0]);
		close(pair[1]);
	}
	writer_done(&script);
}

static void what_was_said_before_a_hang_up_counts(void **state)
{
	struct scene *s = *state;
	struct pdu refusal = login_response(0, 0, 100);
	struct writer script = writer_make(SCRIPT_MAX);
	struct peer_done done;
	int pair[2];

	refusal.flags = 0;
	refusal.status_class = 2;
	refusal.status_detail = 3; /* RFC 7143 11.13.5: not found */
	pdu_write(&script, &refusal);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	say(pair[1], script.data, script.len);
	close(pair[1]); /* before the first request: sending it fails */
	send_login(s, PEER_PURPOSE_SESSION, 1, pair[0]);
	done = expect_done(s, 1, PEER_OUTCOME_REFUSED);
	assert_int_equal(done.status_class, 2);
	assert_int_equal(done.status_detail, 3);
	writer_done(&script);
	close(pair[0]);
}

static void a_redirect_names_the_portal(void **state)
{
	struct scene *s = *state;
	static const char text[] = "TargetAddress=192.0.2.9:3261,1";
	struct pdu moved = login_response(0, 0, 100);
	struct writer script = writer_make(SCRIPT_MAX);
	struct peer_done done;
	int pair[2];

	moved.flags = 0;
	moved.status_class = 1;
	moved.status_detail = 1;
	moved.data = (const uint8_t *)text;
	moved.data_len = sizeof(text);
	pdu_write(&script, &moved);
	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	say(pair[1], script.data, script.len);
	done = expect_done(s, 1, PEER_OUTCOME_REDIRECTED);
	assert_string_equal(done.address, "192.0.2.9");
	assert_int_equal(done.port, 3261);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void hostile_answers_are_protocol_errors(void **state)
{
	struct pdu other_task = login_response(0, 1, 100);
	struct pdu not_login = {.opcode = ISCSI_OP_SCSI_RSP, .itt = 1};
	struct pdu huge = login_response(0, 1, 100);
	struct pdu control_bytes = login_response(0, 1, 100);
	static const char escape[] = "TargetAlias=\033[2J";
	const struct pdu *const cases[] = {&other_task, &not_login, &huge, &control_bytes};
	struct scene *s = *state;

	other_task.itt = 2;
	huge.data_len = 0xffffff;
	control_bytes.data = (const uint8_t *)escape;
	control_bytes.data_len = sizeof(escape);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bhs[ISCSI_BHS_LEN];
		struct peer_done done;
		int pair[2];

		connect_login(s, PEER_PURPOSE_SESSION, i, pair);
		pdu_encode(cases[i], bhs);
		say(pair[1], bhs, sizeof(bhs));
		if (cases[i]->data)
			say(pair[1], cases[i]->data, cases[i]->data_len);
		if (cases[i]->data && pdu_padding(cases[i]->data_len))
			say(pair[1], "\0\0\0", pdu_padding(cases[i]->data_len));
		done = expect_done(s, i, PEER_OUTCOME_PROTOCOL);
		assert_true(strlen(done.text) > 0);
		close(pair[0]);
		close(pair[1]);
	}
}

static void garbage_is_a_protocol_error(void **state)
{
	struct scene *s = *state;
	static const char *const garbage[] = {
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n               ",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff",
	};

	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		int pair[2];

		connect_login(s, PEER_PURPOSE_SESSION, i, pair);
		say(pair[1], garbage[i], strlen(garbage[i]));
		shutdown(pair[1], SHUT_WR);
		expect_done(s, i, PEER_OUTCOME_PROTOCOL);
		close(pair[0]);
		close(pair[1]);
	}
}

/* ---- the manager's side ------------------------------------------------------------------- */

static void many_logins_go_on_at_once(void **state)
{
	enum { LOGINS = 200 };
	struct scene *s = *state;
	struct writer script = good_login();
	int pairs[LOGINS][2];

	for (uint64_t i = 0; i < LOGINS; i++) {
		connect_login(s, PEER_PURPOSE_SESSION, i, pairs[i]);
		say(pairs[i][1], script.data, FIRST_RESPONSE_LEN);
	}
	for (uint64_t i = LOGINS; i-- > 0;) {
		say(pairs[i][1], script.data + FIRST_RESPONSE_LEN, script.len - FIRST_RESPONSE_LEN);
		expect_done(s, i, PEER_OUTCOME_DONE);
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
	writer_done(&script);
}

static void a_cancel_lets_the_connection_go_without_a_word(void **state)
{
	struct scene *s = *state;
	struct peer_cancel cancel = {
		.head = {.verb = PEER_CANCEL, .size = sizeof(cancel), .id = 1},
	};
	char byte;
	int first[2], second[2];

	connect_login(s, PEER_PURPOSE_SESSION, 1, first);
	close(first[0]);
	assert_int_equal(send(s->control, &cancel, sizeof(cancel), 0), sizeof(cancel));
	while (recv(first[1], &byte, 1, 0) > 0)
		;
	cancel.head.id = 99; /* one that nobody knows */
	assert_int_equal(send(s->control, &cancel, sizeof(cancel), 0), sizeof(cancel));
	connect_login(s, PEER_PURPOSE_SESSION, 2, second);
	close(second[1]);
	expect_done(s, 2, PEER_OUTCOME_CLOSED);
	close(second[0]);
	close(first[1]);
}

static void a_login_without_descriptor_is_refused(void **state _unused_)
{
	enum { DESCRIPTORS = 64 };
	struct scene s;
	struct peer_done done;
	union peer_message m;
	int pair[2];

	start_engine(&s, DESCRIPTORS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	for (uint64_t i = 0; i < DESCRIPTORS; i++)
		send_login(&s, PEER_PURPOSE_SESSION, i, pair[0]);
	assert_int_equal(next_message(&s, &m), PEER_DONE);
	done = m.done;
	assert_int_equal(done.outcome, PEER_OUTCOME_INTERNAL);
	assert_int_equal(done.error, EMFILE);
	assert_string_equal(done.text, "no descriptor left for the connection");
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(end_engine(&s), 0);
}

static void a_message_out_of_form_ends_the_engine(void **state _unused_)
{
	struct scene s;

	start_engine(&s, 0);
	assert_int_equal(send(s.control, "x", 1, 0), 1);
	assert_int_equal(end_engine(&s), EPROTO);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_login_is_reported_with_what_was_agreed),
		CASE(nothing_behind_the_login_is_read),
		CASE(bytes_may_come_one_by_one),
		CASE(a_target_may_close_at_any_byte),
		CASE(what_was_said_before_a_hang_up_counts),
		CASE(a_redirect_names_the_portal),
		CASE(hostile_answers_are_protocol_errors),
		CASE(garbage_is_a_protocol_error),
		CASE(many_logins_go_on_at_once),
		CASE(a_cancel_lets_the_connection_go_without_a_word),
		cmocka_unit_test(a_login_without_descriptor_is_refused),
		cmocka_unit_test(a_message_out_of_form_ends_the_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
