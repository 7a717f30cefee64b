/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets that break RFC 7143 in a login: each ends it with a sentence that says what was wrong.
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

/* The requests that every script begins with; what is in them is another test's matter. */
#define SECURITY EXPECT_LOGIN(SECURITY_GO, "")
#define OPERATIONAL                                                                                \
	SECURITY, SEND_LOGIN(SECURITY_GO, "AuthMethod=None"), EXPECT_LOGIN(OPERATIONAL_GO, "")

struct bad {
	const char *name;
	struct step steps[SCRIPT_STEPS_MAX];
	const char *fault;
};

static const struct bad in_the_header[] = {
	{"another opcode",
         {SECURITY, SEND_PDU(0, "", .opcode = ISCSI_OP_TEXT_RSP, .flags = ISCSI_FLAG_FINAL)},
         "Text Response (opcode 0x24) instead of a login response"},
	{"a request",
         {SECURITY, SEND_PDU(0, "", .opcode = ISCSI_OP_LOGIN_REQ)},
         "Login Request (opcode 0x03) instead of a login response"},
	{"a reject",
         {SECURITY, SEND_PDU(0, NULL, .opcode = ISCSI_OP_REJECT, .reason = 0x04)},
         "the target rejected the login request with reason 0x04"},
	{"another initiator task tag",
         {SECURITY, SEND_LOGIN_WRONG(SET_ITT, SECURITY_GO, "", .itt = 0xdeadbeef)},
         "login response for initiator task tag 0xdeadbeef, ours is 0x11223344"},
	{"another version",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "", .version_min = 1)},
         "protocol version 0x01 is active, only 0x00 is known"},
	{"another ISID",
         {SECURITY, SEND_LOGIN_WRONG(SET_ISID, SECURITY_GO, "", .isid = {9})},
         "login response for another ISID"},
	{"a StatSN that does not go on",
         {SECURITY, SEND_LOGIN(SECURITY_GO, ""), EXPECT_LOGIN(OPERATIONAL_GO, ""),
          SEND_LOGIN_WRONG(SET_STAT_SN, OPERATIONAL_GO, "", .tsih = 1, .stat_sn = 12)},
         "StatSN 12 in the login response, expected 4294967295"},
	{"a window that is no window",
         {SECURITY,
          SEND_LOGIN_WRONG(SET_WINDOW, SECURITY_GO, "", .exp_cmd_sn = 7, .max_cmd_sn = 5)},
         "MaxCmdSN 5 is below ExpCmdSN 7"},
	{"another stage",
         {SECURITY, SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), "")},
         "login response for stage 1, we are in stage 0"},
	{"a stage too far",
         {SECURITY, SEND_LOGIN(GO(ISCSI_STAGE_SECURITY, ISCSI_STAGE_FULL_FEATURE), "", .tsih = 1)},
         "the target went to stage 3 instead of 1"},
	{"T and C",
         {SECURITY, SEND_LOGIN(SECURITY_GO | ISCSI_LOGIN_CONTINUE, "")},
         "login response with both the T bit and the C bit"},
	{"no TSIH at the end",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "")},
         "the target ended the login without a TSIH"},
};

static const struct bad in_the_text[] = {
	{"no equals sign",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "AuthMethod=None;garbage")},
         "pair 2, \"garbage\", is not of the form key=value"},
	{"no key",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "=None")},
         "pair 1, \"=None\", is not of the form key=value"},
	{"a key that is no label",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "Auth\x1b[2JMethod=None")},
         "\"Auth\\x1b[2JMethod\" is not a legal key name"},
	{"control characters in a value",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "TargetAlias=a\nb")},
         "the value of TargetAlias, \"a\\x0ab\", contains control characters"},
	{"a declaration out of range",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "MaxRecvDataSegmentLength=0", .tsih = 1)},
         "the declaration MaxRecvDataSegmentLength=0 is not legal"},
	{"an answer out of range",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "MaxBurstLength=511", .tsih = 1)},
         "the answer MaxBurstLength=511 is not legal"},
	{"an answer that is no boolean",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "InitialR2T=Maybe", .tsih = 1)},
         "the answer InitialR2T=Maybe is not legal"},
	{"an answer that was not offered",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "DataDigest=CRC32C", .tsih = 1)},
         "the answer DataDigest=CRC32C was not among what was offered"},
	{"an answer that is a list",
         {OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "HeaderDigest=CRC32C,None", .tsih = 1)},
         "the answer HeaderDigest=CRC32C,None was not among what was offered"},
	{"two answers, UNH login 6.1",
         {OPERATIONAL, SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), "MaxBurstLength=65536"),
          EXPECT_LOGIN(OPERATIONAL_GO, NULL),
          SEND_LOGIN(OPERATIONAL_GO, "MaxBurstLength=65536", .tsih = 1)},
         "a second answer came: MaxBurstLength=65536, though that key was settled"},
	{"two proposals",
         {OPERATIONAL, SEND_LOGIN(STAY(ISCSI_STAGE_OPERATIONAL), "IFMarker=No;IFMarker=No")},
         "a second proposal came: IFMarker=No, though that key was settled"},
	{"two portal group tags",
         {SECURITY, SEND_LOGIN(SECURITY_GO, "TargetPortalGroupTag=1;TargetPortalGroupTag=2")},
         "a second declaration came: TargetPortalGroupTag=2, other than the first"},
};

