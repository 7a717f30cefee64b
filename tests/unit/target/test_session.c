/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's side of the full feature phase: commands and data, task management, text, logout.
 */
#include <sys/mman.h>

#include "tests/unit/target/initiator.h"

/* ---- commands ----------------------------------------------------------------------------- */

#define COMMAND(f, tag, how, len, ...)                                                             \
	(&(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,                                                \
	               .flags = ISCSI_FLAG_FINAL | (how),                                          \
	               .itt = (tag),                                                               \
	               .transfer_len = (len),                                                      \
	               .cmd_sn = (f)->cmd_sn++,                                                    \
	               __VA_ARGS__})

#define READ_BLOCKS(n)  .cdb = {0x28, 0, 0, 0, 0, 0, 0, 0, (n)}
#define WRITE_BLOCKS(n) .cdb = {0x2a, 0, 0, 0, 0, 0, 0, 0, (n)}

static void data_in_is_cut_as_negotiated(void **state)
{
	struct fixture *f = *state;
	uint32_t first_stat_sn;
	struct pdu pdu;

	LOG_IN(f, "MaxRecvDataSegmentLength=1024\0MaxBurstLength=2048");
	first_stat_sn = f->conn->stat_sn;
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_READ, 5 * BLOCK, READ_BLOCKS(5)));
	for (uint32_t i = 0; i < 3; i++) {
		pdu = expect(f, ISCSI_OP_DATA_IN);
		assert_int_equal(pdu.data_sn, i);
		assert_int_equal(pdu.buffer_offset, i * 1024);
		assert_int_equal(pdu.data_len, i < 2 ? 1024 : BLOCK);
		assert_int_equal(pdu.ttt, ISCSI_TAG_RESERVED);
		/* F ends a burst of 2048; S comes with the last */
		assert_int_equal(pdu.flags, i == 0 ? 0 : i == 1 ? 0x80 : 0x81);
	}
	assert_int_equal(pdu.status, SCSI_GOOD);
	assert_int_equal(pdu.stat_sn, first_stat_sn);
	assert_int_equal(pdu.exp_cmd_sn, FIRST_CMD_SN + 1);
	assert_int_equal(pdu.max_cmd_sn, FIRST_CMD_SN + SESSION_WINDOW);
	expect_nothing(f);
}

static void residuals_are_exact(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint32_t expected;
		uint8_t flags;
		uint32_t residual;
		uint32_t data;
	} cases[] = {
		{2 * BLOCK, 0x00, 0, 2 * BLOCK},
		{3 * BLOCK, ISCSI_RSP_UNDERFLOW, BLOCK, 2 * BLOCK},
		{1 * BLOCK, ISCSI_RSP_OVERFLOW, BLOCK, BLOCK},
		{2 * BLOCK - 1, ISCSI_RSP_OVERFLOW, 1, 2 * BLOCK - 1},
	};
	struct pdu pdu;

	LOG_IN(f, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		send_pdu(f, COMMAND(f, 1, ISCSI_CMD_READ, cases[i].expected, READ_BLOCKS(2)));
		pdu = expect(f, ISCSI_OP_DATA_IN);
		assert_int_equal(pdu.flags, 0x81 | cases[i].flags);
		assert_int_equal(pdu.residual, cases[i].residual);
		assert_int_equal(pdu.data_len, cases[i].data);
	}
	/* nothing allowed for: a status alone */
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_READ, 0, READ_BLOCKS(2)));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.flags, 0x80 | ISCSI_RSP_OVERFLOW);
	assert_int_equal(pdu.residual, 2 * BLOCK);
}

static void sense_comes_with_check_condition(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_READ, BLOCK, .cdb = {0xc1}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.response, 0);
	assert_int_equal(pdu.status, SCSI_CHECK_CONDITION);
	assert_int_equal(pdu.flags, 0x80 | ISCSI_RSP_UNDERFLOW);
	assert_int_equal(pdu.residual, BLOCK);
	assert_int_equal(pdu.data_len, 20);
	assert_memory_equal(
		pdu.data, ((uint8_t[]){0, 18, 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0x00}),
		16);
}

static void sense_comes_in_the_format_of_the_lun(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	f->options.targets->scsi.luns[0]->descriptor_sense = true;
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_READ, BLOCK, .cdb = {0xc1}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.data_len, 10);
	assert_memory_equal(pdu.data, ((uint8_t[]){0, 8, 0x72, 5, 0x20, 0, 0, 0, 0, 0}), 10);
}

