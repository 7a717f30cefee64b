/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language of faults: what a line means, and what is said of mistakes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/target/fault_verb.h"

#define NAME "iqn.2001-04.com.example:unit"

static int parse(const char *line, struct fault *ret, char why[static FAULT_WHY_SIZE])
{
	return fault_parse(line, strlen(line), ret, why);
}

static void a_line_says_when_and_what(void **state _unused_)
{
	char why[FAULT_WHY_SIZE] = "";
	struct fault f;

	assert_int_equal(parse("data-in nth=3-5 times=2 chance=40 seed=7 after=1500 connection=2 "
	                       "target=" NAME " initiator=" NAME "2 "
	                       "do set stat-sn -2 then delay 250",
	                       &f, why),
	                 0);
	assert_string_equal(why, "");
	assert_int_equal(f.direction, FAULT_OUT);
	assert_int_equal(f.opcode, ISCSI_OP_DATA_IN);
	assert_int_equal(f.first, 3);
	assert_int_equal(f.last, 5);
	assert_int_equal(f.times, 2);
	assert_int_equal(f.chance, 40);
	assert_int_equal(f.random, 7);
	assert_int_equal(f.after_usec, 1500000);
	assert_int_equal(f.connection, 2);
	assert_string_equal(f.target, NAME);
	assert_string_equal(f.initiator, NAME "2");
	assert_int_equal(f.action_count, 2);
	assert_string_equal(f.actions[0].field->name, "stat-sn");
	assert_int_equal(f.actions[0].number, 2);
	assert_int_equal(f.actions[0].sign, '-');
	assert_int_equal(f.actions[1].number, 250);
	fault_done(&f);
}

static void quoted_words_hold_any_byte(void **state _unused_)
{
	static const char bytes[] = "A=b c\0D=\n\"\\\xff";
	char why[FAULT_WHY_SIZE] = "";
	struct fault f;

	assert_int_equal(
		parse("login-response do text \"A=b c\\0D=\\n\\\"\\\\\\xff\" then close", &f, why),
		0);
	assert_string_equal(why, "");
	assert_int_equal(f.actions[0].len, sizeof(bytes) - 1);
	assert_memory_equal(f.actions[0].bytes, bytes, sizeof(bytes) - 1);
	fault_done(&f);
}

static void every_opcode_has_a_name_and_a_direction(void **state _unused_)
{
	static const struct {
		const char *name;
		uint8_t opcode;
		enum fault_direction direction;
	} cases[] = {
		{"nop-out", 0x00, FAULT_IN},          {"scsi-command", 0x01, FAULT_IN},
		{"tmf-request", 0x02, FAULT_IN},      {"login-request", 0x03, FAULT_IN},
		{"text-request", 0x04, FAULT_IN},     {"data-out", 0x05, FAULT_IN},
		{"logout-request", 0x06, FAULT_IN},   {"snack-request", 0x10, FAULT_IN},
		{"nop-in", 0x20, FAULT_OUT},          {"scsi-response", 0x21, FAULT_OUT},
		{"tmf-response", 0x22, FAULT_OUT},    {"login-response", 0x23, FAULT_OUT},
		{"text-response", 0x24, FAULT_OUT},   {"data-in", 0x25, FAULT_OUT},
		{"logout-response", 0x26, FAULT_OUT}, {"r2t", 0x31, FAULT_OUT},
		{"async", 0x32, FAULT_OUT},           {"reject", 0x3f, FAULT_OUT},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[64], why[FAULT_WHY_SIZE];
		struct fault f;

		snprintf(line, sizeof(line), "%s do drop", cases[i].name);
		assert_int_equal(parse(line, &f, why), 0);
		assert_int_equal(f.opcode, cases[i].opcode);
		assert_int_equal(f.direction, cases[i].direction);
		fault_done(&f);
	}
}

