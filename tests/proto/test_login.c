/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins that succeed or are refused in order: what targets in use were seen to answer, and what
 * RFC 7143 6.3 allows them to.
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

/* The first request of a normal session, and what must not be in it. */
#define FIRST_KEYS                                                                                 \
	"InitiatorName=" INITIATOR ";TargetName=" TARGET                                           \
	";SessionType=Normal;AuthMethod=None;!HeaderDigest;!MaxRecvDataSegmentLength;"             \
	"!InitiatorAlias"

#define OFFER_KEYS                                                                                 \
	"HeaderDigest=CRC32C,None;DataDigest=None;MaxRecvDataSegmentLength=262144;InitialR2T=No;"  \
	"ImmediateData=Yes;MaxBurstLength=16776192;FirstBurstLength=262144;MaxOutstandingR2T=1;"   \
	"MaxConnections=1;DataPDUInOrder=Yes;DataSequenceInOrder=Yes;DefaultTime2Wait=2;"          \
	"DefaultTime2Retain=0;ErrorRecoveryLevel=0;!AuthMethod;!TargetName;!IFMarker"

struct expected {
	struct iscsi_params params;
	uint16_t tsih;
	int32_t tpgt;
	const char *alias;
};

static void is_done(const struct login_run *run, const void *data)
{
	const struct login_result *res = login_result(run->login);
	const struct expected *want = data;

	if (run->verdict != LOGIN_DONE)
		fail_msg("verdict %d: %s", run->verdict, res->fault);
	assert_int_equal(run->script.end, SCRIPT_ENGINE_ENDED);
	assert_int_equal(res->stage, ISCSI_STAGE_FULL_FEATURE);
	assert_int_equal(res->tsih, want->tsih);
	assert_int_equal(res->tpgt, want->tpgt);
	assert_string_equal(res->target_alias, want->alias ? want->alias : "");
	assert_int_equal(res->cmd_sn, 7);
#define SAME(field) assert_int_equal(res->params.field, want->params.field)
	SAME(max_recv_data_segment_length);
	SAME(max_xmit_data_segment_length);
	SAME(max_burst_length);
	SAME(first_burst_length);
	SAME(max_outstanding_r2t);
	SAME(max_connections);
	SAME(error_recovery_level);
	SAME(default_time2wait);
	SAME(default_time2retain);
	SAME(header_digest);
	SAME(data_digest);
	SAME(initial_r2t);
	SAME(immediate_data);
	SAME(data_pdu_in_order);
	SAME(data_sequence_in_order);
#undef SAME
}

/* tgt 1.0.85, as recorded: its own limits, no digests, no MaxRecvDataSegmentLength. */
static void tgt_logs_in(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO, "TargetPortalGroupTag=1;AuthMethod=None"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO,
	                   "HeaderDigest=None;DataDigest=None;MaxRecvDataSegmentLength=8192;"
	                   "InitialR2T=Yes;ImmediateData=Yes;MaxBurstLength=262144;"
	                   "FirstBurstLength=65536;MaxOutstandingR2T=1;MaxConnections=1;"
	                   "DataPDUInOrder=Yes;DataSequenceInOrder=Yes;DefaultTime2Wait=2;"
	                   "DefaultTime2Retain=0;ErrorRecoveryLevel=0",
	                   .tsih = 1),
		{0},
	};
	static const struct expected want = {
		.tsih = 1,
		.tpgt = 1,
		.params = {.max_recv_data_segment_length = 262144,
	                   .max_xmit_data_segment_length = 8192,
	                   .max_burst_length = 262144,
	                   .first_burst_length = 65536,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .initial_r2t = true,
	                   .immediate_data = true,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &want);
}

