/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record's CHAP settings become. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "iscsid/auth.h"
#include "lib/base/macros.h"

#define NO_FIPS "/nowhere/fips_enabled"

/* What was told, one line a reason. */
static void hear(void *data, const char *text)
{
	char *said = data;

	strcat(said, text);
	strcat(said, "\n");
}

/* Settings as "username=x;password=y" behind their prefix, for either kind of record. */
static struct iscsi_db_record *record_of(enum iscsi_db_kind kind, const char *settings)
{
	const char *prefix =
		kind == ISCSI_DB_NODE ? "node.session.auth." : "discovery.sendtargets.auth.";
	struct iscsi_db_record *record = iscsi_db_record_new(kind);

	assert_non_null(record);
	while (*settings) {
		size_t len = strcspn(settings, ";"), name_len = strcspn(settings, "=");
		bool algorithms = strncmp(settings, "chap_algs", 9) == 0;
		char name[64], value[300];

		snprintf(name, sizeof(name), "%s%.*s", algorithms ? "node.session.auth." : prefix,
		         (int)name_len, settings);
		snprintf(value, sizeof(value), "%.*s", (int)(len - name_len - 1),
		         settings + name_len + 1);
		assert_int_equal(iscsi_db_record_set(record, name, value), 0);
		settings += len + (settings[len] == ';');
	}
	return record;
}

struct row {
	const char *settings;
	const char *said; /* what was told, or why it was refused */
	bool refused;
	uint8_t algorithms[CHAP_ALGORITHMS_MAX];
};

#define GOOD "authmethod=CHAP;username=host;password=aSecret4TheHost"

static const struct row node_rows[] = {
	{"", "", false, {0}},
	{GOOD, "", false, {5}},
	{GOOD ";username_in=disk;password_in=tSecret4TheDisk", "", false, {5}},
	{GOOD ";chap_algs=SHA3-256,SHA256,SHA1,MD5", "", false, {8, 7, 6, 5}},
	{"username=host;password=aSecret4TheHost",
         "node.session.auth.username and node.session.auth.password are not used, since "
         "node.session.auth.authmethod is None; where the target wants them, set it to CHAP\n",
         false,
         {0}},
	{"authmethod=CHAP;username=host",
         "node.session.auth.authmethod is CHAP, but node.session.auth.password is not set: logging "
         "in without CHAP\n",
         false,
         {0}},
	{"authmethod=CHAP;password=aSecret4TheHost",
         "node.session.auth.password is set and node.session.auth.username is not",
         true,
         {0}},
	{"authmethod=CHAP;username=host;password=short",
         "node.session.auth.password has 5 bytes; not every target takes less than 12 or more than "
         "16\n",
         false,
         {5}},
	{GOOD ";password_in=tSecretThatIsLong",
         "node.session.auth.password_in has 17 bytes; not every target takes less than 12 or more "
         "than 16\n",
         false,
         {5}},
	{GOOD ";username_in=disk",
         "node.session.auth.username_in is set and node.session.auth.password_in is not: the target "
         "could prove nothing",
         true,
         {0}},
	{"authmethod=CHAP;username=host;password_in=tSecret4TheDisk",
         "node.session.auth.password_in is set and node.session.auth.password is not: a target only "
         "authenticates to an initiator that does",
         true,
         {0}},
	{GOOD ";password_in=aSecret4TheHost",
         "node.session.auth.password and node.session.auth.password_in are the same, which proves "
         "nothing",
         true,
         {0}},
};

static void check_row(enum iscsi_db_kind kind, const char *fips_file, const struct row *row)
{
	struct iscsi_db_record *record = record_of(kind, row->settings);
	char said[1024] = "", why[AUTH_WHY_SIZE] = "";
	struct peer_auth auth;
	int r = auth_fill(record, fips_file, hear, said, &auth, why);

	assert_string_equal(row->refused ? why : said, row->said);
	assert_int_equal(r, row->refused ? -EINVAL : 0);
	assert_memory_equal(auth.algorithms.number, row->algorithms, sizeof(row->algorithms));
	/* no CHAP, no secrets */
	assert_true(row->algorithms[0] != 0 || !secret_is_set(&auth.secret));
	/* no secret is ever in a text */
	assert_null(strstr(said, "ecret4"));
	assert_null(strstr(why, "ecret4"));
	iscsi_db_record_free(record);
}

