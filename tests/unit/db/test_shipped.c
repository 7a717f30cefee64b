/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iscsid.conf that is installed, and its manual page, say what the schema says.  A test that
 * fails here after a change of a row prints the words that belong into the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "libiscsi-db/schema.h"

#define CONFIG         "etc/iscsid.conf"
#define MANUAL         "man/iscsid.conf.5"
#define RECORDS_MANUAL "man/iscsi-records.5"

enum { FILE_SIZE = 1 << 17, ANY_KIND = 0xffff };

static char *load(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, FILE_SIZE);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, FILE_SIZE - 1, f) > 0);
	fclose(f);
	return text;
}

/* Takes the quoting of hyphens away that keeps them hyphens in a manual page. */
static void unquote_hyphens(char *text)
{
	for (char *at = text; (at = strstr(at, "\\-")); at++)
		memmove(at, at + 1, strlen(at));
}

/* Replaces each occurrence of what by a blank. */
static void unwrap(char *text, const char *what)
{
	size_t len = strlen(what);

	for (char *at = text; (at = strstr(at, what)); at++) {
		*at = ' ';
		memmove(at + 1, at + len, strlen(at + len) + 1);
	}
}

static const char *or_empty(const char *value)
{
	return value[0] ? value : "empty";
}

/* What an administrator can set for all new records. */
static bool belongs_in_config(const struct schema_row *row)
{
	return !(row->flags & (SCHEMA_LOOKUP | SCHEMA_NO_CONF)) &&
	       strncmp(row->name, "iface.", 6) != 0;
}

static void tell_nothing(void *data _unused_, unsigned int line, const char *text)
{
	fail_msg("%s:%u: %s", CONFIG, line, text);
}

static void tell_nothing_of(void *data, const char *file _unused_, unsigned int line,
                            const char *text)
{
	tell_nothing(data, line, text);
}

static void the_configuration_sets_what_the_schema_says(void **state _unused_)
{
	struct iscsi_db_config *c = NULL;

	assert_int_equal(iscsi_db_config_read(CONFIG, tell_nothing_of, NULL, &c), 0);
	for (size_t i = 0; i < schema_count; i++) {
		const char *value = iscsi_db_config_get(c, schema_rows[i].name);

		if (!schema_rows[i].conf)
			continue;
		assert_non_null(value);
		assert_string_equal(value, schema_rows[i].conf);
	}
	iscsi_db_config_free(c);
}

static void the_configuration_explains_every_key(void **state _unused_)
{
	char *text = load(CONFIG), expected[1024];

	unwrap(text, "\n# ");
	for (size_t i = 0; i < schema_count; i++) {
		const struct schema_row *row = &schema_rows[i];
		int n;

		if (!belongs_in_config(row))
			continue;
		n = snprintf(expected, sizeof(expected), "%s Values: %s. Without this line: %s.",
		             row->doc, row->allowed, or_empty(row->def));
		if (row->conf)
			snprintf(expected + n, sizeof(expected) - (size_t)n, "\n%s = %s\n",
			         row->name, row->conf);
		else
			snprintf(expected + n, sizeof(expected) - (size_t)n, " %s = %s", row->name,
			         row->def);
		if (!strstr(text, expected))
			fail_msg("%s lacks: %s", CONFIG, expected);
	}
	free(text);
}

/* Takes away the comment sign of every line, so that what it would set is read. */
static void every_line_in_the_configuration_is_legal_when_it_is_active(void **state _unused_)
{
	char *text = load(CONFIG);
	struct kv_reader in;
	unsigned int known = 0;
	struct kv kv;
	int r;

	for (char *at = text; (at = strstr(at, "\n# ")); at++)
		at[1] = ' ';
	in = kv_reader_make(KV_NEWLINE, text, strlen(text));
	while ((r = kv_next(&in, &kv)) != 0) {
		int row = r < 0 ? r : schema_find(ANY_KIND, kv.key, kv.key_len, 0);
		char *value;

		/* prose has blanks where a key has none */
		if (r < 0 || memchr(kv.key, ' ', kv.key_len))
			continue;
		if (row < 0)
			fail_msg("%s:%u: no such key", CONFIG, in.line);
		assert_int_equal(schema_value(&schema_rows[row], kv.value, kv.value_len,
		                              tell_nothing, NULL, in.line, &value),
		                 0);
		free(value);
		known++;
	}
	assert_true(known > 60);
	free(text);
}

static void the_manual_page_explains_every_key(void **state _unused_)
{
	char *text = load(MANUAL), expected[1024];

	unwrap(text, "\n");
	unquote_hyphens(text);
	for (size_t i = 0; i < schema_count; i++) {
		const struct schema_row *row = &schema_rows[i];

		snprintf(expected, sizeof(expected), ".It Ic %s %s%s Values: %s. Default: %s.",
		         row->name, row->doc, row->flags & SCHEMA_LOOKUP ? " Fixed." : "",
		         row->allowed, or_empty(row->def));
		if (!strstr(text, expected))
			fail_msg("%s lacks: %s", MANUAL, expected);
	}
	free(text);
}

/* The lines between the heading and the end of the literal text behind it. */
static void expect_keys(const char *page, const char *heading, unsigned int kind, bool with_iface)
{
	static const char begin[] = ".Bd -literal -offset indent\n";
	const char *at = strstr(page, heading);

	assert_non_null(at);
	at = strstr(at, begin);
	assert_non_null(at);
	at += strlen(begin);
	for (size_t i = 0; i < schema_count; i++) {
		const struct schema_row *row = &schema_rows[i];
		bool of_iface = strncmp(row->name, "iface.", 6) == 0;

		if (!(row->kinds & kind) || (of_iface && !with_iface))
			continue;
		if (strncmp(at, row->name, row->name_len) != 0 || at[row->name_len] != '\n')
			fail_msg("%s: %s lacks %s ahead of: %.60s", RECORDS_MANUAL, heading,
			         row->name, at);
		at += row->name_len + 1;
	}
	assert_memory_equal(at, ".Ed\n", 4);
}

static void the_manual_page_of_records_lists_the_keys_of_each_kind(void **state _unused_)
{
	char *page = load(RECORDS_MANUAL);

	/* those of an interface stand for themselves */
	expect_keys(page, ".Ss Node records", SCHEMA_NODE, false);
	expect_keys(page, ".Ss Discovery records of portals", SCHEMA_SENDTARGETS, true);
	expect_keys(page, ".Ss Discovery records of iSNS", SCHEMA_ISNS, true);
	expect_keys(page, ".Ss Interface records", SCHEMA_IFACE, true);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_sets_what_the_schema_says),
		cmocka_unit_test(the_configuration_explains_every_key),
		cmocka_unit_test(every_line_in_the_configuration_is_legal_when_it_is_active),
		cmocka_unit_test(the_manual_page_explains_every_key),
		cmocka_unit_test(the_manual_page_of_records_lists_the_keys_of_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
