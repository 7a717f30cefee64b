/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process itself, as the daemon starts it: what it has left, how it dies and comes again. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/peer_process.h"
#include "iscsid/peer_start.h"
#include "lib/base/macros.h"

enum { PATIENCE_MSEC = 20000, BHS_LEN = 48 };

/* What came back. */
struct record {
	char folder[64]; /* for the roots */
	struct peer *peer;
	unsigned int done_count;
	struct peer_done done;
	char why[512];
	int watched;   /* a descriptor to look at when the process has ended */
	bool was_open; /* it was then */
};

static void on_target(void *data _unused_, const struct peer_target *message _unused_)
{
	fail_msg("a target nobody asked for");
}

static void on_refused_target(void *data _unused_,
                              const struct peer_refused_target *message _unused_)
{
	fail_msg("a refused target nobody asked for");
}

static void on_done(void *data, const struct peer_done *message)
{
	struct record *r = data;

	r->done_count++;
	r->done = *message;
}

static void on_died(void *data, const char *why)
{
	struct record *r = data;

	snprintf(r->why, sizeof(r->why), "%s", why);
	r->was_open = fcntl(r->watched, F_GETFD) >= 0;
}

static struct peer *new_peer(struct record *r, const char *run_dir)
{
	struct peer_config config = {
		.run_dir = run_dir,
		.callbacks = {on_target, on_refused_target, on_done, on_died},
		.data = r,
	};

	return peer_new(&config);
}

static int set_up(void **state)
{
	struct record *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	strcpy(r->folder, "/tmp/test_peer_process.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	r->peer = new_peer(r, r->folder);
	assert_non_null(r->peer);
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct record *r = *state;

	peer_free(r->peer);
	/* fails when the peer left something behind */
	if (rmdir(r->folder) < 0)
		return -1;
	free(r);
	return 0;
}

static void wait_for(int fd, short events)
{
	struct pollfd wait = {.fd = fd, .events = events};

	assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
}

static void handle_until_done(struct record *r, unsigned int count)
{
	while (r->done_count < count && !r->why[0]) {
		wait_for(peer_fd(r->peer), POLLIN | (peer_wants_write(r->peer) ? POLLOUT : 0));
		peer_flush(r->peer);
		peer_handle(r->peer);
	}
	assert_string_equal(r->why, "");
}

static void handle_until_died(struct record *r)
{
	while (!r->why[0]) {
		wait_for(peer_fd(r->peer), POLLIN);
		peer_handle(r->peer);
	}
}

/* The head of a login, with what an ordinary initiator offers. */
static struct peer_login ordinary_login(uint64_t id)
{
	struct peer_login login = {
		.head.id = id,
		.purpose = PEER_PURPOSE_SESSION,
		.isid = {0x00, 0x02, 0x3d, 0x00, 0x00, 0x01},
		.offer =
			{
				.max_recv_data_segment_length = 262144,
				.max_burst_length = 16776192,
				.first_burst_length = 262144,
				.max_outstanding_r2t = 1,
				.max_connections = 1,
				.default_time2wait = 2,
				.header_digest = {{ISCSI_DIGEST_NONE, 0}},
				.data_digest = {{ISCSI_DIGEST_NONE, 0}},
				.immediate_data = true,
				.data_pdu_in_order = true,
				.data_sequence_in_order = true,
			},
		.initiator_name = "iqn.2024-01.org.example:host",
		.target_name = "iqn.2024-01.org.example:disk",
	};

	return login;
}

/* Send a login over a new connection; returns the target's end. */
static int log_in(struct record *r, uint64_t id)
{
	struct peer_login login = ordinary_login(id);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(peer_send_login(r->peer, &login, pair[0]), 0);
	close(pair[0]);
	return pair[1];
}

/* The first request has come: the process is past its start and in its jail. */
static void expect_login_request(int target)
{
	uint8_t bhs[BHS_LEN];

	wait_for(target, POLLIN);
	assert_int_equal(recv(target, bhs, sizeof(bhs), MSG_WAITALL), sizeof(bhs));
	assert_int_equal(bhs[0], 0x43); /* RFC 7143 11.12: login request, immediate */
}

static void line_of_status(pid_t pid, const char *key, char *dst, size_t size)
{
	char path[64], line[256];
	size_t len = strlen(key);
	_cleanup_fclose_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(dst, size, "%s", line + len + 1 + strspn(line + len + 1, " \t"));
		return;
	}
	fail_msg("no %s in %s", key, path);
}

