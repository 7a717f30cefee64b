/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP from the initiator's side against a scripted target.  The items of the UNH-IOL CHAP test
 * suite for initiators, version 3.1, stand with their numbers; those that only observe two
 * connections (2.4, 3.6.x) are tests of their own below the table.  Responses were computed by
 * another implementation of the hashes from RFC 1994 4.1.
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

#define STAY_SECURITY STAY(ISCSI_STAGE_SECURITY)

/* AuthMethod, one way and both ways */
#define METHOD                                                                                     \
	EXPECT_LOGIN(STAY_SECURITY, "InitiatorName=" INITIATOR ";AuthMethod=CHAP,None"),           \
		SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP;TargetPortalGroupTag=1")
#define MUTUAL_METHOD                                                                              \
	EXPECT_LOGIN(STAY_SECURITY, "InitiatorName=" INITIATOR ";AuthMethod=CHAP"),                \
		SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP")
#define ALGORITHM EXPECT_LOGIN(STAY_SECURITY, "CHAP_A=5;!AuthMethod;!CHAP_N")

/* the target's usual challenge, and the host's answers to it */
#define USUAL     "CHAP_A=5;CHAP_I=139;CHAP_C=0x404142434445464748494a4b4c4d4e4f"
#define CHALLENGE SEND_LOGIN(STAY_SECURITY, USUAL)
#define RESPONSE                                                                                   \
	EXPECT_LOGIN(SECURITY_GO, "CHAP_N=host;CHAP_R=0x2e754bc411352a9bbda81b5daa3ac316;"         \
	                          "!CHAP_I;!CHAP_C;!CHAP_A")
#define MUTUAL_RESPONSE                                                                            \
	EXPECT_LOGIN(SECURITY_GO, "CHAP_N=host;CHAP_R=0x2e754bc411352a9bbda81b5daa3ac316;"         \
	                          "CHAP_I=42;CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf")
#define DISK_RESPONSE "0xc32fb0bd1cac6bbd67c1ec32b880a369"
#define THE_REST      EXPECT_LOGIN(OPERATIONAL_GO, ""), SEND_LOGIN(OPERATIONAL_GO, "", .tsih = 1)

struct item {
	const char *name;
	bool mutual;
	struct step steps[SCRIPT_STEPS_MAX];
	enum login_verdict verdict;
	const char *fault; /* "" when it goes well */
};

