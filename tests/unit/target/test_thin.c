/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thin LUNs: UNMAP, WRITE SAME, GET LBA STATUS, and what tells of them
 * (SBC-3 4.7, 5.4, 5.28, 5.49).
 */
#include "tests/unit/target/scsi_fixture.h"

enum { GRANULE = 8 }; /* blocks */

/* Map the first 4 granules. */
static void fill(struct fixture *f)
{
	uint8_t data[4 * GRANULE * BLOCK];
	struct scsi_cmd cmd;

	memset(data, 0xaa, sizeof(data));
	cmd = RUN(f, LUN_THIN, data, sizeof(data), SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 4 * GRANULE);
	assert_good(&cmd);
}

static void an_empty_thin_lun_maps_nothing(void **state)
{
	struct scsi_cmd cmd = START(*state, LUN_THIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0,
	                            0, 0, 0, 3, 0, 0, 0, 255);

	/* one descriptor from LBA 3 to the end, deallocated */
	ASSERT_REPLY(&cmd, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0x07, 0xfd, 1, 0,
	             0, 0);
}

static void unmap_makes_holes(void **state)
{
	static const uint8_t list[] = {0, 38, 0, 32, 0, 0, 0, 0,
	                               /* blocks 8 to 15: a granule */
	                               0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 0,
	                               /* block 30: a part of one */
	                               0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0, 0};
	struct scsi_cmd cmd;

	fill(*state);
	cmd = RUN(*state, LUN_THIN, list, sizeof(list), SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0,
	          sizeof(list));
	assert_good(&cmd);
	assert_medium(*state, LUN_THIN, 0, 8 * BLOCK, 0xaa);
	assert_medium(*state, LUN_THIN, 8 * BLOCK, 8 * BLOCK, 0);
	assert_medium(*state, LUN_THIN, 16 * BLOCK, 14 * BLOCK, 0xaa);
	assert_medium(*state, LUN_THIN, 30 * BLOCK, BLOCK, 0);
	assert_medium(*state, LUN_THIN, 31 * BLOCK, BLOCK, 0xaa);
	cmd = START(*state, LUN_THIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            0, 56);
	ASSERT_REPLY(&cmd, 0, 0, 0, 52, 0, 0, 0, 0,                  /* header */
	             0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, /* mapped */
	             0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 1, 0, 0, 0, /* not */
	             0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 0);
}

static void unmap_checks_all_before_it_does_anything(void **state)
{
	static const uint8_t list[] = {0, 38, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	                               0, 0,  0, 0,  0, 8, 0, 0, 0, 0, 0, 0, 0, 0,
	                               0, 0,  8, 0,  0, 0, 0, 1, 0, 0, 0, 0};
	struct scsi_cmd cmd;

	fill(*state);
	cmd = RUN(*state, LUN_THIN, list, sizeof(list), SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0,
	          sizeof(list));
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
	assert_medium(*state, LUN_THIN, 0, 8 * BLOCK, 0xaa);
}

static void unmap_takes_odd_lists(void **state)
{
	static const uint8_t none[] = {0, 6, 0, 0, 0, 0, 0, 0};
	static const uint8_t cut[] = {0, 22, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0};
	struct scsi_cmd cmd;

	fill(*state);
	cmd = RUN(*state, LUN_THIN, NULL, 0, SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(&cmd);
	cmd = RUN(*state, LUN_THIN, none, 8, SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0, 8);
	assert_good(&cmd);
	/* a descriptor that is not whole is not carried out */
	cmd = RUN(*state, LUN_THIN, cut, sizeof(cut), SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0, sizeof(cut));
	assert_good(&cmd);
	assert_medium(*state, LUN_THIN, 0, BLOCK, 0xaa);
	cmd = RUN(*state, LUN_THIN, none, 7, SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0, 7);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x1a00);
	cmd = RUN(*state, LUN_THIN, none, 8, SCSI_UNMAP, 0x01, 0, 0, 0, 0, 0, 0, 8);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400); /* ANCHOR */
}

static void write_same_repeats_its_block(void **state)
{
	uint8_t block[BLOCK];
	struct scsi_cmd cmd;

	memset(block, 0x3c, sizeof(block));
	cmd = RUN(*state, LUN_PLAIN, block, BLOCK, SCSI_WRITE_SAME_10, 0, 0, 0, 0, 5, 0, 0, 3, 0);
	assert_good(&cmd);
	assert_medium(*state, LUN_PLAIN, 4 * BLOCK, BLOCK, 0);
	assert_medium(*state, LUN_PLAIN, 5 * BLOCK, 3 * BLOCK, 0x3c);
	assert_medium(*state, LUN_PLAIN, 8 * BLOCK, BLOCK, 0);
	/* 0 blocks: to the end */
	cmd = RUN(*state, LUN_PLAIN, block, BLOCK, SCSI_WRITE_SAME_16, 0, 0, 0, 0, 0, 0, 0, 0x07,
	          0xfe, 0, 0, 0, 0);
	assert_good(&cmd);
	assert_medium(*state, LUN_PLAIN, (BLOCKS - 2) * BLOCK, 2 * BLOCK, 0x3c);
	/* NDOB: zeros, without any data */
	cmd = RUN(*state, LUN_PLAIN, NULL, 0, SCSI_WRITE_SAME_16, 0x01, 0, 0, 0, 0, 0, 0, 0, 6, 0,
	          0, 0, 1);
	assert_int_equal(cmd.out_len, 0);
	assert_good(&cmd);
	assert_medium(*state, LUN_PLAIN, 6 * BLOCK, BLOCK, 0);
	assert_medium(*state, LUN_PLAIN, 7 * BLOCK, BLOCK, 0x3c);
}

