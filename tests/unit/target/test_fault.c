/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each fault does exactly what it says, seen from the initiator's end: other PDUs are what they
 * are without it.
 */
#include <errno.h>

#include "lib/proto/crc32c.h"
#include "tests/unit/target/initiator.h"

enum { SETTLED_USEC = 1000000 };

static uint32_t add(struct fixture *f, const char *line)
{
	char why[FAULT_WHY_SIZE] = "";
	uint32_t id = 0;

	faults_add(&f->options.faults, line, strlen(line), f->server.now_usec, &id, why);
	assert_string_equal(why, "");
	return id;
}

static void pass(struct fixture *f, uint64_t msec)
{
	f->server.now_usec += msec * USEC_PER_MSEC;
	conn_tick(f->conn);
}

static void ping(struct fixture *f, uint32_t itt)
{
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_NOP_OUT,
	                          .immediate = true,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = itt,
	                          .ttt = ISCSI_TAG_RESERVED,
	                          .cmd_sn = f->cmd_sn});
}

static void expect_pong(struct fixture *f, uint32_t itt)
{
	assert_int_equal(expect(f, ISCSI_OP_NOP_IN).itt, itt);
}

static void test_unit_ready(struct fixture *f, uint32_t itt)
{
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = itt,
	                          .cmd_sn = f->cmd_sn++});
}

/* Bytes as they come, past the PDUs that were read. */
static size_t raw(struct fixture *f, uint8_t *dst, size_t size)
{
	ssize_t n = recv(f->fd, dst, size, MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

#define LOGIN_KEYS "InitiatorName=" INITIATOR "\0TargetName=" NAME "\0SessionType=Normal"

/* ---- when --------------------------------------------------------------------------------- */

static void only_the_nth_of_an_opcode_is_met(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "nop-in nth=2-3 do drop");
	for (uint32_t i = 1; i <= 4; i++)
		ping(f, i);
	expect_pong(f, 1);
	expect_pong(f, 4);
	expect_nothing(f);
}

static void times_bounds_how_often(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "nop-in times=2 do drop");
	for (uint32_t i = 1; i <= 3; i++)
		ping(f, i);
	expect_pong(f, 3);
	assert_int_equal(f->options.faults.first->hits, 2);
}

static void a_stage_of_the_login_is_met(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	add(f, "login-response stage=operational do status 3/1");
	send_pdu(f, LOGIN(TO_OPERATIONAL, KEYS(LOGIN_KEYS)));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	send_pdu(f, LOGIN(TO_FULL_FEATURE, .data = NULL));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0x0301);
	expect_closed(f);
}

static void limits_name_target_initiator_and_connection(void **state)
{
	static const struct {
		const char *limit;
		bool meets;
	} cases[] = {{"target=" NAME, true},
	             {"target=" NAME "2", false},
	             {"initiator=" INITIATOR, true},
	             {"initiator=" NAME, false},
	             {"connection=1", true},
	             {"connection=2", false},
	             {"after=0", true},
	             {"after=60000", false}};
	struct fixture *f = *state;

	LOG_IN(f, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[512];
		uint32_t id;

		snprintf(line, sizeof(line), "nop-in %s do drop", cases[i].limit);
		id = add(f, line);
		ping(f, 9);
		if (!cases[i].meets)
			expect_pong(f, 9);
		expect_nothing(f);
		faults_remove(&f->options.faults, id);
	}
}

static void chance_is_the_same_for_the_same_seed(void **state)
{
	struct fixture *f = *state;
	enum { COUNT = 200 };
	bool met[2][COUNT];
	unsigned int hits = 0;

	LOG_IN(f, "");
	for (size_t turn = 0; turn < 2; turn++) {
		uint32_t id = add(f, "nop-in chance=50 seed=11 do drop");
		struct pdu pdu;

		for (uint32_t i = 0; i < COUNT; i++) {
			ping(f, i + 1);
			met[turn][i] = !receive(f, &pdu);
			hits += met[turn][i];
		}
		faults_remove(&f->options.faults, id);
	}
	assert_memory_equal(met[0], met[1], sizeof(met[0]));
	assert_in_range(hits, COUNT / 2, COUNT * 3 / 2);
}

/* ---- what goes out ------------------------------------------------------------------------ */

static void delay_and_hold_keep_the_order(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "nop-in nth=1 do delay 100");
	add(f, "nop-in nth=3 do hold");
	ping(f, 1);
	ping(f, 2);
	ping(f, 3);
	ping(f, 4);
	pass(f, 99);
	expect_nothing(f);
	pass(f, 1);
	expect_pong(f, 1);
	expect_pong(f, 2);
	pass(f, 1000000);
	expect_nothing(f);
	conn_release(f->conn);
	expect_pong(f, 3);
	expect_pong(f, 4);
}

