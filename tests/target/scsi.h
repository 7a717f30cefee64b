/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCSI as this target speaks it: law (constants of SAM-5, SPC-4 and SBC-3), and one command from
 * its CDB to its status.  Pure but for the medium: no socket, no session; initiators differ by
 * their nexus only.
 */
#ifndef TARGET_SCSI_H
#define TARGET_SCSI_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "tests/target/lun.h"
#include "tests/target/nexus.h"
#include "tests/target/sense.h"

enum { SCSI_CDB_LEN = 16 };

/* SAM-5 5.3.1 */
enum scsi_status {
	SCSI_GOOD = 0x00,
	SCSI_CHECK_CONDITION = 0x02,
	SCSI_BUSY = 0x08,
	SCSI_RESERVATION_CONFLICT = 0x18,
	SCSI_TASK_SET_FULL = 0x28,
};

/* SPC-4 annex E, SBC-3 table 32 */
enum scsi_opcode {
	SCSI_TEST_UNIT_READY = 0x00,
	SCSI_REQUEST_SENSE = 0x03,
	SCSI_READ_6 = 0x08,
	SCSI_WRITE_6 = 0x0a,
	SCSI_INQUIRY = 0x12,
	SCSI_MODE_SENSE_6 = 0x1a,
	SCSI_START_STOP_UNIT = 0x1b,
	SCSI_READ_CAPACITY_10 = 0x25,
	SCSI_READ_10 = 0x28,
	SCSI_WRITE_10 = 0x2a,
	SCSI_WRITE_AND_VERIFY_10 = 0x2e,
	SCSI_VERIFY_10 = 0x2f,
	SCSI_SYNCHRONIZE_CACHE_10 = 0x35,
	SCSI_MODE_SENSE_10 = 0x5a,
	SCSI_PERSISTENT_RESERVE_IN = 0x5e,
	SCSI_READ_16 = 0x88,
	SCSI_WRITE_16 = 0x8a,
	SCSI_WRITE_AND_VERIFY_16 = 0x8e,
	SCSI_VERIFY_16 = 0x8f,
	SCSI_SYNCHRONIZE_CACHE_16 = 0x91,
	SCSI_SERVICE_ACTION_IN_16 = 0x9e,
	SCSI_REPORT_LUNS = 0xa0,
	SCSI_MAINTENANCE_IN = 0xa3,
	SCSI_READ_12 = 0xa8,
	SCSI_WRITE_12 = 0xaa,
	SCSI_WRITE_AND_VERIFY_12 = 0xae,
	SCSI_VERIFY_12 = 0xaf,
};

enum scsi_service_action {
	SCSI_SA_READ_CAPACITY_16 = 0x10,
	SCSI_SA_REPORT_SUPPORTED_OPCODES = 0x0c,
	SCSI_SA_READ_KEYS = 0x00,
};

/* Blocks of one command that a LUN moves at most (VPD page B0); of 512 bytes 16 MiB. */
enum { SCSI_MAX_TRANSFER_BLOCKS = 32768 };

/* Where the bytes of a command come from, or go to. */
enum scsi_data {
	SCSI_DATA_NONE,
	SCSI_DATA_REPLY,         /* in: the reply */
	SCSI_DATA_MEDIUM,        /* in and out: the medium from offset on */
	SCSI_DATA_COMPARE,       /* out: compared with the medium from offset on */
	SCSI_DATA_WRITE_COMPARE, /* out: written, then compared */
};

struct scsi_op;

struct scsi_cmd {
	struct writer reply;
	uint8_t cdb[SCSI_CDB_LEN];
	uint16_t lun_number; /* LUN_NONE: an address that no LUN can have */
	enum scsi_status status;
	struct sense sense; /* with SCSI_CHECK_CONDITION */
	enum scsi_data in;
	enum scsi_data out;
	uint64_t in_len;  /* bytes that the command returns, whatever the initiator expects */
	uint64_t out_len; /* bytes that it wants */
	uint64_t offset;  /* on the medium, bytes */
	/* borrowed */
	const struct scsi_op *op;
	struct lun *lun;
	struct nexus *nexus;
};

