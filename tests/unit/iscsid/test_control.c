/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real socket, a loop, and a scripted client in one process: nobody blocks, nobody sleeps. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/control.h"
#include "iscsid/own_request.h"
#include "lib/base/macros.h"
#include "lib/ipc/channel.h"

/* Turns of the loop after which a test has waited in vain; a turn takes 1 ms at most. */
enum { TURNS_MAX = 2000, HELD_MAX = 8 };

struct house {
	struct loop *loop;
	struct control *control;
	char folder[64], path[96];
	unsigned int requests; /* that came */
	unsigned int gone;
	struct request *held[HELD_MAX];
	size_t held_count;
	bool root;
	char answer[IPC_MESSAGE_MAX + 1];
};

/* Time passes when a test says so, too. */
static uint64_t skipped_usec;
uint64_t __real_loop_now(void);
uint64_t __wrap_loop_now(void);

uint64_t __wrap_loop_now(void)
{
	return __real_loop_now() + skipped_usec;
}

static void on_gone(struct request *request _unused_, void *data)
{
	((struct house *)data)->gone++;
}

/* Whoever held the first one has room for the second now, and cannot begin it. */
static void on_gone_end_next(struct request *request, void *data)
{
	struct house *h = (struct house *)data;

	on_gone(request, data);
	request_done(h->held[1], ISCSI_ERR_NOMEM, "no room");
}

/* What the verbs of the test do. */
static void handler(void *data, struct request *request, const struct ipc_message *m, bool root)
{
	struct house *h = (struct house *)data;

	h->requests++;
	h->root = root;
	if (strcmp(m->verb, "hold") == 0 && h->held_count < HELD_MAX) {
		request->gone = on_gone;
		request->data = h;
		h->held[h->held_count++] = request;
	} else if (strcmp(m->verb, "flood") == 0) {
		static char filler[4096];

		memset(filler, 'x', sizeof(filler) - 1);
		for (int i = 0; i < 200; i++) {
			struct writer w;

			request_begin(request, IPC_REPLY_ITEM, &w);
			kv_put(&w, KV_NEWLINE, "filler", filler);
			request_send(request, &w);
		}
		request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
	} else {
		request_progress(request, "on\nthe way");
		request_done(request, ISCSI_ERR_BUSY, "%s is busy", m->verb);
	}
}

static int setup(void **state)
{
	struct house *h = (struct house *)calloc(1, sizeof(*h));
	int listener;

	if (!h)
		return -1;
	skipped_usec = 0;
	strcpy(h->folder, "/tmp/test-control.XXXXXX");
	if (!mkdtemp(h->folder))
		return -1;
	snprintf(h->path, sizeof(h->path), "%s/control", h->folder);
	listener = ipc_listen(h->path);
	if (listener < 0 || loop_new(&h->loop) < 0 ||
	    control_new(h->loop, listener, handler, h, &h->control) < 0)
		return -1;
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct house *h = (struct house *)*state;

	control_free(h->control);
	loop_free(h->loop);
	unlink(h->path);
	rmdir(h->folder);
	free(h);
	return 0;
}

static int client(const struct house *h)
{
	int fd = ipc_connect(h->path);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void turn(struct house *h)
{
	assert_int_equal(loop_step(h->loop, USEC_PER_MSEC), 0);
}

static void say(struct house *h, int fd, const char *text)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		int r = ipc_send(fd, text, strlen(text));

		if (r == 0)
			return;
		assert_int_equal(r, -EAGAIN);
		turn(h);
	}
	fail_msg("the daemon does not read");
}

/* The next answer as text; "" when the daemon closed. */
static const char *hear(struct house *h, int fd)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));

		if (n >= 0) {
			h->answer[n] = 0;
			return h->answer;
		}
		assert_int_equal(n, -EAGAIN);
		turn(h);
	}
	fail_msg("no answer");
	return NULL;
}

static void an_answer_is_progress_then_one_done_with_the_id(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	say(h, fd, "proto=1\nverb=dance\nid=42\n");
	assert_string_equal(hear(h, fd), "proto=1\nreply=progress\nid=42\ntext=on the way\n");
	assert_string_equal(hear(h, fd),
	                    "proto=1\nreply=done\nid=42\nerror=28\ndetail=dance is busy\n");
	close(fd);
}

