/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCSI commands from CDB to data, status and sense.  Expected bytes are from SPC-4 and SBC-3.
 */
#include "tests/unit/target/scsi_fixture.h"

static void the_first_command_meets_a_unit_attention(void **state)
{
	struct fixture *f = *state;
	struct scsi_cmd cmd;

	nexus_done(&f->nexus);
	nexus_init(&f->nexus, &f->target->scsi, INITIATOR, (const uint8_t[6]){0});
	/* SAM-5 5.14: these three do not see it */
	cmd = START(f, 0, SCSI_INQUIRY, 0, 0, 0, 96, 0);
	assert_good(&cmd);
	cmd = START(f, 0, SCSI_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_good(&cmd);
	cmd = START(f, 0, SCSI_TEST_UNIT_READY);
	assert_sense(&cmd, SENSE_UNIT_ATTENTION, 0x2900);
	cmd = START(f, 0, SCSI_TEST_UNIT_READY);
	assert_good(&cmd);
	/* each LUN has its own; REQUEST SENSE tells and clears it */
	cmd = START(f, 1, SCSI_REQUEST_SENSE, 0, 0, 0, 18, 0);
	ASSERT_REPLY(&cmd, 0x70, 0, 0x06, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0x00, 0, 0, 0, 0);
	cmd = START(f, 1, SCSI_TEST_UNIT_READY);
	assert_good(&cmd);
}

static void what_is_unknown_is_refused_by_name(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, 0xc1);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2000);
	cmd = START(*state, 0, SCSI_SERVICE_ACTION_IN_16, 0x1f);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 7, SCSI_TEST_UNIT_READY);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2500);
	cmd = START(*state, LUN_NONE, SCSI_READ_10, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2500);
}

static void lun_addresses_of_both_methods(void **state _unused_)
{
	static const struct {
		uint8_t lun[8];
		uint16_t number;
	} cases[] = {
		{{0}, 0},
		{{0x00, 0x05}, 5},
		{{0x40, 0x05}, 5},
		{{0x00, 0xff}, 255},
		{{0x01, 0x00}, LUN_NONE},             /* bus 1 */
		{{0x41, 0x00}, LUN_NONE},             /* flat 256 */
		{{0x80, 0x00}, LUN_NONE},             /* logical unit addressing */
		{{0xc1, 0x01}, LUN_NONE},             /* well known */
		{{0, 0, 0, 1}, LUN_NONE},             /* second level */
		{{0, 0, 0, 0, 0, 0, 0, 1}, LUN_NONE}, /* fourth */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(scsi_lun_number(cases[i].lun), cases[i].number);
}

static void capacity_is_the_last_block_and_its_size(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_READ_CAPACITY_10);
	ASSERT_REPLY(&cmd, 0, 0, 0x07, 0xff, 0, 0, 0x02, 0);
	cmd = START(*state, 1, SCSI_READ_CAPACITY_10);
	ASSERT_REPLY(&cmd, 0, 0, 0, 0xff, 0, 0, 0x10, 0);
	cmd = START(*state, 0, SCSI_SERVICE_ACTION_IN_16, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            32);
	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0x07, 0xff, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	             0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_SERVICE_ACTION_IN_16, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	            10);
	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0x07, 0xff, 0, 0);
}

/* CDBs of every length whose range ends with the last block, or one behind it. */
static void a_range_may_touch_the_end_but_not_pass_it(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint8_t cdb[16];
		uint64_t len; /* 0: out of range */
	} cases[] = {
		{{SCSI_READ_6, 0, 0x07, 0xff, 1}, BLOCK},
		{{SCSI_READ_6, 0, 0x07, 0xff, 2}, 0},
		{{SCSI_READ_6, 0, 0x07, 0x00, 0}, 256 * BLOCK}, /* 0 is 256 */
		{{SCSI_READ_6, 0, 0x07, 0x01, 0}, 0},
		{{SCSI_READ_10, 0, 0, 0, 0x07, 0xff, 0, 0, 1}, BLOCK},
		{{SCSI_READ_10, 0, 0, 0, 0x07, 0xff, 0, 0, 2}, 0},
		{{SCSI_READ_10, 0, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff}, 0},
		{{SCSI_READ_12, 0, 0, 0, 0x07, 0xfe, 0, 0, 0, 2}, 2 * BLOCK},
		{{SCSI_READ_12, 0, 0, 0, 0x07, 0xfe, 0xff, 0xff, 0xff, 0xff}, 0},
		{{SCSI_READ_16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0}, BLOCKS * BLOCK},
		{{SCSI_READ_16, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x08, 0}, 0},
		{{SCSI_READ_16, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1}, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scsi_cmd cmd = start_as(&f->nexus, 0, cases[i].cdb, sizeof(cases[i].cdb), 0);

		if (cases[i].len == 0) {
			assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
			continue;
		}
		assert_int_equal(cmd.in_len, cases[i].len);
		assert_good(&cmd);
	}
}

