/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about one session that the kernel has (sid); each answers its request. */
#ifndef ISCSID_VERB_SESSION_H
#define ISCSID_VERB_SESSION_H

#include "iscsid/manager.h"

typedef void verb_run(struct manager *m, struct request *request, const struct ipc_message *msg);

/* Put a counter into the answer w: an nl_stats_take. */
void verb_put_counter(void *w, bool custom, const char *name, uint64_t value);

verb_run verb_stats;
verb_run verb_reconnect;
verb_run verb_update;

#endif
