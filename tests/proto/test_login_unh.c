/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The items of the UNH-IOL test suite "Login Phase for Initiators", version 3.0, with their
 * numbers. Those of one connection stand in a table; those that look at sequence numbers and at the
 * header of the requests (2.1, 4.1, 4.2, 5.1) are tests of their own below it.  Item 2.3, TSIH in a
 * second connection, does not apply as a whole: a session of the kernel has one connection; what
 * the engine does for one more is tested.  Of 23.1 only the beginning of the title is known, "Tar".
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "tests/proto/login_engine.h"

#define SECURITY                                                                                   \
	EXPECT_LOGIN(SECURITY_GO, "AuthMethod=None"), SEND_LOGIN(SECURITY_GO, "AuthMethod=None")
#define ASK            SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "")
#define ANSWER(keys)   SEND_LOGIN(OPERATIONAL_GO, (keys), .tsih = 1)
#define PROPOSAL(keys) SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), (keys))

struct item {
	const char *name;
	struct step steps[SCRIPT_STEPS_MAX];
	const char *fault; /* NULL: the login is done, with these values */
	struct login_value values[LOGIN_VALUES_MAX];
};

/* clang-format off */
static const struct item items[] = {
	{"1.1 Standard Login", {ASK, ANSWER("")}, NULL, {IS(max_connections, 1)}},
	{"2.2 TSIH Invalid Value: none", {ASK, SEND_LOGIN(OPERATIONAL_GO, "")},
	 "the target ended the login without a TSIH", {{0}}},
	{"3.1 T-Bit: only after we asked", {
		EXPECT_LOGIN(SECURITY_GO, ""), SEND_LOGIN(ISCSI_LOGIN_CONTINUE, "AuthMethod=None"),
		EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), NULL),
		SEND_LOGIN(GO(ISCSI_STAGE_SECURITY, ISCSI_STAGE_SECURITY), "")},
	 "the target went to stage 0 instead of 1", {{0}}},
	{"3.2 T-Bit Delay", {
		ASK, PROPOSAL(""), EXPECT_LOGIN(OPERATIONAL_GO, NULL), ANSWER("")},
	 NULL, {IS(max_burst_length, 262144)}},
	{"6.1 Negotiate Once", {
		ASK, PROPOSAL("MaxBurstLength=65536"), EXPECT_LOGIN(OPERATIONAL_GO, NULL),
		ANSWER("MaxBurstLength=65536")},
	 "a second answer came: MaxBurstLength=65536, though that key was settled", {{0}}},
	{"6.2 Negotiate Once, ImmediateData Separate PDUs", {
		ASK, PROPOSAL("ImmediateData=Yes"), EXPECT_LOGIN(OPERATIONAL_GO, NULL),
		ANSWER("ImmediateData=No")},
	 "a second answer came: ImmediateData=No, though that key was settled", {{0}}},
	{"6.3 Negotiate Once, ImmediateData Same PDU", {
		ASK, ANSWER("ImmediateData=Yes;ImmediateData=No")},
	 "a second answer came: ImmediateData=No, though that key was settled", {{0}}},
	{"7.1 Login Request", {
		EXPECT_LOGIN(SECURITY_GO, "InitiatorName=" INITIATOR ";SessionType=Normal;"
		             "TargetName=" TARGET ";AuthMethod=None"),
		SEND_LOGIN(SECURITY_GO, "AuthMethod=None"), EXPECT_LOGIN(OPERATIONAL_GO, ""),
		ANSWER("")},
	 NULL, {{0}}},
	{"7.2 List Negotiation", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "HeaderDigest=CRC32C,None;DataDigest=None"),
		ANSWER("HeaderDigest=None;DataDigest=None")},
	 NULL, {IS(header_digest, false), IS(data_digest, false)}},
	{"7.3 Invalid AuthMethod", {
		EXPECT_LOGIN(SECURITY_GO, ""),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=Foo")},
	 "the target answered AuthMethod=Foo, but this login offers only None", {{0}}},
	{"7.4 FirstBurstLength Value Too High", {ASK, ANSWER("FirstBurstLength=16777216")},
	 "the answer FirstBurstLength=16777216 is not legal", {{0}}},
	{"7.5 ImmediateData Invalid Value", {ASK, ANSWER("ImmediateData=Maybe")},
	 "the answer ImmediateData=Maybe is not legal", {{0}}},
	{"7.6 Invalid Key", {
		ASK, PROPOSAL("FooBar=1;X-org.example.foo=2"),
		EXPECT_LOGIN(OPERATIONAL_GO,
		             "FooBar=NotUnderstood;X-org.example.foo=NotUnderstood"),
		ANSWER("")},
	 NULL, {{0}}},
	{"8.1 Invalid PDU", {
		ASK, SEND_PDU(0, "", .opcode = ISCSI_OP_SCSI_RSP, .flags = ISCSI_FLAG_FINAL)},
	 "SCSI Response (opcode 0x21) instead of a login response", {{0}}},
	{"9.1 Header and Data Digests Offer", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "HeaderDigest=CRC32C,None;DataDigest=None"),
		ANSWER("HeaderDigest=CRC32C;DataDigest=None")},
	 NULL, {IS(header_digest, true), IS(data_digest, false)}},
	{"9.2 Header and Data Digests Response: not what was offered", {
		ASK, ANSWER("HeaderDigest=CRC32C;DataDigest=CRC32C")},
	 "the answer DataDigest=CRC32C was not among what was offered", {{0}}},
	{"9.3 Header and Data Digests Support CRC32C", {ASK, ANSWER("HeaderDigest=CRC32C")},
	 NULL, {IS(header_digest, true)}},
	{"10.1 MaxConnections", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "MaxConnections=1"),
		ANSWER("MaxConnections=8")},
	 NULL, {IS(max_connections, 1)}},
	{"11.1 Initiator Name Target Name", {
		EXPECT_LOGIN(SECURITY_GO, "InitiatorName=" INITIATOR ";TargetName=" TARGET),
		SEND_LOGIN(SECURITY_GO, "AuthMethod=None"),
		EXPECT_LOGIN(OPERATIONAL_GO, "!InitiatorName;!TargetName"), ANSWER("")},
	 NULL, {{0}}},
	{"12.1 Marker Negotiation", {
		ASK, PROPOSAL("IFMarker=Yes;OFMarker=Yes;IFMarkInt=2048~8192"),
		EXPECT_LOGIN(OPERATIONAL_GO, "IFMarker=No;OFMarker=No;IFMarkInt=Reject"),
		ANSWER("")},
	 NULL, {{0}}},
	{"13.1 Boolean Negotiation", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "InitialR2T=No;ImmediateData=Yes"),
		ANSWER("InitialR2T=Yes;ImmediateData=No")},
	 NULL, {IS(initial_r2t, true), IS(immediate_data, false)}},
	{"13.2 Legal Boolean", {ASK, ANSWER("InitialR2T=No;ImmediateData=Yes")},
	 NULL, {IS(initial_r2t, false), IS(immediate_data, true)}},
	{"13.3 Illegal Boolean", {ASK, ANSWER("InitialR2T=yes")},
	 "the answer InitialR2T=yes is not legal", {{0}}},
	{"14.1 MaxRecvDataSegmentLength, the smallest", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "MaxRecvDataSegmentLength=262144"),
		ANSWER("MaxRecvDataSegmentLength=512")},
	 NULL, {IS(max_xmit_data_segment_length, 512),
	        IS(max_recv_data_segment_length, 262144)}},
	{"14.1 MaxRecvDataSegmentLength, the largest", {
		ASK, ANSWER("MaxRecvDataSegmentLength=16777215")},
	 NULL, {IS(max_xmit_data_segment_length, 16777215)}},
	{"15.1 MaxBurstLength", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "MaxBurstLength=16776192"),
		ANSWER("MaxBurstLength=512;FirstBurstLength=512")},
	 NULL, {IS(max_burst_length, 512), IS(first_burst_length, 512)}},
	{"16.1 FirstBurstLength Less Than MaxBurstLength", {
		ASK, ANSWER("MaxBurstLength=65536;FirstBurstLength=8192")},
	 NULL, {IS(max_burst_length, 65536), IS(first_burst_length, 8192)}},
	{"16.2 FirstBurstLength Greater Than MaxBurstLength", {
		ASK, ANSWER("MaxBurstLength=8192;FirstBurstLength=65536")},
	 NULL, {IS(max_burst_length, 8192), IS(first_burst_length, 8192)}},
	{"16.3 FirstBurstLength Offered by DUT", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO,
		                       "FirstBurstLength=262144;MaxBurstLength=16776192"),
		ANSWER("")},
	 NULL, {IS(first_burst_length, 65536), IS(max_burst_length, 262144)}},
	{"17.1 DefaultTime2Retain", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "DefaultTime2Retain=0"),
		ANSWER("DefaultTime2Retain=3600")},
	 NULL, {IS(default_time2retain, 0)}},
	{"18.1 DefaultTime2Wait", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "DefaultTime2Wait=2"),
		ANSWER("DefaultTime2Wait=3600")},
	 NULL, {IS(default_time2wait, 3600)}},
	{"19.1 MaxOutstandingR2T", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "MaxOutstandingR2T=1"),
		ANSWER("MaxOutstandingR2T=65535")},
	 NULL, {IS(max_outstanding_r2t, 1)}},
	{"20.1 ErrorRecoveryLevel", {
		SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, "ErrorRecoveryLevel=0"),
		ANSWER("ErrorRecoveryLevel=2")},
	 NULL, {IS(error_recovery_level, 0)}},
	{"22.1 AuthMethod", {
		EXPECT_LOGIN(SECURITY_GO, "AuthMethod=None"), SEND_LOGIN(SECURITY_GO, ""),
		EXPECT_LOGIN(OPERATIONAL_GO, "!AuthMethod"), ANSWER("")},
	 NULL, {{0}}},
};
/* clang-format on */

