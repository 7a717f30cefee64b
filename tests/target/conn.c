/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections.  A closed one is only marked: it is freed between two rounds of events, so that
 * whoever holds it now finds it whole.
 */
#include "tests/target/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/base/log.h"
#include "tests/target/fault.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"
#include "tests/target/task.h"
#include "tests/target/tlogin.h"
#include "tests/target/wire.h"

enum {
	/* with more than this on its way out, no more is read from the connection */
	OUT_HIGH = 1 << 20,
};

static void ready(struct source *source, uint32_t events)
{
	struct conn *c = (struct conn *)source;

	if (c->phase == CONN_CLOSED)
		return;
	if (c->kept_due_usec > 0 && events & (EPOLLHUP | EPOLLERR))
		conn_close(c, "closed by the initiator");
	else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		conn_readable(c);
	else
		conn_push(c);
}

struct conn *conn_new(struct server *server, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->source.ready = ready;
	c->fd = fd;
	c->server = server;
	c->number = ++server->last_number;
	server->stats.connections++;
	c->opened_usec = c->heard_usec = server->now_usec;
	c->ticked_usec = c->opened_usec - 1;
	c->in = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	c->login = tlogin_new(c);
	if (!c->in || !c->login || getrandom(&c->stat_sn, sizeof(c->stat_sn), GRND_INSECURE) < 0)
		return conn_free(c);
	return c;
}

struct conn *conn_free(struct conn *c)
{
	if (!c)
		return NULL;
	session_free(c->session);
	tlogin_free(c->login);
	pdu_stream_free(c->in);
	out_done(&c->out);
	conn_hold_done(c);
	if (c->reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
		           sizeof(struct linger));
	close(c->fd);
	free(c);
	return NULL;
}

void conn_close(struct conn *c, const char *why)
{
	if (c->phase == CONN_CLOSED)
		return;
	if (why)
		log_info("%s: %s", c->session ? c->session->initiator_name : "a connection", why);
	c->phase = CONN_CLOSED;
	c->server->closed++;
}

void conn_end(struct conn *c)
{
	if (c->phase != CONN_CLOSED)
		c->phase = CONN_ENDING;
}

/* ---- out ---------------------------------------------------------------------------------- */

static void put_numbers(struct conn *c, struct pdu *pdu, enum conn_stat stat)
{
	if (c->session) {
		pdu->exp_cmd_sn = c->session->exp_cmd_sn;
		pdu->max_cmd_sn = session_max_cmd_sn(c->session);
	}
	if (stat != CONN_STAT_NONE)
		pdu->stat_sn = c->stat_sn;
	if (stat == CONN_STAT_NEXT)
		c->stat_sn++;
}

/* Whether the next PDU must not go the short way. */
static bool meets_faults(const struct conn *c)
{
	return c->server->options->faults.first || c->held || c->behind.len > 0;
}

static void count_pdu(struct conn *c, enum fault_direction direction, const struct pdu *pdu)
{
	c->pdus_all[direction]++;
	c->pdus[direction][pdu->opcode]++;
	c->server->stats.pdus[direction][pdu->opcode]++;
}

static void count_bytes(struct conn *c, enum fault_direction direction, size_t len)
{
	c->bytes[direction] += len;
	c->server->stats.octets[direction] += len;
}

uint8_t *conn_room(struct conn *c, uint32_t data_len)
{
	uint8_t *room = out_room(&c->out, WIRE_HEAD_MAX + data_len + WIRE_TAIL_MAX);

	if (!room) {
		conn_close(c, "no memory");
		return NULL;
	}
	return room + wire_head_len(c);
}

void conn_send_room(struct conn *c, struct pdu *pdu, enum conn_stat stat)
{
	uint8_t *data = conn_room(c, pdu->data_len);
	size_t len;

	if (!data || c->mute)
		return;
	put_numbers(c, pdu, stat);
	count_pdu(c, FAULT_OUT, pdu);
	if (meets_faults(c)) {
		pdu->data = data;
		fault_send(c, pdu);
		return;
	}
	wire_put_head(c, pdu, data - wire_head_len(c));
	len = wire_head_len(c) + pdu->data_len +
	      wire_put_tail(c, data, pdu->data_len, data + pdu->data_len);
	count_bytes(c, FAULT_OUT, len);
	if (out_commit(&c->out, len) < 0)
		conn_close(c, "no memory");
}

void conn_send(struct conn *c, struct pdu *pdu, enum conn_stat stat)
{
	uint8_t *data = conn_room(c, pdu->data_len);

	if (!data)
		return;
	if (pdu->data_len > 0)
		memcpy(data, pdu->data, pdu->data_len);
	conn_send_room(c, pdu, stat);
}

void conn_send_borrowed(struct conn *c, struct pdu *pdu, enum conn_stat stat)
{
	uint8_t head[WIRE_HEAD_MAX], tail[WIRE_TAIL_MAX];
	size_t tail_len;

	/* borrowed bytes may change until they are sent: a digest needs a copy */
	if (c->data_digest || c->mute || meets_faults(c)) {
		conn_send(c, pdu, stat);
		return;
	}
	put_numbers(c, pdu, stat);
	count_pdu(c, FAULT_OUT, pdu);
	wire_put_head(c, pdu, head);
	tail_len = wire_put_tail(c, pdu->data, pdu->data_len, tail);
	count_bytes(c, FAULT_OUT, wire_head_len(c) + pdu->data_len + tail_len);
	if (out_add(&c->out, head, wire_head_len(c)) < 0 ||
	    out_borrow(&c->out, pdu->data, pdu->data_len) < 0 ||
	    (tail_len > 0 && out_add(&c->out, tail, tail_len) < 0))
		conn_close(c, "no memory");
}

