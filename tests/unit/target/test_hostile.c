/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has brought other targets down: PDUs in the wrong phase, lengths that lie, keys and values
 * without bounds, sessions that are replaced in the middle of their work.
 */
#include <errno.h>

#include "tests/target/task.h"
#include "tests/unit/target/faults.h"

/* A PDU of every opcode, before any login: the connection ends, nothing else. */
static void any_pdu_before_a_login_ends_the_connection(void **state)
{
	struct fixture *f = *state;

	for (uint8_t opcode = 0; opcode <= ISCSI_OP_MASK; opcode++) {
		struct pdu pdu = {.opcode = opcode, .flags = ISCSI_FLAG_FINAL};

		if (opcode == ISCSI_OP_LOGIN_REQ)
			continue;
		send_pdu(f, &pdu);
		expect_closed(f);
		disconnect(f);
		connect_to(f);
	}
}

/* The same in the full feature phase: an answer or none, but the session lives on, or it has ended.
 */
static void any_pdu_in_a_session_leaves_it_usable(void **state)
{
	struct fixture *f = *state;

	for (uint8_t opcode = 0; opcode <= ISCSI_OP_MASK; opcode++) {
		struct pdu pdu = {.opcode = opcode,
		                  .immediate = true,
		                  .flags = ISCSI_FLAG_FINAL,
		                  .itt = 3,
		                  .ttt = 7,
		                  .cmd_sn = FIRST_CMD_SN};
		struct pdu answer;

		LOG_IN(f, "");
		send_pdu(f, &pdu);
		while (receive(f, &answer))
			assert_true(pdu_opcode_known(answer.opcode));
		if (opcode != ISCSI_OP_LOGOUT_REQ) {
			ping(f, 77);
			expect_pong(f, 77);
		}
		disconnect(f);
		connect_to(f);
	}
}

/* DataSegmentLength and TotalAHSLength of any size, with and without what they announce. */
static void lengths_that_lie_end_the_connection_or_wait(void **state)
{
	static const struct {
		uint32_t data_len;
		uint8_t ahs_words;
		bool closed;
	} cases[] = {{0xffffff, 0, true},
	             {ISCSI_DEFAULT_MAX_RECV + 1, 0, true},
	             {0x800000, 255, true},
	             {ISCSI_DEFAULT_MAX_RECV, 255, false},
	             {ISCSI_DEFAULT_MAX_RECV, 0, false},
	             {0, 255, false}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bhs[ISCSI_BHS_LEN];

		pdu_encode(LOGIN(TO_FULL_FEATURE, .data_len = cases[i].data_len,
		                 .ahs_words = cases[i].ahs_words),
		           bhs);
		send_bytes(f, bhs, sizeof(bhs));
		expect_nothing(f);
		assert_int_equal(f->conn->phase, cases[i].closed ? CONN_CLOSED : CONN_LOGIN);
		disconnect(f);
		connect_to(f);
	}
}

static void a_session_takes_no_more_data_than_it_declared(void **state)
{
	struct fixture *f = *state;
	uint8_t bhs[ISCSI_BHS_LEN];

	LOG_IN(f, "");
	pdu_encode(&(struct pdu){.opcode = ISCSI_OP_NOP_OUT,
	                         .immediate = true,
	                         .flags = ISCSI_FLAG_FINAL,
	                         .itt = 1,
	                         .data_len = f->options.offer.max_recv_data_segment_length + 1},
	           bhs);
	send_bytes(f, bhs, sizeof(bhs));
	expect_closed(f);
}