static void write_same_is_checked(void **state)
{
	static const struct {
		uint16_t lun;
		uint8_t byte1;
		uint8_t lba;
		size_t data_len;
		enum sense_key key;
		uint16_t code;
	} cases[] = {
		{LUN_PLAIN, 0x08, 0, BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400}, /* UNMAP: not thin */
		{LUN_THIN, 0x10, 0, BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400},  /* ANCHOR */
		{LUN_THIN, 0x20, 0, BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400},  /* WRPROTECT */
		{LUN_THIN, 0, 0, BLOCK / 2, SENSE_ILLEGAL_REQUEST, 0x2400}, /* half a block */
		{LUN_THIN, 0, 0, 2 * BLOCK, SENSE_ILLEGAL_REQUEST, 0x2400}, /* two */
		{LUN_THIN, 0, 0x09, BLOCK, SENSE_ILLEGAL_REQUEST, 0x2100},  /* LBA 0x900 */
		{LUN_PROTECTED, 0, 0, BLOCK, SENSE_DATA_PROTECT, 0x2700},
	};
	static const uint8_t data[2 * BLOCK];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scsi_cmd cmd =
			RUN(*state, cases[i].lun, data, cases[i].data_len, SCSI_WRITE_SAME_10,
		            cases[i].byte1, 0, 0, cases[i].lba, 0, 0, 0, 1, 0);

		assert_sense(&cmd, cases[i].key, cases[i].code);
	}
}

static void write_same_unmaps_when_told_to(void **state)
{
	static const uint8_t zeros[BLOCK];
	struct scsi_cmd cmd;

	fill(*state);
	cmd = RUN(*state, LUN_THIN, zeros, BLOCK, SCSI_WRITE_SAME_16, 0x08, 0, 0, 0, 0, 0, 0, 0, 0,
	          0, 0, 0, 8, 0, 0);
	assert_good(&cmd);
	cmd = START(*state, LUN_THIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            0, 24);
	ASSERT_REPLY(&cmd, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0);
}

static void a_full_lun_is_mapped_all_over(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, LUN_PLAIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0, 0, 0, 0, 1, 0,
	            0, 0, 255);
	ASSERT_REPLY(&cmd, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x07, 0xff, 0, 0,
	             0, 0);
	cmd = START(*state, LUN_PLAIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0, 0, 0, 0x08, 0,
	            0, 0, 0, 255);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
	cmd = START(*state, LUN_PLAIN, SCSI_SERVICE_ACTION_IN_16, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            0, 0, 23);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400); /* SBC-3 5.4: at least 24 */
}

static void a_thin_lun_says_so(void **state)
{
	struct scsi_cmd cmd;

	/* LBPPBE 3, LBPME and LBPRZ */
	cmd = START(*state, LUN_THIN, SCSI_SERVICE_ACTION_IN_16, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            0, 16);
	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0x07, 0xff, 0, 0, 2, 0, 0, 3, 0xc0, 0);
	/* LBPU, LBPWS, LBPWS10 and LBPRZ; thin */
	cmd = START(*state, LUN_THIN, SCSI_INQUIRY, 1, 0xb2, 0, 255, 0);
	ASSERT_REPLY(&cmd, 0, 0xb2, 0, 4, 0, 0xe4, 2, 0);
	cmd = START(*state, LUN_PLAIN, SCSI_INQUIRY, 1, 0xb2, 0, 255, 0);
	ASSERT_REPLY(&cmd, 0, 0xb2, 0, 4, 0, 0, 0, 0);
	/* transfers by 8 blocks; UNMAP: 2^20 blocks in 256 descriptors, by 8; WRITE SAME: 2^15 */
	cmd = START(*state, LUN_THIN, SCSI_INQUIRY, 1, 0xb0, 0, 44, 0);
	ASSERT_REPLY(&cmd, 0, 0xb0, 0, 0x3c, 0, 128, 0, 8, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	             0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_thin_lun_maps_nothing),
		TEST(unmap_makes_holes),
		TEST(unmap_checks_all_before_it_does_anything),
		TEST(unmap_takes_odd_lists),
		TEST(write_same_repeats_its_block),
		TEST(write_same_is_checked),
		TEST(write_same_unmaps_when_told_to),
		TEST(a_full_lun_is_mapped_all_over),
		TEST(a_thin_lun_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
