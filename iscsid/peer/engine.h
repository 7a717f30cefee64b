/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer's loop: takes logins from the manager and carries them all at once.
 */
#ifndef ISCSID_PEER_ENGINE_H
#define ISCSID_PEER_ENGINE_H

#include "iscsid/peer/report.h"
#include "lib/proto/digest.h"

struct engine;

/*
 * control: the peer's end of the pair, blocking.  digests: for the authentication of logins.  Both
 * are borrowed.  -ENOMEM, or of epoll_create1(2).
 */
int engine_new(int control, struct digests *digests, struct engine **ret);

/* Ends what is under way without a report. */
struct engine *engine_free(struct engine *e);

/*
 * Work until the manager hangs up (0), or -EPROTO when it sent a message out of form, or another
 * negative errno.  Logs nothing and knows no time: whatever takes too long is cancelled by the
 * manager.
 */
int engine_run(struct engine *e);

#endif
