/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all commands have in common: the LUN, unit attentions, access states, reservations, the
 * medium, data, sense.
 */
#include <errno.h>
#include <string.h>

#include "tests/target/scsi.h"

enum {
	/* SAM-5 4.7.5: address method in the two high bits of byte 0 */
	METHOD_MASK = 0xc0,
	METHOD_PERIPHERAL = 0x00,
	METHOD_FLAT = 0x40,
	REPLY_MAX = 65536,
	COMPARE_CHUNK = 4096,
};

uint16_t scsi_lun_number(const uint8_t lun[static 8])
{
	static const uint8_t rest[6];
	uint16_t number = (uint16_t)((lun[0] & ~METHOD_MASK & 0xff) << 8 | lun[1]);
	uint8_t method = lun[0] & METHOD_MASK;

	if (memcmp(lun + 2, rest, sizeof(rest)) != 0 || number >= LUN_COUNT)
		return LUN_NONE;
	return method == METHOD_PERIPHERAL || method == METHOD_FLAT ? number : LUN_NONE;
}

uint16_t scsi_cdb_be16(const struct scsi_cmd *cmd, size_t at)
{
	return (uint16_t)(cmd->cdb[at] << 8 | cmd->cdb[at + 1]);
}

uint32_t scsi_cdb_be32(const struct scsi_cmd *cmd, size_t at)
{
	return (uint32_t)scsi_cdb_be16(cmd, at) << 16 | scsi_cdb_be16(cmd, at + 2);
}

uint64_t scsi_cdb_be64(const struct scsi_cmd *cmd, size_t at)
{
	return (uint64_t)scsi_cdb_be32(cmd, at) << 32 | scsi_cdb_be32(cmd, at + 4);
}

/* ---- how a command ends ------------------------------------------------------------------- */

void scsi_refuse(struct scsi_cmd *cmd, enum scsi_status status)
{
	cmd->status = status;
	cmd->in = SCSI_DATA_NONE;
	cmd->out = SCSI_DATA_NONE;
	cmd->in_len = 0;
	cmd->out_len = 0;
}

void scsi_fail(struct scsi_cmd *cmd, enum sense_key key, enum sense_code code)
{
	scsi_refuse(cmd, SCSI_CHECK_CONDITION);
	cmd->sense = (struct sense){.key = key, .code = (uint16_t)code};
}

void scsi_write_failed(struct scsi_cmd *cmd, int r)
{
	if (r == -ENOSPC && cmd->lun->thin)
		scsi_fail(cmd, SENSE_DATA_PROTECT, SENSE_SPACE_ALLOCATION_FAILED);
	else
		scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_WRITE_ERROR);
}

void scsi_invalid_cdb(struct scsi_cmd *cmd)
{
	scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
}

void scsi_invalid_parameter(struct scsi_cmd *cmd)
{
	scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_PARAMETERS);
}

void scsi_reply(struct scsi_cmd *cmd, size_t allocation)
{
	if (writer_status(&cmd->reply) < 0) {
		scsi_fail(cmd, SENSE_HARDWARE_ERROR, SENSE_NONE);
		return;
	}
	cmd->in = SCSI_DATA_REPLY;
	cmd->in_len = MIN(cmd->reply.len, allocation);
}

void scsi_want(struct scsi_cmd *cmd, size_t len)
{
	cmd->parameters = writer_make(len);
	cmd->out = SCSI_DATA_PARAMETERS;
	cmd->out_len = len;
}

size_t scsi_sense(const struct scsi_cmd *cmd, uint8_t ret[static SENSE_MAX])
{
	return sense_encode(&cmd->sense, cmd->lun && cmd->lun->descriptor_sense, ret);
}

/* ---- how it begins ------------------------------------------------------------------------ */

/* SPC-4 5.11.2: which states stop a command, and what is said then. */
static bool check_access(struct scsi_cmd *cmd)
{
	static const struct {
		uint16_t exempt;
		uint16_t code;
	} states[] = {
		[ALUA_STANDBY] = {SCSI_OP_STANDBY, SENSE_ALUA_STANDBY},
		[ALUA_UNAVAILABLE] = {SCSI_OP_UNAVAILABLE, SENSE_ALUA_UNAVAILABLE},
		[ALUA_TRANSITIONING] = {SCSI_OP_UNAVAILABLE, SENSE_ALUA_TRANSITIONING},
	};
	enum alua_state state = cmd->nexus->target->alua.state;

	if (!states[state].code || cmd->op->flags & states[state].exempt)
		return true;
	scsi_fail(cmd, SENSE_NOT_READY, states[state].code);
	return false;
}

/* What a LUN that is there has against the command; false when it ended. */
static bool check_lun(struct scsi_cmd *cmd)
{
	uint16_t flags = cmd->op->flags;

	if (!check_access(cmd))
		return false;
	if (reserve_conflicts(cmd)) {
		scsi_refuse(cmd, SCSI_RESERVATION_CONFLICT);
		return false;
	}
	if (!cmd->lun->loaded && !(flags & SCSI_OP_NO_MEDIUM)) {
		scsi_fail(cmd, SENSE_NOT_READY, SENSE_MEDIUM_NOT_PRESENT);
		return false;
	}
	return true;
}

