/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two initiators and a target with LUNs of all kinds, for the tests of SCSI commands.
 */
#ifndef TESTS_UNIT_TARGET_SCSI_FIXTURE_H
#define TESTS_UNIT_TARGET_SCSI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/target/scsi.h"
#include "tests/target/target.h"

#define TARGET    "iqn.2001-04.com.example:unit"
#define INITIATOR "iqn.2001-04.com.example:initiator"
#define PORT      INITIATOR ",i,0x000000000000"
#define OTHER     "iqn.2001-04.com.example:other"

enum { BLOCKS = 2048, BLOCK = 512 };

enum { LUN_PLAIN, LUN_LARGE_BLOCKS, LUN_PROTECTED, LUN_THIN, LUN_REMOVABLE };

struct fixture {
	struct target *target;
	struct nexus nexus;
	struct nexus other;
};

static _unused_ void forget_attentions(struct fixture *f)
{
	memset(f->nexus.attentions, 0, sizeof(f->nexus.attentions));
	memset(f->other.attentions, 0, sizeof(f->other.attentions));
}

static _unused_ int set_up(void **state)
{
	static const struct lun_config luns[] = {
		{.number = LUN_PLAIN, .block_size = BLOCK, .size = BLOCKS * BLOCK},
		{.number = LUN_LARGE_BLOCKS, .block_size = 4096, .size = 1 << 20},
		{.number = LUN_PROTECTED,
	         .block_size = BLOCK,
	         .size = BLOCKS * BLOCK,
	         .read_only = true},
		{.number = LUN_THIN,
	         .block_size = BLOCK,
	         .physical_size = 4096,
	         .size = BLOCKS * BLOCK,
	         .thin = true},
		{.number = LUN_REMOVABLE, .block_size = BLOCK, .size = BLOCK, .removable = true},
	};
	struct fixture *f = calloc(1, sizeof(*f));

	f->target = target_new(TARGET);
	for (size_t i = 0; i < ARRAY_LEN(luns); i++)
		assert_int_equal(lun_open(&luns[i], TARGET, &f->target->scsi.luns[i]), 0);
	nexus_init(&f->nexus, &f->target->scsi, INITIATOR, (const uint8_t[6]){0});
	nexus_init(&f->other, &f->target->scsi, OTHER, (const uint8_t[6]){0});
	forget_attentions(f);
	*state = f;
	return 0;
}

static _unused_ int tear_down(void **state)
{
	struct fixture *f = *state;

	nexus_done(&f->nexus);
	nexus_done(&f->other);
	target_free(f->target);
	free(f);
	return 0;
}

/* A command of an initiator, begun; data: what the initiator sends with it. */
static _unused_ struct scsi_cmd start_as(struct nexus *n, uint16_t lun, const uint8_t *cdb,
                                         size_t len, size_t data_len)
{
	struct scsi_cmd cmd = {.lun_number = lun, .nexus = n, .out_size = data_len};

	memcpy(cmd.cdb, cdb, len);
	scsi_start(&cmd);
	return cmd;
}

/* The same with its data, all of it. */
static _unused_ struct scsi_cmd run_as(struct nexus *n, uint16_t lun, const uint8_t *cdb,
                                       size_t len, const void *data, size_t data_len)
{
	struct scsi_cmd cmd = start_as(n, lun, cdb, len, data_len);

	if (cmd.out_len > 0)
		scsi_put(&cmd, 0, data, MIN(cmd.out_len, data_len));
	scsi_finish(&cmd);
	return cmd;
}

#define BYTES(...)            ((const uint8_t[]){__VA_ARGS__})
#define START_AS(n, lun, ...) start_as(n, lun, BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)), 0)
#define START(f, lun, ...)    START_AS(&((struct fixture *)(f))->nexus, lun, __VA_ARGS__)
#define RUN_AS(n, lun, data, data_len, ...)                                                        \
	run_as(n, lun, BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)), data, data_len)
#define RUN(f, lun, data, data_len, ...)                                                           \
	RUN_AS(&((struct fixture *)(f))->nexus, lun, data, data_len, __VA_ARGS__)

static _unused_ void assert_sense(struct scsi_cmd *cmd, enum sense_key key, uint16_t code)
{
	assert_int_equal(cmd->status, SCSI_CHECK_CONDITION);
	assert_int_equal(cmd->sense.key, key);
	assert_int_equal(cmd->sense.code, code);
	assert_int_equal(cmd->in_len, 0);
	assert_int_equal(cmd->out_len, 0);
	scsi_done(cmd);
}

static _unused_ void assert_reply(struct scsi_cmd *cmd, const uint8_t *expected, size_t len)
{
	uint8_t got[512];

	assert_int_equal(cmd->status, SCSI_GOOD);
	assert_int_equal(cmd->in_len, len);
	assert_int_equal(scsi_fetch(cmd, 0, got, len), 0);
	assert_memory_equal(got, expected, len);
	scsi_done(cmd);
}

#define ASSERT_REPLY(cmd, ...) assert_reply(cmd, BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)))

static _unused_ void assert_status(struct scsi_cmd cmd, enum scsi_status status)
{
	assert_int_equal(cmd.status, status);
	scsi_done(&cmd);
}

static _unused_ void assert_good(struct scsi_cmd *cmd)
{
	assert_status(*cmd, SCSI_GOOD);
}

/* Whether len bytes of the medium from at on are all value. */
static _unused_ void assert_medium(struct fixture *f, uint16_t lun, uint64_t at, size_t len,
                                   uint8_t value)
{
	uint8_t byte;

	for (size_t i = 0; i < len; i++) {
		assert_int_equal(lun_read(f->target->scsi.luns[lun], at + i, &byte, 1), 0);
		assert_int_equal(byte, value);
	}
}

#endif
