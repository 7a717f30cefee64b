/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's command line. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "iscsid/options.h"
#include "lib/base/macros.h"

enum { ARGUMENTS_MAX = 8 };

/* What is printed is read in the transcripts of people, not here.  The last words stay valid. */
static enum options_verdict parse(const char *const *arguments, struct options *ret)
{
	static char words[ARGUMENTS_MAX + 1][64] = {"iscsid"};
	char *argv[ARGUMENTS_MAX + 2] = {words[0]};
	_cleanup_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	_cleanup_close_ int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	enum options_verdict v;
	int argc = 1;

	for (; arguments[argc - 1]; argc++) {
		snprintf(words[argc], sizeof(words[argc]), "%s", arguments[argc - 1]);
		argv[argc] = words[argc];
	}
	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	v = options_parse(argc, argv, ret);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	return v;
}

static void mistakes_are_refused(void **state _unused_)
{
	static const char *const rows[][ARGUMENTS_MAX] = {
		{"extra"},
		{"-f", "extra"},
		{"-f", "-p", "/run/x.pid"},
		{"-n", "-p", "/run/x.pid"},
		{"-d", "many"},
		{"-d", "-1"},
		{"-x"},
		{"--config"},
	};
	struct options o;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (parse(rows[i], &o) != OPTIONS_WRONG)
			fail_msg("row %zu", i);
}

static void defaults_are_the_installed_places(void **state _unused_)
{
	static const char *const none[] = {NULL};
	struct options o;

	assert_int_equal(parse(none, &o), OPTIONS_RUN);
	assert_string_equal(o.config, "/etc/iscsi/iscsid.conf");
	assert_string_equal(o.initiator_name_file, "/etc/iscsi/initiatorname.iscsi");
	assert_string_equal(o.pid_file, "/run/iscsid.pid");
	assert_string_equal(o.control, "/run/iscsid/control");
	assert_false(o.foreground);
}

static void the_foreground_needs_no_pid_file(void **state _unused_)
{
	static const char *const foreground[] = {"-f", NULL};
	struct options o;

	assert_int_equal(parse(foreground, &o), OPTIONS_RUN);
	assert_true(o.foreground);
	assert_null(o.pid_file);
}

static void version_and_help_end_at_once(void **state _unused_)
{
	static const char *const rows[][ARGUMENTS_MAX] = {
		{"-v"}, {"--version"}, {"-h"}, {"--help"}};
	struct options o;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(parse(rows[i], &o), OPTIONS_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_refused),
		cmocka_unit_test(defaults_are_the_installed_places),
		cmocka_unit_test(the_foreground_needs_no_pid_file),
		cmocka_unit_test(version_and_help_end_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