static void no_blocks_are_no_error(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_READ_10, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(cmd.in_len, 0);
	assert_good(&cmd);
	cmd = START(*state, 0, SCSI_WRITE_10, 0, 0, 0, 0x08, 0, 0, 0, 0);
	assert_int_equal(cmd.out_len, 0);
	assert_good(&cmd);
	cmd = START(*state, 0, SCSI_READ_10, 0, 0, 0, 0x08, 1, 0, 0, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2100);
}

static void what_was_written_is_read(void **state)
{
	uint8_t block[BLOCK], got[BLOCK];
	struct scsi_cmd cmd;

	memset(block, 0x5a, sizeof(block));
	cmd = START(*state, 0, SCSI_WRITE_10, 0, 0, 0, 0, 3, 0, 0, 1);
	assert_int_equal(cmd.out_len, BLOCK);
	scsi_put(&cmd, 0, block, 100);
	scsi_put(&cmd, 100, block + 100, BLOCK - 100);
	scsi_finish(&cmd);
	assert_good(&cmd);
	cmd = START(*state, 0, SCSI_READ_16, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2);
	assert_int_equal(scsi_fetch(&cmd, BLOCK, got, BLOCK), 0);
	assert_memory_equal(got, block, BLOCK);
	assert_memory_equal(scsi_peek(&cmd, BLOCK), block, BLOCK);
	assert_good(&cmd);
}

static void protection_is_refused_where_there_is_none(void **state)
{
	static const uint8_t opcodes[] = {SCSI_READ_10, SCSI_WRITE_10, SCSI_VERIFY_10,
	                                  SCSI_WRITE_AND_VERIFY_10, SCSI_READ_16};

	for (size_t i = 0; i < ARRAY_LEN(opcodes); i++) {
		struct scsi_cmd cmd = START(*state, 0, opcodes[i], 0x20, 0, 0, 0, 0, 0, 0, 1);

		assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	}
}

static void a_protected_lun_is_not_written(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 2, SCSI_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1);
	assert_sense(&cmd, SENSE_DATA_PROTECT, 0x2700);
	cmd = START(*state, 2, SCSI_MODE_SENSE_6, 0x08, 0x3f, 0, 4, 0);
	ASSERT_REPLY(&cmd, 0x23, 0, 0x90, 0); /* WP and DPOFUA; 3 + 20 + 12 bytes follow */
}

static void verify_names_the_first_difference(void **state)
{
	uint8_t block[2 * BLOCK] = {0};
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_VERIFY_10, 0x02, 0, 0, 0, 0, 0, 0, 2);
	assert_int_equal(cmd.out_len, 2 * BLOCK);
	scsi_put(&cmd, 0, block, sizeof(block));
	assert_good(&cmd);
	block[700] = 1;
	cmd = START(*state, 0, SCSI_VERIFY_10, 0x02, 0, 0, 0, 0, 0, 0, 2);
	scsi_put(&cmd, 0, block, 600);
	scsi_put(&cmd, 600, block + 600, sizeof(block) - 600);
	assert_true(cmd.sense.has_information);
	assert_int_equal(cmd.sense.information, 700);
	assert_sense(&cmd, SENSE_MISCOMPARE, 0x1d00);
	/* without BYTCHK there is nothing to send */
	cmd = START(*state, 0, SCSI_VERIFY_10, 0x00, 0, 0, 0, 0, 0, 0, 2);
	assert_int_equal(cmd.out_len, 0);
	assert_good(&cmd);
}

static void write_and_verify_writes(void **state)
{
	uint8_t block[BLOCK], got[BLOCK];
	struct scsi_cmd cmd;

	memset(block, 0x77, sizeof(block));
	cmd = START(*state, 0, SCSI_WRITE_AND_VERIFY_16, 0x02, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1);
	scsi_put(&cmd, 0, block, sizeof(block));
	scsi_finish(&cmd);
	assert_good(&cmd);
	cmd = START(*state, 0, SCSI_READ_6, 0, 0, 9, 1, 0);
	assert_int_equal(scsi_fetch(&cmd, 0, got, BLOCK), 0);
	assert_memory_equal(got, block, BLOCK);
	assert_good(&cmd);
}

