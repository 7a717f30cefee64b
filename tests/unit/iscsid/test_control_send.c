/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that the kernel does not take at once: send(2) of the manager fails as a test says. */
#include "tests/unit/iscsid/house.h"

#include "lib/base/log.h"

static struct {
	int error;          /* of the manager's sends; 0: they work */
	unsigned int times; /* so often, then they work */
	size_t longest;     /* a longer one is refused with EMSGSIZE; 0: none */
	unsigned int sends; /* of the manager */
	int client;         /* the test's own end */
	bool held;          /* timers that are set do not run */
	struct loop_source *timer;
	char log[1024];
} fault;

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (fd != fault.client) {
		fault.sends++;
		if (fault.error && fault.times > 0) {
			fault.times--;
			errno = fault.error;
			return -1;
		}
		if (fault.longest > 0 && len > fault.longest) {
			errno = EMSGSIZE;
			return -1;
		}
	}
	return sendto(fd, data, len, flags, NULL, 0);
}

void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	if (fault.held)
		fault.timer = source;
	else
		__real_loop_timer_set(source, usec);
}

static void note(enum log_level level _unused_, const char *text)
{
	size_t len = strlen(fault.log);

	snprintf(fault.log + len, sizeof(fault.log) - len, "%s\n", text);
}

static int setup_faults(void **state)
{
	int r = setup(state);

	memset(&fault, 0, sizeof(fault));
	log_set_sink(note);
	return r;
}

static int teardown_faults(void **state)
{
	log_set_sink(NULL);
	memset(&fault, 0, sizeof(fault));
	return teardown(state);
}

static int faulty_client(const struct house *h)
{
	return fault.client = client(h);
}

/* unix(7) tells of ENOMEM; the kernel says ENOBUFS of the same want as well. */
static void answers_that_found_no_memory_come_later_and_in_order(void **state)
{
	static const int errors[] = {ENOBUFS, ENOMEM, EAGAIN};
	struct house *h = (struct house *)*state;
	int fd = faulty_client(h);

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		fault.error = errors[i];
		fault.times = 3;
		ask(fd, "config", 1, "");
		ask(fd, "rescan", 2, "sid=5\n");
		assert_int_equal(done(h, fd), 0);
		assert_non_null(strstr(h->answer, "\nid=1\n"));
		assert_int_equal(done(h, fd), ISCSI_ERR_SESS_NOT_FOUND);
		assert_non_null(strstr(h->answer, "\nid=2\n"));
		assert_int_equal(fault.times, 0);
	}
	assert_string_equal(fault.log, "");
	close(fd);
}

/* The socket has room all the while: epoll(7) would say so without end. */
static void memory_is_not_asked_for_in_a_hurry(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = faulty_client(h);

	fault.error = ENOBUFS;
	fault.times = UINT32_MAX;
	fault.held = true;
	ask(fd, "config", 1, "");
	for (int i = 0; i < 100; i++)
		turn(h);
	assert_int_equal(fault.sends, 1);
	fault.error = 0;
	fault.held = false;
	assert_non_null(fault.timer);
	loop_timer_set(fault.timer, 0);
	assert_int_equal(done(h, fd), 0);
	assert_int_equal(fault.sends, 2);
	close(fd);
}

static void hear_end(struct house *h, int fd)
{
	ssize_t n = -EAGAIN;

	for (int i = 0; i < TURNS_MAX && n == -EAGAIN; i++) {
		if (h->manager.control)
			turn(h);
		n = ipc_recv(fd, h->answer, sizeof(h->answer));
	}
	assert_int_equal(n, 0);
}

static void a_client_whose_answer_cannot_be_sent_sees_the_end_and_others_do_not(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = faulty_client(h), other = client(h);

	fault.longest = 40;
	ask(fd, "config", 1, "");
	hear_end(h, fd);
	assert_non_null(strstr(fault.log, "a client is dropped: Message too long"));
	fault.longest = 0;
	fault.client = other;
	ask(other, "config", 2, "");
	assert_int_equal(done(h, other), 0);
	close(fd);
	close(other);
}

/* The same when it had to wait. */
static void an_answer_that_waited_and_cannot_be_sent_ends_its_client(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = faulty_client(h);

	fault.error = ENOBUFS;
	fault.times = 1;
	fault.longest = 40;
	ask(fd, "config", 1, "");
	ask(fd, "config", 2, "");
	hear_end(h, fd);
	assert_non_null(strstr(fault.log, "a client is dropped: Message too long"));
	assert_null(strstr(strstr(fault.log, "dropped") + 1, "dropped"));
	close(fd);
}

/* What it asked for before it went is done all the same. */
static void a_client_that_is_gone_is_no_news(void **state)
{
	static const int errors[] = {EPIPE, ECONNRESET};
	struct house *h = (struct house *)*state;

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		int fd = faulty_client(h);

		fault.sends = 0;
		fault.error = errors[i];
		fault.times = UINT32_MAX;
		ask(fd, "config", 1, "");
		ask(fd, "config", 2, "");
		close(fd);
		fault.client = -1;
		for (int turns = 0; turns < TURNS_MAX && fault.sends < 2; turns++)
			turn(h);
		assert_int_equal(fault.sends, 2);
	}
	assert_string_equal(fault.log, "");
}

/* The daemon ends while the kernel has no memory: it waits a little, and the answer comes. */
static void an_answer_that_waits_at_the_end_is_still_sent(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = faulty_client(h);

	fault.error = ENOBUFS;
	fault.times = 2;
	ask(fd, "config", 1, "");
	while (fault.sends == 0)
		turn(h);
	h->manager.control = control_free(h->manager.control);
	assert_int_equal(done(h, fd), 0);
	hear_end(h, fd);
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_faults, teardown_faults)
	const struct CMUnitTest tests[] = {
		TEST(answers_that_found_no_memory_come_later_and_in_order),
		TEST(memory_is_not_asked_for_in_a_hurry),
		TEST(a_client_whose_answer_cannot_be_sent_sees_the_end_and_others_do_not),
		TEST(an_answer_that_waited_and_cannot_be_sent_ends_its_client),
		TEST(a_client_that_is_gone_is_no_news),
		TEST(an_answer_that_waits_at_the_end_is_still_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
