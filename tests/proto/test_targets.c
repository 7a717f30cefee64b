/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What three targets answer to odd offers, as a probe recorded it of tgt 1.0.85, istgt and LIO of
 * Linux 6.1, and what follows for whoever logs in: a row a target and offer.  Some of the offers
 * are none that this initiator makes (README.md says which); then the row has the answer, which
 * must do no harm where it is not an answer to anything.
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

#define FIRST        EXPECT_LOGIN(SECURITY_GO, "AuthMethod=None")
#define SECURITY     FIRST, SEND_LOGIN(SECURITY_GO, "TargetPortalGroupTag=1;AuthMethod=None")
#define ASK(offer)   SECURITY, EXPECT_LOGIN(OPERATIONAL_GO, (offer))
#define ANSWER(keys) SEND_LOGIN(OPERATIONAL_GO, (keys), .tsih = 1)
/* a refusal, which need not fill the other fields */
#define REFUSE(class, detail)                                                                      \
	SEND_LOGIN_WRONG(SET_ISID | SET_WINDOW | SET_STAT_SN, 0, "", .status_class = (class),      \
	                 .status_detail = (detail))
#define THE_REST EXPECT_LOGIN(OPERATIONAL_GO, ""), ANSWER("")

/* CHAP up to the target's choice, and from our response on. */
#define CHAP_OFFER(list)                                                                           \
	EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=CHAP,None"),                          \
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=CHAP"),                         \
		EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), "CHAP_A=" list)
#define CHAP_CHOICE(keys) SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), (keys))
#define CHAP_RESPONSE     EXPECT_LOGIN(SECURITY_GO, "CHAP_N=host;!CHAP_I")
#define CHAP_ACCEPT       SEND_LOGIN(SECURITY_GO, "")

/* how long a challenge is: 16 bytes of LIO's for MD5, 20 for SHA-1, 32 for the others */
#define C16 "CHAP_C=0x404142434445464748494a4b4c4d4e4f"
#define C20 C16 "50515253"
#define C32 C20 "5455565758595a5b5c5d5e5f"
/* tgt's and istgt's, filled in by setup() */
static char tgt_challenge[256] = "CHAP_A=5;CHAP_I=1;CHAP_C=0x";
static char istgt_challenge[4096] = "CHAP_A=5;CHAP_I=1;CHAP_C=0x";

static char long_alias[2 * ISCSI_DEFAULT_MAX_RECV];

static void both_digests(struct login_config *c)
{
	c->offer.data_digest = c->offer.header_digest;
}

static void digest_required(struct login_config *c)
{
	c->offer.header_digest = (struct iscsi_digest_list){{ISCSI_DIGEST_CRC32C}};
}

static void eight_connections(struct login_config *c)
{
	c->offer.max_connections = 8;
}

static void recovery_level_2(struct login_config *c)
{
	c->offer.error_recovery_level = 2;
}

static void any_order(struct login_config *c)
{
	c->offer.data_pdu_in_order = false;
}

static void unknown_session(struct login_config *c)
{
	c->tsih = 7777;
}

static void second_connection(struct login_config *c)
{
	c->tsih = 1;
	c->cid = 1;
}

static void much_text(struct login_config *c)
{
	c->initiator_alias = long_alias;
}

static void few_keys(struct login_config *c)
{
	*c = login_discovery_config();
}

enum { CHAP_MAX = 4 };

struct row {
	const char *name; /* target: offer: answer */
	void (*change)(struct login_config *c);
	uint8_t chap[CHAP_MAX]; /* the algorithms that are offered; none: no CHAP */
	struct step steps[SCRIPT_STEPS_MAX];
	enum login_verdict verdict; /* LOGIN_SEND: closed or silent, which the connection tells */
	const char *fault;          /* what the administrator reads; NULL: it went well */
	struct login_value values[LOGIN_VALUES_MAX];
};

