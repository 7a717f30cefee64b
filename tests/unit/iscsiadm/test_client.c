/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client against a daemon that answers before it reads on, in a process of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsiadm/client.h"
#include "lib/base/macros.h"
#include "lib/ipc/channel.h"

/* More than a socket's buffers hold, in both directions; and a limit should it not end. */
enum { REQUESTS = 300, PROGRESS_PER_REQUEST = 3, BODY_SIZE = 8192, LIMIT_SEC = 20 };

/* Sends of this process that fail, and are tried again without a pause. */
static struct {
	int error;
	unsigned int times, count;
} fault;

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (fault.times > 0) {
		fault.times--;
		fault.count++;
		errno = fault.error;
		return -1;
	}
	return sendto(fd, data, len, flags, NULL, 0);
}

int poll(struct pollfd *fds, nfds_t count, int msec)
{
	const struct timespec limit = {.tv_sec = msec / 1000, .tv_nsec = msec % 1000 * 1000000L};
	static const struct timespec at_once;

	return ppoll(fds, count, fault.times > 0 ? &at_once : msec < 0 ? NULL : &limit, NULL);
}

struct place {
	char folder[64];
	char path[96];
	pid_t daemon;
};

static void answer(int fd, enum ipc_reply reply, uint32_t id, int error)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	char filling[1024];

	memset(filling, 'x', sizeof(filling) - 1);
	filling[sizeof(filling) - 1] = '\0';
	ipc_reply_begin(&w, reply, id);
	kv_putf(&w, KV_NEWLINE, "error", "%d", error);
	kv_put(&w, KV_NEWLINE, "text", filling);
	if (ipc_send(fd, w.data, w.len) < 0)
		_exit(2);
	writer_done(&w);
}

/* What a daemon says that is newer than this, or not sound: an exit code has one byte. */
enum { FOREIGN_ERROR = 256 };

/* Every third request fails; after limit requests the daemon is gone. */
static void serve(int listener, unsigned int limit)
{
	char *buf = malloc(IPC_MESSAGE_MAX + 1);
	struct ipc_message m;
	uid_t uid;
	int fd;

	alarm(LIMIT_SEC);
	fcntl(listener, F_SETFL, 0);
	fd = ipc_accept(listener, &uid);
	if (!buf || fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		_exit(1);
	for (unsigned int n = 0; n < limit; n++) {
		ssize_t len = ipc_recv(fd, buf, IPC_MESSAGE_MAX + 1);

		if (len <= 0 || ipc_message_parse(buf, (size_t)len, &m) < 0)
			_exit(len == 0 ? 0 : 1);
		if (strcmp(m.verb, "rubbish") == 0 && ipc_send(fd, "rubbish\n", 8) == 0)
			continue;
		for (int i = 0; i < PROGRESS_PER_REQUEST; i++)
			answer(fd, IPC_REPLY_PROGRESS, m.id, 0);
		answer(fd, IPC_REPLY_DONE, m.id,
		       strcmp(m.verb, "foreign") == 0 ? FOREIGN_ERROR
		       : n % 3 == 0                   ? ISCSI_ERR_BUSY
		                                      : ISCSI_ERR_SUCCESS);
	}
	_exit(0);
}

static struct client *start(struct place *p, unsigned int limit)
{
	struct client *c = NULL;
	int listener;

	strcpy(p->folder, "/tmp/test-client.XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/control", p->folder);
	listener = ipc_listen(p->path);
	assert_true(listener >= 0);
	p->daemon = fork();
	assert_true(p->daemon >= 0);
	if (p->daemon == 0)
		serve(listener, limit);
	close(listener);
	assert_int_equal(client_connect(p->path, NULL, &c), 0);
	return c;
}

static void stop(struct place *p, struct client *c)
{
	int status;

	client_close(c);
	assert_int_equal(waitpid(p->daemon, &status, 0), p->daemon);
	assert_int_equal(status, 0);
	unlink(p->path);
	assert_int_equal(rmdir(p->folder), 0);
}

static void fill(struct client_request *requests)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		char *body = malloc(BODY_SIZE);

		assert_non_null(body);
		memset(body, 'x', BODY_SIZE);
		memcpy(body, "k=", 2);
		body[BODY_SIZE - 2] = '\n';
		body[BODY_SIZE - 1] = '\0';
		requests[i] = (struct client_request){.verb = "login", .body = body};
	}
}

static void count_progress(void *data, struct client_request *r _unused_,
                           const struct ipc_message *m)
{
	*(unsigned int *)data += m && m->reply == IPC_REPLY_PROGRESS;
}