/* A parameter list comes as data, too: by R2T, and its length is checked against the CDB. */
static void parameters_come_as_data(void **state)
{
	struct fixture *f = *state;
	static const uint8_t control[] = {0, 0, 0, 0, 0x0a, 10, 0x04, 0x10, 0, 0, 0, 0, 0, 0, 0, 0};
	struct pdu pdu;

	LOG_IN(f, "ImmediateData=No");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, 16, .cdb = {0x15, 0x10, 0, 0, 16}));
	pdu = expect(f, ISCSI_OP_R2T);
	assert_int_equal(pdu.transfer_len, 16);
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_DATA_OUT,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = 1,
	                          .ttt = pdu.ttt,
	                          .data = control,
	                          .data_len = sizeof(control)});
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_GOOD);
	assert_int_equal(pdu.residual, 0);
	assert_true(f->options.targets->scsi.luns[0]->descriptor_sense);
	/* WRITE SAME of half a block: nothing is asked for */
	send_pdu(f, COMMAND(f, 2, ISCSI_CMD_WRITE, BLOCK / 2, .cdb = {0x41, [8] = 1}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_CHECK_CONDITION);
	assert_int_equal(pdu.residual, BLOCK / 2);
}

static void commands_out_of_turn_are_ignored(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	f->cmd_sn = FIRST_CMD_SN - 1;
	send_pdu(f, COMMAND(f, 1, 0, 0, .cdb = {0}));
	f->cmd_sn = FIRST_CMD_SN + SESSION_WINDOW;
	send_pdu(f, COMMAND(f, 2, 0, 0, .cdb = {0}));
	expect_nothing(f);
	f->cmd_sn = FIRST_CMD_SN;
	send_pdu(f, COMMAND(f, 3, 0, 0, .cdb = {0}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.itt, 3);
	assert_int_equal(pdu.status, SCSI_GOOD);
}

static const uint8_t zeros[8 * BLOCK];

#define DATA_OUT(tag, transfer_tag, sn, offset, len, f_bit)                                        \
	(&(struct pdu){.opcode = ISCSI_OP_DATA_OUT,                                                \
	               .flags = (f_bit) ? ISCSI_FLAG_FINAL : 0,                                    \
	               .itt = (tag),                                                               \
	               .ttt = (transfer_tag),                                                      \
	               .data_sn = (sn),                                                            \
	               .buffer_offset = (offset),                                                  \
	               .data = zeros,                                                              \
	               .data_len = (len)})

/* 10 blocks: 1 immediate, 3 unsolicited (FirstBurstLength), 6 by R2T of at most MaxBurstLength. */
static void a_write_takes_all_three_ways_of_data(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu = {.opcode = 0};

	LOG_IN(f, "InitialR2T=No\0MaxBurstLength=2048");
	assert_false(f->conn->session->params.initial_r2t);
	pdu = *COMMAND(f, 1, ISCSI_CMD_WRITE, 10 * BLOCK, WRITE_BLOCKS(10), .data = zeros,
	               .data_len = BLOCK);
	pdu.flags &= ~ISCSI_FLAG_FINAL;
	send_pdu(f, &pdu);
	expect_nothing(f);
	send_pdu(f, DATA_OUT(1, ISCSI_TAG_RESERVED, 0, BLOCK, BLOCK, false));
	send_pdu(f, DATA_OUT(1, ISCSI_TAG_RESERVED, 1, 2 * BLOCK, 2 * BLOCK, true));
	pdu = expect(f, ISCSI_OP_R2T);
	assert_int_equal(pdu.data_sn, 0);
	assert_int_equal(pdu.buffer_offset, 4 * BLOCK);
	assert_int_equal(pdu.transfer_len, 4 * BLOCK);
	send_pdu(f, DATA_OUT(1, pdu.ttt, 0, 4 * BLOCK, 4 * BLOCK, true));
	pdu = expect(f, ISCSI_OP_R2T);
	assert_int_equal(pdu.data_sn, 1);
	assert_int_equal(pdu.buffer_offset, 8 * BLOCK);
	assert_int_equal(pdu.transfer_len, 2 * BLOCK);
	send_pdu(f, DATA_OUT(1, pdu.ttt, 0, 8 * BLOCK, 2 * BLOCK, true));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_GOOD);
	assert_int_equal(pdu.flags, 0x80);
	assert_int_equal(pdu.data_sn, 2);
}

