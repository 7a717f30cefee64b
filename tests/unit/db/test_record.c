/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records.  The files 2.1.8-* in records/ were written and shown by open-iscsi 2.1.8; the others
 * have the keys that the release in their name wrote (usr/idbm.c: idbm_recinfo_node()).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/cursor.h"
#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

#define RECORDS "tests/unit/db/records/"

enum { RECORD_SIZE = 16384 };

/* The problems told so far, one after the other. */
struct told {
	unsigned int count;
	unsigned int line; /* of the last one */
	char text[4096];
};

static void tell(void *data, unsigned int line, const char *text)
{
	struct told *t = data;
	size_t used = strlen(t->text);

	t->count++;
	t->line = line;
	snprintf(t->text + used, sizeof(t->text) - used, "%s\n", text);
}

static struct iscsi_db_record *parse(enum iscsi_db_kind kind, const char *text, struct told *t)
{
	struct iscsi_db_record *r = NULL;

	assert_int_equal(iscsi_db_record_parse(kind, text, strlen(text), tell, t, &r), 0);
	return r;
}

static char *load(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, RECORD_SIZE);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, RECORD_SIZE - 1, f) > 0);
	fclose(f);
	return text;
}

/* The version in the first line is the writer's own. */
static const char *below_first_line(const char *text)
{
	const char *end = strchr(text, '\n');

	assert_memory_equal(text, "# BEGIN RECORD ", 15);
	assert_non_null(end);
	return end + 1;
}

static const struct {
	enum iscsi_db_kind kind;
	const char *file;
} recorded[] = {
	{ISCSI_DB_NODE, "2.1.8-node"},
	{ISCSI_DB_NODE, "2.1.8-node-ipv6"},
	{ISCSI_DB_NODE, "2.1.8-node-no-tpgt"},
	{ISCSI_DB_NODE, "2.1.8-node-iface"},
	{ISCSI_DB_SENDTARGETS, "2.1.8-sendtargets"},
	{ISCSI_DB_ISNS, "2.1.8-isns"},
	{ISCSI_DB_IFACE, "2.1.8-iface"},
	{ISCSI_DB_IFACE, "2.1.8-iface-ipv6"},
	{ISCSI_DB_IFACE, "2.1.8-iface-v4"},
};

static void files_of_open_iscsi_are_written_back_as_they_were(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(recorded); i++) {
		struct told t = {0};
		char path[128], *text, *again;
		struct iscsi_db_record *r;

		snprintf(path, sizeof(path), RECORDS "%s", recorded[i].file);
		text = load(path);
		r = parse(recorded[i].kind, text, &t);
		assert_string_equal(t.text, "");
		again = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
		assert_string_equal(below_first_line(again), below_first_line(text));
		assert_memory_equal(again, "# BEGIN RECORD 3.0.0\n", 21);
		free(again);
		free(text);
		iscsi_db_record_free(r);
	}
}

static const char *const releases[] = {"2.0.873", "2.0.874", "2.0.875", "2.0.876",
                                       "2.0.878", "2.1.1",   "2.1.11",  "2.1.12"};

/* No key comes or goes, and a renamed one keeps its name: that release reads the record again. */
static void of_a_record_of_any_release_an_update_changes_one_line(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(releases); i++) {
		static const char before[] = "\nnode.startup = manual\n";
		static const char after[] = "\nnode.startup = onboot\n"; /* as long as that */
		struct told t = {0};
		char path[128], *text, *again, *line;
		struct iscsi_db_record *r;

		snprintf(path, sizeof(path), RECORDS "%s-node", releases[i]);
		text = load(path);
		r = parse(ISCSI_DB_NODE, text, &t);
		assert_string_equal(t.text, "");
		assert_int_equal(iscsi_db_record_update(r, "node.startup", "onboot"), 0);
		again = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
		line = strstr(text, before);
		assert_non_null(line);
		memcpy(line, after, strlen(after));
		assert_string_equal(below_first_line(again), below_first_line(text));
		free(again);
		free(text);
		iscsi_db_record_free(r);
	}
}

