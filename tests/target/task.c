/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks.  Blocks go straight between the PDU and the medium, so no task holds data; Data-In is
 * made when the connection can send it.
 * Invariants: every task is in the session's list; in its sending list just when TASK_SENDING.
 */
#include "tests/target/task.h"

#include <stdlib.h>
#include <string.h>

#include "tests/target/conn.h"
#include "tests/target/session.h"

enum {
	OUT_ENOUGH = 512 * 1024, /* bytes queued, after which Data-In waits */
	SENSE_LENGTH_LEN = 2,    /* RFC 7143 11.4.7 */
};

/* ---- the lists ---------------------------------------------------------------------------- */

static struct task *task_new(struct session *s, const struct pdu *pdu)
{
	struct task *t = s->free;

	if (t)
		s->free = t->next;
	else
		t = malloc(sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct task){.next = s->tasks, .itt = pdu->itt, .immediate = pdu->immediate};
	memcpy(t->lun, pdu->lun, sizeof(t->lun));
	if (s->tasks)
		s->tasks->prev = t;
	s->tasks = t;
	s->task_count += !t->immediate;
	s->immediate_count += t->immediate;
	return t;
}

/* The task is over: out of the lists, and kept for another. */
static void task_end(struct session *s, struct task *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		s->tasks = t->next;
	if (t->next)
		t->next->prev = t->prev;
	s->task_count -= !t->immediate;
	s->immediate_count -= t->immediate;
	scsi_done(&t->cmd);
	t->next = s->free;
	s->free = t;
}

static void start_sending(struct session *s, struct task *t)
{
	t->state = TASK_SENDING;
	t->next_sending = NULL;
	*s->sending_end = t;
	s->sending_end = &t->next_sending;
}

static void stop_sending(struct session *s, struct task *t)
{
	struct task **at = &s->sending;

	while (*at != t)
		at = &(*at)->next_sending;
	*at = t->next_sending;
	if (s->sending_end == &t->next_sending)
		s->sending_end = at;
}

struct task *task_find(const struct session *s, uint32_t itt)
{
	struct task *t = s->tasks;

	while (t && t->itt != itt)
		t = t->next;
	return t;
}

void task_abort(struct session *s, struct task *t)
{
	if (t->state == TASK_SENDING)
		stop_sending(s, t);
	task_end(s, t);
}

void task_abort_lun(struct session *s, uint16_t lun)
{
	struct task *next;

	for (struct task *t = s->tasks; t; t = next) {
		next = t->next;
		if (lun == LUN_NONE || t->cmd.lun_number == lun)
			task_abort(s, t);
	}
}

void task_free_all(struct session *s)
{
	struct task *next;

	task_abort_lun(s, LUN_NONE);
	for (struct task *t = s->free; t; t = next) {
		next = t->next;
		free(t);
	}
	s->free = NULL;
}

/* ---- the end of a command ----------------------------------------------------------------- */

/* 11.4.5: what the command has against what the initiator allowed for. */
static void put_residual(const struct task *t, struct pdu *pdu)
{
	uint64_t full = t->cmd.status == SCSI_GOOD ? t->full : 0;

	if (full > t->expected) {
		pdu->flags |= ISCSI_RSP_OVERFLOW;
		pdu->residual = (uint32_t)MIN(full - t->expected, (uint64_t)UINT32_MAX);
	} else if (full < t->expected) {
		pdu->flags |= ISCSI_RSP_UNDERFLOW;
		pdu->residual = t->expected - (uint32_t)full;
	}
}

static void respond(struct session *s, struct task *t)
{
	uint8_t sense[SENSE_LENGTH_LEN + SENSE_MAX] = {0};
	struct pdu rsp = {.opcode = ISCSI_OP_SCSI_RSP,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = t->itt,
	                  .status = (uint8_t)t->cmd.status,
	                  .data_sn = t->cmd.in == SCSI_DATA_NONE ? t->r2t_sn : t->data_sn};

	put_residual(t, &rsp);
	if (t->cmd.status == SCSI_CHECK_CONDITION) {
		sense[1] = (uint8_t)scsi_sense(&t->cmd, sense + SENSE_LENGTH_LEN);
		rsp.data = sense;
		rsp.data_len = SENSE_LENGTH_LEN + sense[1];
	}
	/* ended first: its answer then opens the command window by one */
	task_end(s, t);
	conn_send(s->conn, &rsp, CONN_STAT_NEXT);
}

