/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the two unprivileged processes die, and come again. */
#include <sys/wait.h>

#include "tests/unit/iscsid/peer_record.h"

/* Start it, kill it during a login, and wait until that was told. */
static void start_and_kill(struct record *r)
{
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	assert_int_equal(peer_start(r->peer), -EALREADY);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_int_equal(kill(pid_of(r), SIGKILL), 0);
	handle_until_died(r);
	assert_false(peer_running(r->peer));
	assert_int_equal(peer_pid(r->peer), -1);
	assert_int_equal(peer_send_cancel(r->peer, 1), -ENOTCONN);
	close(target);
}

static void assert_starts_again(struct record *r)
{
	int target;

	r->why[0] = '\0';
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 2);
	expect_login_request(target);
	close(target);
	handle_until_done(r, 1);
	assert_int_equal(r->done.head.id, 2);
	assert_int_equal(r->done.outcome, PEER_OUTCOME_CLOSED);
}

/*
 * No disk is needed for the second one: it has the same parent, in whose jail no call is left that
 * could open or run a file.
 */
static void one_that_was_killed_is_told_and_forked_again(void **state)
{
	struct record *r = *state;
	pid_t peer, parent;

	assert_int_equal(peer_start(r->peer), 0);
	peer = pid_of(r);
	parent = parent_of(peer);
	assert_int_equal(kill(peer, SIGKILL), 0);
	handle_until_died(r);
	assert_string_equal(r->why, "it hung up");
	handle_until_ended(r);
	assert_string_equal(r->how, "it was killed by signal 9 (Killed)");
	assert_int_equal(kill(peer, 0), -1); /* it was reaped */
	assert_starts_again(r);
	assert_int_equal(parent_of(pid_of(r)), parent);
}

static void logins_of_one_that_was_killed_are_lost(void **state)
{
	struct record *r = *state;

	start_and_kill(r);
	assert_string_equal(r->why, "it hung up");
	assert_starts_again(r);
}

/* Between two peers, when nobody waits for it. */
static void a_nursery_that_is_killed_alone_is_told_and_run_again(void **state)
{
	struct record *r = *state;
	pid_t parent;

	assert_int_equal(peer_start(r->peer), 0);
	parent = parent_of(pid_of(r));
	assert_int_equal(kill(pid_of(r), SIGKILL), 0);
	handle_until_ended(r);
	r->how[0] = '\0';
	assert_int_equal(kill(parent, SIGKILL), 0);
	handle_until_ended(r);
	assert_string_equal(r->how, "its parent was killed by signal 9 (Killed)");
	assert_starts_again(r);
}

/* Of the processes that this test runs. */
static size_t nurseries(pid_t pids[static 8])
{
	char path[64], comm[32];
	size_t count = 0;
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	assert_non_null(f);
	while (count < 8 && fscanf(f, "%d", &pid) == 1) {
		FILE *name;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		name = fopen(path, "re");
		if (name && fgets(comm, sizeof(comm), name) &&
		    strcmp(comm, "iscsid-nursery\n") == 0)
			pids[count++] = pid;
		if (name)
			fclose(name);
	}
	fclose(f);
	return count;
}

static void handle_what_comes(struct record *r)
{
	struct pollfd ready = {.fd = peer_fd(r->peer), .events = POLLIN};

	if (poll(&ready, 1, 10) == 1)
		peer_handle(r->peer);
}

/* It has done what it was asked for, and told. */
static bool sleeps(pid_t pid)
{
	char text[256];

	line_of_status(pid, "State", text, sizeof(text));
	return text[0] == 'S';
}

/* The one beside that of the peer, which has let go of what its elder had. */
static pid_t spare_nursery(struct record *r)
{
	pid_t first = parent_of(pid_of(r)), pids[8];

	for (;;) {
		size_t count = nurseries(pids);

		for (size_t i = 0; i < count; i++) {
			if (pids[i] != first && sleeps(first) && sleeps(pids[i]))
				return pids[i];
		}
		handle_what_comes(r);
	}
}

/* No program is run: that would take files. */
static void a_spare_nursery_takes_the_place_of_one_that_was_killed(void **state)
{
	struct record *r = *state;
	pid_t spare;

	assert_int_equal(peer_start(r->peer), 0);
	for (int i = 0; i < 3; i++) {
		spare = spare_nursery(r);
		r->why[0] = '\0';
		assert_int_equal(kill(parent_of(pid_of(r)), SIGKILL), 0);
		handle_until_died(r);
		assert_string_equal(r->why, "its parent was killed by signal 9 (Killed)");
		assert_starts_again(r);
		assert_int_equal(parent_of(pid_of(r)), spare);
	}
}

