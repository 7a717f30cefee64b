/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INQUIRY: standard data and vital product data pages (SPC-4 6.6 and 7.8, SBC-3 6.5), a row a page.
 */
#include <stdio.h>
#include <string.h>

#include "tests/target/scsi.h"

enum {
	EVPD = 0x01,
	/* byte 0: peripheral qualifier and device type */
	DISK = 0x00,
	NO_SUCH_LUN = 0x7f,
	VERSION_SPC4 = 0x06,
	HISUP_FORMAT_2 = 0x12,
	REMOVABLE = 0x80,
	TPGS_BOTH = 0x30, /* implicit and explicit ALUA */
	CMDQUE = 0x02,
	STANDARD_LEN = 96,
	LENGTH_AT = 4, /* byte of the additional length, which counts what follows */
	VERSION_DESCRIPTORS_AT = 58,
	PAGE_HEADER_LEN = 4,
	LIMITS_LEN = 0x3c,
	/* designators, SPC-4 7.8.6 */
	CODE_SET_BINARY = 1,
	CODE_SET_ASCII = 2,
	CODE_SET_UTF8 = 3,
	OF_TARGET_PORT = 0x90, /* PIV and ASSOCIATION 01b */
	DESIGNATOR_T10 = 1,
	DESIGNATOR_NAA = 3,
	DESIGNATOR_RELATIVE_PORT = 4,
	DESIGNATOR_PORT_GROUP = 5,
	DESIGNATOR_NAME = 8,
	NAA_LOCALLY_ASSIGNED = 3,
	EXTENDED_LEN = 0x3c,
	TASK_ATTRIBUTES = 0x07, /* HEADSUP, ORDSUP, SIMPSUP */
	NOT_ROTATING = 1,
	/* logical block provisioning, SBC-3 6.5.4 */
	UNMAPS = 0x80 | 0x40 | 0x20, /* LBPU, LBPWS, LBPWS10 */
	READS_ZERO = 0x04,
	TYPE_THIN = 2,
};

#define VENDOR   "TOOLKIT "
#define PRODUCT  "companion target"
#define REVISION "0001"

static void standard(struct scsi_cmd *cmd)
{
	/* SAM-5, iSCSI, SPC-4, SBC-3 */
	static const uint16_t versions[] = {0x00a0, 0x0960, 0x0460, 0x04c0};
	struct writer *w = &cmd->reply;

	writer_u8(w, cmd->lun ? DISK : NO_SUCH_LUN);
	writer_u8(w, cmd->lun && cmd->lun->removable ? REMOVABLE : 0);
	writer_u8(w, VERSION_SPC4);
	writer_u8(w, HISUP_FORMAT_2);
	writer_u8(w, STANDARD_LEN - LENGTH_AT - 1);
	writer_u8(w, TPGS_BOTH);
	writer_u8(w, 0);
	writer_u8(w, CMDQUE);
	writer_str(w, VENDOR PRODUCT REVISION);
	writer_zeros(w, VERSION_DESCRIPTORS_AT - w->len);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		writer_be16(w, versions[i]);
	writer_zeros(w, STANDARD_LEN - w->len);
}

static void serial_number(struct scsi_cmd *cmd)
{
	writer_str(&cmd->reply, cmd->lun->serial);
}

static void put_port_designator(struct writer *w, uint8_t type, uint16_t value)
{
	writer_u8(w, SCSI_PROTOCOL_ISCSI << 4 | CODE_SET_BINARY);
	writer_u8(w, OF_TARGET_PORT | type);
	writer_be16(w, 4);
	writer_be16(w, 0);
	writer_be16(w, value);
}

/* The target port's name: that of the target, ",t,0x" and its portal group tag (RFC 7143 4.4). */
static void put_port_name(struct writer *w, const char *target)
{
	size_t len = strlen(target) + strlen(",t,0x0001") + 1;
	size_t padded = (len + 3) / 4 * 4;

	writer_u8(w, SCSI_PROTOCOL_ISCSI << 4 | CODE_SET_UTF8);
	writer_u8(w, OF_TARGET_PORT | DESIGNATOR_NAME);
	writer_be16(w, (uint16_t)padded);
	writer_printf(w, "%s,t,0x%04x", target, ALUA_PORT);
	writer_zeros(w, padded - len + 1);
}

