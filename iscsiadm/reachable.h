/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the portals that a discovery found can be reached.
 */
#ifndef ISCSIADM_REACHABLE_H
#define ISCSIADM_REACHABLE_H

#include "iscsiadm/rediscover.h"

/*
 * Where the discovery record asks for it (discovery.sendtargets.filter.reachable), have the daemon
 * connect to all portals at once, and mark the findings at those that do not take it as silent.
 * Exit code: a portal of which nothing can be learnt is said on stderr.
 */
int find_silent(struct cli *cli, const struct iscsi_db_record *record,
                const struct iface_list *ifaces, struct findings *found);

#endif
