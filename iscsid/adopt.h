/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a daemon that starts finds out about sessions that the kernel has already. */
#ifndef ISCSID_ADOPT_H
#define ISCSID_ADOPT_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/run_state.h"
#include "lib/host/session.h"
#include "libiscsi-db/iscsi-db.h"

/* Whether its connection works. */
bool adopt_healthy(const struct host_session *host);

/*
 * Whether it is of no use to anybody: a login or a logout that the program that began it did not
 * live to end.  foreign: nothing was kept of it.  At start only: later another program may be in
 * the middle of it.
 */
bool adopt_half_made(const struct host_session *host, bool foreign);

/* Whether nobody has looked for its LUNs yet.  false on a kernel that does not say so. */
bool adopt_unscanned(const struct host_session *host);

/* Whether it looks like a login that another program is at. */
bool adopt_unfinished(const struct host_session *host);

/*
 * Who it is: what was kept in state_folder, when that is about this session, else what the kernel
 * knows and what open-iscsi's daemon would have chosen.  Whether it was kept.
 */
bool adopt_identity(const char *state_folder, const struct host_session *host,
                    struct run_state *ret);

/*
 * The record to log in with again: the node record of the database (NULL: there is none) that has
 * the identity, its secrets resolved, else defaults with the credentials that the kernel keeps,
 * which also stand in for secrets that cannot be resolved.  The initiator's name is the session's
 * own.  NULL: no memory, or nothing that can be logged in to.
 */
struct iscsi_db_record *adopt_record(struct iscsi_db *db, const char *sysfs,
                                     const struct host_session *host, const struct run_state *id);

#endif