void scsi_start(struct scsi_cmd *cmd)
{
	uint16_t attention = SENSE_NONE;
	uint16_t flags;
	bool known;

	cmd->reply = writer_make(REPLY_MAX);
	cmd->op = scsi_find_op(cmd->cdb, &known);
	cmd->lun = cmd->lun_number < LUN_COUNT ? cmd->nexus->target->luns[cmd->lun_number] : NULL;
	flags = cmd->op ? cmd->op->flags : 0;
	if (!cmd->lun && !(flags & SCSI_OP_ANY_LUN)) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LUN_NOT_SUPPORTED);
		return;
	}
	if (cmd->lun && !(flags & SCSI_OP_NO_ATTENTION))
		attention = nexus_take_attention(cmd->nexus, cmd->lun_number);
	if (attention)
		scsi_fail(cmd, SENSE_UNIT_ATTENTION, attention);
	else if (!cmd->op)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST,
		          known ? SENSE_INVALID_FIELD_IN_CDB : SENSE_INVALID_OPCODE);
	else if (!scsi_op_exists(cmd->op, cmd->lun))
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_OPCODE);
	else if (!cmd->lun || check_lun(cmd))
		cmd->op->start(cmd);
}

/* ---- data --------------------------------------------------------------------------------- */

const uint8_t *scsi_peek(const struct scsi_cmd *cmd, uint64_t at)
{
	if (cmd->in != SCSI_DATA_MEDIUM || !cmd->lun->memory)
		return NULL;
	return cmd->lun->memory + cmd->offset + at;
}

int scsi_fetch(struct scsi_cmd *cmd, uint64_t at, void *dst, size_t len)
{
	if (cmd->in == SCSI_DATA_REPLY) {
		memcpy(dst, cmd->reply.data + at, len);
		return 0;
	}
	if (lun_read(cmd->lun, cmd->offset + at, dst, len) == 0)
		return 0;
	scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_UNRECOVERED_READ_ERROR);
	return -EIO;
}

static void write_medium(struct scsi_cmd *cmd, uint64_t at, const void *src, size_t len)
{
	int r = lun_write(cmd->lun, cmd->offset + at, src, len);

	if (r < 0)
		scsi_write_failed(cmd, r);
}

/* INFORMATION is the place of the first difference in the data (SBC-3 5.31). */
static void miscompare(struct scsi_cmd *cmd, uint64_t at)
{
	scsi_fail(cmd, SENSE_MISCOMPARE, SENSE_MISCOMPARE_DURING_VERIFY);
	cmd->sense.has_information = true;
	cmd->sense.information = at;
}

/* Compares, or with SCSI_DATA_OR writes what comes ORed with what is there; a chunk at a time. */
static void combine_medium(struct scsi_cmd *cmd, uint64_t at, const uint8_t *src, size_t len)
{
	uint8_t there[COMPARE_CHUNK];

	while (len > 0 && cmd->status == SCSI_GOOD) {
		size_t n = MIN(len, sizeof(there));
		size_t same = 0;

		if (lun_read(cmd->lun, cmd->offset + at, there, n) < 0) {
			scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_UNRECOVERED_READ_ERROR);
			return;
		}
		if (cmd->out == SCSI_DATA_OR) {
			for (size_t i = 0; i < n; i++)
				there[i] |= src[i];
			write_medium(cmd, at, there, n);
		} else {
			while (same < n && src[same] == there[same])
				same++;
			if (same < n)
				miscompare(cmd, at + same);
		}
		at += n;
		src += n;
		len -= n;
	}
}

void scsi_put(struct scsi_cmd *cmd, uint64_t at, const void *src, size_t len)
{
	if (cmd->status != SCSI_GOOD)
		return;
	switch (cmd->out) {
	case SCSI_DATA_NONE:
	case SCSI_DATA_REPLY: break;
	case SCSI_DATA_MEDIUM: write_medium(cmd, at, src, len); break;
	case SCSI_DATA_COMPARE:
	case SCSI_DATA_OR: combine_medium(cmd, at, src, len); break;
	case SCSI_DATA_WRITE_COMPARE:
		write_medium(cmd, at, src, len);
		combine_medium(cmd, at, src, len);
		break;
	case SCSI_DATA_PARAMETERS:
		writer_bytes(&cmd->parameters, src, len);
		if (writer_status(&cmd->parameters) < 0)
			scsi_fail(cmd, SENSE_HARDWARE_ERROR, SENSE_NONE);
		break;
	}
}

void scsi_finish(struct scsi_cmd *cmd)
{
	if (cmd->status == SCSI_GOOD && cmd->op->finish)
		cmd->op->finish(cmd);
}

void scsi_done(struct scsi_cmd *cmd)
{
	writer_done(&cmd->reply);
	writer_done(&cmd->parameters);
}

void scsi_reset_lun(struct scsi_target *t, uint16_t lun)
{
	lun_reset(t->luns[lun]);
	for (struct nexus *n = t->nexuses; n; n = n->next)
		n->prevents[lun] = false;
	nexus_attention_all(t, lun, SENSE_BUS_DEVICE_RESET, NULL);
}
