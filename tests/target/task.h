/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task: one SCSI command of a session with its data transfers.
 */
#ifndef TARGET_TASK_H
#define TARGET_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/proto/pdu.h"
#include "tests/target/scsi.h"

struct session;

enum task_state {
	TASK_UNSOLICITED, /* Data-Out comes without being asked for, until its F bit */
	TASK_SOLICITED,   /* Data-Out of an R2T comes */
	TASK_SENDING,     /* Data-In is to be sent */
};

struct task {
	struct task *next, *prev;
	struct task *next_sending;
	struct scsi_cmd cmd;
	enum task_state state;
	bool immediate;
	uint8_t lun[8];
	uint32_t itt;
	uint32_t expected; /* Expected Data Transfer Length */
	uint32_t wanted;   /* bytes that come or go: what the command has, within expected */
	uint32_t moved;    /* of them, so far; of Data-Out also what was too much */
	uint64_t full;     /* what the command would have, for the residual */
	/* Data-Out: the sequence that comes */
	uint32_t ttt;
	uint32_t r2t_sn;
	uint32_t data_sn;   /* also of the next Data-In */
	uint32_t burst_end; /* offset at which it ends at the latest; of a Data-In sequence, too */
};

/* A SCSI command, a Data-Out came. */
void task_command(struct session *s, const struct pdu *pdu);
void task_data_out(struct session *s, const struct pdu *pdu);

/* Queue Data-In until the connection has enough.  Returns whether more waits. */
bool task_pump(struct session *s);

/* The task with that tag, or NULL. */
struct task *task_find(const struct session *s, uint32_t itt);

/* End a task without an answer; all tasks of a LUN (LUN_NONE: of every LUN). */
void task_abort(struct session *s, struct task *t);
void task_abort_lun(struct session *s, uint16_t lun);

/* Release all tasks, also those kept. */
void task_free_all(struct session *s);

#endif