static void is_as_expected(const struct login_run *run, const void *data)
{
	const struct login_result *res = login_result(run->login);
	const struct item *item = data;

	if (strcmp(res->fault, item->fault ? item->fault : "") != 0)
		fail_msg("%s: \"%s\"", item->name, res->fault);
	if (item->fault) {
		assert_true(run->verdict == LOGIN_PROTOCOL_ERROR || run->verdict == LOGIN_REFUSED);
		return;
	}
	assert_int_equal(run->verdict, LOGIN_DONE);
	login_has_values(run, item->name, item->values);
}

static void items_of_one_connection(void **state)
{
	const struct login_config config = login_usual_config();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		login_play_all(&config, items[i].steps, is_as_expected, &items[i]);
}

/* The request that is in w, which is empty then. */
static struct pdu request_in(struct writer *w)
{
	struct pdu pdu = {0};

	assert_true(w->len >= ISCSI_BHS_LEN);
	assert_int_equal(pdu_decode(w->data, &pdu), 0);
	writer_reset(w);
	return pdu;
}

static void numbers_go_on_from(uint32_t first)
{
	const struct login_config config = login_usual_config();
	struct pdu answer = {.opcode = ISCSI_OP_LOGIN_RSP,
	                     .flags = SECURITY_GO,
	                     .itt = config.itt,
	                     .exp_cmd_sn = config.cmd_sn,
	                     .max_cmd_sn = config.cmd_sn,
	                     .stat_sn = first};
	struct login *l = login_new(&config);
	struct writer w = writer_make(65536);
	struct pdu request;

	memcpy(answer.isid, config.isid, sizeof(answer.isid));
	assert_non_null(l);
	assert_int_equal(login_start(l, &w), LOGIN_SEND);
	request = request_in(&w);
	/* 2.1: a new session; 11.12: the only version, immediate, the CmdSN of the first command */
	assert_int_equal(request.tsih, 0);
	assert_int_equal(request.version_max, 0);
	assert_int_equal(request.version_min, 0);
	assert_true(request.immediate);
	assert_int_equal(request.cmd_sn, config.cmd_sn);
	assert_int_equal(login_step(l, &answer, &w), LOGIN_SEND);
	request = request_in(&w);
	assert_int_equal(request.exp_stat_sn, first + 1);
	assert_int_equal(request.cmd_sn, config.cmd_sn);
	assert_int_equal(request.itt, config.itt);
	answer.stat_sn++;
	answer.flags = OPERATIONAL_GO;
	answer.tsih = 1;
	assert_int_equal(login_step(l, &answer, &w), LOGIN_DONE);
	assert_int_equal(login_result(l)->exp_stat_sn, first + 2);
	writer_done(&w);
	login_free(l);
}

