/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's side of the login phase, RFC 7143 6.3 and 11.13.
 */
#include "tests/unit/target/initiator.h"

static void a_login_goes_through_both_stages(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	send_pdu(f, LOGIN(TO_OPERATIONAL, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME
	                                       "\0SessionType=Normal\0AuthMethod=CHAP,None")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_int_equal(rsp.flags, TO_OPERATIONAL);
	assert_int_equal(rsp.tsih, 0);
	assert_int_equal(rsp.itt, 0x11);
	assert_int_equal(rsp.exp_cmd_sn, FIRST_CMD_SN);
	assert_true(has_key(&rsp, "AuthMethod", "None"));
	assert_true(has_key(&rsp, "TargetPortalGroupTag", "1"));
	send_pdu(f, LOGIN(TO_FULL_FEATURE,
	                  KEYS("InitialR2T=No\0X-org.example=1\0MaxBurstLength=8192")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_int_equal(rsp.flags, TO_FULL_FEATURE);
	assert_int_not_equal(rsp.tsih, 0);
	assert_int_equal(rsp.max_cmd_sn, FIRST_CMD_SN + SESSION_WINDOW - 1);
	assert_true(has_key(&rsp, "InitialR2T", "No"));
	assert_true(has_key(&rsp, "MaxBurstLength", "4096"));
	assert_true(has_key(&rsp, "X-org.example", "NotUnderstood"));
	assert_true(has_key(&rsp, "MaxRecvDataSegmentLength", "262144"));
}

static void keys_may_come_in_pieces(void **state)
{
	static const char keys[] = "InitiatorName=" INITIATOR "\0TargetName=" NAME;
	struct fixture *f = *state;
	struct pdu rsp;

	for (size_t i = 0; i < sizeof(keys) - 1; i++) {
		send_pdu(f, LOGIN(ISCSI_LOGIN_CONTINUE | 1 << ISCSI_LOGIN_CSG_SHIFT,
		                  .data = (const uint8_t *)keys + i, .data_len = 1));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, 0);
		assert_int_equal(rsp.data_len, 0);
		assert_int_equal(rsp.flags & ISCSI_LOGIN_TRANSIT, 0);
	}
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS("")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
}

/* RFC 7143 11.13.5 */
static void logins_are_refused_with_the_status_that_fits(void **state)
{
	struct fixture *f = *state;
	const struct {
		struct pdu req;
		uint16_t status;
	} cases[] = {
		{*LOGIN(TO_FULL_FEATURE, KEYS("TargetName=" NAME)), 0x0207},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR)), 0x0207},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME "9")),
	         0x0203},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME "2")),
	         0x0202},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0SessionType=Foo")),
	         0x0209},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME),
	                .tsih = 7777),
	         0x020a},
		{*LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME),
	                .version_max = 1, .version_min = 1),
	         0x0205},
		{*LOGIN(TO_OPERATIONAL,
	                KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME "\0AuthMethod=KRB5")),
	         0x0201},
		{*LOGIN(TO_FULL_FEATURE, KEYS("no equals sign")), 0x0207},
		{*LOGIN(TO_FULL_FEATURE,
	                KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME "\0=x")),
	         0x0200},
		/* from the second stage back to the first */
		{*LOGIN(ISCSI_LOGIN_TRANSIT | 1 << ISCSI_LOGIN_CSG_SHIFT,
	                KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME)),
	         0x0200},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pdu rsp;

		send_pdu(f, &cases[i].req);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, cases[i].status);
		expect_closed(f);
		disconnect(f);
		connect_to(f);
	}
}

static void a_redirected_login_learns_where_to_go(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	send_pdu(f,
	         LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME "3")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0x0101);
	assert_true(has_key(&rsp, "TargetAddress", "192.0.2.7:3261,1"));
	expect_closed(f);
}

static void a_target_may_have_moved_for_good(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	assert_int_equal(options_apply(&f->options, f->options.targets, "redirect",
	                               "[2001:db8::1]:3262,permanent", f->fault),
	                 0);
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME)));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0x0102);
	assert_true(has_key(&rsp, "TargetAddress", "[2001:db8::1]:3262,1"));
}

/* MaxConnections is 1; a TSIH that is not the initiator's own is none. */
static void a_second_connection_is_refused(void **state)
{
	struct fixture *f = *state;
	struct conn *first;
	struct pdu rsp;
	uint16_t tsih;

	LOG_IN(f, "MaxConnections=4");
	first = f->conn;
	tsih = first->session->tsih;
	for (int i = 0; i < 2; i++) {
		int fd = f->fd;
		struct pdu_stream *in = f->in;

		connect_to(f);
		send_pdu(f, LOGIN(TO_FULL_FEATURE,
		                  KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME),
		                  .tsih = (uint16_t)(tsih + i), .cid = 1));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, i == 0 ? 0x0206 : 0x020a);
		expect_closed(f);
		disconnect(f);
		f->fd = fd;
		f->in = in;
		f->conn = f->server.conns = first;
	}
	assert_int_equal(first->phase, CONN_FULL_FEATURE);
}

static void sessions_are_limited(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	f->options.sessions_max = 0;
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME)));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0x0302);
	expect_closed(f);
}

static void what_is_no_login_ends_the_connection(void **state)
{
	struct fixture *f = *state;

	send_bytes(f, "GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n", 48);
	expect_closed(f);
	disconnect(f);
	connect_to(f);
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_TEXT_REQ, .flags = ISCSI_FLAG_FINAL});
	expect_closed(f);
}

static void a_second_login_of_the_same_port_reinstates_the_session(void **state)
{
	struct fixture *f = *state;
	struct conn *first;

	LOG_IN(f, "");
	first = f->conn;
	close(f->fd);
	pdu_stream_free(f->in);
	connect_to(f);
	LOG_IN(f, "");
	assert_int_equal(first->phase, CONN_CLOSED);
	conn_free(first);
	assert_ptr_equal(f->options.targets->sessions, f->conn->session);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_login_goes_through_both_stages),
		TEST(keys_may_come_in_pieces),
		TEST(logins_are_refused_with_the_status_that_fits),
		TEST(a_redirected_login_learns_where_to_go),
		TEST(a_target_may_have_moved_for_good),
		TEST(a_second_connection_is_refused),
		TEST(sessions_are_limited),
		TEST(what_is_no_login_ends_the_connection),
		TEST(a_second_login_of_the_same_port_reinstates_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
