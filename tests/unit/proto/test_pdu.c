/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of every PDU against bytes written by hand from the figures of RFC 7143 section 11:
 * each byte of a field is told from every other, reserved bytes are zero.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/proto/pdu.h"

struct sample {
	const char *name;
	uint8_t bhs[ISCSI_BHS_LEN];
	struct pdu pdu;
};

/* clang-format off */
#define LUN_BYTES 0x00, 0x05, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16
#define LUN_FIELD  {0x00, 0x05, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16}
#define NO_LUN     0, 0, 0, 0, 0, 0, 0, 0
#define ISID_BYTES 0x80, 0x12, 0x34, 0x56, 0x78, 0x9a

/* DataSegmentLength 0x010203, ITT 0xa1a2a3a4 and the two triples of sequence numbers throughout */
#define LENGTHS        0x00, 0x01, 0x02, 0x03
#define ITT_BYTES      0xa1, 0xa2, 0xa3, 0xa4
#define WORD_20        0xb1, 0xb2, 0xb3, 0xb4
#define WORD_24        0xc1, 0xc2, 0xc3, 0xc4
#define WORD_28        0xd1, 0xd2, 0xd3, 0xd4
#define WORD_32        0xe1, 0xe2, 0xe3, 0xe4
#define WORD_36        0xf1, 0xf2, 0xf3, 0xf4
#define WORD_40        0x41, 0x42, 0x43, 0x44
#define WORD_44        0x51, 0x52, 0x53, 0x54
#define ZERO           0, 0, 0, 0
#define COMMON         .data_len = 0x010203, .itt = 0xa1a2a3a4
#define FROM_INITIATOR .cmd_sn = 0xc1c2c3c4, .exp_stat_sn = 0xd1d2d3d4
#define FROM_TARGET    .stat_sn = 0xc1c2c3c4, .exp_cmd_sn = 0xd1d2d3d4, .max_cmd_sn = 0xe1e2e3e4

