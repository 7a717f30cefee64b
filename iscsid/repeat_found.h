/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a repeated discovery has found: portals of targets, each through one interface.
 */
#ifndef ISCSID_REPEAT_FOUND_H
#define ISCSID_REPEAT_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "libiscsi-db/iscsi-db.h"

struct session;

/* Portals that are taken from one discovery, through all interfaces together. */
enum { FOUND_MAX = 8192 };

struct found_portal {
	struct iscsi_db_node_id id;
	bool taken;  /* it has a session */
	bool silent; /* it takes no connection */
};

/* What the answer through an interface is worth. */
struct found_iface {
	struct iscsi_db_record *record; /* owned */
	bool whole;                     /* it came to its end */
	bool lacks; /* something was left out of it: what is missed may be there */
};

struct found {
	struct found_portal *all;
	size_t count, size;
	struct found_iface *ifaces;
	size_t ifaces_count;
};

/* Add a portal.  0, -EFBIG when there is no place for one more, or -ENOMEM. */
int found_add(struct found *f, const struct iscsi_db_node_id *id);
void found_done(struct found *f);

/* The interface, if what was found through it is whole.  NULL: it is not, or there is none. */
const struct found_iface *found_whole(const struct found *f, const char *iface_name);

/* Keep those that keep() wants, and sort them. */
void found_sort(struct found *f, bool (*keep)(void *data, const struct found_portal *p),
                void *data);

/* Where the session logs in, among the sorted ones.  NULL: it was not found. */
struct found_portal *found_of_session(const struct found *f, const struct session *s);

#endif
