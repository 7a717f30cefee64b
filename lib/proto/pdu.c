/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Basic header segments by one layout table: each row is a field of RFC 7143 section 11, with
 * its place on the wire and in struct pdu.  Decoding and encoding walk the same rows, so what one
 * of them understands the other can say.
 */
#include "lib/proto/pdu.h"

#include <errno.h>
#include <string.h>

/* Integers are 1, 2 or 4 bytes wide; any other width is a string of bytes. */
struct field {
	uint8_t at;    /* offset in the header */
	uint8_t width; /* on the wire and in struct pdu */
	uint16_t in_pdu;
};

struct layout {
	const char *name;
	const struct field *fields;
	size_t count;
};

#define FIELD(at, member)                                                                          \
	{                                                                                          \
		(at), sizeof(((struct pdu *)0)->member), offsetof(struct pdu, member)              \
	}

#define LAYOUT(name, ...)                                                                          \
	{                                                                                          \
		(name), (const struct field[]){__VA_ARGS__},                                       \
			sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field)         \
	}

/* Every PDU has these (11.2.1); opcode and I bit share a byte and stand in the code below. */
enum { AT_OPCODE = 0, AT_AHS_WORDS = 4, AT_DATA_LEN = 5 };

static const struct field common[] = {
	FIELD(1, flags),
	FIELD(AT_AHS_WORDS, ahs_words),
	FIELD(16, itt),
};

/* What many PDUs have in common. */
#define FROM_INITIATOR FIELD(24, cmd_sn), FIELD(28, exp_stat_sn)
#define FROM_TARGET    FIELD(24, stat_sn), FIELD(28, exp_cmd_sn), FIELD(32, max_cmd_sn)

/* clang-format off */
static const struct layout layouts[ISCSI_OP_MASK + 1] = {
	/* 11.3 */
	[ISCSI_OP_SCSI_CMD] = LAYOUT("SCSI Command",
		FIELD(8, lun), FIELD(20, transfer_len), FROM_INITIATOR, FIELD(32, cdb)),
	/* 11.4: the SNACK Tag stands where others have a Target Transfer Tag */
	[ISCSI_OP_SCSI_RSP] = LAYOUT("SCSI Response",
		FIELD(2, response), FIELD(3, status), FIELD(20, ttt), FROM_TARGET,
		FIELD(36, data_sn), FIELD(40, bidi_residual), FIELD(44, residual)),
	/* 11.5 */
	[ISCSI_OP_TMF_REQ] = LAYOUT("Task Management Function Request",
		FIELD(8, lun), FIELD(20, ref_itt), FROM_INITIATOR, FIELD(32, ref_cmd_sn),
		FIELD(36, data_sn)),
	/* 11.6 */
	[ISCSI_OP_TMF_RSP] = LAYOUT("Task Management Function Response",
		FIELD(2, response), FROM_TARGET),
	/* 11.7 */
	[ISCSI_OP_DATA_OUT] = LAYOUT("SCSI Data-Out",
		FIELD(8, lun), FIELD(20, ttt), FIELD(28, exp_stat_sn), FIELD(36, data_sn),
		FIELD(40, buffer_offset)),
	[ISCSI_OP_DATA_IN] = LAYOUT("SCSI Data-In",
		FIELD(3, status), FIELD(8, lun), FIELD(20, ttt), FROM_TARGET, FIELD(36, data_sn),
		FIELD(40, buffer_offset), FIELD(44, residual)),
	/* 11.8 */
	[ISCSI_OP_R2T] = LAYOUT("Ready To Transfer",
		FIELD(8, lun), FIELD(20, ttt), FROM_TARGET, FIELD(36, data_sn),
		FIELD(40, buffer_offset), FIELD(44, transfer_len)),
	/* 11.9 */
	[ISCSI_OP_ASYNC] = LAYOUT("Asynchronous Message",
		FIELD(8, lun), FROM_TARGET, FIELD(36, async_event), FIELD(37, async_vcode),
		FIELD(38, param1), FIELD(40, param2), FIELD(42, param3)),
	/* 11.10 */
	[ISCSI_OP_TEXT_REQ] = LAYOUT("Text Request",
		FIELD(8, lun), FIELD(20, ttt), FROM_INITIATOR),
	/* 11.11 */
	[ISCSI_OP_TEXT_RSP] = LAYOUT("Text Response",
		FIELD(8, lun), FIELD(20, ttt), FROM_TARGET),
	/* 11.12 */
	[ISCSI_OP_LOGIN_REQ] = LAYOUT("Login Request",
		FIELD(2, version_max), FIELD(3, version_min), FIELD(8, isid), FIELD(14, tsih),
		FIELD(20, cid), FROM_INITIATOR),
	/* 11.13 */
	[ISCSI_OP_LOGIN_RSP] = LAYOUT("Login Response",
		FIELD(2, version_max), FIELD(3, version_min), FIELD(8, isid), FIELD(14, tsih),
		FROM_TARGET, FIELD(36, status_class), FIELD(37, status_detail)),
	/* 11.14 */
	[ISCSI_OP_LOGOUT_REQ] = LAYOUT("Logout Request",
		FIELD(20, cid), FROM_INITIATOR),
	/* 11.15 */
	[ISCSI_OP_LOGOUT_RSP] = LAYOUT("Logout Response",
		FIELD(2, response), FROM_TARGET, FIELD(40, time2wait), FIELD(42, time2retain)),
	/* 11.16 */
	[ISCSI_OP_SNACK_REQ] = LAYOUT("SNACK Request",
		FIELD(8, lun), FIELD(20, ttt), FIELD(28, exp_stat_sn), FIELD(40, beg_run),
		FIELD(44, run_length)),
	/* 11.17 */
	[ISCSI_OP_REJECT] = LAYOUT("Reject",
		FIELD(2, reason), FROM_TARGET, FIELD(36, data_sn)),
	/* 11.18 */
	[ISCSI_OP_NOP_OUT] = LAYOUT("NOP-Out",
		FIELD(8, lun), FIELD(20, ttt), FROM_INITIATOR),
	/* 11.19 */
	[ISCSI_OP_NOP_IN] = LAYOUT("NOP-In",
		FIELD(8, lun), FIELD(20, ttt), FROM_TARGET),
};
/* clang-format on */

