/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs about one SCSI host (host), an adapter with a stack of its own; each answers its request.
 * What the kernel refuses is told with its negative errno as "iferror".
 */
#ifndef ISCSID_VERB_HOST_H
#define ISCSID_VERB_HOST_H

#include <stdbool.h>

#include "iscsid/verb_session.h"

/* After that nothing more is expected of a ping. */
enum { PING_TIMEOUT_SEC = 30 };

/* op=show (an item an entry, secrets with secrets=Yes only), op=set, op=delete */
verb_run verb_chap;
/* op=new, op=update, op=delete, op=login, op=logout */
verb_run verb_flashnode;
/* ipv4.NUMBER.KEY and ipv6.NUMBER.KEY: parameters of interfaces, all in one request */
verb_run verb_ifaces;
/* iface=ipv4.NUMBER or ipv6.NUMBER, address, size: one packet */
verb_run verb_ping;
/*
 * Log the session sid out that the driver of an adapter made by itself, unless its disks are in use
 * and careful says to look.  False, and the request is as it was: there is no such session.
 */
bool verb_host_logout(struct manager *m, struct request *request, const struct ipc_message *msg,
                      bool careful);
/* as "stats" of a session */
verb_run verb_host_stats;

#endif