static void requests_are_answered_in_any_order(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	say(h, fd, "proto=1\nverb=hold\nid=1\n");
	say(h, fd, "proto=1\nverb=hold\nid=2\n");
	while (h->held_count < 2)
		turn(h);
	request_done(h->held[1], ISCSI_ERR_SUCCESS, "%s", "");
	request_done(h->held[0], ISCSI_ERR_SUCCESS, "%s", "");
	assert_string_equal(hear(h, fd), "proto=1\nreply=done\nid=2\nerror=0\n");
	assert_string_equal(hear(h, fd), "proto=1\nreply=done\nid=1\nerror=0\n");
	close(fd);
}

static void a_message_that_is_no_request_gets_error_16_and_harms_nobody(void **state)
{
	static const char *const bad[] = {"rubbish\n", "verb=x\nid=1\n", "proto=1\nid=1\n",
	                                  "proto=1\nreply=done\nid=1\nerror=0\n",
	                                  "proto=1\nverb=dance\nid=7\nno pair\n"};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		say(h, fd, bad[i]);
		assert_non_null(strstr(hear(h, fd), "\nerror=16\n"));
	}
	/* whoever waits for the answer learns it by the id, if there is one */
	assert_non_null(strstr(h->answer, "\nid=7\n"));
	assert_int_equal(h->requests, 0);
	say(h, fd, "proto=1\nverb=dance\nid=3\n");
	assert_non_null(strstr(hear(h, fd), "reply=progress\nid=3\n"));
	close(fd);
}

static void another_protocol_is_told_what_is_spoken_here(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	say(h, fd, "proto=2\nverb=dance\nid=9\n");
	assert_non_null(strstr(hear(h, fd), "id=9\nerror=16\ndetail="));
	assert_non_null(strstr(h->answer, "protocol 1"));
	assert_int_equal(h->requests, 0);
	close(fd);
}

static void a_message_that_is_too_long_is_refused(void **state)
{
	struct house *h = (struct house *)*state;
	static const char head[] = "proto=1\nverb=dance\nid=70000\nkey=";
	static char text[IPC_MESSAGE_MAX + 64];
	int fd = client(h);

	/* lines up to the limit, so that what is beyond it would not be missed */
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, head, strlen(head));
	text[IPC_MESSAGE_MAX - 1] = '\n';
	/* ipc_send() would not: a client of another make may */
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	assert_non_null(strstr(hear(h, fd), "\nid=70000\nerror=16\n"));
	assert_int_equal(h->requests, 0);
	close(fd);
}

static void a_client_that_vanishes_takes_its_own_requests_only(void **state)
{
	struct house *h = (struct house *)*state;
	int leaving = client(h), staying = client(h);

	say(h, leaving, "proto=1\nverb=hold\nid=1\n");
	while (h->held_count < 1)
		turn(h);
	say(h, staying, "proto=1\nverb=hold\nid=2\n");
	while (h->held_count < 2)
		turn(h);
	close(leaving);
	while (h->gone < 1)
		turn(h);
	assert_int_equal(h->gone, 1);
	request_done(h->held[1], ISCSI_ERR_SUCCESS, "%s", "");
	assert_string_equal(hear(h, staying), "proto=1\nreply=done\nid=2\nerror=0\n");
	close(staying);
}

static void a_client_that_vanishes_may_have_requests_that_end_one_another(void **state)
{
	struct house *h = (struct house *)*state;
	int leaving = client(h), other = client(h);

	say(h, leaving, "proto=1\nverb=hold\nid=1\n");
	say(h, leaving, "proto=1\nverb=hold\nid=2\n");
	while (h->held_count < 2)
		turn(h);
	h->held[0]->gone = on_gone_end_next;
	close(leaving);
	while (h->gone < 1)
		turn(h);
	/* the second had its end and is not told that it is gone */
	assert_int_equal(h->gone, 1);
	say(h, other, "proto=1\nverb=dance\nid=3\n");
	assert_non_null(strstr(hear(h, other), "id=3\n"));
	close(other);
}

