/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * WRITE SAME, UNMAP and GET LBA STATUS (SBC-3 5.49, 5.28, 5.4).
 */
#include <string.h>

#include "tests/target/scsi.h"

enum {
	ANCHOR = 0x10, /* CDB byte 1 of WRITE SAME; of UNMAP it is bit 0 */
	UNMAP_BIT = 0x08,
	OBSOLETE = 0x06, /* PBDATA and LBDATA of SBC-2 */
	NO_DATA = 0x01,  /* NDOB, WRITE SAME(16) only */
	UNMAP_ANCHOR = 0x01,
	/* the parameter list of UNMAP */
	UNMAP_HEADER_LEN = 8,
	UNMAP_DESCRIPTOR_LEN = 16,
	/* GET LBA STATUS */
	STATUS_HEADER_LEN = 8,
	STATUS_DESCRIPTOR_LEN = 16,
	STATUS_DESCRIPTORS_MAX = 256,
	STATUS_MIN_ALLOCATION = STATUS_HEADER_LEN + STATUS_DESCRIPTOR_LEN,
	MAPPED = 0,
	DEALLOCATED = 1,
	WRITE_CHUNK = 65536,
};

/* ---- WRITE SAME --------------------------------------------------------------------------- */

/*
 * The bytes of the range; 0 blocks go to the end of the medium (WSNZ is 0).  Returns false when it
 * ended the command.
 */
static bool same_range(struct scsi_cmd *cmd, uint64_t *ret_len)
{
	uint64_t max = (uint64_t)SCSI_MAX_WRITE_SAME_BLOCKS * cmd->lun->block_size;

	if (!scsi_check_range(cmd, UINT32_MAX, ret_len))
		return false;
	if (*ret_len == 0)
		*ret_len = cmd->lun->size - cmd->offset;
	if (*ret_len <= max)
		return true;
	scsi_invalid_cdb(cmd);
	return false;
}

void scsi_write_same(struct scsi_cmd *cmd)
{
	bool no_data = cmd->cdb[0] == SCSI_WRITE_SAME_16 && cmd->cdb[1] & NO_DATA;
	bool unmap = cmd->cdb[1] & UNMAP_BIT;
	uint64_t len;

	/* anchored blocks do not exist here (ANC_SUP) */
	if (cmd->cdb[1] & (ANCHOR | OBSOLETE) || (unmap && !cmd->lun->thin)) {
		scsi_invalid_cdb(cmd);
		return;
	}
	if (!scsi_check_protect(cmd) || !scsi_check_writable(cmd) || !same_range(cmd, &len) ||
	    no_data || (unmap && cmd->out_size == 0))
		return;
	if (cmd->out_size != cmd->lun->block_size)
		scsi_invalid_cdb(cmd);
	else
		scsi_want(cmd, cmd->lun->block_size);
}

static int write_same(struct lun *l, uint64_t at, uint64_t len, const uint8_t *block)
{
	uint8_t chunk[WRITE_CHUNK];
	int r = 0;

	for (size_t i = 0; i < sizeof(chunk); i += l->block_size)
		memcpy(chunk + i, block, l->block_size);
	while (len > 0 && r == 0) {
		size_t n = (size_t)MIN(len, (uint64_t)sizeof(chunk));

		r = lun_write(l, at, chunk, n);
		at += n;
		len -= n;
	}
	return r;
}

void scsi_write_same_end(struct scsi_cmd *cmd)
{
	static const uint8_t zeros[LUN_BLOCK_MAX];
	const uint8_t *block = cmd->parameters.len > 0 ? cmd->parameters.data : zeros;
	struct lun *l = cmd->lun;
	uint64_t len;
	int r;

	if (!same_range(cmd, &len))
		return;
	/* asked for both, the block goes unless the unmapping does: as other targets have it */
	if (cmd->cdb[1] & UNMAP_BIT)
		r = lun_unmap(l, cmd->offset, len);
	else
		r = write_same(l, cmd->offset, len, block);
	if (r < 0)
		scsi_write_failed(cmd, r);
}

/* ---- UNMAP -------------------------------------------------------------------------------- */

