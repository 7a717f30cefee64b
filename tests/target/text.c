/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text requests (RFC 7143 11.10, 11.11) and SendTargets (appendix C).
 */
#include <string.h>

#include "tests/target/conn.h"
#include "tests/target/listener.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"

static void put_target(struct session *s, const struct target *t)
{
	struct writer *w = &s->text_out.text;

	text_put(w, "TargetName", t->name);
	for (struct listener *l = s->conn->server->listeners; l; l = l->next) {
		char text[PORTAL_TEXT_SIZE];
		struct portal portal;

		if (listener_address(l, s->conn->fd, &portal) < 0)
			continue;
		portal.tpgt = TARGET_TPGT;
		text_put(w, "TargetAddress", portal_format(&portal, text));
	}
}

/* "All" is for discovery, "" for a session of a target, which may name no other than its own. */
static void send_targets(struct session *s, const struct kv *value)
{
	struct target *t = s->target ? s->target : s->conn->server->options->targets;
	bool all = kv_value_is(value, "All");

	if (s->target ? all : value->value_len == 0) {
		text_put(&s->text_out.text, "SendTargets", "Reject");
		return;
	}
	for (; t; t = s->target ? NULL : t->next)
		if (all || value->value_len == 0 || kv_value_is(value, t->name))
			put_target(s, t);
}

/* All of the request is there: build the answer. */
static int answer(struct session *s)
{
	struct kv_reader r = text_in_reader(&s->text_in);
	char fault[TEXT_FAULT_SIZE];
	uint32_t max_recv;
	struct kv kv;
	int n;

	if (!s->nego)
		s->nego = nego_new(&(struct nego_config){.role = NEGO_TARGET, .tpgt = -1});
	if (!s->nego)
		return -1;

	while ((n = text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault)) > 0) {
		if (nego_find(&kv) == NEGO_SEND_TARGETS)
			send_targets(s, &kv);
		else if (nego_take(s->nego, ISCSI_STAGE_FULL_FEATURE, &kv, &s->text_out.text,
		                   fault) < 0)
			return -1;
	}
	if (nego_number(s->nego, NEGO_MAX_RECV_DATA_SEGMENT_LENGTH, &max_recv))
		s->params.max_xmit_data_segment_length = max_recv;
	return n < 0 ? -1 : writer_status(&s->text_out.text);
}

/* The next piece of the answer; the exchange ends when all is said and the initiator agrees. */
static void respond(struct session *s, const struct pdu *pdu, bool may_end)
{
	struct pdu rsp = {.opcode = ISCSI_OP_TEXT_RSP, .itt = pdu->itt};
	uint32_t piece = s->conn->text_piece ? s->conn->text_piece : UINT32_MAX;
	size_t len;

	if (text_out_take(&s->text_out, MIN(piece, s->params.max_xmit_data_segment_length),
	                  &rsp.data, &len)) {
		rsp.flags = ISCSI_TEXT_CONTINUE;
		may_end = false;
	}
	rsp.data_len = (uint32_t)len;
	memcpy(rsp.lun, pdu->lun, sizeof(rsp.lun));
	if (may_end) {
		rsp.flags = ISCSI_FLAG_FINAL;
		rsp.ttt = ISCSI_TAG_RESERVED;
		s->text_itt = ISCSI_TAG_RESERVED;
	} else {
		s->text_itt = pdu->itt;
		if (s->text_ttt == ISCSI_TAG_RESERVED)
			s->text_ttt = 0;
		rsp.ttt = s->text_ttt;
	}
	conn_send(s->conn, &rsp, CONN_STAT_NEXT);
}

/* A request that begins an exchange ends the one before (11.10.4). */
static void begin(struct session *s)
{
	const uint8_t *ignored;
	size_t len;

	text_in_reset(&s->text_in);
	while (text_out_take(&s->text_out, SIZE_MAX, &ignored, &len))
		continue;
	s->text_ttt++;
}

void session_text(struct session *s, const struct pdu *pdu)
{
	bool more = pdu->flags & ISCSI_TEXT_CONTINUE;

	if (pdu->ttt == ISCSI_TAG_RESERVED) {
		begin(s);
	} else if (pdu->itt != s->text_itt || pdu->ttt != s->text_ttt) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_INVALID_PDU_FIELD);
		return;
	}
	if (!text_out_empty(&s->text_out)) {
		respond(s, pdu, pdu->flags & ISCSI_FLAG_FINAL);
		return;
	}
	if (text_in_add(&s->text_in, pdu->data, pdu->data_len) < 0) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_PROTOCOL_ERROR);
		text_in_reset(&s->text_in);
		return;
	}
	if (!more) {
		if (answer(s) < 0) {
			conn_reject(s->conn, pdu, ISCSI_REJECT_PROTOCOL_ERROR);
			begin(s);
			return;
		}
		text_in_reset(&s->text_in);
	}
	respond(s, pdu, !more && pdu->flags & ISCSI_FLAG_FINAL);
}
