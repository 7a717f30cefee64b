/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What faults do with incoming PDUs: keep them from being looked at, or answer in their place.
 * And what they do by time alone.
 */
#include <string.h>

#include "tests/target/async.h"
#include "tests/target/conn.h"
#include "tests/target/fault_verb.h"
#include "tests/target/session.h"

enum { SENSE_LENGTH_LEN = 2 };

void fault_in_drop(struct fault_intake *f, const struct fault_action *a _unused_)
{
	f->drop = true;
}

void fault_in_delay(struct fault_intake *f, const struct fault_action *a)
{
	f->delay_usec += a->number * USEC_PER_MSEC;
}

void fault_in_hold(struct fault_intake *f, const struct fault_action *a _unused_)
{
	f->hold = true;
}

void fault_in_duplicate(struct fault_intake *f, const struct fault_action *a _unused_)
{
	f->duplicate = true;
}

void fault_in_close(struct fault_intake *f, const struct fault_action *a _unused_)
{
	f->end = FAULT_CLOSE;
}

void fault_in_reset(struct fault_intake *f, const struct fault_action *a _unused_)
{
	f->end = FAULT_RESET;
}

/* ---- answers in the place of the real ones ------------------------------------------------ */

/* The PDU counts as taken; false when it is not its turn, and it is not answered then. */
static bool take_over(struct fault_intake *f)
{
	f->drop = true;
	return !f->conn->session || session_accept(f->conn->session, f->pdu);
}

static struct pdu login_response(const struct pdu *req)
{
	struct pdu rsp = {.opcode = ISCSI_OP_LOGIN_RSP,
	                  .flags = req->flags & ISCSI_LOGIN_CSG_MASK,
	                  .tsih = req->tsih,
	                  .itt = req->itt,
	                  .exp_cmd_sn = req->cmd_sn,
	                  .max_cmd_sn = req->cmd_sn};

	memcpy(rsp.isid, req->isid, sizeof(rsp.isid));
	return rsp;
}

void fault_in_status(struct fault_intake *f, const struct fault_action *a)
{
	struct pdu rsp = login_response(f->pdu);

	if (f->pdu->opcode != ISCSI_OP_LOGIN_REQ || f->conn->phase != CONN_LOGIN)
		return;
	f->drop = true;
	rsp.status_class = (uint8_t)(a->number >> 8);
	rsp.status_detail = (uint8_t)a->number;
	conn_send(f->conn, &rsp, CONN_STAT_NEXT);
	f->end = FAULT_CLOSE;
}

void fault_in_sense(struct fault_intake *f, const struct fault_action *a)
{
	struct sense sense = {.key = (enum sense_key)(a->number >> 16),
	                      .code = (uint16_t)a->number};
	uint8_t data[SENSE_LENGTH_LEN + SENSE_MAX] = {0, SENSE_FIXED_LEN};
	struct pdu rsp = {.opcode = ISCSI_OP_SCSI_RSP,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .status = SCSI_CHECK_CONDITION,
	                  .itt = f->pdu->itt,
	                  .residual = f->pdu->transfer_len,
	                  .data = data,
	                  .data_len = SENSE_LENGTH_LEN + SENSE_FIXED_LEN};

	if (f->pdu->opcode != ISCSI_OP_SCSI_CMD || !f->conn->session || !take_over(f))
		return;
	if (rsp.residual > 0)
		rsp.flags |= ISCSI_RSP_UNDERFLOW;
	sense_encode(&sense, false, data + SENSE_LENGTH_LEN);
	conn_send(f->conn, &rsp, CONN_STAT_NEXT);
}

void fault_in_reject(struct fault_intake *f, const struct fault_action *a)
{
	if (take_over(f))
		conn_reject(f->conn, f->pdu, (uint8_t)a->number);
}

void fault_in_ignore(struct fault_intake *f, const struct fault_action *a _unused_)
{
	take_over(f);
}

void fault_in_stall(struct fault_intake *f, const struct fault_action *a _unused_)
{
	if (f->conn->session)
		session_stall(f->conn->session);
}

void fault_in_split(struct fault_intake *f, const struct fault_action *a)
{
	f->conn->text_piece = (uint32_t)MIN(MAX(a->number, 1), ISCSI_DATA_SEGMENT_MAX);
}

/* A text without end: each request gets another piece with the C bit. */
void fault_in_endless(struct fault_intake *f, const struct fault_action *a _unused_)
{
	static const char piece[] = "X-example.endless=0123456789abcdef";
	struct pdu rsp = login_response(f->pdu);

	if (f->pdu->opcode == ISCSI_OP_TEXT_REQ)
		rsp = (struct pdu){.opcode = ISCSI_OP_TEXT_RSP, .itt = f->pdu->itt};
	else if (f->pdu->opcode != ISCSI_OP_LOGIN_REQ)
		return;
	if (!take_over(f))
		return;
	rsp.flags |= ISCSI_LOGIN_CONTINUE; /* the same bit in both */
	rsp.data = (const uint8_t *)piece;
	rsp.data_len = sizeof(piece);
	conn_send(f->conn, &rsp, CONN_STAT_NEXT);
}

void fault_in_async(struct fault_intake *f, const struct fault_action *a)
{
	fault_timed_async(f->conn, a);
}

/* ---- without any PDU ---------------------------------------------------------------------- */

void fault_timed_close(struct conn *c, const struct fault_action *a _unused_)
{
	conn_cut(c, false);
}

void fault_timed_reset(struct conn *c, const struct fault_action *a _unused_)
{
	conn_cut(c, true);
}

void fault_timed_stall(struct conn *c, const struct fault_action *a _unused_)
{
	if (c->session)
		session_stall(c->session);
}

void fault_timed_async(struct conn *c, const struct fault_action *a)
{
	struct async_message message = {.event = (uint8_t)a->number};

	async_send(c, &message);
}
