/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every key of RFC 7143 section 13 as a proposal that comes, to either side.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proposals_are_answered_by_either_side),
		cmocka_unit_test(the_keys_that_lio_proposes_are_answered),
		cmocka_unit_test(every_negotiable_key_is_in_the_table_above),
		cmocka_unit_test(discovery_makes_keys_irrelevant),
		cmocka_unit_test(the_first_burst_depends_on_other_keys),
		cmocka_unit_test(keys_are_negotiated_once),
		cmocka_unit_test(declarations_are_kept),
		cmocka_unit_test(keys_out_of_their_phase_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