static const struct item unh[] = {
	{"1.1 CHAP_A Valid Value",
         false,
         {METHOD, ALGORITHM, CHALLENGE, RESPONSE, SEND_LOGIN(SECURITY_GO, ""), THE_REST},
         LOGIN_DONE,
         ""},
	{"1.2.1 CHAP_A Invalid Numeric Value",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=99;CHAP_I=1;CHAP_C=0x01")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A=99 was not among what was offered"},
	{"1.2.2 CHAP_A Invalid Non-Numeric Value",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=MD5;CHAP_I=1;CHAP_C=0x01")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A=MD5 is not one number"},
	{"1.3 CHAP_A Out of Order",
         false,
         {EXPECT_LOGIN(STAY_SECURITY, ""), SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP;CHAP_A=5")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A came out of order"},
	{"1.3 CHAP_A Out of Order, at the end",
         false,
         {METHOD, ALGORITHM, CHALLENGE, RESPONSE, SEND_LOGIN(SECURITY_GO, "CHAP_A=5")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A came out of order"},
	{"2.1 CHAP_I Valid Value, 2.6 CHAP_I Different",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE), THE_REST},
         LOGIN_DONE,
         ""},
	{"2.2 CHAP_I Invalid Value",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_I=256;CHAP_C=0x01")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I=256 is not a number from 0 to 255"},
	{"2.3 CHAP_I Out of Order",
         false,
         {EXPECT_LOGIN(STAY_SECURITY, ""), SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP;CHAP_I=1")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I came out of order"},
	/* the challenges differ: equal identifiers harm nobody */
	{"2.5 CHAP_I Reflected",
         true,
         {MUTUAL_METHOD, ALGORITHM,
          SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_I=42;CHAP_C=0x404142434445464748494a4b4c4d4e4f"),
          EXPECT_LOGIN(SECURITY_GO, "CHAP_R=0x5d2a4523ea359bb3477b88e5d4c619ae;CHAP_I=42"),
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE), THE_REST},
         LOGIN_DONE,
         ""},
	{"3.2 CHAP_C Small Value",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_I=1;CHAP_C=0x7f"),
          EXPECT_LOGIN(SECURITY_GO, "CHAP_R=0x8fa85cf0b10c0c7e450f480bdb60e89d"),
          SEND_LOGIN(SECURITY_GO, ""), THE_REST},
         LOGIN_DONE,
         ""},
	{"3.4 CHAP_C Too Small Value",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_I=1;CHAP_C=0x")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_C is empty"},
	{"3.5 CHAP_C Out of Order",
         false,
         {EXPECT_LOGIN(STAY_SECURITY, ""),
          SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP;CHAP_C=0x01")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_C came out of order"},
	/* our own is chosen after the target's was seen, and would be the same */
	{"3.7 CHAP_C Reflect",
         true,
         {MUTUAL_METHOD, ALGORITHM,
          SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_I=1;CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_C of the other side is the one that was chosen here"},
	{"3.8 CHAP_C Reflected",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(STAY_SECURITY, "CHAP_I=42;CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I came out of order"},
	{"4.1 CHAP_N Valid Value",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(STAY_SECURITY, "CHAP_R=" DISK_RESPONSE ";CHAP_N=disk"),
          EXPECT_LOGIN(SECURITY_GO, NULL), SEND_LOGIN(SECURITY_GO, ""), THE_REST},
         LOGIN_DONE,
         ""},
	{"4.3 CHAP_N Small Value",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=;CHAP_R=" DISK_RESPONSE)},
         LOGIN_AUTH_FAILED,
         "CHAP_N= is not the name that is expected"},
	{"4.5 CHAP_N Out of Order",
         true,
         {MUTUAL_METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, USUAL ";CHAP_N=disk")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_N came out of order"},
	{"4.6 CHAP_N Reflected",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=host;CHAP_R=" DISK_RESPONSE)},
         LOGIN_AUTH_FAILED,
         "CHAP_N=host is not the name that is expected"},
	{"4.8 CHAP_N Different",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=Disk;CHAP_R=" DISK_RESPONSE)},
         LOGIN_AUTH_FAILED,
         "CHAP_N=Disk is not the name that is expected"},
	{"5.1 CHAP_R Invalid Value",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=0xc32fb0bd1cac6bbd67c1ec32b880a368")},
         LOGIN_AUTH_FAILED,
         "CHAP_R is wrong: the other side has another secret"},
	{"5.1 CHAP_R Invalid Value, our own",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=0xc948c47c1103871e73ea8a78d16e259c")},
         LOGIN_AUTH_FAILED,
         "CHAP_R was made with the secret of the opposite direction"},
	{"5.2 CHAP_R Too Big",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE "00")},
         LOGIN_AUTH_FAILED,
         "CHAP_R is wrong: the other side has another secret"},
	{"5.3 CHAP_R Too Small",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=0xc32fb0bd1cac6bbd67c1ec32b880a3")},
         LOGIN_AUTH_FAILED,
         "CHAP_R is wrong: the other side has another secret"},
};

static const struct item others[] = {
	{"a target that does not ask",
         false,
         {EXPECT_LOGIN(STAY_SECURITY, "AuthMethod=CHAP,None"),
          SEND_LOGIN(STAY_SECURITY, "AuthMethod=None"), EXPECT_LOGIN(SECURITY_GO, NULL),
          SEND_LOGIN(SECURITY_GO, ""), THE_REST},
         LOGIN_DONE,
         ""},
	{"a target that has to answer and will not be asked",
         true,
         {EXPECT_LOGIN(STAY_SECURITY, ""), SEND_LOGIN(STAY_SECURITY, "AuthMethod=None")},
         LOGIN_REFUSED,
         "the target answered AuthMethod=None, but this login offers only CHAP"},
	{"a target that leaves before it has asked",
         false,
         {EXPECT_LOGIN(STAY_SECURITY, ""), SEND_LOGIN(SECURITY_GO, "AuthMethod=CHAP")},
         LOGIN_PROTOCOL_ERROR,
         "the target left the stage without being asked"},
	{"a target that leaves without an answer of its own",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE, SEND_LOGIN(SECURITY_GO, "")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_N is missing"},
	{"a target with a name and no response",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_R is missing"},
	{"an answer that nobody asked for",
         false,
         {METHOD, ALGORITHM, CHALLENGE, RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE)},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_N came out of order"},
	{"a challenge in halves",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=5;CHAP_C=0x01")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I is missing"},
	{"nothing after CHAP_A",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A is missing"},
	{"a second identifier",
         true,
         {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
          SEND_LOGIN(SECURITY_GO, "CHAP_I=7;CHAP_N=disk;CHAP_R=" DISK_RESPONSE)},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I came out of order"},
	{"a key twice",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, USUAL ";CHAP_I=139")},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_I came twice"},
	{"a second challenge",
         false,
         {METHOD, ALGORITHM, CHALLENGE, RESPONSE, SEND_LOGIN(STAY_SECURITY, USUAL)},
         LOGIN_PROTOCOL_ERROR,
         "CHAP_A came out of order"},
	{"CHAP_A=Reject",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, "CHAP_A=Reject")},
         LOGIN_AUTH_FAILED,
         "the target rejects every CHAP_A that was offered"},
	{"a wrong password",
         false,
         {METHOD, ALGORITHM, CHALLENGE, RESPONSE,
          SEND_LOGIN(0, "", .status_class = 2, .status_detail = 1)},
         LOGIN_REFUSED,
         "authentication failed (status 0x0201)"},
	{"base64 and capital prefixes",
         true,
         {MUTUAL_METHOD, ALGORITHM,
          SEND_LOGIN(STAY_SECURITY, "CHAP_A=0x5;CHAP_I=0X8B;CHAP_C=0BQEFCQ0RFRkdISUpLTE1OTw=="),
          MUTUAL_RESPONSE, SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=0bwy+wvRysa71nwewyuICjaQ=="),
          THE_REST},
         LOGIN_DONE,
         ""},
	/* the text of RFC 7143 6.2: unknown keys are answered, whatever stage */
	{"a key that nobody knows",
         false,
         {METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, USUAL ";X-com.example.a=1"),
          EXPECT_LOGIN(SECURITY_GO, "CHAP_R=0x2e754bc411352a9bbda81b5daa3ac316;"
                                    "X-com.example.a=NotUnderstood"),
          SEND_LOGIN(SECURITY_GO, ""), THE_REST},
         LOGIN_DONE,
         ""},
};

static void is_as_expected(const struct login_run *run, const void *data)
{
	const struct item *want = data;
	const char *fault = login_result(run->login)->fault;

	if (strcmp(fault, want->fault) != 0)
		print_message("in \"%s\"\n", want->name);
	assert_string_equal(fault, want->fault);
	assert_int_equal(run->verdict, want->verdict);
	assert_int_equal(run->script.end, SCRIPT_ENGINE_ENDED);
}

static void play(void **state, const struct item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct login_config config = login_chap_config(*state, items[i].mutual);

		login_play_all(&config, items[i].steps, is_as_expected, &items[i]);
	}
}

static void unh_items_of_one_connection(void **state)
{
	play(state, unh, ARRAY_LEN(unh));
}

static void targets_that_do_otherwise(void **state)
{
	play(state, others, ARRAY_LEN(others));
}

/* 3.1 CHAP_C Big Value, 3.3 CHAP_C Too Big Value */
static void unh_3_1_and_3_3_a_challenge_has_1024_bytes_at_most(void **state)
{
	char keys[2 * 1024 + 64];
	const struct item big = {
		"3.1 CHAP_C Big Value",
		false,
		{METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, keys),
	         EXPECT_LOGIN(SECURITY_GO, "CHAP_R=0xb9b93f2dcada1cac977fced16a13ae6a"),
	         SEND_LOGIN(SECURITY_GO, ""), THE_REST},
		LOGIN_DONE,
		""};
	const struct item too_big = {
		"3.3 CHAP_C Too Big Value",
		false,
		{METHOD, ALGORITHM, SEND_LOGIN(STAY_SECURITY, keys)},
		LOGIN_PROTOCOL_ERROR,
		"the value of CHAP_C has 2052 bytes, more than the 2050 allowed"};
	int len = snprintf(keys, sizeof(keys), "CHAP_A=5;CHAP_I=1;CHAP_C=0x");

	memset(keys + len, '1', 2 * 1024);
	keys[len + 2 * 1024] = '\0';
	play(state, &big, 1);
	memcpy(keys + len + 2 * 1024, "11", 3);
	play(state, &too_big, 1);
}

