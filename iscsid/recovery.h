/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to try again to recover a session, and what is worth a line in the log.  Pure: the clock
 * and the dice are parameters.
 */
#ifndef ISCSID_RECOVERY_H
#define ISCSID_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/conn.h"
#include "lib/base/addr.h"

/* A connection that lives this long counts as healthy: the next recovery begins afresh. */
enum { RECOVERY_HEALTHY_SEC = 10 };

struct recovery {
	unsigned int attempts;    /* of this recovery */
	unsigned int failures;    /* in a row, of the same kind */
	unsigned int kind;        /* of the last failure: a row of the table in recovery.c */
	unsigned int redirects;   /* in a row */
	uint64_t not_before_usec; /* Time2Wait: the target keeps the old connection's tasks */
	uint64_t ended_usec;      /* of the last one that succeeded; 0: none did */
	struct portal at;         /* where the next attempt goes */
};

/*
 * A connection broke at now_usec.  portal: the record's.  Returns how long to wait for the first
 * attempt, in usec: time2wait_sec (RFC 7143 section 13.15), and more when it has not lived long.
 */
uint64_t recovery_begin(struct recovery *r, const struct portal *portal, uint32_t time2wait_sec,
                        uint64_t now_usec);

/*
 * An attempt failed.  dice: any number, for the jitter.  Returns how long to wait for the next one,
 * in usec: ever longer, up to a cap.  The next one goes to the record's portal again.
 */
uint64_t recovery_failed(struct recovery *r, const struct portal *portal,
                         const struct conn_result *result, uint32_t dice);

/* Whether that failure is one of the portal rather than of the session, so that one session may
 * look for all that wait for the portal (scout.h). */
bool recovery_is_scouted(const struct recovery *r);

/* Whether there was not even a connection. */
bool recovery_is_unconnected(const struct recovery *r);

/*
 * How long the one that looks waits for its next attempt, in usec: it does not get slower with
 * time, but with the number of portals that are looked for, scouts.  recovery_is_scouted() is true.
 */
uint64_t recovery_scout(const struct recovery *r, unsigned int scouts);

/* Whether the failure that recovery_failed() was told is worth a line: a kind that is new, or as
 * many in a row as a power of two. */
bool recovery_worth_telling(const struct recovery *r);

/*
 * The target says how long no attempt is to be made (RFC 7143 section 11.9.1).  Returns how long to
 * wait from now_usec on, in usec.
 */
uint64_t recovery_postpone(struct recovery *r, uint32_t time2wait_sec, uint64_t now_usec);

/* How much longer Time2Wait lasts. */
uint64_t recovery_rest(const struct recovery *r, uint64_t now_usec);

#endif
