/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of faults have in common: adding one, time, and PDUs that get an answer.
 */
#ifndef TESTS_UNIT_TARGET_FAULTS_H
#define TESTS_UNIT_TARGET_FAULTS_H

#include "tests/unit/target/initiator.h"

#define LOGIN_KEYS "InitiatorName=" INITIATOR "\0TargetName=" NAME "\0SessionType=Normal"

static _unused_ uint32_t add(struct fixture *f, const char *line)
{
	char why[FAULT_WHY_SIZE] = "";
	uint32_t id = 0;

	faults_add(&f->options.faults, line, strlen(line), f->server.now_usec, &id, why);
	assert_string_equal(why, "");
	return id;
}

static _unused_ void pass(struct fixture *f, uint64_t msec)
{
	f->server.now_usec += msec * USEC_PER_MSEC;
	conn_tick(f->conn);
}

static _unused_ void ping(struct fixture *f, uint32_t itt)
{
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_NOP_OUT,
	                          .immediate = true,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = itt,
	                          .ttt = ISCSI_TAG_RESERVED,
	                          .cmd_sn = f->cmd_sn});
}

static _unused_ void expect_pong(struct fixture *f, uint32_t itt)
{
	assert_int_equal(expect(f, ISCSI_OP_NOP_IN).itt, itt);
}

static _unused_ void test_unit_ready(struct fixture *f, uint32_t itt)
{
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = itt,
	                          .cmd_sn = f->cmd_sn++});
}

#endif