static void a_client_that_does_not_read_is_not_read_from(void **state)
{
	struct house *h = (struct house *)*state;
	int slow = client(h), other = client(h);
	unsigned int sent = 0, answers = 0;

	/* each answer is 800 KB: the queue passes its mark with the first one */
	while (ipc_send(slow, "proto=1\nverb=flood\nid=1\n", 24) == 0)
		sent++;
	for (int i = 0; i < 100; i++)
		turn(h);
	assert_int_equal(h->requests, 1);
	/* the others do not notice */
	say(h, other, "proto=1\nverb=dance\nid=2\n");
	assert_non_null(strstr(hear(h, other), "id=2\n"));
	/* it reads again: nothing was lost */
	while (answers < sent) {
		if (strstr(hear(h, slow), "reply=done\n"))
			answers++;
	}
	assert_int_equal(h->requests, sent + 1);
	close(slow);
	close(other);
}

static void assert_hung_up(struct house *h, int fd, bool hung_up)
{
	char byte;

	turn(h);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), hung_up ? 0 : -1);
}

static void clients_that_ask_for_nothing_keep_nobody_out(void **state)
{
	enum { FEW = 10 };
	struct house *h = (struct house *)*state;
	int busy = client(h), silent[CONTROL_CLIENTS_MAX - 2], more[FEW];

	say(h, busy, "proto=1\nverb=hold\nid=1\n");
	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		silent[i] = client(h);
		turn(h);
	}
	assert_int_equal(h->held_count, 1);
	skipped_usec = 10 * USEC_PER_SEC;
	for (size_t i = 0; i < FEW; i++) {
		more[i] = client(h);
		say(h, more[i], "proto=1\nverb=dance\nid=2\n");
		assert_non_null(strstr(hear(h, more[i]), "id=2\n"));
	}
	/* who has been silent for the longest time, and nobody else */
	assert_hung_up(h, silent[FEW - 1], true);
	assert_hung_up(h, silent[FEW], false);
	assert_hung_up(h, busy, false);
	request_done(h->held[0], ISCSI_ERR_SUCCESS, "%s", "");
	assert_string_equal(hear(h, busy), "proto=1\nreply=done\nid=1\nerror=0\n");
	close(busy);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		close(silent[i]);
	for (size_t i = 0; i < FEW; i++)
		close(more[i]);
}

/* They may be about to ask. */
static void many_clients_at_the_same_moment_are_all_served(void **state)
{
	struct house *h = (struct house *)*state;
	int clients[CONTROL_CLIENTS_MAX], last;

	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		clients[i] = client(h);
		turn(h);
	}
	last = client(h);
	say(h, last, "proto=1\nverb=dance\nid=3\n");
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		say(h, clients[i], "proto=1\nverb=dance\nid=2\n");
		assert_non_null(strstr(hear(h, clients[i]), "id=2\n"));
	}
	assert_int_equal(h->requests, ARRAY_LEN(clients));
	/* one leaves, and the last one has its turn */
	close(clients[0]);
	assert_non_null(strstr(hear(h, last), "id=3\n"));
	close(last);
	for (size_t i = 1; i < ARRAY_LEN(clients); i++)
		close(clients[i]);
}

static void the_owner_counts_as_root_and_others_do_not(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h), status;
	pid_t pid;

	say(h, fd, "proto=1\nverb=dance\nid=1\n");
	hear(h, fd);
	assert_true(h->root);
	close(fd);
	if (geteuid() != 0)
		skip();
	/* the folder and the socket let nobody else in: open them for this test */
	assert_int_equal(chmod(h->folder, 0755) | chmod(h->path, 0666), 0);
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) < 0)
			_exit(2);
		fd = ipc_connect(h->path);
		_exit(fd < 0 || ipc_send(fd, "proto=1\nverb=dance\nid=2\n", 24) < 0 ||
		      ipc_recv(fd, h->answer, sizeof(h->answer)) <= 0);
	}
	while (h->requests < 2)
		turn(h);
	assert_false(h->root);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void what_is_under_way_at_the_end_of_the_daemon_is_answered(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	say(h, fd, "proto=1\nverb=hold\nid=1\n");
	say(h, fd, "proto=1\nverb=hold\nid=2\n");
	while (h->held_count < 2)
		turn(h);
	h->control = control_free(h->control);
	assert_int_equal(h->gone, 2);
	assert_string_equal(hear(h, fd),
	                    "proto=1\nreply=done\nid=1\nerror=18\ndetail=iscsid ends\n");
	assert_string_equal(hear(h, fd),
	                    "proto=1\nreply=done\nid=2\nerror=18\ndetail=iscsid ends\n");
	assert_string_equal(hear(h, fd), "");
	close(fd);
}