/* ---- Data-In ------------------------------------------------------------------------------ */

/* Queue one Data-In PDU; with the last one goes the status, and the task is over. */
static void send_data_in(struct session *s, struct task *t)
{
	uint32_t left = t->wanted - t->moved;
	struct pdu pdu = {.opcode = ISCSI_OP_DATA_IN,
	                  .itt = t->itt,
	                  .ttt = ISCSI_TAG_RESERVED,
	                  .data_sn = t->data_sn++,
	                  .buffer_offset = t->moved};
	enum conn_stat stat = CONN_STAT_NONE;

	if (t->moved == t->burst_end)
		t->burst_end += MIN(left, s->params.max_burst_length);
	pdu.data_len = MIN(t->burst_end - t->moved, s->params.max_xmit_data_segment_length);
	pdu.data = scsi_peek(&t->cmd, t->moved);
	if (!pdu.data) {
		uint8_t *room = conn_room(s->conn, pdu.data_len);

		if (!room)
			return;
		if (scsi_fetch(&t->cmd, t->moved, room, pdu.data_len) < 0) {
			stop_sending(s, t);
			respond(s, t);
			return;
		}
	}
	t->moved += pdu.data_len;
	if (t->moved == t->burst_end)
		pdu.flags |= ISCSI_FLAG_FINAL;
	if (t->moved == t->wanted) {
		stat = CONN_STAT_NEXT;
		pdu.flags |= ISCSI_DATA_IN_STATUS;
		pdu.status = SCSI_GOOD;
		put_residual(t, &pdu);
		/* ended first: its last PDU then opens the command window by one */
		stop_sending(s, t);
		task_end(s, t);
	}
	if (pdu.data)
		conn_send_borrowed(s->conn, &pdu, stat);
	else
		conn_send_room(s->conn, &pdu, stat);
}

bool task_pump(struct session *s)
{
	while (s->sending && s->conn->phase == CONN_FULL_FEATURE) {
		if (conn_pending(s->conn) >= OUT_ENOUGH)
			return true;
		send_data_in(s, s->sending);
	}
	return false;
}

/* ---- Data-Out ----------------------------------------------------------------------------- */

static void send_r2t(struct session *s, struct task *t)
{
	struct pdu r2t = {.opcode = ISCSI_OP_R2T,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = t->itt,
	                  .data_sn = t->r2t_sn++,
	                  .buffer_offset = t->moved};

	if (++s->last_ttt == ISCSI_TAG_RESERVED)
		s->last_ttt = 0;
	t->state = TASK_SOLICITED;
	t->ttt = r2t.ttt = s->last_ttt;
	t->data_sn = 0;
	r2t.transfer_len = MIN(t->wanted - t->moved, s->params.max_burst_length);
	t->burst_end = t->moved + r2t.transfer_len;
	memcpy(r2t.lun, t->lun, sizeof(r2t.lun));
	conn_send(s->conn, &r2t, CONN_STAT_CURRENT);
}

/* A sequence of Data-Out has ended, or there was none: what now? */
static void advance(struct session *s, struct task *t)
{
	if (t->cmd.status == SCSI_GOOD && t->moved < t->wanted) {
		send_r2t(s, t);
		return;
	}
	if (t->cmd.status == SCSI_GOOD && t->cmd.in == SCSI_DATA_NONE)
		scsi_finish(&t->cmd);
	respond(s, t);
}

/* Bytes for offset moved on came; what goes beyond wanted is dropped (underflow). */
static void put_data(struct task *t, const uint8_t *data, uint32_t len)
{
	if (len > 0 && t->moved < t->wanted)
		scsi_put(&t->cmd, t->moved, data, MIN(len, t->wanted - t->moved));
	t->moved += len;
}

