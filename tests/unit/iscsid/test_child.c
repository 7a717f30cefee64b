/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/child.h"
#include "iscsid/connect.h"
#include "lib/base/macros.h"
#include "tests/unit/iscsid/reap.h"

/* Far beyond what any of them takes. */
#define LONG_USEC (60 * USEC_PER_SEC)

struct outcome {
	int calls, result;
	char output[CHILD_OUTPUT_MAX];
	size_t len;
	int fds[CHILD_DESCRIPTORS_MAX];
	size_t fd_count;
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
	reap_all((struct loop *)*state);
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

/* In memory that the child shares: it has said all that it will say. */
static atomic_bool *spoken;

static int speaks_and_hangs(const void *arg, int out)
{
	if (speaks(arg, out) < 0)
		return -EIO;
	atomic_store(spoken, true);
	return hangs(arg, out);
}

static void what_a_child_said_before_its_deadline_is_heard(void **state)
{
	struct loop *loop = (struct loop *)*state;
	struct outcome o = {0};
	const struct child_job job = {.run = speaks_and_hangs,
	                              .deadline_usec = USEC_PER_MSEC,
	                              .done = on_done,
	                              .data = &o};
	struct child *child;

	spoken = mmap(NULL, sizeof(*spoken), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	assert_ptr_not_equal(spoken, MAP_FAILED);
	assert_int_equal(child_start(loop, &job, &child), 0);
	while (!atomic_load(spoken))
		sched_yield();
	while (o.calls == 0)
		assert_int_equal(loop_step(loop, 10 * USEC_PER_MSEC), 0);
	assert_int_equal(o.result, -ETIMEDOUT);
	assert_int_equal(o.len, 5);
	assert_memory_equal(o.output, "words", 5);
	munmap(spoken, sizeof(*spoken));
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
	char fault[CONNECT_FAULT_SIZE];

	(void)state;
	/* bound, so that nobody else takes it, and not listening */
	assert_int_equal(bind(holder, (struct sockaddr *)&any, len), 0);
	assert_int_equal(getsockname(holder, (struct sockaddr *)&any, &len), 0);
	memcpy(&to.addr, &any, sizeof(any));
	assert_int_equal(connect_socket(&to, &path, &fd, fault), 0);
	r = connect_begin(fd, &to, &path);
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

/* Ways that are not there: the number, and a word that the sentence about it must have. */
static const struct {
	const char *address;
	struct connect_path path;
	int error;
	const char *names;
} no_ways[] = {
	{"127.0.0.1", {.netdev = "nosuchdev0"}, -ENODEV, "nosuchdev0"},
	{"127.0.0.1", {.hwaddress = "02:ff:ff:ff:ff:fe"}, -ENODEV, "02:ff:ff:ff:ff:fe"},
	{"127.0.0.1", {.hwaddress = "rubbish"}, -EINVAL, "rubbish"},
	{"127.0.0.1", {.source = "::1"}, -EAFNOSUPPORT, "::1"},
	{"127.0.0.1", {.source = "203.0.113.77"}, -EADDRNOTAVAIL, "203.0.113.77"},
	{"fe80::1", {.netdev = ""}, -EINVAL, "link-local"},
};

static void a_way_that_is_not_there_is_named(void **state)
{
	char fault[CONNECT_FAULT_SIZE];
	struct connect_address to;
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(no_ways); i++) {
		assert_int_equal(addr_from_literal(no_ways[i].address, 3260, &to.addr, &to.len), 0);
		assert_int_equal(connect_socket(&to, &no_ways[i].path, &fd, fault),
		                 no_ways[i].error);
		assert_non_null(strstr(fault, no_ways[i].names));
		assert_int_equal(fd, -1);
	}
}

static void a_link_local_address_gets_the_scope_of_its_device(void **state)
{
	const struct connect_path path = {.netdev = "lo"};
	const struct sockaddr_in6 *in6;
	char fault[CONNECT_FAULT_SIZE];
	struct connect_address to;
	int fd = -1;

	(void)state;
	assert_int_equal(addr_from_literal("fe80::1", 3260, &to.addr, &to.len), 0);
	assert_int_equal(connect_socket(&to, &path, &fd, fault), 0);
	in6 = (const struct sockaddr_in6 *)&to.addr;
	assert_int_equal(in6->sin6_scope_id, if_nametoindex("lo"));
	close(fd);
}

/* ---- look-ups ----------------------------------------------------------------------------- */

static void on_descriptor(void *data, int fd)
{
	struct outcome *o = (struct outcome *)data;

	assert_int_equal(o->calls, 0);
	o->fds[o->fd_count++] = fd;
}

static int gives(const void *arg, int out)
{
	const int *fd = (const int *)arg;

	if (write(out, "ab", 2) != 2 || child_give(out, *fd) < 0 || write(out, "cd", 2) != 2)
		return -EIO;
	return child_give(out, *fd);
}

static void descriptors_come_ahead_of_the_words_and_do_not_mix_with_them(void **state)
{
	struct loop *loop = (struct loop *)*state;
	struct outcome o = {0};
	int null = STDERR_FILENO;
	const struct child_job job = {.run = gives,
	                              .arg = &null,
	                              .deadline_usec = LONG_USEC,
	                              .done = on_done,
	                              .descriptor = on_descriptor,
	                              .data = &o};
	struct child *child;
	struct stat ours, given;

	assert_int_equal(child_start(loop, &job, &child), 0);
	while (o.calls == 0)
		assert_int_equal(loop_step(loop, LONG_USEC), 0);
	assert_int_equal(o.result, 0);
	assert_int_equal(o.len, 4);
	assert_memory_equal(o.output, "abcd", 4);
	assert_int_equal(o.fd_count, 2);
	assert_int_equal(fstat(STDERR_FILENO, &ours), 0);
	for (size_t i = 0; i < o.fd_count; i++) {
		assert_int_equal(fstat(o.fds[i], &given), 0);
		assert_true(given.st_ino == ours.st_ino && given.st_dev == ours.st_dev);
		assert_true(fcntl(o.fds[i], F_GETFD) & FD_CLOEXEC);
		close(o.fds[i]);
	}
}

static struct outcome look_up(struct loop *loop, const char *host, const struct connect_path *path)
{
	struct outcome o = {0};
	const struct connect_lookup_job job = {.host = host,
	                                       .port = 3260,
	                                       .path = path,
	                                       .deadline_usec = LONG_USEC,
	                                       .done = on_done,
	                                       .descriptor = on_descriptor,
	                                       .data = &o};
	struct child *child;

	assert_int_equal(connect_lookup(loop, &job, &child), 0);
	while (o.calls == 0)
		assert_int_equal(loop_step(loop, LONG_USEC), 0);
	return o;
}

/* Twice what it may say. */
static int gives_text(const void *arg _unused_, int out)
{
	static char text[2 * CHILD_OUTPUT_MAX];

	memset(text, 'x', sizeof(text));
	return child_give_text(out, text, sizeof(text));
}

static void keep_text(void *data, int fd)
{
	struct outcome *o = (struct outcome *)data;

	o->fds[o->fd_count++] = fd;
}

static void a_long_text_comes_as_a_whole_or_not_at_all(void **state)
{
	struct loop *loop = (struct loop *)*state;
	struct outcome o = {0};
	const struct child_job job = {.run = gives_text,
	                              .deadline_usec = LONG_USEC,
	                              .done = on_done,
	                              .descriptor = keep_text,
	                              .data = &o};
	struct child *child;
	size_t len = 0;
	char *text;

	assert_int_equal(child_start(loop, &job, &child), 0);
	for (int i = 0; i < 2000 && o.calls == 0; i++)
		assert_int_equal(loop_step(loop, 10 * USEC_PER_MSEC), 0);
	assert_int_equal(o.result, 0);
	assert_int_equal(o.fd_count, 1);
	assert_int_equal(child_take_text(o.fds[0], 2 * CHILD_OUTPUT_MAX - 1, &text, &len), -EFBIG);
	assert_int_equal(child_take_text(o.fds[0], 2 * CHILD_OUTPUT_MAX, &text, &len), 0);
	assert_int_equal(len, 2 * CHILD_OUTPUT_MAX);
	assert_int_equal(strspn(text, "x"), len);
	free(text);
	close(o.fds[0]);
}

static void a_name_has_its_addresses(void **state)
{
	const struct connect_path path = {0};
	struct connect_address all[CONNECT_ADDRESSES_MAX];
	struct outcome o = look_up((struct loop *)*state, "localhost", &path);

	assert_int_equal(o.result, 0);
	assert_true(connect_lookup_output(o.output, o.len, all) >= 1);
	assert_int_equal(o.fd_count, 0);
}

static void a_namespace_that_is_not_there_is_named(void **state)
{
	static const struct {
		struct connect_path path;
		const char *names;
	} cases[] = {
		{{.netns = "nosuchnetns"}, "/run/netns/nosuchnetns"},
		{{.netns = "/nosuchfile"}, "/nosuchfile"},
		{{.netns = ".."}, "iface.netns"},
		{{.netns = "../netns/x"}, "iface.netns"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = look_up((struct loop *)*state, "127.0.0.1", &cases[i].path);

		assert_int_equal(o.result, -ENODEV);
		assert_non_null(memmem(o.output, o.len, cases[i].names, strlen(cases[i].names)));
	}
}

/* The namespace that it is in needs no privilege but root's to be entered. */
static void a_namespace_s_sockets_come_with_the_addresses(void **state)
{
	const struct connect_path path = {.netns = "/proc/self/ns/net"};
	struct connect_address all[CONNECT_ADDRESSES_MAX];
	struct outcome o;
	int type = 0;
	socklen_t len = sizeof(type);

	if (geteuid() != 0)
		skip();
	o = look_up((struct loop *)*state, "127.0.0.1", &path);
	assert_int_equal(o.result, 0);
	assert_int_equal(connect_lookup_output(o.output, o.len, all), 1);
	assert_int_equal(o.fd_count, 1);
	assert_int_equal(getsockopt(o.fds[0], SOL_SOCKET, SO_TYPE, &type, &len), 0);
	assert_int_equal(type, SOCK_STREAM);
	close(o.fds[0]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_a_child_says_and_returns_comes_back),
		TEST(a_child_that_a_signal_ended_is_an_error),
		TEST(a_child_that_hangs_ends_at_its_deadline),
		TEST(what_a_child_said_before_its_deadline_is_heard),
		TEST(a_child_holds_no_descriptor_of_the_parent_s),
		cmocka_unit_test(a_closed_port_refuses),
		cmocka_unit_test(a_way_that_is_not_there_is_named),
		cmocka_unit_test(a_link_local_address_gets_the_scope_of_its_device),
		TEST(descriptors_come_ahead_of_the_words_and_do_not_mix_with_them),
		TEST(a_long_text_comes_as_a_whole_or_not_at_all),
		TEST(a_name_has_its_addresses),
		TEST(a_namespace_that_is_not_there_is_named),
		TEST(a_namespace_s_sockets_come_with_the_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