static void a_key_that_was_renamed_is_understood_under_each_name(void **state _unused_)
{
	static const char *const names[] = {"node.session.conn_reopen_log_freq",
	                                    "node.session.sess_reopen_log_freq"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128], *text, line[128];
		struct told t = {0};
		struct iscsi_db_record *r;

		snprintf(path, sizeof(path), RECORDS "2.1.1%zu-node", i + 1);
		text = load(path);
		r = parse(ISCSI_DB_NODE, text, &t);
		free(text);
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			assert_int_equal(iscsi_db_record_get_int(r, names[k], 0), 5);
		/* an update under either name stays under the one that the record has */
		assert_int_equal(iscsi_db_record_update(r, names[1 - i], "7"), 0);
		text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
		snprintf(line, sizeof(line), "\n%s = 7\n", names[i]);
		assert_non_null(strstr(text, line));
		assert_null(strstr(text, names[1 - i]));
		free(text);
		iscsi_db_record_free(r);
	}
}

static void records_are_shown_as_open_iscsi_shows_them(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(recorded); i++) {
		struct told t = {0};
		char path[128], *text, *expected, *shown;
		struct iscsi_db_record *r;

		snprintf(path, sizeof(path), RECORDS "%s.show", recorded[i].file);
		if (access(path, F_OK) < 0)
			continue;
		expected = load(path);
		snprintf(path, sizeof(path), RECORDS "%s", recorded[i].file);
		text = load(path);
		r = parse(recorded[i].kind, text, &t);
		shown = iscsi_db_record_text(r, ISCSI_DB_FORM_SHOW);
		assert_string_equal(below_first_line(shown), below_first_line(expected));
		free(shown);
		free(expected);
		free(text);
		iscsi_db_record_free(r);
	}
}

static void secrets_are_shown_only_when_asked_for(void **state _unused_)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);
	char *text;

	assert_int_equal(iscsi_db_record_set(r, "node.session.auth.password", "hush1234"), 0);
	assert_int_equal(iscsi_db_record_set(r, "node.session.auth.password_in", "hush5678"), 0);
	text = iscsi_db_record_text(r, ISCSI_DB_FORM_SHOW);
	assert_null(strstr(text, "hush"));
	assert_non_null(strstr(text, "\nnode.session.auth.password = ********\n"));
	free(text);
	text = iscsi_db_record_text(r, ISCSI_DB_FORM_SHOW_CLEAR);
	assert_non_null(strstr(text, "\nnode.session.auth.password = hush1234\n"));
	free(text);
	/* an empty value takes the secret away */
	assert_int_equal(iscsi_db_record_update(r, "node.session.auth.password", ""), 0);
	text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
	assert_null(strstr(text, "node.session.auth.password ="));
	assert_non_null(strstr(text, "\nnode.session.auth.password_in = hush5678\n"));
	free(text);
	iscsi_db_record_free(r);
}

static void note_value(void *data, const char *key, const char *value,
                       enum iscsi_db_value_type type)
{
	static const char *const types[] = {[ISCSI_DB_VALUE_TEXT] = "text",
	                                    [ISCSI_DB_VALUE_NUMBER] = "number",
	                                    [ISCSI_DB_VALUE_SECRET] = "secret"};
	struct writer *w = data;

	writer_printf(w, "%s %s %s\n", types[type], key, value);
}

static void a_walk_tells_what_kind_of_value_each_key_has(void **state _unused_)
{
	static const char text[] = "discovery.type = sendtargets\n"
				   "discovery.sendtargets.address = 192.0.2.1\n"
				   "discovery.sendtargets.port = 3261\n"
				   "discovery.sendtargets.auth.password = hush1234\n"
				   "discovery.of.another.release = 7\n";
	struct writer w = writer_make(1 << 16);
	struct iscsi_db_record *r;
	char *got;

	assert_int_equal(
		iscsi_db_record_parse(ISCSI_DB_SENDTARGETS, text, strlen(text), NULL, NULL, &r), 0);
	iscsi_db_record_walk(r, note_value, &w);
	assert_int_equal(writer_take_str(&w, &got), 0);
	assert_non_null(strstr(got, "text discovery.sendtargets.address 192.0.2.1\n"));
	assert_non_null(strstr(got, "number discovery.sendtargets.port 3261\n"));
	assert_non_null(strstr(got, "secret discovery.sendtargets.auth.password hush1234\n"));
	assert_non_null(strstr(got, "secret discovery.sendtargets.auth.password_in \n"));
	assert_non_null(strstr(got, "text discovery.of.another.release 7\n"));
	assert_null(strstr(got, " node.name"));
	free(got);
	iscsi_db_record_free(r);
}

