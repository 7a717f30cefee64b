/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what a discovery found to node records.
 */
#ifndef ISCSIADM_REDISCOVER_H
#define ISCSIADM_REDISCOVER_H

#include "iscsiadm/cli.h"

/* A portal of a target, seen through one interface. */
struct finding {
	struct iscsi_db_node_id id; /* id.iface: the interface */
	size_t iface;               /* its place among the interface records of the discovery */
	bool silent; /* the portal takes no connection: for records that are there alone */
};

struct findings {
	struct finding *all;
	size_t count, size;
};

int findings_add(struct findings *f, const struct finding *one);
void findings_done(struct findings *f);

/* The interface records that a discovery goes through; the list owns them. */
struct iface_list {
	struct iscsi_db_record **records;
	struct iscsi_db_record **prototypes; /* what node records start from; made when needed */
	size_t count;
};

/*
 * Bring the node records of a discovery source to what was found there, step by step as ops
 * (OP_NEW, OP_UPDATE, OP_DELETE; none: all three) says:
 *	new	what is missing is added
 *	update	what is there is made anew from the configuration; what is missing is added
 *	delete	what the source had before and was not found now goes
 * A record that boot needs (onboot), that a session uses, whose portal is silent, or, with --keep,
 * any that is there, stays as it is.  Exit code: a failed write is said on stderr and the others
 *are still done.
 */
int rediscover(struct cli *cli, const struct iscsi_db_discovery_id *source,
               const struct findings *found, struct iface_list *ifaces, unsigned int ops);

/* The record that a finding would be given, with its source. NULL: said on stderr. */
struct iscsi_db_record *finding_record(struct cli *cli, const struct iscsi_db_discovery_id *source,
                                       const struct finding *f, struct iface_list *ifaces);

#endif
