/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/proto/async.h"

#include "lib/base/cursor.h"

/* SPC-4 section 4.5: response codes, and where fixed format sense data has what. */
enum {
	SENSE_CODE_MASK = 0x7f,
	SENSE_FIXED_CURRENT = 0x70,
	SENSE_FIXED_DEFERRED = 0x71,
	SENSE_DESCRIPTOR_CURRENT = 0x72,
	SENSE_DESCRIPTOR_DEFERRED = 0x73,
	SENSE_KEY_MASK = 0x0f,
	FIXED_BEFORE_KEY = 1,
	FIXED_KEY_TO_ASC = 9,
};

static bool read_fixed(struct cursor *in, struct iscsi_async *a)
{
	return cursor_skip(in, FIXED_BEFORE_KEY) == 0 && cursor_u8(in, &a->sense_key) == 0 &&
	       cursor_skip(in, FIXED_KEY_TO_ASC) == 0 && cursor_u8(in, &a->asc) == 0 &&
	       cursor_u8(in, &a->ascq) == 0;
}

static bool read_descriptor(struct cursor *in, struct iscsi_async *a)
{
	return cursor_u8(in, &a->sense_key) == 0 && cursor_u8(in, &a->asc) == 0 &&
	       cursor_u8(in, &a->ascq) == 0;
}

static bool read_sense(struct cursor in, struct iscsi_async *a)
{
	uint8_t code;

	if (cursor_u8(&in, &code) < 0)
		return false;
	switch (code & SENSE_CODE_MASK) {
	case SENSE_FIXED_CURRENT:
	case SENSE_FIXED_DEFERRED: return read_fixed(&in, a);
	case SENSE_DESCRIPTOR_CURRENT:
	case SENSE_DESCRIPTOR_DEFERRED: return read_descriptor(&in, a);
	}
	return false;
}

static uint64_t lun_number(const uint8_t lun[static 8])
{
	uint64_t number = 0;

	for (unsigned int level = 0; level < 4; level++) {
		const uint64_t bits = (uint64_t)lun[2 * level] << 8 | lun[2 * level + 1];

		number |= bits << (16 * level);
	}
	return number;
}

void iscsi_async_parse(const struct pdu *pdu, struct iscsi_async *ret)
{
	struct cursor in = cursor_make(pdu->data, pdu->data ? pdu->data_len : 0);
	struct iscsi_async a = {
		.event = pdu->async_event,
		.vcode = pdu->async_vcode,
		.param1 = pdu->param1,
		.param2 = pdu->param2,
		.param3 = pdu->param3,
		.lun = lun_number(pdu->lun),
	};
	struct iscsi_async with_sense = a;
	uint16_t sense_len;

	/* 11.9.4: its length, then sense data; a length beyond the data is cut to them */
	if (a.event == ISCSI_ASYNC_SCSI && cursor_be16(&in, &sense_len) == 0) {
		const size_t len = MIN(sense_len, cursor_left(&in));

		if (read_sense(cursor_make(in.pos, len), &with_sense)) {
			a = with_sense;
			a.has_sense = true;
			a.sense_key &= SENSE_KEY_MASK;
		}
	}
	*ret = a;
}