static void values_are_checked(void **state _unused_)
{
	static const struct {
		const char *key, *value;
		int result;
		const char *stored; /* when it is another text than the value */
	} rows[] = {
		{"node.startup", "automatic", 0, NULL},
		{"node.startup", "Automatic", -EINVAL, NULL},
		{"node.startup", "", -EINVAL, NULL},
		{"node.startup", "manual, automatic", -EINVAL, NULL},
		{"node.session.iscsi.FirstBurstLength", "512", 0, NULL},
		{"node.session.iscsi.FirstBurstLength", "511", -ERANGE, NULL},
		{"node.session.iscsi.FirstBurstLength", "16777215", 0, NULL},
		{"node.session.iscsi.FirstBurstLength", "16777216", -ERANGE, NULL},
		{"node.session.iscsi.FirstBurstLength", "abc", -EINVAL, NULL},
		{"node.session.iscsi.FirstBurstLength", "", -EINVAL, NULL},
		{"node.session.iscsi.FirstBurstLength", "00600", 0, "600"},
		{"node.session.queue_depth", "1025", -ERANGE, NULL},
		{"node.session.cmds_max", "2049", -ERANGE, NULL},
		{"node.session.xmit_thread_priority", "-21", -ERANGE, NULL},
		{"node.session.xmit_thread_priority", "-20", 0, NULL},
		{"node.session.timeo.replacement_timeout", "-1", 0, NULL},
		{"node.conn[0].iscsi.HeaderDigest", "CRC32C,None", 0, NULL},
		{"node.conn[0].iscsi.HeaderDigest", "CRC32C,", -EINVAL, NULL},
		{"node.session.auth.chap_algs", "SHA256 MD5", 0, "SHA256,MD5"},
		{"node.session.auth.chap_algs", "SHA3-256, MD5,MD5,FOO", 0, "SHA3-256,MD5"},
		{"node.session.auth.chap_algs", "FOO", 0, "MD5"},
		{"node.session.auth.username", "a  b", 0, NULL},
		{"node.session.auth.username", "  a b ", 0, "a b"},
		{"node.session.auth.password", " a", -EINVAL, NULL},
		{"node.session.auth.password", "a ", -EINVAL, NULL},
		{"node.session.auth.username", "a\nnode.startup = onboot", -EINVAL, NULL},
		{"iface.net_ifacename", "enp0s31f6", 0, NULL},
		{"iface.net_ifacename", "0123456789abcdef", -ERANGE, NULL},
		{"iface.prefix_len", "256", -ERANGE, NULL},
		{"node.transport_name", "iser", 0, NULL},
		{"node.session.conn_reopen_log_freq", "7", 0, NULL},
		{"node.session.conn_reopen_log_freq", "0", -ERANGE, NULL},
		{"node.nonsense", "1", -ENOENT, NULL},
		{"discovery.sendtargets.reopen_max", "1", -ENOENT, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);

		assert_int_equal(iscsi_db_record_set(r, rows[i].key, rows[i].value),
		                 rows[i].result);
		if (rows[i].result == 0)
			assert_string_equal(iscsi_db_record_get(r, rows[i].key),
			                    rows[i].stored ? rows[i].stored : rows[i].value);
		iscsi_db_record_free(r);
	}
}

