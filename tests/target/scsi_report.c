/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands about the logical unit as such, and about the commands there are (SPC-4).
 */
#include "tests/target/scsi.h"

enum {
	REQUEST_SENSE_DESC = 0x01,
	/* REPORT LUNS, SPC-4 6.33 */
	REPORT_LUNS_MIN_ALLOCATION = 16,
	REPORT_LUNS_ALL = 0x02, /* the highest selection; 1 is well-known units only */
	REPORT_LUNS_WELL_KNOWN = 0x01,
	LUN_LEN = 8,
	/* REPORT SUPPORTED OPERATION CODES, SPC-4 6.35 */
	RCTD = 0x80,
	REPORTING_MASK = 0x07,
	DESCRIPTOR_CTDP = 0x02,
	DESCRIPTOR_SERVACTV = 0x01,
	ONE_CTDP = 0x80,
	ONE_UNSUPPORTED = 0x01,
	ONE_SUPPORTED = 0x03,
	TIMEOUTS_LEN = 12,
	TIMEOUT = 30,
	/* REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS, SPC-4 6.36 */
	REPD = 0x80,
	TMF_SUPPORTED = 0x80 | 0x40 | 0x10 | 0x08, /* ATS, ATSS, CTSS, LURS */
	TMF_BASIC_LEN = 4,
	TMF_EXTENDED_LEN = 16,
	TMF_MIN_ALLOCATION = 4,
	TIMEOUT_SLOW = 300,
};

enum reporting {
	REPORT_ALL,
	REPORT_OPCODE,
	REPORT_OPCODE_AND_ACTION,
	REPORT_EITHER,
};

void scsi_test_unit_ready(struct scsi_cmd *cmd _unused_)
{
}

void scsi_request_sense(struct scsi_cmd *cmd)
{
	uint8_t bytes[SENSE_MAX];
	struct sense s = {.key = SENSE_NO_SENSE};

	if (!cmd->lun) {
		s.key = SENSE_ILLEGAL_REQUEST;
		s.code = SENSE_LUN_NOT_SUPPORTED;
	} else {
		s.code = nexus_take_attention(cmd->nexus, cmd->lun_number);
		s.key = s.code ? SENSE_UNIT_ATTENTION : SENSE_NO_SENSE;
	}
	writer_bytes(&cmd->reply, bytes, sense_encode(&s, cmd->cdb[1] & REQUEST_SENSE_DESC, bytes));
	scsi_reply(cmd, cmd->cdb[4]);
}

void scsi_report_luns(struct scsi_cmd *cmd)
{
	uint32_t allocation = scsi_cdb_be32(cmd, 6);
	uint8_t select = cmd->cdb[2];
	uint32_t count = 0;

	if (select > REPORT_LUNS_ALL || allocation < REPORT_LUNS_MIN_ALLOCATION) {
		scsi_invalid_cdb(cmd);
		return;
	}
	/* SPC-4 6.33: who asks for the list need not be told that it changed */
	nexus_drop_attention(cmd->nexus, SENSE_LUNS_CHANGED);
	for (uint16_t i = 0; i < LUN_COUNT; i++)
		count += cmd->nexus->target->luns[i] && select != REPORT_LUNS_WELL_KNOWN;
	writer_be32(&cmd->reply, count * LUN_LEN);
	writer_be32(&cmd->reply, 0);
	for (uint16_t i = 0; i < LUN_COUNT && count > 0; i++) {
		if (!cmd->nexus->target->luns[i])
			continue;
		writer_be16(&cmd->reply, i); /* peripheral device addressing */
		writer_zeros(&cmd->reply, LUN_LEN - 2);
	}
	scsi_reply(cmd, allocation);
}

/* Seconds: what a command takes by rule is not told (0), when to begin to worry is. */
static void put_timeouts(struct writer *w, const struct scsi_op *op)
{
	writer_be16(w, TIMEOUTS_LEN - 2);
	writer_be16(w, 0);
	writer_be32(w, 0);
	writer_be32(w, op->flags & SCSI_OP_SLOW ? TIMEOUT_SLOW : TIMEOUT);
}