static void settings_become_credentials(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(node_rows); i++)
		check_row(ISCSI_DB_NODE, NO_FIPS, &node_rows[i]);
}

static void names_and_secrets_are_copied(void **state _unused_)
{
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_NODE, ISCSI_DB_SENDTARGETS};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct iscsi_db_record *record =
			record_of(kinds[i], GOOD
		                  ";username_in=disk;password_in=tSecret4TheDisk;chap_algs=SHA256");
		static const struct peer_auth nothing;
		char why[AUTH_WHY_SIZE];
		struct peer_auth auth;

		assert_int_equal(auth_fill(record, NO_FIPS, NULL, NULL, &auth, why), 0);
		assert_string_equal(auth.name, "host");
		assert_string_equal(auth.target_name, "disk");
		assert_int_equal(auth.secret.len, 15);
		assert_memory_equal(auth.secret.bytes, "aSecret4TheHost", 16);
		assert_memory_equal(auth.target_secret.bytes, "tSecret4TheDisk", 16);
		assert_int_equal(auth.algorithms.number[0], CHAP_SHA256);
		auth_wipe(&auth);
		assert_memory_equal(&auth, &nothing, sizeof(auth));
		iscsi_db_record_free(record);
	}
}

static void what_the_system_forbids_is_not_offered(void **state _unused_)
{
	static const struct row forbidden[] = {
		{GOOD ";chap_algs=MD5,SHA256",
	         "CHAP with MD5 is not offered: it is forbidden on this system (FIPS mode)\n",
	         false,
	         {7}},
		{GOOD,
	         "CHAP with MD5 is forbidden on this system (FIPS mode), and "
	         "node.session.auth.chap_algs has no other algorithm",
	         true,
	         {0}},
		{GOOD ";chap_algs=SHA3-256", "", false, {8}},
	};
	static const struct row allowed = {GOOD, "", false, {5}};
	char path[] = "/tmp/fips.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1\n", 2), 2);
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		check_row(ISCSI_DB_NODE, path, &forbidden[i]);
	assert_int_equal(pwrite(fd, "0\n", 2, 0), 2);
	check_row(ISCSI_DB_NODE, path, &allowed);
	close(fd);
	unlink(path);
}

static void a_refused_answer_is_worth_the_next_algorithm_once(void **state _unused_)
{
	static const struct {
		struct conn_result result;
		uint8_t offered[CHAP_ALGORITHMS_MAX], next;
	} rows[] = {
		/* tgt 1.0.85: 02/00 to the right answer with SHA-256 */
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .chap_algorithm = 7},
	         {7, 5},
	         5},
		{{.outcome = CONN_OUTCOME_REFUSED,
	          .status_class = 2,
	          .status_detail = 1,
	          .chap_algorithm = 8},
	         {7, 8, 6, 5},
	         6},
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .chap_algorithm = 5},
	         {7, 5},
	         0},
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .chap_algorithm = 5}, {5}, 0},
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 2}, {7, 5}, 0},
		{{.outcome = CONN_OUTCOME_REFUSED,
	          .status_class = 2,
	          .status_detail = 3,
	          .chap_algorithm = 7},
	         {7, 5},
	         0},
		{{.outcome = CONN_OUTCOME_REFUSED, .status_class = 3, .chap_algorithm = 7},
	         {7, 5},
	         0},
		{{.outcome = CONN_OUTCOME_AUTH_FAILED, .chap_algorithm = 7}, {7, 5}, 0},
		{{.outcome = CONN_OUTCOME_CLOSED, .chap_algorithm = 7}, {7, 5}, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct chap_algorithms list, before;

		memcpy(list.number, rows[i].offered, sizeof(list.number));
		before = list;
		assert_int_equal(auth_retry(&list, &rows[i].result), rows[i].next != 0);
		if (rows[i].next) {
			assert_int_equal(chap_algorithms_count(&list), 1);
			assert_int_equal(list.number[0], rows[i].next);
			assert_false(auth_retry(&list, &rows[i].result));
		} else {
			assert_memory_equal(&list, &before, sizeof(list));
		}
	}
}

