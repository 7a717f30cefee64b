/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's end of the control socket.  The socket does not block: while the daemon's queue is
 * full its answers are read, so neither side ever waits for the other to read first.
 */
#include "iscsiadm/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/base/macros.h"
#include "lib/ipc/channel.h"

/* How long a daemon that was just started may take until it listens. */
enum { STARTUP_TRIES = 200, STARTUP_PAUSE_MSEC = 50 };

struct client {
	int fd;
	char buf[IPC_MESSAGE_MAX + 1];
};

static bool nobody_listens(int error)
{
	return error == -ECONNREFUSED || error == -ENOENT;
}

/* Run the administrator's command and wait until the daemon listens. */
static int start_daemon(const char *control, const char *startup)
{
	const struct timespec pause = {.tv_nsec = STARTUP_PAUSE_MSEC * 1000000L};
	int status = system(startup); /* as configured by root, a shell command by definition */
	int fd = -ECONNREFUSED;

	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -ECONNREFUSED;
	for (int i = 0; i < STARTUP_TRIES; i++) {
		fd = ipc_connect(control);
		if (!nobody_listens(fd))
			break;
		nanosleep(&pause, NULL);
	}
	return fd;
}

int client_connect(const char *control, const char *startup, struct client **ret)
{
	const char *path = control ? control : IPC_SOCKET_PATH;
	_cleanup_close_ int fd = -1;
	struct client *c;
	int flags;

	fd = ipc_connect(path);
	if (nobody_listens(fd) && startup)
		fd = start_daemon(path, startup);
	if (fd < 0)
		return fd;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	c = malloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->fd = take_fd(&fd);
	*ret = c;
	return 0;
}

struct client *client_close(struct client *c)
{
	if (c) {
		close(c->fd);
		free(c);
	}
	return NULL;
}

void client_request_done(struct client_request *r)
{
	if (r->body) {
		/* it may have held a secret */
		explicit_bzero(r->body, strlen(r->body));
		free(r->body);
	}
	free(r->detail);
	*r = (struct client_request){0};
}

int client_body_take(struct client_request *r, struct writer *w)
{
	return writer_take_str(w, &r->body);
}

static void finish(struct client_request *r, enum iscsi_err error, char *detail)
{
	r->done = true;
	r->error = error;
	r->detail = detail;
}

/* The id of a request is its place in the array, from 1. */
static int send_request(struct client *c, struct client_request *r, uint32_t id)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	int status;

	ipc_request_begin(&w, r->verb, id);
	if (r->body)
		writer_str(&w, r->body);
	status = writer_status(&w);
	if (status == 0)
		status = ipc_send(c->fd, w.data, w.len);
	if (w.data)
		explicit_bzero(w.data, w.len);
	writer_done(&w);
	return status;
}

static void take_done(const struct ipc_message *m, struct client_request *r)
{
	struct kv detail;
	char *text = NULL;
	int error = ISCSI_ERR_UNKNOWN;

	if (ipc_message_get_int(m, "error", 0, INT32_MAX, ISCSI_ERR_SUCCESS, &error) < 0)
		error = ISCSI_ERR_ISCSID_COMM_ERR;
	if (ipc_message_get_int(m, "sid", 0, INT32_MAX, -1, &r->sid) < 0)
		r->sid = -1;
	if (ipc_message_get(m, "detail", &detail) == 1 && detail.value_len > 0)
		text = kv_value_dup(&detail);
	finish(r, (enum iscsi_err)error, text);
}

/* Read one answer.  0, -EAGAIN when there is none, or the reason why there will be no more. */
static int take_answer(struct client *c, struct client_request *requests, size_t count,
                       client_notify notify, void *data)
{
	ssize_t len = ipc_recv(c->fd, c->buf, sizeof(c->buf));
	struct ipc_message m;
	struct client_request *r;

	if (len == 0)
		return -ECONNRESET;
	if (len == -EMSGSIZE)
		return 0;
	if (len < 0)
		return (int)len;
	if (ipc_message_parse(c->buf, (size_t)len, &m) < 0 || m.id == 0 || m.id > count)
		return 0;
	r = &requests[m.id - 1];
	if (r->done || m.reply == IPC_REPLY_NONE)
		return 0;
	if (m.reply == IPC_REPLY_DONE)
		take_done(&m, r);
	if (notify)
		notify(data, r, &m);
	return 0;
}

static size_t count_open(const struct client_request *requests, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += !requests[i].done;
	return n;
}

/* Send what can be sent now; *next is the first request that was not sent. */
static int send_more(struct client *c, struct client_request *requests, size_t count, size_t *next,
                     client_notify notify, void *data)
{
	while (*next < count) {
		struct client_request *r = &requests[*next];
		int status = r->done ? 0 : send_request(c, r, (uint32_t)*next + 1);

		if (status == -EAGAIN)
			return 0;
		if (status == -EMSGSIZE || status == -ENOMEM) {
			finish(r, iscsi_err_from_errno(status), NULL);
			if (notify)
				notify(data, r, NULL);
		} else if (status < 0) {
			return status;
		}
		(*next)++;
	}
	return 0;
}

/* Every request that waits for an answer has the same end: there will be none. */
static void give_up(struct client_request *requests, size_t count, int error, client_notify notify,
                    void *data)
{
	bool refused = error == -EACCES || error == -EPERM;

	for (size_t i = 0; i < count; i++) {
		if (requests[i].done)
			continue;
		finish(&requests[i], refused ? ISCSI_ERR_ACCESS : ISCSI_ERR_ISCSID_COMM_ERR, NULL);
		if (notify)
			notify(data, &requests[i], NULL);
	}
}

void client_run(struct client *c, struct client_request *requests, size_t count,
                client_notify notify, void *data)
{
	size_t next = 0;
	int r = 0;

	while (r == 0 && count_open(requests, count) > 0) {
		struct pollfd p = {.fd = c->fd,
		                   .events = (short)(POLLIN | (next < count ? POLLOUT : 0))};

		if (poll(&p, 1, -1) < 0) {
			r = errno == EINTR ? 0 : -errno;
			continue;
		}
		if (p.revents & (POLLIN | POLLHUP | POLLERR))
			r = take_answer(c, requests, count, notify, data);
		if (r == -EAGAIN)
			r = 0;
		if (r == 0 && (p.revents & POLLOUT))
			r = send_more(c, requests, count, &next, notify, data);
	}
	give_up(requests, count, r, notify, data);
}
