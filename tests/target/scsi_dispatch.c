/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dispatch table, and what all commands have in common: the LUN, unit attentions, sense.
 */
#include <errno.h>
#include <string.h>

#include "tests/target/scsi.h"

enum {
	/* SAM-5 4.7.5: address method in the two high bits of byte 0 */
	METHOD_MASK = 0xc0,
	METHOD_PERIPHERAL = 0x00,
	METHOD_FLAT = 0x40,
	SERVICE_ACTION_MASK = 0x1f,
	REPLY_MAX = 65536,
	COMPARE_CHUNK = 4096,
};

/* clang-format off */
#define RW_10 0xff, 0xff, 0xff, 0xff, 0x00, 0xff, 0xff, 0x00
#define RW_12 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00
#define RW_16 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00

/* Ascending by opcode. */
static const struct scsi_op ops[] = {
	{SCSI_TEST_UNIT_READY, SCSI_SA_NONE, 0, scsi_test_unit_ready, NULL, {0x00}},
	{SCSI_REQUEST_SENSE, SCSI_SA_NONE, SCSI_OP_ANY_LUN | SCSI_OP_NO_ATTENTION,
		scsi_request_sense, NULL, {0x03, 0x00, 0x00, 0x00, 0xff}},
	{SCSI_READ_6, SCSI_SA_NONE, 0, scsi_read, NULL, {0x08, 0x1f, 0xff, 0xff, 0xff}},
	{SCSI_WRITE_6, SCSI_SA_NONE, 0, scsi_write, scsi_write_end, {0x0a, 0x1f, 0xff, 0xff, 0xff}},
	{SCSI_INQUIRY, SCSI_SA_NONE, SCSI_OP_ANY_LUN | SCSI_OP_NO_ATTENTION,
		scsi_inquiry, NULL, {0x12, 0x01, 0xff, 0xff, 0xff}},
	{SCSI_MODE_SENSE_6, SCSI_SA_NONE, 0,
		scsi_mode_sense, NULL, {0x1a, 0x08, 0xff, 0xff, 0xff}},
	{SCSI_START_STOP_UNIT, SCSI_SA_NONE, 0,
		scsi_start_stop, NULL, {0x1b, 0x01, 0x00, 0x0f, 0xf7}},
	{SCSI_READ_CAPACITY_10, SCSI_SA_NONE, 0, scsi_read_capacity_10, NULL, {0x25}},
	{SCSI_READ_10, SCSI_SA_NONE, 0, scsi_read, NULL, {0x28, 0xf8, RW_10}},
	{SCSI_WRITE_10, SCSI_SA_NONE, 0, scsi_write, scsi_write_end, {0x2a, 0xf8, RW_10}},
	{SCSI_WRITE_AND_VERIFY_10, SCSI_SA_NONE, 0,
		scsi_write_and_verify, NULL, {0x2e, 0xf6, RW_10}},
	{SCSI_VERIFY_10, SCSI_SA_NONE, 0, scsi_verify, NULL, {0x2f, 0xf6, RW_10}},
	{SCSI_SYNCHRONIZE_CACHE_10, SCSI_SA_NONE, 0,
		scsi_synchronize_cache, NULL, {0x35, 0x02, RW_10}},
	{SCSI_MODE_SENSE_10, SCSI_SA_NONE, 0,
		scsi_mode_sense, NULL, {0x5a, 0x18, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff}},
	{SCSI_PERSISTENT_RESERVE_IN, SCSI_SA_READ_KEYS, 0,
		scsi_read_keys, NULL, {0x5e, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff}},
	{SCSI_READ_16, SCSI_SA_NONE, 0, scsi_read, NULL, {0x88, 0xf8, RW_16}},
	{SCSI_WRITE_16, SCSI_SA_NONE, 0, scsi_write, scsi_write_end, {0x8a, 0xf8, RW_16}},
	{SCSI_WRITE_AND_VERIFY_16, SCSI_SA_NONE, 0,
		scsi_write_and_verify, NULL, {0x8e, 0xf6, RW_16}},
	{SCSI_VERIFY_16, SCSI_SA_NONE, 0, scsi_verify, NULL, {0x8f, 0xf6, RW_16}},
	{SCSI_SYNCHRONIZE_CACHE_16, SCSI_SA_NONE, 0,
		scsi_synchronize_cache, NULL, {0x91, 0x02, RW_16}},
	{SCSI_SERVICE_ACTION_IN_16, SCSI_SA_READ_CAPACITY_16, 0, scsi_read_capacity_16, NULL,
		{0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}},
	{SCSI_REPORT_LUNS, SCSI_SA_NONE, SCSI_OP_ANY_LUN | SCSI_OP_NO_ATTENTION, scsi_report_luns,
		NULL, {0xa0, 0x00, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff}},
	{SCSI_MAINTENANCE_IN, SCSI_SA_REPORT_SUPPORTED_OPCODES, 0, scsi_report_opcodes,
		NULL, {0xa3, 0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	{SCSI_READ_12, SCSI_SA_NONE, 0, scsi_read, NULL, {0xa8, 0xf8, RW_12}},
	{SCSI_WRITE_12, SCSI_SA_NONE, 0, scsi_write, scsi_write_end, {0xaa, 0xf8, RW_12}},
	{SCSI_WRITE_AND_VERIFY_12, SCSI_SA_NONE, 0,
		scsi_write_and_verify, NULL, {0xae, 0xf6, RW_12}},
	{SCSI_VERIFY_12, SCSI_SA_NONE, 0, scsi_verify, NULL, {0xaf, 0xf6, RW_12}},
};
/* clang-format on */

const struct scsi_op *scsi_ops(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(ops);
	return ops;
}

size_t scsi_cdb_len(uint8_t opcode)
{
	static const uint8_t len[8] = {6, 10, 10, 16, 16, 12, 16, 16};

	return len[opcode >> 5];
}

uint16_t scsi_lun_number(const uint8_t lun[static 8])
{
	static const uint8_t rest[6];
	uint16_t number = (uint16_t)((lun[0] & ~METHOD_MASK & 0xff) << 8 | lun[1]);
	uint8_t method = lun[0] & METHOD_MASK;

	if (memcmp(lun + 2, rest, sizeof(rest)) != 0 || number >= LUN_COUNT)
		return LUN_NONE;
	return method == METHOD_PERIPHERAL || method == METHOD_FLAT ? number : LUN_NONE;
}

void scsi_fail(struct scsi_cmd *cmd, enum sense_key key, enum sense_code code)
{
	cmd->status = SCSI_CHECK_CONDITION;
	cmd->sense = (struct sense){.key = key, .code = (uint16_t)code};
	cmd->in = SCSI_DATA_NONE;
	cmd->out = SCSI_DATA_NONE;
	cmd->in_len = 0;
	cmd->out_len = 0;
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

/* Sequential: a table of some thirty rows fits a few cache lines, and the frequent ones are few. */
static const struct scsi_op *find(const uint8_t *cdb, bool *ret_opcode_known)
{
	*ret_opcode_known = false;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].opcode != cdb[0])
			continue;
		*ret_opcode_known = true;
		if (ops[i].service_action == SCSI_SA_NONE ||
		    ops[i].service_action == (cdb[1] & SERVICE_ACTION_MASK))
			return &ops[i];
	}
	return NULL;
}

