/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MODE SENSE and MODE SELECT (SPC-4 6.11 to 6.14, 7.5.8).
 */
#include "tests/unit/target/scsi_fixture.h"

/* A control page behind a header of MODE SELECT(6) without block descriptors. */
#define CONTROL(d_sense, swp)                                                                      \
	BYTES(0, 0, 0, 0, 0x0a, 10, (d_sense) ? 0x04 : 0, 0x10, (swp) ? 0x08 : 0, 0, 0, 0, 0, 0,   \
	      0, 0)

enum { CONTROL_LEN = 16 };

#define SELECT(n, list)                                                                            \
	RUN_AS(n, 0, list, CONTROL_LEN, SCSI_MODE_SELECT_6, 0x10, 0, 0, CONTROL_LEN, 0)

static void pages_come_alone_and_together(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x00, 0x0a, 0, 255, 0);
	ASSERT_REPLY(&cmd, 23, 0, 0x10, 8, 0, 0, 0x08, 0, 0, 0, 2, 0, 0x0a, 10, 0, 0x10, 0, 0, 0, 0,
	             0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_MODE_SENSE_10, 0x08, 0x08, 0, 0, 0, 0, 0, 12);
	ASSERT_REPLY(&cmd, 0, 26, 0, 0x10, 0, 0, 0, 0, 0x08, 18, 0x04, 0);
	/* all: 3 of header, 20 of caching, 12 of control follow the length */
	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0x3f, 0xff, 1, 0);
	ASSERT_REPLY(&cmd, 35);
	/* LLBAA: a long block descriptor */
	cmd = START(*state, 0, SCSI_MODE_SENSE_10, 0x10, 0x0a, 0, 0, 0, 0, 0, 24);
	ASSERT_REPLY(&cmd, 0, 34, 0, 0x10, 0x01, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0,
	             0, 2, 0);
}

static void what_can_be_changed_is_told(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0x48, 0, 8, 0);
	ASSERT_REPLY(&cmd, 23, 0, 0x10, 0, 0x08, 18, 0, 0);
	/* D_SENSE and SWP */
	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0x4a, 0, 255, 0);
	ASSERT_REPLY(&cmd, 15, 0, 0x10, 0, 0x0a, 10, 0x04, 0, 0x08, 0, 0, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0xc8, 0, 8, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x3900);
	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0x1d, 0, 8, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 0, SCSI_MODE_SENSE_6, 0x08, 0x0a, 1, 8, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

static void d_sense_changes_the_format_of_sense(void **state)
{
	struct fixture *f = *state;
	uint8_t sense[SENSE_MAX];
	struct scsi_cmd cmd = SELECT(&f->nexus, CONTROL(true, false));

	assert_good(&cmd);
	cmd = START(f, 0, SCSI_READ_10, 0, 0xff, 0, 0, 0, 0, 0, 1);
	assert_int_equal(scsi_sense(&cmd, sense), 8);
	assert_memory_equal(sense, BYTES(0x72, 5, 0x21, 0, 0, 0, 0, 0), 8);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
	cmd = START(f, 0, SCSI_MODE_SENSE_6, 0x08, 0x0a, 0, 7, 0);
	ASSERT_REPLY(&cmd, 15, 0, 0x10, 0, 0x0a, 10, 0x04);
	/* default values stay what they were */
	cmd = START(f, 0, SCSI_MODE_SENSE_6, 0x08, 0x8a, 0, 7, 0);
	ASSERT_REPLY(&cmd, 15, 0, 0x10, 0, 0x0a, 10, 0);
	/* another LUN is not touched, and a reset ends it */
	cmd = START(f, 1, SCSI_READ_10, 0, 0xff, 0, 0, 0, 0, 0, 1);
	assert_int_equal(scsi_sense(&cmd, sense), 18);
	scsi_done(&cmd);
	scsi_reset_lun(&f->target->scsi, 0);
	assert_false(f->target->scsi.luns[0]->descriptor_sense);
}

