/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a repeated discovery means for the sessions that are there (repeat.h). */
#ifndef ISCSID_REPEAT_SESSIONS_H
#define ISCSID_REPEAT_SESSIONS_H

#include "iscsid/manager.h"
#include "iscsid/repeat_found.h"

/*
 * Mark what has a session, in found (sorted).  A session that the discovery named name has logged
 * in, and that REPEAT_ABSENCES whole answers in a row lack, is logged out unless it boots the
 * machine or is in use; both are logged.
 */
void repeat_compare(struct manager *m, const char *name, const struct found *found);

#endif
