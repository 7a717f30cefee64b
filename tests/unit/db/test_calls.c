/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many system calls a record costs: the difference between many records and few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/calls.h"
#include "tests/unit/db/scratch.h"

enum { FEW = 4, MANY = 68 };

/* The lock, the sync, and names of folders. */
enum { SLACK = 16 };

/* Something done with so many records, in one batch. */
struct job {
	const struct scratch *s;
	bool (*one)(struct iscsi_db *db, const struct iscsi_db_node_id *id);
	size_t count;
};

static struct iscsi_db_node_id id_of(size_t i)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");

	snprintf(id.target, sizeof(id.target), SCRATCH_TARGET "%zu", i);
	return id;
}

static bool write_one(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	struct iscsi_db_record *r = scratch_node(id, NULL, NULL);
	bool good = iscsi_db_node_write(db, r) == 0;

	iscsi_db_record_free(r);
	return good;
}

static bool read_one(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	struct iscsi_db_record *r;

	if (iscsi_db_node_read(db, id, NULL, NULL, &r) < 0)
		return false;
	iscsi_db_record_free(r);
	return true;
}

static bool update_one(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	struct iscsi_db_record *r;
	bool good;

	if (iscsi_db_node_read(db, id, NULL, NULL, &r) < 0)
		return false;
	good = iscsi_db_record_update(r, "node.startup", "automatic") == 0 &&
	       iscsi_db_node_write(db, r) == 0;
	iscsi_db_record_free(r);
	return good;
}

static bool delete_one(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	return iscsi_db_node_delete(db, id) == 0;
}

static bool do_all(const void *arg)
{
	const struct job *job = arg;
	struct iscsi_db *db;
	bool good = iscsi_db_open(job->s->root, &db) == 0 &&
	            iscsi_db_set_lock_folder(db, job->s->lock_folder) == 0 &&
	            iscsi_db_batch_begin(db) == 0;

	for (size_t i = 0; i < job->count && good; i++) {
		struct iscsi_db_node_id id = id_of(i);

		good = job->one(db, &id);
	}
	return good && iscsi_db_batch_end(db) == 0;
}

static bool list_all(const void *arg)
{
	const struct job *job = arg;
	struct iscsi_db_node_id *ids;
	struct iscsi_db *db;
	size_t count;

	return iscsi_db_open(job->s->root, &db) == 0 &&
	       iscsi_db_nodes(db, NULL, NULL, NULL, &ids, &count) == 0 && count == job->count;
}

static unsigned int calls_for(void **state,
                              bool (*one)(struct iscsi_db *db, const struct iscsi_db_node_id *id),
                              size_t count)
{
	const struct job job = {*state, one, count};

	return calls_of(one ? do_all : list_all, &job);
}

static void assert_each(unsigned int few, unsigned int many, unsigned int expected)
{
	assert_in_range(many - few, expected * (MANY - FEW) - SLACK,
	                expected * (MANY - FEW) + SLACK);
}

/* Look for one, make two folders, open, write, close and rename the file, make the link. */
static void a_new_record_takes_eight(void **state)
{
	unsigned int few = calls_for(state, write_one, FEW);

	calls_for(state, delete_one, FEW);
	assert_each(few, calls_for(state, write_one, MANY), 8);
}

/* Open, look at, read and close the file, look at the link. */
static void one_that_is_there_just_so_takes_five(void **state)
{
	calls_for(state, write_one, MANY);
	assert_each(calls_for(state, write_one, FEW), calls_for(state, write_one, MANY), 5);
}

static void a_read_takes_four_and_an_update_nine(void **state)
{
	calls_for(state, write_one, 2 * MANY);
	assert_each(calls_for(state, read_one, FEW), calls_for(state, read_one, MANY), 4);
	assert_each(calls_for(state, update_one, FEW), calls_for(state, update_one, MANY), 9);
}

/* Two folders, each opened, read, read to its end and closed. */
static void a_list_takes_eight(void **state)
{
	unsigned int few;

	calls_for(state, write_one, FEW);
	few = calls_for(state, NULL, FEW);
	calls_for(state, write_one, MANY);
	assert_each(few, calls_for(state, NULL, MANY), 8);
}

/* The file, its link, two folders. */
static void a_deletion_takes_four(void **state)
{
	unsigned int few;

	calls_for(state, write_one, FEW);
	few = calls_for(state, delete_one, FEW);
	calls_for(state, write_one, MANY);
	assert_each(few, calls_for(state, delete_one, MANY), 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_record_takes_eight),
		TEST(one_that_is_there_just_so_takes_five),
		TEST(a_read_takes_four_and_an_update_nine),
		TEST(a_list_takes_eight),
		TEST(a_deletion_takes_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
