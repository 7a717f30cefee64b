/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every key of RFC 7143 section 13, both ways: a proposal that comes and is answered, and an answer
 * to a proposal of ours.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/nego.h"

/* What this side wants in all tests: nothing equals a default, so that a mix-up shows. */
static const struct iscsi_offer wanted = {
	.max_recv_data_segment_length = 65536,
	.max_burst_length = 131072,
	.first_burst_length = 32768,
	.max_outstanding_r2t = 4,
	.max_connections = 3,
	.error_recovery_level = 1,
	.default_time2wait = 5,
	.default_time2retain = 10,
	.header_digest = {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}},
	.data_digest = {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}},
	.initial_r2t = false,
	.immediate_data = true,
	.data_pdu_in_order = false,
	.data_sequence_in_order = false,
};

static struct nego *make(enum nego_role role, bool discovery)
{
	const struct nego_config config = {
		.role = role,
		.discovery = discovery,
		.leading = true,
		.tpgt = 7,
		.offer = wanted,
		.auth_methods = "None",
		.initiator_name = "iqn.1994-05.com.example:host",
		.target_name = "iqn.2001-04.com.example:disk",
		.target_alias = "disks",
	};
	struct nego *n = nego_new(&config);

	assert_non_null(n);
	return n;
}

/* One "Key=value" comes; what is answered is left in answer. */
static int take(struct nego *n, enum iscsi_stage stage, const char *pair, struct writer *answer,
                char fault[static TEXT_FAULT_SIZE])
{
	struct kv_reader r = kv_reader_make(KV_NUL, pair, strlen(pair) + 1);
	struct kv kv;

	assert_int_equal(kv_next(&r, &kv), 1);
	writer_reset(answer);
	return nego_take(n, stage, &kv, answer, fault);
}

static void assert_answer(const struct writer *answer, const char *want, const char *pair)
{
	size_t len = *want ? strlen(want) + 1 : 0;

	if (answer->len != len || (len && memcmp(answer->data, want, len) != 0))
		fail_msg("%s was answered with \"%.*s\" instead of \"%s\"", pair, (int)answer->len,
		         answer->data ? (const char *)answer->data : "", want);
}

struct row {
	const char *comes, *answer;
};