static void too_much_at_once_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lun_config big = {.number = 9, .block_size = BLOCK, .size = 1ULL << 40};
	struct scsi_cmd cmd;

	assert_int_equal(lun_open(&big, "x", &f->target->scsi.luns[9]), 0);
	cmd = START(f, 9, SCSI_READ_16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0);
	assert_good(&cmd);
	cmd = START(f, 9, SCSI_READ_16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	/* more blocks than 32 bits can say: READ CAPACITY(10) points to (16) */
	f->target->scsi.luns[9]->size = 1ULL << 42;
	cmd = START(f, 9, SCSI_READ_CAPACITY_10);
	ASSERT_REPLY(&cmd, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x02, 0);
	f->target->scsi.luns[9]->size = 1ULL << 40;
}

static void luns_are_listed(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	ASSERT_REPLY(&cmd, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
	             0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0);
	/* well-known units only: there are none */
	cmd = START(*state, 9, SCSI_REPORT_LUNS, 0, 1, 0, 0, 0, 0, 0, 0xff, 0);
	ASSERT_REPLY(&cmd, 0, 0, 0, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0, 15);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 0, SCSI_REPORT_LUNS, 0, 0x10, 0, 0, 0, 0, 0, 0xff, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
}

static void listing_luns_settles_that_they_changed(void **state)
{
	struct fixture *f = *state;

	nexus_luns_changed(&f->target->scsi);
	assert_status(START(f, 0, SCSI_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0xff, 0), SCSI_GOOD);
	assert_status(START(f, 1, SCSI_TEST_UNIT_READY), SCSI_GOOD);
	assert_int_equal(nexus_take_attention(&f->other, 1), 0x3f0e);
}

static void inquiry_tells_what_is_there(void **state)
{
	uint8_t got[96];
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_INQUIRY, 0, 0, 0, 255, 0);
	assert_int_equal(cmd.in_len, sizeof(got));
	assert_int_equal(scsi_fetch(&cmd, 0, got, sizeof(got)), 0);
	assert_memory_equal(got, ((uint8_t[]){0x00, 0x00, 0x06, 0x12, 91, 0x30, 0, 0x02}), 8);
	scsi_done(&cmd);
	/* no such LUN: qualifier 011b, type 1fh */
	cmd = START(*state, 50, SCSI_INQUIRY, 0, 0, 0, 1, 0);
	ASSERT_REPLY(&cmd, 0x7f);
	cmd = START(*state, 0, SCSI_INQUIRY, 0, 0x83, 0, 255, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 0, SCSI_INQUIRY, 1, 0xd0, 0, 255, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 0, SCSI_INQUIRY, 1, 0x00, 0, 255, 0);
	ASSERT_REPLY(&cmd, 0, 0, 0, 7, 0x00, 0x80, 0x83, 0x86, 0xb0, 0xb1, 0xb2);
	cmd = START(*state, 0, SCSI_INQUIRY, 1, 0xb0, 0, 16, 0);
	ASSERT_REPLY(&cmd, 0, 0xb0, 0, 0x3c, 0, 128, 0, 1, 0, 0, 0x80, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_INQUIRY, 1, 0xb1, 0, 6, 0);
	ASSERT_REPLY(&cmd, 0, 0xb1, 0, 0x3c, 0, 1);
}

static void identities_differ_and_stay(void **state)
{
	struct fixture *f = *state;
	struct lun_config config = {.number = 0, .block_size = BLOCK, .size = BLOCK};
	struct lun *again, *other;

	assert_int_equal(lun_open(&config, f->target->name, &again), 0);
	assert_int_equal(lun_open(&config, "iqn.2001-04.com.example:other", &other), 0);
	assert_string_equal(again->serial, f->target->scsi.luns[0]->serial);
	assert_string_not_equal(other->serial, again->serial);
	assert_string_not_equal(f->target->scsi.luns[1]->serial, again->serial);
	lun_free(again);
	lun_free(other);
}

static void a_serial_number_of_its_own_is_the_identity(void **state _unused_)
{
	struct lun_config config = {.block_size = BLOCK, .size = BLOCK, .serial = "one"};
	struct lun *here, *elsewhere, *other;

	assert_int_equal(lun_open(&config, "iqn.2001-04.com.example:a", &here), 0);
	config.number = 7;
	assert_int_equal(lun_open(&config, "iqn.2001-04.com.example:b", &elsewhere), 0);
	config.serial = "two";
	assert_int_equal(lun_open(&config, "iqn.2001-04.com.example:b", &other), 0);
	assert_string_equal(here->serial, "one");
	assert_int_equal(here->id, elsewhere->id);
	assert_int_not_equal(here->id, other->id);
	lun_free(here);
	lun_free(elsewhere);
	lun_free(other);
}

