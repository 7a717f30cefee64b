/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nursery's work: to fork a peer whenever the manager wants a fresh one, and another nursery
 * when it wants one to fall back on.
 */
#ifndef ISCSID_PEER_NURSERY_LOOP_H
#define ISCSID_PEER_NURSERY_LOOP_H

#include <stdbool.h>

#include "iscsid/peer/jail.h"
#include "lib/proto/digest.h"

struct nursery_config {
	int control;      /* the nursery's end of its pair with the manager (iscsid/nurserymsg.h) */
	bool lock_memory; /* of peers and of another nursery */
	/* borrowed */
	const struct jail *peer_jail;
	struct digests *digests;
};

/*
 * Serve until the manager hangs up (0), which ends the peer too.  -EPROTO when it sent a
 * message out of form, or another negative errno.
 */
int nursery_loop(const struct nursery_config *config);

/* Tell the manager why the nursery ends.  what: "cannot ...", error: positive errno. */
void nursery_failed(int control, const char *what, int error);

#endif
