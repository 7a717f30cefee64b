/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on command.  A fault is one line: when, then "do", then what (iscsi-testtarget(8)).
 * Every PDU of a target that has faults is shown to them; a target without any does not notice.
 */
#ifndef TARGET_FAULT_H
#define TARGET_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/base/name.h"
#include "lib/proto/pdu.h"

struct conn;
struct fault_verb;

enum fault_direction { FAULT_OUT, FAULT_IN, FAULT_DIRECTIONS };

enum {
	FAULT_ACTIONS_MAX = 4,   /* of one fault */
	FAULT_LINE_MAX = 262144, /* bytes of a line */
	FAULT_WHY_SIZE = 512,
	FAULT_ANY_OPCODE = ISCSI_OP_MASK + 1,
};

/* One "do": a row of the table and its argument. */
struct fault_action {
	uint8_t *bytes; /* text, NUL-terminated; NULL: none */
	size_t len;
	const struct fault_verb *verb;
	const struct fault_field *field;
	uint64_t number;
	char sign; /* of a number that is added: '+' or '-'; 0: one that is set */
	bool given;
};

struct fault {
	struct fault *next;
	char *line; /* as it was given */
	struct fault_action actions[FAULT_ACTIONS_MAX];
	size_t action_count;
	uint32_t id;
	enum fault_direction direction;
	uint8_t opcode;          /* or FAULT_ANY_OPCODE */
	int stage;               /* enum iscsi_stage of a login PDU; -1: any */
	int cdb;                 /* operation code of a SCSI command; -1: any */
	uint64_t first, last;    /* PDUs of that opcode on a connection, from 1 */
	bool has_byte, has_time; /* whether the next two count */
	uint64_t byte;           /* of the direction's bytes on a connection, from 0 */
	uint64_t time_usec;      /* of a connection's life: without any PDU */
	uint64_t after_usec;     /* not before that time of a connection's life */
	uint64_t times;          /* at most so often, 0: without end */
	uint32_t chance;         /* in 100 */
	uint64_t random;         /* state of the generator */
	uint64_t connection;     /* by number of acceptance, 0: any */
	char target[ISCSI_NAME_SIZE], initiator[ISCSI_NAME_SIZE]; /* "": any */
	uint64_t hits;
	uint64_t added_usec;
};

struct faults {
	struct fault *first;
	uint32_t last_id;
};

/*
 * Read one line and add it at the end; now_usec is the moment from which time= counts for
 * connections that are there.  Returns 0 (*ret_id may be NULL), or -EINVAL or -ENOMEM with what was
 * expected in ret_why.
 */
int faults_add(struct faults *f, const char *line, size_t len, uint64_t now_usec, uint32_t *ret_id,
               char ret_why[static FAULT_WHY_SIZE]);

/*
 * Read a script: a fault a line; empty lines and those that begin with # do not count.  All or
 * nothing: at a mistake *ret_line is its number, and no fault of the script is added.
 */
int faults_add_script(struct faults *f, const char *text, size_t len, uint64_t now_usec,
                      unsigned int *ret_line, char ret_why[static FAULT_WHY_SIZE]);

/* Remove one; false: there is none of that number.  faults_done() removes all. */
bool faults_remove(struct faults *f, uint32_t id);
void faults_done(struct faults *f);

/*
 * A PDU that is on its way out, with its numbers: whatever the faults make of it is queued.
 * Only to be called while there are faults, or PDUs that were held back.
 */
void fault_send(struct conn *c, const struct pdu *pdu);

/* A PDU that came.  Returns whether it is to be looked at as if nothing were. */
bool fault_receive(struct conn *c, const struct pdu *pdu);

/*
 * What is due by time alone between two moments; the moment of the next such, or of what
 * was held back, 0 for none.
 */
void fault_tick(struct conn *c, uint64_t since_usec, uint64_t now_usec);
uint64_t fault_due(const struct conn *c, uint64_t now_usec);

#endif
