/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reservations of either kind stop (SPC-2 5.5.1, SPC-4 5.12.1), and the types as such.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/target/scsi_fixture.h"

#define READ_ONE   SCSI_READ_10, 0, 0, 0, 0, 0, 0, 0, 1, 0
#define WRITE_NONE SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define RESERVE    SCSI_RESERVE_6, 0, 0, 0, 0, 0
#define RELEASE    SCSI_RELEASE_6, 0, 0, 0, 0, 0
#define READY      SCSI_TEST_UNIT_READY, 0, 0, 0, 0, 0
#define MODE_SENSE SCSI_MODE_SENSE_6, 0, 0x3f, 0, 255, 0
#define START_UNIT SCSI_START_STOP_UNIT, 0, 0, 0, 1, 0
#define STOP_UNIT  SCSI_START_STOP_UNIT, 0, 0, 0, 0, 0
#define REPORT_OPS SCSI_MAINTENANCE_IN, 0x0c, 0, 0, 0, 0, 0, 0, 1, 0
#define READ_KEYS  SCSI_PERSISTENT_RESERVE_IN, 0, 0, 0, 0, 0, 0, 0, 8, 0
#define INQUIRE    SCSI_INQUIRY, 0, 0, 0, 96, 0
#define CONFLICT   SCSI_RESERVATION_CONFLICT

/* ---- RESERVE(6) --------------------------------------------------------------------------- */

static void a_reservation_keeps_others_out(void **state)
{
	struct fixture *f = *state;

	assert_status(START(f, 0, RESERVE), SCSI_GOOD);
	assert_status(START(f, 0, RESERVE), SCSI_GOOD); /* again */
	assert_status(START(f, 0, READ_ONE), SCSI_GOOD);
	assert_status(START_AS(&f->other, 0, RESERVE), CONFLICT);
	assert_status(START_AS(&f->other, 0, READ_ONE), CONFLICT);
	assert_status(START_AS(&f->other, 0, READY), CONFLICT);
	assert_status(START_AS(&f->other, 0, MODE_SENSE), CONFLICT);
	assert_status(START_AS(&f->other, 0, READ_KEYS), CONFLICT);
	assert_status(START_AS(&f->other, 0, INQUIRE), SCSI_GOOD);
	assert_status(START_AS(&f->other, 1, READ_ONE), SCSI_GOOD); /* another LUN */
	/* somebody else's release is no error and releases nothing */
	assert_status(START_AS(&f->other, 0, RELEASE), SCSI_GOOD);
	assert_status(START_AS(&f->other, 0, READ_ONE), CONFLICT);
	assert_status(START(f, 0, RELEASE), SCSI_GOOD);
	assert_status(START_AS(&f->other, 0, READ_ONE), SCSI_GOOD);
}

static void a_reservation_ends_with_nexus_and_reset(void **state)
{
	struct fixture *f = *state;

	assert_status(START(f, 0, RESERVE), SCSI_GOOD);
	scsi_reset_lun(&f->target->scsi, 0);
	assert_int_equal(nexus_take_attention(&f->nexus, 0), 0x2903);
	assert_int_equal(nexus_take_attention(&f->other, 0), 0x2903);
	assert_status(START_AS(&f->other, 0, RESERVE), SCSI_GOOD);
	nexus_done(&f->other);
	assert_status(START(f, 0, READ_ONE), SCSI_GOOD);
	nexus_init(&f->other, &f->target->scsi, OTHER, (const uint8_t[6]){0});
}

static void the_two_kinds_do_not_mix(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pr_register(&f->target->scsi.luns[0]->pr, PORT, 1), 0);
	assert_status(START(f, 0, RESERVE), CONFLICT);
	assert_status(START(f, 0, RELEASE), CONFLICT);
}

/* ---- persistent reservations -------------------------------------------------------------- */