static const struct bad in_a_redirect[] = {
	{"no address",
         {SECURITY, SEND_LOGIN(0, "TargetAlias=x", .status_class = 1, .status_detail = 1)},
         "the target moved, but its response has no TargetAddress"},
	{"a path for an address",
         {SECURITY, SEND_LOGIN(0, "TargetAddress=../../etc", .status_class = 1)},
         "the target moved to an address that cannot be used, \"../../etc\""},
	{"a port that is none",
         {SECURITY, SEND_LOGIN(0, "TargetAddress=192.0.2.1:99999", .status_class = 1)},
         "the target moved to an address that cannot be used, \"192.0.2.1:99999\""},
	{"garbage",
         {SECURITY, SEND_LOGIN(0, "x", .status_class = 1)},
         "pair 1, \"x\", is not of the form key=value"},
};

static void is_protocol_error(const struct login_run *run, const void *data)
{
	const struct bad *want = data;
	const char *fault = login_result(run->login)->fault;

	if (strcmp(fault, want->fault) != 0)
		print_message("in \"%s\"\n", want->name);
	assert_string_equal(fault, want->fault);
	assert_int_equal(run->verdict, LOGIN_PROTOCOL_ERROR);
	assert_int_equal(run->script.end, SCRIPT_ENGINE_ENDED);
}

static void play(const struct bad *rows, size_t count)
{
	struct login_config config = login_usual_config();

	for (size_t i = 0; i < count; i++)
		login_play_all(&config, rows[i].steps, is_protocol_error, &rows[i]);
}

static void a_bad_header_ends_the_login(void **state)
{
	(void)state;
	play(in_the_header, ARRAY_LEN(in_the_header));
}

static void bad_text_ends_the_login(void **state)
{
	(void)state;
	play(in_the_text, ARRAY_LEN(in_the_text));
}

static void a_bad_redirect_ends_the_login(void **state)
{
	(void)state;
	play(in_a_redirect, ARRAY_LEN(in_a_redirect));
}

static void another_tsih_than_the_one_asked_for_is_told(void **state)
{
	/* tgt takes an unknown TSIH for a new session */
	static const struct bad row = {
		"another TSIH",
		{EXPECT_LOGIN(SECURITY_GO, ""), SEND_LOGIN(SECURITY_GO, "", .tsih = 3)},
		"login response for TSIH 3, ours is 7777"};
	struct login_config config = login_usual_config();

	(void)state;
	config.tsih = 7777;
	login_play_all(&config, row.steps, is_protocol_error, &row);
}

static void a_digest_that_is_demanded_must_come_about(void **state)
{
	static const struct bad row = {
		"no digest",
		{OPERATIONAL, SEND_LOGIN(OPERATIONAL_GO, "HeaderDigest=Reject", .tsih = 1)},
		"HeaderDigest=CRC32C is required here, but the other side does not agree to it"};
	struct login_config config = login_usual_config();

	(void)state;
	config.offer.header_digest = (struct iscsi_digest_list){{ISCSI_DIGEST_CRC32C}};
	login_play_all(&config, row.steps, is_protocol_error, &row);
}

static void values_of_more_than_255_bytes_are_refused(void **state)
{
	char keys[300] = "TargetAlias=";
	const struct bad row = {
		"a long value",
		{SECURITY, SEND_LOGIN(SECURITY_GO, keys)},
		"the value of TargetAlias has 287 bytes, more than the 255 allowed"};

	(void)state;
	memset(keys + strlen(keys), 'x', sizeof(keys) - 1 - strlen(keys));
	play(&row, 1);
}

static void a_text_without_end_is_given_up(void **state)
{
	static char keys[8000];
	struct login_config config = login_usual_config();
	struct step steps[40] = {SECURITY};
	struct login_run run;

	(void)state;
	memset(keys, 'K', sizeof(keys) - 1);
	for (size_t i = 0; i < 9; i++) {
		steps[1 + 2 * i] = (struct step)SEND_LOGIN(ISCSI_LOGIN_CONTINUE, keys);
		steps[2 + 2 * i] = (struct step)EXPECT_LOGIN(STAY(ISCSI_STAGE_SECURITY), NULL);
	}
	steps[18].kind = STEP_END; /* the ninth is too much: 9 * 8000 > 65536 */
	run = login_play(&config, steps, &(struct manner){0});
	assert_int_equal(run.verdict, LOGIN_PROTOCOL_ERROR);
	assert_string_equal(login_result(run.login)->fault,
	                    "the target sent more than 65536 bytes of keys");
	login_free(run.login);
}