/* istgt: an alias, CRC32C, four connections; keys of its own kind are no answer to us. */
static void istgt_logs_in(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO,
	                   "AuthMethod=None;TargetAlias=Data Disk1;TargetPortalGroupTag=1"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO,
	                   "HeaderDigest=CRC32C;DataDigest=None;MaxRecvDataSegmentLength=262144;"
	                   "InitialR2T=Yes;ImmediateData=Yes;MaxBurstLength=1048576;"
	                   "FirstBurstLength=262144;MaxOutstandingR2T=1;MaxConnections=4;"
	                   "DataPDUInOrder=Yes;DataSequenceInOrder=Yes;DefaultTime2Wait=2;"
	                   "DefaultTime2Retain=0;ErrorRecoveryLevel=0;TargetAlias=Data Disk1",
	                   .tsih = 2),
		{0},
	};
	static const struct expected want = {
		.tsih = 2,
		.tpgt = 1,
		.alias = "Data Disk1",
		.params = {.max_recv_data_segment_length = 262144,
	                   .max_xmit_data_segment_length = 262144,
	                   .max_burst_length = 1048576,
	                   .first_burst_length = 262144,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .header_digest = true,
	                   .initial_r2t = true,
	                   .immediate_data = true,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &want);
}

/* LIO 6.1, as recorded: silent on DataPDUInOrder and DataSequenceInOrder (6.2.2 allows it). */
static void lio_logs_in(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO,
	                   "AuthMethod=None;TargetAlias=LIO Target;TargetPortalGroupTag=1"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO,
	                   "HeaderDigest=CRC32C;DataDigest=None;MaxConnections=1;InitialR2T=Yes;"
	                   "ImmediateData=Yes;MaxRecvDataSegmentLength=262144;"
	                   "MaxBurstLength=262144;FirstBurstLength=65536;DefaultTime2Wait=2;"
	                   "DefaultTime2Retain=0;MaxOutstandingR2T=1;ErrorRecoveryLevel=0",
	                   .tsih = 1),
		{0},
	};
	static const struct expected want = {
		.tsih = 1,
		.tpgt = 1,
		.alias = "LIO Target",
		.params = {.max_recv_data_segment_length = 262144,
	                   .max_xmit_data_segment_length = 262144,
	                   .max_burst_length = 262144,
	                   .first_burst_length = 65536,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .header_digest = true,
	                   .initial_r2t = true,
	                   .immediate_data = true,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &want);
}

/*
 * As LIO does when it is asked for little: the target proposes keys of its own and takes the T bit
 * back; here with all that a peer of RFC 3720 may propose.
 */