/* The number in a LUN field by peripheral or flat addressing (SAM-5 4.7), or LUN_NONE. */
uint16_t scsi_lun_number(const uint8_t lun[static 8]);

/*
 * Begin a command: cdb, lun_number and nexus are set, all else is zero.  Afterwards either status
 * is not GOOD and it has ended, or in_len bytes may be fetched, or out_len bytes are wanted.
 */
void scsi_start(struct scsi_cmd *cmd);

/*
 * len bytes of what the command returns, from its byte at on, into dst; at + len <= in_len.
 * Returns 0 or -EIO (status and sense say it).
 */
int scsi_fetch(struct scsi_cmd *cmd, uint64_t at, void *dst, size_t len);

/*
 * The same where they lie, in a LUN of memory: borrowed as long as the LUN.  NULL: elsewhere, use
 * scsi_fetch().
 */
const uint8_t *scsi_peek(const struct scsi_cmd *cmd, uint64_t at);

/* len bytes came for byte at on; at + len <= out_len.  A failure is in status; later calls do
 * nothing. */
void scsi_put(struct scsi_cmd *cmd, uint64_t at, const void *src, size_t len);

/* All data has come: what remains to do (a flush for FUA).  The final status is in cmd. */
void scsi_finish(struct scsi_cmd *cmd);

/* Release what the command holds. */
void scsi_done(struct scsi_cmd *cmd);

/* For the handlers: end the command with CHECK CONDITION. */
void scsi_fail(struct scsi_cmd *cmd, enum sense_key key, enum sense_code code);

/* For the handlers: the reply was written; the initiator allows for allocation bytes of it. */
void scsi_reply(struct scsi_cmd *cmd, size_t allocation);

typedef void (*scsi_handler)(struct scsi_cmd *cmd);

enum {
	SCSI_OP_ANY_LUN = 1,      /* answered for a LUN that does not exist */
	SCSI_OP_NO_ATTENTION = 2, /* a unit attention stays pending (SAM-5 5.14) */
};

enum { SCSI_SA_NONE = -1 };

/* A row of the dispatch table. */
struct scsi_op {
	uint8_t opcode;
	int8_t service_action; /* in bits 0-4 of byte 1, or SCSI_SA_NONE */
	uint8_t flags;
	scsi_handler start;
	scsi_handler finish;         /* NULL: nothing to do after the data */
	uint8_t usage[SCSI_CDB_LEN]; /* bits of the CDB that are looked at (SPC-4 6.35.3) */
};

/* The rows, for REPORT SUPPORTED OPERATION CODES. */
const struct scsi_op *scsi_ops(size_t *ret_count);

/* Bytes of a CDB by its opcode's group (SPC-4 4.2.5.1). */
size_t scsi_cdb_len(uint8_t opcode);

/* The handlers, by file. */
void scsi_test_unit_ready(struct scsi_cmd *cmd);
void scsi_request_sense(struct scsi_cmd *cmd);
void scsi_report_luns(struct scsi_cmd *cmd);
void scsi_report_opcodes(struct scsi_cmd *cmd);
void scsi_read_keys(struct scsi_cmd *cmd);
void scsi_inquiry(struct scsi_cmd *cmd);
void scsi_mode_sense(struct scsi_cmd *cmd);
void scsi_start_stop(struct scsi_cmd *cmd);
void scsi_read_capacity_10(struct scsi_cmd *cmd);
void scsi_read_capacity_16(struct scsi_cmd *cmd);
void scsi_read(struct scsi_cmd *cmd);
void scsi_write(struct scsi_cmd *cmd);
void scsi_write_end(struct scsi_cmd *cmd);
void scsi_write_and_verify(struct scsi_cmd *cmd);
void scsi_verify(struct scsi_cmd *cmd);
void scsi_synchronize_cache(struct scsi_cmd *cmd);

#endif
