/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/child.h"
#include "iscsid/connect.h"

/* Far beyond what any of them takes. */
#define LONG_USEC (60 * USEC_PER_SEC)

struct outcome {
	int calls, result;
	char output[64];
	size_t len;
};

static void on_done(void *data, int result, const void *output, size_t len)
{
	struct outcome *o = (struct outcome *)data;

	o->calls++;
	o->result = result;
	o->len = len;
	memcpy(o->output, output ? output : "", len < sizeof(o->output) ? len : 0);
}

static int setup(void **state)
{
	return loop_new((struct loop **)state);
}

static int teardown(void **state)
{
	loop_free((struct loop *)*state);
	return 0;
}

static struct outcome run(struct loop *loop, int (*fn)(const void *arg, int out), uint64_t deadline)
{
	struct outcome o = {0};
	const struct child_job job = {
		.run = fn, .deadline_usec = deadline, .done = on_done, .data = &o};
	struct child *child;

	assert_int_equal(child_start(loop, &job, &child), 0);
	assert_int_equal(o.calls, 0);
	for (int i = 0; i < 2000 && o.calls == 0; i++)
		assert_int_equal(loop_step(loop, 10 * USEC_PER_MSEC), 0);
	assert_int_equal(o.calls, 1);
	return o;
}

static int speaks(const void *arg _unused_, int out)
{
	return write(out, "words", 5) == 5 ? 0 : -EIO;
}

static int fails(const void *arg _unused_, int out _unused_)
{
	return -ENODEV;
}

static int dies(const void *arg _unused_, int out _unused_)
{
	raise(SIGKILL);
	return 0;
}

static int hangs(const void *arg _unused_, int out _unused_)
{
	/* until the deadline's signal */
	pause();
	return 0;
}

static int has_no_other_descriptor(const void *arg _unused_, int out)
{
	for (int fd = 3; fd < 256; fd++) {
		if (fd != out && fcntl(fd, F_GETFD) >= 0)
			return -EBADF;
	}
	return 0;
}

static void what_a_child_says_and_returns_comes_back(void **state)
{
	struct outcome o = run((struct loop *)*state, speaks, LONG_USEC);

	assert_int_equal(o.result, 0);
	assert_int_equal(o.len, 5);
	assert_memory_equal(o.output, "words", 5);
	o = run((struct loop *)*state, fails, LONG_USEC);
	assert_int_equal(o.result, -ENODEV);
	assert_int_equal(o.len, 0);
}

static void a_child_that_a_signal_ended_is_an_error(void **state)
{
	assert_int_equal(run((struct loop *)*state, dies, LONG_USEC).result, -ECHILD);
}

static void a_child_that_hangs_ends_at_its_deadline(void **state)
{
	assert_int_equal(run((struct loop *)*state, hangs, USEC_PER_MSEC).result, -ETIMEDOUT);
}

static void a_child_holds_no_descriptor_of_the_parent_s(void **state)
{
	struct outcome o = run((struct loop *)*state, has_no_other_descriptor, LONG_USEC);

	assert_int_equal(o.result, 0);
}

static void a_closed_port_refuses(void **state)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const struct connect_path path = {.window_size = 65536};
	struct connect_address to = {.len = sizeof(any)};
	socklen_t len = sizeof(any);
	int holder = socket(AF_INET, SOCK_STREAM, 0), fd = -1, r;

	(void)state;
	/* bound, so that nobody else takes it, and not listening */
	assert_int_equal(bind(holder, (struct sockaddr *)&any, len), 0);
	assert_int_equal(getsockname(holder, (struct sockaddr *)&any, &len), 0);
	memcpy(&to.addr, &any, sizeof(any));
	r = connect_start(&to, &path, &fd);
	if (r == 0) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};

		assert_int_equal(poll(&p, 1, 5000), 1);
		r = connect_result(fd);
	}
	assert_int_equal(r, -ECONNREFUSED);
	close(holder);
	if (fd >= 0)
		close(fd);
}

static void a_network_device_that_is_not_there_is_named(void **state)
{
	const struct connect_path netdev = {.netdev = "nosuchdev0"};
	const struct connect_path hwaddress = {.hwaddress = "02:ff:ff:ff:ff:fe"};
	const struct connect_path source = {.source = "::1"};
	struct connect_address to = {.len = sizeof(struct sockaddr_in)};
	int fd = -1;

	(void)state;
	assert_int_equal(addr_from_literal("127.0.0.1", 3260, &to.addr, &to.len), 0);
	assert_true(connect_start(&to, &netdev, &fd) < 0);
	assert_int_equal(connect_start(&to, &hwaddress, &fd), -ENODEV);
	assert_int_equal(connect_start(&to, &source, &fd), -EAFNOSUPPORT);
	assert_int_equal(fd, -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_a_child_says_and_returns_comes_back),
		TEST(a_child_that_a_signal_ended_is_an_error),
		TEST(a_child_that_hangs_ends_at_its_deadline),
		TEST(a_child_holds_no_descriptor_of_the_parent_s),
		cmocka_unit_test(a_closed_port_refuses),
		cmocka_unit_test(a_network_device_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