/* clang-format off */
static const struct row rows[] = {
	{"tgt: HeaderDigest, DataDigest=CRC32C,None: None", both_digests, {0}, {
		ASK("HeaderDigest=CRC32C,None;DataDigest=CRC32C,None"),
		ANSWER("HeaderDigest=None;DataDigest=None")},
	 LOGIN_DONE, NULL, {IS(header_digest, false), IS(data_digest, false)}},
	{"istgt, LIO: HeaderDigest, DataDigest=CRC32C,None: CRC32C", both_digests, {0}, {
		ASK("HeaderDigest=CRC32C,None;DataDigest=CRC32C,None"),
		ANSWER("HeaderDigest=CRC32C;DataDigest=CRC32C")},
	 LOGIN_DONE, NULL, {IS(header_digest, true), IS(data_digest, true)}},

	{"tgt, LIO: MaxConnections=8: 1", eight_connections, {0}, {
		ASK("MaxConnections=8"), ANSWER("MaxConnections=1")},
	 LOGIN_DONE, NULL, {IS(max_connections, 1)}},
	{"istgt, tgt and LIO when set: MaxConnections=8: 4", eight_connections, {0}, {
		ASK("MaxConnections=8"), ANSWER("MaxConnections=4")},
	 LOGIN_DONE, NULL, {IS(max_connections, 4)}},

	{"tgt, istgt, LIO: ErrorRecoveryLevel=2: 0", recovery_level_2, {0}, {
		ASK("ErrorRecoveryLevel=2"), ANSWER("ErrorRecoveryLevel=0")},
	 LOGIN_DONE, NULL, {IS(error_recovery_level, 0)}},
	{"tgt and LIO when set: ErrorRecoveryLevel=2: 2", recovery_level_2, {0}, {
		ASK("ErrorRecoveryLevel=2"), ANSWER("ErrorRecoveryLevel=2")},
	 LOGIN_DONE, NULL, {IS(error_recovery_level, 2)}},

	{"tgt, istgt, LIO: InitialR2T, DataPDUInOrder=No: Yes, Yes", any_order, {0}, {
		ASK("InitialR2T=No;DataPDUInOrder=No"),
		ANSWER("InitialR2T=Yes;DataPDUInOrder=Yes")},
	 LOGIN_DONE, NULL, {IS(initial_r2t, true), IS(data_pdu_in_order, true)}},
	{"LIO when set: InitialR2T, DataPDUInOrder=No: No, Yes", any_order, {0}, {
		ASK("InitialR2T=No;DataPDUInOrder=No"),
		ANSWER("InitialR2T=No;DataPDUInOrder=Yes")},
	 LOGIN_DONE, NULL, {IS(initial_r2t, false), IS(data_pdu_in_order, true)}},

	{"tgt: own keys: TargetPortalGroupTag", NULL, {0}, {ASK("!TargetPortalGroupTag"), ANSWER("")},
	 LOGIN_DONE, NULL, {{0}}},
	{"istgt: own keys: TargetAlias, TargetPortalGroupTag", NULL, {0}, {
		FIRST, SEND_LOGIN(SECURITY_GO,
		                  "AuthMethod=None;TargetAlias=Data Disk1;TargetPortalGroupTag=1"),
		EXPECT_LOGIN(OPERATIONAL_GO, "!TargetAlias;!TargetPortalGroupTag"), ANSWER("")},
	 LOGIN_DONE, NULL, {{0}}},
	{"LIO: few keys: proposes 14 and takes the T bit back", few_keys, {0}, {
		ASK("!MaxConnections;!InitialR2T;!MaxBurstLength"),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL),
		           "HeaderDigest=None;DataDigest=None;MaxConnections=1;InitialR2T=Yes;"
		           "ImmediateData=Yes;MaxRecvDataSegmentLength=8192;MaxBurstLength=262144;"
		           "FirstBurstLength=65536;DefaultTime2Wait=2;DefaultTime2Retain=0;"
		           "MaxOutstandingR2T=1;ErrorRecoveryLevel=0;IFMarker=No;OFMarker=No"),
		EXPECT_LOGIN(OPERATIONAL_GO, "MaxConnections=Irrelevant;InitialR2T=Irrelevant;"
		             "ImmediateData=Irrelevant;MaxBurstLength=Irrelevant;"
		             "FirstBurstLength=Irrelevant;MaxOutstandingR2T=Irrelevant;"
		             "IFMarker=No;OFMarker=No;!HeaderDigest;!MaxRecvDataSegmentLength"),
		ANSWER("")},
	 LOGIN_DONE, NULL, {IS(max_xmit_data_segment_length, 8192)}},

	{"tgt, istgt, LIO: iSCSIProtocolLevel=2, TaskReporting: NotUnderstood", NULL, {0}, {
		ASK("!iSCSIProtocolLevel;!TaskReporting"),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL),
		           "iSCSIProtocolLevel=NotUnderstood;TaskReporting=NotUnderstood"),
		EXPECT_LOGIN(OPERATIONAL_GO, NULL), ANSWER("")},
	 LOGIN_DONE, NULL, {{0}}},
	{"tgt, istgt, LIO: X-org.foo, FooBar: NotUnderstood", NULL, {0}, {
		ASK(""),
		SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL),
		           "X-org.foo=NotUnderstood;FooBar=NotUnderstood"),
		EXPECT_LOGIN(OPERATIONAL_GO, NULL), ANSWER("")},
	 LOGIN_DONE, NULL, {{0}}},

	{"tgt, istgt: HeaderDigest=CRC64: Reject", NULL, {0}, {
		ASK("HeaderDigest=CRC32C,None"), ANSWER("HeaderDigest=Reject")},
	 LOGIN_DONE, NULL, {IS(header_digest, false)}},
	{"tgt, istgt: a digest that is demanded: Reject", digest_required, {0}, {
		ASK("HeaderDigest=CRC32C"), ANSWER("HeaderDigest=Reject")},
	 LOGIN_PROTOCOL_ERROR,
	 "HeaderDigest=CRC32C is required here, but the other side does not agree to it", {{0}}},
	{"LIO: HeaderDigest=CRC64, MaxBurstLength=0, InitialR2T=Maybe: 0200", NULL, {0}, {
		ASK(""), REFUSE(2, 0)},
	 LOGIN_REFUSED, "initiator error (status 0x0200)", {{0}}},
	{"tgt, istgt: MaxBurstLength=0: Reject", NULL, {0}, {
		ASK("MaxBurstLength=16776192"), ANSWER("MaxBurstLength=Reject")},
	 LOGIN_DONE, NULL, {IS(max_burst_length, 262144)}},
	{"tgt: InitialR2T=Maybe: Reject", NULL, {0}, {
		ASK("InitialR2T=No"), ANSWER("InitialR2T=Reject")},
	 LOGIN_DONE, NULL, {IS(initial_r2t, true)}},
	{"istgt: InitialR2T=Maybe: Yes", NULL, {0}, {ASK("InitialR2T=No"), ANSWER("InitialR2T=Yes")},
	 LOGIN_DONE, NULL, {IS(initial_r2t, true)}},

	{"tgt, istgt, LIO: no InitiatorName, no TargetName: 0207", NULL, {0}, {FIRST, REFUSE(2, 7)},
	 LOGIN_REFUSED, "missing parameter (status 0x0207)", {{0}}},
	{"tgt, istgt: unknown target: 0203", NULL, {0}, {FIRST, REFUSE(2, 3)},
	 LOGIN_REFUSED, "target not found (status 0x0203)", {{0}}},
	{"LIO: unknown target: 0301", NULL, {0}, {FIRST, REFUSE(3, 1)},
	 LOGIN_REFUSED, "service unavailable (status 0x0301)", {{0}}},
	{"tgt: SessionType=Foo: 0209", NULL, {0}, {FIRST, REFUSE(2, 9)},
	 LOGIN_REFUSED, "session type not supported (status 0x0209)", {{0}}},
	{"tgt, istgt, LIO: VersionMin=1: 0205", NULL, {0}, {FIRST, REFUSE(2, 5)},
	 LOGIN_REFUSED, "unsupported protocol version (status 0x0205)", {{0}}},

	{"tgt: TSIH 7777: a new session", unknown_session, {0}, {
		FIRST, SEND_LOGIN(SECURITY_GO, "AuthMethod=None", .tsih = 1)},
	 LOGIN_PROTOCOL_ERROR, "login response for TSIH 1, ours is 7777", {{0}}},
	{"istgt: TSIH 7777: 0208", unknown_session, {0}, {FIRST, REFUSE(2, 8)},
	 LOGIN_REFUSED, "connection cannot be included in the session (status 0x0208)", {{0}}},
	{"LIO: TSIH 7777: 020a", unknown_session, {0}, {FIRST, REFUSE(2, 0xa)},
	 LOGIN_REFUSED, "session does not exist (status 0x020a)", {{0}}},
	{"tgt, istgt: second connection beyond MaxConnections: a new session", second_connection, {0}, {
		FIRST, SEND_LOGIN(SECURITY_GO, "AuthMethod=None", .tsih = 2)},
	 LOGIN_PROTOCOL_ERROR, "login response for TSIH 2, ours is 1", {{0}}},
	{"LIO: second connection beyond MaxConnections: silence", second_connection, {0}, {FIRST},
	 LOGIN_SEND, NULL, {{0}}},
	{"tgt, istgt: second connection: its TSIH, negotiates again", second_connection, {0}, {
		FIRST, SEND_LOGIN(SECURITY_GO, "AuthMethod=None", .tsih = 1),
		EXPECT_LOGIN(OPERATIONAL_GO, "HeaderDigest=CRC32C,None;!MaxConnections"),
		ANSWER("HeaderDigest=CRC32C")},
	 LOGIN_DONE, NULL, {IS(header_digest, true)}},

	{"tgt: C bit: answers at once", much_text, {0}, {
		EXPECT_LOGIN(ISCSI_LOGIN_CONTINUE, ""),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "TargetPortalGroupTag=1"),
		EXPECT_LOGIN(ISCSI_LOGIN_CONTINUE, ""), SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), ""),
		EXPECT_LOGIN(SECURITY_GO, ""), SEND_LOGIN(SECURITY_GO, "AuthMethod=None"), THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"istgt: C bit: echoes it", much_text, {0}, {
		EXPECT_LOGIN(ISCSI_LOGIN_CONTINUE, ""), SEND_LOGIN(ISCSI_LOGIN_CONTINUE, ""),
		EXPECT_LOGIN(ISCSI_LOGIN_CONTINUE, ""), SEND_LOGIN(ISCSI_LOGIN_CONTINUE, ""),
		EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), ""),
		SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=None"),
		EXPECT_LOGIN(SECURITY_GO, NULL), SEND_LOGIN(SECURITY_GO, ""), THE_REST},
	 LOGIN_DONE, NULL, {{0}}},

	{"tgt: AuthMethod=KRB5, CHAP required: 0201", NULL, {0}, {FIRST, REFUSE(2, 1)},
	 LOGIN_REFUSED, "authentication failed (status 0x0201)", {{0}}},
	{"istgt: AuthMethod=KRB5: 0000 and Reject", NULL, {0}, {
		FIRST, SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "AuthMethod=Reject")},
	 LOGIN_REFUSED, "the target answered AuthMethod=Reject, but this login offers only None", {{0}}},
	{"LIO: AuthMethod=KRB5, CHAP required: closes", NULL, {0}, {FIRST, CLOSE},
	 LOGIN_SEND, NULL, {{0}}},

	/* the secret was right: 7 is SHA-1 to it; policy is to try the next algorithm alone */
	{"tgt: CHAP_A=8,7,6,5: 7, then 0200", NULL, {8, 7, 6, 5}, {
		CHAP_OFFER("8,7,6,5"), CHAP_CHOICE("CHAP_A=7;CHAP_I=1;" C32), CHAP_RESPONSE,
		REFUSE(2, 0)},
	 LOGIN_REFUSED, "initiator error (status 0x0200)", {{0}}},
	{"istgt: CHAP_A=8,7,6,5: 5", NULL, {8, 7, 6, 5}, {
		CHAP_OFFER("8,7,6,5"), CHAP_CHOICE("CHAP_A=5;CHAP_I=1;" C16), CHAP_RESPONSE,
		CHAP_ACCEPT, THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"LIO: CHAP_A=8,7,6,5: 8", NULL, {8, 7, 6, 5}, {
		CHAP_OFFER("8,7,6,5"), CHAP_CHOICE("CHAP_A=8;CHAP_I=1;" C32), CHAP_RESPONSE,
		CHAP_ACCEPT, THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"tgt: CHAP_A=6, CHAP_A=8: 0200", NULL, {6}, {CHAP_OFFER("6"), REFUSE(2, 0)},
	 LOGIN_REFUSED, "initiator error (status 0x0200)", {{0}}},
	{"istgt: CHAP_A=6, CHAP_A=7, CHAP_A=8: 0201", NULL, {7}, {CHAP_OFFER("7"), REFUSE(2, 1)},
	 LOGIN_REFUSED, "authentication failed (status 0x0201)", {{0}}},
	{"LIO: CHAP_A=6, 20 bytes", NULL, {6}, {
		CHAP_OFFER("6"), CHAP_CHOICE("CHAP_A=6;CHAP_I=1;" C20), CHAP_RESPONSE, CHAP_ACCEPT,
		THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"LIO: CHAP_A=7, 32 bytes", NULL, {7}, {
		CHAP_OFFER("7"), CHAP_CHOICE("CHAP_A=7;CHAP_I=1;" C32), CHAP_RESPONSE, CHAP_ACCEPT,
		THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"tgt: CHAP_A=5, 50 bytes", NULL, {5}, {
		CHAP_OFFER("5"), CHAP_CHOICE(tgt_challenge), CHAP_RESPONSE, CHAP_ACCEPT, THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
	{"istgt: CHAP_A=5, 1024 bytes", NULL, {5}, {
		CHAP_OFFER("5"), CHAP_CHOICE(istgt_challenge), CHAP_RESPONSE, CHAP_ACCEPT, THE_REST},
	 LOGIN_DONE, NULL, {{0}}},
};
/* clang-format on */

static void is_as_expected(const struct login_run *run, const void *data)
{
	const struct login_result *res = login_result(run->login);
	const struct row *row = data;

	if (run->verdict != row->verdict || strcmp(res->fault, row->fault ? row->fault : "") != 0)
		fail_msg("%s: verdict %d, \"%s\"", row->name, run->verdict, res->fault);
	if (row->verdict == LOGIN_DONE)
		login_has_values(run, row->name, row->values);
}

static void each_target_s_answers_have_the_outcome_of_its_row(void **state)
{
	struct digests *digests = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct login_config config =
			rows[i].chap[0] ? login_chap_config(digests, false) : login_usual_config();

		if (rows[i].chap[0])
			memcpy(config.auth.algorithms.number, rows[i].chap, CHAP_MAX);
		if (rows[i].change)
			rows[i].change(&config);
		login_play_all(&config, rows[i].steps, is_as_expected, &rows[i]);
	}
}

static int setup(void **state)
{
	struct digests *digests = digests_new();

	if (!digests)
		return -1;
	memset(tgt_challenge + strlen(tgt_challenge), '7', 2 * 50);
	memset(istgt_challenge + strlen(istgt_challenge), '7', 2 * 1024);
	memset(long_alias, 'a', sizeof(long_alias) - 1);
	*state = digests;
	return 0;
}

static int teardown(void **state)
{
	digests_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_s_answers_have_the_outcome_of_its_row),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