/* The responder computes the result (6.2.1, 6.2.2); illegal values and ranges get a Reject. */
static const struct row proposals[] = {
	{"AuthMethod=None", "AuthMethod=Reject"}, /* belongs in the security stage */
	{"HeaderDigest=None", "HeaderDigest=None"},
	{"HeaderDigest=CRC32C", "HeaderDigest=CRC32C"},
	{"HeaderDigest=None,CRC32C", "HeaderDigest=None"},
	{"HeaderDigest=CRC64,CRC32C,None", "HeaderDigest=CRC32C"},
	{"HeaderDigest=CRC64", "HeaderDigest=Reject"},
	{"HeaderDigest=", "HeaderDigest=Reject"},
	{"HeaderDigest=,None", "HeaderDigest=None"},
	{"HeaderDigest=CRC32", "HeaderDigest=Reject"},
	{"DataDigest=CRC32C,None", "DataDigest=CRC32C"},
	{"DataDigest=none", "DataDigest=Reject"},
	{"InitialR2T=No", "InitialR2T=No"},
	{"InitialR2T=Yes", "InitialR2T=Yes"},
	{"InitialR2T=yes", "InitialR2T=Reject"},
	{"InitialR2T=", "InitialR2T=Reject"},
	{"ImmediateData=No", "ImmediateData=No"},
	{"ImmediateData=Yes", "ImmediateData=Yes"},
	{"ImmediateData=1", "ImmediateData=Reject"},
	{"MaxBurstLength=511", "MaxBurstLength=Reject"},
	{"MaxBurstLength=512", "MaxBurstLength=512"},
	{"MaxBurstLength=131071", "MaxBurstLength=131071"},
	{"MaxBurstLength=131073", "MaxBurstLength=131072"},
	{"MaxBurstLength=16777215", "MaxBurstLength=131072"},
	{"MaxBurstLength=16777216", "MaxBurstLength=Reject"},
	{"MaxBurstLength=0x400", "MaxBurstLength=1024"},
	{"MaxBurstLength=-1", "MaxBurstLength=Reject"},
	{"MaxBurstLength=1024x", "MaxBurstLength=Reject"},
	{"MaxBurstLength=18446744073709552128", "MaxBurstLength=Reject"},
	{"FirstBurstLength=511", "FirstBurstLength=Reject"},
	{"FirstBurstLength=512", "FirstBurstLength=512"},
	{"FirstBurstLength=16777215", "FirstBurstLength=32768"},
	{"FirstBurstLength=16777216", "FirstBurstLength=Reject"},
	{"MaxOutstandingR2T=0", "MaxOutstandingR2T=Reject"},
	{"MaxOutstandingR2T=1", "MaxOutstandingR2T=1"},
	{"MaxOutstandingR2T=65535", "MaxOutstandingR2T=4"},
	{"MaxOutstandingR2T=65536", "MaxOutstandingR2T=Reject"},
	{"MaxConnections=0", "MaxConnections=Reject"},
	{"MaxConnections=1", "MaxConnections=1"},
	{"MaxConnections=65535", "MaxConnections=3"},
	{"MaxConnections=65536", "MaxConnections=Reject"},
	{"DataPDUInOrder=Yes", "DataPDUInOrder=Yes"},
	{"DataPDUInOrder=No", "DataPDUInOrder=No"},
	{"DataSequenceInOrder=Yes", "DataSequenceInOrder=Yes"},
	{"DataSequenceInOrder=No", "DataSequenceInOrder=No"},
	{"DefaultTime2Wait=0", "DefaultTime2Wait=5"},
	{"DefaultTime2Wait=3600", "DefaultTime2Wait=3600"},
	{"DefaultTime2Wait=3601", "DefaultTime2Wait=Reject"},
	{"DefaultTime2Retain=0", "DefaultTime2Retain=0"},
	{"DefaultTime2Retain=3600", "DefaultTime2Retain=10"},
	{"DefaultTime2Retain=3601", "DefaultTime2Retain=Reject"},
	{"ErrorRecoveryLevel=0", "ErrorRecoveryLevel=0"},
	{"ErrorRecoveryLevel=2", "ErrorRecoveryLevel=1"},
	{"ErrorRecoveryLevel=3", "ErrorRecoveryLevel=Reject"},
	{"TaskReporting=RFC3720", "TaskReporting=RFC3720"},
	{"TaskReporting=FastAbort,RFC3720", "TaskReporting=RFC3720"},
	{"TaskReporting=FastAbort", "TaskReporting=Reject"},
	{"iSCSIProtocolLevel=2", "iSCSIProtocolLevel=1"},
	{"iSCSIProtocolLevel=0", "iSCSIProtocolLevel=0"},
	{"iSCSIProtocolLevel=32", "iSCSIProtocolLevel=Reject"},
	/* 13.25: anything but NotUnderstood */
	{"IFMarker=Yes", "IFMarker=No"},
	{"OFMarker=No", "OFMarker=No"},
	{"IFMarkInt=2048~65535", "IFMarkInt=Reject"},
	{"OFMarkInt=2048", "OFMarkInt=Reject"},
	{"X-com.example.key=1", "X-com.example.key=NotUnderstood"},
	{"FooBar=", "FooBar=NotUnderstood"},
	{"maxBurstLength=1024", "maxBurstLength=NotUnderstood"},
	/* declarations are not answered */
	{"MaxRecvDataSegmentLength=512", ""},
	{"X#NodeArchitecture=x86_64", ""},
	/* answers to nothing are not answered either */
	{"MaxBurstLength=Irrelevant", ""},
	{"FooBar=NotUnderstood", ""},
	{"HeaderDigest=Reject", ""},
};