static void assert_status(pid_t pid, const char *key, const char *expected)
{
	char value[256];

	line_of_status(pid, key, value, sizeof(value));
	for (size_t len = strlen(value); len > 0 && value[len - 1] == ' '; len--)
		value[len - 1] = '\0';
	if (strcmp(value, expected) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", key, value, expected);
}

static void the_process_has_no_rights(void **state)
{
	struct record *r = *state;
	struct peer_identity id = peer_identity_look_up();
	char text[128];
	pid_t pid;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	pid = peer_pid(r->peer);
	assert_status(pid, "Name", "iscsid-peer");
	assert_status(pid, "Seccomp", "2");
	assert_status(pid, "NoNewPrivs", "1");
	if (geteuid() != 0)
		skip();
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
	close(target);
}

static void the_root_is_empty_for_ever(void **state)
{
	struct record *r = *state;
	char path[64];
	int target, root;

	if (geteuid() != 0)
		skip();
	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	snprintf(path, sizeof(path), "/proc/%d/root", peer_pid(r->peer));
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(openat(root, "proc", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(errno, ENOENT);
	/* not even root can put something in */
	assert_int_equal(openat(root, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), -1);
	assert_int_equal(errno, ENOENT);
	close(root);
	close(target);
}

static void only_its_own_descriptors_are_open(void **state)
{
	static const char *const expected[] = {
		"/dev/null", "/dev/null", "/dev/null", "socket:", "anon_inode:[eventpoll]",
		"socket:",
	};
	struct record *r = *state;
	char path[64], link[256];
	unsigned int count = 0;
	const struct dirent *entry;
	DIR *dir;
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
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		ssize_t n;
		snprintf(path, sizeof(path), "/proc/%d/fd/%zu", peer_pid(r->peer), i);
		n = readlink(path, link, sizeof(link) - 1);
		assert_true(n > 0);
		link[n] = '\0';
		assert_memory_equal(link, expected[i], strlen(expected[i]));
	}
	snprintf(path, sizeof(path), "/proc/%d/fd", peer_pid(r->peer));
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			count++;
	closedir(dir);
	assert_int_equal(count, ARRAY_LEN(expected));
	close(target);
}

static void one_that_was_killed_is_told_and_starts_again(void **state)
{
	struct record *r = *state;
	pid_t first;
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	assert_int_equal(peer_start(r->peer), -EALREADY);
	first = peer_pid(r->peer);
	target = log_in(r, 1);
	expect_login_request(target);
	assert_int_equal(kill(first, SIGKILL), 0);
	handle_until_died(r);
	assert_string_equal(r->why, "killed by signal 9 (Killed)");
	assert_false(peer_running(r->peer));
	assert_int_equal(peer_fd(r->peer), -1);
	assert_int_equal(kill(first, 0), -1); /* it was reaped */
	assert_int_equal(peer_send_cancel(r->peer, 1), -ENOTCONN);
	close(target);

	r->why[0] = '\0';
	assert_int_equal(peer_start(r->peer), 0);
	assert_int_not_equal(peer_pid(r->peer), first);
	target = log_in(r, 2);
	expect_login_request(target);
	close(target);
	handle_until_done(r, 1);
	assert_int_equal(r->done.head.id, 2);
	assert_int_equal(r->done.outcome, PEER_OUTCOME_CLOSED);
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
	assert_int_equal(kill(peer_pid(r->peer), SIGSTOP), 0);
	for (sent = 1; !peer_wants_write(r->peer); sent++) {
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
	assert_int_equal(kill(peer_pid(r->peer), SIGCONT), 0);
	handle_until_done(r, sent - CANCELS);
	assert_false(peer_wants_write(r->peer));
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
	assert_int_equal(kill(peer_pid(r->peer), SIGSTOP), 0);
	while (!peer_wants_write(r->peer))
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* epoll(7): a descriptor that was closed cannot be taken out of a set any more, but stays in it as
 * long as another process has a copy. */
static void the_descriptor_stays_open_until_its_watcher_knows_of_the_end(void **state)
{
	struct record *r = *state;

	assert_int_equal(peer_start(r->peer), 0);
	r->watched = peer_fd(r->peer);
	assert_int_equal(kill(peer_pid(r->peer), SIGKILL), 0);
	handle_until_died(r);
	assert_true(r->was_open);
	assert_int_equal(fcntl(r->watched, F_GETFD), -1);
	assert_int_equal(peer_fd(r->peer), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_process_has_no_rights),
		TEST(the_root_is_empty_for_ever),
		TEST(only_its_own_descriptors_are_open),
		TEST(one_that_was_killed_is_told_and_starts_again),
		TEST(the_descriptor_stays_open_until_its_watcher_knows_of_the_end),
		cmocka_unit_test(what_fails_at_the_start_is_told),
		TEST(it_ends_with_the_manager),
		TEST(a_login_that_is_cancelled_is_let_go),
		TEST(what_a_stopped_peer_does_not_read_waits),
		TEST(a_queue_that_is_full_refuses_logins),
		TEST(a_login_out_of_form_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
