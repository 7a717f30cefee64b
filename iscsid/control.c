/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients are freed only from the loop (their own event, or the reaper's timer), never while
 * somebody answers: an owner of requests may answer them in a row without being called back.
 */
#include "iscsid/control.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "iscsid/own_request.h"
#include "lib/base/log.h"
#include "lib/base/resident.h"
#include "lib/ipc/channel.h"

enum {
	MESSAGES_PER_TURN = 64,                    /* of one client, then the others have theirs */
	ACCEPT_PAUSE_USEC = 1 * (int)USEC_PER_SEC, /* after an accept that failed, or while full */
	SEND_PAUSE_USEC =
		10 * (int)USEC_PER_MSEC,        /* while the kernel has no memory for an answer */
	LINGER_USEC = 500 * (int)USEC_PER_MSEC, /* at the end, for clients to read their answers */
	SILENCE_USEC = 1 * (int)USEC_PER_SEC,   /* of a client that may be dropped for others */
};

struct control {
	struct loop_source *accepting;
	struct loop_source *accept_again;
	struct loop_source *reaper;
	struct loop_source *send_again;
	struct list_node clients; /* who has said nothing for the longest time stands first */
	unsigned int clients_count;
	bool sending_again; /* the timer runs */
	int listener;
	char *buffer; /* IPC_MESSAGE_MAX + 1 bytes */
	/* borrowed */
	struct loop *loop;
	control_handler handler;
	void (*idle)(void *data); /* NULL: nobody wants to know */
	void *data;
};

struct client {
	struct list_node node;
	struct loop_source *source;
	struct list_node requests; /* struct request, of_client */
	unsigned int requests_count;
	struct list_node queue; /* struct outgoing */
	size_t queued;          /* bytes */
	uint64_t heard_usec;    /* the last time it said something */
	int fd;
	uid_t uid;
	bool broken;  /* to be dropped by the reaper */
	bool starved; /* the kernel had no memory for the first of the queue */
	/* borrowed */
	struct control *control;
};

struct outgoing {
	struct list_node node;
	size_t len;
	char data[];
};

static void client_events(struct client *c)
{
	bool pause = c->queued > CONTROL_QUEUE_PAUSE || c->requests_count >= CONTROL_REQUESTS_MAX;

	/* the socket of a starved one has room: that would be told again and again */
	loop_source_events(c->source, (pause ? 0 : EPOLLIN) |
	                                      (list_empty(&c->queue) || c->starved ? 0 : EPOLLOUT));
}

/* Only while nobody but the loop is on the stack. */
static void client_drop(struct client *c)
{
	struct control *control = c->control;

	c->broken = true;
	/* what one has held may go to the next one, which then ends: any of them may leave */
	while (!list_empty(&c->requests)) {
		struct request *r = list_entry(c->requests.next, struct request, of_client);

		if (r->gone)
			r->gone(r, r->data);
		list_remove(&r->of_client);
		list_remove(&r->node);
		free(r);
	}
	list_for_each (n, &c->queue)
		free(list_entry(n, struct outgoing, node));
	loop_source_free(c->source);
	close(c->fd);
	list_remove(&c->node);
	free(c);
	if (control->clients_count-- == CONTROL_CLIENTS_MAX)
		loop_source_events(control->accepting, EPOLLIN);
	/* a command is over: what it took is free, all over the heap */
	resident_trim_heap();
	if (control->clients_count == 0 && control->idle)
		control->idle(control->data);
}

static void client_break(struct client *c, const char *why)
{
	if (c->broken)
		return;
	log_warning("control: a client is dropped: %s", why);
	c->broken = true;
	loop_source_events(c->source, 0);
	loop_timer_set(c->control->reaper, 0);
}

/* Whether the message is dealt with; otherwise it is to be sent later. */
static bool client_deliver(struct client *c, const void *data, size_t len)
{
	struct control *control = c->control;
	int r = ipc_send(c->fd, data, len);

	c->starved = r == -ENOBUFS || r == -ENOMEM;
	if (c->starved && !control->sending_again) {
		control->sending_again = true;
		loop_timer_set(control->send_again, SEND_PAUSE_USEC);
	}
	if (r == -EAGAIN || c->starved)
		return false;
	/* a client that is gone is noticed by reading */
	if (r < 0 && r != -EPIPE && r != -ECONNRESET)
		client_break(c, strerror(-r));
	return true;
}

static void client_flush(struct client *c)
{
	list_for_each (n, &c->queue) {
		struct outgoing *o = list_entry(n, struct outgoing, node);

		if (c->broken || !client_deliver(c, o->data, o->len))
			return;
		c->queued -= o->len;
		list_remove(&o->node);
		free(o);
	}
}

static void client_send(struct client *c, const struct writer *w)
{
	struct outgoing *o;

	if (c->broken)
		return;
	if (writer_status(w) < 0) {
		client_break(c, strerror(-writer_status(w)));
		return;
	}
	if (list_empty(&c->queue) && client_deliver(c, w->data, w->len))
		return;
	o = (struct outgoing *)malloc(sizeof(*o) + w->len);
	if (!o || c->queued + w->len > CONTROL_QUEUE_MAX) {
		client_break(c, o ? "it does not read its answers" : "no memory");
		free(o);
		return;
	}
	memcpy(o->data, w->data, w->len);
	o->len = w->len;
	list_append(&c->queue, &o->node);
	c->queued += o->len;
	client_events(c);
}

static void request_free(struct request *request)
{
	struct client *c = request->client;

	list_remove(&request->node);
	list_remove(&request->of_client);
	free(request);
	if (c->requests_count-- == CONTROL_REQUESTS_MAX && !c->broken)
		client_events(c);
}

static struct request *request_new(struct client *c, uint32_t id)
{
	struct request *r = (struct request *)calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->id = id;
	r->client = c;
	list_init(&r->node);
	list_append(&c->requests, &r->of_client);
	c->requests_count++;
	return r;
}

size_t request_queued(const struct request *request)
{
	return request->client ? request->client->queued : 0;
}

void request_begin(struct request *request, enum ipc_reply reply, struct writer *w)
{
	*w = writer_make(IPC_MESSAGE_MAX);
	ipc_reply_begin(w, reply, request->id);
}

void request_send(struct request *request, struct writer *w)
{
	if (request->asker) {
		own_request_send(request, w);
		return;
	}
	client_send(request->client, w);
	writer_done(w);
}

void request_finish(struct request *request, struct writer *w)
{
	if (request->asker) {
		own_request_finish(request, w);
		return;
	}
	request_send(request, w);
	request_free(request);
}

/* A value is one line: a text that came from elsewhere must not end it. */
static void one_line(char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			*text = ' ';
	}
}

