/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task management (RFC 7143 11.5 and 11.6): a row a function.  Aborted tasks get no answer of
 * their own (TAS is 0); what still comes for them is dropped.
 */
#include "tests/target/conn.h"
#include "tests/target/session.h"
#include "tests/target/task.h"

static enum iscsi_tmf_response abort_task(struct session *s, const struct pdu *pdu)
{
	struct task *t = task_find(s, pdu->ref_itt);

	if (!t)
		return ISCSI_TMF_NO_TASK;
	task_abort(s, t);
	return ISCSI_TMF_COMPLETE;
}

static enum iscsi_tmf_response abort_task_set(struct session *s, const struct pdu *pdu)
{
	task_abort_lun(s, scsi_lun_number(pdu->lun));
	return ISCSI_TMF_COMPLETE;
}

/* SAM-5 7.5: tasks of all initiators; the others hear of it. */
static enum iscsi_tmf_response clear_task_set(struct session *s, const struct pdu *pdu)
{
	uint16_t lun = scsi_lun_number(pdu->lun);

	for (struct session *other = s->target->sessions; other; other = other->next) {
		if (other != s && other->tasks)
			nexus_attention(&other->nexus, lun, SENSE_COMMANDS_CLEARED);
		task_abort_lun(other, lun);
	}
	return ISCSI_TMF_COMPLETE;
}

static void reset(struct session *s, uint16_t lun)
{
	for (struct session *other = s->target->sessions; other; other = other->next)
		task_abort_lun(other, lun);
	scsi_reset_lun(&s->target->scsi, lun);
}

static enum iscsi_tmf_response reset_lun(struct session *s, const struct pdu *pdu)
{
	reset(s, scsi_lun_number(pdu->lun));
	return ISCSI_TMF_COMPLETE;
}

static enum iscsi_tmf_response warm_reset(struct session *s, const struct pdu *pdu _unused_)
{
	for (uint16_t lun = 0; lun < LUN_COUNT; lun++)
		if (s->target->scsi.luns[lun])
			reset(s, lun);
	return ISCSI_TMF_COMPLETE;
}

/* 11.5.1: all connections end; this one once it has its answer. */
static enum iscsi_tmf_response cold_reset(struct session *s, const struct pdu *pdu)
{
	for (struct session *other = s->target->sessions; other; other = other->next)
		if (other != s)
			conn_close(other->conn, "target cold reset");
	return warm_reset(s, pdu);
}

static enum iscsi_tmf_response clear_aca(struct session *s _unused_, const struct pdu *pdu _unused_)
{
	return ISCSI_TMF_NOT_SUPPORTED; /* NORMACA is 0 in the standard INQUIRY data */
}

static enum iscsi_tmf_response reassign(struct session *s _unused_, const struct pdu *pdu _unused_)
{
	return ISCSI_TMF_NO_REASSIGN;
}

static const struct {
	enum iscsi_tmf_response (*run)(struct session *s, const struct pdu *pdu);
	bool of_lun;
} functions[] = {
	[ISCSI_TMF_ABORT_TASK] = {abort_task, false},
	[ISCSI_TMF_ABORT_TASK_SET] = {abort_task_set, true},
	[ISCSI_TMF_CLEAR_ACA] = {clear_aca, true},
	[ISCSI_TMF_CLEAR_TASK_SET] = {clear_task_set, true},
	[ISCSI_TMF_LUN_RESET] = {reset_lun, true},
	[ISCSI_TMF_TARGET_WARM_RESET] = {warm_reset, false},
	[ISCSI_TMF_TARGET_COLD_RESET] = {cold_reset, false},
	[ISCSI_TMF_TASK_REASSIGN] = {reassign, false},
};

void session_tmf(struct session *s, const struct pdu *pdu)
{
	uint8_t function = pdu->flags & ~ISCSI_FLAG_FINAL;
	uint16_t lun = scsi_lun_number(pdu->lun);
	struct pdu rsp = {.opcode = ISCSI_OP_TMF_RSP,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = pdu->itt,
	                  .response = ISCSI_TMF_REJECTED};

	if (function < ARRAY_LEN(functions) && functions[function].run) {
		if (functions[function].of_lun && (lun == LUN_NONE || !s->target->scsi.luns[lun]))
			rsp.response = ISCSI_TMF_NO_LUN;
		else
			rsp.response = (uint8_t)functions[function].run(s, pdu);
	}
	conn_send(s->conn, &rsp, CONN_STAT_NEXT);
	if (function == ISCSI_TMF_TARGET_COLD_RESET)
		conn_end(s->conn);
}