static void item_2_1_tsih_4_1_stat_sn_zero(void **state)
{
	(void)state;
	numbers_go_on_from(0);
}

static void item_4_2_stat_sn_non_zero_5_1_exp_stat_sn(void **state)
{
	(void)state;
	numbers_go_on_from(1000);
	numbers_go_on_from(0x7fffffff);
	numbers_go_on_from(0xfffffffe);
}

static void item_2_3_tsih_in_second_connection(void **state)
{
	static const struct item item = {
		"2.3",
		{EXPECT_LOGIN(SECURITY_GO, ""), SEND_LOGIN(SECURITY_GO, "", .tsih = 3)},
		"login response for TSIH 3, ours is 2",
		{{0}}};
	struct login_config config = login_usual_config();

	(void)state;
	config.tsih = 2;
	login_play_all(&config, item.steps, is_as_expected, &item);
}

static void item_21_1_session_type(void **state)
{
	static const struct item item = {
		"21.1",
		{EXPECT_LOGIN(SECURITY_GO,
	                      "InitiatorName=" INITIATOR ";SessionType=Discovery;!TargetName"),
	         SEND_LOGIN(SECURITY_GO, "AuthMethod=None"), EXPECT_LOGIN(OPERATIONAL_GO, ""),
	         SEND_LOGIN(OPERATIONAL_GO, "")},
		NULL,
		{{0}}};
	const struct login_config config = login_discovery_config();

	(void)state;
	login_play_all(&config, item.steps, is_as_expected, &item);
}

static void has_tag_7(const struct login_run *run, const void *data)
{
	is_as_expected(run, data);
	assert_int_equal(login_result(run->login)->tpgt, 7);
}

static void item_23_1_target_portal_group_tag(void **state)
{
	static const struct item item = {"23.1",
	                                 {EXPECT_LOGIN(SECURITY_GO, "!TargetPortalGroupTag"),
	                                  SEND_LOGIN(SECURITY_GO, "TargetPortalGroupTag=7"),
	                                  EXPECT_LOGIN(OPERATIONAL_GO, "!TargetPortalGroupTag"),
	                                  ANSWER("")},
	                                 NULL,
	                                 {{0}}};
	const struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, item.steps, has_tag_7, &item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_of_one_connection),
		cmocka_unit_test(item_2_1_tsih_4_1_stat_sn_zero),
		cmocka_unit_test(item_4_2_stat_sn_non_zero_5_1_exp_stat_sn),
		cmocka_unit_test(item_2_3_tsih_in_second_connection),
		cmocka_unit_test(item_21_1_session_type),
		cmocka_unit_test(item_23_1_target_portal_group_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