/* The table of SPC-4 and SBC-3: what each type stops, for one that is registered and not. */
static void types_stop_what_they_are_for(void **state)
{
	static const struct {
		enum pr_type type;
		bool registered;
		enum scsi_status read, write;
	} cases[] = {
		{PR_WRITE_EXCLUSIVE, false, SCSI_GOOD, CONFLICT},
		{PR_WRITE_EXCLUSIVE, true, SCSI_GOOD, CONFLICT},
		{PR_EXCLUSIVE_ACCESS, false, CONFLICT, CONFLICT},
		{PR_EXCLUSIVE_ACCESS, true, CONFLICT, CONFLICT},
		{PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, false, SCSI_GOOD, CONFLICT},
		{PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY, true, SCSI_GOOD, SCSI_GOOD},
		{PR_EXCLUSIVE_ACCESS_REGISTRANTS_ONLY, false, CONFLICT, CONFLICT},
		{PR_EXCLUSIVE_ACCESS_REGISTRANTS_ONLY, true, SCSI_GOOD, SCSI_GOOD},
		{PR_WRITE_EXCLUSIVE_ALL_REGISTRANTS, false, SCSI_GOOD, CONFLICT},
		{PR_WRITE_EXCLUSIVE_ALL_REGISTRANTS, true, SCSI_GOOD, SCSI_GOOD},
		{PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS, false, CONFLICT, CONFLICT},
		{PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS, true, SCSI_GOOD, SCSI_GOOD},
	};
	struct fixture *f = *state;
	struct pr *pr = &f->target->scsi.luns[0]->pr;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(pr_register(pr, PORT, 1), 0);
		if (cases[i].registered)
			assert_int_equal(pr_register(pr, f->other.port, 2), 0);
		pr_reserve(pr, pr_find(pr, PORT), cases[i].type);
		assert_status(START(f, 0, READ_ONE), SCSI_GOOD);
		assert_status(START(f, 0, WRITE_NONE), SCSI_GOOD);
		assert_status(START_AS(&f->other, 0, READ_ONE), cases[i].read);
		assert_status(START_AS(&f->other, 0, WRITE_NONE), cases[i].write);
		assert_status(START_AS(&f->other, 0, MODE_SENSE), cases[i].write);
		assert_status(START_AS(&f->other, 0, STOP_UNIT), cases[i].write);
		assert_status(START_AS(&f->other, 0, REPORT_OPS), cases[i].read);
		/* never stopped */
		assert_status(START_AS(&f->other, 0, START_UNIT), SCSI_GOOD);
		assert_status(START_AS(&f->other, 0, READY), SCSI_GOOD);
		assert_status(START_AS(&f->other, 0, READ_KEYS), SCSI_GOOD);
		assert_status(START_AS(&f->other, 0, SCSI_READ_CAPACITY_10, 0), SCSI_GOOD);
		pr_done(pr);
	}
}

static void types_that_there_are(void **state _unused_)
{
	static const uint8_t valid[] = {1, 3, 5, 6, 7, 8};
	size_t next = 0;

	for (unsigned int type = 0; type < 256; type++) {
		bool expected = next < sizeof(valid) && valid[next] == type;

		assert_int_equal(pr_type_valid((uint8_t)type), expected);
		next += expected;
	}
}

static void registrations_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct pr *pr = &f->target->scsi.luns[0]->pr;
	char port[32];

	for (int i = 0; i < PR_REGISTRATIONS_MAX; i++) {
		snprintf(port, sizeof(port), "iqn.2001-04.com.example:%d", i);
		assert_int_equal(pr_register(pr, port, 1), 0);
	}
	assert_int_equal(pr_register(pr, PORT, 1), -ENOSPC);
	pr_unregister(pr, pr->registrations);
	assert_int_equal(pr_register(pr, PORT, 1), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_reservation_keeps_others_out), TEST(a_reservation_ends_with_nexus_and_reset),
		TEST(the_two_kinds_do_not_mix),       TEST(types_stop_what_they_are_for),
		TEST(types_that_there_are),           TEST(registrations_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