static const struct sample samples[] = {
	{"SCSI Command",
	 {0x41, 0xe1, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, 0x28, 1,
	  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	 {.opcode = 0x01, .immediate = true, .flags = 0xe1, COMMON, .lun = LUN_FIELD,
	  .transfer_len = 0xb1b2b3b4, FROM_INITIATOR,
	  .cdb = {0x28, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
	{"SCSI Response",
	 {0x21, 0x92, 0x01, 0x02, LENGTHS, NO_LUN, ITT_BYTES, WORD_20, WORD_24, WORD_28,
	  WORD_32, WORD_36, WORD_40, WORD_44},
	 {.opcode = 0x21, .flags = 0x92, .response = 0x01, .status = 0x02, COMMON,
	  .ttt = 0xb1b2b3b4, FROM_TARGET, .data_sn = 0xf1f2f3f4, .bidi_residual = 0x41424344,
	  .residual = 0x51525354}},
	{"Task Management Function Request",
	 {0x42, 0x81, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, WORD_32,
	  WORD_36, ZERO, ZERO},
	 {.opcode = 0x02, .immediate = true, .flags = 0x81, COMMON, .lun = LUN_FIELD,
	  .ref_itt = 0xb1b2b3b4, FROM_INITIATOR, .ref_cmd_sn = 0xe1e2e3e4, .data_sn = 0xf1f2f3f4}},
	{"Task Management Function Response",
	 {0x22, 0x80, 0x05, 0, LENGTHS, NO_LUN, ITT_BYTES, ZERO, WORD_24, WORD_28, WORD_32,
	  ZERO, ZERO, ZERO},
	 {.opcode = 0x22, .flags = 0x80, .response = 0x05, COMMON, FROM_TARGET}},
	{"SCSI Data-Out",
	 {0x05, 0x80, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, ZERO, WORD_28, ZERO,
	  WORD_36, WORD_40, ZERO},
	 {.opcode = 0x05, .flags = 0x80, COMMON, .lun = LUN_FIELD, .ttt = 0xb1b2b3b4,
	  .exp_stat_sn = 0xd1d2d3d4, .data_sn = 0xf1f2f3f4, .buffer_offset = 0x41424344}},
	{"SCSI Data-In",
	 {0x25, 0x83, 0, 0x08, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28,
	  WORD_32, WORD_36, WORD_40, WORD_44},
	 {.opcode = 0x25, .flags = 0x83, .status = 0x08, COMMON, .lun = LUN_FIELD,
	  .ttt = 0xb1b2b3b4, FROM_TARGET, .data_sn = 0xf1f2f3f4, .buffer_offset = 0x41424344,
	  .residual = 0x51525354}},
	{"Ready To Transfer",
	 {0x31, 0x80, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, WORD_32,
	  WORD_36, WORD_40, WORD_44},
	 {.opcode = 0x31, .flags = 0x80, COMMON, .lun = LUN_FIELD, .ttt = 0xb1b2b3b4,
	  FROM_TARGET, .data_sn = 0xf1f2f3f4, .buffer_offset = 0x41424344,
	  .transfer_len = 0x51525354}},
	{"Asynchronous Message",
	 {0x32, 0x80, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, ZERO, WORD_24, WORD_28, WORD_32,
	  0x02, 0x31, 0x32, 0x33, WORD_40, ZERO},
	 {.opcode = 0x32, .flags = 0x80, COMMON, .lun = LUN_FIELD, FROM_TARGET,
	  .async_event = 0x02, .async_vcode = 0x31, .param1 = 0x3233, .param2 = 0x4142,
	  .param3 = 0x4344}},
	{"Text Request",
	 {0x44, 0xc0, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, ZERO,
	  ZERO, ZERO, ZERO},
	 {.opcode = 0x04, .immediate = true, .flags = 0xc0, COMMON, .lun = LUN_FIELD,
	  .ttt = 0xb1b2b3b4, FROM_INITIATOR}},
	{"Text Response",
	 {0x24, 0x40, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, WORD_32,
	  ZERO, ZERO, ZERO},
	 {.opcode = 0x24, .flags = 0x40, COMMON, .lun = LUN_FIELD, .ttt = 0xb1b2b3b4,
	  FROM_TARGET}},
	{"Login Request",
	 {0x43, 0x87, 0x04, 0x03, LENGTHS, ISID_BYTES, 0x21, 0x22, ITT_BYTES, 0xb1, 0xb2, 0, 0,
	  WORD_24, WORD_28, ZERO, ZERO, ZERO, ZERO},
	 {.opcode = 0x03, .immediate = true, .flags = 0x87, .version_max = 0x04,
	  .version_min = 0x03, COMMON, .isid = {ISID_BYTES}, .tsih = 0x2122, .cid = 0xb1b2,
	  FROM_INITIATOR}},
	{"Login Response",
	 {0x23, 0x87, 0x04, 0x03, LENGTHS, ISID_BYTES, 0x21, 0x22, ITT_BYTES, ZERO, WORD_24,
	  WORD_28, WORD_32, 0x02, 0x07, 0, 0, ZERO, ZERO},
	 {.opcode = 0x23, .flags = 0x87, .version_max = 0x04, .version_min = 0x03, COMMON,
	  .isid = {ISID_BYTES}, .tsih = 0x2122, FROM_TARGET, .status_class = 0x02,
	  .status_detail = 0x07}},
	{"Logout Request",
	 {0x46, 0x81, 0, 0, LENGTHS, NO_LUN, ITT_BYTES, 0xb1, 0xb2, 0, 0, WORD_24, WORD_28,
	  ZERO, ZERO, ZERO, ZERO},
	 {.opcode = 0x06, .immediate = true, .flags = 0x81, COMMON, .cid = 0xb1b2,
	  FROM_INITIATOR}},
	{"Logout Response",
	 {0x26, 0x80, 0x03, 0, LENGTHS, NO_LUN, ITT_BYTES, ZERO, WORD_24, WORD_28, WORD_32,
	  ZERO, WORD_40, ZERO},
	 {.opcode = 0x26, .flags = 0x80, .response = 0x03, COMMON, FROM_TARGET,
	  .time2wait = 0x4142, .time2retain = 0x4344}},
	{"SNACK Request",
	 {0x10, 0x82, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, ZERO, WORD_28, ZERO, ZERO,
	  WORD_40, WORD_44},
	 {.opcode = 0x10, .flags = 0x82, COMMON, .lun = LUN_FIELD, .ttt = 0xb1b2b3b4,
	  .exp_stat_sn = 0xd1d2d3d4, .beg_run = 0x41424344, .run_length = 0x51525354}},
	{"Reject",
	 {0x3f, 0x80, 0x09, 0, LENGTHS, NO_LUN, ITT_BYTES, ZERO, WORD_24, WORD_28, WORD_32,
	  WORD_36, ZERO, ZERO},
	 {.opcode = 0x3f, .flags = 0x80, .reason = 0x09, COMMON, FROM_TARGET,
	  .data_sn = 0xf1f2f3f4}},
	{"NOP-Out",
	 {0x40, 0x80, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, ZERO,
	  ZERO, ZERO, ZERO},
	 {.opcode = 0x00, .immediate = true, .flags = 0x80, COMMON, .lun = LUN_FIELD,
	  .ttt = 0xb1b2b3b4, FROM_INITIATOR}},
	{"NOP-In",
	 {0x20, 0x80, 0, 0, LENGTHS, LUN_BYTES, ITT_BYTES, WORD_20, WORD_24, WORD_28, WORD_32,
	  ZERO, ZERO, ZERO},
	 {.opcode = 0x20, .flags = 0x80, COMMON, .lun = LUN_FIELD, .ttt = 0xb1b2b3b4,
	  FROM_TARGET}},
};
/* clang-format on */

/* Field by field, since padding between members may differ. */
static void assert_same(const struct pdu *a, const struct pdu *b)
{
#define SAME(member) assert_memory_equal(&a->member, &b->member, sizeof(a->member))
	SAME(opcode), SAME(immediate), SAME(flags), SAME(ahs_words), SAME(data_len), SAME(lun);
	SAME(itt), SAME(ttt), SAME(cmd_sn), SAME(exp_cmd_sn), SAME(max_cmd_sn), SAME(stat_sn);
	SAME(exp_stat_sn), SAME(data_sn), SAME(buffer_offset), SAME(transfer_len), SAME(residual);
	SAME(bidi_residual), SAME(cdb), SAME(response), SAME(status), SAME(isid), SAME(tsih);
	SAME(cid), SAME(version_max), SAME(version_min), SAME(status_class), SAME(status_detail);
	SAME(ref_itt), SAME(ref_cmd_sn), SAME(beg_run), SAME(run_length), SAME(time2wait);
	SAME(time2retain), SAME(async_event), SAME(async_vcode), SAME(param1), SAME(param2);
	SAME(param3), SAME(reason);
#undef SAME
}

static void each_opcode_is_decoded_as_drawn(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct sample *s = &samples[i];
		struct pdu pdu;

		print_message("%s\n", s->name);
		assert_int_equal(pdu_decode(s->bhs, &pdu), 0);
		assert_same(&pdu, &s->pdu);
		assert_null(pdu.ahs);
		assert_null(pdu.data);
	}
}

static void each_opcode_is_encoded_as_drawn(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		uint8_t bhs[ISCSI_BHS_LEN];

		print_message("%s\n", samples[i].name);
		memset(bhs, 0xee, sizeof(bhs));
		pdu_encode(&samples[i].pdu, bhs);
		assert_memory_equal(bhs, samples[i].bhs, sizeof(bhs));
	}
}

static void every_opcode_of_the_rfc_has_a_sample(void **state _unused_)
{
	size_t known = 0;

	for (unsigned int op = 0; op <= 0xff; op++)
		known += pdu_opcode_known((uint8_t)op);
	assert_int_equal(known, 18);
	assert_int_equal(ARRAY_LEN(samples), known);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		assert_string_equal(pdu_opcode_name(samples[i].pdu.opcode), samples[i].name);
	assert_string_equal(pdu_opcode_name(0x08), "unknown opcode");
	assert_string_equal(pdu_opcode_name(0xff), "unknown opcode");
}

static void fields_of_other_opcodes_are_not_sent(void **state _unused_)
{
	static const uint8_t nop[ISCSI_BHS_LEN] = {0x00, 0x80};
	uint8_t bhs[ISCSI_BHS_LEN];
	struct pdu pdu = {.opcode = ISCSI_OP_NOP_OUT,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .stat_sn = 1,
	                  .residual = 2,
	                  .cdb = {3},
	                  .tsih = 4};

	pdu_encode(&pdu, bhs);
	assert_memory_equal(bhs, nop, sizeof(bhs));
}

static void an_unknown_opcode_gives_the_common_fields(void **state _unused_)
{
	static const uint8_t bhs[ISCSI_BHS_LEN] = {0x48, 0x54, 0,    0,    0x02, 0x00, 0x01, 0x00,
	                                           1,    2,    3,    4,    5,    6,    7,    8,
	                                           0x0a, 0x0b, 0x0c, 0x0d, 9,    9,    9,    9};
	struct pdu pdu;

	assert_int_equal(pdu_decode(bhs, &pdu), -EBADMSG);
	assert_same(&pdu, &(struct pdu){.opcode = 0x08,
	                                .immediate = true,
	                                .flags = 0x54,
	                                .ahs_words = 2,
	                                .data_len = 256,
	                                .itt = 0x0a0b0c0d});
}

static void a_written_pdu_has_ahs_data_and_padding(void **state _unused_)
{
	static const uint8_t ahs[8] = {0, 5, 2, 0, 0, 0, 2, 0};
	struct writer w = writer_make(256);
	struct pdu pdu = {.opcode = ISCSI_OP_SCSI_CMD,
	                  .ahs_words = 2,
	                  .ahs = ahs,
	                  .data_len = 5,
	                  .data = (const uint8_t *)"hello"};

	pdu_write(&w, &pdu);
	assert_int_equal(writer_status(&w), 0);
	assert_int_equal(w.len, ISCSI_BHS_LEN + 8 + 5 + 3);
	assert_int_equal(w.data[4], 2);
	assert_int_equal(w.data[7], 5);
	assert_memory_equal(w.data + ISCSI_BHS_LEN, ahs, sizeof(ahs));
	assert_memory_equal(w.data + ISCSI_BHS_LEN + 8, "hello\0\0\0", 8);
	writer_done(&w);
}

static void padding_fills_words(void **state _unused_)
{
	static const size_t expected[] = {0, 3, 2, 1, 0, 3};

	for (size_t len = 0; len < ARRAY_LEN(expected); len++)
		assert_int_equal(pdu_padding(len), expected[len]);
	assert_int_equal(pdu_padding(ISCSI_DATA_SEGMENT_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_opcode_is_decoded_as_drawn),
		cmocka_unit_test(each_opcode_is_encoded_as_drawn),
		cmocka_unit_test(every_opcode_of_the_rfc_has_a_sample),
		cmocka_unit_test(fields_of_other_opcodes_are_not_sent),
		cmocka_unit_test(an_unknown_opcode_gives_the_common_fields),
		cmocka_unit_test(a_written_pdu_has_ahs_data_and_padding),
		cmocka_unit_test(padding_fills_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
