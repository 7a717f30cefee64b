/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dispatch table as such, and what REPORT SUPPORTED OPERATION CODES makes of it (SPC-4 6.35).
 */
#include "tests/unit/target/scsi_fixture.h"

static void the_rows_are_in_order(void **state _unused_)
{
	size_t count;
	const struct scsi_op *ops = scsi_ops(&count);

	for (size_t i = 1; i < count; i++)
		assert_true(ops[i - 1].opcode < ops[i].opcode ||
		            (ops[i - 1].opcode == ops[i].opcode &&
		             ops[i - 1].service_action < ops[i].service_action));
}

static void every_row_is_found_by_its_own_cdb(void **state _unused_)
{
	size_t count;
	const struct scsi_op *ops = scsi_ops(&count);

	for (size_t i = 0; i < count; i++) {
		bool has_action = ops[i].service_action != SCSI_SA_NONE;
		uint8_t cdb[SCSI_CDB_LEN] = {ops[i].opcode,
		                             has_action ? (uint8_t)ops[i].service_action : 0};
		bool known;

		assert_ptr_equal(scsi_find_op(cdb, &known), &ops[i]);
		assert_true(known);
		assert_non_null(ops[i].start);
		/* byte 0 is the opcode itself, and a service action is looked at */
		assert_int_equal(ops[i].usage[0], ops[i].opcode);
		if (has_action)
			assert_int_equal(ops[i].usage[1] & SCSI_SA_MASK, SCSI_SA_MASK);
		for (size_t b = scsi_cdb_len(ops[i].opcode); b < SCSI_CDB_LEN; b++)
			assert_int_equal(ops[i].usage[b], 0);
	}
}

static void unknown_commands_are_told_apart_from_unknown_actions(void **state _unused_)
{
	bool known;

	assert_null(scsi_find_op(BYTES(0xc1, 0), &known));
	assert_false(known);
	assert_null(scsi_find_op(BYTES(0x00 + 0xff, 0), &known));
	assert_false(known);
	assert_null(scsi_find_op(BYTES(SCSI_PERSISTENT_RESERVE_IN, 0x04), &known));
	assert_true(known);
}

static void commands_of_thin_luns_are_nowhere_else(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, LUN_PLAIN, SCSI_MAINTENANCE_IN, 0x0c, 1, SCSI_UNMAP, 0, 0, 0, 0, 1, 0);
	ASSERT_REPLY(&cmd, 0, 0x01, 0, 0);
	cmd = START(*state, LUN_THIN, SCSI_MAINTENANCE_IN, 0x0c, 1, SCSI_UNMAP, 0, 0, 0, 0, 1, 0);
	ASSERT_REPLY(&cmd, 0, 0x03, 0, 10, 0x42, 1, 0, 0, 0, 0, 0, 0xff, 0xff, 0);
	cmd = START(*state, LUN_PLAIN, SCSI_UNMAP, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2000);
}

static void timeouts_tell_when_to_worry(void **state)
{
	struct scsi_cmd cmd;

	/* nominal 0, recommended 30 s; with what may take long 300 s */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 0x81, SCSI_TEST_UNIT_READY, 0, 0, 0, 0, 1,
	            0);
	ASSERT_REPLY(&cmd, 0, 0x83, 0, 6, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 0x81, SCSI_SYNCHRONIZE_CACHE_10, 0, 0, 0,
	            0, 1, 0);
	ASSERT_REPLY(&cmd, 0, 0x83, 0, 10, 0x35, 2, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0, 0, 10,
	             0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x2c);
}

static void task_management_is_told(void **state)
{
	struct scsi_cmd cmd;

	/* abort task, abort task set, clear task set, logical unit reset */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255);
	ASSERT_REPLY(&cmd, 0xd8, 0, 0, 0);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 255);
	ASSERT_REPLY(&cmd, 0xd8, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0d, 0, 0, 0, 0, 0, 0, 0, 3);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_rows_are_in_order),
		TEST(every_row_is_found_by_its_own_cdb),
		TEST(unknown_commands_are_told_apart_from_unknown_actions),
		TEST(commands_of_thin_luns_are_nowhere_else),
		TEST(timeouts_tell_when_to_worry),
		TEST(task_management_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
