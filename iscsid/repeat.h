/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discoveries that the daemon repeats by itself, because their records say use_discoveryd = Yes.
 * What is found gets records, and sessions; a session that was made so is logged out again when
 * what it leads to is no longer found and nobody uses its disks.
 */
#ifndef ISCSID_REPEAT_H
#define ISCSID_REPEAT_H

#include "iscsid/manager.h"

enum {
	REPEAT_INTERVAL_SEC = 30, /* where a record has no usable one */
	REPEAT_ABSENCES = 2,      /* answers in a row that lack a portal: then it is gone */
	REPEATS_AT_ONCE = 8,      /* further ones look for a place each second */
};

struct repeats;

/* Find out, in a child, which records say so, and begin.  0 or a negative errno. */
int repeats_new(struct manager *m, struct repeats **ret);

/* No more of them; what was logged in stays.  Before manager_done(). */
struct repeats *repeats_free(struct repeats *repeats);

#endif
