/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is offered, and what holds after the answers: every key of RFC 7143 section 13 that an
 * initiator proposes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "tests/unit/proto/nego_fixture.h"

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

/* What holds after our offer, when nothing was answered. */
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

/* What one answer changes of that. */
#define NUMBER(member) offsetof(struct iscsi_params, member), sizeof(uint32_t)
#define FLAG(member)   offsetof(struct iscsi_params, member), sizeof(bool)
static const struct {
	const char *comes;
	size_t at, width;
	uint32_t result;
} answers[] = {
	{"MaxRecvDataSegmentLength=262144", NUMBER(max_xmit_data_segment_length), 262144},
	{"MaxRecvDataSegmentLength=16777215", NUMBER(max_xmit_data_segment_length), 16777215},
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

static void answers_give_the_result(void **state)
{
	struct writer w = writer_make(4096);
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct nego *n = make(NEGO_INITIATOR, false);
		struct iscsi_params want = unanswered, got;
		char *at = (char *)&want + answers[i].at;

		if (answers[i].width == sizeof(bool))
			*(bool *)at = answers[i].result;
		else
			*(uint32_t *)at = answers[i].result;
		nego_offer(n, ISCSI_STAGE_OPERATIONAL, &w);
		assert_int_equal(take(n, ISCSI_STAGE_OPERATIONAL, answers[i].comes, &w, fault), 0);
		assert_answer(&w, "", answers[i].comes);
		assert_int_equal(nego_result(n, &got, fault), 0);
		if (memcmp(&got, &want, sizeof(got)) != 0)
			fail_msg("%s does not give the right result", answers[i].comes);
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
		cmocka_unit_test(an_initiator_offers_by_stage),
		cmocka_unit_test(a_target_declares_and_proposes_nothing),
		cmocka_unit_test(what_was_heard_is_not_offered),
		cmocka_unit_test(answers_give_the_result),
		cmocka_unit_test(bad_answers_are_protocol_errors),
		cmocka_unit_test(silence_leaves_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