static void duplicate_and_reorder(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	add(f, "nop-in nth=1 do duplicate");
	add(f, "nop-in nth=2 do reorder");
	ping(f, 1);
	expect_pong(f, 1);
	expect_pong(f, 1);
	ping(f, 2);
	expect_nothing(f);
	ping(f, 3);
	expect_pong(f, 3);
	expect_pong(f, 2);
	expect_nothing(f);
}

static void set_changes_one_field(void **state)
{
	static const struct {
		const char *set;
		uint32_t itt, stat_sn, max_cmd_sn; /* added to what they should be */
	} cases[] = {
		{"set itt +7", 7, 0, 0},
		{"set stat-sn -1", 0, UINT32_MAX, 0},
		{"set max-cmd-sn -200", 0, 0, -200U},
	};
	struct fixture *f = *state;

	LOG_IN(f, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t stat_sn = f->conn->stat_sn, id;
		char line[64];
		struct pdu pdu;

		snprintf(line, sizeof(line), "nop-in do %s", cases[i].set);
		id = add(f, line);
		ping(f, 5);
		pdu = expect(f, ISCSI_OP_NOP_IN);
		assert_int_equal(pdu.itt, 5 + cases[i].itt);
		assert_int_equal(pdu.stat_sn, stat_sn + cases[i].stat_sn);
		assert_int_equal(pdu.max_cmd_sn,
		                 FIRST_CMD_SN + SESSION_WINDOW - 1 + cases[i].max_cmd_sn);
		faults_remove(&f->options.faults, id);
	}
}

static void data_sn_and_offsets_can_be_wrong(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	add(f, "data-in do set data-sn 9 then set buffer-offset +512");
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL | ISCSI_CMD_READ,
	                          .itt = 1,
	                          .transfer_len = BLOCK,
	                          .cmd_sn = f->cmd_sn++,
	                          .cdb = {0x28, 0, 0, 0, 0, 0, 0, 0, 1}});
	pdu = expect(f, ISCSI_OP_DATA_IN);
	assert_int_equal(pdu.data_sn, 9);
	assert_int_equal(pdu.buffer_offset, 512);
	assert_int_equal(pdu.data_len, BLOCK);
}

/* A NOP-In of 48 bytes, as it is and as a fault leaves it. */
static void bytes_are_cut_changed_and_announced_wrong(void **state)
{
	static const struct {
		const char *line;
		size_t len, changed; /* changed: a byte that differs; 48: none */
	} cases[] = {
		{"nop-in do corrupt 20", 48, 20}, {"nop-in do truncate 12", 12, 48},
		{"nop-in do truncate", 24, 48},   {"nop-in do set length 0x10000", 48, 5},
		{"nop-in do drop", 0, 48},        {"nop-in do set opcode 0x2f", 48, 0},
	};
	struct fixture *f = *state;
	uint8_t good[64], bad[64];

	LOG_IN(f, "");
	ping(f, 5);
	assert_int_equal(raw(f, good, sizeof(good)), 48);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t id = add(f, cases[i].line);

		f->conn->stat_sn--;
		ping(f, 5);
		assert_int_equal(raw(f, bad, sizeof(bad)), cases[i].len);
		for (size_t at = 0; at < cases[i].len; at++)
			assert_int_equal(bad[at] != good[at], at == cases[i].changed);
		faults_remove(&f->options.faults, id);
	}
}

static void digests_can_be_wrong(void **state)
{
	static const struct {
		const char *line;
		bool header, data;
	} cases[] = {{"nop-in nth=1 do digest header", false, true},
	             {"nop-in nth=2 do digest data", true, false},
	             {"nop-in nth=3 do digest header then digest data", false, false},
	             {"nop-in nth=4 do delay 0", true, true}};
	struct fixture *f = *state;

	LOG_IN(f, "HeaderDigest=CRC32C\0DataDigest=CRC32C");
	assert_true(f->conn->data_digest);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pdu nop = {.opcode = ISCSI_OP_NOP_OUT,
		                  .immediate = true,
		                  .flags = ISCSI_FLAG_FINAL,
		                  .itt = 1,
		                  .cmd_sn = f->cmd_sn,
		                  .data = (const uint8_t *)"abcd",
		                  .data_len = 4};
		uint8_t bytes[64], digest[CRC32C_LEN];
		struct writer w = writer_make(64);

		add(f, cases[i].line);
		nop.ttt = ISCSI_TAG_RESERVED;
		pdu_encode(&nop, bytes);
		writer_bytes(&w, bytes, ISCSI_BHS_LEN);
		crc32c_put(crc32c(0, bytes, ISCSI_BHS_LEN), digest);
		writer_bytes(&w, digest, CRC32C_LEN);
		writer_bytes(&w, "abcd", 4);
		crc32c_put(crc32c(0, "abcd", 4), digest);
		writer_bytes(&w, digest, CRC32C_LEN);
		send_bytes(f, w.data, w.len);
		writer_done(&w);
		assert_int_equal(raw(f, bytes, sizeof(bytes)), 60);
		crc32c_put(crc32c(0, bytes, ISCSI_BHS_LEN), digest);
		assert_int_equal(memcmp(bytes + 48, digest, 4) == 0, cases[i].header);
		crc32c_put(crc32c(0, "abcd", 4), digest);
		assert_int_equal(memcmp(bytes + 56, digest, 4) == 0, cases[i].data);
	}
}

