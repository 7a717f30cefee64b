/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager against a peer that was taken over: the process is a script of the test, which
 * stands in for peer_start.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/peer_process.h"
#include "iscsid/peer_start.h"
#include "lib/base/macros.h"

enum { PATIENCE_MSEC = 20000 };

/* ---- the start of a process --------------------------------------------------------------- */

static void (*script)(int control);

struct peer_identity peer_identity_look_up(void)
{
	return (struct peer_identity){.uid = 65534, .gid = 65534};
}

int peer_image_open(struct peer_image *ret)
{
	*ret = (struct peer_image){.fd = open("/dev/null", O_RDONLY | O_CLOEXEC)};
	return 0;
}

void peer_image_close(struct peer_image *image)
{
	close(image->fd);
}

pid_t peer_start_process(const struct peer_start *start)
{
	pid_t pid = fork();

	if (pid == 0) {
		script(start->control);
		pause(); /* it does not end by itself */
	}
	return pid;
}

/* ---- the manager -------------------------------------------------------------------------- */

struct record {
	unsigned int targets;
	unsigned int done;
	char why[512];
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

/* Run a peer that does what the script says, until it is dead. */
static struct record run(void (*what)(int control))
{
	struct record r = {0};
	struct peer_config config = {
		.run_dir = "/nonexistent",
		.callbacks = {on_target, on_refused_target, on_done, on_died},
		.data = &r,
	};
	struct peer *peer = peer_new(&config);

	assert_non_null(peer);
	script = what;
	assert_int_equal(peer_start(peer), 0);
	while (!r.why[0]) {
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
	assert_string_equal(run(hang_up).why, "killed by signal 9 (Killed)");
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
