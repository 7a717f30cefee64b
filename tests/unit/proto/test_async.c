/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous Messages; expected bytes from RFC 7143 section 11.9 and SPC-4 section 4.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/async.h"

/* SenseLength 18, fixed format, UNIT ATTENTION, 3Fh/0Eh: REPORTED LUNS DATA HAS CHANGED. */
static const uint8_t luns_changed[] = {0, 18, 0x70, 0, 6,    0,    0, 0, 0, 10,
                                       0, 0,  0,    0, 0x3f, 0x0e, 0, 0, 0, 0};

static struct iscsi_async parse(uint8_t event, const uint8_t *data, uint32_t len)
{
	uint8_t bhs[ISCSI_BHS_LEN] = {0x32,
	                              0x80,
	                              [7] = (uint8_t)len,
	                              [8] = 0,
	                              5,
	                              [16] = 0xff,
	                              0xff,
	                              0xff,
	                              0xff,
	                              [36] = event,
	                              7,
	                              0,
	                              1,
	                              0,
	                              2,
	                              1,
	                              3};
	struct iscsi_async a;
	struct pdu pdu;

	assert_int_equal(pdu_decode(bhs, &pdu), 0);
	pdu.data = data;
	iscsi_async_parse(&pdu, &a);
	return a;
}

static void the_fields_are_where_the_figure_has_them(void **state)
{
	struct iscsi_async a = parse(ISCSI_ASYNC_DROP_CONNECTION, NULL, 0);

	(void)state;
	assert_int_equal(a.event, 2);
	assert_int_equal(a.vcode, 7);
	assert_int_equal(a.param1, 1);
	assert_int_equal(a.param2, 2);
	assert_int_equal(a.param3, 0x103);
	assert_int_equal(a.lun, 5);
	assert_false(a.has_sense);
}

static void sense_data_of_either_format_is_read(void **state)
{
	/* descriptor format, UNIT ATTENTION, 2Ah/09h: CAPACITY DATA HAS CHANGED */
	static const uint8_t capacity_changed[] = {0, 8, 0x72, 6, 0x2a, 0x09, 0, 0, 0, 0};
	struct iscsi_async a = parse(ISCSI_ASYNC_SCSI, luns_changed, sizeof(luns_changed));

	(void)state;
	assert_true(a.has_sense);
	assert_int_equal(a.sense_key, 6);
	assert_int_equal(a.asc, 0x3f);
	assert_int_equal(a.ascq, 0x0e);
	a = parse(ISCSI_ASYNC_SCSI, capacity_changed, sizeof(capacity_changed));
	assert_true(a.has_sense);
	assert_int_equal(a.sense_key, 6);
	assert_int_equal(a.asc, 0x2a);
	assert_int_equal(a.ascq, 0x09);
}

/* Up to the ASCQ, which is byte 13 of the sense data. */
static void data_that_is_cut_anywhere_is_no_sense_data(void **state)
{
	(void)state;
	for (uint32_t len = 0; len <= sizeof(luns_changed); len++) {
		struct iscsi_async a = parse(ISCSI_ASYNC_SCSI, luns_changed, len);

		assert_int_equal(a.has_sense, len >= 16);
		if (!a.has_sense)
			assert_int_equal(a.asc | a.ascq | a.sense_key, 0);
	}
}

static void a_sense_length_of_its_own_counts_too(void **state)
{
	uint8_t data[sizeof(luns_changed)];

	(void)state;
	for (uint8_t announced = 0; announced < 40; announced++) {
		memcpy(data, luns_changed, sizeof(data));
		data[1] = announced;
		assert_int_equal(parse(ISCSI_ASYNC_SCSI, data, sizeof(data)).has_sense,
		                 announced >= 14);
	}
}

static void other_response_codes_and_events_have_no_sense_data(void **state)
{
	uint8_t data[sizeof(luns_changed)];

	(void)state;
	memcpy(data, luns_changed, sizeof(data));
	data[2] = 0x7f; /* vendor specific */
	assert_false(parse(ISCSI_ASYNC_SCSI, data, sizeof(data)).has_sense);
	assert_false(parse(ISCSI_ASYNC_VENDOR, luns_changed, sizeof(luns_changed)).has_sense);
}

/* Linux, scsilun_to_int(): the first two bytes are the lowest bits. */
static void a_lun_of_several_levels_is_the_number_that_linux_has(void **state)
{
	const struct pdu pdu = {.opcode = ISCSI_OP_ASYNC, .lun = {0x40, 0x01, 0x00, 0x02}};
	struct iscsi_async a;

	(void)state;
	iscsi_async_parse(&pdu, &a);
	assert_int_equal(a.lun, 0x24001);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_are_where_the_figure_has_them),
		cmocka_unit_test(sense_data_of_either_format_is_read),
		cmocka_unit_test(data_that_is_cut_anywhere_is_no_sense_data),
		cmocka_unit_test(a_sense_length_of_its_own_counts_too),
		cmocka_unit_test(other_response_codes_and_events_have_no_sense_data),
		cmocka_unit_test(a_lun_of_several_levels_is_the_number_that_linux_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