static void data_out_of_order_never_completes_good(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint32_t sn, offset, len;
	} cases[] = {{1, 0, BLOCK},         {0, BLOCK, BLOCK}, {0, 0, 2 * BLOCK},
	             {0, 0, BLOCK / 2},     {27, 0, BLOCK},    {UINT32_MAX, 0, BLOCK},
	             {0, 0xfffffe00, BLOCK}};

	LOG_IN(f, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pdu pdu;

		send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
		pdu = expect(f, ISCSI_OP_R2T);
		send_pdu(f, DATA_OUT(1, pdu.ttt, cases[i].sn, cases[i].offset, cases[i].len, true));
		pdu = expect(f, ISCSI_OP_SCSI_RSP);
		assert_int_equal(pdu.status, SCSI_CHECK_CONDITION);
		assert_int_equal(pdu.data[4], SENSE_ABORTED_COMMAND);
	}
}

static void unasked_data_is_refused_where_it_was_not_negotiated(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "ImmediateData=No");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1), .data = zeros,
	                    .data_len = BLOCK));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_CHECK_CONDITION);
	assert_int_equal(pdu.data[14] << 8 | pdu.data[15], 0x0c0c);
	/* for a task that is not there: dropped */
	send_pdu(f, DATA_OUT(77, 5, 0, 0, BLOCK, true));
	expect_nothing(f);
}

/* The socket takes little at a time, from memory and from a file, with and without digests. */
static void a_slow_reader_gets_every_byte(void **state)
{
	struct fixture *f = *state;
	enum { LUN_BLOCKS = 2048 };
	int file = memfd_create("lun", MFD_CLOEXEC), small = 4096;
	struct lun *lun = f->options.targets->scsi.luns[0];

	assert_int_equal(ftruncate(file, LUN_BLOCKS * BLOCK), 0);
	for (size_t i = 0; i < LUN_BLOCKS * BLOCK; i++)
		lun->memory[i] = (uint8_t)(i * 31 >> 8 ^ i);
	assert_int_equal(pwrite(file, lun->memory, LUN_BLOCKS * BLOCK, 0), LUN_BLOCKS * BLOCK);
	f->options.targets->scsi.luns[3]->fd = file;
	munmap(f->options.targets->scsi.luns[3]->memory, LUN_BLOCKS * BLOCK);
	f->options.targets->scsi.luns[3]->memory = NULL;
	LOG_IN(f, "HeaderDigest=None\0MaxBurstLength=4096\0MaxRecvDataSegmentLength=3000");
	setsockopt(f->conn->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	for (uint8_t i = 0; i < 4; i++) {
		struct pdu pdu = {.flags = 0};
		uint32_t offset = 0;

		f->conn->header_digest = f->conn->data_digest = i >= 2;
		pdu_stream_set_digests(f->in, i >= 2, i >= 2);
		send_pdu(f, COMMAND(f, i, ISCSI_CMD_READ, LUN_BLOCKS * BLOCK,
		                    .lun = {0, i % 2 ? 3 : 0},
		                    .cdb = {0x28, 0, 0, 0, 0, 0, 0, 0x08, 0}));
		assert_true(f->conn->out.pending > 0);
		while (!(pdu.flags & ISCSI_DATA_IN_STATUS)) {
			conn_push(f->conn);
			while (receive(f, &pdu)) {
				assert_int_equal(pdu.buffer_offset, offset);
				assert_memory_equal(pdu.data, lun->memory + offset, pdu.data_len);
				offset += pdu.data_len;
			}
		}
		assert_int_equal(offset, LUN_BLOCKS * BLOCK);
	}
}

static void an_unknown_opcode_is_rejected(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	send_pdu(f, &(struct pdu){.opcode = 0x08, .itt = 1});
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, ISCSI_REJECT_NOT_SUPPORTED);
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SNACK_REQ, .itt = 1});
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, ISCSI_REJECT_SNACK);
}

static void a_tag_in_use_is_rejected(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
	expect(f, ISCSI_OP_R2T);
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
	pdu = expect(f, ISCSI_OP_REJECT);
	assert_int_equal(pdu.reason, ISCSI_REJECT_TASK_IN_PROGRESS);
	assert_int_equal(pdu.data_len, ISCSI_BHS_LEN);
}

