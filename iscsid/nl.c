/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two sockets and what goes over them.  The command socket joins no group, so nothing but
 * replies ever comes there, in the order of the requests; the kernel has queued them before
 * sendmsg() returns.  The kernel chooses both port ids: two sockets of one process would clash on
 * its pid.
 */
#include "iscsid/nl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include "iscsid/nl_host.h"
#include "iscsid/nl_message.h"
#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"

#ifndef NETLINK_ISCSI
#define NETLINK_ISCSI 8
#endif

/* The group of session and connection events, as a bit mask. */
enum { EVENT_GROUP = 1 };

/* Room for a storm of events (some thousand); replies of a whole batch. */
enum { EVENT_BUFFER = 4 << 20, REPLY_BUFFER = 1 << 20 };

/* The largest message that concerns us is a RECV_PDU. */
enum { MESSAGE_SIZE = NL_MESSAGE_HEAD + NL_PDU_HEAD + NL_PDU_DATA_MAX };

/* The kernel drops replies when some hundred wait; all of a batch fits its buffer as well. */
enum { BATCH_COMMANDS = 100, BATCH_BYTES = 128 << 10 };

enum { TRANSPORT_NAME_SIZE = 32, SYSFS_PATH_SIZE = 4096 };

struct nl {
	int command_fd;
	int event_fd;      /* -1: nobody watches */
	bool replies_left; /* a reply that nobody waits for may be queued */
	uint64_t handle;
	char transport[TRANSPORT_NAME_SIZE];
	char *sysfs;
	uint8_t event[MESSAGE_SIZE]; /* what nl_event_next() gave last */
};

struct batch_entry {
	enum nl_command command;
	int param; /* SET_PARAM, SET_HOST_PARAM */
};

struct nl_batch {
	struct writer out;
	size_t count;
	int status;
	uint32_t sid;
	uint32_t cid;
	char what[64];
	struct batch_entry entries[BATCH_COMMANDS];
};

/* ---- sockets ------------------------------------------------------------------------------ */

static int open_socket(uint32_t groups, int receive_buffer)
{
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ISCSI);
	struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0)
		return -errno;
	/* more than the system's limit where we may; what it allows is enough for a start */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(receive_buffer)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
	return take_fd(&fd);
}

static int send_all(int fd, const void *data, size_t len)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	do
		n = sendto(fd, data, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EMSGSIZE;
}

/*
 * The kernel drops a request that is shorter than its own header without an answer; but outside
 * the initial network namespace there is nobody to send it to, and that is told here.
 */
static int probe(const struct nl *nl)
{
	struct nlmsghdr nothing = {.nlmsg_len = sizeof(nothing)};

	return send_all(nl->command_fd, &nothing, sizeof(nothing));
}

/* One message that the kernel sent, into buf.  Its length, -EAGAIN, -ENOBUFS, ...; a message from
 * elsewhere or one that does not fit is skipped. */
static ssize_t receive(int fd, uint8_t *buf, size_t size)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		struct iovec iov = {.iov_base = buf, .iov_len = size};
		struct msghdr msg = {.msg_name = &from,
		                     .msg_namelen = sizeof(from),
		                     .msg_iov = &iov,
		                     .msg_iovlen = 1};
		ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid != 0 || (msg.msg_flags & MSG_TRUNC))
			continue;
		return n;
	}
}

/* Forgets replies that a failed exchange left behind, so that they are not taken for the next's. */
static void drop_replies(struct nl *nl)
{
	uint8_t buf[MESSAGE_SIZE];
	ssize_t n;

	do
		n = receive(nl->command_fd, buf, sizeof(buf));
	while (n >= 0 || n == -ENOBUFS);
	nl->replies_left = false;
}

/* The reply to one request; it is queued already, so one that is not there never comes. */
static int read_reply(struct nl *nl, enum nl_command command, struct nl_reply *ret)
{
	uint8_t buf[MESSAGE_SIZE];
	ssize_t n = receive(nl->command_fd, buf, sizeof(buf));
	int r = n == -EAGAIN ? -EPROTO : (int)n;

	if (r >= 0)
		r = nl_message_reply(buf, (size_t)n, command, ret);
	if (r < 0)
		nl->replies_left = true;
	return r;
}

static int send_requests(struct nl *nl, struct writer *w)
{
	int r = writer_status(w);

	if (r < 0)
		return r;
	if (nl->replies_left)
		drop_replies(nl);
	nl_message_set_handle(w->data, w->len, nl->handle);
	return send_all(nl->command_fd, w->data, w->len);
}

