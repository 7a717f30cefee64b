/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs about one SCSI host (host), an adapter with a stack of its own; each answers its request.
 * What the kernel refuses is told with its negative errno as "iferror".
 */
#ifndef ISCSID_VERB_HOST_H
#define ISCSID_VERB_HOST_H

#include "iscsid/verb_session.h"

/* op=show (an item an entry, secrets with secrets=Yes only), op=set, op=delete */
verb_run verb_chap;
/* op=new, op=delete, op=login, op=logout */
verb_run verb_flashnode;
/* as "stats" of a session */
verb_run verb_host_stats;

#endif
