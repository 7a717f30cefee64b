/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager against a peer that was taken over: the process is a script of the test, which
 * stands in for nursery.c.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/nursery.h"
#include "iscsid/peer_process.h"
#include "lib/base/macros.h"

enum { PATIENCE_MSEC = 20000 };

/* ---- the start of a process --------------------------------------------------------------- */

static void (*script)(int control);

/* What the nursery answers is read from here. */
static int answers[2];
static pid_t child;

void nursery_init(struct nursery *n, int epoll)
{
	*n = (struct nursery){.pid = -1, .control = -1, .epoll = epoll};
}

int nursery_start(struct nursery *n, const char *run_dir _unused_)
{
	struct epoll_event event = {.events = EPOLLIN};

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, answers), 0);
	assert_int_equal(epoll_ctl(n->epoll, EPOLL_CTL_ADD, answers[0], &event), 0);
	n->pid = getpid();
	n->control = answers[0];
	return 0;
}

static void answer(enum nursery_verb verb, int number, uint64_t id)
{
	struct nursery_message m = {.verb = verb, .number = number, .id = id};

	assert_int_equal(send(answers[1], &m, sizeof(m), 0), sizeof(m));
}

int nursery_ask(struct nursery *n _unused_, enum nursery_verb verb, uint64_t id, int fd)
{
	int status;

	if (verb == NURSERY_STOP) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		answer(NURSERY_ENDED, status, id);
		return 0;
	}
	child = fork();
	if (child == 0) {
		script(fd);
		pause(); /* it does not end by itself */
	}
	answer(NURSERY_STARTED, child, id);
	return 0;
}

int nursery_next(struct nursery *n, struct nursery_message *ret)
{
	return recv(n->control, ret, sizeof(*ret), MSG_DONTWAIT) == sizeof(*ret);
}

int nursery_end(struct nursery *n)
{
	close(n->control);
	close(answers[1]);
	n->pid = n->control = -1;
	return 0;
}

/* ---- the manager -------------------------------------------------------------------------- */

struct record {
	unsigned int targets;
	unsigned int done;
	char why[512];
	char how[512];
};

static void on_target(void *data, const struct peer_target *message _unused_)
{
	((struct record *)data)->targets++;
}

static void on_refused_target(void *data _unused_,
                              const struct peer_refused_target *message _unused_)
{
}

static void on_done(void *data, const struct peer_done *message _unused_)
{
	((struct record *)data)->done++;
}

static void on_died(void *data, const char *why)
{
	struct record *r = (struct record *)data;

	snprintf(r->why, sizeof(r->why), "%s", why);
}

static void on_ended(void *data, const char *how)
{
	struct record *r = (struct record *)data;

	snprintf(r->how, sizeof(r->how), "%s", how);
}

/* Run a peer that does what the script says, until it is dead and reaped. */
static struct record run(void (*what)(int control))
{
	struct record r = {0};
	struct peer_config config = {
		.run_dir = "/nonexistent",
		.callbacks = {on_target, on_refused_target, NULL, NULL, NULL, on_done, on_died,
	                      on_ended},
		.data = &r,
	};
	struct peer *peer = peer_new(&config);

	assert_non_null(peer);
	script = what;
	assert_int_equal(peer_start(peer), 0);
	while (!r.why[0] || !r.how[0]) {
		struct pollfd wait = {.fd = peer_fd(peer), .events = POLLIN};

		assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
		peer_handle(peer);
	}
	assert_false(peer_running(peer));
	peer_free(peer);
	return r;
}

static void say_target(int control, const char *name)
{
	struct peer_target target = {
		.head = {.verb = PEER_TARGET, .size = sizeof(target), .id = 1},
		.tpgt = PORTAL_TPGT_UNKNOWN,
	};

	snprintf(target.target_name, sizeof(target.target_name), "%s", name);
	send(control, &target, sizeof(target), MSG_NOSIGNAL);
}

static void say_a_path(int control)
{
	say_target(control, "iqn.2024-01.org.example:a");
	say_target(control, "iqn.2024-01.org.example:../../../etc/passwd");
	say_target(control, "iqn.2024-01.org.example:b");
}

static void nothing_is_taken_from_a_peer_after_a_message_out_of_form(void **state _unused_)
{
	struct record r = run(say_a_path);

	assert_int_equal(r.targets, 1);
	assert_string_equal(r.why, "killed: it sent a message out of form");
}

static void say_a_login(int control)
{
	struct peer_login login = {
		.head = {.verb = PEER_LOGIN, .size = sizeof(login), .id = 1},
	};

	send(control, &login, sizeof(login), MSG_NOSIGNAL);
}

static void say_too_much(int control)
{
	char text[65536];

	memset(text, 'a', sizeof(text));
	send(control, text, sizeof(text), MSG_NOSIGNAL);
}

static void say_one_byte(int control)
{
	send(control, "", 1, MSG_NOSIGNAL);
}

static void what_only_the_manager_may_say_or_nobody_kills(void **state _unused_)
{
	static void (*const scripts[])(int) = {say_a_login, say_too_much, say_one_byte};

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		assert_string_equal(run(scripts[i]).why, "killed: it sent a message out of form");
}

static void hang_up(int control)
{
	close(control);
}

static void one_that_hangs_up_but_lives_on_is_killed(void **state _unused_)
{
	struct record r = run(hang_up);

	assert_string_equal(r.why, "it hung up");
	assert_string_equal(r.how, "it was killed by signal 9 (Killed)");
}

static void say_why(int control)
{
	struct peer_failed failed = {
		.head = {.verb = PEER_FAILED, .size = sizeof(failed)},
		.error = EPERM,
		.text = "cannot enter its jail",
	};

	send(control, &failed, sizeof(failed), MSG_NOSIGNAL);
}

static void a_failure_is_told_with_its_reason(void **state _unused_)
{
	assert_string_equal(run(say_why).why, "cannot enter its jail: Operation not permitted");
}

/* Descriptors of its own must not pile up in the manager. */
static void send_descriptors(int control)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} rights = {.head = {.cmsg_level = SOL_SOCKET,
	                     .cmsg_type = SCM_RIGHTS,
	                     .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct peer_done done = {
		.head = {.verb = PEER_DONE, .size = sizeof(done), .id = 1},
		.outcome = PEER_OUTCOME_CLOSED,
	};
	struct iovec part = {.iov_base = &done, .iov_len = sizeof(done)};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights.room),
	};

	memcpy(CMSG_DATA(&rights.head), &control, sizeof(control));
	for (int i = 0; i < 100; i++)
		sendmsg(control, &message, MSG_NOSIGNAL);
	say_one_byte(control);
}

static void descriptors_of_the_peer_are_not_taken(void **state _unused_)
{
	int before = dup(STDIN_FILENO), after;
	struct record r;

	assert_true(before >= 0);
	close(before);
	r = run(send_descriptors);
	assert_int_equal(r.done, 100);
	after = dup(STDIN_FILENO);
	assert_int_equal(after, before);
	close(after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_taken_from_a_peer_after_a_message_out_of_form),
		cmocka_unit_test(what_only_the_manager_may_say_or_nobody_kills),
		cmocka_unit_test(one_that_hangs_up_but_lives_on_is_killed),
		cmocka_unit_test(a_failure_is_told_with_its_reason),
		cmocka_unit_test(descriptors_of_the_peer_are_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