void conn_reject(struct conn *c, const struct pdu *pdu, uint8_t reason)
{
	uint8_t bhs[ISCSI_BHS_LEN];
	struct pdu reject = {.opcode = ISCSI_OP_REJECT,
	                     .flags = ISCSI_FLAG_FINAL,
	                     .reason = reason,
	                     .itt = ISCSI_TAG_RESERVED,
	                     .data = bhs,
	                     .data_len = sizeof(bhs)};

	pdu_encode(pdu, bhs);
	conn_send(c, &reject, CONN_STAT_NEXT);
}

void conn_ping(struct conn *c)
{
	/* a Target Transfer Tag asks for an answer (RFC 7143 11.19) */
	struct pdu nop = {.opcode = ISCSI_OP_NOP_IN,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = ISCSI_TAG_RESERVED,
	                  .ttt = 1};

	c->pinged = true;
	c->heard_usec = c->server->now_usec;
	conn_send(c, &nop, CONN_STAT_CURRENT);
	conn_push(c);
}

size_t conn_pending(const struct conn *c)
{
	return c->out.pending + c->held_bytes;
}

static void watch(struct conn *c)
{
	bool deaf = conn_pending(c) > OUT_HIGH || c->phase == CONN_ENDING || c->kept_due_usec > 0;
	struct epoll_event e = {.data.ptr = &c->source};

	e.events = (deaf ? 0 : EPOLLIN) | (c->out.pending > 0 ? EPOLLOUT : 0);
	if (e.events == c->watched)
		return;
	epoll_ctl(c->server->epoll, EPOLL_CTL_MOD, c->fd, &e);
	c->watched = e.events;
}

void conn_push(struct conn *c)
{
	while (c->phase != CONN_CLOSED) {
		bool more = c->phase == CONN_FULL_FEATURE && task_pump(c->session);
		int r = out_flush(&c->out, c->fd);

		if (r < 0)
			conn_close(c, strerror(-r));
		else if (c->out.pending > 0 || !more)
			break;
	}
	if (c->phase == CONN_ENDING && conn_pending(c) == 0)
		conn_close(c, NULL);
	if (c->phase != CONN_CLOSED)
		watch(c);
}

/* ---- in ----------------------------------------------------------------------------------- */

void conn_take(struct conn *c, const struct pdu *pdu)
{
	switch (c->phase) {
	case CONN_LOGIN: tlogin_step(c->login, pdu); break;
	case CONN_FULL_FEATURE: session_step(c->session, pdu); break;
	case CONN_ENDING: /* nothing more is heard */
	case CONN_CLOSED: break;
	}
}

static void take_pdu(struct conn *c, const struct pdu *pdu)
{
	count_pdu(c, FAULT_IN, pdu);
	count_bytes(c, FAULT_IN, wire_len(c, pdu));
	if (!c->server->options->faults.first || fault_receive(c, pdu))
		conn_take(c, pdu);
}

void conn_take_all(struct conn *c, struct cursor *in)
{
	struct pdu pdu;
	int r = 0;

	while (r >= 0 && c->phase != CONN_CLOSED && c->kept_due_usec == 0 && cursor_left(in) > 0) {
		r = pdu_stream_take(c->in, in, &pdu);
		if (r == 1)
			take_pdu(c, &pdu);
	}
	if (r < 0)
		conn_close(c, r == -EBADMSG ? pdu_stream_fault(c->in) : strerror(-r));
	else
		writer_bytes(&c->stash, in->pos, cursor_left(in));
}

/* The rest of a PDU that began before goes straight to its place; what follows into the buffer. */
static ssize_t read_some(struct conn *c, size_t *ret_direct)
{
	struct iovec iov[2];
	size_t direct = 0;
	int n = 0;

	if (!pdu_stream_idle(c->in)) {
		if (pdu_stream_want(c->in, &iov[0].iov_base, &direct) < 0) {
			errno = ENOMEM;
			return -1;
		}
		iov[0].iov_len = direct;
		n = 1;
	}
	iov[n].iov_base = c->server->buffer;
	iov[n].iov_len = SERVER_BUFFER_SIZE;
	*ret_direct = direct;
	return readv(c->fd, iov, n + 1);
}

void conn_readable(struct conn *c)
{
	size_t direct = 0;
	struct cursor in;
	struct pdu pdu;
	ssize_t n;
	int r = 0;

	if (c->kept_due_usec > 0)
		return;
	n = read_some(c, &direct);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(c, n < 0 ? strerror(errno) : "closed by the initiator");
		return;
	}
	c->heard_usec = c->server->now_usec;
	direct = MIN(direct, (size_t)n);
	in = cursor_make(c->server->buffer, (size_t)n - direct);
	if (direct > 0)
		r = pdu_stream_got(c->in, direct, &pdu);
	if (r == 1)
		take_pdu(c, &pdu);
	if (r < 0)
		conn_close(c, r == -EBADMSG ? pdu_stream_fault(c->in) : strerror(-r));
	else
		conn_take_all(c, &in);
	conn_push(c);
}
