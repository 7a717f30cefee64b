/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writing calls tell in place of writing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

#define PLACE "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1/default"

struct told {
	unsigned int count;
	enum iscsi_db_change what; /* the last one */
	char path[512];
	char before[64], after[64]; /* the user name in its records, "" for none */
};

static void put_name(const struct iscsi_db_record *r, char dst[static 64])
{
	snprintf(dst, 64, "%s", r ? iscsi_db_record_get(r, "node.session.auth.username") : "");
}

static void tell(void *data, enum iscsi_db_change what, const char *path,
                 const struct iscsi_db_record *before, const struct iscsi_db_record *after)
{
	struct told *t = data;

	t->count++;
	t->what = what;
	snprintf(t->path, sizeof(t->path), "%s", path);
	put_name(before, t->before);
	put_name(after, t->after);
}

static int write_name(struct scratch *s, const char *name)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.session.auth.username", name);
	int ret = iscsi_db_node_write(s->db, r);

	iscsi_db_record_free(r);
	return ret;
}

static void what_is_missing_would_be_added(void **state)
{
	struct scratch *s = *state;
	struct told t = {0};

	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_ADD);
	assert_string_equal(t.path, PLACE);
	assert_string_equal(t.after, "one");
	assert_false(scratch_has(s, "nodes"));
}

static void what_is_there_would_be_replaced_or_left(void **state)
{
	struct scratch *s = *state;
	struct told t = {0};

	assert_int_equal(write_name(s, "one"), 0);
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_NONE);
	assert_int_equal(write_name(s, "two"), 0);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_REPLACE);
	assert_string_equal(t.before, "one");
	assert_string_equal(t.after, "two");
	assert_int_equal(t.count, 2);
}

/* Nothing was written, so the second looks like the first. */
static void what_is_written_twice_is_told_once(void **state)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct scratch *s = *state;
	struct told t = {0};

	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(write_name(s, "two"), 0);
	assert_int_equal(t.count, 2);
	assert_string_equal(t.after, "two");
	assert_int_equal(iscsi_db_node_delete(s->db, &id), -ENOENT);
	assert_int_equal(t.count, 2);
	/* a new rehearsal has told nothing yet */
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.count, 3);
}

/* A record with a tag takes the place of one without, which an old tool wrote. */
static void what_goes_for_it_is_told_too(void **state)
{
	struct iscsi_db_node_id old = scratch_id("192.0.2.1", 3260, -1, "default");
	struct scratch *s = *state;
	struct iscsi_db_record *r = scratch_node(&old, "node.startup", "automatic");
	struct told t = {0};

	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_DELETE);
	assert_string_equal(t.path, "nodes/" SCRATCH_TARGET "/192.0.2.1,3260");
}

/* Commands read and write in a batch, where a record that was read is not compared again. */
static void a_record_that_was_read_in_the_batch_is_told_too(void **state)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct scratch *s = *state;
	struct iscsi_db_record *r;
	struct told t = {0};

	assert_int_equal(write_name(s, "one"), 0);
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(iscsi_db_node_read(s->db, &id, NULL, NULL, &r), 0);
	assert_int_equal(iscsi_db_record_update(r, "node.session.auth.username", "two"), 0);
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	iscsi_db_record_free(r);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_REPLACE);
	assert_string_equal(t.before, "one");
}

static void a_deletion_is_told_and_one_of_nothing_fails_as_ever(void **state)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct scratch *s = *state;
	struct told t = {0};

	assert_int_equal(write_name(s, "one"), 0);
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(iscsi_db_node_delete(s->db, &id), 0);
	assert_int_equal(t.what, ISCSI_DB_CHANGE_DELETE);
	assert_string_equal(t.path, PLACE);
	assert_true(scratch_has(s, PLACE));
	id.port = 3261;
	assert_int_equal(iscsi_db_node_delete(s->db, &id), -ENOENT);
	assert_int_equal(iscsi_db_iface_delete(s->db, "eth0"), -ENOENT);
	assert_int_equal(t.count, 1);
}

/* Somebody who is writing is not waited for. */
static void a_rehearsal_takes_no_lock(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db *other;
	struct told t = {0};

	assert_int_equal(iscsi_db_open(s->root, &other), 0);
	assert_int_equal(iscsi_db_batch_begin(other), 0);
	iscsi_db_rehearse(s->db, tell, &t);
	assert_int_equal(write_name(s, "one"), 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(iscsi_db_batch_end(other), 0);
	iscsi_db_close(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_missing_would_be_added),
		TEST(what_is_there_would_be_replaced_or_left),
		TEST(what_is_written_twice_is_told_once),
		TEST(what_goes_for_it_is_told_too),
		TEST(a_record_that_was_read_in_the_batch_is_told_too),
		TEST(a_deletion_is_told_and_one_of_nothing_fails_as_ever),
		TEST(a_rehearsal_takes_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