static void a_target_may_propose_keys_of_its_own(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, "InitiatorName=" INITIATOR
	                                  ";SessionType=Discovery;AuthMethod=None;!TargetName"),
		SEND_LOGIN(SECURITY_GO, "TargetPortalGroupTag=1;AuthMethod=None"),
		EXPECT_LOGIN(OPERATIONAL_GO,
	                     "HeaderDigest=None;DataDigest=None;MaxRecvDataSegmentLength=32768;"
	                     "DefaultTime2Wait=2;DefaultTime2Retain=0;ErrorRecoveryLevel=0;"
	                     "!MaxConnections;!InitialR2T;!ImmediateData;!MaxBurstLength;"
	                     "!FirstBurstLength;!MaxOutstandingR2T;!DataPDUInOrder;"
	                     "!DataSequenceInOrder"),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL),
	                   "HeaderDigest=None;DataDigest=None;DefaultTime2Wait=2;"
	                   "DefaultTime2Retain=0;ErrorRecoveryLevel=0;MaxConnections=1;"
	                   "TargetAlias=LIO Target;InitialR2T=Yes;ImmediateData=Yes;"
	                   "MaxRecvDataSegmentLength=8192;MaxBurstLength=262144;"
	                   "FirstBurstLength=65536;MaxOutstandingR2T=1;DataPDUInOrder=Yes;"
	                   "DataSequenceInOrder=Yes;IFMarker=No;OFMarker=No;"
	                   "IFMarkInt=2048~65535;OFMarkInt=2048~65535;X-com.example.k=1"),
		EXPECT_LOGIN(OPERATIONAL_GO,
	                     "MaxConnections=Irrelevant;InitialR2T=Irrelevant;"
	                     "ImmediateData=Irrelevant;MaxBurstLength=Irrelevant;"
	                     "FirstBurstLength=Irrelevant;MaxOutstandingR2T=Irrelevant;"
	                     "DataPDUInOrder=Irrelevant;DataSequenceInOrder=Irrelevant;"
	                     "IFMarker=No;OFMarker=No;IFMarkInt=Reject;OFMarkInt=Reject;"
	                     "X-com.example.k=NotUnderstood;!HeaderDigest;!TargetAlias;"
	                     "!MaxRecvDataSegmentLength"),
		SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 9),
		{0},
	};
	static const struct expected want = {
		.tsih = 9,
		.tpgt = 1,
		.alias = "LIO Target",
		.params = {.max_recv_data_segment_length = 32768,
	                   .max_xmit_data_segment_length = 8192,
	                   .max_burst_length = 262144,
	                   .first_burst_length = 65536,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .initial_r2t = true,
	                   .immediate_data = true,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	struct login_config config = login_discovery_config();

	(void)state;
	login_play_all(&config, steps, is_done, &want);
}

/* What holds when a target agrees to everything by saying nothing (defaults of section 13). */
static const struct expected silent = {
	.tsih = 5,
	.tpgt = -1,
	.params = {.max_recv_data_segment_length = 262144,
                   .max_xmit_data_segment_length = 8192,
                   .max_burst_length = 262144,
                   .first_burst_length = 65536,
                   .max_outstanding_r2t = 1,
                   .max_connections = 1,
                   .default_time2wait = 2,
                   .initial_r2t = true,
                   .immediate_data = true,
                   .data_pdu_in_order = true,
                   .data_sequence_in_order = true},
};

/* UNH login 3.2: the T bit comes a response later, in both stages. */
static void a_target_may_delay_the_t_bit(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=None"),
		EXPECT_LOGIN(SECURITY_GO, NULL),
		SEND_LOGIN(SECURITY_GO, ""),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), ""),
		EXPECT_LOGIN(OPERATIONAL_GO, NULL),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), ""),
		EXPECT_LOGIN(OPERATIONAL_GO, NULL),
		SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 5),
		{0},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &silent);
}

/* 11.12.2: the requests that fetch a split answer have no T bit, and a target may insist on one. */
static void a_split_answer_may_end_without_the_t_bit(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(ISCSI_LOGIN_CONTINUE, NULL, .data = (const uint8_t *)"AuthMeth",
	                   .data_len = 8),
		EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), NULL),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), NULL, .data = (const uint8_t *)"od=None",
	                   .data_len = 8),
		EXPECT_LOGIN(SECURITY_GO, NULL),
		SEND_LOGIN(SECURITY_GO, ""),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 5),
		{0},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &silent);
}

static void answers_beyond_the_offer_are_held_to_it(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO, "AuthMethod=None"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO,
	                   "ErrorRecoveryLevel=2;MaxConnections=8;MaxOutstandingR2T=16;"
	                   "DataPDUInOrder=No;DefaultTime2Wait=0;MaxBurstLength=Reject;"
	                   "FirstBurstLength=Irrelevant;HeaderDigest=NotUnderstood",
	                   .tsih = 5),
		{0},
	};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, is_done, &silent);
}

/* An alias is any UTF-8 (13.6); what acts on a terminal must not reach one. */
static void an_alias_is_kept_as_printable_ascii(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO, "AuthMethod=None;TargetAlias=D\xc3\xa4mon \xc2\x9b"
	                                "2J"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 5),
		{0},
	};
	struct login_config config = login_usual_config();
	struct expected want = silent;

	(void)state;
	want.alias = "D\\xc3\\xa4mon \\xc2\\x9b2J";
	login_play_all(&config, steps, is_done, &want);
}

