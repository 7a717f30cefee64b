/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to somebody who does not read them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/log_sink.h"

enum { MESSAGES = 20000 };

static struct {
	bool room;      /* poll(2) says so, as it does before somebody else fills the pipe */
	size_t at_most; /* bytes that one send(2) takes; 0: any */
} fault;

int poll(struct pollfd *fds, nfds_t count, int msec)
{
	const struct timespec limit = {.tv_sec = msec / 1000, .tv_nsec = msec % 1000 * 1000000L};

	if (!fault.room)
		return ppoll(fds, count, msec < 0 ? NULL : &limit, NULL);
	fds->revents = POLLOUT;
	return 1;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (fault.at_most > 0 && len > fault.at_most)
		len = fault.at_most;
	return sendto(fd, data, len, flags, NULL, 0);
}

/* The other end of what stands in for stderr while a test runs. */
struct reader {
	int fd, saved;
	char text[1 << 22];
	size_t len;
};

static int replace_stderr(void **state, int read_end, int write_end)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return -1;
	r->fd = read_end;
	r->saved = dup(STDERR_FILENO);
	dup2(write_end, STDERR_FILENO);
	close(write_end);
	log_sink_open(LOG_PLACE_STDERR, 0);
	*state = r;
	return fcntl(read_end, F_SETFL, O_NONBLOCK);
}

static int with_a_socket(void **state)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0
	               ? -1
	               : replace_stderr(state, pair[0], pair[1]);
}

static int with_a_pipe(void **state)
{
	int ends[2];

	return pipe2(ends, O_CLOEXEC) < 0 ? -1 : replace_stderr(state, ends[0], ends[1]);
}

static int give_back(void **state)
{
	struct reader *r = *state;

	dup2(r->saved, STDERR_FILENO);
	close(r->saved);
	close(r->fd);
	free(r);
	return 0;
}

static void read_all(struct reader *r)
{
	ssize_t n;

	while ((n = read(r->fd, r->text + r->len, sizeof(r->text) - 1 - r->len)) > 0)
		r->len += (size_t)n;
	r->text[r->len] = '\0';
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void nobody_waits_for_a_reader_and_what_is_lost_is_counted(void **state)
{
	struct reader *r = *state;
	unsigned int lost = 0, seen;
	const char *note;

	for (int i = 0; i < MESSAGES; i++)
		log_error("a message of some length, number %d", i);
	read_all(r);
	seen = count(r->text, "iscsid: a message of some length, number ");
	assert_in_range(seen, 1, MESSAGES - 1);
	log_error("the last one");
	read_all(r);
	note = strstr(r->text,
	              " messages could not be written and are lost\niscsid: the last one\n");
	assert_non_null(note);
	while (note[-1] >= '0' && note[-1] <= '9')
		note--;
	lost = (unsigned int)strtoul(note, NULL, 10);
	assert_int_equal(lost + seen, MESSAGES);
}

static void a_pipe_that_others_fill_meanwhile_is_not_waited_for(void **state)
{
	struct reader *r = *state;
	char filling[4096] = "";
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	while (poll(&p, 1, 0) == 1)
		assert_int_equal(write(STDERR_FILENO, filling, sizeof(filling)), sizeof(filling));
	/* whoever shares the open file goes on as before */
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	fault.room = true;
	alarm(20);
	log_error("no room for this");
	alarm(0);
	fault.room = false;
	while (read(r->fd, r->text, sizeof(r->text)) > 0)
		;
	log_error("room again");
	read_all(r);
	assert_string_equal(r->text, "iscsid: 1 messages could not be written and are lost\n"
	                             "iscsid: room again\n");
}

static void a_line_of_which_a_part_was_taken_does_not_spoil_the_next(void **state)
{
	struct reader *r = *state;

	fault.at_most = 12;
	log_error("cut here");
	fault.at_most = 0;
	log_error("whole");
	log_error("whole, too");
	read_all(r);
	assert_string_equal(r->text, "iscsid: cut \n"
	                             "iscsid: 1 messages could not be written and are lost\n"
	                             "iscsid: whole\niscsid: whole, too\n");
}

static void a_reader_that_is_gone_ends_nothing(void **state)
{
	struct reader *r = *state;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	close(r->fd);
	r->fd = ends[0];
	close(ends[1]);
	log_error("into the void");
	log_error("once more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nobody_waits_for_a_reader_and_what_is_lost_is_counted, with_a_socket,
			give_back),
		cmocka_unit_test_setup_teardown(
			nobody_waits_for_a_reader_and_what_is_lost_is_counted, with_a_pipe,
			give_back),
		cmocka_unit_test_setup_teardown(a_pipe_that_others_fill_meanwhile_is_not_waited_for,
	                                        with_a_pipe, give_back),
		cmocka_unit_test_setup_teardown(
			a_line_of_which_a_part_was_taken_does_not_spoil_the_next, with_a_socket,
			give_back),
		cmocka_unit_test_setup_teardown(a_reader_that_is_gone_ends_nothing, with_a_socket,
	                                        give_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
