/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The medium as a whole: its capacity, and whether it is there (SBC-3).
 */
#include "tests/target/scsi.h"

enum {
	START = 0x01,
	LOAD_EJECT = 0x02,
	POWER_MASK = 0xf0,
	PREVENT = 0x03, /* SBC-3 5.13: 00b allows removal */
	READ_CAPACITY_16_LEN = 32,
	PROVISIONED = 0x80, /* LBPME */
	READS_ZERO = 0x40,  /* LBPRZ */
};

static unsigned int exponent(uint32_t power_of_2)
{
	return (unsigned int)__builtin_ctz(power_of_2);
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
	const struct lun *l = cmd->lun;

	writer_be64(&cmd->reply, l->size / l->block_size - 1);
	writer_be32(&cmd->reply, l->block_size);
	writer_u8(&cmd->reply, 0); /* no protection information */
	writer_u8(&cmd->reply, (uint8_t)exponent(l->physical_size / l->block_size));
	writer_u8(&cmd->reply, l->thin ? PROVISIONED | READS_ZERO : 0);
	writer_zeros(&cmd->reply, READ_CAPACITY_16_LEN - cmd->reply.len);
	scsi_reply(cmd, scsi_cdb_be32(cmd, 10));
}

static bool prevented(const struct scsi_cmd *cmd)
{
	for (const struct nexus *n = cmd->nexus->target->nexuses; n; n = n->next)
		if (n->prevents[cmd->lun_number])
			return true;
	return false;
}

/*
 * Start and stop of a medium that stays change nothing, and neither do power conditions: with one,
 * START and LOEJ do not count (SBC-3 5.25).
 */
void scsi_start_stop(struct scsi_cmd *cmd)
{
	bool load = cmd->cdb[4] & START;
	struct lun *l = cmd->lun;

	if (cmd->cdb[4] & POWER_MASK || !(cmd->cdb[4] & LOAD_EJECT))
		return;
	if (!l->removable) {
		scsi_invalid_cdb(cmd);
	} else if (prevented(cmd)) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_REMOVAL_PREVENTED);
	} else if (load != l->loaded) {
		if (!load)
			scsi_sync(cmd);
		l->loaded = load;
		if (load)
			nexus_attention_all(cmd->nexus->target, cmd->lun_number,
			                    SENSE_MEDIUM_MAY_HAVE_CHANGED, cmd->nexus);
	}
}

void scsi_prevent_allow(struct scsi_cmd *cmd)
{
	cmd->nexus->prevents[cmd->lun_number] = cmd->cdb[4] & PREVENT;
}
