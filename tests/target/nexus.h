/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An I_T nexus: what the logical units of a target remember of one initiator port while it is
 * logged in.  Unit attentions wait here, first come first told (SAM-5 5.14).
 */
#ifndef TARGET_NEXUS_H
#define TARGET_NEXUS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/name.h"
#include "tests/target/alua.h"
#include "tests/target/lun.h"
#include "tests/target/sense.h"

enum {
	ATTENTIONS_MAX = 7, /* pending for a LUN; more are lost, as SAM-5 5.14.1 allows */
	/* an initiator port by name: iSCSI name, ",i,0x" and the ISID as 12 digits */
	NEXUS_PORT_SIZE = ISCSI_NAME_SIZE + 17,
};

struct nexus;

/* What all nexuses of a target have in common. */
struct scsi_target {
	struct lun *luns[LUN_COUNT]; /* by number, NULL where none */
	struct alua alua;
	/* borrowed; each nexus belongs to its session */
	const char *name;
	struct nexus *nexuses;
};

struct attentions {
	uint16_t codes[ATTENTIONS_MAX]; /* ASC << 8 | ASCQ */
	uint8_t count;
};

struct nexus {
	struct nexus *next; /* of the target's */
	struct attentions attentions[LUN_COUNT];
	bool prevents[LUN_COUNT];   /* that the medium is removed */
	char port[NEXUS_PORT_SIZE]; /* the initiator port, stays over sessions */
	/* End the tasks that it has in a LUN, without an answer.  NULL: it never has any. */
	void (*abort)(struct nexus *n, uint16_t lun);
	/* borrowed */
	struct scsi_target *target;
};

/*
 * The initiator port iqn, isid begins to talk to the target: every LUN has a unit attention for it.
 * nexus_done(): it has gone,
 * and with it what it held only as long as it was there.
 */
void nexus_init(struct nexus *n, struct scsi_target *target, const char *iqn,
                const uint8_t isid[static 6]);
void nexus_done(struct nexus *n);

/* Queue a unit attention of n for a LUN; one that is pending already is not queued again. */
void nexus_attention(struct nexus *n, uint16_t lun, enum sense_code code);

/* The oldest unit attention of n for a LUN, which is taken out; 0 when there is none. */
uint16_t nexus_take_attention(struct nexus *n, uint16_t lun);

/* Forget a unit attention of n wherever it is pending: it has learnt of it otherwise. */
void nexus_drop_attention(struct nexus *n, enum sense_code code);

/* The same unit attention for all nexuses of a target but except (NULL: none is spared). */
void nexus_attention_all(struct scsi_target *t, uint16_t lun, enum sense_code code,
                         const struct nexus *except);

/* LUNs came or went: all see "reported LUNs data has changed", on whatever LUN they ask first. */
void nexus_luns_changed(struct scsi_target *t);

#endif
