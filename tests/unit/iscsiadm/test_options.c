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
	/* every option of open-iscsi */
	{.name = "all", .letters = "pTIotnvHrRPDlLuUsdSCabcixAWk", .operations = OP_SHOW},
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
	options_done(&o);
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
	options_done(&o);
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

/* The long names of open-iscsi 2.1.8, with a word that each takes, if any. */
static const struct {
	const char *name;
	const char *value;
} old_names[] = {
	{"mode", "all"},      {"portal", "::1"},    {"targetname", "iqn.a"},
	{"interface", "if1"}, {"op", "show"},       {"type", "st"},
	{"name", "a"},        {"value", "b"},       {"host", "1"},
	{"sid", "1"},         {"rescan", NULL},     {"print", "1"},
	{"discover", NULL},   {"login", NULL},      {"logout", NULL},
	{"loginall", "all"},  {"logoutall", "all"}, {"stats", NULL},
	{"killiscsid", "0"},  {"debug", "1"},       {"show", NULL},
	{"version", NULL},    {"help", NULL},       {"submode", "ping"},
	{"ip", "::1"},        {"packetsize", "1"},  {"count", "3"},
	{"interval", "4"},    {"index", "5"},       {"portal_type", "ipv4"},
	{"no_wait", NULL},
};

static size_t old_names_with(const char *start, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(old_names); i++)
		n += strncmp(old_names[i].name, start, len) == 0;
	return n;
}

/* "-m all -n a -v b --NAME VALUE", with so many letters of the name. */
static int parse_cut(size_t i, size_t len, struct options *ret, int *ret_exit)
{
	static char program[] = "iscsiadm", mode_option[] = "-m", mode[] = "all";
	static char word[64], value[16];
	char *argv[] = {program, mode_option, mode, word, value, NULL};

	snprintf(word, sizeof(word), "--%.*s", (int)len, old_names[i].name);
	if (old_names[i].value)
		snprintf(value, sizeof(value), "%s", old_names[i].value);
	return options_parse(old_names[i].value ? 5 : 4, argv, modes, ret, ret_exit);
}

static void names_of_open_iscsi_may_be_cut_short_as_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(old_names); i++) {
		struct options whole = {0}, cut;
		int whole_rc = 0, rc;
		size_t full = strlen(old_names[i].name);
		int r = parse_cut(i, full, &whole, &whole_rc);

		for (size_t len = 1; len < full; len++) {
			/* a name that starts another is a name of its own */
			if (old_names_with(old_names[i].name, len) > 1)
				continue;
			memset(&cut, 0, sizeof(cut));
			rc = 0;
			if (parse_cut(i, len, &cut, &rc) != r || rc != whole_rc ||
			    memcmp(&cut, &whole, sizeof(cut)) != 0)
				fail_msg("--%.*s is not --%s", (int)len, old_names[i].name,
				         old_names[i].name);
		}
	}
}

static void names_that_are_new_can_be_cut_short_where_no_old_one_is_meant(void **state)
{
	char renew[] = "-m node --rec", config[] = "-m all --conf=x", count[] = "-m all --c 3";
	char cluster[] = "-Rm all word --co=7";
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(parse(renew, &o, &rc), 0);
	assert_true(o.reconnect);
	assert_int_equal(parse(config, &o, &rc), 0);
	assert_string_equal(o.config, "x");
	assert_int_equal(parse(count, &o, &rc), 0);
	assert_int_equal(o.count, 3);
	/* "word" is refused, but not before "--co" was understood */
	assert_int_equal(parse(cluster, &o, &rc), -1);
	assert_int_equal(rc, ISCSI_ERR_INVAL);
}

static void a_new_option_goes_with_what_it_needs_alone(void **state)
{
	static const struct {
		const char *line;
		bool goes;
	} lines[] = {
		{"-m node --keep", false}, /* not with the mode */
		{"-m node --force", false},
		{"-m node --force -l", false},
		{"-m node --force -u", true},
		{"-m node -U all --force", true},
		{"-m node -l --wait-devices", true},
		{"-m node -l --wait-devices -W", false},
		{"-m node --reconnect", true},
		{"-m node --reconnect -s", false},
		{"-m node -o delete --dry-run", true},
		{"-m node -o show --dry-run", false},
		{"-k 0 --force", false},
		{"-k 0 -u", true}, /* as in open-iscsi */
		{"--migrate-db -u", false},
		{"--migrate-db -d 1", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct options o;
		char text[128];
		int rc = -1;

		snprintf(text, sizeof(text), "%s", lines[i].line);
		assert_int_equal(parse(text, &o, &rc), lines[i].goes ? 0 : -1);
		if (!lines[i].goes)
			assert_int_equal(rc, ISCSI_ERR_INVAL);
		else
			options_done(&o);
	}
}

static void a_secret_is_wiped_from_argv(void **state)
{
	char program[] = "iscsiadm", m[] = "-m", all[] = "all", o_[] = "-o", op[] = "show";
	char n1[] = "-n", key1[] = "node.session.auth.username", v1[] = "-v", value1[] = "user";
	char v2[] = "--value=geheim", n2[] = "-n", key2[] = "node.session.auth.password";
	char *argv[] = {program, m, all, o_, op, n1, key1, v1, value1, v2, n2, key2, NULL};
	struct options o;
	int rc;

	(void)state;
	assert_int_equal(options_parse((int)ARRAY_LEN(argv) - 1, argv, modes, &o, &rc), 0);
	assert_string_equal(value1, "user");
	assert_memory_equal(v2, "--value=\0\0\0\0\0\0", sizeof(v2));
	assert_string_equal(o.settings[1].value, "geheim");
	options_done(&o);
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
		cmocka_unit_test(names_of_open_iscsi_may_be_cut_short_as_ever),
		cmocka_unit_test(names_that_are_new_can_be_cut_short_where_no_old_one_is_meant),
		cmocka_unit_test(a_new_option_goes_with_what_it_needs_alone),
		cmocka_unit_test(a_secret_is_wiped_from_argv),
		cmocka_unit_test(help_and_version_count_ahead_of_the_mode),
		cmocka_unit_test(what_was_not_given_is_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