static void close_comes_at_the_byte_or_behind_the_pdu(void **state)
{
	static const struct {
		const char *line;
		size_t len; /* of what comes of the first response; 0: all of it */
	} cases[] = {{"byte=0 do close", 0},
	             {"byte=1 do close", 1},
	             {"byte=47 do reset", 47},
	             {"login-response do close", 1000},
	             {"login-response do drop then close", 0}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t id = add(f, cases[i].line);
		uint8_t bytes[4096];
		size_t len;

		send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
		len = raw(f, bytes, sizeof(bytes));
		if (cases[i].len < 1000)
			assert_int_equal(len, cases[i].len);
		else
			assert_true(len > ISCSI_BHS_LEN);
		assert_int_equal(f->conn->phase, CONN_CLOSED);
		assert_int_equal(f->conn->reset, strstr(cases[i].line, "reset") != NULL);
		faults_remove(&f->options.faults, id);
		disconnect(f);
		connect_to(f);
	}
}

static void login_answers_are_replaced(void **state)
{
	static const struct {
		const char *line;
		uint16_t status;
		const char *key, *value;
	} cases[] = {
		{"login-response do status 2/1", 0x0201, NULL, NULL},
		{"login-request do status 3/2", 0x0302, NULL, NULL},
		{"login-response do redirect 192.0.2.9:3270", 0x0101, "TargetAddress",
	         "192.0.2.9:3270,1"},
		{"login-response do redirect 192.0.2.9 permanent", 0x0102, "TargetAddress",
	         "192.0.2.9:3260,1"},
		{"login-response do key TargetPortalGroupTag=77", 0, "TargetPortalGroupTag", "77"},
		{"login-response do key X-new=1", 0, "X-new", "1"},
		{"login-response do text \"A=1\\0\"", 0, "A", "1"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t id = add(f, cases[i].line);
		struct pdu rsp;

		send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, cases[i].status);
		if (cases[i].key)
			assert_true(has_key(&rsp, cases[i].key, cases[i].value));
		if (cases[i].status)
			expect_closed(f);
		faults_remove(&f->options.faults, id);
		disconnect(f);
		connect_to(f);
	}
}

static void a_key_may_lose_its_equals_sign(void **state)
{
	struct fixture *f = *state;
	struct kv_reader r;
	struct pdu rsp;
	struct kv kv;
	int n;

	add(f, "login-response do key TargetPortalGroupTag");
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	r = kv_reader_make(KV_NUL, rsp.data, rsp.data_len);
	while ((n = kv_next(&r, &kv)) > 0)
		continue;
	assert_int_equal(n, -EBADMSG);
	assert_true(kv_key_is(&kv, "TargetPortalGroupTag"));
}

static void raw_bytes_take_the_place_of_a_pdu(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[64];

	add(f, "login-response do raw \"HTTP/1.1 400\\n\"");
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS(LOGIN_KEYS)));
	assert_int_equal(raw(f, bytes, sizeof(bytes)), 13);
	assert_memory_equal(bytes, "HTTP/1.1 400\n", 13);
}

/* ---- what comes in ------------------------------------------------------------------------ */

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
		TEST(only_the_nth_of_an_opcode_is_met),
		TEST(times_bounds_how_often),
		TEST(a_stage_of_the_login_is_met),
		TEST(limits_name_target_initiator_and_connection),
		TEST(chance_is_the_same_for_the_same_seed),
		TEST(delay_and_hold_keep_the_order),
		TEST(duplicate_and_reorder),
		TEST(set_changes_one_field),
		TEST(data_sn_and_offsets_can_be_wrong),
		TEST(bytes_are_cut_changed_and_announced_wrong),
		TEST(digests_can_be_wrong),
		TEST(close_comes_at_the_byte_or_behind_the_pdu),
		TEST(login_answers_are_replaced),
		TEST(a_key_may_lose_its_equals_sign),
		TEST(raw_bytes_take_the_place_of_a_pdu),
		TEST(commands_are_answered_in_the_place_of_the_target),
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
