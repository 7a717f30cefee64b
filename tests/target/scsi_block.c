/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block commands (SBC-3): reading, writing, verifying, capacity, cache.
 */
#include "tests/target/scsi.h"

enum {
	PROTECT_MASK = 0xe0, /* RDPROTECT, WRPROTECT, VRPROTECT: 0, as there is no protection */
	FUA = 0x08,
	BYTCHK_MASK = 0x06,
	BYTCHK_NONE = 0x00,
	BYTCHK_COMPARE = 0x02,
	START_STOP_POWER_MASK = 0xf0,
	READ_CAPACITY_16_LEN = 32,
	BLOCKS_6_ZERO = 256, /* READ(6), WRITE(6): 0 stands for 256 */
};

/* Where and how many: the places of the two numbers go with the length of the CDB. */
static void range(const struct scsi_cmd *cmd, uint64_t *ret_lba, uint32_t *ret_blocks)
{
	struct cursor c = cursor_make(cmd->cdb, SCSI_CDB_LEN);
	uint32_t lba = 0;
	uint16_t blocks16 = 0;
	uint8_t blocks8 = 0;

	*ret_lba = 0;
	*ret_blocks = 0;
	switch (scsi_cdb_len(cmd->cdb[0])) {
	case 6:
		cursor_skip(&c, 1);
		cursor_be24(&c, &lba);
		cursor_u8(&c, &blocks8);
		*ret_lba = lba & 0x1fffff;
		*ret_blocks = blocks8 ? blocks8 : BLOCKS_6_ZERO;
		break;
	case 10:
		cursor_skip(&c, 2);
		cursor_be32(&c, &lba);
		cursor_skip(&c, 1);
		cursor_be16(&c, &blocks16);
		*ret_lba = lba;
		*ret_blocks = blocks16;
		break;
	case 12:
		cursor_skip(&c, 2);
		cursor_be32(&c, &lba);
		cursor_be32(&c, ret_blocks);
		*ret_lba = lba;
		break;
	case 16:
		cursor_skip(&c, 2);
		cursor_be64(&c, ret_lba);
		cursor_be32(&c, ret_blocks);
		break;
	}
}

/*
 * Check the range of a command and set offset; false when it ended the command.  max_blocks
 * bounds what moves.
 */
static bool check_range(struct scsi_cmd *cmd, uint32_t max_blocks, uint64_t *ret_len)
{
	uint64_t capacity = cmd->lun->size / cmd->lun->block_size;
	uint32_t blocks;
	uint64_t lba;

	range(cmd, &lba, &blocks);
	if (lba > capacity || blocks > capacity - lba) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LBA_OUT_OF_RANGE);
		return false;
	}
	if (blocks > max_blocks) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
		return false;
	}
	cmd->offset = lba * cmd->lun->block_size;
	*ret_len = (uint64_t)blocks * cmd->lun->block_size;
	return true;
}

/* Six-byte CDBs have neither protection nor FUA there. */
static bool check_protect(struct scsi_cmd *cmd)
{
	if (scsi_cdb_len(cmd->cdb[0]) == 6 || !(cmd->cdb[1] & PROTECT_MASK))
		return true;
	scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
	return false;
}

static bool check_writable(struct scsi_cmd *cmd)
{
	if (!cmd->lun->read_only)
		return true;
	scsi_fail(cmd, SENSE_DATA_PROTECT, SENSE_WRITE_PROTECTED);
	return false;
}

void scsi_read(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (!check_protect(cmd) || !check_range(cmd, SCSI_MAX_TRANSFER_BLOCKS, &len))
		return;
	cmd->in = SCSI_DATA_MEDIUM;
	cmd->in_len = len;
}

void scsi_write(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (!check_protect(cmd) || !check_writable(cmd) ||
	    !check_range(cmd, SCSI_MAX_TRANSFER_BLOCKS, &len))
		return;
	cmd->out = SCSI_DATA_MEDIUM;
	cmd->out_len = len;
}

static void sync_medium(struct scsi_cmd *cmd)
{
	if (lun_sync(cmd->lun) < 0)
		scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_WRITE_ERROR);
}

void scsi_write_end(struct scsi_cmd *cmd)
{
	if (scsi_cdb_len(cmd->cdb[0]) > 6 && cmd->cdb[1] & FUA && cmd->out == SCSI_DATA_MEDIUM)
		sync_medium(cmd);
}

/* SBC-3 5.34: with BYTCHK 00b the medium is read only, which nothing here could fail to do. */
static bool check_bytchk(struct scsi_cmd *cmd)
{
	uint8_t bytchk = cmd->cdb[1] & BYTCHK_MASK;

	if (bytchk == BYTCHK_NONE || bytchk == BYTCHK_COMPARE)
		return true;
	scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
	return false;
}

void scsi_write_and_verify(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (!check_protect(cmd) || !check_bytchk(cmd) || !check_writable(cmd) ||
	    !check_range(cmd, SCSI_MAX_TRANSFER_BLOCKS, &len))
		return;
	cmd->out = (cmd->cdb[1] & BYTCHK_MASK) == BYTCHK_COMPARE ? SCSI_DATA_WRITE_COMPARE
	                                                         : SCSI_DATA_MEDIUM;
	cmd->out_len = len;
}

void scsi_verify(struct scsi_cmd *cmd)
{
	bool compare = (cmd->cdb[1] & BYTCHK_MASK) == BYTCHK_COMPARE;
	uint64_t len;

	if (!check_protect(cmd) || !check_bytchk(cmd) ||
	    !check_range(cmd, compare ? SCSI_MAX_TRANSFER_BLOCKS : UINT32_MAX, &len) || !compare)
		return;
	cmd->out = SCSI_DATA_COMPARE;
	cmd->out_len = len;
}

void scsi_synchronize_cache(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (check_range(cmd, UINT32_MAX, &len))
		sync_medium(cmd);
}

/* The medium cannot be ejected or stopped: power conditions are refused, start and stop do nothing.
 */
void scsi_start_stop(struct scsi_cmd *cmd)
{
	if (cmd->cdb[4] & START_STOP_POWER_MASK)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
}

void scsi_read_capacity_10(struct scsi_cmd *cmd)
{
	uint64_t last = cmd->lun->size / cmd->lun->block_size - 1;

	writer_be32(&cmd->reply, last > UINT32_MAX ? UINT32_MAX : (uint32_t)last);
	writer_be32(&cmd->reply, cmd->lun->block_size);
	scsi_reply(cmd, SIZE_MAX);
}

void scsi_read_capacity_16(struct scsi_cmd *cmd)
{
	struct cursor c = cursor_make(cmd->cdb + 10, 4);
	uint32_t allocation = 0;

	cursor_be32(&c, &allocation);
	writer_be64(&cmd->reply, cmd->lun->size / cmd->lun->block_size - 1);
	writer_be32(&cmd->reply, cmd->lun->block_size);
	writer_zeros(&cmd->reply, READ_CAPACITY_16_LEN - cmd->reply.len);
	scsi_reply(cmd, allocation);
}
