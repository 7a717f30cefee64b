/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: command numbering (RFC 7143 4.2.2.1), and a table of what each opcode leads to.
 */
#include "tests/target/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tests/target/conn.h"
#include "tests/target/server.h"
#include "tests/target/task.h"

/* 4.2.2.1 and RFC 1982: serial numbers of 32 bits */
static bool sn_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* One TSIH after the other; 0 is no TSIH. */
static uint16_t next_tsih(struct server *server)
{
	if (++server->last_tsih == 0)
		server->last_tsih = 1;
	return server->last_tsih;
}

static void reinstate(const struct session_config *config)
{
	struct session *s = config->target->sessions;

	for (; s; s = s->next)
		if (strcmp(s->initiator_name, config->initiator_name) == 0 &&
		    memcmp(s->isid, config->isid, sizeof(s->isid)) == 0)
			conn_close(s->conn, "its session was reinstated");
}

/* PREEMPT AND ABORT of another session. */
static void abort_tasks(struct nexus *n, uint16_t lun)
{
	task_abort_lun((struct session *)((char *)n - offsetof(struct session, nexus)), lun);
}

struct session *session_new(struct conn *conn, const struct session_config *config)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conn = conn;
	s->text_in = text_in_make(SESSION_TEXT_MAX);
	s->text_out = text_out_make(SESSION_ANSWER_MAX);
	s->text_itt = ISCSI_TAG_RESERVED;
	s->sending_end = &s->sending;
	s->exp_cmd_sn = config->exp_cmd_sn;
	snprintf(s->initiator_name, sizeof(s->initiator_name), "%s", config->initiator_name);
	memcpy(s->isid, config->isid, sizeof(s->isid));
	s->cid = config->cid;
	s->params = config->params;
	s->tsih = next_tsih(conn->server);
	conn->server->session_count++;
	s->target = config->target;
	if (s->target) {
		reinstate(config);
		nexus_init(&s->nexus, &s->target->scsi, s->initiator_name, s->isid);
		s->nexus.abort = abort_tasks;
		s->next = s->target->sessions;
		s->target->sessions = s;
	}
	return s;
}

struct session *session_free(struct session *s)
{
	if (!s)
		return NULL;
	if (s->target) {
		struct session **at = &s->target->sessions;

		while (*at != s)
			at = &(*at)->next;
		*at = s->next;
		nexus_done(&s->nexus);
	}
	s->conn->server->session_count--;
	task_free_all(s);
	nego_free(s->nego);
	text_in_done(&s->text_in);
	text_out_done(&s->text_out);
	free(s);
	return NULL;
}

uint32_t session_max_cmd_sn(const struct session *s)
{
	if (s->stalled)
		return s->stalled_max_cmd_sn;
	return s->exp_cmd_sn + SESSION_WINDOW - 1 - s->task_count;
}

void session_stall(struct session *s)
{
	s->stalled_max_cmd_sn = session_max_cmd_sn(s);
	s->stalled = true;
}

static void nop_out(struct session *s, const struct pdu *pdu)
{
	struct pdu nop_in = {.opcode = ISCSI_OP_NOP_IN,
	                     .flags = ISCSI_FLAG_FINAL,
	                     .itt = pdu->itt,
	                     .ttt = ISCSI_TAG_RESERVED};

	if (pdu->itt == ISCSI_TAG_RESERVED) {
		s->conn->pinged = false; /* the answer to a ping of ours, or just a sign of life */
		return;
	}
	memcpy(nop_in.lun, pdu->lun, sizeof(nop_in.lun));
	nop_in.data = pdu->data;
	nop_in.data_len = MIN(pdu->data_len, s->params.max_xmit_data_segment_length);
	conn_send(s->conn, &nop_in, CONN_STAT_NEXT);
}

static void logout(struct session *s, const struct pdu *pdu)
{
	uint8_t reason = pdu->flags & ~ISCSI_FLAG_FINAL;
	struct pdu rsp = {.opcode = ISCSI_OP_LOGOUT_RSP,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = pdu->itt,
	                  .response = ISCSI_LOGOUT_CLOSED,
	                  .time2wait = (uint16_t)s->params.default_time2wait,
	                  .time2retain = (uint16_t)s->params.default_time2retain};

	if (reason == ISCSI_LOGOUT_RECOVERY)
		rsp.response = ISCSI_LOGOUT_NO_RECOVERY;
	else if (reason == ISCSI_LOGOUT_CONNECTION && pdu->cid != s->cid)
		rsp.response = ISCSI_LOGOUT_NO_CID;
	conn_send(s->conn, &rsp, CONN_STAT_NEXT);
	if (rsp.response == ISCSI_LOGOUT_CLOSED)
		conn_end(s->conn);
}

/* Without error recovery nothing was kept that could be sent again. */
static void snack(struct session *s, const struct pdu *pdu)
{
	conn_reject(s->conn, pdu, ISCSI_REJECT_SNACK);
}

enum {
	NUMBERED = 1, /* carries a CmdSN */
	NORMAL = 2,   /* not in a discovery session */
};

static const struct {
	void (*take)(struct session *s, const struct pdu *pdu);
	uint8_t flags;
} takers[ISCSI_OP_MASK + 1] = {
	[ISCSI_OP_NOP_OUT] = {nop_out, NUMBERED},
	[ISCSI_OP_SCSI_CMD] = {task_command, NUMBERED | NORMAL},
	[ISCSI_OP_TMF_REQ] = {session_tmf, NUMBERED | NORMAL},
	[ISCSI_OP_TEXT_REQ] = {session_text, NUMBERED},
	[ISCSI_OP_DATA_OUT] = {task_data_out, NORMAL},
	[ISCSI_OP_LOGOUT_REQ] = {logout, NUMBERED},
	[ISCSI_OP_SNACK_REQ] = {snack, NORMAL},
};

/*
 * On a single connection commands come in order: one outside the window or out of turn is ignored,
 * as 4.2.2.1 says of the former.
 */
bool session_accept(struct session *s, const struct pdu *pdu)
{
	if (!(takers[pdu->opcode].flags & NUMBERED) || pdu->immediate)
		return true;
	if (pdu->cmd_sn != s->exp_cmd_sn || sn_before(session_max_cmd_sn(s), pdu->cmd_sn))
		return false;
	s->exp_cmd_sn++;
	return true;
}

void session_step(struct session *s, const struct pdu *pdu)
{
	uint8_t flags = takers[pdu->opcode].flags;

	if (!pdu_opcode_known(pdu->opcode)) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_NOT_SUPPORTED);
		return;
	}
	if (!takers[pdu->opcode].take || (flags & NORMAL && !s->target)) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_PROTOCOL_ERROR);
		return;
	}
	if (session_accept(s, pdu))
		takers[pdu->opcode].take(s, pdu);
}
