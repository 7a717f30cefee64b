/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer makes of a target's answers to SendTargets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/iscsid/peer_scene.h"

static void text_response(struct writer *w, const char *text, size_t len, uint32_t stat_sn)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_TEXT_RSP,
		.flags = ISCSI_FLAG_FINAL,
		.itt = 1,
		.ttt = ISCSI_TAG_RESERVED,
		.stat_sn = stat_sn,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
		.data = (const uint8_t *)text,
		.data_len = (uint32_t)len,
	};

	pdu_write(w, &pdu);
}

static void logout_response(struct writer *w, uint32_t stat_sn)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_LOGOUT_RSP,
		.flags = ISCSI_FLAG_FINAL,
		.itt = 2,
		.stat_sn = stat_sn,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
	};

	pdu_write(w, &pdu);
}

static void a_discovery_reports_targets_and_what_was_left_out(void **state)
{
	static const char text[] = "TargetName=iqn.2024-01.org.example:a\0"
				   "TargetAddress=192.0.2.1:3260,1\0"
				   "TargetAddress=[2001:db8::1]:3261,2\0"
				   "TargetName=iqn.2024-01.org.example:/../../etc\0"
				   "TargetAddress=192.0.2.1:3260,1\0"
				   "TargetName=iqn.2024-01.org.example:b";
	struct scene *s = *state;
	struct writer script = good_login();
	union peer_message m;
	int pair[2];

	text_response(&script, text, sizeof(text), 102);
	logout_response(&script, 103);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);

	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:a");
	assert_string_equal(m.target.address, "192.0.2.1");
	assert_int_equal(m.target.port, 3260);
	assert_int_equal(m.target.tpgt, 1);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.address, "2001:db8::1");
	assert_int_equal(m.target.port, 3261);
	assert_int_equal(next_message(s, &m), PEER_REFUSED_TARGET);
	assert_non_null(strstr(m.refused_target.text, "iqn.2024-01.org.example:/../../etc"));
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:b");
	assert_string_equal(m.target.address, "");
	assert_int_equal(m.target.tpgt, PORTAL_TPGT_UNKNOWN);
	assert_int_equal(next_message(s, &m), PEER_COMPLETE);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_target_may_close_instead_of_answering_the_logout(void **state)
{
	static const char text[] = "TargetName=iqn.2024-01.org.example:a";
	struct scene *s = *state;
	struct writer script = good_login();
	union peer_message m;
	int pair[2];

	text_response(&script, text, sizeof(text), 102);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_int_equal(next_message(s, &m), PEER_COMPLETE);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

/* The manager knows before that nothing is missing. */
static void what_is_said_instead_of_answering_the_logout_does_not_matter(void **state)
{
	static const char text[] = "TargetName=iqn.2024-01.org.example:a";
	struct scene *s = *state;
	struct writer script = good_login();
	union peer_message m;
	int pair[2];

	text_response(&script, text, sizeof(text), 102);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_int_equal(next_message(s, &m), PEER_COMPLETE);
	script.len = 0;
	text_response(&script, text, sizeof(text), 103);
	say(pair[1], script.data, script.len);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_discovery_that_breaks_off_is_not_done(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	int pair[2];

	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);
	shutdown(pair[1], SHUT_WR);
	done = expect_done(s, 1, PEER_OUTCOME_CLOSED);
	assert_string_equal(done.text, "the target closed the connection during SendTargets");
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

/* A manager that does not read holds up the target, not the peer's memory; nothing is lost. */
static void a_flood_of_targets_is_held_up_at_its_source(void **state)
{
	enum { TARGETS = 4000, ROUNDS = 20 };
	struct scene *s = *state;
	struct writer login = good_login(), names = writer_make(SCRIPT_MAX);
	struct writer answer = writer_make(SCRIPT_MAX);
	struct pdu part = {
		.opcode = ISCSI_OP_TEXT_RSP,
		.flags = ISCSI_TEXT_CONTINUE,
		.itt = 1,
		.ttt = 9,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
	};
	union peer_message m;
	pid_t target;
	int pair[2], status;

	for (unsigned int i = 0; i < TARGETS; i++) {
		writer_printf(&names, "TargetName=iqn.2024-01.org.example:%u", i);
		writer_u8(&names, 0);
	}
	part.data = names.data;
	part.data_len = (uint32_t)names.len;
	pdu_write(&answer, &part);
	assert_int_equal(writer_status(&answer), 0);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	close(pair[0]); /* the target's sends fail when the peer is gone */
	target = fork();
	assert_true(target >= 0);
	if (target == 0) {
		struct writer end = writer_make(SCRIPT_MAX);
		bool ok = send(pair[1], login.data, login.len, 0) == (ssize_t)login.len;

		for (int i = 0; i < ROUNDS && ok; i++)
			ok = send(pair[1], answer.data, answer.len, 0) == (ssize_t)answer.len;
		text_response(&end, "", 1, 0);
		ok = ok && send(pair[1], end.data, end.len, 0) == (ssize_t)end.len;
		_exit(ok ? 0 : 1);
	}
	close(pair[1]);
	for (int i = 0; i < TARGETS * ROUNDS; i++)
		assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_int_equal(next_message(s, &m), PEER_COMPLETE);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	assert_int_equal(waitpid(target, &status, 0), target);
	assert_int_equal(status, 0);
	writer_done(&login);
	writer_done(&names);
	writer_done(&answer);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_discovery_reports_targets_and_what_was_left_out),
		CASE(a_target_may_close_instead_of_answering_the_logout),
		CASE(what_is_said_instead_of_answering_the_logout_does_not_matter),
		CASE(a_discovery_that_breaks_off_is_not_done),
		CASE(a_flood_of_targets_is_held_up_at_its_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
