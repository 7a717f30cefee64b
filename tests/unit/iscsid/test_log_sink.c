/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to somebody who does not read them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/log_sink.h"

enum { MESSAGES = 20000 };

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
		cmocka_unit_test_setup_teardown(a_reader_that_is_gone_ends_nothing, with_a_socket,
	                                        give_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