/* It reads while the daemon waits for it, in a process of its own. */
static void a_client_that_reads_has_all_its_answers_before_the_end(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h), status;
	pid_t pid;

	say(h, fd, "proto=1\nverb=flood\nid=1\n");
	while (h->requests < 1)
		turn(h);
	pid = fork();
	if (pid == 0) {
		bool done = false;
		ssize_t n;

		/* the daemon's end among them */
		close_range(3, (unsigned int)fd - 1, 0);
		close_range((unsigned int)fd + 1, ~0U, 0);
		fcntl(fd, F_SETFL, 0);
		while ((n = ipc_recv(fd, h->answer, sizeof(h->answer))) > 0)
			done = strstr(h->answer, "reply=done\n") != NULL;
		_exit(n < 0 || !done);
	}
	close(fd);
	h->control = control_free(h->control);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_client_that_does_not_read_does_not_hold_up_the_end(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	say(h, fd, "proto=1\nverb=flood\nid=1\n");
	while (h->requests < 1)
		turn(h);
	h->control = control_free(h->control);
	close(fd);
}

/* What was told, the error behind a done. */
static void on_own(void *data, const struct ipc_message *m)
{
	char *told = (char *)data;
	const size_t used = strlen(told);

	snprintf(told + used, 64 - used, m->reply == IPC_REPLY_DONE ? "done %d " : "item ",
	         (int)own_request_error(m));
}

static void the_daemons_own_request_is_answered_like_any_other(void **state _unused_)
{
	char told[64] = "";
	struct request *r = own_request_new("itself", on_own, told);
	struct writer w;

	assert_string_equal(r->asker, "itself");
	request_begin(r, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "target", "iqn.2026-01.org.example:a");
	request_send(r, &w);
	assert_int_equal(request_queued(r), 0);
	request_done(r, ISCSI_ERR_BUSY, "busy");
	assert_string_equal(told, "item done 28 ");
}

static void an_answer_that_was_lost_is_an_error_in_the_end(void **state _unused_)
{
	char told[64] = "";
	struct request *r = own_request_new("itself", on_own, told);
	struct writer w;

	request_begin(r, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "target", "two\nlines");
	request_send(r, &w);
	request_done(r, ISCSI_ERR_SUCCESS, "%s", "");
	assert_string_equal(told, "done 3 ");
}

static void the_daemons_own_request_can_be_taken_back(void **state)
{
	struct house *h = (struct house *)*state;
	char told[64] = "";
	struct request *r = own_request_new("itself", on_own, told);

	r->gone = on_gone;
	r->data = h;
	assert_null(own_request_free(r));
	assert_int_equal(h->gone, 1);
	assert_string_equal(told, "");
	assert_null(own_request_free(NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_progress_then_one_done_with_the_id),
		TEST(requests_are_answered_in_any_order),
		TEST(a_message_that_is_no_request_gets_error_16_and_harms_nobody),
		TEST(another_protocol_is_told_what_is_spoken_here),
		TEST(a_message_that_is_too_long_is_refused),
		TEST(a_client_that_vanishes_takes_its_own_requests_only),
		TEST(a_client_that_vanishes_may_have_requests_that_end_one_another),
		TEST(a_client_that_does_not_read_is_not_read_from),
		TEST(clients_that_ask_for_nothing_keep_nobody_out),
		TEST(many_clients_at_the_same_moment_are_all_served),
		TEST(the_owner_counts_as_root_and_others_do_not),
		TEST(what_is_under_way_at_the_end_of_the_daemon_is_answered),
		TEST(a_client_that_reads_has_all_its_answers_before_the_end),
		TEST(a_client_that_does_not_read_does_not_hold_up_the_end),
		cmocka_unit_test(the_daemons_own_request_is_answered_like_any_other),
		cmocka_unit_test(an_answer_that_was_lost_is_an_error_in_the_end),
		TEST(the_daemons_own_request_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
