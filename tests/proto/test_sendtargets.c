/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SendTargets and the logout behind it.  What the engine reports is written down as lines, "name
 * host:port,tag" or "! refusal", and compared whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/sendtargets.h"
#include "tests/proto/script.h"

#define ASK                                                                                        \
	EXPECT_PDU("SendTargets=All", .opcode = ISCSI_OP_TEXT_REQ, .flags = ISCSI_FLAG_FINAL,      \
	           .ttt = ISCSI_TAG_RESERVED)
/* the LUN goes back with the tag: 11.11.4 */
#define ASK_MORE(tag, ...)                                                                         \
	EXPECT_PDU(NULL, .opcode = ISCSI_OP_TEXT_REQ, .flags = ISCSI_FLAG_FINAL, .ttt = (tag),     \
	           __VA_ARGS__)
#define ANSWER(keys)                                                                               \
	SEND_PDU(0, keys, .opcode = ISCSI_OP_TEXT_RSP, .flags = ISCSI_FLAG_FINAL,                  \
	         .ttt = ISCSI_TAG_RESERVED)
#define LOGOUT EXPECT_PDU(NULL, .opcode = ISCSI_OP_LOGOUT_REQ, .flags = ISCSI_FLAG_FINAL)
#define BYE    SEND_PDU(0, NULL, .opcode = ISCSI_OP_LOGOUT_RSP, .flags = ISCSI_FLAG_FINAL)

struct run {
	struct sendtargets *st;
	enum sendtargets_verdict verdict;
	struct script_result script;
	struct writer report;
};

static void found(void *data, const char *target, const struct portal *portal)
{
	struct run *run = data;
	char text[PORTAL_TEXT_SIZE];

	writer_printf(&run->report, "%s %s\n", target,
	              portal ? portal_format(portal, text) : "here");
}

static void refused(void *data, const char *text)
{
	struct run *run = data;

	for (const char *c = text; *c; c++)
		assert_in_range(*c, ' ', '~');
	writer_printf(&run->report, "! %s\n", text);
}

static enum engine_says say(struct run *run, enum sendtargets_verdict verdict)
{
	run->verdict = verdict;
	return verdict == SENDTARGETS_SEND || verdict == SENDTARGETS_WAIT ? ENGINE_SENT
	                                                                  : ENGINE_ENDED;
}

static enum engine_says start(void *data, struct writer *w)
{
	struct run *run = data;

	return say(run, sendtargets_start(run->st, w));
}

static enum engine_says step(void *data, const struct pdu *in, struct writer *w)
{
	struct run *run = data;

	return say(run, sendtargets_step(run->st, in, w));
}

struct expected {
	const char *report;
	enum sendtargets_verdict verdict;
	const char *fault;
	bool complete;
};

static size_t play(const struct step *steps, const struct manner *manner,
                   const struct expected *want)
{
	struct run run = {.report = writer_make(1 << 20)};
	const struct sendtargets_config config = {
		.cmd_sn = 7, .exp_stat_sn = 0xfffffffe, .sink = {found, refused, &run}};
	const struct engine engine = {.start = start, .step = step, .data = &run};
	char *report;

	run.st = sendtargets_new(&config);
	assert_non_null(run.st);
	run.script = script_run(steps, &engine, manner);
	assert_int_equal(writer_take_str(&run.report, &report), 0);
	assert_string_equal(report, want->report);
	assert_string_equal(sendtargets_fault(run.st), want->fault ? want->fault : "");
	assert_int_equal(run.verdict, want->verdict);
	assert_int_equal(sendtargets_complete(run.st), want->complete);
	sendtargets_free(run.st);
	free(report);
	return run.script.longest_text;
}

static void play_all(const struct step *steps, const struct expected *want)
{
	struct manner manner = {0};
	size_t longest = play(steps, &manner, want);

	manner.by_byte = true;
	play(steps, &manner, want);
	manner = (struct manner){.split = true};
	for (manner.split_at = 1; manner.split_at < longest; manner.split_at++)
		play(steps, &manner, want);
}