/* 4.2 CHAP_N Big Value, 4.4 CHAP_N Too Big Value */
static void unh_4_2_and_4_4_a_name_has_255_bytes_at_most(void **state)
{
	char name[ISCSI_TEXT_VALUE_MAX + 2], keys[400];
	const struct step steps[] = {MUTUAL_METHOD,
	                             ALGORITHM,
	                             CHALLENGE,
	                             MUTUAL_RESPONSE,
	                             SEND_LOGIN(SECURITY_GO, keys),
	                             THE_REST,
	                             {.kind = STEP_END}};
	struct login_config config = login_chap_config(*state, true);
	struct item want = {.name = "4.2 CHAP_N Big Value", .verdict = LOGIN_DONE, .fault = ""};

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	snprintf(keys, sizeof(keys), "CHAP_R=" DISK_RESPONSE ";CHAP_N=%s", name);
	config.auth.target_user = name;
	login_play_all(&config, steps, is_as_expected, &want);

	want = (struct item){
		.name = "4.4 CHAP_N Too Big Value",
		.verdict = LOGIN_PROTOCOL_ERROR,
		.fault = "CHAP_N has 256 bytes, more than the 255 allowed",
		.steps = {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
	                  SEND_LOGIN(SECURITY_GO, keys)},
	};
	memcpy(name + 255, "n", 2);
	snprintf(keys, sizeof(keys), "CHAP_R=" DISK_RESPONSE ";CHAP_N=%s", name);
	login_play_all(&config, want.steps, is_as_expected, &want);
}