static void hints_say_which_side_wants_chap(void **state _unused_)
{
	const struct conn_result wants_chap = {
		.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 1};
	const struct conn_result wrong = {.outcome = CONN_OUTCOME_REFUSED,
	                                  .status_class = 2,
	                                  .status_detail = 1,
	                                  .chap_algorithm = 5};
	const struct conn_result not_found = {
		.outcome = CONN_OUTCOME_REFUSED, .status_class = 2, .status_detail = 3};
	const struct conn_result no_algorithm = {.outcome = CONN_OUTCOME_AUTH_FAILED};
	const struct conn_result closed = {.outcome = CONN_OUTCOME_CLOSED};
	const struct conn_result closed_later = {.outcome = CONN_OUTCOME_CLOSED,
	                                         .stage = ISCSI_STAGE_OPERATIONAL};

	assert_string_equal(auth_hint(&wants_chap, false),
	                    "the target requires CHAP, the record's authmethod is None");
	assert_string_equal(auth_hint(&wrong, true),
	                    "compare the record's CHAP name and password with the target's");
	assert_non_null(strstr(auth_hint(&closed, false), "authmethod is None"));
	assert_string_equal(auth_hint(&no_algorithm, true),
	                    "node.session.auth.chap_algs may have to name other algorithms");
	assert_null(auth_hint(&closed, true));
	assert_null(auth_hint(&closed_later, false));
	assert_null(auth_hint(&not_found, false));
}

/* A file with a secret, for its owner alone unless mode says otherwise. */
static void write_secret(char path[static 32], const char *text, mode_t mode)
{
	int fd;

	strcpy(path, "/tmp/test_auth.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void secrets_that_stand_elsewhere_are_looked_up_at_login(void **state)
{
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_NODE, ISCSI_DB_SENDTARGETS};
	char path[32], settings[256], why[AUTH_WHY_SIZE];

	(void)state;
	write_secret(path, "aSecret4TheHost\n", 0600);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct iscsi_db_record *record;
		struct peer_auth auth = {0};

		snprintf(settings, sizeof(settings),
		         "authmethod=CHAP;username=host;password=@file:%s;username_in=disk;"
		         "password_in=tSecret4TheDisk",
		         path);
		record = record_of(kinds[i], settings);
		assert_int_equal(auth_resolve(record, why), 0);
		assert_int_equal(auth_fill(record, NO_FIPS, NULL, NULL, &auth, why), 0);
		assert_memory_equal(auth.secret.bytes, "aSecret4TheHost", 15);
		assert_int_equal(auth.secret.len, 15);
		assert_memory_equal(auth.target_secret.bytes, "tSecret4TheDisk", 15);
		iscsi_db_record_free(record);
	}
	unlink(path);
}

static void a_secret_that_cannot_be_looked_up_is_told_without_its_text(void **state)
{
	char open_path[32], long_path[32], settings[256], why[AUTH_WHY_SIZE];
	char missing[] = "/nowhere/secret";
	const char *const paths[] = {open_path, long_path, missing};
	struct iscsi_db_record *record;

	(void)state;
	write_secret(open_path, "aSecret4TheHost", 0644);
	write_secret(long_path, "two\nlines", 0600);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		snprintf(settings, sizeof(settings),
		         "authmethod=CHAP;username=host;password=@file:%s", paths[i]);
		record = record_of(ISCSI_DB_NODE, settings);
		assert_int_equal(auth_resolve(record, why), -EINVAL);
		assert_non_null(strstr(why, paths[i]));
		assert_null(strstr(why, "aSecret"));
		iscsi_db_record_free(record);
	}
	/* nobody asks for it without CHAP */
	record = record_of(ISCSI_DB_NODE, "password=@file:/nowhere/secret");
	assert_int_equal(auth_resolve(record, why), 0);
	assert_string_equal(iscsi_db_record_get(record, "node.session.auth.password"),
	                    "@file:/nowhere/secret");
	iscsi_db_record_free(record);
	unlink(open_path);
	unlink(long_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_become_credentials),
		cmocka_unit_test(names_and_secrets_are_copied),
		cmocka_unit_test(what_the_system_forbids_is_not_offered),
		cmocka_unit_test(a_refused_answer_is_worth_the_next_algorithm_once),
		cmocka_unit_test(hints_say_which_side_wants_chap),
		cmocka_unit_test(secrets_that_stand_elsewhere_are_looked_up_at_login),
		cmocka_unit_test(a_secret_that_cannot_be_looked_up_is_told_without_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