void request_progress(struct request *request, const char *fmt, ...)
{
	struct writer w;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	request_begin(request, IPC_REPLY_PROGRESS, &w);
	kv_put(&w, KV_NEWLINE, "text", text);
	request_send(request, &w);
}

void request_done(struct request *request, enum iscsi_err error, const char *fmt, ...)
{
	struct writer w;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	request_begin(request, IPC_REPLY_DONE, &w);
	kv_putf(&w, KV_NEWLINE, "error", "%d", (int)error);
	if (error != ISCSI_ERR_SUCCESS)
		kv_put(&w, KV_NEWLINE, "detail", text);
	request_finish(request, &w);
}

/* whole: all of the message is there, which otherwise is its beginning. */
static void client_message(struct client *c, const char *text, size_t len, bool whole)
{
	struct control *control = c->control;
	struct ipc_message m = {0};
	struct request *request;
	int r = ipc_message_parse(text, len, &m);

	request = request_new(c, m.id);
	if (!request)
		client_break(c, "no memory");
	else if (r == -EPROTONOSUPPORT)
		request_done(request, ISCSI_ERR_INVALID_MGMT_REQ,
		             "iscsid %s speaks protocol %d, the request is in protocol %u", VERSION,
		             IPC_PROTO, m.proto);
	else if (!whole)
		request_done(request, ISCSI_ERR_INVALID_MGMT_REQ,
		             "the message has more than %d bytes", IPC_MESSAGE_MAX);
	else if (r < 0 || m.reply != IPC_REPLY_NONE)
		request_done(request, ISCSI_ERR_INVALID_MGMT_REQ, "the message is not a request");
	else
		control->handler(control->data, request, &m, c->uid == 0 || c->uid == geteuid());
}