static void a_mistake_says_what_was_expected(void **state _unused_)
{
	static const struct {
		const char *line;
		const char *why;
	} cases[] = {
		{"", "expected do and what to do at the end of the line"},
		{"data-in", "expected do and what to do at the end of the line"},
		{"do", "expected what to do at the end of the line"},
		{"nth=0 do drop", "expected nth=N, nth=N-M or nth=N-, from 1, found \"nth=0\""},
		{"nth=5-2 do drop", "expected nth=N, nth=N-M or nth=N-, from 1, found \"nth=5-2\""},
		{"stage=third do drop",
	         "expected stage=security or stage=operational, found \"stage=third\""},
		{"cdb=256 do drop", "expected cdb=N, an operation code, found \"cdb=256\""},
		{"chance=101 do drop",
	         "expected chance=PERCENT, from 1 to 100, found \"chance=101\""},
		{"target=x do drop", "expected target=NAME, an iSCSI name, found \"target=x\""},
		{"time=5s do close",
	         "expected time=MILLISECONDS, at most an hour, found \"time=5s\""},
		{"time=5 do drop", "drop can be done with a PDU only, not at time="},
		{"in do corrupt", "corrupt can be done with outgoing PDUs only"},
		{"out do ignore", "ignore can be done with incoming PDUs only"},
		{"do delay", "expected a number at the end of the line"},
		{"do delay soon", "expected a number, found \"soon\""},
		{"do drop twice", "expected then or the end of the line, found \"twice\""},
		{"do drop then", "expected what to do at the end of the line"},
		{"do status 1", "expected CLASS/DETAIL in decimal, e.g. 3/1 (RFC 7143 11.13.5), "
	                        "found \"1\""},
		{"do sense 3/11", "expected KEY/ASC/ASCQ in hexadecimal, e.g. 3/11/00 (SPC-4 4.5), "
	                          "found \"3/11\""},
		{"do digest both", "expected header or data, found \"both\""},
		{"do set itt", "expected a value at the end of the line"},
		{"do set itt x",
	         "expected N, +N or -N, decimal or 0x and hexadecimal, found \"x\""},
		{"do redirect :1", "expected ADDRESS[:PORT], found \":1\""},
		{"do text \"a", "expected a closing quote"},
		{"do text \"\\q\"",
	         "expected one of \\0 \\n \\t \\\\ \\\" \\xNN behind a backslash"},
		{"do drop then drop then drop then drop then drop", "expected at most 4 verbs"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char why[FAULT_WHY_SIZE] = "";
		struct fault f;

		assert_int_equal(parse(cases[i].line, &f, why), -EINVAL);
		assert_string_equal(why, cases[i].why);
	}
}

static void unknown_words_list_what_is_known(void **state _unused_)
{
	char why[FAULT_WHY_SIZE] = "";
	struct fault f;

	assert_int_equal(parse("noon do drop", &f, why), -EINVAL);
	assert_non_null(strstr(why, "login-response"));
	assert_non_null(strstr(why, "found \"noon\""));
	assert_int_equal(parse("do dance", &f, why), -EINVAL);
	assert_non_null(strstr(why, "duplicate"));
	assert_int_equal(parse("do set colour 1", &f, why), -EINVAL);
	assert_non_null(strstr(why, "buffer-offset"));
}

static void a_script_is_taken_whole_or_not_at_all(void **state _unused_)
{
	static const char good[] = "# a comment\n\n  do drop\nr2t do delay 5\n";
	static const char bad[] = "do drop\n\n# x\nr2t do dance";
	char why[FAULT_WHY_SIZE] = "";
	struct faults f = {0};
	unsigned int line;

	assert_int_equal(faults_add_script(&f, good, strlen(good), 0, &line, why), 0);
	assert_int_equal(f.first->id, 1);
	assert_int_equal(f.first->next->id, 2);
	assert_null(f.first->next->next);
	assert_int_equal(faults_add_script(&f, bad, strlen(bad), 0, &line, why), -EINVAL);
	assert_int_equal(line, 4);
	assert_null(f.first->next->next);
	assert_false(faults_remove(&f, 3));
	assert_true(faults_remove(&f, 1));
	assert_string_equal(f.first->line, "r2t do delay 5");
	faults_done(&f);
	assert_null(f.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_when_and_what),
		cmocka_unit_test(quoted_words_hold_any_byte),
		cmocka_unit_test(every_opcode_has_a_name_and_a_direction),
		cmocka_unit_test(a_mistake_says_what_was_expected),
		cmocka_unit_test(unknown_words_list_what_is_known),
		cmocka_unit_test(a_script_is_taken_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