static void the_window_closes_when_it_is_full(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	for (uint32_t i = 0; i < SESSION_WINDOW; i++) {
		send_pdu(f, COMMAND(f, i, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
		pdu = expect(f, ISCSI_OP_R2T);
	}
	assert_int_equal(pdu.max_cmd_sn, FIRST_CMD_SN + SESSION_WINDOW - 1);
	assert_int_equal(pdu.exp_cmd_sn, FIRST_CMD_SN + SESSION_WINDOW);
	send_pdu(f, COMMAND(f, 1000, 0, 0, .cdb = {0}));
	expect_nothing(f);
}

/* ---- task management, NOP, text, logout --------------------------------------------------- */

#define TMF(function, tag, ...)                                                                    \
	(&(struct pdu){.opcode = ISCSI_OP_TMF_REQ,                                                 \
	               .immediate = true,                                                          \
	               .flags = ISCSI_FLAG_FINAL | (function),                                     \
	               .itt = (tag),                                                               \
	               __VA_ARGS__})

static void a_task_is_aborted_once(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;
	uint32_t ttt;

	LOG_IN(f, "");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
	ttt = expect(f, ISCSI_OP_R2T).ttt;
	send_pdu(f, TMF(ISCSI_TMF_ABORT_TASK, 2, .ref_itt = 1));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_COMPLETE);
	send_pdu(f, TMF(ISCSI_TMF_ABORT_TASK, 3, .ref_itt = 1));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_NO_TASK);
	/* its data, late, changes nothing */
	send_pdu(f, DATA_OUT(1, ttt, 0, 0, BLOCK, true));
	expect_nothing(f);
	send_pdu(f, COMMAND(f, 4, 0, 0, .cdb = {0}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.status, SCSI_GOOD);
}

static void a_lun_reset_leaves_a_unit_attention(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	send_pdu(f, COMMAND(f, 1, ISCSI_CMD_WRITE, BLOCK, WRITE_BLOCKS(1)));
	expect(f, ISCSI_OP_R2T);
	send_pdu(f, TMF(ISCSI_TMF_LUN_RESET, 2));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_COMPLETE);
	assert_null(f->conn->session->tasks);
	send_pdu(f, COMMAND(f, 3, 0, 0, .cdb = {0}));
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	assert_int_equal(pdu.data[14] << 8 | pdu.data[15], 0x2903);
	send_pdu(f, TMF(ISCSI_TMF_LUN_RESET, 4, .lun = {0, 9}));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_NO_LUN);
	send_pdu(f, TMF(0x55, 5));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_REJECTED);
	send_pdu(f, TMF(ISCSI_TMF_TASK_REASSIGN, 6));
	assert_int_equal(expect(f, ISCSI_OP_TMF_RSP).response, ISCSI_TMF_NO_REASSIGN);
}

static void a_ping_is_echoed(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_NOP_OUT,
	                          .immediate = true,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = 9,
	                          .ttt = ISCSI_TAG_RESERVED,
	                          .data = (const uint8_t *)"ping!",
	                          .data_len = 5});
	pdu = expect(f, ISCSI_OP_NOP_IN);
	assert_int_equal(pdu.itt, 9);
	assert_int_equal(pdu.ttt, ISCSI_TAG_RESERVED);
	assert_int_equal(pdu.data_len, 5);
	assert_memory_equal(pdu.data, "ping!", 5);
}

#define TEXT(f, tag, transfer_tag, how, ...)                                                       \
	(&(struct pdu){.opcode = ISCSI_OP_TEXT_REQ,                                                \
	               .flags = (how),                                                             \
	               .itt = (tag),                                                               \
	               .ttt = (transfer_tag),                                                      \
	               .cmd_sn = (f)->cmd_sn++,                                                    \
	               __VA_ARGS__})

