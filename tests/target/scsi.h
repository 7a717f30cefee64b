/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SCSI command from its CDB to its status.  Pure but for the medium: no socket, no session;
 * initiators differ by their nexus only.
 */
#ifndef TARGET_SCSI_H
#define TARGET_SCSI_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "tests/target/lun.h"
#include "tests/target/nexus.h"
#include "tests/target/scsi_law.h"
#include "tests/target/sense.h"

/* Blocks of one command at most (VPD page B0).  Of 512 bytes 32768 are 16 MiB. */
enum {
	SCSI_MAX_TRANSFER_BLOCKS = 32768,
	SCSI_MAX_COMPARE_AND_WRITE_BLOCKS = 128,
	SCSI_MAX_WRITE_SAME_BLOCKS = 32768,
	SCSI_MAX_UNMAP_BLOCKS = 1 << 20,
	SCSI_MAX_UNMAP_DESCRIPTORS = 256,
};

/* Where the bytes of a command come from, or go to. */
enum scsi_data {
	SCSI_DATA_NONE,
	SCSI_DATA_REPLY,         /* in: the reply */
	SCSI_DATA_MEDIUM,        /* in and out: the medium from offset on */
	SCSI_DATA_COMPARE,       /* out: compared with the medium from offset on */
	SCSI_DATA_WRITE_COMPARE, /* out: written, then compared */
	SCSI_DATA_OR,            /* out: what the medium has ORed with it is written */
	SCSI_DATA_PARAMETERS,    /* out: kept until all has come */
};

struct scsi_op;