/*
 * 11.7: DataSN and Buffer Offset go up without a gap, and a sequence stays within what was asked
 * for or negotiated.  Anything else makes the command fail; its answer waits for the F bit.
 */
void task_data_out(struct session *s, const struct pdu *pdu)
{
	struct task *t = task_find(s, pdu->itt);
	bool solicited = pdu->ttt != ISCSI_TAG_RESERVED;

	/* of a task that was aborted, or has an answer already */
	if (!t || t->state == TASK_SENDING)
		return;
	if (solicited != (t->state == TASK_SOLICITED) || (solicited && pdu->ttt != t->ttt)) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_INVALID_PDU_FIELD);
		return;
	}
	if (pdu->data_sn != t->data_sn || pdu->buffer_offset != t->moved ||
	    pdu->data_len > t->burst_end - t->moved) {
		scsi_fail(&t->cmd, SENSE_ABORTED_COMMAND, SENSE_DATA_PHASE_ERROR);
	} else {
		t->data_sn++;
		put_data(t, pdu->data, pdu->data_len);
	}
	if (!(pdu->flags & ISCSI_FLAG_FINAL))
		return;
	if (solicited && t->cmd.status == SCSI_GOOD && t->moved != t->burst_end)
		scsi_fail(&t->cmd, SENSE_ABORTED_COMMAND, SENSE_NOT_ENOUGH_UNSOLICITED_DATA);
	advance(s, t);
}

/* ---- commands ----------------------------------------------------------------------------- */

/* What comes with the command, and what may come behind it unasked (RFC 7143 4.2.4.2). */
static void take_write(struct session *s, struct task *t, const struct pdu *pdu)
{
	bool more = !(pdu->flags & ISCSI_FLAG_FINAL);

	t->burst_end = MIN(t->expected, s->params.first_burst_length);
	if ((pdu->data_len > 0 && !s->params.immediate_data) || (more && s->params.initial_r2t) ||
	    pdu->data_len > t->burst_end)
		scsi_fail(&t->cmd, SENSE_ABORTED_COMMAND, SENSE_UNEXPECTED_UNSOLICITED_DATA);
	else
		put_data(t, pdu->data, pdu->data_len);
	if (!more)
		advance(s, t);
}

void task_command(struct session *s, const struct pdu *pdu)
{
	bool is_read = pdu->flags & ISCSI_CMD_READ;
	bool is_write = pdu->flags & ISCSI_CMD_WRITE;
	struct task *t;

	if (task_find(s, pdu->itt) || pdu->itt == ISCSI_TAG_RESERVED) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_TASK_IN_PROGRESS);
		return;
	}
	if (pdu->immediate && s->immediate_count >= SESSION_IMMEDIATE_MAX) {
		conn_reject(s->conn, pdu, ISCSI_REJECT_IMMEDIATE);
		return;
	}
	t = task_new(s, pdu);
	if (!t) {
		conn_close(s->conn, "no memory");
		return;
	}
	t->expected = pdu->transfer_len;
	t->cmd.lun_number = scsi_lun_number(pdu->lun);
	t->cmd.nexus = &s->nexus;
	t->cmd.out_size = is_write ? pdu->transfer_len : 0;
	memcpy(t->cmd.cdb, pdu->cdb, sizeof(t->cmd.cdb));
	scsi_start(&t->cmd);
	t->full = t->cmd.in_len + t->cmd.out_len; /* no command has both */
	if (is_write) {
		t->wanted = (uint32_t)MIN(t->cmd.out_len, (uint64_t)t->expected);
		take_write(s, t, pdu);
		return;
	}
	if (!is_read)
		t->expected = 0;
	t->wanted = t->cmd.in_len > t->expected ? t->expected : (uint32_t)t->cmd.in_len;
	if (t->wanted == 0 || t->cmd.status != SCSI_GOOD) {
		t->wanted = 0;
		advance(s, t);
		return;
	}
	start_sending(s, t);
}
