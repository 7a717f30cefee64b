/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for the peer that the kernel does not take at once: sendmsg(2) fails as a test says. */
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "tests/unit/iscsid/peer_record.h"

static struct {
	int error; /* of the manager's sends; 0: they work */
	unsigned int times;
	unsigned int sends;
	bool held; /* a timer that is set does not run */
	int timer;
	struct itimerspec pause;
} fault;

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	fault.sends++;
	if (fault.error && fault.times > 0) {
		fault.times--;
		errno = fault.error;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, message, flags);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
	if (!fault.held)
		return (int)syscall(SYS_timerfd_settime, fd, flags, value, old);
	fault.timer = fd;
	fault.pause = *value;
	return 0;
}

static int set_up_faults(void **state)
{
	memset(&fault, 0, sizeof(fault));
	return set_up(state);
}

#define FAULTY(name) cmocka_unit_test_setup_teardown(name, set_up_faults, tear_down)

/* A peer that has one login, whose target says nothing. */
static int running(struct record *r)
{
	int target;

	assert_int_equal(peer_start(r->peer), 0);
	target = log_in(r, 1);
	expect_login_request(target);
	pid_of(r);
	return target;
}

static void what_found_no_memory_comes_later_and_in_order(void **state)
{
	static const int errors[] = {ENOBUFS, ENOMEM, ETOOMANYREFS, EAGAIN};
	struct record *r = *state;
	int first = running(r);
	uint64_t id = 2;

	for (size_t i = 0; i < ARRAY_LEN(errors); i++, id++) {
		int target;

		fault.error = errors[i];
		fault.times = 3;
		target = log_in(r, id);
		assert_int_equal(peer_queued(r->peer), 1);
		while (peer_queued(r->peer) > 0)
			handle_some(r);
		assert_int_equal(fault.times, 0);
		expect_login_request(target);
		close(target);
		handle_until_done(r, (unsigned int)i + 1);
		assert_int_equal(r->done.head.id, id);
	}
	close(first);
}

/* The socket has room all the while: epoll(7) would say so without end. */
static void memory_is_not_asked_for_in_a_hurry(void **state)
{
	struct record *r = *state;
	int first = running(r), target, woken = 0;

	fault.error = ENOBUFS;
	fault.times = UINT32_MAX;
	fault.held = true;
	fault.sends = 0;
	target = log_in(r, 2);
	for (int i = 0; i < 100; i++) {
		struct pollfd ready = {.fd = peer_fd(r->peer), .events = POLLIN};

		woken += poll(&ready, 1, 0);
		peer_handle(r->peer);
	}
	/* the nursery may have told of its spare one meanwhile */
	assert_in_range(woken, 0, 1);
	assert_int_equal(fault.sends, 1);
	/* nor for what comes behind it */
	assert_int_equal(peer_send_cancel(r->peer, 3), 0);
	assert_int_equal(fault.sends, 1);
	fault.error = 0;
	fault.held = false;
	timerfd_settime(fault.timer, 0, &fault.pause, NULL);
	while (peer_queued(r->peer) > 0)
		handle_some(r);
	expect_login_request(target);
	close(first);
	close(target);
}

/* Whatever it is, it would be the same the next time, and without end. */
static void a_peer_that_cannot_be_told_is_replaced(void **state)
{
	struct record *r = *state;
	int first = running(r), target;

	fault.error = EAGAIN;
	fault.times = 1;
	target = log_in(r, 2);
	fault.error = EMSGSIZE;
	fault.times = 1;
	handle_until_died(r);
	assert_string_equal(r->why, "killed: it cannot be told what to do: Message too long");
	r->why[0] = '\0';
	close(first);
	close(target);
	close(running(r));
}

/* To run its program again would take more memory, and a disk. */
static void a_nursery_is_kept_when_memory_is_short(void **state)
{
	static const int errors[] = {ENOBUFS, ENOMEM};
	struct record *r = *state;
	int target = running(r);
	pid_t nursery = parent_of(pid_of(r));

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		r->why[0] = '\0';
		assert_int_equal(kill(pid_of(r), SIGKILL), 0);
		handle_until_died(r);
		close(target);
		fault.error = errors[i];
		fault.times = 1;
		assert_int_equal(peer_start(r->peer), -errors[i]);
		assert_false(peer_running(r->peer));
		target = running(r);
		assert_int_equal(parent_of(pid_of(r)), nursery);
	}
	close(target);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FAULTY(what_found_no_memory_comes_later_and_in_order),
		FAULTY(memory_is_not_asked_for_in_a_hurry),
		FAULTY(a_peer_that_cannot_be_told_is_replaced),
		FAULTY(a_nursery_is_kept_when_memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