static void supported_commands_are_told(void **state)
{
	struct scsi_cmd cmd;

	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 1, SCSI_TEST_UNIT_READY, 0, 0, 0, 0, 1,
	            0);
	ASSERT_REPLY(&cmd, 0, 0x03, 0, 6, 0, 0, 0, 0, 0, 0);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 1, 0xc1, 0, 0, 0, 0, 1, 0);
	ASSERT_REPLY(&cmd, 0, 0x01, 0, 0);
	/* an opcode with service actions cannot be asked for alone, nor the other way round */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 1, 0x9e, 0, 0, 0, 0, 1, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 2, 0x28, 0, 0, 0, 0, 1, 0);
	assert_sense(&cmd, SENSE_ILLEGAL_REQUEST, 0x2400);
	/* with the timeouts descriptor: CTDP and 12 bytes more */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 0x82, 0x9e, 0, 0x10, 0, 0, 1, 0);
	assert_int_equal(cmd.in_len, 4 + 16 + 12);
	assert_int_equal(cmd.reply.data[1], 0x83);
	assert_int_equal(cmd.reply.data[21], 10);
	assert_good(&cmd);
	/* all: the length says how many descriptors of 8 bytes come */
	cmd = START(*state, 0, SCSI_MAINTENANCE_IN, 0x0c, 0, 0, 0, 0, 0, 0, 0xff, 0);
	assert_int_equal(cmd.reply.data[3] + cmd.reply.data[2] * 256, cmd.reply.len - 4);
	assert_good(&cmd);
}

static void sense_is_18_bytes_in_fixed_format(void **state _unused_)
{
	static const uint8_t expected[SENSE_FIXED_LEN] = {0xf0, 0, 0x0e, 0x01, 0x02, 0x03, 0x04,
	                                                  10,   0, 0,    0,    0,    0x1d, 0x00};
	uint8_t got[SENSE_MAX];
	struct sense s = {.key = SENSE_MISCOMPARE,
	                  .code = SENSE_MISCOMPARE_DURING_VERIFY,
	                  .has_information = true,
	                  .information = 0x01020304};

	assert_int_equal(sense_encode(&s, false, got), SENSE_FIXED_LEN);
	assert_memory_equal(got, expected, sizeof(expected));
	s.information = 1ULL << 32; /* does not fit: VALID is 0 */
	sense_encode(&s, false, got);
	assert_int_equal(got[0], 0x70);
}

static void sense_in_descriptor_format(void **state _unused_)
{
	static const uint8_t expected[] = {0x72, 0x0e, 0x1d, 0x00, 0, 0, 0, 12, 0x00, 0x0a,
	                                   0x80, 0,    0,    0,    0, 1, 2, 3,  4,    5};
	uint8_t got[SENSE_MAX];
	struct sense s = {.key = SENSE_MISCOMPARE,
	                  .code = SENSE_MISCOMPARE_DURING_VERIFY,
	                  .has_information = true,
	                  .information = 0x0102030405};

	assert_int_equal(sense_encode(&s, true, got), sizeof(expected));
	assert_memory_equal(got, expected, sizeof(expected));
	s.has_information = false;
	assert_int_equal(sense_encode(&s, true, got), 8);
	assert_int_equal(got[7], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_first_command_meets_a_unit_attention),
		TEST(what_is_unknown_is_refused_by_name),
		TEST(lun_addresses_of_both_methods),
		TEST(capacity_is_the_last_block_and_its_size),
		TEST(a_range_may_touch_the_end_but_not_pass_it),
		TEST(no_blocks_are_no_error),
		TEST(what_was_written_is_read),
		TEST(protection_is_refused_where_there_is_none),
		TEST(a_protected_lun_is_not_written),
		TEST(verify_names_the_first_difference),
		TEST(write_and_verify_writes),
		TEST(too_much_at_once_is_refused),
		TEST(luns_are_listed),
		TEST(listing_luns_settles_that_they_changed),
		TEST(inquiry_tells_what_is_there),
		TEST(identities_differ_and_stay),
		TEST(a_serial_number_of_its_own_is_the_identity),
		TEST(supported_commands_are_told),
		TEST(sense_is_18_bytes_in_fixed_format),
		TEST(sense_in_descriptor_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
