/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill -9 at every system call: a child does a piece of work under ptrace(2) and is killed at its
 * first stop, then another one at its second, until one comes to the end.  Whatever is left must be
 * whole records, the old or the new ones; the next writer must not wait, and must put all right.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

enum { STOPS_MAX = 2000, RANDOM_KILLS = 300, RANDOM_USEC_MAX = 3000, PATIENCE_SEC = 5 };

/* Something that is done in a process of its own. */
typedef int (*work_fn)(struct iscsi_db *db);

static struct iscsi_db_node_id first_id(void)
{
	return scratch_id("192.0.2.1", 3260, 1, "default");
}

static int write_first(struct iscsi_db *db, const char *source, const char *name)
{
	struct iscsi_db_node_id id = first_id();
	struct iscsi_db_record *r = scratch_node(&id, "node.session.auth.username", name);
	int ret;

	iscsi_db_record_set(r, "node.discovery_type", "send_targets");
	iscsi_db_record_set(r, "node.discovery_address", source);
	iscsi_db_record_set(r, "node.discovery_port", "3260");
	ret = iscsi_db_node_write(db, r);
	iscsi_db_record_free(r);
	return ret;
}

static int update(struct iscsi_db *db)
{
	return write_first(db, "192.0.2.9", "new");
}

/* In a batch, as commands do it. */
static int update_in_batch(struct iscsi_db *db)
{
	struct iscsi_db_node_id id = first_id();
	struct iscsi_db_record *r = NULL;
	int ret = iscsi_db_batch_begin(db);

	if (ret == 0)
		ret = iscsi_db_node_read(db, &id, NULL, NULL, &r);
	if (ret == 0)
		ret = iscsi_db_record_update(r, "node.session.auth.username", "new");
	if (ret == 0)
		ret = iscsi_db_node_write(db, r);
	iscsi_db_record_free(r);
	return ret < 0 ? ret : iscsi_db_batch_end(db);
}

static int move_to_another_source(struct iscsi_db *db)
{
	return write_first(db, "192.0.2.8", "new");
}

static int delete (struct iscsi_db *db)
{
	struct iscsi_db_node_id id = first_id();

	return iscsi_db_node_delete(db, &id);
}

static int write_source(struct iscsi_db *db)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);
	int ret = iscsi_db_record_set(r, "discovery.sendtargets.address", "192.0.2.9");

	if (ret == 0)
		ret = iscsi_db_discovery_write(db, r);
	iscsi_db_record_free(r);
	return ret;
}

/* With all that it was linked to. */
static int delete_source(struct iscsi_db *db)
{
	const struct iscsi_db_discovery_id id = {
		.kind = ISCSI_DB_SENDTARGETS, .address = "192.0.2.9", .port = 3260};

	return iscsi_db_discovery_delete(db, &id);
}

/* Its own record, which it can always find again, goes last. */
static int make_and_delete_source(struct iscsi_db *db)
{
	int ret = write_source(db);

	return ret < 0 ? ret : delete_source(db);
}

static pid_t start(const struct scratch *s, work_fn work, bool traced)
{
	pid_t pid = fork();
	struct iscsi_db *db;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (traced) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
	}
	if (iscsi_db_open(s->root, &db) < 0 || iscsi_db_set_lock_folder(db, s->lock_folder) < 0)
		_exit(1);
	_exit(work(db) == 0 ? 0 : 2);
}

/* Lets a child do the work up to its stop n and kills it there.  Whether it came to the end. */
static bool killed_too_late(const struct scratch *s, work_fn work, int n)
{
	pid_t pid = start(s, work, true);
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	for (int i = 0; i < n; i++) {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return true;
		}
		assert_true(WIFSTOPPED(status));
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return false;
}

/* The value that tells old from new: one of the two, or NULL when the record is gone. */
static const char *check_whole(struct scratch *s, bool may_be_gone)
{
	struct iscsi_db_node_id id = first_id(), *ids = NULL;
	struct iscsi_db_record *r = NULL;
	const char *found;
	size_t count = 0;
	int ret;

	assert_int_equal(iscsi_db_nodes(s->db, NULL, scratch_tell, s, &ids, &count), 0);
	ret = iscsi_db_node_read(s->db, &id, scratch_tell, s, &r);
	assert_string_equal(s->problem, "");
	assert_int_equal(ret, count == 1 ? 0 : -ENOENT);
	free(ids);
	if (ret < 0) {
		assert_true(may_be_gone);
		return NULL;
	}
	found = strcmp(iscsi_db_record_get(r, "node.session.auth.username"), "new") == 0 ? "new"
	                                                                                 : "old";
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.username"), found);
	iscsi_db_record_free(r);
	return found;
}

/* Below nodes/ are records and nothing else: open-iscsi's tools read every file there. */
static int check_file(const char *path, const struct stat *st, int type _unused_, struct FTW *ftw)
{
	return S_ISREG(st->st_mode) && (st->st_size == 0 || strcmp(path + ftw->base, "default"));
}

static void check_files(const struct scratch *s)
{
	char nodes[128];

	snprintf(nodes, sizeof(nodes), "%s/nodes", s->root);
	assert_true(nftw(nodes, check_file, 8, FTW_PHYS) <= 0);
}

