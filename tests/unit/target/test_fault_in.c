/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What faults do with incoming PDUs, and by time alone.
 */
#include "tests/unit/target/faults.h"

enum { SETTLED_USEC = 1000000 };

static void commands_are_answered_in_the_place_of_the_target(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	add(f, "scsi-command nth=1 do sense 3/11/00");
	add(f, "scsi-command nth=2 do reject 9");
	add(f, "scsi-command nth=3 do ignore");
	add(f, "scsi-response nth=2 do sense 6/29/00");
	test_unit_ready(f, 1);
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_CHECK_CONDITION);
	assert_int_equal(pdu.data_len, 20);
	assert_int_equal(pdu.data[4], 0x03);
	assert_int_equal(pdu.data[14] << 8 | pdu.data[15], 0x1100);
	assert_int_equal(pdu.exp_cmd_sn, f->cmd_sn);
	test_unit_ready(f, 2);
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, 9);
	test_unit_ready(f, 3);
	expect_nothing(f);
	/* the window went on past all three */
	test_unit_ready(f, 4);
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.itt, 4);
	assert_int_equal(pdu.data[14], 0x29);
	test_unit_ready(f, 5);
	assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).status, SCSI_GOOD);
}

static void a_command_is_met_by_its_operation_code(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	/* SPC-4: TEST UNIT READY is 0x00; SBC-3: SYNCHRONIZE CACHE(10) is 0x35 */
	add(f, "cdb=0x35 in do ignore");
	add(f, "scsi-command cdb=0x00 nth=2 do sense 3/11/00");
	test_unit_ready(f, 1);
	assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).status, SCSI_GOOD);
	test_unit_ready(f, 2);
	assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).status, SCSI_CHECK_CONDITION);
}

static void a_dropped_command_stops_those_behind_it(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "scsi-command nth=1 do drop");
	test_unit_ready(f, 1);
	test_unit_ready(f, 2);
	expect_nothing(f);
	f->cmd_sn = FIRST_CMD_SN;
	test_unit_ready(f, 1);
	assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).itt, 1);
}

static void incoming_pdus_wait_or_come_twice(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "nop-out nth=1 do delay 50");
	add(f, "nop-out nth=2 do duplicate");
	add(f, "nop-out nth=3 do hold");
	ping(f, 1);
	ping(f, 2);
	pass(f, 49);
	expect_nothing(f);
	pass(f, 1);
	expect_pong(f, 1);
	conn_readable(f->conn);
	expect_pong(f, 2);
	expect_pong(f, 2);
	ping(f, 3);
	pass(f, 1000000);
	expect_nothing(f);
	conn_release(f->conn);
	expect_pong(f, 3);
}

/* Two PDUs in one segment: the second waits with the first. */
static void what_was_read_with_a_delayed_pdu_waits_with_it(void **state)
{
	struct fixture *f = *state;
	struct writer w = writer_make(4096);

	LOG_IN(f, "");
	add(f, "nop-out nth=1 do delay 50");
	for (uint32_t i = 1; i <= 3; i++)
		pdu_write(&w, &(struct pdu){.opcode = ISCSI_OP_NOP_OUT,
		                            .immediate = true,
		                            .flags = ISCSI_FLAG_FINAL,
		                            .itt = i,
		                            .ttt = ISCSI_TAG_RESERVED,
		                            .cmd_sn = f->cmd_sn});
	send_bytes(f, w.data, w.len - 10);
	expect_nothing(f);
	pass(f, 50);
	expect_pong(f, 1);
	expect_pong(f, 2);
	expect_nothing(f);
	send_bytes(f, w.data + w.len - 10, 10);
	expect_pong(f, 3);
	writer_done(&w);
}

static void a_stalled_window_stays_until_it_is_released(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;
	uint32_t max;

	LOG_IN(f, "");
	max = session_max_cmd_sn(f->conn->session);
	add(f, "scsi-command nth=1 do stall");
	for (uint32_t i = 1; i <= SESSION_WINDOW; i++) {
		test_unit_ready(f, i);
		assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).max_cmd_sn, max);
	}
	test_unit_ready(f, 999);
	expect_nothing(f);
	f->cmd_sn--;
	conn_release(f->conn);
	pdu = expect(f, ISCSI_OP_NOP_IN);
	assert_int_equal(pdu.max_cmd_sn, max + SESSION_WINDOW);
}

static void answers_are_split_at_every_byte(void **state)
{
	struct fixture *f = *state;
	struct writer text = writer_make(4096);
	struct pdu rsp;
	int rounds = 0;

	add(f, "login-request do split 1");
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
	for (;; rounds++) {
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, 0);
		assert_in_range(rsp.data_len, 0, 1);
		writer_bytes(&text, rsp.data, rsp.data_len);
		if (!(rsp.flags & ISCSI_LOGIN_CONTINUE))
			break;
		send_pdu(f, LOGIN(TO_FULL_FEATURE, .data = NULL));
	}
	assert_true(rounds > 10);
	rsp.data = text.data;
	rsp.data_len = (uint32_t)text.len;
	assert_true(has_key(&rsp, "TargetPortalGroupTag", "1"));
	assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
	writer_done(&text);
}

static void an_endless_answer_never_ends(void **state)
{
	struct fixture *f = *state;

	add(f, "login-request do endless");
	for (int i = 0; i < 1000; i++) {
		struct pdu rsp;

		send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_true(rsp.flags & ISCSI_LOGIN_CONTINUE);
		assert_false(rsp.flags & ISCSI_LOGIN_TRANSIT);
		assert_true(rsp.data_len > 0);
	}
}

/* ---- time alone --------------------------------------------------------------------------- */

static void time_closes_and_sends_without_any_pdu(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	f->server.now_usec += SETTLED_USEC;
	conn_tick(f->conn);
	add(f, "time=500 do async 1");
	add(f, "time=900 do close");
	pass(f, 499);
	expect_nothing(f);
	pass(f, 1);
	pdu = expect(f, ISCSI_OP_ASYNC);
	assert_int_equal(pdu.async_event, ISCSI_ASYNC_LOGOUT);
	assert_int_equal(pdu.itt, ISCSI_TAG_RESERVED);
	pass(f, 300);
	expect_nothing(f);
	pass(f, 100);
	expect_closed(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(commands_are_answered_in_the_place_of_the_target),
		TEST(a_command_is_met_by_its_operation_code),
		TEST(a_dropped_command_stops_those_behind_it),
		TEST(incoming_pdus_wait_or_come_twice),
		TEST(what_was_read_with_a_delayed_pdu_waits_with_it),
		TEST(a_stalled_window_stays_until_it_is_released),
		TEST(answers_are_split_at_every_byte),
		TEST(an_endless_answer_never_ends),
		TEST(time_closes_and_sends_without_any_pdu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