void scsi_start(struct scsi_cmd *cmd)
{
	uint16_t attention = SENSE_NONE;
	uint8_t flags;
	bool known;

	cmd->reply = writer_make(REPLY_MAX);
	cmd->op = find(cmd->cdb, &known);
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
	else
		cmd->op->start(cmd);
}

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
	if (lun_write(cmd->lun, cmd->offset + at, src, len) < 0)
		scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_WRITE_ERROR);
}

/* INFORMATION is the place of the first difference in the data (SBC-3 5.31). */
static void compare_medium(struct scsi_cmd *cmd, uint64_t at, const uint8_t *src, size_t len)
{
	uint8_t there[COMPARE_CHUNK];

	while (len > 0 && cmd->status == SCSI_GOOD) {
		size_t n = MIN(len, sizeof(there));
		size_t same = 0;

		if (lun_read(cmd->lun, cmd->offset + at, there, n) < 0) {
			scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_UNRECOVERED_READ_ERROR);
			return;
		}
		while (same < n && src[same] == there[same])
			same++;
		if (same < n) {
			scsi_fail(cmd, SENSE_MISCOMPARE, SENSE_MISCOMPARE_DURING_VERIFY);
			cmd->sense.has_information = true;
			cmd->sense.information = (uint32_t)(at + same);
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
	case SCSI_DATA_COMPARE: compare_medium(cmd, at, src, len); break;
	case SCSI_DATA_WRITE_COMPARE:
		write_medium(cmd, at, src, len);
		compare_medium(cmd, at, src, len);
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
}
