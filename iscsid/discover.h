/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery: logins, or queries of an iSNS server, that end in a list of targets for one client.
 */
#ifndef ISCSID_DISCOVER_H
#define ISCSID_DISCOVER_H

#include "iscsid/conn.h"
#include "iscsid/control.h"
#include "iscsid/manager.h"
#include "libiscsi-db/iscsi-db.h"

struct discovery_kind;

struct discovery {
	struct list_node node;
	struct conn *conn;
	struct loop_source *timer;
	struct conn_config config;
	unsigned int refused; /* targets, as far as they matter to the log */
	unsigned int attempt;
	unsigned int attempts_max;
	bool fail_fast;
	/* borrowed */
	const struct discovery_kind *kind;
	struct manager *manager;
	struct request *request;
};

/*
 * Discover what the record (SENDTARGETS or ISNS, with the keys of an interface) names, and answer
 * the request, with fail_fast as soon as a portal refuses or has no route: items for the targets,
 * progress for what goes wrong on the way, done.
 */
void discovery_start(struct manager *m, const struct iscsi_db_record *record, bool fail_fast,
                     struct request *request);

/* Give up; the request is not answered. */
struct discovery *discovery_free(struct discovery *d);

#endif
