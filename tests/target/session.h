/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session in its full feature phase.  It has one connection (MaxConnections=1), and ends with it.
 */
#ifndef TARGET_SESSION_H
#define TARGET_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/name.h"
#include "lib/proto/nego.h"
#include "lib/proto/params.h"
#include "lib/proto/pdu.h"
#include "lib/proto/text.h"
#include "tests/target/scsi.h"
#include "tests/target/target.h"

struct conn;
struct task;

enum {
	SESSION_WINDOW = 128,          /* commands on their way at once: MaxCmdSN - ExpCmdSN + 1 */
	SESSION_IMMEDIATE_MAX = 32,    /* immediate ones on top */
	SESSION_TEXT_MAX = 65536,      /* bytes of a text request over all its PDUs */
	SESSION_ANSWER_MAX = 16 << 20, /* of the answer */
};

struct session {
	struct session *next; /* of the target's */
	struct nego *nego;    /* of keys in text requests; NULL before the first one */
	struct text_in text_in;
	struct text_out text_out;
	uint32_t text_itt; /* of the exchange that goes on, or ISCSI_TAG_RESERVED */
	uint32_t text_ttt;
	struct task *tasks;   /* under way */
	struct task *free;    /* kept for the next ones */
	struct task *sending; /* first of those with Data-In to send */
	struct task **sending_end;
	unsigned int task_count;      /* under way, not immediate */
	unsigned int immediate_count; /* under way, immediate */
	uint32_t exp_cmd_sn;
	bool stalled; /* the window does not move on */
	uint32_t stalled_max_cmd_sn;
	uint32_t last_ttt;
	char initiator_name[ISCSI_NAME_SIZE];
	uint8_t isid[6];
	uint16_t tsih;
	uint16_t cid;
	struct iscsi_params params;
	struct nexus nexus;
	/* borrowed */
	struct conn *conn;
	struct target *target; /* NULL: discovery */
};

/* What a login found out. */
struct session_config {
	const char *initiator_name; /* borrowed for the call */
	uint8_t isid[6];
	uint16_t cid;
	uint32_t exp_cmd_sn;
	struct iscsi_params params;
	struct target *target; /* NULL: discovery */
};

/*
 * The session of conn begins.  One of the same initiator, ISID and target that is there
 * ends (session reinstatement, RFC 7143 6.3.5).  NULL: no memory.
 */
struct session *session_new(struct conn *conn, const struct session_config *config);
struct session *session_free(struct session *s);

/* A PDU came in the full feature phase. */
void session_step(struct session *s, const struct pdu *pdu);

uint32_t session_max_cmd_sn(const struct session *s);

/* From now on MaxCmdSN stays what it is, until stalled is taken back. */
void session_stall(struct session *s);

/*
 * Whether a PDU is to be looked at: it carries no CmdSN, or it is its turn; then it counts as taken
 * in order.
 */
bool session_accept(struct session *s, const struct pdu *pdu);

/* A text request (text.c), a task management request (tmf.c). */
void session_text(struct session *s, const struct pdu *pdu);
void session_tmf(struct session *s, const struct pdu *pdu);

#endif