static void full_queues_on_both_sides_end_in_answers(void **state)
{
	static struct client_request requests[REQUESTS];
	struct place place;
	struct client *c = start(&place, REQUESTS);
	unsigned int progress = 0;

	(void)state;
	fill(requests);
	alarm(LIMIT_SEC);
	client_run(c, requests, REQUESTS, CLIENT_WAITS, count_progress, &progress);
	alarm(0);
	assert_int_equal(progress, REQUESTS * PROGRESS_PER_REQUEST);
	for (size_t i = 0; i < REQUESTS; i++) {
		assert_true(requests[i].done);
		assert_int_equal(requests[i].error,
		                 i % 3 == 0 ? ISCSI_ERR_BUSY : ISCSI_ERR_SUCCESS);
		client_request_done(&requests[i]);
	}
	stop(&place, c);
}

static void what_a_dead_daemon_did_not_answer_fails(void **state)
{
	static struct client_request requests[REQUESTS];
	struct place place;
	struct client *c = start(&place, 2);

	(void)state;
	fill(requests);
	alarm(LIMIT_SEC);
	client_run(c, requests, REQUESTS, CLIENT_WAITS, NULL, NULL);
	alarm(0);
	assert_int_equal(requests[REQUESTS - 1].error, ISCSI_ERR_ISCSID_COMM_ERR);
	for (size_t i = 0; i < REQUESTS; i++) {
		assert_true(requests[i].done);
		client_request_done(&requests[i]);
	}
	stop(&place, c);
}

static void an_error_that_no_exit_code_can_say_is_no_success(void **state)
{
	struct client_request request = {.verb = "foreign"};
	struct place place;
	struct client *c = start(&place, 1);

	(void)state;
	alarm(LIMIT_SEC);
	client_run(c, &request, 1, CLIENT_WAITS, NULL, NULL);
	alarm(0);
	assert_true(request.done);
	assert_int_equal(request.error, ISCSI_ERR_ISCSID_COMM_ERR);
	client_request_done(&request);
	stop(&place, c);
}

/* The kernel's want of memory passes. */
static void a_request_that_found_no_memory_is_sent_again(void **state)
{
	static const int errors[] = {ENOBUFS, ENOMEM};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct client_request requests[] = {{.verb = "login"}, {.verb = "foreign"}};
		struct place place;
		struct client *c = start(&place, 2);

		fault.error = errors[i];
		fault.times = 3;
		alarm(LIMIT_SEC);
		client_run(c, requests, 2, CLIENT_WAITS, NULL, NULL);
		alarm(0);
		assert_int_equal(fault.times, 0);
		assert_int_equal(requests[0].error, ISCSI_ERR_BUSY);
		assert_int_equal(requests[1].error, ISCSI_ERR_ISCSID_COMM_ERR);
		stop(&place, c);
	}
}

/* ... or it does not, and then there is an end. */
static void a_request_that_never_finds_memory_fails(void **state)
{
	struct client_request request = {.verb = "login"};
	struct place place;
	struct client *c = start(&place, 1);

	(void)state;
	fault.error = ENOBUFS;
	fault.times = UINT32_MAX;
	fault.count = 0;
	alarm(LIMIT_SEC);
	client_run(c, &request, 1, CLIENT_WAITS, NULL, NULL);
	alarm(0);
	fault.times = 0;
	assert_int_equal(request.error, ISCSI_ERR_NOMEM);
	assert_in_range(fault.count, 100, 1000);
	stop(&place, c);
}

/* It may have been the one that was waited for. */
static void an_answer_that_cannot_be_understood_is_no_reason_to_wait_on(void **state)
{
	struct client_request request = {.verb = "rubbish"};
	struct place place;
	struct client *c = start(&place, 2);

	(void)state;
	alarm(LIMIT_SEC);
	client_run(c, &request, 1, CLIENT_WAITS, NULL, NULL);
	alarm(0);
	assert_int_equal(request.error, ISCSI_ERR_ISCSID_COMM_ERR);
	client_request_done(&request);
	stop(&place, c);
}

static void nobody_there_is_told_apart(void **state)
{
	struct client *c = NULL;
	int r;

	(void)state;
	r = client_connect("/tmp/test-client.no-such-folder/control", NULL, &c);
	assert_true(r == -ENOENT || r == -ECONNREFUSED);
	r = client_connect("/tmp/test-client.no-such-folder/control", "false", &c);
	assert_int_equal(r, -ECONNREFUSED);
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_queues_on_both_sides_end_in_answers),
		cmocka_unit_test(what_a_dead_daemon_did_not_answer_fails),
		cmocka_unit_test(an_error_that_no_exit_code_can_say_is_no_success),
		cmocka_unit_test(a_request_that_found_no_memory_is_sent_again),
		cmocka_unit_test(a_request_that_never_finds_memory_fails),
		cmocka_unit_test(an_answer_that_cannot_be_understood_is_no_reason_to_wait_on),
		cmocka_unit_test(nobody_there_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
