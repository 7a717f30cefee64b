/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsid.safe_logout: a session whose disks are in use is not logged out.  What uses them is looked
 * at in a child, for mounts, libraries and sysfs may block.
 */
#ifndef ISCSID_SAFE_LOGOUT_H
#define ISCSID_SAFE_LOGOUT_H

#include "iscsid/session.h"

/* Then the session counts as in use. */
enum { SAFE_LOGOUT_DEADLINE_SEC = 10 };

/*
 * Log the session out for a request, which is answered when it is gone, or with ISCSI_ERR_BUSY and
 * the chains of uses (lib/host/block.h).  s may be freed.
 */
void safe_logout(struct session *s, struct request *request);

#endif