/* More than one request can carry: the C bit from our side (RFC 7143 6.2). */
static void an_initiator_splits_what_does_not_fit(void **state)
{
	static char alias[2 * ISCSI_DEFAULT_MAX_RECV];
	static const struct step steps[] = {
		EXPECT_PDU("InitiatorName=" INITIATOR, .opcode = ISCSI_OP_LOGIN_REQ,
	                   .flags = ISCSI_LOGIN_CONTINUE, .data_len = ISCSI_DEFAULT_MAX_RECV),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), ""),
		EXPECT_PDU("", .opcode = ISCSI_OP_LOGIN_REQ, .flags = ISCSI_LOGIN_CONTINUE,
	                   .data_len = ISCSI_DEFAULT_MAX_RECV),
		/* istgt echoes the C bit, tgt answers at once */
		SEND_LOGIN(ISCSI_LOGIN_CONTINUE, "TargetPortalGroupTag=3"),
		EXPECT_PDU("", .opcode = ISCSI_OP_LOGIN_REQ, .flags = 0),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=None"),
		EXPECT_LOGIN(SECURITY_GO, NULL),
		SEND_LOGIN(SECURITY_GO, ""),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 5),
		{0},
	};
	struct login_config config = login_usual_config();
	struct expected want = silent;

	(void)state;
	want.tpgt = 3;
	memset(alias, 'a', sizeof(alias) - 1);
	config.initiator_alias = alias;
	login_play_all(&config, steps, is_done, &want);
}

struct ended {
	enum login_verdict verdict;
	uint16_t status;
	enum iscsi_stage stage;
	const char *fault; /* whole */
	const char *host;
	uint16_t port;
	int32_t tpgt;
};

static void has_ended(const struct login_run *run, const void *data)
{
	const struct login_result *res = login_result(run->login);
	const struct ended *want = data;

	assert_string_equal(res->fault, want->fault);
	assert_int_equal(run->verdict, want->verdict);
	assert_int_equal(run->script.end, SCRIPT_ENGINE_ENDED);
	assert_int_equal(res->status_class << 8 | res->status_detail, want->status);
	assert_int_equal(res->stage, want->stage);
	if (want->verdict == LOGIN_REDIRECTED) {
		assert_string_equal(res->redirect.host, want->host);
		assert_int_equal(res->redirect.port, want->port);
		assert_int_equal(res->redirect.tpgt, want->tpgt);
	}
}

static void every_status_is_told_in_words(void **state)
{
	/* RFC 7143 11.13.5; 0x0205 and 0x0209, 0x020a as tgt and LIO were seen to send them */
	static const struct {
		uint16_t status;
		const char *fault;
	} rows[] = {
		{0x0200, "initiator error (status 0x0200)"},
		{0x0201, "authentication failed (status 0x0201)"},
		{0x0202, "authorization failed: this initiator may not use the target (status "
	                 "0x0202)"},
		{0x0203, "target not found (status 0x0203)"},
		{0x0204, "target removed (status 0x0204)"},
		{0x0205, "unsupported protocol version (status 0x0205)"},
		{0x0206, "too many connections (status 0x0206)"},
		{0x0207, "missing parameter (status 0x0207)"},
		{0x0208, "connection cannot be included in the session (status 0x0208)"},
		{0x0209, "session type not supported (status 0x0209)"},
		{0x020a, "session does not exist (status 0x020a)"},
		{0x020b, "invalid request during login (status 0x020b)"},
		{0x0277, "initiator error (status 0x0277)"},
		{0x0300, "target error (status 0x0300)"},
		{0x0301, "service unavailable (status 0x0301)"},
		{0x0302, "target out of resources (status 0x0302)"},
		{0x0900, "unknown status class (status 0x0900)"},
	};
	struct login_config config = login_usual_config();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* a target that refuses need not fill the other fields */
		const struct step steps[] = {
			EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
			SEND_LOGIN_WRONG(SET_ISID | SET_WINDOW | SET_STAT_SN, 0, "",
		                         .status_class = (uint8_t)(rows[i].status >> 8),
		                         .status_detail = (uint8_t)rows[i].status, .exp_cmd_sn = 9),
			{0},
		};
		const struct ended want = {
			.verdict = LOGIN_REFUSED, .status = rows[i].status, .fault = rows[i].fault};

		login_play_all(&config, steps, has_ended, &want);
	}
}