static void proposals_are_answered_by_either_side(void **state)
{
	static const enum nego_role roles[] = {NEGO_INITIATOR, NEGO_TARGET};
	struct writer answer = writer_make(1024);
	char fault[TEXT_FAULT_SIZE] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(proposals) * ARRAY_LEN(roles); i++) {
		const struct row *row = &proposals[i / ARRAY_LEN(roles)];
		struct nego *n = make(roles[i % ARRAY_LEN(roles)], false);

		if (take(n, ISCSI_STAGE_OPERATIONAL, row->comes, &answer, fault) < 0)
			fail_msg("%s: %s", row->comes, fault);
		assert_answer(&answer, row->answer, row->comes);
		nego_free(n);
	}
	writer_done(&answer);
}

/* What LIO 6.1 proposes when the initiator proposed nothing, as recorded, in one go. */
static void the_keys_that_lio_proposes_are_answered(void **state)
{
	static const struct row rows[] = {
		{"HeaderDigest=CRC32C,None", "HeaderDigest=CRC32C"},
		{"DataDigest=CRC32C,None", "DataDigest=CRC32C"},
		{"MaxConnections=1", "MaxConnections=1"},
		{"InitialR2T=Yes", "InitialR2T=Yes"},
		{"ImmediateData=Yes", "ImmediateData=Yes"},
		{"MaxRecvDataSegmentLength=262144", ""},
		{"MaxBurstLength=262144", "MaxBurstLength=131072"},
		{"FirstBurstLength=65536", "FirstBurstLength=32768"},
		{"DefaultTime2Wait=2", "DefaultTime2Wait=5"},
		{"DefaultTime2Retain=20", "DefaultTime2Retain=10"},
		{"MaxOutstandingR2T=1", "MaxOutstandingR2T=1"},
		{"DataPDUInOrder=Yes", "DataPDUInOrder=Yes"},
		{"DataSequenceInOrder=Yes", "DataSequenceInOrder=Yes"},
		{"ErrorRecoveryLevel=0", "ErrorRecoveryLevel=0"},
	};
	struct nego *n = make(NEGO_INITIATOR, false);
	struct writer answer = writer_make(1024);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, rows[i].comes, &answer, fault),
		                 0);
		assert_answer(&answer, rows[i].answer, rows[i].comes);
	}
	writer_done(&answer);
	nego_free(n);
}

static void every_negotiable_key_is_in_the_table_above(void **state)
{
	(void)state;
	for (enum nego_key key = 0; key < NEGO_KEY_COUNT; key++) {
		const struct nego_rule *rule = nego_rule(key);
		bool found = rule->function == NEGO_DECLARED;

		for (size_t i = 0; i < ARRAY_LEN(proposals); i++)
			found = found || strncmp(proposals[i].comes, rule->name,
			                         strcspn(proposals[i].comes, "=")) == 0;
		if (!found)
			fail_msg("%s has no test", rule->name);
	}
}

/* "Irrelevant when: SessionType=Discovery". */
static void discovery_makes_keys_irrelevant(void **state)
{
	static const struct row rows[] = {
		{"MaxConnections=1", "MaxConnections=Irrelevant"},
		{"InitialR2T=No", "InitialR2T=Irrelevant"},
		{"ImmediateData=Yes", "ImmediateData=Irrelevant"},
		{"MaxBurstLength=1024", "MaxBurstLength=Irrelevant"},
		{"FirstBurstLength=1024", "FirstBurstLength=Irrelevant"},
		{"MaxOutstandingR2T=1", "MaxOutstandingR2T=Irrelevant"},
		{"DataPDUInOrder=Yes", "DataPDUInOrder=Irrelevant"},
		{"DataSequenceInOrder=Yes", "DataSequenceInOrder=Irrelevant"},
		{"TaskReporting=RFC3720", "TaskReporting=Irrelevant"},
		{"iSCSIProtocolLevel=1", "iSCSIProtocolLevel=Irrelevant"},
		{"ErrorRecoveryLevel=2", "ErrorRecoveryLevel=1"},
		{"DefaultTime2Wait=2", "DefaultTime2Wait=5"},
		{"DefaultTime2Retain=0", "DefaultTime2Retain=0"},
		{"HeaderDigest=None", "HeaderDigest=None"},
	};
	struct nego *initiator = make(NEGO_INITIATOR, true), *target = make(NEGO_TARGET, false);
	struct writer answer = writer_make(1024);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	assert_int_equal(
		take(target, ISCSI_STAGE_SECURITY, "SessionType=Discovery", &answer, fault), 0);
	assert_answer(&answer, "", "SessionType=Discovery");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(
			take(initiator, ISCSI_STAGE_OPERATIONAL, rows[i].comes, &answer, fault), 0);
		assert_answer(&answer, rows[i].answer, rows[i].comes);
		assert_int_equal(
			take(target, ISCSI_STAGE_OPERATIONAL, rows[i].comes, &answer, fault), 0);
		assert_answer(&answer, rows[i].answer, rows[i].comes);
	}
	writer_done(&answer);
	nego_free(initiator);
	nego_free(target);
}

