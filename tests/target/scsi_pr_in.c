/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PERSISTENT RESERVE IN (SPC-4 6.15).
 */
#include <string.h>

#include "tests/target/scsi.h"

enum {
	HEADER_LEN = 8, /* PRGENERATION, ADDITIONAL LENGTH */
	CAPABILITIES_LEN = 8,
	/* REPORT CAPABILITIES, 6.15.4: bytes 2 and 3, and the types in 4 and 5 */
	ALL_TARGET_PORTS = 0x04,   /* ATP_C */
	POWER_LOSS_CAPABLE = 0x01, /* PTPL_C */
	TYPES_VALID = 0x80,        /* TMV */
	POWER_LOSS_ACTIVE = 0x01,  /* PTPL_A */
	TYPES = 0xea01,            /* all six */
	HOLDER = 0x01,             /* R_HOLDER of READ FULL STATUS */
	/* transport identifier of iSCSI by name and ISID, 7.6.4.6 */
	TRANSPORT_ISCSI_PORT = 0x40 | SCSI_PROTOCOL_ISCSI,
	TRANSPORT_HEADER_LEN = 4,
	TRANSPORT_NAME_MIN = 20,
};

/* All written: the length at its place, which counts all of it whatever is allocated. */
static void reply_list(struct scsi_cmd *cmd)
{
	struct writer *w = &cmd->reply;
	uint32_t len = (uint32_t)(w->len - HEADER_LEN);

	if (writer_status(w) == 0)
		for (int i = 0; i < 4; i++)
			w->data[4 + i] = (uint8_t)(len >> 8 * (3 - i));
	scsi_reply(cmd, scsi_cdb_be16(cmd, 7));
}

static void put_header(struct scsi_cmd *cmd)
{
	writer_be32(&cmd->reply, cmd->lun->pr.generation);
	writer_be32(&cmd->reply, 0);
}

void scsi_pr_read_keys(struct scsi_cmd *cmd)
{
	put_header(cmd);
	for (struct pr_registration *r = cmd->lun->pr.registrations; r; r = r->next)
		writer_be64(&cmd->reply, r->key);
	reply_list(cmd);
}

void scsi_pr_read_reservation(struct scsi_cmd *cmd)
{
	const struct pr *pr = &cmd->lun->pr;

	put_header(cmd);
	if (pr->type != PR_NONE) {
		writer_be64(&cmd->reply, pr->holder ? pr->holder->key : 0);
		writer_zeros(&cmd->reply, 5);
		writer_u8(&cmd->reply, (uint8_t)pr->type); /* scope 0: the logical unit */
		writer_zeros(&cmd->reply, 2);
	}
	reply_list(cmd);
}

void scsi_pr_report_capabilities(struct scsi_cmd *cmd)
{
	const struct pr *pr = &cmd->lun->pr;

	writer_be16(&cmd->reply, CAPABILITIES_LEN);
	writer_u8(&cmd->reply, ALL_TARGET_PORTS | (pr->state ? POWER_LOSS_CAPABLE : 0));
	writer_u8(&cmd->reply, TYPES_VALID | (pr->aptpl ? POWER_LOSS_ACTIVE : 0));
	writer_be16(&cmd->reply, TYPES);
	writer_be16(&cmd->reply, 0);
	scsi_reply(cmd, scsi_cdb_be16(cmd, 7));
}

static uint16_t transport_name_len(const char *port)
{
	size_t len = (strlen(port) + 1 + 3) / 4 * 4;

	return (uint16_t)MAX(len, (size_t)TRANSPORT_NAME_MIN);
}

static void put_transport_id(struct writer *w, const char *port)
{
	uint16_t len = transport_name_len(port);

	writer_u8(w, TRANSPORT_ISCSI_PORT);
	writer_u8(w, 0);
	writer_be16(w, len);
	writer_str(w, port);
	writer_zeros(w, len - strlen(port));
}

void scsi_pr_read_full_status(struct scsi_cmd *cmd)
{
	const struct pr *pr = &cmd->lun->pr;
	struct writer *w = &cmd->reply;

	put_header(cmd);
	for (struct pr_registration *r = pr->registrations; r; r = r->next) {
		bool holds = pr_holds(pr, r);

		writer_be64(w, r->key);
		writer_be32(w, 0);
		writer_u8(w, holds ? HOLDER : 0);
		writer_u8(w, holds ? (uint8_t)pr->type : 0);
		writer_be32(w, 0);
		writer_be16(w, ALUA_PORT);
		writer_be32(w, TRANSPORT_HEADER_LEN + transport_name_len(r->port));
		put_transport_id(w, r->port);
	}
	reply_list(cmd);
}
