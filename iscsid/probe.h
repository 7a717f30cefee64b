/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a portal takes a TCP connection now, for a client that is to know before it is used. */
#ifndef ISCSID_PROBE_H
#define ISCSID_PROBE_H

#include "iscsid/control.h"
#include "iscsid/manager.h"
#include "libiscsi-db/iscsi-db.h"

enum {
	PROBE_TIMEOUT_SEC = 1, /* for one portal, its name's look-up included */
	PROBES_MAX = 256,      /* at a time; further ones wait for their turn */
};

/*
 * Connect to a portal by the way that an interface record says, close the connection, and answer
 * the request: SUCCESS; TRANS with a sentence when it cannot be reached.
 */
void probe_start(struct manager *m, const struct portal *portal,
                 const struct iscsi_db_record *iface, struct request *request);

#endif