/* 13.14: without unsolicited data there is no first burst; and it is never above MaxBurstLength. */
static void the_first_burst_depends_on_other_keys(void **state)
{
	struct nego *n = make(NEGO_TARGET, false);
	struct writer answer = writer_make(1024);
	char fault[TEXT_FAULT_SIZE];
	struct iscsi_params p;

	(void)state;
	take(n, ISCSI_STAGE_OPERATIONAL, "InitialR2T=Yes", &answer, fault);
	take(n, ISCSI_STAGE_OPERATIONAL, "ImmediateData=No", &answer, fault);
	take(n, ISCSI_STAGE_OPERATIONAL, "FirstBurstLength=4096", &answer, fault);
	assert_answer(&answer, "FirstBurstLength=Irrelevant", "FirstBurstLength");
	nego_free(n);

	n = make(NEGO_TARGET, false);
	take(n, ISCSI_STAGE_OPERATIONAL, "MaxBurstLength=4096", &answer, fault);
	take(n, ISCSI_STAGE_OPERATIONAL, "FirstBurstLength=8192", &answer, fault);
	assert_answer(&answer, "FirstBurstLength=4096", "FirstBurstLength");
	nego_free(n);

	n = make(NEGO_TARGET, false);
	take(n, ISCSI_STAGE_OPERATIONAL, "FirstBurstLength=8192", &answer, fault);
	take(n, ISCSI_STAGE_OPERATIONAL, "MaxBurstLength=4096", &answer, fault);
	assert_int_equal(nego_result(n, &p, fault), 0);
	assert_int_equal(p.max_burst_length, 4096);
	assert_int_equal(p.first_burst_length, 4096);
	nego_free(n);
	writer_done(&answer);
}

static void assert_text(struct writer *w, const char *want, size_t len)
{
	assert_int_equal(w->len, len);
	assert_memory_equal(w->data, want, len);
	writer_reset(w);
}

static void an_initiator_offers_by_stage(void **state)
{
	static const char security[] = "InitiatorName=iqn.1994-05.com.example:host\0"
				       "TargetName=iqn.2001-04.com.example:disk\0"
				       "SessionType=Normal\0AuthMethod=None";
	static const char operational[] =
		"HeaderDigest=CRC32C,None\0DataDigest=None,CRC32C\0MaxRecvDataSegmentLength=65536\0"
		"InitialR2T=No\0ImmediateData=Yes\0MaxBurstLength=131072\0FirstBurstLength=32768\0"
		"MaxOutstandingR2T=4\0MaxConnections=3\0DataPDUInOrder=No\0DataSequenceInOrder=No\0"
		"DefaultTime2Wait=5\0DefaultTime2Retain=10\0ErrorRecoveryLevel=1";
	struct nego *n = make(NEGO_INITIATOR, false);
	struct writer w = writer_make(4096);

	(void)state;
	nego_offer(n, ISCSI_STAGE_SECURITY, &w);
	assert_text(&w, security, sizeof(security));
	nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
	assert_text(&w, operational, sizeof(operational));
	nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
	assert_int_equal(w.len, 0);
	nego_free(n);
	/* a login may begin in the operational stage */
	n = make(NEGO_INITIATOR, true);
	nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
	assert_memory_equal(w.data, "InitiatorName=", 14);
	nego_free(n);
	writer_done(&w);
}

