/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removable media (SBC-3 5.13, 5.25), media that change their size, and access states (SPC-4 5.11).
 */
#include <errno.h>

#include "tests/unit/target/scsi_fixture.h"

#define EJECT   SCSI_START_STOP_UNIT, 0, 0, 0, 0x02
#define LOAD    SCSI_START_STOP_UNIT, 0, 0, 0, 0x03
#define PREVENT SCSI_PREVENT_ALLOW_REMOVAL, 0, 0, 0, 1
#define ALLOW   SCSI_PREVENT_ALLOW_REMOVAL, 0, 0, 0, 0

/* ---- removable media ---------------------------------------------------------------------- */

static void a_removable_lun_says_so(void **state)
{
	struct scsi_cmd cmd = START(*state, LUN_REMOVABLE, SCSI_INQUIRY, 0, 0, 0, 2, 0);

	ASSERT_REPLY(&cmd, 0, 0x80);
}

static void without_a_medium_little_works(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	assert_status(START(f, LUN_REMOVABLE, EJECT), SCSI_GOOD);
	cmd = START(f, LUN_REMOVABLE, SCSI_TEST_UNIT_READY);
	assert_sense(&cmd, SENSE_NOT_READY, 0x3a00);
	cmd = START(f, LUN_REMOVABLE, SCSI_READ_CAPACITY_10);
	assert_sense(&cmd, SENSE_NOT_READY, 0x3a00);
	cmd = START(f, LUN_REMOVABLE, SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_sense(&cmd, SENSE_NOT_READY, 0x3a00);
	assert_status(START(f, LUN_REMOVABLE, SCSI_INQUIRY, 0, 0, 0, 96), SCSI_GOOD);
	assert_status(START(f, LUN_REMOVABLE, SCSI_MODE_SENSE_6, 0, 0x3f, 0, 96), SCSI_GOOD);
	/* back again: the others hear that it may be another one */
	assert_status(START(f, LUN_REMOVABLE, LOAD), SCSI_GOOD);
	assert_status(START(f, LUN_REMOVABLE, SCSI_TEST_UNIT_READY), SCSI_GOOD);
	assert_int_equal(nexus_take_attention(&f->other, LUN_REMOVABLE), 0x2800);
}

static void anyone_can_prevent_removal(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	assert_status(START_AS(&f->other, LUN_REMOVABLE, PREVENT), SCSI_GOOD);
	cmd = START(f, LUN_REMOVABLE, EJECT);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x5302);
	assert_status(START(f, LUN_REMOVABLE, ALLOW), SCSI_GOOD); /* not for the other */
	cmd = START(f, LUN_REMOVABLE, EJECT);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x5302);
	assert_status(START_AS(&f->other, LUN_REMOVABLE, ALLOW), SCSI_GOOD);
	assert_status(START(f, LUN_REMOVABLE, EJECT), SCSI_GOOD);
}

static void prevention_ends_with_nexus_and_reset(void **state)
{
	struct fixture *f = *state;

	assert_status(START_AS(&f->other, LUN_REMOVABLE, PREVENT), SCSI_GOOD);
	nexus_done(&f->other);
	assert_status(START(f, LUN_REMOVABLE, EJECT), SCSI_GOOD);
	assert_status(START(f, LUN_REMOVABLE, LOAD), SCSI_GOOD);
	nexus_init(&f->other, &f->target->scsi, OTHER, (const uint8_t[6]){0});
	forget_attentions(f);
	assert_status(START_AS(&f->other, LUN_REMOVABLE, PREVENT), SCSI_GOOD);
	scsi_reset_lun(&f->target->scsi, LUN_REMOVABLE);
	forget_attentions(f);
	assert_status(START(f, LUN_REMOVABLE, EJECT), SCSI_GOOD);
}

