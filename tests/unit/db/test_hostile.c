/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database in which somebody has put what does not belong there. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

#define PORTAL "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1"

enum { PATIENCE_SEC = 20 };

static int write_one(struct scratch *s, const char *address)
{
	struct iscsi_db_node_id id = scratch_id(address, 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, NULL, NULL);
	int ret = iscsi_db_node_write(s->db, r);

	iscsi_db_record_free(r);
	return ret;
}

static size_t count_nodes(struct scratch *s)
{
	struct iscsi_db_node_id *ids;
	size_t count;

	assert_int_equal(iscsi_db_nodes(s->db, NULL, scratch_tell, s, &ids, &count), 0);
	free(ids);
	return count;
}

/* Opening one for writing waits until somebody reads from it. */
static void a_pipe_in_the_way_of_a_write_is_not_waited_for(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(mkfifoat(s->fd, ".new", 0600), 0);
	alarm(PATIENCE_SEC);
	assert_int_equal(write_one(s, "192.0.2.1"), 0);
	alarm(0);
	assert_true(scratch_is(s, PORTAL "/default", S_IFREG | 0600));
}

static void a_file_in_the_way_of_a_write_is_not_written_to(void **state)
{
	struct scratch *s = *state;
	struct stat st;

	scratch_put(s, "precious", "x", 1);
	assert_int_equal(fchmodat(s->fd, "precious", 0666, 0), 0);
	assert_int_equal(linkat(s->fd, "precious", s->fd, ".new", 0), 0);
	assert_int_equal(write_one(s, "192.0.2.1"), 0);
	assert_int_equal(fstatat(s->fd, "precious", &st, 0), 0);
	assert_int_equal(st.st_size, 1);
	assert_true(scratch_is(s, PORTAL "/default", S_IFREG | 0600));
}

static void what_is_no_record_hides_no_record(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(write_one(s, "192.0.2.1"), 0);
	assert_int_equal(symlinkat("iqn.2001-04.com.example:loop", s->fd,
	                           "nodes/iqn.2001-04.com.example:loop"),
	                 0);
	assert_int_equal(symlinkat("nowhere", s->fd, "nodes/iqn.2001-04.com.example:nowhere"), 0);
	assert_int_equal(symlinkat("default", s->fd, PORTAL "/if0"), 0);
	assert_int_equal(mkfifoat(s->fd, PORTAL "/if1", 0600), 0);
	assert_int_equal(mkfifoat(s->fd, "nodes/" SCRATCH_TARGET "/192.0.2.2,3260", 0600), 0);
	alarm(PATIENCE_SEC);
	assert_int_equal(count_nodes(s), 1);
	alarm(0);
	assert_int_equal(s->problems, 2);
	assert_int_equal(write_one(s, "192.0.2.1"), 0);
}

/* "ADDR,PORT,TPGT" is a file name, of at most 255 bytes. */
static void what_cannot_be_written_leaves_nothing(void **state)
{
	struct scratch *s = *state;
	char host[252];

	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	for (size_t i = 60; i < sizeof(host) - 1; i += 61)
		host[i] = '.';
	assert_int_equal(write_one(s, host), -ENAMETOOLONG);
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
	assert_false(scratch_has(s, ".new"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pipe_in_the_way_of_a_write_is_not_waited_for),
		TEST(a_file_in_the_way_of_a_write_is_not_written_to),
		TEST(what_is_no_record_hides_no_record),
		TEST(what_cannot_be_written_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