/* 4.7 CHAP_N Same: one name for both directions, with two secrets */
static void unh_4_7_both_sides_may_have_one_name(void **state)
{
	const struct item item = {
		.name = "4.7 CHAP_N Same",
		.verdict = LOGIN_DONE,
		.fault = "",
		.steps = {MUTUAL_METHOD, ALGORITHM, CHALLENGE, MUTUAL_RESPONSE,
	                  SEND_LOGIN(SECURITY_GO, "CHAP_N=host;CHAP_R=" DISK_RESPONSE), THE_REST},
	};
	struct login_config config = login_chap_config(*state, true);

	config.auth.target_user = "host";
	login_play_all(&config, item.steps, is_as_expected, &item);
	/* and with none configured the secret alone counts */
	config.auth.target_user = "";
	login_play_all(&config, item.steps, is_as_expected, &item);
}

/* 2.4 CHAP_I Same Value, 3.6.3 and 3.6.4 CHAP_C Same Value Parallel and Serial Offer */
static void unh_2_4_and_3_6_each_login_asks_with_its_own_random_bytes(void **state)
{
	const struct item item = {
		.name = "another nonce",
		.verdict = LOGIN_AUTH_FAILED,
		.fault = "CHAP_R is wrong: the other side has another secret",
		.steps = {MUTUAL_METHOD, ALGORITHM, CHALLENGE,
	                  EXPECT_LOGIN(SECURITY_GO,
	                               "CHAP_I=43;CHAP_C=0x00a1a2a3a4a5a6a7a8a9aaabacadaeaf"),
	                  SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE)},
	};
	struct login_config config = login_chap_config(*state, true);

	config.auth.nonce.identifier = 43;
	config.auth.nonce.challenge[0] = 0;
	login_play_all(&config, item.steps, is_as_expected, &item);
}

/* 3.6.1 and 3.6.2 CHAP_C Same Value Detection: nothing is kept from one login to the next */
static void unh_3_6_the_same_challenge_gets_the_same_answer(void **state)
{
	play(state, &unh[0], 1);
	play(state, &unh[0], 1);
}

static void the_target_chooses_from_the_list(void **state)
{
	static const struct {
		const char *challenge, *response;
	} rows[] = {
		{"CHAP_A=6;CHAP_I=139;CHAP_C=0x404142434445464748494a4b4c4d4e4f",
	         "CHAP_R=0x2de8d53116f485d0da7a8f966db81e1ce18a92a6"},
		{"CHAP_A=7;CHAP_I=139;CHAP_C=0x404142434445464748494a4b4c4d4e4f",
	         "CHAP_R=0xff7d07480cfdacf613987f4f639e1e4844ce5a02ff2a80976ba9067f8fdb73c3"},
		{"CHAP_A=8;CHAP_I=139;CHAP_C=0x404142434445464748494a4b4c4d4e4f",
	         "CHAP_R=0x0023ed9bdac58454ea86e192dc5c1dba4f651030af23a8891202820cc16f664f"},
		{USUAL, "CHAP_R=0x2e754bc411352a9bbda81b5daa3ac316"},
	};
	struct login_config config = login_chap_config(*state, false);

	config.auth.algorithms = (struct chap_algorithms){{7, 8, 5, 6}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct item item = {
			.name = rows[i].challenge,
			.verdict = LOGIN_DONE,
			.fault = "",
			.steps = {METHOD, EXPECT_LOGIN(STAY_SECURITY, "CHAP_A=7,8,5,6"),
		                  SEND_LOGIN(STAY_SECURITY, rows[i].challenge),
		                  EXPECT_LOGIN(SECURITY_GO, rows[i].response),
		                  SEND_LOGIN(SECURITY_GO, ""), THE_REST},
		};
		struct manner manner = {0};
		struct login_run run = login_play(&config, item.steps, &manner);

		is_as_expected(&run, &item);
		assert_int_equal(login_result(run.login)->chap_algorithm,
		                 rows[i].challenge[7] - '0');
		login_free(run.login);
	}
}