/* RFC 7143 6.1: at most 63 bytes of a key, 255 of a value; 6.2: no key is negotiated twice. */
static void keys_without_bounds_end_the_login(void **state)
{
	static const struct {
		size_t key, value; /* bytes */
		uint16_t status;
	} cases[] = {{63, 255, 0},
	             {64, 1, 0x0200},
	             {5, 256, 0x0200},
	             {8000, 1, 0x0200},
	             {5, 8000, 0x0200}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct writer w = writer_make(1 << 16);
		struct pdu rsp;

		writer_bytes(&w, LOGIN_KEYS, sizeof(LOGIN_KEYS));
		for (size_t n = 0; n < cases[i].key; n++)
			writer_u8(&w, 'A');
		writer_u8(&w, '=');
		for (size_t n = 0; n < cases[i].value; n++)
			writer_u8(&w, 'b');
		writer_u8(&w, 0);
		send_pdu(f, LOGIN(TO_FULL_FEATURE, .data = w.data, .data_len = (uint32_t)w.len));
		writer_done(&w);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, cases[i].status);
		assert_true(rsp.data_len <= ISCSI_DEFAULT_MAX_RECV);
		disconnect(f);
		connect_to(f);
	}
}

/* Thousands of unknown keys: each is echoed, in PDUs of what may be sent, and there is an end. */
static void answers_to_unknown_keys_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp = {.opcode = 0};
	size_t bytes = 0;
	int rounds = 0;

	send_pdu(f, LOGIN(ISCSI_LOGIN_CONTINUE | 1 << ISCSI_LOGIN_CSG_SHIFT, KEYS(LOGIN_KEYS)));
	expect(f, ISCSI_OP_LOGIN_RSP);
	do {
		struct writer w = writer_make(ISCSI_DEFAULT_MAX_RECV);
		char key[32];

		for (int i = 0; w.len < ISCSI_DEFAULT_MAX_RECV - 32; i++) {
			snprintf(key, sizeof(key), "X-%d-%d", rounds, i);
			text_put(&w, key, "1");
		}
		send_pdu(f, LOGIN(ISCSI_LOGIN_CONTINUE | 1 << ISCSI_LOGIN_CSG_SHIFT, .data = w.data,
		                  .data_len = (uint32_t)w.len));
		writer_done(&w);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		bytes += rsp.data_len;
	} while (rsp.status_class == 0 && ++rounds < 1000);
	assert_status(&rsp, ISCSI_LOGIN_OUT_OF_RESOURCES);
	assert_true(rounds < 10);
	assert_int_equal(bytes, 0);
	expect_closed(f);
}

static void a_login_has_only_so_many_requests(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp = {.opcode = 0};
	int rounds = 0;

	do {
		send_pdu(f, LOGIN(ISCSI_LOGIN_CONTINUE | 1 << ISCSI_LOGIN_CSG_SHIFT, .data = NULL));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	} while (rsp.status_class == 0 && ++rounds < 100000);
	assert_status(&rsp, ISCSI_LOGIN_INITIATOR_ERROR);
	expect_closed(f);
}

/* Of CHAP's binary values: 1024 bytes at most (12.1.3), and never more than they hold. */
static void chap_values_without_bounds_end_the_login(void **state)
{
	static const struct {
		const char *prefix;
		char digit;
		size_t digits;
	} cases[] = {{"0x", 'f', 2 * 1025}, {"0b", 'A', 1400}, {"0x", 'f', 8000}, {"0x", 'g', 32},
	             {"0b", '!', 24},       {"0x", 'f', 0},    {"", '7', 30}};
	struct fixture *f = *state;

	assert_int_equal(
		options_apply(&f->options, f->options.targets, "account", "user/secret", f->fault),
		0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct writer w = writer_make(1 << 16);
		struct pdu rsp;

		send_pdu(f, LOGIN(TO_OPERATIONAL, KEYS(LOGIN_KEYS "\0AuthMethod=CHAP")));
		expect(f, ISCSI_OP_LOGIN_RSP);
		send_pdu(f, LOGIN(0, KEYS("CHAP_A=5")));
		expect(f, ISCSI_OP_LOGIN_RSP);
		text_put(&w, "CHAP_N", "user");
		writer_printf(&w, "CHAP_R=%s", cases[i].prefix);
		for (size_t n = 0; n < cases[i].digits; n++)
			writer_u8(&w, (uint8_t)cases[i].digit);
		writer_u8(&w, 0);
		send_pdu(f, LOGIN(TO_OPERATIONAL, .data = w.data, .data_len = (uint32_t)w.len));
		writer_done(&w);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_int_equal(rsp.status_class, ISCSI_LOGIN_CLASS_INITIATOR_ERROR);
		expect_closed(f);
		disconnect(f);
		connect_to(f);
	}
}