static void without_any_nursery_the_program_is_run_again(void **state)
{
	struct record *r = *state;
	pid_t first, spare;

	assert_int_equal(peer_start(r->peer), 0);
	spare = spare_nursery(r);
	first = parent_of(pid_of(r));
	assert_int_equal(kill(first, SIGSTOP), 0); /* so that it forks no other one */
	assert_int_equal(kill(spare, SIGKILL), 0);
	while (kill(spare, 0) == 0) /* until it was reaped */
		handle_what_comes(r);
	assert_int_equal(kill(first, SIGKILL), 0);
	handle_until_died(r);
	assert_starts_again(r);
	assert_int_not_equal(parent_of(pid_of(r)), first);
	assert_int_not_equal(parent_of(pid_of(r)), spare);
}

static void a_spare_nursery_that_was_killed_is_forked_again(void **state)
{
	struct record *r = *state;
	pid_t spare;

	assert_int_equal(peer_start(r->peer), 0);
	spare = spare_nursery(r);
	assert_int_equal(kill(spare, SIGKILL), 0);
	while (kill(spare, 0) == 0) /* until it was reaped */
		handle_what_comes(r);
	assert_int_not_equal(spare_nursery(r), spare);
	assert_true(peer_running(r->peer));
}

/*
 * A child on its way to exec has a copy of every descriptor: what was closed stays in the set that
 * is watched, and readable for ever, unless it was taken out (epoll(7)).
 */
static void an_end_is_told_once_whoever_has_the_descriptors(void **state)
{
	struct record *r = *state;
	struct pollfd now = {.events = POLLIN};
	pid_t child;

	assert_int_equal(peer_start(r->peer), 0);
	now.fd = peer_fd(r->peer);
	assert_int_equal(kill(pid_of(r), SIGSTOP), 0);
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	assert_true(child > 0);
	assert_int_equal(kill(pid_of(r), SIGKILL), 0);
	handle_until_died(r);
	handle_until_ended(r);
	assert_int_equal(poll(&now, 1, 0), 0);
	assert_int_equal(peer_fd(r->peer), now.fd);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* The manager goes on: what it has to say waits in the pair. */
static void a_nursery_that_is_stopped_holds_nobody_up(void **state)
{
	struct record *r = *state;
	pid_t peer, parent;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	peer = pid_of(r);
	parent = parent_of(peer);
	assert_int_equal(kill(parent, SIGSTOP), 0);
	assert_int_equal(kill(peer, SIGKILL), 0);
	handle_until_died(r);
	r->why[0] = '\0';
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 2);
	assert_int_equal(kill(parent, SIGCONT), 0);
	expect_login_request(target);
	close(target);
	handle_until_done(r, 1);
}

static void what_fails_at_the_start_is_told(void **state _unused_)
{
	struct record r = {.folder = ""};

	if (geteuid() != 0)
		skip();
	r.peer = new_peer(&r, "/nonexistent");
	assert_non_null(r.peer);
	assert_int_equal(peer_start(r.peer), 0);
	handle_until_died(&r);
	assert_string_equal(r.why, "cannot enter an empty root folder: No such file or directory");
	peer_free(r.peer);
}

static void it_ends_with_the_manager(void **state)
{
	struct record *r = *state;
	int target;
	char byte;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	r->peer = peer_free(r->peer);
	/* its copy of the connection was the last one */
	while (recv(target, &byte, 1, 0) > 0)
		;
	close(target);
	assert_string_equal(r->why, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_that_was_killed_is_told_and_forked_again),
		TEST(logins_of_one_that_was_killed_are_lost),
		TEST(a_nursery_that_is_killed_alone_is_told_and_run_again),
		TEST(a_spare_nursery_takes_the_place_of_one_that_was_killed),
		TEST(without_any_nursery_the_program_is_run_again),
		TEST(a_spare_nursery_that_was_killed_is_forked_again),
		TEST(an_end_is_told_once_whoever_has_the_descriptors),
		TEST(a_nursery_that_is_stopped_holds_nobody_up),
		cmocka_unit_test(what_fails_at_the_start_is_told),
		TEST(it_ends_with_the_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
