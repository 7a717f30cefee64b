/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's end of the control socket.  The socket does not block: while the daemon's queue is
 * full its answers are read, so neither side ever waits for the other to read first.
 */
#include "iscsiadm/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/macros.h"
#include "lib/ipc/channel.h"

/* The longest silence of a daemon that has nothing to wait for itself. */
enum { HURRY_MSEC = 2000 };

enum { ANSWERS_AT_ONCE = 64 };

/* How long a daemon that was just started may take until it listens. */
enum { STARTUP_TRIES = 200, STARTUP_PAUSE_MSEC = 50 };

/* How often a request is sent in vain while the kernel has no memory for it, and the pause. */
enum { SEND_TRIES = 500, SEND_PAUSE_MSEC = 10 };

struct client {
	int fd;
	uint64_t deadline_usec; /* 0: none */
	unsigned int starved; /* how often the next request could not be sent for want of memory */
	uint32_t next_id;     /* a late answer to an earlier request is nobody's */
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
	c->next_id = 1;
	c->deadline_usec = 0;
	c->starved = 0;
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

void client_set_deadline(struct client *c, uint64_t deadline_usec)
{
	c->deadline_usec = deadline_usec;
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
	free(r->detail); /* of an earlier run */
	r->detail = detail;
}

/* 0; -EAGAIN when it is to be tried again; or another negative errno. */
static int send_request(struct client *c, struct client_request *r, uint32_t id)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	int status;

	ipc_request_begin(&w, r->verb, id);
	if (r->body)
		writer_str(&w, r->body);
	status = writer_status(&w);
	if (status == 0) {
		status = ipc_send(c->fd, w.data, w.len);
		c->starved = status == -ENOBUFS || status == -ENOMEM ? c->starved + 1 : 0;
		if (c->starved > 0)
			status = c->starved < SEND_TRIES ? -EAGAIN : -ENOMEM;
	}
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

	/* it becomes the exit code, of which a larger number would leave the low byte, maybe 0 */
	if (ipc_message_get_int(m, "error", 0, UINT8_MAX, ISCSI_ERR_SUCCESS, &error) < 0)
		error = ISCSI_ERR_ISCSID_COMM_ERR;
	if (ipc_message_get_int(m, "sid", 0, INT32_MAX, -1, &r->sid) < 0)
		r->sid = -1;
	if (ipc_message_get(m, "detail", &detail) == 1 && detail.value_len > 0)
		text = kv_value_dup(&detail);
	finish(r, (enum iscsi_err)error, text);
}

/* What client_run() is at: request i has the id first_id + i. */
struct run {
	struct client_request *requests;
	size_t count;
	size_t next; /* the first that was not sent */
	uint32_t first_id;
	client_notify notify;
	void *data;
};

/* Read one answer.  0, -EAGAIN when there is none, or the reason why there will be no more. */
static int take_answer(struct client *c, const struct run *run)
{
	ssize_t len = ipc_recv(c->fd, c->buf, sizeof(c->buf));
	struct ipc_message m;
	struct client_request *r;

	if (len == 0)
		return -ECONNRESET;
	if (len < 0)
		return (int)len;
	/* it may have been the end of a request, which would be waited for in vain */
	if (ipc_message_parse(c->buf, (size_t)len, &m) < 0)
		return -EBADMSG;
	if (m.id - run->first_id >= run->count)
		return 0;
	r = &run->requests[m.id - run->first_id];
	if (r->done || m.reply == IPC_REPLY_NONE)
		return 0;
	if (m.reply == IPC_REPLY_DONE)
		take_done(&m, r);
	if (run->notify)
		run->notify(run->data, r, &m);
	return 0;
}

/* As many as there are, or as many as may keep requests waiting: asking the kernel before each one
 * whether it is there would cost as much as taking it.  0, or why there will be no more. */
static int take_answers(struct client *c, const struct run *run)
{
	int r = 0;

	for (int i = 0; i < ANSWERS_AT_ONCE && r == 0; i++)
		r = take_answer(c, run);
	return r == -EAGAIN ? 0 : r;
}

static size_t count_open(const struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->count; i++)
		n += !run->requests[i].done;
	return n;
}

static void finish_without_answer(const struct run *run, struct client_request *r,
                                  enum iscsi_err error)
{
	finish(r, error, NULL);
	if (run->notify)
		run->notify(run->data, r, NULL);
}

/* Send what can be sent now. */
static int send_more(struct client *c, struct run *run)
{
	for (; run->next < run->count; run->next++) {
		struct client_request *r = &run->requests[run->next];
		int status = send_request(c, r, run->first_id + (uint32_t)run->next);

		if (status == -EAGAIN)
			return 0;
		if (status == -EMSGSIZE || status == -ENOMEM)
			finish_without_answer(run, r, iscsi_err_from_errno(status));
		else if (status < 0)
			return status;
	}
	return 0;
}

/* Every request that waits for an answer has the same end: there will be none. */
static void give_up(const struct run *run, int error)
{
	enum iscsi_err end = ISCSI_ERR_ISCSID_COMM_ERR;

	if (error == -EACCES || error == -EPERM)
		end = ISCSI_ERR_ACCESS;
	else if (error == -ETIMEDOUT)
		end = ISCSI_ERR_REQ_TIMEDOUT;
	for (size_t i = 0; i < run->count; i++) {
		if (!run->requests[i].done)
			finish_without_answer(run, &run->requests[i], end);
	}
}

/* For poll(2); 0 when the time is up. */
static int time_left_msec(const struct client *c, enum client_patience patience)
{
	const int most = patience == CLIENT_HURRIES ? HURRY_MSEC : -1;
	uint64_t now = clock_usec(), left;

	if (!c->deadline_usec)
		return most;
	left = c->deadline_usec > now ? (c->deadline_usec - now + 999) / 1000 : 0;
	if (most >= 0 && left > (uint64_t)most)
		return most;
	return (int)MIN(left, (uint64_t)INT_MAX);
}

/* Wait until the socket can be read or written, and do so.  0, or why there is no more to come. */
static int turn(struct client *c, struct run *run, enum client_patience patience)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int n, r = 0, msec = time_left_msec(c, patience);

	if (msec == 0)
		return -ETIMEDOUT;
	/* a socket that has room does not say when the kernel has memory, too */
	if (c->starved > 0)
		msec = SEND_PAUSE_MSEC;
	else if (run->next < run->count)
		p.events |= POLLOUT;
	n = poll(&p, 1, msec);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0 && c->starved == 0)
		return -ETIMEDOUT;
	if (p.revents & (POLLIN | POLLHUP | POLLERR))
		r = take_answers(c, run);
	if (r == 0 && (c->starved > 0 || p.revents & POLLOUT))
		r = send_more(c, run);
	return r;
}

void client_run(struct client *c, struct client_request *requests, size_t count,
                enum client_patience patience, client_notify notify, void *data)
{
	struct run run = {.requests = requests,
	                  .count = count,
	                  .first_id = c->next_id,
	                  .notify = notify,
	                  .data = data};
	int r = 0;

	c->next_id += (uint32_t)count;
	while (r == 0 && count_open(&run) > 0)
		r = turn(c, &run, patience);
	give_up(&run, r);
}
