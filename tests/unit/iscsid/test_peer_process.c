/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes themselves, as the daemon starts them: what they have left, and what waits here. */
#include <dirent.h>
#include <fcntl.h>

#include "iscsid/nursery.h"
#include "tests/unit/iscsid/peer_record.h"

static void assert_status(pid_t pid, const char *key, const char *expected)
{
	char value[256];

	line_of_status(pid, key, value, sizeof(value));
	for (size_t len = strlen(value); len > 0 && value[len - 1] == ' '; len--)
		value[len - 1] = '\0';
	if (strcmp(value, expected) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", key, value, expected);
}

static void assert_no_rights(pid_t pid, const char *name)
{
	struct peer_identity id = peer_identity_look_up();
	char text[128];

	assert_status(pid, "Name", name);
	assert_status(pid, "Seccomp", "2");
	assert_status(pid, "NoNewPrivs", "1");
	if (geteuid() != 0)
		return;
	assert_int_not_equal(id.uid, 0);
	snprintf(text, sizeof(text), "%u\t%u\t%u\t%u", id.uid, id.uid, id.uid, id.uid);
	assert_status(pid, "Uid", text);
	snprintf(text, sizeof(text), "%u\t%u\t%u\t%u", id.gid, id.gid, id.gid, id.gid);
	assert_status(pid, "Gid", text);
	assert_status(pid, "Groups", "");
	assert_status(pid, "CapInh", "0000000000000000");
	assert_status(pid, "CapPrm", "0000000000000000");
	assert_status(pid, "CapEff", "0000000000000000");
	assert_status(pid, "CapBnd", "0000000000000000");
	assert_status(pid, "CapAmb", "0000000000000000");
}

static void neither_process_has_rights(void **state)
{
	struct record *r = *state;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_no_rights(pid_of(r), "iscsid-peer");
	assert_no_rights(parent_of(pid_of(r)), "iscsid-nursery");
	assert_int_equal(parent_of(parent_of(pid_of(r))), getpid());
	close(target);
}

/* How many filters a process has: the peer the nursery's and its own. */
static void the_peer_has_a_jail_in_the_jail(void **state)
{
	struct record *r = *state;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_status(parent_of(pid_of(r)), "Seccomp_filters", "1");
	assert_status(pid_of(r), "Seccomp_filters", "2");
	close(target);
}

static void assert_empty_root(pid_t pid)
{
	char path[64];
	int root;

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(openat(root, "proc", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(errno, ENOENT);
	/* not even root can put something in */
	assert_int_equal(openat(root, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), -1);
	assert_int_equal(errno, ENOENT);
	close(root);
}

static void the_root_is_empty_for_ever(void **state)
{
	struct record *r = *state;
	int target;

	if (geteuid() != 0)
		skip();
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_empty_root(pid_of(r));
	assert_empty_root(parent_of(pid_of(r)));
	close(target);
}

static size_t count_descriptors(pid_t pid)
{
	const struct dirent *entry;
	char path[64];
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* A process that has just forked may not yet have closed what it made for its child. */
static void assert_descriptors(pid_t pid, const char *const expected[], size_t count)
{
	enum { PAUSE_USEC = 1000, PAUSES_MAX = 5000 };
	char path[64], link[256];

	for (size_t i = 0; i < count; i++) {
		ssize_t n;
		snprintf(path, sizeof(path), "/proc/%d/fd/%zu", pid, i);
		n = readlink(path, link, sizeof(link) - 1);
		assert_true(n > 0);
		link[n] = '\0';
		assert_memory_equal(link, expected[i], strlen(expected[i]));
	}
	for (int i = 0; i < PAUSES_MAX && count_descriptors(pid) != count; i++)
		usleep(PAUSE_USEC);
	assert_int_equal(count_descriptors(pid), count);
}

static void only_their_own_descriptors_are_open(void **state)
{
	static const char *const peers[] = {
		"/dev/null", "/dev/null", "/dev/null", "anon_inode:[eventpoll]",
		"socket:",   "socket:",
	};
	static const char *const nurserys[] = {"/dev/null", "/dev/null", "/dev/null", "socket:"};
	struct record *r = *state;
	int target, stray;

	if (geteuid() != 0)
		skip();
	/* even what was opened without O_CLOEXEC */
	stray = dup(STDERR_FILENO);
	assert_true(stray >= 0);
	assert_int_equal(peer_start(r->peer), 0);
	close(stray);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_descriptors(pid_of(r), peers, ARRAY_LEN(peers));
	assert_descriptors(parent_of(pid_of(r)), nurserys, ARRAY_LEN(nurserys));
	close(target);
}

static void a_login_that_is_cancelled_is_let_go(void **state)
{
	struct record *r = *state;
	int first, second;
	char byte;

	assert_int_equal(peer_start(r->peer), 0);
	first = log_in(r, 1);
	expect_login_request(first);
	assert_int_equal(peer_send_cancel(r->peer, 1), 0);
	while (recv(first, &byte, 1, 0) > 0)
		;
	close(first);
	/* and nothing is said of it any more */
	second = log_in(r, 2);
	close(second);
	handle_until_done(r, 1);
	assert_int_equal(r->done.head.id, 2);
}

static void what_a_stopped_peer_does_not_read_waits(void **state)
{
	enum { CANCELS = 10 };
	struct record *r = *state;
	struct peer_login login = ordinary_login(1);
	int pair[2], waiting;
	unsigned int sent = 0;
	char byte;

	assert_int_equal(peer_start(r->peer), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(peer_send_login(r->peer, &login, pair[0]), 0);
	expect_login_request(pair[1]);
	assert_int_equal(kill(pid_of(r), SIGSTOP), 0);
	for (sent = 1; peer_queued(r->peer) == 0; sent++) {
		login.head.id++;
		assert_int_equal(peer_send_login(r->peer, &login, pair[0]), 0);
	}
	/* one that still waits is dropped here: its connection ends before the peer has seen it */
	waiting = log_in(r, 1000000);
	assert_int_equal(peer_send_cancel(r->peer, 1000000), 0);
	assert_int_equal(recv(waiting, &byte, 1, 0), 0);
	close(waiting);
	/* all others come, in order */
	for (uint64_t id = 2; id < 2 + CANCELS; id++)
		assert_int_equal(peer_send_cancel(r->peer, id), 0);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(kill(pid_of(r), SIGCONT), 0);
	handle_until_done(r, sent - CANCELS);
	assert_int_equal(peer_queued(r->peer), 0);
}

static void a_process_that_does_not_read_is_known_and_can_be_replaced(void **state)
{
	struct record *r = *state;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	/* nobody knows yet that it has been forked */
	assert_true(peer_listens(r->peer));
	expect_login_request(target);
	pid_of(r);
	peer_listens(r->peer);
	assert_true(peer_listens(r->peer));
	assert_int_equal(kill(pid_of(r), SIGSTOP), 0);
	assert_int_equal(peer_send_cancel(r->peer, 99), 0);
	assert_false(peer_listens(r->peer));
	assert_false(peer_listens(r->peer));
	peer_give_up(r->peer, "killed: it does not listen");
	assert_string_equal(r->why, "killed: it does not listen");
	close(target);
	handle_until_ended(r);
	r->why[0] = '\0';
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 2);
	expect_login_request(target);
	/* what it says counts, too */
	close(target);
	handle_until_done(r, 1);
	assert_true(peer_listens(r->peer));
}

static void a_queue_that_is_full_refuses_logins(void **state)
{
	struct record *r = *state;
	struct peer_login login = ordinary_login(PEER_QUEUE_MAX * 4);
	uint64_t id = 2;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	close(target);
	assert_int_equal(kill(pid_of(r), SIGSTOP), 0);
	while (peer_queued(r->peer) == 0)
		assert_int_equal(peer_send_cancel(r->peer, id++), 0);
	for (int n = 1; n < PEER_QUEUE_MAX; n++)
		assert_int_equal(peer_send_cancel(r->peer, id++), 0);
	assert_int_equal(peer_send_login(r->peer, &login, STDIN_FILENO), -ENOBUFS);
	/* a cancel is never refused */
	assert_int_equal(peer_send_cancel(r->peer, id++), 0);
}

static void a_login_out_of_form_is_not_sent(void **state)
{
	struct record *r = *state;
	struct peer_login login = ordinary_login(2);
	int target;

	assert_int_equal(peer_send_login(r->peer, &login, STDIN_FILENO), -ENOTCONN);
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	close(target);
	login.offer.max_burst_length = 0;
	assert_int_equal(peer_send_login(r->peer, &login, STDIN_FILENO), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(neither_process_has_rights),
		TEST(the_peer_has_a_jail_in_the_jail),
		TEST(the_root_is_empty_for_ever),
		TEST(only_their_own_descriptors_are_open),
		TEST(a_login_that_is_cancelled_is_let_go),
		TEST(what_a_stopped_peer_does_not_read_waits),
		TEST(a_process_that_does_not_read_is_known_and_can_be_replaced),
		TEST(a_queue_that_is_full_refuses_logins),
		TEST(a_login_out_of_form_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