static void keys_that_find_a_record_cannot_be_updated(void **state _unused_)
{
	static const struct {
		enum iscsi_db_kind kind;
		const char *key, *value;
	} rows[] = {
		{ISCSI_DB_NODE, "node.name", "iqn.2001-04.com.example:y"},
		{ISCSI_DB_NODE, "node.tpgt", "1"},
		{ISCSI_DB_NODE, "node.discovery_address", "192.0.2.1"},
		{ISCSI_DB_NODE, "node.discovery_port", "3260"},
		{ISCSI_DB_NODE, "node.discovery_type", "fw"},
		{ISCSI_DB_NODE, "node.conn[0].address", "192.0.2.1"},
		{ISCSI_DB_NODE, "node.conn[0].port", "3260"},
		{ISCSI_DB_NODE, "iface.iscsi_ifacename", "x"},
		{ISCSI_DB_IFACE, "iface.iscsi_ifacename", "x"},
		{ISCSI_DB_SENDTARGETS, "discovery.type", "sendtargets"},
		{ISCSI_DB_SENDTARGETS, "discovery.sendtargets.address", "192.0.2.1"},
		{ISCSI_DB_ISNS, "discovery.sendtargets.port", "3205"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(rows[i].kind);

		assert_int_equal(iscsi_db_record_update(r, rows[i].key, rows[i].value), -EPERM);
		assert_int_equal(iscsi_db_record_set(r, rows[i].key, rows[i].value), 0);
		iscsi_db_record_free(r);
	}
}

static void unknown_keys_are_kept_and_written_back(void **state _unused_)
{
	struct told t = {0};
	struct iscsi_db_record *r = parse(ISCSI_DB_NODE,
	                                  "# BEGIN RECORD 9.9\n"
	                                  "node.future_b = x = y\n"
	                                  "node.startup = automatic\n"
	                                  "node.future_a=2\n"
	                                  "discovery.sendtargets.reopen_max = 5\n"
	                                  "node.future_b = last\n"
	                                  "# END RECORD\n",
	                                  &t);
	struct iscsi_db_record *copy = iscsi_db_record_dup(r);
	char *text = iscsi_db_record_text(copy, ISCSI_DB_FORM_FILE);

	assert_string_equal(t.text, "");
	assert_string_equal(iscsi_db_record_get(r, "node.future_a"), "2");
	assert_non_null(strstr(text, "\nnode.future_b = last\n"
	                             "node.future_a = 2\n"
	                             "discovery.sendtargets.reopen_max = 5\n"
	                             "# END RECORD\n"));
	assert_string_equal(iscsi_db_record_get(copy, "node.startup"), "automatic");
	free(text);
	iscsi_db_record_free(copy);
	iscsi_db_record_free(r);
}

static void a_bad_line_costs_only_itself(void **state _unused_)
{
	static const struct {
		const char *text;
		unsigned int line; /* of the one problem */
		const char *told;  /* part of it */
	} rows[] = {
		{"node.startup = automatic\nnode.leading_login = bogus\n", 2, "No, Yes"},
		{"node.startup = automatic\ntorn lin", 2, "torn lin"},
		{"node.startup = automatic\n= x\n", 2, "= x"},
		{"node.session.queue_depth = 999999\nnode.startup = automatic\n", 1,
	         "node.session.queue_depth: '999999' is not one of the values allowed: 1 to 1024"},
		{"node.session.queue_depth = 64 # deep\nnode.startup = automatic\n", 1, "# deep"},
		{"node.session.auth.chap_algs = MD5,FOO\nnode.startup = automatic\n", 1,
	         "Ignoring unknown value 'FOO' for 'node.session.auth.chap_algs'"},
		{"node.session.auth.password = \x01secret\nnode.startup = automatic\n", 1,
	         "node.session.auth.password"},
		{"node.startup = \x1b[2J\nnode.startup = automatic\n", 1, "'?[2J'"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct told t = {0};
		struct iscsi_db_record *r = parse(ISCSI_DB_NODE, rows[i].text, &t);

		assert_int_equal(t.count, 1);
		assert_int_equal(t.line, rows[i].line);
		assert_non_null(strstr(t.text, rows[i].told));
		assert_null(strstr(t.text, "secret"));
		assert_string_equal(iscsi_db_record_get(r, "node.startup"), "automatic");
		assert_string_equal(iscsi_db_record_get(r, "node.leading_login"), "No");
		iscsi_db_record_free(r);
	}
}

static void what_is_no_record_is_refused(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{"", 0},
		{"\n\n", 2},
		{"# BEGIN RECORD 2.1.8\n# END RECORD\n", 34},
		{"node.startup", 12},
		{"node.startup = bogus\n", 21},
		{"node.name = \n", 13},
		{"node.name = x\nnode.name = \n", 27},
		{"node.startup = manual\n\0", 23},
		{"\x7f"
	         "ELF\x02\x01\x01\0\0\0",
	         10},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = NULL;
		struct told t = {0};

		assert_int_equal(iscsi_db_record_parse(ISCSI_DB_NODE, rows[i].text, rows[i].len,
		                                       tell, &t, &r),
		                 -EBADMSG);
		assert_true(t.count > 0);
		assert_null(r);
	}
}

static void young_keys_are_written_only_when_set(void **state _unused_)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);
	char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);

	assert_null(strstr(text, "reopen_log_freq"));
	free(text);
	assert_int_equal(iscsi_db_record_set(r, "node.session.sess_reopen_log_freq", "5"), 0);
	text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
	assert_non_null(strstr(text, "\nnode.session.reopen_max = 0\n"
	                             "node.session.sess_reopen_log_freq = 5\n"));
	free(text);
	iscsi_db_record_free(r);
}