static void kill_everywhere(struct scratch *s, work_fn work, bool deletes)
{
	bool done = false, saw_old = false, saw_new = false;
	int n;

	for (n = 1; !done && n < STOPS_MAX; n++) {
		const char *found;

		assert_int_equal(write_first(s->db, "192.0.2.9", "old"), 0);
		done = killed_too_late(s, work, n);
		alarm(PATIENCE_SEC);
		found = check_whole(s, deletes);
		saw_old |= found && strcmp(found, "old") == 0;
		saw_new |= found ? strcmp(found, "new") == 0 : deletes;
		check_files(s);
		/* the next one is not kept waiting, and what it leaves is as if nothing had been */
		assert_int_equal(write_first(s->db, "192.0.2.8", "old"), 0);
		assert_true(scratch_has(s, "send_targets/192.0.2.8,3260/" SCRATCH_TARGET
		                           ",192.0.2.1,3260,1,default"));
		assert_int_equal(delete (s->db), 0);
		assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
		assert_false(scratch_has(s, "send_targets/192.0.2.8,3260/" SCRATCH_TARGET
		                            ",192.0.2.1,3260,1,default"));
		assert_false(scratch_has(s, "send_targets/192.0.2.9,3260/" SCRATCH_TARGET
		                            ",192.0.2.1,3260,1,default"));
		alarm(0);
	}
	/* it was no walk past the work */
	assert_true(done && saw_old && saw_new && n > 10);
}

static void an_update_may_be_killed_at_every_system_call(void **state)
{
	kill_everywhere(*state, update, false);
}

static void an_update_in_a_batch_may_be_killed_at_every_system_call(void **state)
{
	kill_everywhere(*state, update_in_batch, false);
}

static void a_record_that_moves_may_be_killed_at_every_system_call(void **state)
{
	kill_everywhere(*state, move_to_another_source, false);
}

static void a_deletion_may_be_killed_at_every_system_call(void **state)
{
	kill_everywhere(*state, delete, true);
}

static void a_deletion_with_its_source_may_be_killed_at_every_system_call(void **state)
{
	kill_everywhere(*state, make_and_delete_source, true);
}

static int update_without_end(struct iscsi_db *db)
{
	for (;;)
		if (write_first(db, "192.0.2.9", "new") < 0 ||
		    write_first(db, "192.0.2.9", "old") < 0)
			return -1;
}

static void an_update_may_be_killed_at_any_moment(void **state)
{
	struct scratch *s = *state;

	srandom(1);
	for (int i = 0; i < RANDOM_KILLS; i++) {
		struct timespec pause = {.tv_nsec = random() % (RANDOM_USEC_MAX * 1000)};
		pid_t pid;

		assert_int_equal(write_first(s->db, "192.0.2.9", "old"), 0);
		pid = start(s, update_without_end, false);
		/* no wait for anything: it is the moment of the kill that this chooses */
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		alarm(PATIENCE_SEC);
		check_whole(s, false);
		check_files(s);
		assert_int_equal(write_first(s->db, "192.0.2.9", "new"), 0);
		alarm(0);
	}
	assert_int_equal(access(s->lock_folder, F_OK), -1);
}

/* How often a child that does the work enters a system call. */
static unsigned int count_calls(const struct scratch *s, work_fn work, long number)
{
	pid_t pid = start(s, work, true);
	unsigned int count = 0;
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD);
	while (!WIFEXITED(status)) {
		struct __ptrace_syscall_info info;

		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status))
			break;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY && (long)info.entry.nr == number)
			count++;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return count;
}

static int write_many(struct iscsi_db *db)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"};
	int ret = iscsi_db_batch_begin(db);

	for (size_t i = 0; i < ARRAY_LEN(addresses) && ret == 0; i++) {
		struct iscsi_db_node_id id = scratch_id(addresses[i], 3260, 1, "default");
		struct iscsi_db_record *r = scratch_node(&id, NULL, NULL);

		iscsi_db_record_set(r, "node.discovery_type", "send_targets");
		iscsi_db_record_set(r, "node.discovery_address", "192.0.2.9");
		iscsi_db_record_set(r, "node.discovery_port", "3260");
		ret = iscsi_db_node_write(db, r);
		iscsi_db_record_free(r);
	}
	return ret < 0 ? ret : iscsi_db_batch_end(db);
}

static void a_batch_is_one_sync_of_the_file_system(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(count_calls(s, write_many, SYS_syncfs), 1);
	/* and nothing to do is none */
	assert_int_equal(count_calls(s, write_many, SYS_syncfs), 0);
	assert_int_equal(write_source(s->db), 0);
	assert_int_equal(count_calls(s, delete_source, SYS_syncfs), 1);
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
	/* nor is there one of a file or folder beside it */
	assert_int_equal(count_calls(s, write_many, SYS_fsync), 0);
	assert_int_equal(write_source(s->db), 0);
	assert_int_equal(count_calls(s, delete_source, SYS_fsync), 0);
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
	assert_int_equal(count_calls(s, update, SYS_syncfs), 0);
	assert_true(count_calls(s, move_to_another_source, SYS_fsync) >= 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_update_may_be_killed_at_every_system_call),
		TEST(an_update_in_a_batch_may_be_killed_at_every_system_call),
		TEST(a_record_that_moves_may_be_killed_at_every_system_call),
		TEST(a_deletion_may_be_killed_at_every_system_call),
		TEST(a_deletion_with_its_source_may_be_killed_at_every_system_call),
		TEST(an_update_may_be_killed_at_any_moment),
		TEST(a_batch_is_one_sync_of_the_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
