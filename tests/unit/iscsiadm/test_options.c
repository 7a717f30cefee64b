/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, without running anything.  What is refused and with which exit code is
 * the reference behaviour of open-iscsi, but for stray words and half pairs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iscsiadm/options.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static const struct mode modes[] = {
	{.name = "node",
         .letters = "RsPIdmlSonvupTULW",
         .operations = OP_NEW | OP_DELETE | OP_UPDATE | OP_SHOW,
         .refusal = "operation is not supported."},
	{.name = "session",
         .letters = "PiRdrmusonSv",
         .operations = OP_NEW | OP_DELETE | OP_UPDATE | OP_SHOW,
         .refusal = "operation is not supported."},
	{0},
};

enum { WORDS_MAX = 16 };

/* Parse "a b c"; text is cut into words in place, so the options may borrow from it. */
static int parse(char *text, struct options *ret, int *ret_exit)
{
	static char program[] = "iscsiadm";
	char *argv[WORDS_MAX + 1] = {program};
	int argc = 1;

	for (char *word = strtok(text, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(argc, argv, modes, ret, ret_exit);
}

static void lines_that_are_refused_give_7(void **state)
{
	static const char *const lines[] = {
		"",
		"-m",
		"-m foo",
		"-Z",
		"-G",
		"--foo",
		"--log", /* loginall, logout, ... */
		"-m node -H 1",
		"-m node -V",
		"-m node -h",
		"-m node -k 0",
		"-m session -I eth",
		"-m session -T iqn.a",
		"-m node -o foo",
		"-m node -o apply",
		"-m node -p [::1",
		"-m node -p 10.0.0.1:99999",
		"-m node -P abc",
		"-m node -P 1x",
		"-k -1",
		"-k abc",
		"-m node -I ../x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct options o;
		char text[128];
		int rc = -1;

		snprintf(text, sizeof(text), "%s", lines[i]);
		assert_int_equal(parse(text, &o, &rc), -1);
		if (rc != ISCSI_ERR_INVAL)
			fail_msg("'%s': exit code %d", lines[i], rc);
	}
}

/* A tutorial's typing error: getopt reads it as -n ame and a stray word. */
static void a_stray_word_is_refused(void **state)
{
	char text[] = "-m node -o delete -name iqn.foo";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(text, &o, &rc), -1);
	assert_int_equal(rc, ISCSI_ERR_INVAL);
}

static void half_a_pair_is_refused_where_no_update_is_meant(void **state)
{
	char alone[] = "-m node -n node.startup", update[] = "-m node -o update -n node.startup";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(alone, &o, &rc), -1);
	assert_int_equal(rc, ISCSI_ERR_INVAL);
	/* the operation has words of its own for it */
	assert_int_equal(parse(update, &o, &rc), 0);
	assert_string_equal(o.name, "node.startup");
	assert_int_equal(o.setting_count, 0);
}

static void pairs_are_taken_in_either_order(void **state)
{
	char text[] = "-m node -o update -n a -v 1 -v 2 -n b";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(text, &o, &rc), 0);
	assert_int_equal(o.setting_count, 2);
	assert_string_equal(o.settings[0].name, "a");
	assert_string_equal(o.settings[0].value, "1");
	assert_string_equal(o.settings[1].name, "b");
	assert_string_equal(o.settings[1].value, "2");
	assert_null(o.name);
}

static void operations_add_up(void **state)
{
	char text[] = "-m node -o new -o delete -o new";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(text, &o, &rc), 0);
	assert_int_equal(o.ops, OP_NEW | OP_DELETE);
}

static void long_names_may_be_cut_short(void **state)
{
	char text[] = "--mo=node --target iqn.a --portal [fe80::1]:860,3 --no_w --login";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(text, &o, &rc), 0);
	assert_string_equal(o.mode->name, "node");
	assert_string_equal(o.target, "iqn.a");
	assert_string_equal(o.portal.host, "fe80::1");
	assert_int_equal(o.portal.port, 860);
	assert_int_equal(o.portal.tpgt, 3);
	assert_true(o.no_wait);
	assert_true(o.login);
}

static void help_and_version_count_ahead_of_the_mode(void **state)
{
	char version[] = "-V -m node", help[] = "--help extra";
	struct options o;
	int rc = -1;

	(void)state;
	assert_int_equal(parse(version, &o, &rc), -1);
	assert_int_equal(rc, ISCSI_ERR_SUCCESS);
	rc = -1;
	assert_int_equal(parse(help, &o, &rc), -1);
	assert_int_equal(rc, ISCSI_ERR_SUCCESS);
}

static void what_was_not_given_is_known_as_such(void **state)
{
	char text[] = "-m node";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(text, &o, &rc), 0);
	assert_int_equal(o.print_level, -1);
	assert_int_equal(o.kill_priority, -1);
	assert_int_equal(o.ops, 0);
	assert_null(o.portal_text);
	assert_null(o.db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_are_refused_give_7),
		cmocka_unit_test(a_stray_word_is_refused),
		cmocka_unit_test(half_a_pair_is_refused_where_no_update_is_meant),
		cmocka_unit_test(pairs_are_taken_in_either_order),
		cmocka_unit_test(operations_add_up),
		cmocka_unit_test(long_names_may_be_cut_short),
		cmocka_unit_test(help_and_version_count_ahead_of_the_mode),
		cmocka_unit_test(what_was_not_given_is_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
