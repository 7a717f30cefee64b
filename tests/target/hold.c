/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What faults hold back: bytes on their way out with all that comes behind them, or an incoming
 * PDU with all that was read behind it.  Order is kept, but for the one PDU that was told to go
 * behind the next.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/target/conn.h"
#include "tests/target/server.h"
#include "tests/target/session.h"

enum { BEHIND_MAX = 32 << 20 };

static void count_bytes(struct conn *c, size_t len)
{
	c->bytes[FAULT_OUT] += len;
	c->server->stats.octets[FAULT_OUT] += len;
}

static void queue(struct conn *c, const void *data, size_t len, uint64_t due_usec)
{
	struct held **end = &c->held, *h;

	if (len == 0)
		return;
	count_bytes(c, len);
	if (!c->held && due_usec == 0) {
		if (out_add(&c->out, data, len) < 0)
			conn_close(c, "no memory");
		return;
	}
	h = malloc(sizeof(*h) + len);
	if (!h) {
		conn_close(c, "no memory");
		return;
	}
	*h = (struct held){.due_usec = due_usec, .len = len};
	memcpy(h->data, data, len);
	while (*end)
		end = &(*end)->next;
	*end = h;
	c->held_bytes += len;
	if (due_usec > 0 && due_usec != CONN_HELD)
		server_wake_at(c->server, due_usec);
}

void conn_queue(struct conn *c, const void *data, size_t len, uint64_t due_usec)
{
	queue(c, data, len, due_usec);
	queue(c, c->behind.data, c->behind.len, 0);
	writer_reset(&c->behind);
}

void conn_queue_behind(struct conn *c, const void *data, size_t len)
{
	c->behind.max = BEHIND_MAX;
	writer_bytes(&c->behind, data, len);
	if (writer_status(&c->behind) < 0)
		conn_close(c, "no memory");
}

void conn_cut(struct conn *c, bool reset)
{
	c->mute = true;
	c->reset = reset;
	conn_end(c);
}

void conn_keep(struct conn *c, const struct pdu *pdu, uint64_t due_usec, bool twice)
{
	c->kept.max = c->stash.max = BEHIND_MAX;
	writer_reset(&c->kept);
	pdu_write(&c->kept, pdu);
	if (writer_status(&c->kept) < 0)
		conn_close(c, "no memory");
	c->kept_due_usec = due_usec;
	c->kept_twice = twice;
	if (due_usec != CONN_HELD)
		server_wake_at(c->server, due_usec);
}

/* The incoming PDU that was kept, and all behind it. */
static void take_kept(struct conn *c)
{
	struct writer kept = c->kept, stash = c->stash;
	struct cursor in = cursor_make(kept.data, kept.len);
	const uint8_t *bhs;
	struct pdu pdu;

	c->kept = c->stash = writer_make(BEHIND_MAX);
	c->kept_due_usec = 0;
	if (cursor_bytes(&in, ISCSI_BHS_LEN, &bhs) == 0) {
		pdu_decode(bhs, &pdu);
		cursor_bytes(&in, (size_t)pdu.ahs_words * 4, &pdu.ahs);
		cursor_bytes(&in, pdu.data_len, &pdu.data);
		conn_take(c, &pdu);
		if (c->kept_twice)
			conn_take(c, &pdu);
	}
	in = cursor_make(stash.data, stash.len);
	conn_take_all(c, &in);
	writer_done(&kept);
	writer_done(&stash);
}

static void send_due(struct conn *c)
{
	while (c->held && c->held->due_usec <= c->server->now_usec) {
		struct held *h = c->held;

		if (out_add(&c->out, h->data, h->len) < 0)
			conn_close(c, "no memory");
		c->held = h->next;
		c->held_bytes -= h->len;
		free(h);
	}
}

void conn_tick(struct conn *c)
{
	uint64_t now = c->server->now_usec, due;

	if (c->phase == CONN_CLOSED)
		return;
	fault_tick(c, c->ticked_usec, now);
	c->ticked_usec = now;
	send_due(c);
	if (c->kept_due_usec > 0 && c->kept_due_usec <= now)
		take_kept(c);
	due = fault_due(c, now);
	if (due > 0)
		server_wake_at(c->server, due);
	if (c->held && c->held->due_usec != CONN_HELD)
		server_wake_at(c->server, c->held->due_usec);
	if (c->kept_due_usec > 0 && c->kept_due_usec != CONN_HELD)
		server_wake_at(c->server, c->kept_due_usec);
	conn_push(c);
}

void conn_release(struct conn *c)
{
	for (struct held *h = c->held; h; h = h->next)
		h->due_usec = 0;
	if (c->kept_due_usec > 0)
		c->kept_due_usec = c->server->now_usec;
	queue(c, c->behind.data, c->behind.len, 0);
	writer_reset(&c->behind);
	if (c->session && c->session->stalled) {
		c->session->stalled = false;
		conn_ping(c);
	}
	conn_tick(c);
}

void conn_hold_done(struct conn *c)
{
	struct held *next;

	for (struct held *h = c->held; h; h = next) {
		next = h->next;
		free(h);
	}
	c->held = NULL;
	writer_done(&c->behind);
	writer_done(&c->kept);
	writer_done(&c->stash);
}
