/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of open-iscsi, whose requests are structs of 16088 to 16128 bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/old_door.h"

enum { REQUEST_SIZE = 16112, STEP_USEC = 1000, STEPS_MAX = 5000 };

static struct {
	struct loop *loop;
	struct old_door *door;
	char name[64];
} scene;

static struct {
	int error; /* of accept4(2); 0: it works */
	unsigned int calls;
} fault;

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	fault.calls++;
	errno = fault.error;
	return fault.error ? -1 : (int)syscall(SYS_accept4, fd, address, len, flags);
}

static int setup(void **state _unused_)
{
	fault.error = 0;
	fault.calls = 0;
	/* a name of our own: a real daemon may be there */
	snprintf(scene.name, sizeof(scene.name), "test-old-door-%d", (int)getpid());
	if (loop_new(&scene.loop) < 0)
		return -1;
	return old_door_new(scene.loop, scene.name, &scene.door);
}

static int teardown(void **state _unused_)
{
	scene.door = old_door_free(scene.door);
	scene.loop = loop_free(scene.loop);
	return 0;
}

static int call(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(scene.name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path + 1, scene.name, len);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
	                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)),
	                 0);
	return fd;
}

/* All that the daemon has to say, until it has said so much. */
static size_t receive(int fd, char *dst, size_t size)
{
	size_t len = 0;

	for (int i = 0; i < STEPS_MAX && len < size; i++) {
		ssize_t n = recv(fd, dst + len, size - len, 0);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else
			assert_int_equal(loop_step(scene.loop, STEP_USEC), 0);
	}
	return len;
}

static void expect_refusal(int fd, int32_t command)
{
	char answer[OLD_DOOR_ANSWER_SIZE];
	int32_t head[2];

	assert_int_equal(receive(fd, answer, sizeof(answer)), sizeof(answer));
	memcpy(head, answer, sizeof(head));
	assert_int_equal(head[0], command);
	assert_int_equal(head[1], 16);
	for (size_t i = sizeof(head); i < sizeof(answer); i++)
		assert_int_equal(answer[i], 0);
}

static void a_request_of_any_size_is_answered_at_once(void **state _unused_)
{
	char request[REQUEST_SIZE] = {0};
	const int32_t command = 3;
	int whole = call(), cut = call();

	memcpy(request, &command, sizeof(command));
	assert_int_equal(send(whole, request, sizeof(request), 0), sizeof(request));
	assert_int_equal(send(cut, request, 100, 0), 100);
	expect_refusal(whole, command);
	expect_refusal(cut, command);
	close(whole);
	close(cut);
}

static void callers_that_say_nothing_keep_nobody_out(void **state _unused_)
{
	int silent[4 * OLD_DOOR_CLIENTS], last;
	const int32_t command = 7;

	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		silent[i] = call();
		assert_int_equal(loop_step(scene.loop, STEP_USEC), 0);
	}
	last = call();
	assert_int_equal(send(last, &command, sizeof(command), 0), sizeof(command));
	expect_refusal(last, command);
	close(last);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		close(silent[i]);
}

/* Anybody may call; a request has 16 KB. */
static void a_caller_without_end_is_hung_up_on(void **state _unused_)
{
	char text[4096] = {0};
	int fd = call();
	bool open = true;

	for (int i = 0; open && i < STEPS_MAX; i++) {
		open = send(fd, text, sizeof(text), MSG_NOSIGNAL) > 0 || errno == EAGAIN;
		assert_int_equal(loop_step(scene.loop, STEP_USEC), 0);
	}
	assert_false(open);
	close(fd);
}

/* The listener is ready all the while. */
static void a_caller_that_cannot_be_let_in_is_let_in_later(void **state _unused_)
{
	const int32_t command = 7;
	int fd;

	fault.error = EMFILE;
	fd = call();
	assert_int_equal(send(fd, &command, sizeof(command), 0), sizeof(command));
	for (int i = 0; i < 10; i++)
		assert_int_equal(loop_step(scene.loop, STEP_USEC), 0);
	assert_int_equal(fault.calls, 1);
	fault.error = 0;
	expect_refusal(fd, command);
	close(fd);
}

static void two_daemons_do_not_share_it(void **state _unused_)
{
	struct old_door *second = NULL;

	assert_int_equal(old_door_new(scene.loop, scene.name, &second), -EADDRINUSE);
	assert_null(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_of_any_size_is_answered_at_once, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(callers_that_say_nothing_keep_nobody_out, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(a_caller_without_end_is_hung_up_on, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(a_caller_that_cannot_be_let_in_is_let_in_later,
	                                        setup, teardown),
		cmocka_unit_test_setup_teardown(two_daemons_do_not_share_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