static void a_target_declares_and_proposes_nothing(void **state)
{
	static const char security[] = "TargetAlias=disks\0TargetPortalGroupTag=7";
	static const char operational[] = "MaxRecvDataSegmentLength=65536";
	struct nego *n = make(NEGO_TARGET, false);
	struct writer w = writer_make(4096);

	(void)state;
	nego_offer(n, ISCSI_STAGE_SECURITY, &w);
	assert_text(&w, security, sizeof(security));
	nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
	assert_text(&w, operational, sizeof(operational));
	nego_free(n);
	writer_done(&w);
}

/* A key that the other side proposed first is not proposed again. */
static void what_was_heard_is_not_offered(void **state)
{
	struct nego *n = make(NEGO_INITIATOR, false);
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	take(n, ISCSI_STAGE_OPERATIONAL, "MaxBurstLength=1024", &w, fault);
	writer_reset(&w);
	nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
	assert_null(memmem(w.data, w.len, "MaxBurstLength", 14));
	assert_non_null(memmem(w.data, w.len, "MaxRecvDataSegmentLength", 24));
	nego_free(n);
	writer_done(&w);
}

/* What holds after one answer to our offer, the rest unanswered. */
static void answers_give_the_result(void **state)
{
	static const struct iscsi_params unanswered = {
		.max_recv_data_segment_length = 65536,
		.max_xmit_data_segment_length = 8192,
		.max_burst_length = 131072,
		.first_burst_length = 32768,
		.max_outstanding_r2t = 1,
		.max_connections = 1,
		.default_time2wait = 5,
		.default_time2retain = 10,
		.initial_r2t = true,
		.immediate_data = true,
		.data_pdu_in_order = true,
		.data_sequence_in_order = true,
	};
#define NUMBER(member) offsetof(struct iscsi_params, member), sizeof(uint32_t)
#define FLAG(member)   offsetof(struct iscsi_params, member), sizeof(bool)
	static const struct {
		const char *comes;
		size_t at, width;
		uint32_t result;
	} rows[] = {
		{"MaxRecvDataSegmentLength=262144", NUMBER(max_xmit_data_segment_length), 262144},
		{"MaxRecvDataSegmentLength=16777215", NUMBER(max_xmit_data_segment_length),
	         16777215},
		{"MaxBurstLength=65536", NUMBER(max_burst_length), 65536},
		{"MaxBurstLength=16777215", NUMBER(max_burst_length), 131072},
		{"FirstBurstLength=512", NUMBER(first_burst_length), 512},
		{"MaxOutstandingR2T=2", NUMBER(max_outstanding_r2t), 2},
		{"MaxOutstandingR2T=9", NUMBER(max_outstanding_r2t), 4},
		{"MaxConnections=2", NUMBER(max_connections), 2},
		{"ErrorRecoveryLevel=1", NUMBER(error_recovery_level), 1},
		{"ErrorRecoveryLevel=2", NUMBER(error_recovery_level), 1},
		{"DefaultTime2Wait=9", NUMBER(default_time2wait), 9},
		{"DefaultTime2Retain=3", NUMBER(default_time2retain), 3},
		{"HeaderDigest=CRC32C", FLAG(header_digest), true},
		{"HeaderDigest=None", FLAG(header_digest), false},
		{"DataDigest=CRC32C", FLAG(data_digest), true},
		{"InitialR2T=No", FLAG(initial_r2t), false},
		{"ImmediateData=No", FLAG(immediate_data), false},
		{"DataPDUInOrder=No", FLAG(data_pdu_in_order), false},
		{"DataSequenceInOrder=No", FLAG(data_sequence_in_order), false},
		{"MaxBurstLength=NotUnderstood", NUMBER(max_burst_length), 131072},
		{"FirstBurstLength=Irrelevant", NUMBER(first_burst_length), 32768},
		{"HeaderDigest=Reject", FLAG(header_digest), false},
		{"TargetAlias=x", NUMBER(max_burst_length), 131072},
	};
#undef NUMBER
#undef FLAG
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nego *n = make(NEGO_INITIATOR, false);
		struct iscsi_params want = unanswered, got;
		char *at = (char *)&want + rows[i].at;

		if (rows[i].width == sizeof(bool))
			*(bool *)at = rows[i].result;
		else
			*(uint32_t *)at = rows[i].result;
		nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, rows[i].comes, &w, fault), 0);
		assert_answer(&w, "", rows[i].comes);
		assert_int_equal(nego_result(n, &got, fault), 0);
		if (memcmp(&got, &want, sizeof(got)) != 0)
			fail_msg("%s does not give the right result", rows[i].comes);
		nego_free(n);
	}
	writer_done(&w);
}