static void client_heard(struct client *c)
{
	c->heard_usec = loop_now();
	list_remove(&c->node);
	list_append(&c->control->clients, &c->node);
}

static void on_client(void *data, uint32_t events)
{
	struct client *c = (struct client *)data;

	if (events & EPOLLOUT)
		client_flush(c);
	for (int i = 0; events & EPOLLIN && i < MESSAGES_PER_TURN; i++) {
		ssize_t n = ipc_recv(c->fd, c->control->buffer, IPC_MESSAGE_MAX + 1);
		bool whole;

		if (n == -EAGAIN)
			break;
		if (n <= 0 && n != -EMSGSIZE) {
			client_drop(c);
			return;
		}
		client_heard(c);
		whole = n > 0;
		n = whole ? n : IPC_MESSAGE_MAX;
		client_message(c, c->control->buffer, (size_t)n, whole);
		explicit_bzero(c->control->buffer, (size_t)n); /* a record has secrets */
		if (c->broken || c->queued > CONTROL_QUEUE_PAUSE ||
		    c->requests_count >= CONTROL_REQUESTS_MAX)
			break;
	}
	if (!(events & EPOLLIN) && events & (EPOLLHUP | EPOLLERR))
		client_drop(c);
	else if (!c->broken)
		client_events(c);
}

static void on_reaper(void *data)
{
	struct control *control = (struct control *)data;

	list_for_each (n, &control->clients) {
		struct client *c = list_entry(n, struct client, node);

		if (c->broken)
			client_drop(c);
	}
}

static void on_send_again(void *data)
{
	struct control *control = (struct control *)data;

	control->sending_again = false;
	list_for_each (n, &control->clients) {
		struct client *c = list_entry(n, struct client, node);

		if (!c->starved)
			continue;
		client_flush(c);
		if (!c->broken)
			client_events(c);
	}
}

static int client_new(struct control *control, int fd, uid_t uid)
{
	struct client *c = (struct client *)calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = loop_add_fd(control->loop, fd, EPOLLIN, on_client, c, &c->source);
	if (r < 0) {
		free(c);
		return r;
	}
	c->fd = fd;
	c->uid = uid;
	c->control = control;
	list_init(&c->requests);
	list_init(&c->queue);
	list_init(&c->node);
	client_heard(c);
	if (++control->clients_count == CONTROL_CLIENTS_MAX)
		loop_source_events(control->accepting, 0);
	return 0;
}

