/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * COMPARE AND WRITE, ORWRITE, PRE-FETCH (SBC-3 5.2, 5.17, 5.14).
 */
#include "tests/unit/target/scsi_fixture.h"

static void compare_and_write_writes_what_was_compared(void **state)
{
	uint8_t data[4 * BLOCK] = {0};
	struct scsi_cmd cmd;

	memset(data + 2 * BLOCK, 0x11, 2 * BLOCK);
	cmd = RUN(*state, 0, data, sizeof(data), SCSI_COMPARE_AND_WRITE, 0, 0, 0, 0, 0, 0, 0, 0, 7,
	          0, 0, 0, 2);
	assert_int_equal(cmd.out_len, 4 * BLOCK);
	assert_good(&cmd);
	assert_medium(*state, 0, 6 * BLOCK, BLOCK, 0);
	assert_medium(*state, 0, 7 * BLOCK, 2 * BLOCK, 0x11);
	assert_medium(*state, 0, 9 * BLOCK, BLOCK, 0);
}

static void a_miscompare_writes_nothing(void **state)
{
	uint8_t data[4 * BLOCK] = {0};
	struct scsi_cmd cmd;

	data[BLOCK + 3] = 1;
	memset(data + 2 * BLOCK, 0x11, 2 * BLOCK);
	cmd = RUN(*state, 0, data, sizeof(data), SCSI_COMPARE_AND_WRITE, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	          0, 0, 0, 2);
	assert_true(cmd.sense.has_information);
	assert_int_equal(cmd.sense.information, BLOCK + 3);
	assert_sense(&cmd, SENSE_MISCOMPARE, 0x1d00);
	assert_medium(*state, 0, 0, 2 * BLOCK, 0);
}

static void compare_and_write_is_checked(void **state)
{
	static const struct {
		uint16_t lun;
		uint8_t byte1;
		uint8_t lba;
		uint8_t blocks;
		size_t data_len;
		enum sense_key key;
		uint16_t code;
	} cases[] = {
		{LUN_PLAIN, 0x20, 0, 1, 2 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400},
		{LUN_PLAIN, 0, 0, 129, 258 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400}, /* page B0 */
		{LUN_PLAIN, 0, 0, 1, 4 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400},     /* too much */
		{LUN_PLAIN, 0, 0, 3, 4 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400},     /* too little */
		{LUN_PLAIN, 0, 0x08, 1, 2 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2100},  /* LBA 0x800 */
		{LUN_PROTECTED, 0, 0, 1, 2 * BLOCK, SENSE_DATA_PROTECT, 0x2700},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const uint8_t cdb[SCSI_CDB_LEN] = {
			SCSI_COMPARE_AND_WRITE,
			cases[i].byte1, [8] = cases[i].lba, [13] = cases[i].blocks};
		struct scsi_cmd cmd = start_as(&((struct fixture *)*state)->nexus, cases[i].lun,
		                               cdb, sizeof(cdb), cases[i].data_len);

		assert_sense(&cmd, cases[i].key, cases[i].code);
	}
}

static void comparing_no_blocks_is_no_error(void **state)
{
	struct scsi_cmd cmd = RUN(*state, 0, NULL, 0, SCSI_COMPARE_AND_WRITE, 0);

	assert_good(&cmd);
}

static void orwrite_sets_bits_and_clears_none(void **state)
{
	uint8_t data[BLOCK];
	struct scsi_cmd cmd;

	memset(data, 0x0f, sizeof(data));
	cmd = RUN(*state, 0, data, BLOCK, SCSI_WRITE_10, 0, 0, 0, 0, 2, 0, 0, 1);
	assert_good(&cmd);
	memset(data, 0x50, sizeof(data));
	cmd = RUN(*state, 0, data, BLOCK, SCSI_ORWRITE_16, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1);
	assert_good(&cmd);
	assert_medium(*state, 0, 2 * BLOCK, BLOCK, 0x5f);
	assert_medium(*state, 0, 3 * BLOCK, BLOCK, 0);
	cmd = RUN(*state, LUN_PROTECTED, data, BLOCK, SCSI_ORWRITE_16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	          0, 0, 1);
	assert_sense(&cmd, SENSE_DATA_PROTECT, 0x2700);
}

static void pre_fetch_knows_the_end(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_PRE_FETCH_10, 0x02, 0, 0, 0x07, 0xff, 0, 0, 1);
	assert_good(&cmd);
	cmd = START(*state, 0, SCSI_PRE_FETCH_10, 0x02, 0, 0, 0x07, 0xff, 0, 0, 2);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
	cmd = START(*state, 0, SCSI_PRE_FETCH_16, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(compare_and_write_writes_what_was_compared),
		TEST(a_miscompare_writes_nothing),
		TEST(compare_and_write_is_checked),
		TEST(comparing_no_blocks_is_no_error),
		TEST(orwrite_sets_bits_and_clears_none),
		TEST(pre_fetch_knows_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
