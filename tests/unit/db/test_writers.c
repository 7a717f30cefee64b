/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers against each other, against readers, against open-iscsi's tools, and against a file
 * system that has no room.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "libiscsi-db/lock.h"
#include "tests/unit/db/scratch.h"

#define RECORD_PATH "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1/default"

enum { WRITERS = 4, WRITES = 50, DEATHS = 40, DEATH_STEP_USEC = 150 };

static int write_username(struct iscsi_db *db, const char *name)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.session.auth.username", name);
	int ret = iscsi_db_node_write(db, r);

	iscsi_db_record_free(r);
	return ret;
}

/* In a process of its own: 0 if all went well. */
static int write_often(const struct scratch *s, char letter)
{
	struct iscsi_db *db;
	char name[256];

	memset(name, letter, 255);
	if (iscsi_db_open(s->root, &db) < 0 || iscsi_db_set_lock_folder(db, s->lock_folder) < 0)
		return 1;
	for (int i = 0; i < WRITES; i++) {
		name[1 + i * 4] = '\0';
		if (write_username(db, name) < 0)
			return 2;
		name[1 + i * 4] = letter;
	}
	iscsi_db_close(db);
	return 0;
}

static void readers_see_whole_records_while_others_write(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	pid_t pids[WRITERS];
	int running = WRITERS;

	assert_int_equal(write_username(s->db, "a"), 0);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(write_often(s, (char)('a' + i)));
	}
	while (running > 0) {
		struct iscsi_db_record *r = NULL;
		const char *name;
		int status;

		assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
		assert_int_equal(s->problems, 0);
		name = iscsi_db_record_get(r, "node.session.auth.username");
		assert_int_equal(strspn(name, (char[]){name[0], '\0'}), strlen(name));
		iscsi_db_record_free(r);
		for (int i = 0; i < WRITERS; i++)
			if (pids[i] > 0 && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
				assert_true(WIFEXITED(status));
				assert_int_equal(WEXITSTATUS(status), 0);
				pids[i] = 0;
				running--;
			}
	}
}

static void a_writer_that_dies_at_any_moment_leaves_a_whole_record(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");

	assert_int_equal(write_username(s->db, "a"), 0);
	for (unsigned int i = 0; i < DEATHS; i++) {
		struct iscsi_db_record *r = NULL;
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			/* its default action ends the process wherever it is */
			ualarm(1 + i * DEATH_STEP_USEC, 0);
			for (;;)
				write_often(s, 'b');
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
		assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
		assert_int_equal(s->problems, 0);
		iscsi_db_record_free(r);
		/* the next one does not wait */
		alarm(5);
		assert_int_equal(write_username(s->db, i % 2 ? "c" : "d"), 0);
		alarm(0);
	}
	/* what the dead left half written goes with the record */
	assert_int_equal(iscsi_db_node_delete(s->db, &id), 0);
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
}

static void the_lock_of_a_killed_writer_is_free_at_once(void **state)
{
	struct scratch *s = *state;
	char link_path[128];
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd;

		if (lock_take(s->lock_folder, &fd) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]);
	close(ready[1]);
	/* its name in the place of open-iscsi's link is still there, and bars nobody of ours */
	snprintf(link_path, sizeof(link_path), "%s/lock.write", s->lock_folder);
	assert_int_equal(access(link_path, F_OK), 0);
	alarm(5);
	assert_int_equal(write_username(s->db, "a"), 0);
	alarm(0);
}

static void the_lock_folder_is_for_its_owner_but_not_what_is_above(void **state)
{
	struct scratch *s = *state;
	char folder[128];
	mode_t before = umask(022);
	struct stat st;
	int fd;

	snprintf(folder, sizeof(folder), "%s/run/lock/iscsi", s->top);
	assert_int_equal(lock_take(folder, &fd), 0);
	umask(before);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	*strrchr(folder, '/') = '\0';
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	close(fd);
}

/* Where everybody may make files, as in /run/lock. */
static void a_lock_folder_under_another_users_control_is_refused(void **state)
{
	struct scratch *s = *state;
	char elsewhere[128], link_path[128], open_to_all[128], name[140];
	int fd;

	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", s->top);
	snprintf(link_path, sizeof(link_path), "%s/link", s->top);
	snprintf(open_to_all, sizeof(open_to_all), "%s/open", s->top);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(symlink(elsewhere, link_path), 0);
	assert_int_equal(lock_take(link_path, &fd), -EPERM);
	snprintf(name, sizeof(name), "%s/lock", elsewhere);
	assert_int_equal(access(name, F_OK), -1);

	assert_int_equal(mkdir(open_to_all, 0700), 0);
	assert_int_equal(chmod(open_to_all, 01777), 0);
	assert_int_equal(lock_take(open_to_all, &fd), -EPERM);

	/* only root can give a folder away */
	if (chown(elsewhere, 65534, 65534) == 0)
		assert_int_equal(lock_take(elsewhere, &fd), -EPERM);
}

/* open-iscsi's tools make a hard link "lock.write" to the file "lock", and remove it afterwards. */
static void a_lock_of_open_iscsi_is_waited_for(void **state)
{
	struct scratch *s = *state;
	char lock[128], link_path[128];
	pid_t pid;
	int status;

	snprintf(lock, sizeof(lock), "%s/lock", s->lock_folder);
	snprintf(link_path, sizeof(link_path), "%s/lock.write", s->lock_folder);
	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(access(link_path, F_OK), -1);
	assert_int_equal(link(lock, link_path), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(write_username(s->db, "b") == 0 ? 0 : 1);
	/* it cannot have written, however long it is given */
	for (int i = 0; i < 500; i++) {
		char text[8192] = "";
		int fd = openat(s->fd, RECORD_PATH, O_RDONLY | O_CLOEXEC);

		assert_true(read(fd, text, sizeof(text) - 1) > 0);
		close(fd);
		assert_non_null(strstr(text, "node.session.auth.username = a\n"));
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	}
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void while_ours_is_held_the_link_of_open_iscsi_cannot_be_made(void **state)
{
	struct scratch *s = *state;
	char lock[128], link_path[128];

	snprintf(lock, sizeof(lock), "%s/lock", s->lock_folder);
	snprintf(link_path, sizeof(link_path), "%s/lock.write", s->lock_folder);
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(link(lock, link_path), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(link(lock, link_path), 0);
	assert_int_equal(unlink(link_path), 0);
}

static void batches_nest_and_end_with_the_outermost(void **state)
{
	struct scratch *s = *state;
	char link_path[128];

	snprintf(link_path, sizeof(link_path), "%s/lock.write", s->lock_folder);
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(access(link_path, F_OK), 0);
	assert_int_equal(write_username(s->db, "b"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(access(link_path, F_OK), -1);
	assert_true(scratch_has(s, RECORD_PATH));
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_see_whole_records_while_others_write),
		TEST(a_writer_that_dies_at_any_moment_leaves_a_whole_record),
		TEST(the_lock_of_a_killed_writer_is_free_at_once),
		TEST(the_lock_folder_is_for_its_owner_but_not_what_is_above),
		TEST(a_lock_folder_under_another_users_control_is_refused),
		TEST(a_lock_of_open_iscsi_is_waited_for),
		TEST(while_ours_is_held_the_link_of_open_iscsi_cannot_be_made),
		TEST(batches_nest_and_end_with_the_outermost),
		TEST(a_write_that_fails_leaves_the_old_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