static void prevention_does_not_outlive_the_lun(void **state)
{
	struct fixture *f = *state;
	struct scsi_target *t = &f->target->scsi;
	struct lun *lun = t->luns[LUN_REMOVABLE];

	assert_status(START_AS(&f->other, LUN_REMOVABLE, PREVENT), SCSI_GOOD);
	t->luns[LUN_REMOVABLE] = NULL;
	nexus_luns_changed(t);
	t->luns[LUN_REMOVABLE] = lun;
	nexus_luns_changed(t);
	forget_attentions(f);
	assert_status(START(f, LUN_REMOVABLE, EJECT), SCSI_GOOD);
}

static void start_and_stop_alone_move_nothing(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	assert_status(START(f, LUN_REMOVABLE, SCSI_START_STOP_UNIT, 0, 0, 0, 0), SCSI_GOOD);
	/* with a power condition LOEJ does not count */
	assert_status(START(f, LUN_REMOVABLE, SCSI_START_STOP_UNIT, 0, 0, 0, 0x32), SCSI_GOOD);
	assert_status(START(f, LUN_REMOVABLE, SCSI_TEST_UNIT_READY), SCSI_GOOD);
	cmd = START(f, LUN_PLAIN, EJECT);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

/* ---- size --------------------------------------------------------------------------------- */

static void a_lun_grows_and_shrinks_in_use(void **state)
{
	static const uint16_t luns[] = {LUN_PLAIN, LUN_THIN};
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	for (size_t i = 0; i < ARRAY_LEN(luns); i++) {
		struct lun *l = f->target->scsi.luns[luns[i]];

		assert_int_equal(lun_write(l, 3 * BLOCK, "x", 1), 0);
		assert_int_equal(lun_resize(l, 4 * BLOCKS * BLOCK), 0);
		assert_int_equal(lun_write(l, 4 * BLOCKS * BLOCK - 1, "y", 1), 0);
		assert_medium(f, luns[i], 3 * BLOCK, 1, 'x');
		cmd = START(f, luns[i], SCSI_READ_CAPACITY_10);
		ASSERT_REPLY(&cmd, 0, 0, 0x1f, 0xff, 0, 0, 2, 0);
		assert_int_equal(lun_resize(l, 7), -EINVAL);
		assert_int_equal(lun_resize(l, 0), -EINVAL);
		assert_int_equal(lun_resize(l, BLOCK), 0);
		cmd = START(f, luns[i], SCSI_READ_10, 0, 0, 0, 0, 1, 0, 0, 1);
		assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
	}
}

static void memory_that_was_cut_off_comes_back_as_zeros(void **state)
{
	struct fixture *f = *state;
	struct lun *l = f->target->scsi.luns[LUN_PLAIN];

	assert_int_equal(lun_write(l, BLOCK, "x", 1), 0);
	assert_int_equal(lun_write(l, 100 * BLOCK, "y", 1), 0);
	assert_int_equal(lun_resize(l, BLOCK), 0);
	assert_int_equal(lun_resize(l, BLOCKS * BLOCK), 0);
	assert_medium(f, LUN_PLAIN, BLOCK, BLOCK, 0);
	assert_medium(f, LUN_PLAIN, 100 * BLOCK, BLOCK, 0);
	assert_int_equal(lun_resize(l, 1ULL << 50), -ENOMEM);
}

/* ---- access states ------------------------------------------------------------------------ */

#define REPORT_GROUPS SCSI_MAINTENANCE_IN, 0x0a, 0, 0, 0, 0, 0, 0, 1, 0

static void one_group_of_one_port(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, REPORT_GROUPS);
	ASSERT_REPLY(&cmd, 0, 0, 0, 12, 0x00, 0x8f, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
	/* the extended header, SPC-4 6.37 */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x2a, 0, 0, 0, 0, 0, 0, 0, 10);
	ASSERT_REPLY(&cmd, 0, 0, 0, 16, 0x10, 0, 0, 0, 0x00, 0x8f);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x4a, 0, 0, 0, 0, 0, 0, 0, 10);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

