/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block commands (SBC-3): reading, writing, comparing, cache.
 */
#include "tests/target/scsi.h"

enum {
	PROTECT_MASK = 0xe0, /* RDPROTECT, WRPROTECT, VRPROTECT: 0, as there is no protection */
	BYTCHK_MASK = 0x06,
	BYTCHK_NONE = 0x00,
	BYTCHK_COMPARE = 0x02,
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

bool scsi_check_range(struct scsi_cmd *cmd, uint32_t max_blocks, uint64_t *ret_len)
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
		scsi_invalid_cdb(cmd);
		return false;
	}
	cmd->offset = lba * cmd->lun->block_size;
	*ret_len = (uint64_t)blocks * cmd->lun->block_size;
	return true;
}

/* Six-byte CDBs have neither protection nor FUA there. */
bool scsi_check_protect(struct scsi_cmd *cmd)
{
	if (scsi_cdb_len(cmd->cdb[0]) == 6 || !(cmd->cdb[1] & PROTECT_MASK))
		return true;
	scsi_invalid_cdb(cmd);
	return false;
}

bool scsi_check_writable(struct scsi_cmd *cmd)
{
	if (cmd->lun->read_only)
		scsi_fail(cmd, SENSE_DATA_PROTECT, SENSE_WRITE_PROTECTED);
	else if (cmd->lun->software_protect)
		scsi_fail(cmd, SENSE_DATA_PROTECT, SENSE_SOFTWARE_WRITE_PROTECTED);
	return cmd->status == SCSI_GOOD;
}

void scsi_sync(struct scsi_cmd *cmd)
{
	if (lun_sync(cmd->lun) < 0)
		scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_WRITE_ERROR);
}

/* ---- reading and writing ------------------------------------------------------------------ */

void scsi_read(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (!scsi_check_protect(cmd) || !scsi_check_range(cmd, SCSI_MAX_TRANSFER_BLOCKS, &len))
		return;
	cmd->in = SCSI_DATA_MEDIUM;
	cmd->in_len = len;
}

/* Data of the CDB's range comes and goes where out says. */
static void take_range(struct scsi_cmd *cmd, enum scsi_data out)
{
	uint64_t len;

	if (!scsi_check_protect(cmd) || !scsi_check_writable(cmd) ||
	    !scsi_check_range(cmd, SCSI_MAX_TRANSFER_BLOCKS, &len))
		return;
	cmd->out = out;
	cmd->out_len = len;
}

void scsi_write(struct scsi_cmd *cmd)
{
	take_range(cmd, SCSI_DATA_MEDIUM);
}

void scsi_orwrite(struct scsi_cmd *cmd)
{
	take_range(cmd, SCSI_DATA_OR);
}

void scsi_write_end(struct scsi_cmd *cmd)
{
	if (scsi_cdb_len(cmd->cdb[0]) > 6 && cmd->cdb[1] & SCSI_FUA)
		scsi_sync(cmd);
}

/* ---- comparing ---------------------------------------------------------------------------- */

/* SBC-3 5.34: with BYTCHK 00b the medium is read only, which nothing here could fail to do. */
static bool check_bytchk(struct scsi_cmd *cmd)
{
	uint8_t bytchk = cmd->cdb[1] & BYTCHK_MASK;

	if (bytchk == BYTCHK_NONE || bytchk == BYTCHK_COMPARE)
		return true;
	scsi_invalid_cdb(cmd);
	return false;
}

void scsi_write_and_verify(struct scsi_cmd *cmd)
{
	bool compare = (cmd->cdb[1] & BYTCHK_MASK) == BYTCHK_COMPARE;

	if (check_bytchk(cmd))
		take_range(cmd, compare ? SCSI_DATA_WRITE_COMPARE : SCSI_DATA_MEDIUM);
}

void scsi_verify(struct scsi_cmd *cmd)
{
	bool compare = (cmd->cdb[1] & BYTCHK_MASK) == BYTCHK_COMPARE;
	uint64_t len;

	if (!scsi_check_protect(cmd) || !check_bytchk(cmd) ||
	    !scsi_check_range(cmd, compare ? SCSI_MAX_TRANSFER_BLOCKS : UINT32_MAX, &len) ||
	    !compare)
		return;
	cmd->out = SCSI_DATA_COMPARE;
	cmd->out_len = len;
}

/*
 * SBC-3 5.2: twice the range, first what must be there, then what is to be there.  All of it is
 * kept, so that no other command comes between the two.
 */
void scsi_compare_and_write(struct scsi_cmd *cmd)
{
	uint64_t capacity = cmd->lun->size / cmd->lun->block_size;
	uint64_t lba = scsi_cdb_be64(cmd, 2);
	uint32_t blocks = cmd->cdb[13];

	if (!scsi_check_protect(cmd) || !scsi_check_writable(cmd))
		return;
	if (lba > capacity || blocks > capacity - lba) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LBA_OUT_OF_RANGE);
	} else if (blocks > SCSI_MAX_COMPARE_AND_WRITE_BLOCKS ||
	           cmd->out_size != 2ULL * blocks * cmd->lun->block_size) {
		scsi_invalid_cdb(cmd);
	} else if (blocks > 0) {
		cmd->offset = lba * cmd->lun->block_size;
		scsi_want(cmd, cmd->out_size);
	}
}

void scsi_compare_and_write_end(struct scsi_cmd *cmd)
{
	size_t half = cmd->parameters.len / 2;

	if (half == 0)
		return;
	cmd->out = SCSI_DATA_COMPARE;
	scsi_put(cmd, 0, cmd->parameters.data, half);
	if (cmd->status != SCSI_GOOD)
		return;
	cmd->out = SCSI_DATA_MEDIUM;
	scsi_put(cmd, 0, cmd->parameters.data + half, half);
	if (cmd->status == SCSI_GOOD)
		scsi_write_end(cmd);
}

/* ---- cache -------------------------------------------------------------------------------- */

/* The host's page cache may do it; CONDITION MET would promise that all of it is there. */
void scsi_pre_fetch(struct scsi_cmd *cmd)
{
	uint64_t len;

	scsi_check_range(cmd, UINT32_MAX, &len);
}

void scsi_synchronize_cache(struct scsi_cmd *cmd)
{
	uint64_t len;

	if (scsi_check_range(cmd, UINT32_MAX, &len))
		scsi_sync(cmd);
}