struct scsi_cmd {
	struct writer reply;
	struct writer parameters; /* with SCSI_DATA_PARAMETERS: what came so far */
	uint8_t cdb[SCSI_CDB_LEN];
	uint16_t lun_number; /* LUN_NONE: an address that no LUN can have */
	uint64_t out_size;   /* bytes of the initiator's Data-Out buffer */
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
 * Begin a command: cdb, lun_number, out_size and nexus are set, all else is zero.  Afterwards
 * either status is not GOOD and it has ended, or in_len bytes may be fetched, or out_len bytes are
 * wanted.
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

/* len bytes came for byte at on, in order; at + len <= out_len.  A failure is in status; later
 * calls do nothing. */
void scsi_put(struct scsi_cmd *cmd, uint64_t at, const void *src, size_t len);

/* All data has come: what remains to do.  The final status is in cmd. */
void scsi_finish(struct scsi_cmd *cmd);

/* Release what the command holds. */
void scsi_done(struct scsi_cmd *cmd);

/* The sense data of a CHECK CONDITION in the format that the LUN is set to; returns its length. */
size_t scsi_sense(const struct scsi_cmd *cmd, uint8_t ret[static SENSE_MAX]);

/*
 * SAM-5 6.3.3, a logical unit reset: reservations of RESERVE(6), medium removal and mode pages are
 * as after power on, and all nexuses hear of it.  The caller has ended the tasks.
 */
void scsi_reset_lun(struct scsi_target *t, uint16_t lun);

/* For the handlers: end the command with CHECK CONDITION, or with another status. */
void scsi_fail(struct scsi_cmd *cmd, enum sense_key key, enum sense_code code);
void scsi_refuse(struct scsi_cmd *cmd, enum scsi_status status);

/* Writing failed with the negative errno r; a thin LUN without room says so (SBC-3 4.7.3.6). */
void scsi_write_failed(struct scsi_cmd *cmd, int r);

/* The most frequent failures: 5/2400 and 5/2600. */
void scsi_invalid_cdb(struct scsi_cmd *cmd);
void scsi_invalid_parameter(struct scsi_cmd *cmd);

/* For the handlers: the reply was written; the initiator allows for allocation bytes of it. */
void scsi_reply(struct scsi_cmd *cmd, size_t allocation);

/* For the handlers: len bytes of parameters are wanted before the finish handler runs. */
void scsi_want(struct scsi_cmd *cmd, size_t len);

/* An integer of the CDB. */
uint16_t scsi_cdb_be16(const struct scsi_cmd *cmd, size_t at);
uint32_t scsi_cdb_be32(const struct scsi_cmd *cmd, size_t at);
uint64_t scsi_cdb_be64(const struct scsi_cmd *cmd, size_t at);

typedef void (*scsi_handler)(struct scsi_cmd *cmd);

enum {
	SCSI_OP_ANY_LUN = 1 << 0,      /* answered for a LUN that does not exist */
	SCSI_OP_NO_ATTENTION = 1 << 1, /* a unit attention stays pending (SAM-5 5.14) */
	SCSI_OP_NO_MEDIUM = 1 << 2,    /* works without one */
	SCSI_OP_THIN = 1 << 3,         /* exists on thin LUNs only */
	SCSI_OP_STANDBY = 1 << 4,      /* works in the ALUA state standby, SPC-4 5.11.2.4 */
	SCSI_OP_UNAVAILABLE = 1 << 5,  /* and in unavailable and transitioning, 5.11.2.5 */
	SCSI_OP_READS = 1 << 6,        /* persistent reservations: stopped by exclusive access */
	SCSI_OP_WRITES = 1 << 7,       /* stopped by every reservation (SPC-4 5.12.1) */
	SCSI_OP_SHARED = 1 << 8,       /* in spite of another's RESERVE(6), SPC-2 5.5.1 */
	SCSI_OP_SLOW = 1 << 9,         /* may take long */
};

/* A row of the dispatch table. */
struct scsi_op {
	uint8_t opcode;
	int8_t service_action; /* in bits 0-4 of byte 1, or SCSI_SA_NONE */
	uint16_t flags;
	scsi_handler start;
	scsi_handler finish;         /* NULL: nothing to do after the data */
	uint8_t usage[SCSI_CDB_LEN]; /* bits of the CDB that are looked at (SPC-4 6.35.3) */
};

/* The rows, in ascending order of opcode and service action. */
const struct scsi_op *scsi_ops(size_t *ret_count);

/* The row of a CDB, or NULL; then *ret_known tells whether the opcode has other service actions. */
const struct scsi_op *scsi_find_op(const uint8_t *cdb, bool *ret_known);

/* Whether a LUN (NULL: one that does not exist) has the command. */
bool scsi_op_exists(const struct scsi_op *op, const struct lun *lun);

/* Bytes of a CDB by its opcode's group (SPC-4 4.2.5.1). */
size_t scsi_cdb_len(uint8_t opcode);

/* Whether a reservation of another nexus, of either kind, stops the command (reserve.c). */
bool reserve_conflicts(const struct scsi_cmd *cmd);

/* The handlers, by file. */
void scsi_test_unit_ready(struct scsi_cmd *cmd);
void scsi_request_sense(struct scsi_cmd *cmd);
void scsi_report_luns(struct scsi_cmd *cmd);
void scsi_report_opcodes(struct scsi_cmd *cmd);
void scsi_report_task_management(struct scsi_cmd *cmd);

void scsi_inquiry(struct scsi_cmd *cmd);

void scsi_mode_sense(struct scsi_cmd *cmd);
void scsi_mode_select(struct scsi_cmd *cmd);
void scsi_mode_select_end(struct scsi_cmd *cmd);

void scsi_start_stop(struct scsi_cmd *cmd);
void scsi_prevent_allow(struct scsi_cmd *cmd);
void scsi_read_capacity_10(struct scsi_cmd *cmd);
void scsi_read_capacity_16(struct scsi_cmd *cmd);

void scsi_read(struct scsi_cmd *cmd);
void scsi_write(struct scsi_cmd *cmd);
void scsi_write_end(struct scsi_cmd *cmd);
void scsi_write_and_verify(struct scsi_cmd *cmd);
void scsi_verify(struct scsi_cmd *cmd);
void scsi_orwrite(struct scsi_cmd *cmd);
void scsi_pre_fetch(struct scsi_cmd *cmd);
void scsi_synchronize_cache(struct scsi_cmd *cmd);
void scsi_compare_and_write(struct scsi_cmd *cmd);
void scsi_compare_and_write_end(struct scsi_cmd *cmd);

void scsi_write_same(struct scsi_cmd *cmd);
void scsi_write_same_end(struct scsi_cmd *cmd);
void scsi_unmap(struct scsi_cmd *cmd);
void scsi_unmap_end(struct scsi_cmd *cmd);
void scsi_get_lba_status(struct scsi_cmd *cmd);

void scsi_reserve_6(struct scsi_cmd *cmd);
void scsi_release_6(struct scsi_cmd *cmd);

void scsi_pr_read_keys(struct scsi_cmd *cmd);
void scsi_pr_read_reservation(struct scsi_cmd *cmd);
void scsi_pr_report_capabilities(struct scsi_cmd *cmd);
void scsi_pr_read_full_status(struct scsi_cmd *cmd);
void scsi_pr_out(struct scsi_cmd *cmd);
void scsi_pr_out_end(struct scsi_cmd *cmd);

void scsi_report_target_port_groups(struct scsi_cmd *cmd);
void scsi_set_target_port_groups(struct scsi_cmd *cmd);
void scsi_set_target_port_groups_end(struct scsi_cmd *cmd);

/*
 * For the block commands: the range of the CDB.  Sets offset; false when it ended the command,
 * since the range passes the end, or has more than max_blocks blocks.
 */
bool scsi_check_range(struct scsi_cmd *cmd, uint32_t max_blocks, uint64_t *ret_len);
bool scsi_check_protect(struct scsi_cmd *cmd);
bool scsi_check_writable(struct scsi_cmd *cmd);
void scsi_sync(struct scsi_cmd *cmd);

/* CDB byte 1 */
enum { SCSI_FUA = 0x08 };

#endif
