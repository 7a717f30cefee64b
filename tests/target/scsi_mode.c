/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mode pages (SPC-4 6.11 to 6.14 and 7.5), a row a page.  The bits that MODE SELECT can change are
 * rows, too: each is a flag of the LUN, which all nexuses share and a reset clears.
 */
#include <stddef.h>
#include <string.h>

#include "tests/target/scsi.h"

enum {
	DBD = 0x08,   /* no block descriptors, please */
	LLBAA = 0x10, /* long ones may come */
	PAGE_FORMAT = 0x10,
	SAVE_PAGES = 0x01,
	PAGE_CONTROL_SHIFT = 6,
	PAGE_MASK = 0x3f,
	ALL_PAGES = 0x3f,
	ALL_SUBPAGES = 0xff,
	WRITE_PROTECT = 0x80,
	DPOFUA = 0x10,
	LONG_LBA = 0x01,
	HEADER_6_LEN = 4,
	HEADER_10_LEN = 8,
	DESCRIPTOR_LEN = 8,
	LONG_DESCRIPTOR_LEN = 16,
	PAGE_HEADER_LEN = 2,
	PAGE_MAX = 20,
	CONTROL_PAGE = 0x0a,
};

enum page_control {
	PAGE_CURRENT,
	PAGE_CHANGEABLE,
	PAGE_DEFAULT,
	PAGE_SAVED,
};

/* As they are by default. */
static const struct page {
	uint8_t len; /* with its two bytes of header */
	uint8_t bytes[PAGE_MAX];
} pages[] = {
	/* caching, SBC-3 6.4.5: WCE, since data rests in memory until SYNCHRONIZE CACHE */
	{20, {0x08, 18, 0x04}},
	/* control, SPC-4 7.5.8: commands may be reordered */
	{12, {CONTROL_PAGE, 10, 0x00, 0x10}},
};

/* What can be changed. */
static const struct changeable {
	uint8_t page;
	uint8_t byte;
	uint8_t mask;
	size_t flag; /* a bool in struct lun */
} changeables[] = {
	{CONTROL_PAGE, 2, 0x04, offsetof(struct lun, descriptor_sense)}, /* D_SENSE */
	{CONTROL_PAGE, 4, 0x08, offsetof(struct lun, software_protect)}, /* SWP */
};

static bool *flag_of(struct lun *l, const struct changeable *c)
{
	return (bool *)((char *)l + c->flag);
}

/* The bytes of a page as page control asks for them. */
static void fill_page(const struct page *page, enum page_control control, struct lun *l,
                      uint8_t ret[static PAGE_MAX])
{
	memcpy(ret, page->bytes, PAGE_MAX);
	if (control == PAGE_CHANGEABLE)
		memset(ret + PAGE_HEADER_LEN, 0, PAGE_MAX - PAGE_HEADER_LEN);
	for (size_t i = 0; i < ARRAY_LEN(changeables); i++) {
		const struct changeable *c = &changeables[i];

		if (c->page == page->bytes[0] &&
		    (control == PAGE_CHANGEABLE || (control == PAGE_CURRENT && *flag_of(l, c))))
			ret[c->byte] |= c->mask;
	}
}

static uint32_t short_block_count(const struct lun *l)
{
	return (uint32_t)MIN(l->size / l->block_size, (uint64_t)UINT32_MAX);
}

static void put_descriptor(struct writer *w, const struct lun *l, bool is_long)
{
	if (is_long) {
		writer_be64(w, l->size / l->block_size);
		writer_be32(w, 0);
		writer_be32(w, l->block_size);
	} else {
		writer_be32(w, short_block_count(l));
		writer_be32(w, l->block_size);
	}
}

static bool put_pages(struct scsi_cmd *cmd, uint8_t wanted, enum page_control control)
{
	uint8_t bytes[PAGE_MAX];
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (wanted != ALL_PAGES && wanted != pages[i].bytes[0])
			continue;
		found = true;
		fill_page(&pages[i], control, cmd->lun, bytes);
		writer_bytes(&cmd->reply, bytes, pages[i].len);
	}
	return found;
}

void scsi_mode_sense(struct scsi_cmd *cmd)
{
	bool is_6 = cmd->cdb[0] == SCSI_MODE_SENSE_6;
	bool is_long = !is_6 && cmd->cdb[1] & LLBAA;
	size_t descriptor = cmd->cdb[1] & DBD ? 0 : is_long ? LONG_DESCRIPTOR_LEN : DESCRIPTOR_LEN;
	enum page_control control = cmd->cdb[2] >> PAGE_CONTROL_SHIFT;
	bool is_protected = cmd->lun->read_only || cmd->lun->software_protect;
	uint8_t device = DPOFUA | (is_protected ? WRITE_PROTECT : 0);
	uint8_t subpage = cmd->cdb[3];
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
	    !put_pages(cmd, cmd->cdb[2] & PAGE_MASK, control)) {
		scsi_invalid_cdb(cmd);
		return;
	}
	/* the mode data length does not count itself; all there is fits its low byte */
	if (writer_status(w) == 0)
		w->data[is_6 ? 0 : 1] = (uint8_t)(w->len - (is_6 ? 1 : 2));
	scsi_reply(cmd, is_6 ? cmd->cdb[4] : scsi_cdb_be16(cmd, 7));
}