static void bad_answers_are_protocol_errors(void **state)
{
	static const char *const rows[] = {
		"MaxRecvDataSegmentLength=511",
		"MaxRecvDataSegmentLength=16777216",
		"MaxBurstLength=0",
		"FirstBurstLength=x",
		"MaxOutstandingR2T=0",
		"MaxConnections=65536",
		"ErrorRecoveryLevel=3",
		"DefaultTime2Wait=3601",
		"DefaultTime2Retain=-1",
		"HeaderDigest=CRC64",
		"DataDigest=None,CRC32C",
		"InitialR2T=True",
		"ImmediateData=",
		"DataPDUInOrder=no",
		"DataSequenceInOrder=0",
		"TargetPortalGroupTag=65536",
	};
	struct writer w = writer_make(4096);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nego *n = make(NEGO_INITIATOR, false);
		char fault[TEXT_FAULT_SIZE] = "";

		nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, rows[i], &w, fault), -EPROTO);
		if (!strstr(fault, rows[i]))
			fail_msg("\"%s\" does not quote %s", fault, rows[i]);
		nego_free(n);
	}
	writer_done(&w);
}

/* 6.3: once settled is settled; 13: keys of use ALL may be declared again. */
static void keys_are_negotiated_once(void **state)
{
	static const struct {
		const char *first, *second;
		int result;
	} rows[] = {
		{"MaxBurstLength=1024", "MaxBurstLength=1024", -EPROTO},
		{"HeaderDigest=None", "HeaderDigest=CRC32C", -EPROTO},
		{"IFMarker=No", "IFMarker=No", -EPROTO},
		{"InitiatorName=iqn.2001-04.com.example:a",
	         "InitiatorName=iqn.2001-04.com.example:b", -EPROTO},
		{"InitiatorName=iqn.2001-04.com.example:a",
	         "InitiatorName=iqn.2001-04.com.example:a", 0},
		{"MaxRecvDataSegmentLength=512", "MaxRecvDataSegmentLength=1024", 0},
		{"InitiatorAlias=a", "InitiatorAlias=b", 0},
		/* nothing was settled by a value that is not legal */
		{"MaxBurstLength=1", "MaxBurstLength=1024", 0},
	};
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nego *n = make(NEGO_TARGET, false);

		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, rows[i].first, &w, fault), 0);
		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, rows[i].second, &w, fault),
		                 rows[i].result);
		nego_free(n);
	}
	writer_done(&w);
}

/* A target hears who speaks and what about. */
static void declarations_are_kept(void **state)
{
	struct nego *n = make(NEGO_TARGET, false);
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];
	uint32_t number;

	(void)state;
	assert_null(nego_text(n, NEGO_TARGET_NAME));
	take(n, ISCSI_STAGE_SECURITY, "TargetName=iqn.2001-04.com.example:disk", &w, fault);
	take(n, ISCSI_STAGE_SECURITY, "SessionType=Normal", &w, fault);
	assert_string_equal(nego_text(n, NEGO_TARGET_NAME), "iqn.2001-04.com.example:disk");
	assert_string_equal(nego_text(n, NEGO_SESSION_TYPE), "Normal");
	/* not an initiator's to say */
	assert_int_equal(take(n, ISCSI_STAGE_SECURITY, "TargetPortalGroupTag=1", &w, fault), 0);
	assert_false(nego_number(n, NEGO_TARGET_PORTAL_GROUP_TAG, &number));
	assert_int_equal(take(n, ISCSI_STAGE_SECURITY, "SessionType=Foo", &w, fault), -EPROTO);
	assert_int_equal(take(n, ISCSI_STAGE_SECURITY, "InitiatorName=../x", &w, fault), -EPROTO);
	take(n, ISCSI_STAGE_SECURITY, "AuthMethod=CHAP,None", &w, fault);
	assert_answer(&w, "AuthMethod=None", "AuthMethod");
	assert_string_equal(nego_text(n, NEGO_AUTH_METHOD), "None");
	nego_free(n);
	writer_done(&w);
}

