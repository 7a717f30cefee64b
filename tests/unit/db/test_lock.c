/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writers' lock: ours, and open-iscsi's beside it, whose tools make a hard link "lock.write" to
 * a file "lock" that they have made, and remove the link afterwards.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "libiscsi-db/lock.h"
#include "tests/unit/db/scratch.h"

#define RECORD_PATH "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1/default"

static int write_username(struct iscsi_db *db, const char *name)
{
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.session.auth.username", name);
	int ret = iscsi_db_node_write(db, r);

	iscsi_db_record_free(r);
	return ret;
}

/* The names that open-iscsi's tools use, the first of them made as they do. */
struct foreign {
	char lock[128], link[128];
};

static struct foreign use_open_iscsi(const struct scratch *s)
{
	struct foreign f;
	int fd;

	snprintf(f.lock, sizeof(f.lock), "%s/lock", s->lock_folder);
	snprintf(f.link, sizeof(f.link), "%s/lock.write", s->lock_folder);
	assert_int_equal(mkdir(s->lock_folder, 0700), 0);
	fd = open(f.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	return f;
}

/* A process that has the lock, and is killed. */
static void die_with_the_lock(const struct scratch *s)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock l;

		if (lock_take(s->fd, s->lock_folder, &l) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]);
	close(ready[1]);
}

static void a_killed_writer_leaves_no_lock(void **state)
{
	struct scratch *s = *state;

	die_with_the_lock(s);
	/* where open-iscsi is not used, there is no trace of a lock at all */
	assert_int_equal(access(s->lock_folder, F_OK), -1);
	alarm(5);
	assert_int_equal(write_username(s->db, "a"), 0);
	alarm(0);
	assert_int_equal(access(s->lock_folder, F_OK), -1);
}

static void what_a_killed_writer_leaves_in_the_place_of_the_link_bars_nobody(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	die_with_the_lock(s);
	assert_int_equal(access(f.link, F_OK), 0);
	alarm(5);
	assert_int_equal(write_username(s->db, "a"), 0);
	alarm(0);
	assert_int_equal(access(f.link, F_OK), -1);
}

