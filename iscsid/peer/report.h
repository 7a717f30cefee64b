/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the peer says to the manager.  Sending waits until the manager has room: it never waits for
 * us, so that nothing needs a queue here, and a target that floods us is held up by its own
 * connection.
 */
#ifndef ISCSID_PEER_REPORT_H
#define ISCSID_PEER_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "iscsid/peermsg.h"
#include "lib/base/addr.h"

struct report {
	int status;                  /* 0, or the first negative errno: the manager is gone */
	struct peer_targets waiting; /* of one login; head.size says how many, 0: none */
	/* borrowed */
	int control;
};

/* Send the targets that were kept to be sent together: whenever the process would wait. */
void report_flush(struct report *r);

/* portal NULL: the target is reachable at the address that was asked. */
void report_target(struct report *r, uint64_t id, const char *target, const struct portal *portal);

/* text may hold anything; what is not printable ASCII is replaced. */
void report_refused_target(struct report *r, uint64_t id, const char *text);

/* Every target was told; what is left is to take leave. */
void report_complete(struct report *r, uint64_t id);

/* The next PDU of a login without a socket; len: at most PEER_PDU_MAX. */
void report_pdu(struct report *r, uint64_t id, const uint8_t *bytes, size_t len);

/*
 * done: all but the head; the texts may hold anything, what cannot be shown is replaced. Values
 * that the manager would not accept (peermsg_check()) become a protocol error of the target.
 */
void report_done(struct report *r, uint64_t id, const struct peer_done *done);

/* n: all but the head. */
void report_notice(struct report *r, uint64_t id, const struct peer_notice *n);

/* The process cannot go on.  error: positive errno, 0: none. */
void report_failed(struct report *r, const char *text, int error);

#endif