/* CmdSN and StatSN go over 2^32 (RFC 1982). */
static void serial_numbers_wrap(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	f->conn->session->exp_cmd_sn = f->cmd_sn = UINT32_MAX - 1;
	f->conn->stat_sn = UINT32_MAX - 1;
	for (uint32_t i = 0; i < 4; i++) {
		test_unit_ready(f, i + 1);
		pdu = expect(f, ISCSI_OP_SCSI_RSP);
		assert_int_equal(pdu.stat_sn, UINT32_MAX - 1 + i);
		assert_int_equal(pdu.exp_cmd_sn, UINT32_MAX + i);
	}
}

/* The second login comes while the first session waits for Data-Out and has Data-In under way. */
static void a_session_is_replaced_in_the_middle_of_its_work(void **state)
{
	struct fixture *f = *state;
	struct conn *first;
	int fd, small = 4096;

	LOG_IN(f, "MaxRecvDataSegmentLength=4096");
	first = f->conn;
	fd = f->fd;
	setsockopt(first->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL | ISCSI_CMD_WRITE,
	                          .itt = 1,
	                          .transfer_len = 8 * BLOCK,
	                          .cmd_sn = f->cmd_sn++,
	                          .cdb = {0x2a, 0, 0, 0, 0, 0, 0, 0, 8}});
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL | ISCSI_CMD_READ,
	                          .itt = 2,
	                          .transfer_len = 1024 * BLOCK,
	                          .cmd_sn = f->cmd_sn++,
	                          .cdb = {0x28, 0, 0, 0, 0, 0, 0, 4, 0}});
	assert_true(first->out.pending > 0);
	assert_non_null(task_find(first->session, 1));
	pdu_stream_free(f->in);
	connect_to(f);
	LOG_IN(f, "");
	assert_int_equal(first->phase, CONN_CLOSED);
	conn_push(first);
	conn_free(first);
	close(fd);
	test_unit_ready(f, 9);
	assert_int_equal(expect(f, ISCSI_OP_SCSI_RSP).itt, 9);
}

static void immediate_commands_are_limited(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu = {.opcode = ISCSI_OP_SCSI_CMD,
	                  .immediate = true,
	                  .flags = ISCSI_FLAG_FINAL | ISCSI_CMD_WRITE,
	                  .transfer_len = BLOCK,
	                  .cdb = {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}};

	LOG_IN(f, "");
	pdu.cmd_sn = f->cmd_sn;
	for (pdu.itt = 1; pdu.itt <= SESSION_IMMEDIATE_MAX; pdu.itt++) {
		send_pdu(f, &pdu);
		expect(f, ISCSI_OP_R2T);
	}
	send_pdu(f, &pdu);
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, ISCSI_REJECT_IMMEDIATE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(any_pdu_before_a_login_ends_the_connection),
		TEST(any_pdu_in_a_session_leaves_it_usable),
		TEST(lengths_that_lie_end_the_connection_or_wait),
		TEST(a_session_takes_no_more_data_than_it_declared),
		TEST(keys_without_bounds_end_the_login),
		TEST(answers_to_unknown_keys_are_bounded),
		TEST(a_login_has_only_so_many_requests),
		TEST(chap_values_without_bounds_end_the_login),
		TEST(serial_numbers_wrap),
		TEST(a_session_is_replaced_in_the_middle_of_its_work),
		TEST(immediate_commands_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