static void a_lock_of_open_iscsi_is_waited_for(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);
	pid_t pid;
	int status;

	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(access(f.link, F_OK), -1);
	assert_int_equal(link(f.lock, f.link), 0);
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
	assert_int_equal(unlink(f.link), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void while_ours_is_held_the_link_of_open_iscsi_cannot_be_made(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(link(f.lock, f.link), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(link(f.lock, f.link), 0);
	assert_int_equal(unlink(f.link), 0);
}

static void a_link_that_is_not_ours_any_more_is_left_alone(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(unlink(f.link), 0);
	assert_int_equal(link(f.lock, f.link), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(access(f.link, F_OK), 0);
	assert_int_equal(unlink(f.link), 0);
}

static void batches_nest_and_end_with_the_outermost(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(write_username(s->db, "a"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(access(f.link, F_OK), 0);
	assert_int_equal(write_username(s->db, "b"), 0);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_int_equal(access(f.link, F_OK), -1);
	assert_true(scratch_has(s, RECORD_PATH));
}

static void the_link_of_open_iscsi_is_stale_when_no_tool_of_it_waits_that_long(void **state)
{
	const struct stat lock = {.st_ino = 7}, other = {.st_ino = 8};
	static const struct {
		time_t made, now;
		bool stale;
	} rows[] = {
		{1000, 1000, false},
		{1000, 1025, false},
		{1000, 1026, true},
		{1000, 9000, true},
		/* the clock was set back: what is made in days to come bars nobody until then */
		{1000, 975, false},
		{1000, 974, true},
		{100000, 1000, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stat link = lock;

		link.st_ctim.tv_sec = rows[i].made;
		assert_int_equal(lock_link_is_stale(&link, &lock, rows[i].now), rows[i].stale);
		assert_false(lock_link_is_stale(&link, &other, rows[i].now));
	}
}

/* Opening one without a writer waits for ever, and the root of the database stays locked. */
static void a_pipe_in_the_place_of_the_link_bars_nobody(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	assert_int_equal(mkfifo(f.link, 0600), 0);
	alarm(5);
	assert_int_equal(write_username(s->db, "a"), 0);
	alarm(0);
	assert_int_equal(access(f.link, F_OK), -1);
}

/* Where everybody may make files, as in /run/lock, nobody may keep us from working, or waiting. */
static void a_lock_folder_under_another_users_control_counts_as_none(void **state)
{
	struct scratch *s = *state;
	struct foreign f = use_open_iscsi(s);

	assert_int_equal(link(f.lock, f.link), 0);
	assert_int_equal(chmod(s->lock_folder, 01777), 0);
	alarm(5);
	assert_int_equal(write_username(s->db, "a"), 0);
	/* only root can give a folder away */
	if (chown(s->lock_folder, 65534, 65534) == 0) {
		assert_int_equal(chmod(s->lock_folder, 0700), 0);
		assert_int_equal(write_username(s->db, "b"), 0);
	}
	alarm(0);
	assert_int_equal(access(f.link, F_OK), 0);
}

static void a_deletion_makes_no_database(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	char path[128];
	struct iscsi_db *db;

	snprintf(path, sizeof(path), "%s/elsewhere", s->top);
	assert_int_equal(iscsi_db_open(path, &db), 0);
	assert_int_equal(iscsi_db_node_delete(db, &id), -ENOENT);
	assert_int_equal(iscsi_db_iface_delete(db, "eth"), -ENOENT);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(write_username(db, "a"), 0);
	assert_int_equal(access(path, F_OK), 0);
	iscsi_db_close(db);
}

/* ---- a network file system, which locks only what is open for writing ------------------- */

/* Answers the flock(2) calls of the other thread: a folder cannot be locked, all else can. */
static void *refuse_folders(void *data)
{
	int listener = *(const int *)data;

	for (;;) {
		struct seccomp_notif call = {0};
		struct seccomp_notif_resp answer = {0};
		struct stat st;

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			return NULL;
		answer.id = call.id;
		if (fstat((int)call.data.args[0], &st) == 0 && S_ISDIR(st.st_mode))
			answer.error = -EBADF;
		else
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
			return NULL;
	}
}

/* From now on for this thread.  False: the kernel does not let us. */
static bool lose_locks_of_folders(void)
{
	static int listener;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};
	pthread_t thread;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return false;
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	                        SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	return listener >= 0 && pthread_create(&thread, NULL, refuse_folders, &listener) == 0;
}

enum { CHILD_WELL, CHILD_ILL, CHILD_UNABLE };

/* In a process of its own, since a filter stays. */
static int lock_without_folders(const struct scratch *s)
{
	int file, folder;

	if (!lose_locks_of_folders())
		return CHILD_UNABLE;
	if (iscsi_db_batch_begin(s->db) < 0 || write_username(s->db, "a") < 0)
		return CHILD_ILL;
	file = openat(s->fd, ".lock", O_RDWR | O_CLOEXEC);
	folder = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* that it really was like that, and that others are kept out */
	if (file < 0 || flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EBADF ||
	    flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return CHILD_ILL;
	if (iscsi_db_batch_end(s->db) < 0 || flock(file, LOCK_EX | LOCK_NB) < 0)
		return CHILD_ILL;
	return scratch_has(s, RECORD_PATH) ? CHILD_WELL : CHILD_ILL;
}

static void where_folders_cannot_be_locked_a_file_is(void **state)
{
	struct scratch *s = *state;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(lock_without_folders(s));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CHILD_UNABLE)
		skip();
	assert_int_equal(WEXITSTATUS(status), CHILD_WELL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_killed_writer_leaves_no_lock),
		TEST(what_a_killed_writer_leaves_in_the_place_of_the_link_bars_nobody),
		TEST(a_lock_of_open_iscsi_is_waited_for),
		TEST(while_ours_is_held_the_link_of_open_iscsi_cannot_be_made),
		TEST(a_link_that_is_not_ours_any_more_is_left_alone),
		TEST(batches_nest_and_end_with_the_outermost),
		TEST(the_link_of_open_iscsi_is_stale_when_no_tool_of_it_waits_that_long),
		TEST(a_pipe_in_the_place_of_the_link_bars_nobody),
		TEST(a_lock_folder_under_another_users_control_counts_as_none),
		TEST(a_deletion_makes_no_database),
		TEST(where_folders_cannot_be_locked_a_file_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