static void swp_protects(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = SELECT(&f->nexus, CONTROL(false, true));

	assert_good(&cmd);
	cmd = START(f, 0, SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_sense(&cmd, SENSE_DATA_PROTECT, 0x2702);
	cmd = START(f, 0, SCSI_READ_10, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_good(&cmd);
	cmd = START(f, 0, SCSI_MODE_SENSE_6, 0x08, 0x0a, 0, 3, 0);
	ASSERT_REPLY(&cmd, 15, 0, 0x90); /* WP */
	cmd = SELECT(&f->nexus, CONTROL(false, false));
	assert_good(&cmd);
	cmd = START(f, 0, SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_good(&cmd);
}

static void others_hear_of_a_change(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = SELECT(&f->nexus, CONTROL(true, false));

	assert_good(&cmd);
	assert_int_equal(nexus_take_attention(&f->nexus, 0), 0);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a01);
	/* the same again is no change */
	cmd = SELECT(&f->nexus, CONTROL(true, false));
	assert_good(&cmd);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0);
}

static void what_cannot_be_changed_stays(void **state)
{
	static const struct {
		uint8_t len;
		uint8_t list[32];
		uint16_t code;
	} cases[] = {
		{16, {0, 0, 0, 0, 0x0a, 10, 0x04, 0x20}, 0x2600},      /* QAM */
		{16, {0, 0, 0, 0, 0x0a, 9, 0x04, 0x10}, 0x2600},       /* length */
		{15, {0, 0, 0, 0, 0x0a, 10, 0x04, 0x10}, 0x2600},      /* cut */
		{6, {0, 0, 0, 0, 0x1d, 0}, 0x2600},                    /* no such page */
		{3, {0}, 0x1a00},                                      /* no header */
		{8, {0, 0, 0, 8}, 0x1a00},                             /* no descriptor */
		{12, {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x10, 0}, 0x2600}, /* blocks of 4096 */
		{12, {0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 2, 0}, 0x2600},    /* 9 of them */
		/* good, then bad: neither */
		{22, {0, 0, 0, 0, 0x0a, 10, 0x04, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0x1d}, 0x2600},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scsi_cmd cmd = RUN(f, 0, cases[i].list, cases[i].len, SCSI_MODE_SELECT_6,
		                          0x10, 0, 0, cases[i].len, 0);

		assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, cases[i].code);
		assert_false(f->target->scsi.luns[0]->descriptor_sense);
	}
}

static void select_has_two_lengths(void **state)
{
	struct fixture *f = *state;
	/* MODE SELECT(10): LONGLBA, 16 bytes of descriptor with the count that there is */
	static const uint8_t list[] = {0,    0,  0,    0,    1, 0, 0, 16, 0, 0, 0, 0,
	                               0,    0,  0x08, 0,    0, 0, 0, 0,  0, 0, 2, 0,
	                               0x0a, 10, 0x04, 0x10, 0, 0, 0, 0,  0, 0, 0, 0};
	struct scsi_cmd cmd;

	cmd = RUN(f, 0, list, sizeof(list), SCSI_MODE_SELECT_10, 0x10, 0, 0, 0, 0, 0, 0,
	          sizeof(list));
	assert_good(&cmd);
	assert_true(f->target->scsi.luns[0]->descriptor_sense);
	/* SP: nothing is saved here; PF 0: pages of another standard */
	cmd = START(f, 0, SCSI_MODE_SELECT_6, 0x11, 0, 0, 16, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(f, 0, SCSI_MODE_SELECT_6, 0x00, 0, 0, 16, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = RUN(f, 0, NULL, 0, SCSI_MODE_SELECT_6, 0x10, 0, 0, 0, 0);
	assert_good(&cmd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(pages_come_alone_and_together),
		TEST(what_can_be_changed_is_told),
		TEST(d_sense_changes_the_format_of_sense),
		TEST(swp_protects),
		TEST(others_hear_of_a_change),
		TEST(what_cannot_be_changed_stays),
		TEST(select_has_two_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
