/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of options as getopt_long(3) reads it: letters, long names, arguments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/getopt_form.h"
#include "lib/base/macros.h"

static struct getopt_form make(void)
{
	struct getopt_form f = {0};

	getopt_form_add(&f, "file", 'f', required_argument);
	getopt_form_add(&f, "quiet", 'q', no_argument);
	getopt_form_add(&f, "level", GETOPT_NO_LETTER, optional_argument);
	getopt_form_add(&f, "wait", 'w', optional_argument);
	return f;
}

static void a_letter_takes_an_argument_that_is_required(void **state)
{
	struct getopt_form f = make();

	(void)state;
	assert_string_equal(f.letters, "f:qw");
	assert_null(f.longs[4].name);
}

static void getopt_finds_letters_and_names(void **state)
{
	char program[] = "x", q[] = "-qf", file[] = "name", level[] = "--level=3", bare[] = "--lev";
	char *argv[] = {program, q, file, level, bare, NULL};
	struct getopt_form f = make();
	int argc = (int)ARRAY_LEN(argv) - 1;

	(void)state;
	optind = 0;
	assert_int_equal(getopt_long(argc, argv, f.letters, f.longs, NULL), 'q');
	assert_int_equal(getopt_long(argc, argv, f.letters, f.longs, NULL), 'f');
	assert_string_equal(optarg, "name");
	assert_int_equal(getopt_long(argc, argv, f.letters, f.longs, NULL), GETOPT_NO_LETTER);
	assert_string_equal(optarg, "3");
	assert_int_equal(getopt_long(argc, argv, f.letters, f.longs, NULL), GETOPT_NO_LETTER);
	assert_null(optarg);
	assert_int_equal(getopt_long(argc, argv, f.letters, f.longs, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_takes_an_argument_that_is_required),
		cmocka_unit_test(getopt_finds_letters_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
