/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SendTargets (RFC 7143 appendix C) after a discovery login, and the logout that ends it: pure,
 * as the login engine.  Answers may be of any length over any number of PDUs, and a pair may be
 * split at any byte; memory does not grow with the length of the answer, and what comes twice is
 * reported twice.
 */
#ifndef PROTO_SENDTARGETS_H
#define PROTO_SENDTARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/pdu.h"
#include "lib/proto/targets.h"

/* Bytes of one answer: more than half a million portals.  A target that goes on has no end. */
enum { SENDTARGETS_ANSWER_MAX = 64 << 20 };

enum sendtargets_verdict {
	SENDTARGETS_SEND, /* send what is in the writer and go on */
	/* nothing to send; the next PDU, please (a NOP-In that wants no answer, an async message)
	 */
	SENDTARGETS_WAIT,
	SENDTARGETS_DONE, /* the logout was answered: all targets were reported */
	SENDTARGETS_PROTOCOL_ERROR,
	SENDTARGETS_NO_MEMORY,
};

struct sendtargets_config {
	uint32_t cmd_sn; /* as the login ended */
	uint32_t exp_stat_sn;
	/* called for each TargetAddress, and once for a target without any (RFC 7143 appendix C) */
	struct targets_sink sink;
};

struct sendtargets;

struct sendtargets *sendtargets_new(const struct sendtargets_config *config);
struct sendtargets *sendtargets_free(struct sendtargets *st);

/* Append the first request ("SendTargets=All") to w. */
enum sendtargets_verdict sendtargets_start(struct sendtargets *st, struct writer *w);

/* One PDU came: text response, NOP-In, logout response, or something that breaks the RFC. */
enum sendtargets_verdict sendtargets_step(struct sendtargets *st, const struct pdu *in,
                                          struct writer *w);

/*
 * Whether all targets were reported: the logout is on its way.  A connection that ends from then on
 * (some targets close without an answer) has given everything that was asked for.
 */
bool sendtargets_complete(const struct sendtargets *st);

/* What was wrong, one sentence without full stop; "" if nothing.  Borrowed from st. */
const char *sendtargets_fault(const struct sendtargets *st);

#endif