/* ---- MODE SELECT -------------------------------------------------------------------------- */

void scsi_mode_select(struct scsi_cmd *cmd)
{
	bool is_6 = cmd->cdb[0] == SCSI_MODE_SELECT_6;
	size_t len = is_6 ? cmd->cdb[4] : scsi_cdb_be16(cmd, 7);

	if (!(cmd->cdb[1] & PAGE_FORMAT) || cmd->cdb[1] & SAVE_PAGES)
		scsi_invalid_cdb(cmd);
	else if (len > 0)
		scsi_want(cmd, len);
}

/* The header; at ret the length of the block descriptors, 16 bytes each with ret_long. */
static int take_header(struct scsi_cmd *cmd, struct cursor *c, size_t *ret, bool *ret_long)
{
	uint16_t len16 = 0;
	uint8_t flags = 0, len8 = 0;

	*ret_long = false;
	if (cmd->cdb[0] == SCSI_MODE_SELECT_6) {
		if (cursor_skip(c, HEADER_6_LEN - 1) < 0 || cursor_u8(c, &len8) < 0)
			return -1;
		*ret = len8;
		return 0;
	}
	if (cursor_skip(c, 4) < 0 || cursor_u8(c, &flags) < 0 || cursor_skip(c, 1) < 0 ||
	    cursor_be16(c, &len16) < 0)
		return -1;
	*ret_long = flags & LONG_LBA;
	*ret = len16;
	return 0;
}

/* A block descriptor can say what is so already, and nothing else: a count of 0 or all ones, too.
 */
static bool descriptor_fits(struct cursor *c, const struct lun *l, bool is_long)
{
	uint64_t blocks = 0;
	uint32_t blocks32 = 0, size = 0;

	if (is_long) {
		if (cursor_be64(c, &blocks) < 0 || cursor_skip(c, 4) < 0 ||
		    cursor_be32(c, &size) < 0)
			return false;
		return size == l->block_size &&
		       (blocks == 0 || blocks == UINT64_MAX || blocks == l->size / l->block_size);
	}
	if (cursor_be32(c, &blocks32) < 0 || cursor_be32(c, &size) < 0)
		return false;
	return (size & 0xffffff) == l->block_size &&
	       (blocks32 == 0 || blocks32 == UINT32_MAX || blocks32 == short_block_count(l));
}

static const struct page *find_page(uint8_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (pages[i].bytes[0] == code)
			return &pages[i];
	return NULL;
}

/*
 * The next page of the list: checked, or with run carried out.  Returns whether all that cannot be
 * changed stays as it is; *changed is set when something else became different.
 */
static bool take_page(struct cursor *c, struct lun *l, bool run, bool *changed)
{
	uint8_t now[PAGE_MAX], mask[PAGE_MAX];
	const struct page *page = cursor_left(c) > 0 ? find_page(c->pos[0]) : NULL;
	const uint8_t *wanted;

	if (!page || cursor_bytes(c, page->len, &wanted) < 0 || wanted[1] != page->bytes[1])
		return false;
	fill_page(page, PAGE_CURRENT, l, now);
	fill_page(page, PAGE_CHANGEABLE, l, mask);
	for (size_t i = PAGE_HEADER_LEN; i < page->len; i++)
		if ((now[i] ^ wanted[i]) & ~mask[i])
			return false;
	for (size_t i = 0; i < ARRAY_LEN(changeables) && run; i++) {
		const struct changeable *row = &changeables[i];
		bool on = wanted[row->byte] & row->mask;

		if (row->page != page->bytes[0] || *flag_of(l, row) == on)
			continue;
		*flag_of(l, row) = on;
		*changed = true;
	}
	return true;
}

/* All of the list is checked before the first change. */
void scsi_mode_select_end(struct scsi_cmd *cmd)
{
	struct cursor c = cursor_make(cmd->parameters.data, cmd->parameters.len);
	bool is_long, changed = false;
	size_t descriptor;

	if (cursor_left(&c) == 0)
		return;
	if (take_header(cmd, &c, &descriptor, &is_long) < 0 || cursor_left(&c) < descriptor) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
		return;
	}
	if (descriptor > 0 && (descriptor != (is_long ? LONG_DESCRIPTOR_LEN : DESCRIPTOR_LEN) ||
	                       !descriptor_fits(&c, cmd->lun, is_long))) {
		scsi_invalid_parameter(cmd);
		return;
	}
	for (int run = 0; run < 2; run++) {
		struct cursor list = c;

		while (cursor_left(&list) > 0)
			if (!take_page(&list, cmd->lun, run, &changed)) {
				scsi_invalid_parameter(cmd);
				return;
			}
	}
	if (changed)
		nexus_attention_all(cmd->nexus->target, cmd->lun_number,
		                    SENSE_MODE_PARAMETERS_CHANGED, cmd->nexus);
}
