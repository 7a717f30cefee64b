/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MODE SENSE (SPC-4 6.11 and 6.12): a row a page.
 */
#include "tests/target/scsi.h"

enum {
	DBD = 0x08,   /* no block descriptors, please */
	LLBAA = 0x10, /* long ones may come */
	PAGE_CONTROL_SHIFT = 6,
	PAGE_MASK = 0x3f,
	ALL_PAGES = 0x3f,
	ALL_SUBPAGES = 0xff,
	WRITE_PROTECT = 0x80,
	DPOFUA = 0x10,
	LONG_LBA = 0x01,
	DESCRIPTOR_LEN = 8,
	LONG_DESCRIPTOR_LEN = 16,
	PAGE_MAX = 20,
};

enum page_control {
	PAGE_CURRENT,
	PAGE_CHANGEABLE,
	PAGE_DEFAULT,
	PAGE_SAVED,
};

/* Nothing can be changed, so current and default values are the same. */
static const struct {
	uint8_t len; /* with its two bytes of header */
	uint8_t bytes[PAGE_MAX];
} pages[] = {
	/* caching, SBC-3 6.4.5: WCE, since data rests in memory until SYNCHRONIZE CACHE */
	{20, {0x08, 18, 0x04}},
	/* control, SPC-4 7.5.8: commands may be reordered */
	{12, {0x0a, 10, 0x00, 0x10}},
};

static void put_descriptor(struct writer *w, const struct lun *l, bool is_long)
{
	uint64_t blocks = l->size / l->block_size;

	if (is_long) {
		writer_be64(w, blocks);
		writer_be32(w, 0);
		writer_be32(w, l->block_size);
	} else {
		writer_be32(w, blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks);
		writer_be32(w, l->block_size);
	}
}

static bool put_pages(struct writer *w, uint8_t wanted, enum page_control control)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (wanted != ALL_PAGES && wanted != pages[i].bytes[0])
			continue;
		found = true;
		writer_bytes(w, pages[i].bytes, control == PAGE_CHANGEABLE ? 2 : pages[i].len);
		if (control == PAGE_CHANGEABLE)
			writer_zeros(w, pages[i].len - 2U);
	}
	return found;
}

void scsi_mode_sense(struct scsi_cmd *cmd)
{
	bool is_6 = cmd->cdb[0] == SCSI_MODE_SENSE_6;
	bool is_long = !is_6 && cmd->cdb[1] & LLBAA;
	size_t descriptor = cmd->cdb[1] & DBD ? 0 : is_long ? LONG_DESCRIPTOR_LEN : DESCRIPTOR_LEN;
	enum page_control control = cmd->cdb[2] >> PAGE_CONTROL_SHIFT;
	uint8_t device = DPOFUA | (cmd->lun->read_only ? WRITE_PROTECT : 0);
	uint8_t subpage = cmd->cdb[3];
	struct cursor c = cursor_make(cmd->cdb + 7, 2);
	uint16_t allocation = cmd->cdb[4];
	struct writer *w = &cmd->reply;

	if (control == PAGE_SAVED) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_SAVING_NOT_SUPPORTED);
		return;
	}
	if (is_6) {
		writer_u8(w, 0);
		writer_u8(w, 0);
		writer_u8(w, device);
		writer_u8(w, (uint8_t)descriptor);
	} else {
		cursor_be16(&c, &allocation);
		writer_be16(w, 0);
		writer_u8(w, 0);
		writer_u8(w, device);
		writer_u8(w, is_long ? LONG_LBA : 0);
		writer_u8(w, 0);
		writer_be16(w, (uint16_t)descriptor);
	}
	if (descriptor > 0)
		put_descriptor(w, cmd->lun, is_long);
	if ((subpage != 0 && subpage != ALL_SUBPAGES) ||
	    !put_pages(w, cmd->cdb[2] & PAGE_MASK, control)) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_FIELD_IN_CDB);
		return;
	}
	/* the mode data length does not count itself; all there is fits its low byte */
	if (writer_status(w) == 0)
		w->data[is_6 ? 0 : 1] = (uint8_t)(w->len - (is_6 ? 1 : 2));
	scsi_reply(cmd, allocation);
}