/* Sends the one request in w, which is released, and reads its reply. */
static int call(struct nl *nl, struct writer *w, enum nl_command command, struct nl_reply *ret)
{
	int r = send_requests(nl, w);

	if (w->data)
		explicit_bzero(w->data, w->len); /* it may have held a secret */
	writer_done(w);
	if (r == 0)
		r = read_reply(nl, command, ret);
	return r < 0 ? r : ret->error;
}

int nl_open(struct nl **ret)
{
	struct nl *nl = calloc(1, sizeof(*nl));
	int r;

	if (!nl)
		return -ENOMEM;
	nl->event_fd = -1;
	r = nl->command_fd = open_socket(0, REPLY_BUFFER);
	if (r >= 0)
		r = probe(nl);
	if (r < 0) {
		nl_close(nl);
		return r;
	}
	*ret = nl;
	return 0;
}

struct nl *nl_close(struct nl *nl)
{
	if (!nl)
		return NULL;
	cleanup_close(&nl->command_fd);
	cleanup_close(&nl->event_fd);
	free(nl->sysfs);
	free(nl);
	return NULL;
}

int nl_watch(struct nl *nl)
{
	int fd = open_socket(EVENT_GROUP, EVENT_BUFFER);

	if (fd < 0)
		return fd;
	nl->event_fd = fd;
	return 0;
}

int nl_event_fd(const struct nl *nl)
{
	return nl->event_fd;
}

/* ---- commands ----------------------------------------------------------------------------- */

static int read_handle(const char *sysfs, const char *transport, uint64_t *ret)
{
	char path[SYSFS_PATH_SIZE], text[32];
	ssize_t n;

	if ((size_t)snprintf(path, sizeof(path), "%s/class/iscsi_transport/%s/handle", sysfs,
	                     transport) >= sizeof(path))
		return -ENAMETOOLONG;
	n = file_read_line(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	return num_iscsi(text, (size_t)n, UINT64_MAX, ret);
}

int nl_use_transport(struct nl *nl, const char *sysfs, const char *name)
{
	char *root;
	uint64_t handle;
	int r;

	if (!sysfs)
		sysfs = "/sys";
	if (strlen(name) >= sizeof(nl->transport) || strchr(name, '/'))
		return -ENOENT;
	r = read_handle(sysfs, name, &handle);
	if (r < 0)
		return r;
	root = strdup(sysfs);
	if (!root)
		return -ENOMEM;
	free(nl->sysfs);
	nl->sysfs = root;
	strcpy(nl->transport, name);
	nl->handle = handle;
	return 0;
}

int nl_create_session(struct nl *nl, uint16_t cmds_max, uint16_t queue_depth,
                      uint32_t initial_cmd_sn, uint32_t *ret_sid, uint32_t *ret_host_no)
{
	struct nl_reply reply;

	for (;;) {
		struct writer w = writer_make(NL_MESSAGE_HEAD);
		uint64_t handle;
		int r;

		nl_message_create_session(&w, cmds_max, queue_depth, initial_cmd_sn);
		r = call(nl, &w, NL_COMMAND_CREATE_SESSION, &reply);
		if (r == 0)
			break;
		/* a module that was loaded anew has another handle, and all else is -ENOMEM */
		if (r != -EINVAL || !nl->sysfs ||
		    read_handle(nl->sysfs, nl->transport, &handle) < 0 || handle == nl->handle)
			return r;
		nl->handle = handle;
	}
	*ret_sid = reply.sid;
	*ret_host_no = reply.host_no;
	return 0;
}

int nl_stop_conn(struct nl *nl, uint32_t sid, uint32_t cid, enum nl_stop flag)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);
	struct nl_reply reply;

	nl_message_stop(&w, sid, cid, flag);
	return call(nl, &w, NL_COMMAND_STOP_CONN, &reply);
}

int nl_destroy_conn(struct nl *nl, uint32_t sid, uint32_t cid)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);
	struct nl_reply reply;

	nl_message_conn(&w, NL_COMMAND_DESTROY_CONN, sid, cid);
	return call(nl, &w, NL_COMMAND_DESTROY_CONN, &reply);
}

static int call_session(struct nl *nl, enum nl_command command, uint32_t sid)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);
	struct nl_reply reply;

	nl_message_session(&w, command, sid);
	return call(nl, &w, command, &reply);
}