void scsi_unmap(struct scsi_cmd *cmd)
{
	uint16_t len = scsi_cdb_be16(cmd, 7);

	if (cmd->cdb[1] & UNMAP_ANCHOR) {
		scsi_invalid_cdb(cmd);
		return;
	}
	if (!scsi_check_writable(cmd) || len == 0)
		return;
	if (len < UNMAP_HEADER_LEN)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
	else
		scsi_want(cmd, len);
}

/* One descriptor: checked, or with run carried out.  Returns false when it ended the command. */
static bool unmap_one(struct scsi_cmd *cmd, struct cursor *c, bool run, uint64_t *total)
{
	struct lun *l = cmd->lun;
	uint64_t capacity = l->size / l->block_size;
	uint64_t lba = 0;
	uint32_t blocks = 0;

	cursor_be64(c, &lba);
	cursor_be32(c, &blocks);
	cursor_skip(c, 4);
	*total += blocks;
	if (lba > capacity || blocks > capacity - lba)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LBA_OUT_OF_RANGE);
	else if (*total > SCSI_MAX_UNMAP_BLOCKS)
		scsi_invalid_parameter(cmd);
	else if (run && lun_unmap(l, lba * l->block_size, (uint64_t)blocks * l->block_size) < 0)
		scsi_fail(cmd, SENSE_MEDIUM_ERROR, SENSE_WRITE_ERROR);
	return cmd->status == SCSI_GOOD;
}

/* All descriptors are checked before the first is carried out; one that is cut off does not count.
 */
void scsi_unmap_end(struct scsi_cmd *cmd)
{
	struct cursor list = cursor_make(cmd->parameters.data, cmd->parameters.len);
	uint16_t len = 0;
	size_t count;

	if (cmd->parameters.len == 0)
		return;
	cursor_skip(&list, 2);
	cursor_be16(&list, &len);
	cursor_skip(&list, 4);
	count = MIN((size_t)len, cursor_left(&list)) / UNMAP_DESCRIPTOR_LEN;
	if (count > SCSI_MAX_UNMAP_DESCRIPTORS) {
		scsi_invalid_parameter(cmd);
		return;
	}
	for (int run = 0; run < 2; run++) {
		struct cursor c = list;
		uint64_t total = 0;

		for (size_t i = 0; i < count; i++)
			if (!unmap_one(cmd, &c, run, &total))
				return;
	}
}

/* ---- GET LBA STATUS ----------------------------------------------------------------------- */

void scsi_get_lba_status(struct scsi_cmd *cmd)
{
	const struct lun *l = cmd->lun;
	uint64_t lba = scsi_cdb_be64(cmd, 2);
	uint32_t allocation = scsi_cdb_be32(cmd, 10);
	struct writer *w = &cmd->reply;
	uint32_t count;
	uint64_t at;

	if (lba >= l->size / l->block_size) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LBA_OUT_OF_RANGE);
		return;
	}
	if (allocation < STATUS_MIN_ALLOCATION) {
		scsi_invalid_cdb(cmd);
		return;
	}
	allocation =
		MIN(allocation, STATUS_HEADER_LEN + STATUS_DESCRIPTORS_MAX * STATUS_DESCRIPTOR_LEN);
	count = (allocation - STATUS_HEADER_LEN) / STATUS_DESCRIPTOR_LEN;
	writer_zeros(w, STATUS_HEADER_LEN);
	at = lba * l->block_size;
	for (uint32_t i = 0; i < count && at < l->size; i++) {
		bool mapped;
		uint64_t end = lun_extent(l, at, &mapped);
		uint64_t blocks = MIN((end - at) / l->block_size, (uint64_t)UINT32_MAX);

		writer_be64(w, at / l->block_size);
		writer_be32(w, (uint32_t)blocks);
		writer_u8(w, mapped ? MAPPED : DEALLOCATED);
		writer_zeros(w, 3);
		at += blocks * l->block_size;
	}
	/* PARAMETER DATA LENGTH counts what follows it */
	if (writer_status(w) == 0) {
		w->data[2] = (uint8_t)((w->len - 4) >> 8);
		w->data[3] = (uint8_t)(w->len - 4);
	}
	scsi_reply(cmd, allocation);
}