static void discovery_lists_all_targets_in_pieces(void **state)
{
	static const char keys[] =
		"InitiatorName=" INITIATOR "\0SessionType=Discovery\0MaxRecvDataSegmentLength=512";
	struct fixture *f = *state;
	struct pdu pdu;

	for (int i = 0; i < 20; i++) {
		char name[sizeof(NAME) + 3];
		struct target *t;

		snprintf(name, sizeof(name), "%s-%02d", NAME, i);
		t = target_new(name);
		t->next = f->options.targets;
		f->options.targets = t;
	}
	log_in(f, keys, sizeof(keys));
	send_pdu(f, TEXT(f, 5, ISCSI_TAG_RESERVED, ISCSI_FLAG_FINAL, KEYS("SendTargets=All")));
	pdu = expect(f, ISCSI_OP_TEXT_RSP);
	assert_int_equal(pdu.flags, ISCSI_TEXT_CONTINUE);
	assert_int_equal(pdu.data_len, 512);
	assert_int_not_equal(pdu.ttt, ISCSI_TAG_RESERVED);
	send_pdu(f, TEXT(f, 5, pdu.ttt, ISCSI_FLAG_FINAL, .data = NULL));
	pdu = expect(f, ISCSI_OP_TEXT_RSP);
	assert_int_equal(pdu.flags, ISCSI_FLAG_FINAL);
	assert_int_equal(pdu.ttt, ISCSI_TAG_RESERVED);
	assert_int_equal(512 + pdu.data_len, 23 * sizeof("TargetName=" NAME) + 2 + 20 * 3);
	/* a disk is not to be had here */
	send_pdu(f, COMMAND(f, 6, 0, 0, .cdb = {0}));
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, ISCSI_REJECT_PROTOCOL_ERROR);
}

static void a_normal_session_hears_of_its_own_target_only(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	send_pdu(f, TEXT(f, 5, ISCSI_TAG_RESERVED, ISCSI_FLAG_FINAL, KEYS("SendTargets=")));
	pdu = expect(f, ISCSI_OP_TEXT_RSP);
	assert_int_equal(pdu.data_len, sizeof("TargetName=" NAME));
	assert_true(has_key(&pdu, "TargetName", NAME));
	send_pdu(f, TEXT(f, 6, ISCSI_TAG_RESERVED, ISCSI_FLAG_FINAL, KEYS("SendTargets=All")));
	pdu = expect(f, ISCSI_OP_TEXT_RSP);
	assert_true(has_key(&pdu, "SendTargets", "Reject"));
	send_pdu(f, TEXT(f, 7, 12345, ISCSI_FLAG_FINAL, KEYS("SendTargets=")));
	assert_int_equal(expect(f, ISCSI_OP_REJECT).reason, ISCSI_REJECT_INVALID_PDU_FIELD);
}

static void a_logout_is_answered_and_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	struct pdu logout = {.opcode = ISCSI_OP_LOGOUT_REQ,
	                     .immediate = true,
	                     .flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_RECOVERY,
	                     .itt = 1};

	LOG_IN(f, "");
	send_pdu(f, &logout);
	assert_int_equal(expect(f, ISCSI_OP_LOGOUT_RSP).response, ISCSI_LOGOUT_NO_RECOVERY);
	logout.flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_CONNECTION;
	logout.cid = 7;
	send_pdu(f, &logout);
	assert_int_equal(expect(f, ISCSI_OP_LOGOUT_RSP).response, ISCSI_LOGOUT_NO_CID);
	logout.flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_SESSION;
	send_pdu(f, &logout);
	assert_int_equal(expect(f, ISCSI_OP_LOGOUT_RSP).response, ISCSI_LOGOUT_CLOSED);
	expect_closed(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(data_in_is_cut_as_negotiated),
		TEST(residuals_are_exact),
		TEST(sense_comes_with_check_condition),
		TEST(sense_comes_in_the_format_of_the_lun),
		TEST(parameters_come_as_data),
		TEST(commands_out_of_turn_are_ignored),
		TEST(a_write_takes_all_three_ways_of_data),
		TEST(data_out_of_order_never_completes_good),
		TEST(unasked_data_is_refused_where_it_was_not_negotiated),
		TEST(a_slow_reader_gets_every_byte),
		TEST(an_unknown_opcode_is_rejected),
		TEST(a_tag_in_use_is_rejected),
		TEST(the_window_closes_when_it_is_full),
		TEST(a_task_is_aborted_once),
		TEST(a_lun_reset_leaves_a_unit_attention),
		TEST(a_ping_is_echoed),
		TEST(discovery_lists_all_targets_in_pieces),
		TEST(a_normal_session_hears_of_its_own_target_only),
		TEST(a_logout_is_answered_and_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