int nl_unbind_session(struct nl *nl, uint32_t sid)
{
	return call_session(nl, NL_COMMAND_UNBIND_SESSION, sid);
}

int nl_destroy_session(struct nl *nl, uint32_t sid)
{
	int r = call_session(nl, NL_COMMAND_DESTROY_SESSION_ASYNC, sid);

	if (r == -ENOSYS)
		r = call_session(nl, NL_COMMAND_DESTROY_SESSION, sid);
	return r;
}

int nl_send_pdu(struct nl *nl, uint32_t sid, uint32_t cid, const uint8_t bhs[static 48],
                const void *data, size_t len)
{
	struct writer w = writer_make(MESSAGE_SIZE);
	struct nl_reply reply;

	if (len > NL_PDU_DATA_MAX)
		return -EMSGSIZE;
	nl_message_pdu(&w, sid, cid, bhs, data, len);
	return call(nl, &w, NL_COMMAND_SEND_PDU, &reply);
}

int nl_host_call(struct nl *nl, struct writer *w, enum nl_command command, uint32_t *ret_index)
{
	struct nl_reply reply;
	int r = call(nl, w, command, &reply);

	if (r == 0 && ret_index)
		*ret_index = reply.index;
	return r;
}

/* ---- questions ---------------------------------------------------------------------------- */

/* Whether a message is the answer, and what came of it. */
typedef bool take_answer(void *question, const uint8_t *message, size_t len, int *ret_result);

/* An answer comes by multicast, a refusal as a reply.  Others' messages are skipped. */
static int read_answer(int fd, enum nl_command command, take_answer *take, void *question)
{
	uint8_t buf[MESSAGE_SIZE];

	for (;;) {
		ssize_t n = receive(fd, buf, sizeof(buf));
		struct nl_reply reply;
		int result;

		if (n < 0)
			return n == -EAGAIN ? -EPROTO : (int)n;
		if (take(question, buf, (size_t)n, &result)) {
			explicit_bzero(buf, sizeof(buf)); /* it may have held secrets */
			return result;
		}
		if (nl_message_reply(buf, (size_t)n, command, &reply) == 0)
			return reply.error < 0 ? reply.error : -EPROTO;
	}
}

/*
 * Sends the one request in w, which is released.  By a socket of its own, whose queue is empty:
 * while no subscriber has room for the answer, the kernel tries again for ever, and nobody else's
 * command gets through.
 */
static int ask(const struct nl *nl, struct writer *w, enum nl_command command, take_answer *take,
               void *question)
{
	_cleanup_close_ int fd = open_socket(EVENT_GROUP, EVENT_BUFFER);
	int r = fd < 0 ? fd : writer_status(w);

	if (r == 0) {
		nl_message_set_handle(w->data, w->len, nl->handle);
		r = send_all(fd, w->data, w->len);
	}
	writer_done(w);
	return r < 0 ? r : read_answer(fd, command, take, question);
}

struct stats_question {
	uint32_t sid, cid;
	nl_stats_take take;
	void *data;
};

static bool take_stats(void *question, const uint8_t *message, size_t len, int *ret_result)
{
	const struct stats_question *q = (const struct stats_question *)question;
	const uint8_t *payload;

	if (!nl_message_stats(message, len, q->sid, q->cid, &payload, &len))
		return false;
	*ret_result = nl_stats_read(payload, len, q->take, q->data);
	return true;
}

int nl_get_stats(struct nl *nl, uint32_t sid, uint32_t cid, nl_stats_take take, void *data)
{
	struct stats_question question = {.sid = sid, .cid = cid, .take = take, .data = data};
	struct writer w = writer_make(NL_MESSAGE_HEAD);

	nl_message_conn(&w, NL_COMMAND_GET_STATS, sid, cid);
	return ask(nl, &w, NL_COMMAND_GET_STATS, take_stats, &question);
}

struct host_question {
	enum nl_command command;
	uint32_t host_no;
	nl_host_take take;
	void *data;
};

static bool take_host_answer(void *question, const uint8_t *message, size_t len, int *ret_result)
{
	const struct host_question *q = (const struct host_question *)question;
	const uint8_t *payload;
	uint32_t count;

	if (!nl_message_host_answer(message, len, q->command, q->host_no, &payload, &len, &count))
		return false;
	*ret_result = q->take(q->data, payload, len, count);
	return true;
}

int nl_host_query(struct nl *nl, struct writer *w, enum nl_command command, uint32_t host_no,
                  nl_host_take take, void *data)
{
	struct host_question question = {
		.command = command, .host_no = host_no, .take = take, .data = data};

	return ask(nl, w, command, take_host_answer, &question);
}

