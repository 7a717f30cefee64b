/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers against each other, against readers, and against a file system that has no room.
 * DB_STRESS_SECONDS says how long.
 */
#include <errno.h>
#include <setjmp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

enum { WRITERS = 8, READERS = 8, STRESS_SECONDS = 3 };

static int write_username(struct iscsi_db *db, const char *name)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.session.auth.username", name);
	int ret = iscsi_db_node_write(db, r);

	iscsi_db_record_free(r);
	return ret;
}

static bool time_is_up(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* Names of one letter, of any length: half of one and half of another would show. */
static int write_until(const struct scratch *s, char letter, const struct timespec *end)
{
	struct iscsi_db *db;
	char name[256];

	if (iscsi_db_open(s->root, &db) < 0 || iscsi_db_set_lock_folder(db, s->lock_folder) < 0)
		return 1;
	for (size_t len = 1; !time_is_up(end); len = len % 255 + 1) {
		memset(name, letter, len);
		name[len] = '\0';
		if (write_username(db, name) < 0)
			return 2;
	}
	iscsi_db_close(db);
	return 0;
}

static int read_until(const struct scratch *s, const struct timespec *end)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct scratch told = {0};
	struct iscsi_db *db;

	if (iscsi_db_open(s->root, &db) < 0)
		return 1;
	while (!time_is_up(end)) {
		struct iscsi_db_record *r = NULL;
		const char *name;

		if (iscsi_db_node_read(db, &id, scratch_tell, &told, &r) < 0 || told.problems > 0)
			return 2;
		name = iscsi_db_record_get(r, "node.session.auth.username");
		if (name[0] == '\0' || strspn(name, (char[]){name[0], '\0'}) != strlen(name))
			return 3;
		iscsi_db_record_free(r);
	}
	iscsi_db_close(db);
	return 0;
}

static void readers_see_whole_records_while_others_write(void **state)
{
	const char *seconds = getenv("DB_STRESS_SECONDS");
	struct scratch *s = *state;
	pid_t pids[WRITERS + READERS];
	struct timespec end;

	assert_int_equal(write_username(s->db, "a"), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds ? atoi(seconds) : STRESS_SECONDS;
	for (int i = 0; i < WRITERS + READERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(i < WRITERS ? write_until(s, (char)('a' + i), &end)
			                  : read_until(s, &end));
	}
	for (int i = 0; i < WRITERS + READERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void a_write_that_fails_leaves_the_old_record(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = NULL;
	struct rlimit before, small;

	assert_int_equal(write_username(s->db, "before"), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_username(s->db, "after"), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.username"), "before");
	iscsi_db_record_free(r);
	/* and no temporary file: the record's folder becomes empty with it */
	assert_int_equal(unlinkat(s->fd, "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1/default", 0),
	                 0);
	assert_int_equal(unlinkat(s->fd, "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1", AT_REMOVEDIR),
	                 0);
}

/* 1: as it should be, 0: there cannot be such a disk here, negative: the step that went wrong. */
static int use_small_disk(const struct scratch *s)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = NULL;
	struct iscsi_db *db;
	char path[128], page[4096] = "";
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
	    mount("db", s->root, "tmpfs", 0, "size=64k") < 0)
		return 0;
	if (iscsi_db_open(s->root, &db) < 0 || write_username(db, "before") < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/filler", s->root);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	if (write_username(db, "after") != -ENOSPC)
		return -2;
	if (mount(NULL, s->root, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0 ||
	    write_username(db, "after") != -EROFS || iscsi_db_node_delete(db, &id) != -EROFS)
		return -3;
	if (iscsi_db_node_read(db, &id, NULL, NULL, &r) < 0 ||
	    strcmp(iscsi_db_record_get(r, "node.session.auth.username"), "before") != 0)
		return -4;
	iscsi_db_record_free(r);
	iscsi_db_close(db);
	return access(path, F_OK) == 0 ? 1 : -5;
}

static void a_full_or_read_only_disk_leaves_the_old_record(void **state)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(10 + use_small_disk(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 10)
		skip();
	assert_int_equal(WEXITSTATUS(status) - 10, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_see_whole_records_while_others_write),
		TEST(a_write_that_fails_leaves_the_old_record),
		TEST(a_full_or_read_only_disk_leaves_the_old_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