static void decode_fields(const uint8_t *bhs, const struct field *f, size_t count, struct pdu *pdu)
{
	for (; count > 0; f++, count--) {
		struct cursor c = cursor_make(bhs + f->at, f->width);
		void *dst = (char *)pdu + f->in_pdu;

		switch (f->width) {
		case 2: cursor_be16(&c, dst); break;
		case 4: cursor_be32(&c, dst); break;
		default: cursor_copy(&c, dst, f->width); break;
		}
	}
}

static void put_be(uint8_t *dst, size_t width, uint32_t v)
{
	for (size_t i = width; i-- > 0; v >>= 8)
		dst[i] = (uint8_t)v;
}

static void encode_fields(const struct pdu *pdu, const struct field *f, size_t count, uint8_t *bhs)
{
	for (; count > 0; f++, count--) {
		const void *src = (const char *)pdu + f->in_pdu;

		switch (f->width) {
		case 2: put_be(bhs + f->at, 2, *(const uint16_t *)src); break;
		case 4: put_be(bhs + f->at, 4, *(const uint32_t *)src); break;
		default: memcpy(bhs + f->at, src, f->width); break;
		}
	}
}

bool pdu_opcode_known(uint8_t opcode)
{
	return opcode <= ISCSI_OP_MASK && layouts[opcode].name;
}

const char *pdu_opcode_name(uint8_t opcode)
{
	return pdu_opcode_known(opcode) ? layouts[opcode].name : "unknown opcode";
}

int pdu_decode(const uint8_t bhs[static ISCSI_BHS_LEN], struct pdu *ret)
{
	uint8_t opcode = bhs[AT_OPCODE] & ISCSI_OP_MASK;
	const struct layout *layout = &layouts[opcode];
	struct cursor data_len = cursor_make(bhs + AT_DATA_LEN, 3);

	*ret = (struct pdu){
		.opcode = opcode,
		.immediate = bhs[AT_OPCODE] & ISCSI_OP_IMMEDIATE,
	};
	cursor_be24(&data_len, &ret->data_len);
	decode_fields(bhs, common, ARRAY_LEN(common), ret);
	if (!layout->name)
		return -EBADMSG;
	decode_fields(bhs, layout->fields, layout->count, ret);
	return 0;
}

void pdu_encode(const struct pdu *pdu, uint8_t ret_bhs[static ISCSI_BHS_LEN])
{
	uint8_t opcode = pdu->opcode & ISCSI_OP_MASK;
	const struct layout *layout = &layouts[opcode];

	memset(ret_bhs, 0, ISCSI_BHS_LEN);
	ret_bhs[AT_OPCODE] = opcode | (pdu->immediate ? ISCSI_OP_IMMEDIATE : 0);
	put_be(ret_bhs + AT_DATA_LEN, 3, pdu->data_len);
	encode_fields(pdu, common, ARRAY_LEN(common), ret_bhs);
	encode_fields(pdu, layout->fields, layout->count, ret_bhs);
}

void pdu_write(struct writer *w, const struct pdu *pdu)
{
	uint8_t bhs[ISCSI_BHS_LEN];

	pdu_encode(pdu, bhs);
	writer_bytes(w, bhs, sizeof(bhs));
	writer_bytes(w, pdu->ahs, (size_t)pdu->ahs_words * 4);
	writer_bytes(w, pdu->data, pdu->data_len);
	writer_zeros(w, pdu_padding(pdu->data_len));
}