static void a_login_without_progress_is_given_up(void **state)
{
	struct login_config config = login_usual_config();
	struct step steps[2 * LOGIN_ROUNDS_MAX + 2] = {SECURITY};
	struct login_run run;

	(void)state;
	for (size_t i = 0; i < LOGIN_ROUNDS_MAX; i++) {
		steps[1 + 2 * i] = (struct step)SEND_LOGIN(STAY(ISCSI_STAGE_SECURITY), "");
		steps[2 + 2 * i] = (struct step)EXPECT_LOGIN(SECURITY_GO, NULL);
	}
	steps[2 * LOGIN_ROUNDS_MAX].kind = STEP_END;
	run = login_play(&config, steps, &(struct manner){0});
	assert_int_equal(run.verdict, LOGIN_PROTOCOL_ERROR);
	assert_string_equal(login_result(run.login)->fault,
	                    "the target does not come to an end: 64 requests");
	login_free(run.login);
}

/* What is no PDU never reaches the engine. */
static void bytes_that_are_no_pdu_end_in_the_stream(void **state)
{
	static const struct {
		struct step steps[4];
		enum script_end end;
		const char *fault;
	} rows[] = {
		{{SECURITY,
	          SEND_RAW("HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1 (Debian)\r\n")},
	         SCRIPT_BAD_STREAM,
	         "opcode"},
		{{SECURITY, SEND_RAW("\x23\x81\0\0\0\xff\xff\xff"
	                             "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	                             "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
	         SCRIPT_BAD_STREAM,
	         "16777215"},
		{{SECURITY, SEND_RAW("\x23\x81\0\0\0\0\0"), CLOSE}, SCRIPT_CLOSED_HALF, ""},
		{{SECURITY, CLOSE}, SCRIPT_CLOSED, ""},
	};
	struct login_config config = login_usual_config();

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		struct manner manner = {.by_byte = i % 2};
		struct login_run run = login_play(&config, rows[i / 2].steps, &manner);

		assert_int_equal(run.script.end, rows[i / 2].end);
		if (!strstr(run.script.fault, rows[i / 2].fault))
			fail_msg("\"%s\" does not speak of \"%s\"", run.script.fault,
			         rows[i / 2].fault);
		assert_int_equal(run.verdict, LOGIN_SEND);
		login_free(run.login);
	}
}

/* A connection that ends at any byte of a good answer: the stream knows whether it was half. */
static void a_close_at_any_byte_is_noticed(void **state)
{
	struct login_config config = login_usual_config();
	const struct pdu pdu = {.opcode = ISCSI_OP_LOGIN_RSP,
	                        .flags = SECURITY_GO,
	                        .itt = config.itt,
	                        .data = (const uint8_t *)"AuthMethod=None",
	                        .data_len = 16};
	struct writer w = writer_make(ISCSI_DEFAULT_MAX_RECV);

	(void)state;
	pdu_write(&w, &pdu);
	for (size_t len = 0; len < w.len; len++) {
		const struct step steps[] = {
			SECURITY,
			{.kind = STEP_RAW, .raw = (const char *)w.data, .raw_len = len},
			CLOSE,
		};
		struct login_run run = login_play(&config, steps, &(struct manner){0});

		assert_int_equal(run.script.end, len ? SCRIPT_CLOSED_HALF : SCRIPT_CLOSED);
		assert_int_equal(run.verdict, LOGIN_SEND);
		login_free(run.login);
	}
	writer_done(&w);
}

static void an_ended_login_stays_ended(void **state)
{
	struct login_config config = login_usual_config();
	struct login *l = login_new(&config);
	struct writer w = writer_make(65536);
	struct pdu pdu = {.opcode = ISCSI_OP_LOGIN_RSP, .itt = 1};
	size_t len;

	(void)state;
	assert_int_equal(login_start(l, &w), LOGIN_SEND);
	len = w.len;
	assert_int_equal(login_step(l, &pdu, &w), LOGIN_PROTOCOL_ERROR);
	pdu.itt = config.itt;
	memcpy(pdu.isid, config.isid, sizeof(pdu.isid));
	assert_int_equal(login_step(l, &pdu, &w), LOGIN_PROTOCOL_ERROR);
	assert_int_equal(w.len, len);
	writer_done(&w);
	login_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_header_ends_the_login),
		cmocka_unit_test(bad_text_ends_the_login),
		cmocka_unit_test(a_bad_redirect_ends_the_login),
		cmocka_unit_test(another_tsih_than_the_one_asked_for_is_told),
		cmocka_unit_test(a_digest_that_is_demanded_must_come_about),
		cmocka_unit_test(values_of_more_than_255_bytes_are_refused),
		cmocka_unit_test(a_text_without_end_is_given_up),
		cmocka_unit_test(a_login_without_progress_is_given_up),
		cmocka_unit_test(bytes_that_are_no_pdu_end_in_the_stream),
		cmocka_unit_test(a_close_at_any_byte_is_noticed),
		cmocka_unit_test(an_ended_login_stays_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
