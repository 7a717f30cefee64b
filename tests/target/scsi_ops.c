/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dispatch table: a row a command.  What runs, when it may run, and what REPORT SUPPORTED
 * OPERATION CODES tells about it stand side by side.
 * Invariant: ascending by opcode, then service action.
 */
#include "tests/target/scsi.h"

/* clang-format off */
#define NUMBER_16 0xff, 0xff
#define NUMBER_32 0xff, 0xff, 0xff, 0xff
#define NUMBER_64 NUMBER_32, NUMBER_32
#define ZERO_32   0x00, 0x00, 0x00, 0x00
#define RW_10 NUMBER_32, 0x00, NUMBER_16, 0x00
#define RW_12 NUMBER_32, NUMBER_32, 0x00, 0x00
#define RW_16 NUMBER_64, NUMBER_32, 0x00, 0x00

/* answered whatever state the logical unit is in */
#define ALWAYS (SCSI_OP_NO_ATTENTION | NO_STATE | SCSI_OP_SHARED)
#define NO_STATE (SCSI_OP_NO_MEDIUM | SCSI_OP_STANDBY | SCSI_OP_UNAVAILABLE)
#define MODE (SCSI_OP_WRITES | SCSI_OP_NO_MEDIUM | SCSI_OP_STANDBY)
#define PERSISTENT (SCSI_OP_NO_MEDIUM | SCSI_OP_STANDBY)
#define SLOW_WRITE (SCSI_OP_WRITES | SCSI_OP_SLOW)