/* ---- batches ------------------------------------------------------------------------------ */

struct nl_batch *nl_batch_new(uint32_t sid, uint32_t cid)
{
	struct nl_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->out = writer_make(BATCH_BYTES);
	b->sid = sid;
	b->cid = cid;
	return b;
}

struct nl_batch *nl_batch_free(struct nl_batch *b)
{
	if (!b)
		return NULL;
	if (b->out.data)
		explicit_bzero(b->out.data, b->out.len); /* it may have held secrets */
	writer_done(&b->out);
	free(b);
	return NULL;
}

/* Notes a command for its answer; false when it must not be encoded. */
static bool add(struct nl_batch *b, enum nl_command command, int param, const char *value)
{
	if (b->status == 0 && b->count == BATCH_COMMANDS)
		b->status = -E2BIG;
	if (b->status == 0 && value && strlen(value) > NL_VALUE_MAX)
		b->status = -EMSGSIZE;
	if (b->status < 0)
		return false;
	b->entries[b->count++] = (struct batch_entry){.command = command, .param = param};
	return true;
}

void nl_batch_create_conn(struct nl_batch *b)
{
	if (add(b, NL_COMMAND_CREATE_CONN, 0, NULL))
		nl_message_conn(&b->out, NL_COMMAND_CREATE_CONN, b->sid, b->cid);
}

void nl_batch_bind(struct nl_batch *b, int fd)
{
	if (add(b, NL_COMMAND_BIND_CONN, 0, NULL))
		nl_message_bind(&b->out, b->sid, b->cid, fd);
}

void nl_batch_param(struct nl_batch *b, enum nl_param param, const char *value)
{
	if (add(b, NL_COMMAND_SET_PARAM, param, value))
		nl_message_param(&b->out, b->sid, b->cid, param, value);
}

void nl_batch_param_u32(struct nl_batch *b, enum nl_param param, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	nl_batch_param(b, param, text);
}

void nl_batch_host_param(struct nl_batch *b, uint32_t host_no, enum nl_host_param param,
                         const char *value)
{
	if (add(b, NL_COMMAND_SET_HOST_PARAM, param, value))
		nl_message_host_param(&b->out, host_no, param, value);
}

void nl_batch_start(struct nl_batch *b)
{
	if (add(b, NL_COMMAND_START_CONN, 0, NULL))
		nl_message_conn(&b->out, NL_COMMAND_START_CONN, b->sid, b->cid);
}

const uint8_t *nl_batch_bytes(const struct nl_batch *b, size_t *ret_len)
{
	*ret_len = b->out.len;
	return b->out.data;
}

static const char *entry_name(struct nl_batch *b, const struct batch_entry *e)
{
	if (e->command != NL_COMMAND_SET_PARAM)
		return nl_command_name(e->command);
	snprintf(b->what, sizeof(b->what), "%s %s", nl_command_name(e->command),
	         nl_param_name((enum nl_param)e->param));
	return b->what;
}

int nl_batch_run(struct nl *nl, struct nl_batch *b, const char **ret_what)
{
	const char *what = "sending the commands";
	int r = b->status, first = 0;

	if (r == 0 && b->count > 0)
		r = send_requests(nl, &b->out);
	for (size_t i = 0; r == 0 && i < b->count; i++) {
		struct nl_reply reply;

		r = read_reply(nl, b->entries[i].command, &reply);
		if (first == 0 && (r < 0 || reply.error < 0)) {
			first = r < 0 ? r : reply.error;
			what = entry_name(b, &b->entries[i]);
		}
	}
	if (first == 0)
		first = r;
	if (first < 0 && ret_what)
		*ret_what = what;
	return first;
}

/* ---- events ------------------------------------------------------------------------------- */

int nl_event_next(struct nl *nl, struct nl_event *ret)
{
	for (;;) {
		ssize_t n = receive(nl->event_fd, nl->event, sizeof(nl->event));

		if (n == -EAGAIN)
			return 0;
		if (n == -ENOBUFS) {
			*ret = (struct nl_event){.type = NL_EVENT_OVERFLOW};
			return 1;
		}
		if (n < 0)
			return (int)n;
		if (nl_message_event(nl->event, (size_t)n, ret) == 1)
			return 1;
		/* what an adapter says to somebody who asks for its secrets comes here as well */
		explicit_bzero(nl->event, (size_t)n);
	}
}