static void states_stop_commands(void **state)
{
	static const struct {
		enum alua_state state;
		uint16_t read;       /* sense code, 0: works */
		uint16_t mode_sense; /* works in standby */
	} cases[] = {
		{ALUA_NON_OPTIMIZED, 0, 0},
		{ALUA_STANDBY, 0x040b, 0},
		{ALUA_UNAVAILABLE, 0x040c, 0x040c},
		{ALUA_TRANSITIONING, 0x040a, 0x040a},
		{ALUA_OPTIMIZED, 0, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scsi_cmd cmd;

		alua_set_state(&f->target->scsi, cases[i].state);
		assert_int_equal(nexus_take_attention(&f->nexus, LUN_THIN), 0x2a06);
		assert_int_equal(nexus_take_attention(&f->nexus, 0), 0x2a06);
		cmd = START(f, 0, SCSI_READ_10, 0, 0, 0, 0, 0, 0, 0, 1);
		if (cases[i].read)
			assert_sense(&cmd, SENSE_NOT_READY, cases[i].read);
		else
			assert_good(&cmd);
		cmd = START(f, 0, SCSI_MODE_SENSE_6, 0, 0x3f, 0, 255);
		if (cases[i].mode_sense)
			assert_sense(&cmd, SENSE_NOT_READY, cases[i].mode_sense);
		else
			assert_good(&cmd);
		/* the state can be asked for and INQUIRY works in every state */
		cmd = START(f, 0, REPORT_GROUPS);
		assert_int_equal(cmd.reply.data[4], cases[i].state);
		assert_int_equal(cmd.reply.data[9], ALUA_CAUSE_IMPLICIT);
		assert_good(&cmd);
		assert_status(START(f, 0, SCSI_INQUIRY, 0, 0, 0, 96), SCSI_GOOD);
	}
}

static void an_initiator_can_set_the_state(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd = RUN(f, 0, BYTES(0, 0, 0, 0, 0x02, 0, 0, 1), 8, SCSI_MAINTENANCE_OUT,
	                          0x0a, 0, 0, 0, 0, 0, 0, 0, 8);

	assert_good(&cmd);
	assert_int_equal(f->target->scsi.alua.state, ALUA_STANDBY);
	assert_int_equal(nexus_take_attention(&f->nexus, 0), 0);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2a06);
	cmd = START(f, 0, REPORT_GROUPS);
	assert_int_equal(cmd.reply.data[9], ALUA_CAUSE_COMMAND);
	assert_good(&cmd);
}

static void bad_states_are_refused(void **state)
{
	static const struct {
		uint8_t len;
		uint8_t list[12];
		uint16_t code;
	} cases[] = {
		{8, {0, 0, 0, 0, 0x02, 0, 0, 2}, 0x2600}, /* no such group */
		{8, {0, 0, 0, 0, 0x0f, 0, 0, 1}, 0x2600}, /* transitioning */
		{8, {0, 0, 0, 0, 0x04, 0, 0, 1}, 0x2600}, /* LBA dependent: not supported */
		{7, {0, 0, 0, 0, 0x02, 0, 0}, 0x1a00},    {3, {0}, 0x1a00},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scsi_cmd cmd = RUN(f, 0, cases[i].list, cases[i].len, SCSI_MAINTENANCE_OUT,
		                          0x0a, 0, 0, 0, 0, 0, 0, 0, cases[i].len);

		assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, cases[i].code);
		assert_int_equal(f->target->scsi.alua.state, ALUA_OPTIMIZED);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_removable_lun_says_so),
		TEST(without_a_medium_little_works),
		TEST(anyone_can_prevent_removal),
		TEST(prevention_ends_with_nexus_and_reset),
		TEST(prevention_does_not_outlive_the_lun),
		TEST(start_and_stop_alone_move_nothing),
		TEST(a_lun_grows_and_shrinks_in_use),
		TEST(memory_that_was_cut_off_comes_back_as_zeros),
		TEST(one_group_of_one_port),
		TEST(states_stop_commands),
		TEST(an_initiator_can_set_the_state),
		TEST(bad_states_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
