/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any CDB with any data, in any order, from two initiators: no command leaves the bounds of what it
 * promises.  Most useful with the sanitizers.
 */
#include "tests/unit/target/scsi_fixture.h"

enum { ROUNDS = 60000, DATA_MAX = 4096, FETCH_MAX = 65536 };

/* xorshift: the same in every run */
static uint32_t seed = 0x9e3779b9;

static uint32_t any(uint32_t bound)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % bound;
}

static void fill(uint8_t *data, size_t len)
{
	/* sparse, so that lengths and addresses are often small enough to be right */
	for (size_t i = 0; i < len; i++)
		data[i] = any(3) == 0 ? (uint8_t)any(256) : 0;
}

static void fill_cdb(uint8_t cdb[static SCSI_CDB_LEN])
{
	size_t count;
	const struct scsi_op *ops = scsi_ops(&count);
	const struct scsi_op *op = &ops[any((uint32_t)count)];

	fill(cdb, SCSI_CDB_LEN);
	if (any(20) == 0)
		return;
	cdb[0] = op->opcode;
	if (op->service_action != SCSI_SA_NONE)
		cdb[1] = (uint8_t)((cdb[1] & ~SCSI_SA_MASK) | op->service_action);
}

static void run_one(struct fixture *f)
{
	static uint8_t data[DATA_MAX], got[FETCH_MAX];
	struct scsi_cmd cmd = {.nexus = any(2) ? &f->nexus : &f->other,
	                       .lun_number = any(30) ? (uint16_t)any(5) : LUN_NONE,
	                       .out_size = any(DATA_MAX)};
	size_t sent = 0;

	fill_cdb(cmd.cdb);
	fill(data, cmd.out_size);
	scsi_start(&cmd);
	assert_true(cmd.in_len == 0 || cmd.out_len == 0);
	if (cmd.status != SCSI_GOOD)
		assert_true(cmd.in_len == 0 && cmd.out_len == 0);
	if (cmd.in_len > 0)
		scsi_fetch(&cmd, 0, got, MIN(cmd.in_len, sizeof(got)));
	/* in two pieces, and not always all of it */
	while (sent < MIN(cmd.out_len, cmd.out_size)) {
		size_t n = 1 + any((uint32_t)(MIN(cmd.out_len, cmd.out_size) - sent));

		scsi_put(&cmd, sent, data + sent, n);
		sent += n;
	}
	if (cmd.in == SCSI_DATA_NONE)
		scsi_finish(&cmd);
	assert_true(cmd.status == SCSI_GOOD || cmd.status == SCSI_CHECK_CONDITION ||
	            cmd.status == SCSI_RESERVATION_CONFLICT);
	if (cmd.status == SCSI_CHECK_CONDITION)
		assert_true(cmd.sense.key != SENSE_NO_SENSE);
	scsi_done(&cmd);
}

static void no_command_leaves_its_bounds(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		run_one(f);
		/* what would make all the rest uniform ends from time to time */
		if (any(50) == 0)
			scsi_reset_lun(&f->target->scsi, (uint16_t)any(5));
		if (any(50) == 0)
			alua_set_state(&f->target->scsi, ALUA_OPTIMIZED);
		if (any(50) == 0)
			pr_done(&f->target->scsi.luns[any(5)]->pr);
		if (any(50) == 0)
			f->target->scsi.luns[LUN_REMOVABLE]->loaded = true;
		if (any(10) == 0)
			forget_attentions(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_command_leaves_its_bounds, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
