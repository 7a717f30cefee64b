/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that ask for what the daemon does not do are named in the log, the others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iscsid/repeat.h"
#include "lib/base/log.h"
#include "tests/unit/db/scratch.h"
#include "tests/unit/iscsid/reap.h"

#define SAYS "says use_discoveryd = Yes"

enum { LINES_SIZE = 1 << 17 };

static char *lines;

static void note(enum log_level level, const char *text)
{
	size_t used = strlen(lines);

	assert_int_equal(level, LOG_LEVEL_WARNING);
	snprintf(lines + used, LINES_SIZE - used, "%s\n", text);
}

static int set_up(void **state)
{
	lines = calloc(1, LINES_SIZE);
	log_set_sink(note);
	return lines ? scratch_make(state) : -1;
}

static int tear_down(void **state)
{
	log_set_sink(NULL);
	free(lines);
	return scratch_drop(state);
}

static void write_record(struct scratch *s, enum iscsi_db_kind kind, const char *address,
                         const char *repeats)
{
	struct iscsi_db_record *r = iscsi_db_record_new(kind);

	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.address", address), 0);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.port", "3260"), 0);
	assert_int_equal(iscsi_db_record_set(r,
	                                     kind == ISCSI_DB_ISNS
	                                             ? "discovery.isns.use_discoveryd"
	                                             : "discovery.sendtargets.use_discoveryd",
	                                     repeats),
	                 0);
	assert_int_equal(iscsi_db_discovery_write(s->db, r), 0);
	iscsi_db_record_free(r);
}

static size_t count(const char *text)
{
	size_t n = 0;

	for (const char *at = lines; (at = strstr(at, text)); at++)
		n++;
	return n;
}

/* Reads the records below root to the end. */
static void look(const char *root)
{
	struct loop *loop;
	struct child *reader;

	assert_int_equal(loop_new(&loop), 0);
	repeat_warn(loop, root, &reader);
	assert_non_null(reader);
	while (reader)
		assert_int_equal(loop_step(loop, 60 * USEC_PER_SEC), 0);
	reap_all(loop);
	loop_free(loop);
}

static void each_record_with_yes_is_named_once(void **state)
{
	struct scratch *s = *state;

	write_record(s, ISCSI_DB_SENDTARGETS, "192.0.2.1", "Yes");
	write_record(s, ISCSI_DB_SENDTARGETS, "192.0.2.2", "No");
	write_record(s, ISCSI_DB_SENDTARGETS, "2001:db8::1", "Yes");
	write_record(s, ISCSI_DB_ISNS, "192.0.2.3", "Yes");
	write_record(s, ISCSI_DB_ISNS, "192.0.2.4", "No");
	look(s->root);
	assert_int_equal(count("\n"), 3);
	assert_int_equal(count("discovery record send_targets/192.0.2.1,3260 " SAYS), 1);
	assert_int_equal(count("discovery record send_targets/2001:db8::1,3260 " SAYS), 1);
	assert_int_equal(count("discovery record isns/192.0.2.3,3260 " SAYS), 1);
}

static void a_record_that_cannot_be_read_hides_no_other(void **state)
{
	struct scratch *s = *state;
	char path[256];
	FILE *f;

	write_record(s, ISCSI_DB_SENDTARGETS, "192.0.2.1", "Yes");
	write_record(s, ISCSI_DB_SENDTARGETS, "192.0.2.2", "Yes");
	snprintf(path, sizeof(path), "%s/send_targets/192.0.2.1,3260/st_config", s->root);
	f = fopen(path, "we");
	assert_non_null(f);
	fclose(f);
	look(s->root);
	assert_int_equal(count("\n"), 1);
	assert_int_equal(count("192.0.2.2,3260 " SAYS), 1);
}

static void more_than_can_be_named_are_told_of(void **state)
{
	enum { RECORDS = 250 };
	struct scratch *s = *state;
	char address[32];

	for (int i = 0; i < RECORDS; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i);
		write_record(s, ISCSI_DB_SENDTARGETS, address, "Yes");
	}
	look(s->root);
	assert_in_range(count(SAYS), 100, RECORDS - 1);
	assert_int_equal(count("more discovery records say so"), 1);
	assert_int_equal(count("\n"), count(SAYS) + 1);
}

static void without_a_database_nothing_is_said(void **state)
{
	struct scratch *s = *state;
	char root[128];

	snprintf(root, sizeof(root), "%s/none", s->top);
	look(root);
	assert_string_equal(lines, "");
}

static void a_database_that_cannot_be_read_is_told_of(void **state)
{
	struct scratch *s = *state;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/send_targets", s->root);
	f = fopen(path, "we");
	assert_non_null(f);
	fclose(f);
	look(s->root);
	assert_int_equal(count("\n"), 1);
	assert_int_equal(count("cannot read all discovery records: Not a directory"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_record_with_yes_is_named_once),
		TEST(a_record_that_cannot_be_read_hides_no_other),
		TEST(more_than_can_be_named_are_told_of),
		TEST(without_a_database_nothing_is_said),
		TEST(a_database_that_cannot_be_read_is_told_of),
	};

	return cmocka_run_group_tests_name("repeat", tests, NULL, NULL);
}
