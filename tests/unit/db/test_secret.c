/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets that stand elsewhere, and who gets to see them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

#define KEY "node.session.auth.password"

static const char *in_root(const struct scratch *s, const char *prefix, const char *name)
{
	static char value[256];

	snprintf(value, sizeof(value), "%s%s/%s", prefix, s->root, name);
	return value;
}

static void a_plain_secret_is_itself(void **state)
{
	char *secret = NULL;

	assert_int_equal(iscsi_db_secret_resolve("opensesame12", scratch_tell, *state, &secret), 0);
	assert_string_equal(secret, "opensesame12");
	assert_null(iscsi_db_secret_free(secret));
	assert_null(iscsi_db_secret_free(NULL));
}

static void a_secret_is_read_from_its_file_when_it_is_asked_for(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	const char *value = in_root(s, "@file:", "secret");
	struct iscsi_db_record *r = scratch_node(&id, KEY, value);
	char *secret = NULL;

	/* a record is written and read without the file: nobody looks */
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, KEY), value);
	assert_int_equal(s->problems, 0);
	iscsi_db_record_free(r);

	assert_int_equal(iscsi_db_secret_resolve(value, scratch_tell, s, &secret), -ENOENT);
	scratch_put(s, "secret", "opensesame12\n", 13);
	assert_int_equal(iscsi_db_secret_resolve(value, NULL, NULL, &secret), 0);
	assert_string_equal(secret, "opensesame12");
	iscsi_db_secret_free(secret);
}

static void a_file_that_others_can_touch_is_refused_and_named(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0602, 0777};
	struct scratch *s = *state;
	char path[256], *secret = NULL;

	scratch_put(s, "secret", "opensesame12\n", 13);
	snprintf(path, sizeof(path), "%s/secret", s->root);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		s->problem[0] = '\0';
		assert_int_equal(iscsi_db_secret_resolve(in_root(s, "@file:", "secret"),
		                                         scratch_tell, s, &secret),
		                 -EPERM);
		assert_non_null(strstr(s->problem, path));
		assert_null(strstr(s->problem, "opensesame"));
	}
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(iscsi_db_secret_resolve(in_root(s, "@file:", "secret"),
		                                         scratch_tell, s, &secret),
		                 -EPERM);
	}
	assert_null(secret);
}

static void a_file_without_one_line_is_refused(void **state)
{
	static char longest[256 + 1];
	const struct {
		const char *text;
		size_t len;
		int result;
	} rows[] = {
		{"", 0, -ERANGE},          {"\n", 1, -ERANGE}, {"one\ntwo\n", 8, -EINVAL},
		{"a\0b", 3, -EINVAL},      {longest, 255, 0},  {longest, 256, -ERANGE},
		{"with\ttab", 8, -EINVAL},
	};
	struct scratch *s = *state;

	memset(longest, 'x', sizeof(longest) - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *secret = NULL;

		scratch_put(s, "secret", rows[i].text, rows[i].len);
		assert_int_equal(iscsi_db_secret_resolve(in_root(s, "@file:", "secret"),
		                                         scratch_tell, s, &secret),
		                 rows[i].result);
		iscsi_db_secret_free(secret);
	}
	assert_int_equal(iscsi_db_secret_resolve("@file:/tmp", scratch_tell, s, &(char *){NULL}),
	                 -EPERM);
}

static void a_credential_comes_from_the_folder_that_systemd_names(void **state)
{
	struct scratch *s = *state;
	char *secret = NULL;

	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(iscsi_db_secret_resolve("@creds:chap", scratch_tell, s, &secret), -ENOENT);
	assert_non_null(strstr(s->problem, "LoadCredential=chap"));
	scratch_put(s, "chap", "opensesame12", 12);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", s->root, 1), 0);
	assert_int_equal(iscsi_db_secret_resolve("@creds:chap", scratch_tell, s, &secret), 0);
	assert_string_equal(secret, "opensesame12");
	iscsi_db_secret_free(secret);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_place_that_cannot_be_one_is_no_value(void **state _unused_)
{
	static const char *const values[] = {
		"@file:relative", "@file:", "@creds:", "@creds:../x", "@creds:..", "@creds:.",
	};
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		assert_int_equal(iscsi_db_record_set(r, KEY, values[i]), -EINVAL);
		assert_int_equal(iscsi_db_secret_resolve(values[i], NULL, NULL, &(char *){NULL}),
		                 -EINVAL);
	}
	/* these are secrets like any other */
	assert_int_equal(iscsi_db_record_set(r, KEY, "@"), 0);
	assert_int_equal(iscsi_db_record_set(r, KEY, "file:x"), 0);
	assert_int_equal(iscsi_db_record_set(r, KEY, "@other:x"), 0);
	/* and in keys that are no secrets nothing is special */
	assert_int_equal(iscsi_db_record_set(r, "node.session.auth.username", "@file:x"), 0);
	iscsi_db_record_free(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_plain_secret_is_itself),
		TEST(a_secret_is_read_from_its_file_when_it_is_asked_for),
		TEST(a_file_that_others_can_touch_is_refused_and_named),
		TEST(a_file_without_one_line_is_refused),
		TEST(a_credential_comes_from_the_folder_that_systemd_names),
		TEST(a_place_that_cannot_be_one_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