static void we_may_speak_base64(void **state)
{
	const struct item item = {
		.name = "base64",
		.verdict = LOGIN_DONE,
		.fault = "",
		.steps = {MUTUAL_METHOD, ALGORITHM, CHALLENGE,
	                  EXPECT_LOGIN(SECURITY_GO, "CHAP_R=0bLnVLxBE1Kpu9qBtdqjrDFg==;"
	                                            "CHAP_C=0boKGio6SlpqeoqaqrrK2urw=="),
	                  SEND_LOGIN(SECURITY_GO, "CHAP_N=disk;CHAP_R=" DISK_RESPONSE), THE_REST},
	};
	struct login_config config = login_chap_config(*state, true);

	config.auth.encoding = BINARY_BASE64;
	login_play_all(&config, item.steps, is_as_expected, &item);
}

static void a_discovery_authenticates_as_well(void **state)
{
	const struct step steps[] = {
		EXPECT_LOGIN(STAY_SECURITY, "SessionType=Discovery;AuthMethod=CHAP,None"),
		SEND_LOGIN(STAY_SECURITY, "AuthMethod=CHAP"),
		ALGORITHM,
		CHALLENGE,
		RESPONSE,
		SEND_LOGIN(SECURITY_GO, ""),
		EXPECT_LOGIN(OPERATIONAL_GO, ""),
		SEND_LOGIN(OPERATIONAL_GO, ""),
		{.kind = STEP_END}};
	const struct item want = {.name = "discovery", .verdict = LOGIN_DONE, .fault = ""};
	struct login_config config = login_discovery_config();

	config.auth = login_chap_config(*state, false).auth;
	login_play_all(&config, steps, is_as_expected, &want);
}

static void what_cannot_be_done_is_not_begun(void **state)
{
	struct login_config config = login_chap_config(*state, true);
	struct writer w = writer_make(4096);
	struct login *l;

	config.auth.target_secret = config.auth.secret;
	l = login_new(&config);
	assert_non_null(l);
	assert_int_equal(login_start(l, &w), LOGIN_AUTH_FAILED);
	assert_string_equal(
		login_result(l)->fault,
		"the same CHAP secret is set for both directions, which proves nothing");
	login_free(l);
	config = login_chap_config(*state, false);
	config.auth.algorithms = (struct chap_algorithms){{9}};
	l = login_new(&config);
	assert_non_null(l);
	assert_int_equal(login_start(l, &w), LOGIN_AUTH_FAILED);
	assert_string_equal(login_result(l)->fault,
	                    "none of the CHAP algorithms that are allowed is to be had here");
	login_free(l);
	assert_int_equal(w.len, 0);
	writer_done(&w);
}

static int set_up(void **state)
{
	*state = digests_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	digests_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unh_items_of_one_connection),
		cmocka_unit_test(unh_3_1_and_3_3_a_challenge_has_1024_bytes_at_most),
		cmocka_unit_test(unh_4_2_and_4_4_a_name_has_255_bytes_at_most),
		cmocka_unit_test(unh_4_7_both_sides_may_have_one_name),
		cmocka_unit_test(unh_2_4_and_3_6_each_login_asks_with_its_own_random_bytes),
		cmocka_unit_test(unh_3_6_the_same_challenge_gets_the_same_answer),
		cmocka_unit_test(targets_that_do_otherwise),
		cmocka_unit_test(the_target_chooses_from_the_list),
		cmocka_unit_test(we_may_speak_base64),
		cmocka_unit_test(a_discovery_authenticates_as_well),
		cmocka_unit_test(what_cannot_be_done_is_not_begun),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
