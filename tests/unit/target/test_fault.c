/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When faults happen, and what each does with outgoing PDUs, seen from the initiator's end: other
 * PDUs are what they are without it.
 */
#include <errno.h>

#include "lib/proto/crc32c.h"
#include "tests/unit/target/faults.h"

/* Bytes as they come, past the PDUs that were read. */
static size_t raw(struct fixture *f, uint8_t *dst, size_t size)
{
	ssize_t n = recv(f->fd, dst, size, MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