static void answers_give_targets_and_portals(void **state)
{
	static const struct {
		const char *keys, *report;
	} rows[] = {
		{"", ""},
		/* tgt */
		{"TargetName=iqn.2001-04.com.example:a;TargetAddress=192.0.2.1:3260,1",
	         "iqn.2001-04.com.example:a 192.0.2.1:3260,1\n"},
		/* two portals, IPv6, a name */
		{"TargetName=iqn.2001-04.com.example:a;TargetAddress=192.0.2.1:3260,1;"
	         "TargetAddress=[2001:db8::1]:3261,2;TargetAddress=san.example.com,3",
	         "iqn.2001-04.com.example:a 192.0.2.1:3260,1\n"
	         "iqn.2001-04.com.example:a [2001:db8::1]:3261,2\n"
	         "iqn.2001-04.com.example:a san.example.com:3260,3\n"},
		/* appendix C: without an address it is where we asked; the last pair too */
		{"TargetName=iqn.2001-04.com.example:a;TargetName=eui.02004567a425678d",
	         "iqn.2001-04.com.example:a here\n"
	         "eui.02004567a425678d here\n"},
		/* what comes twice is reported twice; other keys do not count */
		{"TargetName=iqn.2001-04.com.example:a;TargetAddress=192.0.2.1,1;"
	         "TargetAddress=192.0.2.1,1;TargetAlias=x;X-com.example.y=1;"
	         "TargetName=iqn.2001-04.com.example:a;TargetAddress=192.0.2.1,1",
	         "iqn.2001-04.com.example:a 192.0.2.1:3260,1\n"
	         "iqn.2001-04.com.example:a 192.0.2.1:3260,1\n"
	         "iqn.2001-04.com.example:a 192.0.2.1:3260,1\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct step steps[] = {ASK, ANSWER(rows[i].keys), LOGOUT, BYE, {0}};
		const struct expected want = {
			.report = rows[i].report, .verdict = SENDTARGETS_DONE, .complete = true};

		play_all(steps, &want);
	}
}

#define GOOD     ";TargetName=iqn.2001-04.com.example:good;TargetAddress=192.0.2.1,1"
#define GOOD_OUT "iqn.2001-04.com.example:good 192.0.2.1:3260,1\n"

static void what_is_hostile_is_refused_alone(void **state)
{
	static const struct {
		const char *keys, *report;
	} rows[] = {
		{"TargetName=../../x;TargetAddress=192.0.2.1,1" GOOD,
	         "! target name \"../../x\": an iSCSI name starts with iqn., eui. or naa.\n" GOOD_OUT},
		{"TargetName=iqn.2001-04.com.example:a/../../../etc/x;TargetAddress=192.0.2.1,1" GOOD,
	         "! target name \"iqn.2001-04.com.example:a/../../../etc/x\": only letters, digits, "
	         "'-', '.', ':' and '_' may stand in an iSCSI name\n" GOOD_OUT},
		{"TargetName=iqn.2001-04.com.example:a\nnode.startup=automatic" GOOD,
	         "! target name \"iqn.2001-04.com.example:a\\x0anode.startup=automatic\": only "
	         "letters, digits, '-', '.', ':' and '_' may stand in an iSCSI name\n" GOOD_OUT},
		{"TargetName=" GOOD, "! target name \"\": the name is empty\n" GOOD_OUT},
		{"TargetName=\x1b[2J" GOOD,
	         "! target name \"\\x1b[2J\": an iSCSI name starts with iqn., eui. or naa.\n" GOOD_OUT},
		/* an address that cannot be used does not move its target to where we asked */
		{"TargetName=iqn.2001-04.com.example:a;TargetAddress=../../x,1" GOOD,
	         "! address \"../../x,1\" of target iqn.2001-04.com.example:a cannot be used\n" GOOD_OUT},
		{"TargetName=iqn.2001-04.com.example:a;TargetAddress=192.0.2.1:0,1" GOOD,
	         "! address \"192.0.2.1:0,1\" of target iqn.2001-04.com.example:a cannot be "
	         "used\n" GOOD_OUT},
		{"TargetName=iqn.2001-04.com.example:\xc3\xa4;TargetAddress=x y" GOOD,
	         "! address \"x y\" of target iqn.2001-04.com.example:\\xc3\\xa4 cannot be "
	         "used\n" GOOD_OUT},
		{"TargetAddress=192.0.2.1,1" GOOD,
	         "! address \"192.0.2.1,1\" comes before any target name\n" GOOD_OUT},
		{"garbage" GOOD, "! \"garbage\" is not of the form key=value\n" GOOD_OUT},
		{"=x" GOOD, "! \"=x\" is not of the form key=value\n" GOOD_OUT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct step steps[] = {ASK, ANSWER(rows[i].keys), LOGOUT, BYE, {0}};
		const struct expected want = {
			.report = rows[i].report, .verdict = SENDTARGETS_DONE, .complete = true};

		play_all(steps, &want);
	}
}

static void a_name_of_300_or_5000_bytes_is_refused_alone(void **state)
{
	static const size_t lengths[] = {224, 300, 319, 320, 5000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		char keys[6000] = "TargetName=iqn.2001-04.com.example:";
		const struct step steps[] = {ASK, ANSWER(keys), LOGOUT, BYE, {0}};
		struct writer report = writer_make(4096);
		struct expected want = {.verdict = SENDTARGETS_DONE, .complete = true};
		size_t used = strlen("TargetName=");

		memset(keys + strlen(keys), 'x', used + lengths[i] - strlen(keys));
		strcat(keys, GOOD);
		writer_printf(&report,
		              "! target name \"%.*s%s\": an iSCSI name has at most 223 bytes\n",
		              lengths[i] > 255 ? 252 : (int)lengths[i], keys + used,
		              lengths[i] > 255 ? "..." : "");
		writer_str(&report, GOOD_OUT);
		writer_u8(&report, 0);
		want.report = (const char *)report.data;
		play(steps, &(struct manner){0}, &want);
		play(steps, &(struct manner){.by_byte = true}, &want);
		writer_done(&report);
	}
}

static void a_name_of_223_bytes_is_taken(void **state)
{
	char keys[300] = "TargetName=iqn.2001-04.com.example:", report[300];
	const struct step steps[] = {ASK, ANSWER(keys), LOGOUT, BYE, {0}};
	const struct expected want = {
		.report = report, .verdict = SENDTARGETS_DONE, .complete = true};

	(void)state;
	memset(keys + strlen(keys), 'x', strlen("TargetName=") + 223 - strlen(keys));
	snprintf(report, sizeof(report), "%s here\n", keys + strlen("TargetName="));
	play_all(steps, &want);
}

/* Many PDUs of an answer, without the C bit too (11.11.1: F is 0 until the end). */
static void an_answer_may_take_many_pdus(void **state)
{
	enum { TARGETS = 2000, PIECE = 1000 };
	struct writer text = writer_make(1 << 20), report = writer_make(1 << 20);
	size_t steps_count = 0;
	struct step *steps;
	struct expected want = {.verdict = SENDTARGETS_DONE, .complete = true};

	(void)state;
	for (int i = 0; i < TARGETS; i++) {
		writer_printf(
			&text,
			"TargetName=iqn.2001-04.com.example:%d%cTargetAddress=[2001:db8::%x]:3260,1%c",
			i, 0, i, 0);
		writer_printf(&report, "iqn.2001-04.com.example:%d [2001:db8::%x]:3260,1\n", i, i);
	}
	writer_u8(&report, 0);
	want.report = (const char *)report.data;
	steps = calloc(2 * (text.len / PIECE) + 8, sizeof(*steps));
	assert_non_null(steps);
	for (size_t at = 0; at < text.len; at += PIECE) {
		bool last = text.len - at <= PIECE;
		uint32_t tag = last ? ISCSI_TAG_RESERVED : 0x77;

		steps[steps_count++] =
			at ? (struct step)ASK_MORE(0x77, .lun = {0x40, 0x07}) : (struct step)ASK;
		steps[steps_count++] = (struct step)SEND_PDU(
			0, NULL, .opcode = ISCSI_OP_TEXT_RSP, .flags = last ? ISCSI_FLAG_FINAL : 0,
			.ttt = tag, .lun = {0x40, 0x07}, .data = text.data + at,
			.data_len = (uint32_t)MIN((size_t)PIECE, text.len - at));
	}
	steps[steps_count++] = (struct step)LOGOUT;
	steps[steps_count++] = (struct step)BYE;
	play(steps, &(struct manner){0}, &want);
	play(steps, &(struct manner){.by_byte = true}, &want);
	free(steps);
	writer_done(&text);
	writer_done(&report);
}

static void pings_are_answered_and_messages_passed_over(void **state)
{
	static const struct step steps[] = {
		ASK,
		SEND_PDU(SET_ITT | SET_NO_STAT_SN, NULL, .opcode = ISCSI_OP_NOP_IN,
	                 .flags = ISCSI_FLAG_FINAL, .itt = ISCSI_TAG_RESERVED, .ttt = 0x55),
		EXPECT_PDU(NULL, .opcode = ISCSI_OP_NOP_OUT, .flags = ISCSI_FLAG_FINAL,
	                   .ttt = 0x55),
		SEND_PDU(SET_ITT | SET_NO_STAT_SN, NULL, .opcode = ISCSI_OP_NOP_IN,
	                 .flags = ISCSI_FLAG_FINAL, .itt = ISCSI_TAG_RESERVED,
	                 .ttt = ISCSI_TAG_RESERVED),
		SEND_PDU(SET_ITT, NULL, .opcode = ISCSI_OP_ASYNC, .flags = ISCSI_FLAG_FINAL,
	                 .itt = ISCSI_TAG_RESERVED, .async_event = ISCSI_ASYNC_LOGOUT),
		ANSWER("TargetName=iqn.2001-04.com.example:a"),
		LOGOUT,
		SEND_PDU(SET_ITT | SET_NO_STAT_SN, NULL, .opcode = ISCSI_OP_NOP_IN,
	                 .flags = ISCSI_FLAG_FINAL, .itt = ISCSI_TAG_RESERVED, .ttt = 0x56),
		EXPECT_PDU(NULL, .opcode = ISCSI_OP_NOP_OUT, .flags = ISCSI_FLAG_FINAL,
	                   .ttt = 0x56),
		BYE,
		{0},
	};
	static const struct expected want = {.report = "iqn.2001-04.com.example:a here\n",
	                                     .verdict = SENDTARGETS_DONE,
	                                     .complete = true};

	(void)state;
	play(steps, &(struct manner){0}, &want);
	play(steps, &(struct manner){.by_byte = true}, &want);
}

/* istgt was seen to end the connection instead of the session. */
static void a_close_after_the_logout_leaves_a_complete_answer(void **state)
{
	static const struct step steps[] = {ASK, ANSWER("TargetName=iqn.2001-04.com.example:a"),
	                                    LOGOUT, CLOSE};
	static const struct expected want = {.report = "iqn.2001-04.com.example:a here\n",
	                                     .verdict = SENDTARGETS_SEND,
	                                     .complete = true};

	(void)state;
	play_all(steps, &want);
}

static void a_close_before_the_end_leaves_it_incomplete(void **state)
{
	static const struct step steps[] = {
		ASK,
		SEND_PDU(
			0,
			"TargetName=iqn.2001-04.com.example:a;TargetName=iqn.2001-04.com.example:b",
			.opcode = ISCSI_OP_TEXT_RSP, .ttt = 3),
		ASK_MORE(3, ), CLOSE};
	static const struct expected want = {.report = "iqn.2001-04.com.example:a here\n",
	                                     .verdict = SENDTARGETS_SEND};

	(void)state;
	play(steps, &(struct manner){0}, &want);
	play(steps, &(struct manner){.by_byte = true}, &want);
}

static void what_breaks_the_rfc_is_told(void **state)
{
	static const struct {
		struct step steps[8];
		const char *fault;
	} rows[] = {
		{{ASK, SEND_PDU(0, NULL, .opcode = ISCSI_OP_REJECT, .reason = 0x05)},
	         "the target rejected the text request with reason 0x05"},
		{{ASK, SEND_PDU(0, NULL, .opcode = ISCSI_OP_SCSI_RSP)},
	         "SCSI Response (opcode 0x21) instead of a text response"},
		{{ASK, BYE},
	         "logout response for initiator task tag 0x00000001, which is not open"},
		{{ASK, SEND_PDU(SET_ITT, "", .opcode = ISCSI_OP_TEXT_RSP, .itt = 99)},
	         "text response for initiator task tag 0x00000063, which is not open"},
		{{ASK, SEND_PDU(0, "", .opcode = ISCSI_OP_TEXT_RSP, .ttt = ISCSI_TAG_RESERVED)},
	         "text response that is not the last and has no target transfer tag"},
		/* tgt in a normal session */
		{{ASK, ANSWER("SendTargets=Reject")}, "the target answered SendTargets=Reject"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct expected want = {.report = "",
		                              .verdict = SENDTARGETS_PROTOCOL_ERROR,
		                              .fault = rows[i].fault};

		play_all(rows[i].steps, &want);
	}
}

static void an_answer_that_says_nothing_forever_is_given_up(void **state)
{
	struct step steps[140] = {ASK};
	static const struct expected want = {
		.report = "",
		.verdict = SENDTARGETS_PROTOCOL_ERROR,
		.fault = "64 text responses without text, and still no end announced"};

	(void)state;
	for (size_t i = 0; i < 65; i++) {
		steps[1 + 2 * i] =
			(struct step)SEND_PDU(0, NULL, .opcode = ISCSI_OP_TEXT_RSP, .ttt = 1);
		steps[2 + 2 * i] = (struct step)ASK_MORE(1, );
	}
	steps[130].kind = STEP_END;
	play(steps, &(struct manner){0}, &want);
}

static void ignore_target(void *data, const char *target, const struct portal *portal)
{
	(void)data;
	(void)target;
	(void)portal;
}

static void ignore_refused(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void an_answer_without_an_end_is_given_up(void **state)
{
	const struct sendtargets_config config = {.sink = {ignore_target, ignore_refused, NULL}};
	struct sendtargets *st = sendtargets_new(&config);
	uint8_t *data = calloc(1, ISCSI_DATA_SEGMENT_MAX);
	struct pdu pdu = {.opcode = ISCSI_OP_TEXT_RSP,
	                  .itt = 1,
	                  .ttt = 1,
	                  .data = data,
	                  .data_len = ISCSI_DATA_SEGMENT_MAX};
	struct writer w = writer_make(4096);
	size_t sent = 0;

	(void)state;
	assert_non_null(st);
	assert_non_null(data);
	assert_int_equal(sendtargets_start(st, &w), SENDTARGETS_SEND);
	while (sent + pdu.data_len <= SENDTARGETS_ANSWER_MAX) {
		writer_reset(&w);
		assert_int_equal(sendtargets_step(st, &pdu, &w), SENDTARGETS_SEND);
		sent += pdu.data_len;
	}
	assert_int_equal(sendtargets_step(st, &pdu, &w), SENDTARGETS_PROTOCOL_ERROR);
	assert_string_equal(sendtargets_fault(st),
	                    "the list of targets has no end: more than 64 MiB");
	assert_false(sendtargets_complete(st));
	writer_done(&w);
	free(data);
	sendtargets_free(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_give_targets_and_portals),
		cmocka_unit_test(what_is_hostile_is_refused_alone),
		cmocka_unit_test(a_name_of_300_or_5000_bytes_is_refused_alone),
		cmocka_unit_test(a_name_of_223_bytes_is_taken),
		cmocka_unit_test(an_answer_may_take_many_pdus),
		cmocka_unit_test(pings_are_answered_and_messages_passed_over),
		cmocka_unit_test(a_close_after_the_logout_leaves_a_complete_answer),
		cmocka_unit_test(a_close_before_the_end_leaves_it_incomplete),
		cmocka_unit_test(what_breaks_the_rfc_is_told),
		cmocka_unit_test(an_answer_that_says_nothing_forever_is_given_up),
		cmocka_unit_test(an_answer_without_an_end_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