/* "Use: LO" belongs to the leading connection's login, "IO" to a login, 13. */
static void keys_out_of_their_phase_are_rejected(void **state)
{
	const struct nego_config config = {.role = NEGO_TARGET, .tpgt = -1, .offer = wanted};
	struct nego *n = nego_new(&config);
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	take(n, ISCSI_STAGE_OPERATIONAL, "MaxBurstLength=1024", &w, fault);
	assert_answer(&w, "MaxBurstLength=Reject", "LO on a second connection");
	take(n, ISCSI_STAGE_SECURITY, "HeaderDigest=None", &w, fault);
	assert_answer(&w, "HeaderDigest=Reject", "operational key in the security stage");
	take(n, ISCSI_STAGE_FULL_FEATURE, "HeaderDigest=None", &w, fault);
	assert_answer(&w, "HeaderDigest=Reject", "IO in full feature phase");
	take(n, ISCSI_STAGE_FULL_FEATURE, "MaxRecvDataSegmentLength=4096", &w, fault);
	assert_answer(&w, "", "ALL in full feature phase");
	take(n, ISCSI_STAGE_OPERATIONAL, "SendTargets=All", &w, fault);
	assert_answer(&w, "SendTargets=Reject", "FFPO in a login");
	take(n, ISCSI_STAGE_FULL_FEATURE, "SendTargets=All", &w, fault);
	assert_string_equal(nego_text(n, NEGO_SEND_TARGETS), "All");
	nego_free(n);
	writer_done(&w);
}

/* The defaults of section 13. */
static void silence_leaves_the_defaults(void **state)
{
	static const struct iscsi_params defaults = {
		.max_recv_data_segment_length = 8192,
		.max_xmit_data_segment_length = 8192,
		.max_burst_length = 262144,
		.first_burst_length = 65536,
		.max_outstanding_r2t = 1,
		.max_connections = 1,
		.error_recovery_level = 0,
		.default_time2wait = 2,
		.default_time2retain = 20,
		.initial_r2t = true,
		.immediate_data = true,
		.data_pdu_in_order = true,
		.data_sequence_in_order = true,
	};
	struct nego *n = make(NEGO_TARGET, false);
	char fault[TEXT_FAULT_SIZE];
	struct iscsi_params got;

	(void)state;
	assert_int_equal(nego_result(n, &got, fault), 0);
	assert_memory_equal(&got, &defaults, sizeof(got));
	nego_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proposals_are_answered_by_either_side),
		cmocka_unit_test(the_keys_that_lio_proposes_are_answered),
		cmocka_unit_test(every_negotiable_key_is_in_the_table_above),
		cmocka_unit_test(discovery_makes_keys_irrelevant),
		cmocka_unit_test(the_first_burst_depends_on_other_keys),
		cmocka_unit_test(an_initiator_offers_by_stage),
		cmocka_unit_test(a_target_declares_and_proposes_nothing),
		cmocka_unit_test(what_was_heard_is_not_offered),
		cmocka_unit_test(answers_give_the_result),
		cmocka_unit_test(bad_answers_are_protocol_errors),
		cmocka_unit_test(keys_are_negotiated_once),
		cmocka_unit_test(declarations_are_kept),
		cmocka_unit_test(keys_out_of_their_phase_are_rejected),
		cmocka_unit_test(silence_leaves_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
