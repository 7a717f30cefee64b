/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "iscsid/peer/exchange.h"
#include "iscsid/peer/jail.h"
#include "iscsid/peer/notice.h"
#include "iscsid/peer/receive.h"
#include "iscsid/peermsg.h"
#include "lib/base/macros.h"

/* Messages and events taken in one round. */
enum { MESSAGES_MAX = 64, EVENTS_MAX = 64 };

/* A login under way. */
struct held {
	struct exchange *exchange;
	uint32_t events; /* that epoll watches for */
	/* borrowed */
	struct held *next;
	struct held **at; /* what points here */
};

struct engine {
	struct held *logins;
	size_t login_count;
	struct report report;
	int epoll;
	/* borrowed */
	struct digests *digests;
	int control;
};

static void held_free(struct engine *e, struct held *h)
{
	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
	e->login_count--;
	/* closing does not end the watch: the manager has the socket too */
	if (exchange_fd(h->exchange) >= 0)
		epoll_ctl(e->epoll, EPOLL_CTL_DEL, exchange_fd(h->exchange), NULL);
	exchange_free(h->exchange);
	free(h);
}

int engine_new(int control, struct digests *digests, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	int r;

	if (!e)
		return -ENOMEM;
	e->control = e->report.control = control;
	e->digests = digests;
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0 || epoll_ctl(e->epoll, EPOLL_CTL_ADD, control, &event) < 0) {
		r = -errno;
		engine_free(e);
		return r;
	}
	*ret = e;
	return 0;
}

struct engine *engine_free(struct engine *e)
{
	if (!e)
		return NULL;
	while (e->logins)
		held_free(e, e->logins);
	if (e->epoll >= 0)
		close(e->epoll);
	free(e);
	return NULL;
}

/* Let it work as far as it goes, and watch for what it waits for. */
static void run_login(struct engine *e, struct held *h)
{
	struct epoll_event event = {.data.ptr = h};

	if (!exchange_run(h->exchange)) {
		held_free(e, h);
		return;
	}
	event.events = exchange_events(h->exchange);
	if (exchange_fd(h->exchange) < 0 || event.events == h->events)
		return;
	h->events = event.events;
	epoll_ctl(e->epoll, EPOLL_CTL_MOD, exchange_fd(h->exchange), &event);
}

static void refuse_login(struct engine *e, uint64_t id, int error, const char *text)
{
	struct peer_done done = {
		.outcome = PEER_OUTCOME_INTERNAL,
		.error = error,
		.tpgt = PORTAL_TPGT_UNKNOWN,
	};

	snprintf(done.text, sizeof(done.text), "%s", text);
	report_done(&e->report, id, &done);
}

/* 0, and fd is the login's; or a negative errno, and it still is the caller's. */
static int add_login(struct engine *e, const struct peer_login *request, int fd)
{
	_cleanup_free_ struct held *h = calloc(1, sizeof(*h));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = h};

	if (!h)
		return -ENOMEM;
	if (fd >= 0 && epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	h->exchange = exchange_new(request, fd, e->digests, &e->report);
	if (!h->exchange) {
		if (fd >= 0)
			epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, NULL);
		return -ENOMEM;
	}
	h->events = event.events;
	h->at = &e->logins;
	h->next = e->logins;
	if (h->next)
		h->next->at = &h->next;
	e->logins = h;
	e->login_count++;
	run_login(e, take_ptr(h));
	return 0;
}

static void take_login(struct engine *e, const struct peer_login *request, int *fd)
{
	uint64_t id = request->head.id;
	int r;

	if (request->purpose == PEER_PURPOSE_RELOGIN && *fd >= 0)
		close(take_fd(fd)); /* it goes without one */
	if (*fd < 0 && request->purpose != PEER_PURPOSE_RELOGIN) {
		refuse_login(e, id, EMFILE, "no descriptor left for the connection");
		return;
	}
	if (e->login_count >= PEER_LOGINS_MAX) {
		refuse_login(e, id, EBUSY, "too many logins at once");
		return;
	}
	r = add_login(e, request, *fd);
	if (r < 0)
		refuse_login(e, id, -r, "cannot take the login");
	else
		*fd = -1;
}

static struct held *login_by_id(struct engine *e, uint64_t id)
{
	struct held *h = e->logins;

	while (h && exchange_id(h->exchange) != id)
		h = h->next;
	return h;
}

static void cancel_login(struct engine *e, uint64_t id)
{
	struct held *h = login_by_id(e, id);

	if (h)
		held_free(e, h);
}

/* An answer to a login that was cancelled or has a socket of its own is nobody's. */
static void take_pdu(struct engine *e, const struct peer_pdu *message)
{
	struct held *h = login_by_id(e, message->head.id);

	if (h && exchange_fd(h->exchange) < 0 &&
	    !exchange_pdu(h->exchange, message->bytes, peermsg_pdu_len(&message->head)))
		held_free(e, h);
}

/* Of a session that nobody here knows: all that it says is in it. */
static void read_pdu(struct engine *e, const struct peer_pdu *message)
{
	struct peer_notice notice = {0};

	notice_read(message->bytes, peermsg_pdu_len(&message->head), &notice);
	report_notice(&e->report, message->head.id, &notice);
}

/* One message of the manager.  1, 0 when none waits, -ESHUTDOWN when it has hung up, -EPROTO. */
static int take_message(struct engine *e)
{
	union peer_message m;
	_cleanup_close_ int fd = -1;
	ssize_t n = receive_message(e->control, &m, sizeof(m), JAIL_RECV_FLAGS, &fd);

	if (n < 0)
		return n == -EAGAIN || n == -EINTR ? 0 : -ESHUTDOWN;
	if (n == 0)
		return -ESHUTDOWN;
	switch (peermsg_check(&m, (size_t)n, false)) {
	case PEER_LOGIN:
		take_login(e, &m.login, &fd);
		explicit_bzero(&m.login.auth, sizeof(m.login.auth));
		return 1;
	case PEER_PDU: take_pdu(e, &m.pdu); return 1;
	case PEER_READ: read_pdu(e, &m.pdu); return 1;
	case PEER_CANCEL: cancel_login(e, m.head.id); return 1;
	}
	return -EPROTO;
}

int engine_run(struct engine *e)
{
	struct epoll_event events[EVENTS_MAX];

	while (e->report.status == 0) {
		bool manager = false;
		int r = 1;
		int n = epoll_wait(e->epoll, events, EVENTS_MAX, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				run_login(e, events[i].data.ptr);
			else
				manager = true;
		}
		/* last: a cancel frees what another event of this round points to */
		for (int i = 0; manager && i < MESSAGES_MAX && r > 0; i++)
			r = take_message(e);
		if (r < 0)
			return r == -ESHUTDOWN ? 0 : r;
		report_flush(&e->report);
	}
	return 0;
}