static void a_refusal_in_the_operational_stage_names_it(void **state)
{
	static const struct step steps[] = {
		EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
		SEND_LOGIN(SECURITY_GO, "AuthMethod=None"),
		EXPECT_LOGIN(OPERATIONAL_GO, OFFER_KEYS),
		SEND_LOGIN(0, "", .status_class = 2),
		{0},
	};
	const struct ended want = {.verdict = LOGIN_REFUSED,
	                           .status = 0x0200,
	                           .stage = ISCSI_STAGE_OPERATIONAL,
	                           .fault = "initiator error (status 0x0200)"};
	struct login_config config = login_usual_config();

	(void)state;
	login_play_all(&config, steps, has_ended, &want);
	assert_string_equal(login_stage_name(ISCSI_STAGE_OPERATIONAL), "operational negotiation");
	assert_string_equal(login_stage_name(ISCSI_STAGE_SECURITY), "security negotiation");
	assert_string_equal(login_stage_name(ISCSI_STAGE_FULL_FEATURE), "full feature phase");
}

/* istgt answers Reject with success; what demands CHAP says so. */
static void a_target_that_wants_authentication_is_a_refusal(void **state)
{
	static const struct {
		const char *keys, *fault;
	} rows[] = {
		{"AuthMethod=Reject",
	         "the target answered AuthMethod=Reject, but this login offers only None"},
		{"AuthMethod=CHAP",
	         "the target answered AuthMethod=CHAP, but this login offers only None"},
	};
	struct login_config config = login_usual_config();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct step steps[] = {
			EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
			SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), rows[i].keys),
			{0},
		};
		const struct ended want = {
			.verdict = LOGIN_REFUSED, .status = 0x0201, .fault = rows[i].fault};

		login_play_all(&config, steps, has_ended, &want);
	}
}

static void redirects_give_the_portal(void **state)
{
	static const struct {
		const char *keys, *host;
		uint16_t port;
		int32_t tpgt;
	} rows[] = {
		{"TargetAddress=192.0.2.7:3261,2", "192.0.2.7", 3261, 2},
		{"TargetAddress=192.0.2.7", "192.0.2.7", 3260, -1},
		{"TargetAddress=[2001:db8::1]:3261,1", "2001:db8::1", 3261, 1},
		{"TargetAddress=[2001:db8::1]", "2001:db8::1", 3260, -1},
		{"TargetAddress=san.example.com:860", "san.example.com", 860, -1},
		{"TargetAlias=x;TargetAddress=san.example.com", "san.example.com", 3260, -1},
	};
	struct login_config config = login_usual_config();

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		bool forever = i % 2;
		const struct step steps[] = {
			EXPECT_LOGIN(SECURITY_GO, FIRST_KEYS),
			SEND_LOGIN(0, rows[i / 2].keys, .status_class = 1,
		                   .status_detail = forever ? 2 : 1),
			{0},
		};
		const struct ended want = {
			.verdict = LOGIN_REDIRECTED,
			.status = forever ? 0x0102 : 0x0101,
			.fault = forever ? "target moved permanently" : "target moved temporarily",
			.host = rows[i / 2].host,
			.port = rows[i / 2].port,
			.tpgt = rows[i / 2].tpgt,
		};

		login_play_all(&config, steps, has_ended, &want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tgt_logs_in),
		cmocka_unit_test(istgt_logs_in),
		cmocka_unit_test(lio_logs_in),
		cmocka_unit_test(a_target_may_propose_keys_of_its_own),
		cmocka_unit_test(a_target_may_delay_the_t_bit),
		cmocka_unit_test(a_split_answer_may_end_without_the_t_bit),
		cmocka_unit_test(answers_beyond_the_offer_are_held_to_it),
		cmocka_unit_test(an_alias_is_kept_as_printable_ascii),
		cmocka_unit_test(an_initiator_splits_what_does_not_fit),
		cmocka_unit_test(every_status_is_told_in_words),
		cmocka_unit_test(a_refusal_in_the_operational_stage_names_it),
		cmocka_unit_test(a_target_that_wants_authentication_is_a_refusal),
		cmocka_unit_test(redirects_give_the_portal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