static void passwords_are_secrets(void **state)
{
	(void)state;
	assert_true(iscsi_db_key_secret(ISCSI_DB_NODE, "node.session.auth.password"));
	assert_true(iscsi_db_key_secret(ISCSI_DB_NODE, "node.session.auth.password_in"));
	assert_true(
		iscsi_db_key_secret(ISCSI_DB_SENDTARGETS, "discovery.sendtargets.auth.password"));
	assert_false(iscsi_db_key_secret(ISCSI_DB_NODE, "node.session.auth.username"));
	assert_false(iscsi_db_key_secret(ISCSI_DB_NODE, "node.foo"));
}

static void numbers_and_truths_are_read_as_such(void **state _unused_)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);

	assert_int_equal(iscsi_db_record_get_int(r, "node.session.xmit_thread_priority", 1), -20);
	assert_int_equal(iscsi_db_record_get_int(r, "node.startup", 7), 7);
	assert_int_equal(iscsi_db_record_get_int(r, "node.absent", 7), 7);
	assert_true(iscsi_db_record_get_bool(r, "node.session.iscsi.ImmediateData"));
	assert_false(iscsi_db_record_get_bool(r, "node.session.iscsi.InitialR2T"));
	assert_false(iscsi_db_record_get_bool(r, "node.absent"));
	assert_string_equal(iscsi_db_key_allowed(ISCSI_DB_NODE, "node.startup"),
	                    "manual, automatic, onboot");
	assert_null(iscsi_db_key_allowed(ISCSI_DB_IFACE, "node.startup"));
	iscsi_db_record_free(r);
}

static void a_check_tells_the_words_that_would_be_dropped(void **state _unused_)
{
	struct told t = {0};

	assert_int_equal(iscsi_db_value_check(ISCSI_DB_NODE, "node.session.auth.chap_algs",
	                                      "MD5 FOO,MD5", tell, &t),
	                 0);
	assert_string_equal(t.text,
	                    "Ignoring unknown value 'FOO' for 'node.session.auth.chap_algs'\n"
	                    "Ignoring repeated value 'MD5' for 'node.session.auth.chap_algs'\n");
}

static void a_key_tells_when_a_session_takes_it(void **state _unused_)
{
	static const struct {
		const char *key;
		enum iscsi_db_effect effect;
	} rows[] = {
		{"node.session.timeo.replacement_timeout", ISCSI_DB_EFFECT_LIVE},
		{"node.session.conn_reopen_log_freq", ISCSI_DB_EFFECT_LIVE}, /* an alias */
		{"node.session.iscsi.MaxBurstLength", ISCSI_DB_EFFECT_RECONNECT},
		{"node.session.auth.chap_algs", ISCSI_DB_EFFECT_RECONNECT},
		{"node.session.cmds_max", ISCSI_DB_EFFECT_LOGIN},
		{"node.startup", ISCSI_DB_EFFECT_NONE},
		{"node.foo", ISCSI_DB_EFFECT_NONE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(iscsi_db_key_effect(ISCSI_DB_NODE, rows[i].key), rows[i].effect);
	assert_int_equal(iscsi_db_key_effect(ISCSI_DB_SENDTARGETS, "node.session.auth.chap_algs"),
	                 ISCSI_DB_EFFECT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_tells_when_a_session_takes_it),
		cmocka_unit_test(of_a_record_of_any_release_an_update_changes_one_line),
		cmocka_unit_test(a_key_that_was_renamed_is_understood_under_each_name),
		cmocka_unit_test(passwords_are_secrets),
		cmocka_unit_test(files_of_open_iscsi_are_written_back_as_they_were),
		cmocka_unit_test(records_are_shown_as_open_iscsi_shows_them),
		cmocka_unit_test(secrets_are_shown_only_when_asked_for),
		cmocka_unit_test(a_walk_tells_what_kind_of_value_each_key_has),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(keys_that_find_a_record_cannot_be_updated),
		cmocka_unit_test(unknown_keys_are_kept_and_written_back),
		cmocka_unit_test(a_bad_line_costs_only_itself),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(young_keys_are_written_only_when_set),
		cmocka_unit_test(numbers_and_truths_are_read_as_such),
		cmocka_unit_test(a_check_tells_the_words_that_would_be_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