static void identification(struct scsi_cmd *cmd)
{
	struct writer *w = &cmd->reply;

	writer_u8(w, CODE_SET_BINARY);
	writer_u8(w, DESIGNATOR_NAA);
	writer_be16(w, sizeof(cmd->lun->id));
	writer_be64(w, (uint64_t)NAA_LOCALLY_ASSIGNED << 60 | cmd->lun->id >> 4);
	writer_u8(w, CODE_SET_ASCII);
	writer_u8(w, DESIGNATOR_T10);
	writer_be16(w, (uint16_t)(strlen(VENDOR) + strlen(cmd->lun->serial)));
	writer_str(w, VENDOR);
	writer_str(w, cmd->lun->serial);
	put_port_designator(w, DESIGNATOR_RELATIVE_PORT, ALUA_PORT);
	put_port_designator(w, DESIGNATOR_PORT_GROUP, ALUA_GROUP);
	put_port_name(w, cmd->nexus->target->name);
}

static void extended_inquiry(struct scsi_cmd *cmd)
{
	writer_u8(&cmd->reply, 0);
	writer_u8(&cmd->reply, TASK_ATTRIBUTES);
	writer_zeros(&cmd->reply, EXTENDED_LEN - 2);
}

static void block_limits(struct scsi_cmd *cmd)
{
	const struct lun *l = cmd->lun;
	struct writer *w = &cmd->reply;

	writer_u8(w, 0); /* WSNZ: WRITE SAME of 0 blocks goes to the end */
	writer_u8(w, SCSI_MAX_COMPARE_AND_WRITE_BLOCKS);
	writer_be16(w, (uint16_t)(l->physical_size / l->block_size));
	writer_be32(w, SCSI_MAX_TRANSFER_BLOCKS);
	writer_zeros(w, 8);
	writer_be32(w, l->thin ? SCSI_MAX_UNMAP_BLOCKS : 0);
	writer_be32(w, l->thin ? SCSI_MAX_UNMAP_DESCRIPTORS : 0);
	writer_be32(w, l->thin ? l->granule / l->block_size : 0);
	writer_be32(w, 0);
	writer_be64(w, SCSI_MAX_WRITE_SAME_BLOCKS);
	writer_zeros(w, LIMITS_LEN + PAGE_HEADER_LEN - w->len);
}

static void characteristics(struct scsi_cmd *cmd)
{
	writer_be16(&cmd->reply, NOT_ROTATING);
	writer_zeros(&cmd->reply, LIMITS_LEN - 2);
}

static void provisioning(struct scsi_cmd *cmd)
{
	bool thin = cmd->lun->thin;

	writer_u8(&cmd->reply, 0);
	writer_u8(&cmd->reply, thin ? UNMAPS | READS_ZERO : 0);
	writer_u8(&cmd->reply, thin ? TYPE_THIN : 0);
	writer_u8(&cmd->reply, 0);
}

static void supported_pages(struct scsi_cmd *cmd);

/* In ascending order, as page 00 has to list them. */
static const struct {
	uint8_t page;
	scsi_handler put;
} pages[] = {
	{0x00, supported_pages},  {0x80, serial_number}, {0x83, identification},
	{0x86, extended_inquiry}, {0xb0, block_limits},  {0xb1, characteristics},
	{0xb2, provisioning},
};

static void supported_pages(struct scsi_cmd *cmd)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		writer_u8(&cmd->reply, pages[i].page);
}

static bool vital_product_data(struct scsi_cmd *cmd, uint8_t page)
{
	struct writer *w = &cmd->reply;
	size_t i = 0;

	while (i < ARRAY_LEN(pages) && pages[i].page != page)
		i++;
	if (i == ARRAY_LEN(pages))
		return false;
	writer_u8(w, DISK);
	writer_u8(w, page);
	writer_be16(w, 0);
	pages[i].put(cmd);
	if (writer_status(w) == 0) {
		w->data[PAGE_HEADER_LEN - 2] = (uint8_t)((w->len - PAGE_HEADER_LEN) >> 8);
		w->data[PAGE_HEADER_LEN - 1] = (uint8_t)(w->len - PAGE_HEADER_LEN);
	}
	return true;
}

void scsi_inquiry(struct scsi_cmd *cmd)
{
	uint8_t page = cmd->cdb[2];

	if (!(cmd->cdb[1] & EVPD)) {
		if (page != 0) {
			scsi_invalid_cdb(cmd);
			return;
		}
		standard(cmd);
	} else if (!cmd->lun) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_LUN_NOT_SUPPORTED);
		return;
	} else if (!vital_product_data(cmd, page)) {
		scsi_invalid_cdb(cmd);
		return;
	}
	scsi_reply(cmd, scsi_cdb_be16(cmd, 3));
}
