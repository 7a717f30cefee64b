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
#include "lib/proto/crc32c.h"
#include "tests/target/fault.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"
#include "tests/target/task.h"
#include "tests/target/tlogin.h"

enum {
	HEAD_MAX = ISCSI_BHS_LEN + CRC32C_LEN,
	TAIL_MAX = 3 + CRC32C_LEN,
	/* with more than this on its way out, no more is read from the connection */
	OUT_HIGH = 1 << 20,
	FAULT_PDU_MAX = 1 << 20,
};

struct conn *conn_new(struct server *server, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->server = server;
	c->opened_usec = c->heard_usec = server->now_usec;
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

/* The way through the fault table: the PDU is built apart, then queued as bytes. */
static void send_faulty(struct conn *c, const struct pdu *pdu)
{
	struct writer w = writer_make(FAULT_PDU_MAX);
	bool close_behind = fault_apply(&c->server->options->fault, pdu, c->sent, &w);

	if (writer_status(&w) < 0 || (w.len > 0 && out_add(&c->out, w.data, w.len) < 0))
		conn_close(c, "no memory");
	c->sent += w.len;
	writer_done(&w);
	if (close_behind)
		conn_end(c);
}

static size_t head_len(const struct conn *c)
{
	return ISCSI_BHS_LEN + (c->header_digest ? CRC32C_LEN : 0);
}

static void encode_head(const struct conn *c, const struct pdu *pdu, uint8_t *head)
{
	pdu_encode(pdu, head);
	if (c->header_digest)
		crc32c_put(crc32c(0, head, ISCSI_BHS_LEN), head + ISCSI_BHS_LEN);
}

/* Padding and data digest behind len bytes at data; returns how many bytes that makes. */
static size_t encode_tail(const struct conn *c, const uint8_t *data, uint32_t len, uint8_t *tail)
{
	size_t padding = pdu_padding(len);

	memset(tail, 0, padding);
	if (!c->data_digest || len == 0)
		return padding;
	crc32c_put(crc32c(crc32c(0, data, len), tail, padding), tail + padding);
	return padding + CRC32C_LEN;
}

uint8_t *conn_room(struct conn *c, uint32_t data_len)
{
	uint8_t *room = out_room(&c->out, HEAD_MAX + data_len + TAIL_MAX);

	if (!room) {
		conn_close(c, "no memory");
		return NULL;
	}
	return room + head_len(c);
}

void conn_send_room(struct conn *c, struct pdu *pdu, enum conn_stat stat)
{
	uint8_t *data = conn_room(c, pdu->data_len);
	size_t len;

	if (!data)
		return;
	put_numbers(c, pdu, stat);
	if (c->server->options->fault.row) {
		pdu->data = data;
		send_faulty(c, pdu);
		return;
	}
	encode_head(c, pdu, data - head_len(c));
	len = head_len(c) + pdu->data_len +
	      encode_tail(c, data, pdu->data_len, data + pdu->data_len);
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
	uint8_t head[HEAD_MAX], tail[TAIL_MAX];
	size_t tail_len;

	/* borrowed bytes may change until they are sent: a digest needs a copy */
	if (c->data_digest || c->server->options->fault.row) {
		conn_send(c, pdu, stat);
		return;
	}
	put_numbers(c, pdu, stat);
	encode_head(c, pdu, head);
	tail_len = encode_tail(c, pdu->data, pdu->data_len, tail);
	if (out_add(&c->out, head, head_len(c)) < 0 ||
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

static void watch(struct conn *c)
{
	bool full = c->out.pending > OUT_HIGH;
	struct epoll_event e = {.data.ptr = c};

	e.events = (full || c->phase == CONN_ENDING ? 0 : EPOLLIN) |
	           (c->out.pending > 0 ? EPOLLOUT : 0);
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
	if (c->phase == CONN_ENDING && c->out.pending == 0)
		conn_close(c, NULL);
	if (c->phase != CONN_CLOSED)
		watch(c);
}

/* ---- in ----------------------------------------------------------------------------------- */

static void take_pdu(struct conn *c, const struct pdu *pdu)
{
	switch (c->phase) {
	case CONN_LOGIN: tlogin_step(c->login, pdu); break;
	case CONN_FULL_FEATURE: session_step(c->session, pdu); break;
	case CONN_ENDING: /* nothing more is heard */
	case CONN_CLOSED: break;
	}
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
	ssize_t n = read_some(c, &direct);
	struct cursor in;
	struct pdu pdu;
	int r = 0;

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
	while (r >= 0 && c->phase != CONN_CLOSED && cursor_left(&in) > 0) {
		r = pdu_stream_take(c->in, &in, &pdu);
		if (r == 1)
			take_pdu(c, &pdu);
	}
	if (r < 0)
		conn_close(c, r == -EBADMSG ? pdu_stream_fault(c->in) : strerror(-r));
	conn_push(c);
}