static void report_all(struct scsi_cmd *cmd, bool timeouts)
{
	size_t count;
	const struct scsi_op *ops = scsi_ops(&count);
	uint32_t each = 8 + (timeouts ? TIMEOUTS_LEN : 0);
	uint32_t there = 0;

	for (size_t i = 0; i < count; i++)
		there += scsi_op_exists(&ops[i], cmd->lun);
	writer_be32(&cmd->reply, there * each);
	for (size_t i = 0; i < count; i++) {
		bool has_action = ops[i].service_action != SCSI_SA_NONE;

		if (!scsi_op_exists(&ops[i], cmd->lun))
			continue;
		writer_u8(&cmd->reply, ops[i].opcode);
		writer_u8(&cmd->reply, 0);
		writer_be16(&cmd->reply, has_action ? (uint16_t)ops[i].service_action : 0);
		writer_u8(&cmd->reply, 0);
		writer_u8(&cmd->reply, (timeouts ? DESCRIPTOR_CTDP : 0) |
		                               (has_action ? DESCRIPTOR_SERVACTV : 0));
		writer_be16(&cmd->reply, (uint16_t)scsi_cdb_len(ops[i].opcode));
		if (timeouts)
			put_timeouts(&cmd->reply, &ops[i]);
	}
}

/* Returns false when the form of the question does not fit the opcode. */
static bool report_one(struct scsi_cmd *cmd, enum reporting form, bool timeouts)
{
	uint16_t action = scsi_cdb_be16(cmd, 4);
	size_t count;
	const struct scsi_op *ops = scsi_ops(&count);
	const struct scsi_op *found = NULL;

	for (size_t i = 0; i < count && !found; i++) {
		bool has_action = ops[i].service_action != SCSI_SA_NONE;

		if (ops[i].opcode != cmd->cdb[3] || !scsi_op_exists(&ops[i], cmd->lun))
			continue;
		if (has_action ? form == REPORT_OPCODE : form == REPORT_OPCODE_AND_ACTION)
			return false;
		if (has_action ? ops[i].service_action == action
		               : action == 0 || form == REPORT_OPCODE)
			found = &ops[i];
	}
	writer_u8(&cmd->reply, 0);
	writer_u8(&cmd->reply,
	          (found ? ONE_SUPPORTED : ONE_UNSUPPORTED) | (found && timeouts ? ONE_CTDP : 0));
	writer_be16(&cmd->reply, found ? (uint16_t)scsi_cdb_len(found->opcode) : 0);
	if (found)
		writer_bytes(&cmd->reply, found->usage, scsi_cdb_len(found->opcode));
	if (found && timeouts)
		put_timeouts(&cmd->reply, found);
	return true;
}

/* What tmf.c does of what SCSI still knows; that they take a known time is not told. */
void scsi_report_task_management(struct scsi_cmd *cmd)
{
	uint32_t allocation = scsi_cdb_be32(cmd, 6);
	bool extended = cmd->cdb[2] & REPD;

	if (allocation < TMF_MIN_ALLOCATION) {
		scsi_invalid_cdb(cmd);
		return;
	}
	writer_u8(&cmd->reply, TMF_SUPPORTED);
	writer_zeros(&cmd->reply, 2);
	writer_u8(&cmd->reply, extended ? TMF_EXTENDED_LEN - TMF_BASIC_LEN : 0);
	if (extended)
		writer_zeros(&cmd->reply, TMF_EXTENDED_LEN - TMF_BASIC_LEN);
	scsi_reply(cmd, allocation);
}

void scsi_report_opcodes(struct scsi_cmd *cmd)
{
	uint8_t form = cmd->cdb[2] & REPORTING_MASK;
	bool timeouts = cmd->cdb[2] & RCTD;

	if (form == REPORT_ALL) {
		report_all(cmd, timeouts);
	} else if (form > REPORT_EITHER || !report_one(cmd, form, timeouts)) {
		scsi_invalid_cdb(cmd);
		return;
	}
	scsi_reply(cmd, scsi_cdb_be32(cmd, 6));
}