static const struct scsi_op ops[] = {
	{SCSI_TEST_UNIT_READY, SCSI_SA_NONE, 0, scsi_test_unit_ready, NULL, {0x00}},
	{SCSI_REQUEST_SENSE, SCSI_SA_NONE, SCSI_OP_ANY_LUN | ALWAYS,
		scsi_request_sense, NULL, {0x03, 0x01, 0x00, 0x00, 0xff}},
	{SCSI_READ_6, SCSI_SA_NONE, SCSI_OP_READS, scsi_read, NULL, {0x08, 0x1f, 0xff, 0xff, 0xff}},
	{SCSI_WRITE_6, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write, scsi_write_end, {0x0a, 0x1f, 0xff, 0xff, 0xff}},
	{SCSI_INQUIRY, SCSI_SA_NONE, SCSI_OP_ANY_LUN | ALWAYS,
		scsi_inquiry, NULL, {0x12, 0x01, 0xff, 0xff, 0xff}},
	{SCSI_MODE_SELECT_6, SCSI_SA_NONE, MODE,
		scsi_mode_select, scsi_mode_select_end, {0x15, 0x11, 0x00, 0x00, 0xff}},
	{SCSI_RESERVE_6, SCSI_SA_NONE, SCSI_OP_NO_MEDIUM, scsi_reserve_6, NULL, {0x16}},
	{SCSI_RELEASE_6, SCSI_SA_NONE, SCSI_OP_NO_MEDIUM | SCSI_OP_SHARED,
		scsi_release_6, NULL, {0x17}},
	{SCSI_MODE_SENSE_6, SCSI_SA_NONE, MODE, scsi_mode_sense, NULL, {0x1a, 0x08, 0xff, 0xff, 0xff}},
	{SCSI_START_STOP_UNIT, SCSI_SA_NONE, SCSI_OP_WRITES | SCSI_OP_NO_MEDIUM | SCSI_OP_SLOW,
		scsi_start_stop, NULL, {0x1b, 0x01, 0x00, 0x0f, 0xf7}},
	{SCSI_PREVENT_ALLOW_REMOVAL, SCSI_SA_NONE, SCSI_OP_WRITES | SCSI_OP_NO_MEDIUM,
		scsi_prevent_allow, NULL, {0x1e, 0x00, 0x00, 0x00, 0x03}},
	{SCSI_READ_CAPACITY_10, SCSI_SA_NONE, 0, scsi_read_capacity_10, NULL, {0x25}},
	{SCSI_READ_10, SCSI_SA_NONE, SCSI_OP_READS, scsi_read, NULL, {0x28, 0xf8, RW_10}},
	{SCSI_WRITE_10, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write, scsi_write_end, {0x2a, 0xf8, RW_10}},
	{SCSI_WRITE_AND_VERIFY_10, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write_and_verify, NULL, {0x2e, 0xf6, RW_10}},
	{SCSI_VERIFY_10, SCSI_SA_NONE, SCSI_OP_READS, scsi_verify, NULL, {0x2f, 0xf6, RW_10}},
	{SCSI_PRE_FETCH_10, SCSI_SA_NONE, SCSI_OP_READS, scsi_pre_fetch, NULL, {0x34, 0x02, RW_10}},
	{SCSI_SYNCHRONIZE_CACHE_10, SCSI_SA_NONE, SLOW_WRITE,
		scsi_synchronize_cache, NULL, {0x35, 0x02, RW_10}},
	{SCSI_WRITE_SAME_10, SCSI_SA_NONE, SLOW_WRITE,
		scsi_write_same, scsi_write_same_end, {0x41, 0xf8, RW_10}},
	{SCSI_UNMAP, SCSI_SA_NONE, SLOW_WRITE | SCSI_OP_THIN,
		scsi_unmap, scsi_unmap_end, {0x42, 0x01, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_MODE_SELECT_10, SCSI_SA_NONE, MODE,
		scsi_mode_select, scsi_mode_select_end, {0x55, 0x11, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_MODE_SENSE_10, SCSI_SA_NONE, MODE,
		scsi_mode_sense, NULL, {0x5a, 0x18, 0xff, 0xff, 0x00, 0x00, 0x00, NUMBER_16}},
	{SCSI_PERSISTENT_RESERVE_IN, SCSI_PR_READ_KEYS, PERSISTENT,
		scsi_pr_read_keys, NULL, {0x5e, 0x1f, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_PERSISTENT_RESERVE_IN, SCSI_PR_READ_RESERVATION, PERSISTENT,
		scsi_pr_read_reservation, NULL, {0x5e, 0x1f, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_PERSISTENT_RESERVE_IN, SCSI_PR_REPORT_CAPABILITIES, PERSISTENT,
		scsi_pr_report_capabilities, NULL, {0x5e, 0x1f, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_PERSISTENT_RESERVE_IN, SCSI_PR_READ_FULL_STATUS, PERSISTENT,
		scsi_pr_read_full_status, NULL, {0x5e, 0x1f, ZERO_32, 0x00, NUMBER_16}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_REGISTER, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_RESERVE, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0xff, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_RELEASE, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0xff, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_CLEAR, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_PREEMPT, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0xff, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_PREEMPT_AND_ABORT, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0xff, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_REGISTER_AND_IGNORE, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_PERSISTENT_RESERVE_OUT, SCSI_PR_REGISTER_AND_MOVE, PERSISTENT,
		scsi_pr_out, scsi_pr_out_end, {0x5f, 0x1f, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_READ_16, SCSI_SA_NONE, SCSI_OP_READS, scsi_read, NULL, {0x88, 0xf8, RW_16}},
	{SCSI_COMPARE_AND_WRITE, SCSI_SA_NONE, SCSI_OP_WRITES, scsi_compare_and_write,
		scsi_compare_and_write_end, {0x89, 0xf8, NUMBER_64, 0x00, 0x00, 0x00, 0xff}},
	{SCSI_WRITE_16, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write, scsi_write_end, {0x8a, 0xf8, RW_16}},
	{SCSI_ORWRITE_16, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_orwrite, scsi_write_end, {0x8b, 0xf8, RW_16}},
	{SCSI_WRITE_AND_VERIFY_16, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write_and_verify, NULL, {0x8e, 0xf6, RW_16}},
	{SCSI_VERIFY_16, SCSI_SA_NONE, SCSI_OP_READS, scsi_verify, NULL, {0x8f, 0xf6, RW_16}},
	{SCSI_PRE_FETCH_16, SCSI_SA_NONE, SCSI_OP_READS, scsi_pre_fetch, NULL, {0x90, 0x02, RW_16}},
	{SCSI_SYNCHRONIZE_CACHE_16, SCSI_SA_NONE, SLOW_WRITE,
		scsi_synchronize_cache, NULL, {0x91, 0x02, RW_16}},
	{SCSI_WRITE_SAME_16, SCSI_SA_NONE, SLOW_WRITE,
		scsi_write_same, scsi_write_same_end, {0x93, 0xf9, RW_16}},
	{SCSI_SERVICE_ACTION_IN_16, SCSI_SA_READ_CAPACITY_16, 0,
		scsi_read_capacity_16, NULL, {0x9e, 0x1f, ZERO_32, ZERO_32, NUMBER_32}},
	{SCSI_SERVICE_ACTION_IN_16, SCSI_SA_GET_LBA_STATUS, SCSI_OP_READS,
		scsi_get_lba_status, NULL, {0x9e, 0x1f, NUMBER_64, NUMBER_32}},
	{SCSI_REPORT_LUNS, SCSI_SA_NONE, SCSI_OP_ANY_LUN | ALWAYS,
		scsi_report_luns, NULL, {0xa0, 0x00, 0xff, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_MAINTENANCE_IN, SCSI_SA_REPORT_TARGET_PORT_GROUPS, NO_STATE,
		scsi_report_target_port_groups, NULL, {0xa3, 0xff, ZERO_32, NUMBER_32}},
	{SCSI_MAINTENANCE_IN, SCSI_SA_REPORT_SUPPORTED_OPCODES, SCSI_OP_READS | SCSI_OP_NO_MEDIUM,
		scsi_report_opcodes, NULL, {0xa3, 0x1f, 0x87, 0xff, NUMBER_16, NUMBER_32}},
	{SCSI_MAINTENANCE_IN, SCSI_SA_REPORT_SUPPORTED_TASK_MANAGEMENT,
		SCSI_OP_READS | SCSI_OP_NO_MEDIUM, scsi_report_task_management, NULL,
		{0xa3, 0x1f, 0x80, 0x00, 0x00, 0x00, NUMBER_32}},
	{SCSI_MAINTENANCE_OUT, SCSI_SA_SET_TARGET_PORT_GROUPS, SCSI_OP_WRITES | NO_STATE,
		scsi_set_target_port_groups, scsi_set_target_port_groups_end,
		{0xa4, 0x1f, ZERO_32, NUMBER_32}},
	{SCSI_READ_12, SCSI_SA_NONE, SCSI_OP_READS, scsi_read, NULL, {0xa8, 0xf8, RW_12}},
	{SCSI_WRITE_12, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write, scsi_write_end, {0xaa, 0xf8, RW_12}},
	{SCSI_WRITE_AND_VERIFY_12, SCSI_SA_NONE, SCSI_OP_WRITES,
		scsi_write_and_verify, NULL, {0xae, 0xf6, RW_12}},
	{SCSI_VERIFY_12, SCSI_SA_NONE, SCSI_OP_READS, scsi_verify, NULL, {0xaf, 0xf6, RW_12}},
};
/* clang-format on */

const struct scsi_op *scsi_ops(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(ops);
	return ops;
}

const struct scsi_op *scsi_find_op(const uint8_t *cdb, bool *ret_known)
{
	size_t low = 0, high = ARRAY_LEN(ops);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ops[middle].opcode < cdb[0])
			low = middle + 1;
		else
			high = middle;
	}
	*ret_known = low < ARRAY_LEN(ops) && ops[low].opcode == cdb[0];
	for (; low < ARRAY_LEN(ops) && ops[low].opcode == cdb[0]; low++)
		if (ops[low].service_action == SCSI_SA_NONE ||
		    ops[low].service_action == (cdb[1] & SCSI_SA_MASK))
			return &ops[low];
	return NULL;
}

bool scsi_op_exists(const struct scsi_op *op, const struct lun *lun)
{
	return !(op->flags & SCSI_OP_THIN) || (lun && lun->thin);
}

size_t scsi_cdb_len(uint8_t opcode)
{
	static const uint8_t len[8] = {6, 10, 10, 16, 16, 12, 16, 16};

	return len[opcode >> 5];
}
