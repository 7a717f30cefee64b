/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The discovery of one record, again and again (repeat.h). */
#ifndef ISCSID_REPEAT_POLL_H
#define ISCSID_REPEAT_POLL_H

#include "iscsid/manager.h"
#include "libiscsi-db/iscsi-db.h"

struct repeat;

/* All of them. */
struct repeat_list {
	struct list_node all; /* struct repeat */
	unsigned int busy;    /* that are at it */
};

/*
 * Begin with the record's first discovery.  The object is in the list until its record asks for no
 * more, then it frees itself.  0 or a negative errno.
 */
int repeat_new(struct manager *m, const struct iscsi_db_discovery_id *id, struct repeat_list *list);

/*
 * How long to wait between two discoveries: what the record says; REPEAT_INTERVAL_SEC when that is
 * negative (of an iSNS server: to wait for its notices, which nobody here listens for).  0: none
 * follows one that has succeeded.
 */
uint64_t repeat_interval_usec(const struct iscsi_db_record *source);

/* Give up what is under way.  node: that of the list. */
void repeat_free_node(struct list_node *node);

#endif
