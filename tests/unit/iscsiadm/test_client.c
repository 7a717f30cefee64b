/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client against a daemon that answers before it reads on, in a process of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsiadm/client.h"
#include "lib/base/macros.h"
#include "lib/ipc/channel.h"

/* More than a socket's buffers hold, in both directions; and a limit should it not end. */
enum { REQUESTS = 300, PROGRESS_PER_REQUEST = 3, BODY_SIZE = 8192, LIMIT_SEC = 20 };

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
		cmocka_unit_test(nobody_there_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
