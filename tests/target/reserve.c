/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reservations in front of every command: RESERVE(6) of SPC-2, which lasts as long as its nexus,
 * and persistent ones (pr.h).  A LUN has one kind or the other, never both.
 */
#include "tests/target/scsi.h"

/* Forms of commands that write as such but disturb nobody (SPC-4 table 67, SBC-3 table 16). */
static const struct {
	uint8_t opcode;
	uint8_t mask; /* of byte 4 */
	uint8_t value;
} harmless[] = {
	{SCSI_START_STOP_UNIT, 0xf1, 0x01},       /* START, no power condition */
	{SCSI_PREVENT_ALLOW_REMOVAL, 0x03, 0x00}, /* allow */
};

static bool is_harmless(const struct scsi_cmd *cmd)
{
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (harmless[i].opcode == cmd->cdb[0])
			return (cmd->cdb[4] & harmless[i].mask) == harmless[i].value;
	return false;
}

bool reserve_conflicts(const struct scsi_cmd *cmd)
{
	const struct lun *l = cmd->lun;
	uint16_t flags = cmd->op->flags;

	if (l->reserved_by && l->reserved_by != cmd->nexus)
		return !(flags & SCSI_OP_SHARED) && !is_harmless(cmd);
	if (l->pr.type == PR_NONE || !(flags & (SCSI_OP_READS | SCSI_OP_WRITES)))
		return false;
	return pr_conflicts(&l->pr, cmd->nexus->port, flags & SCSI_OP_WRITES) && !is_harmless(cmd);
}

/* SPC-4 5.12.3: where persistent reservations are in use, these two conflict. */
static bool persistent_in_use(struct scsi_cmd *cmd)
{
	if (!cmd->lun->pr.registrations)
		return false;
	scsi_refuse(cmd, SCSI_RESERVATION_CONFLICT);
	return true;
}

void scsi_reserve_6(struct scsi_cmd *cmd)
{
	if (!persistent_in_use(cmd))
		cmd->lun->reserved_by = cmd->nexus;
}

void scsi_release_6(struct scsi_cmd *cmd)
{
	if (!persistent_in_use(cmd) && cmd->lun->reserved_by == cmd->nexus)
		cmd->lun->reserved_by = NULL;
}