/* It waits for nothing, and has asked for nothing that was not read yet. */
static bool client_is_idle(const struct client *c)
{
	char byte;

	return c->requests_count == 0 && list_empty(&c->queue) &&
	       recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Whether one was dropped that only kept others out. */
static bool make_room(struct control *control)
{
	const uint64_t now = loop_now();

	list_for_each (n, &control->clients) {
		struct client *c = list_entry(n, struct client, node);

		if (now - c->heard_usec < SILENCE_USEC)
			break;
		if (!client_is_idle(c))
			continue;
		log_warning("control: a client is dropped: it asks for nothing, and there are %d",
		            CONTROL_CLIENTS_MAX);
		client_drop(c);
		return true;
	}
	return false;
}

static void on_accept_again(void *data)
{
	struct control *control = (struct control *)data;

	if (control->clients_count < CONTROL_CLIENTS_MAX || make_room(control))
		loop_source_events(control->accepting, EPOLLIN);
	else
		loop_timer_set(control->accept_again, ACCEPT_PAUSE_USEC);
}

static void on_listener(void *data, uint32_t events _unused_)
{
	struct control *control = (struct control *)data;
	uid_t uid;
	int fd = ipc_accept(control->listener, &uid);
	int r = fd;

	if (fd >= 0) {
		r = client_new(control, fd, uid);
		if (r < 0)
			close(fd);
		else if (control->clients_count == CONTROL_CLIENTS_MAX && !make_room(control))
			loop_timer_set(control->accept_again, ACCEPT_PAUSE_USEC);
	}
	if (r < 0 && r != -EAGAIN && r != -ECONNABORTED && r != -EINTR) {
		/* out of descriptors or memory: the listener would be ready again at once */
		log_warning("control: cannot accept a client: %s; trying again in a second",
		            strerror(-r));
		loop_source_events(control->accepting, 0);
		loop_timer_set(control->accept_again, ACCEPT_PAUSE_USEC);
	}
}

int control_new(struct loop *loop, int listener, control_handler handler, void *data,
                struct control **ret)
{
	struct control *c = (struct control *)calloc(1, sizeof(*c));
	int r;

	if (!c) {
		close(listener);
		return -ENOMEM;
	}
	c->listener = listener;
	c->loop = loop;
	c->handler = handler;
	c->data = data;
	list_init(&c->clients);
	c->buffer = (char *)malloc(IPC_MESSAGE_MAX + 1);
	r = c->buffer ? 0 : -ENOMEM;
	if (r == 0)
		r = loop_add_timer(loop, on_reaper, c, &c->reaper);
	if (r == 0)
		r = loop_add_timer(loop, on_accept_again, c, &c->accept_again);
	if (r == 0)
		r = loop_add_timer(loop, on_send_again, c, &c->send_again);
	if (r == 0)
		r = loop_add_fd(loop, listener, EPOLLIN, on_listener, c, &c->accepting);
	if (r < 0) {
		control_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void control_on_idle(struct control *control, void (*idle)(void *data))
{
	control->idle = idle;
}

/* What was asked for may be done or not: nobody will be there to tell. */
static void client_answer_all(struct client *c)
{
	while (!list_empty(&c->requests)) {
		struct request *r = list_entry(c->requests.next, struct request, of_client);

		if (r->gone)
			r->gone(r, r->data);
		r->gone = NULL;
		request_done(r, ISCSI_ERR_ISCSID_COMM_ERR, "iscsid ends");
	}
}

/* Send what can be sent; the clients for which something still waits. */
static nfds_t control_flush(struct control *control, struct pollfd *ret)
{
	nfds_t count = 0;

	list_for_each (n, &control->clients) {
		struct client *c = list_entry(n, struct client, node);

		client_flush(c);
		if (!c->broken && !list_empty(&c->queue))
			ret[count++] =
				(struct pollfd){.fd = c->fd, .events = c->starved ? 0 : POLLOUT};
	}
	return count;
}

/* For clients that read; no other holds up the end. */
static void control_linger(struct control *control)
{
	const uint64_t until = loop_now() + LINGER_USEC;
	struct pollfd fds[CONTROL_CLIENTS_MAX];
	nfds_t count;

	while ((count = control_flush(control, fds)) > 0 && loop_now() < until)
		poll(fds, count, SEND_PAUSE_USEC / (int)USEC_PER_MSEC);
}

struct control *control_free(struct control *control)
{
	if (!control)
		return NULL;
	control->idle = NULL;
	list_for_each (n, &control->clients)
		client_answer_all(list_entry(n, struct client, node));
	control_linger(control);
	list_for_each (n, &control->clients)
		client_drop(list_entry(n, struct client, node));
	loop_source_free(control->accepting);
	loop_source_free(control->accept_again);
	loop_source_free(control->send_again);
	loop_source_free(control->reaper);
	close(control->listener);
	free(control->buffer);
	free(control);
	return NULL;
}
