/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's iSCSI over TCP: its door (nl.h) in the event loop, and its modules, loaded in a
 * child when they are first wanted.
 */
#ifndef ISCSID_TRANSPORT_H
#define ISCSID_TRANSPORT_H

#include <stdbool.h>

#include "iscsid/loop.h"
#include "iscsid/nl.h"

struct transport;

struct transport_callbacks {
	/* What transport_want() asked for has ended: 0, or a negative errno. */
	void (*ready)(void *data, int result);
	void (*event)(void *data, const struct nl_event *event); /* borrowed for the call */
};

/* Open what is there already; nothing being there is no error.  0 or a negative errno. */
int transport_new(struct loop *loop, const char *sysfs, const struct transport_callbacks *callbacks,
                  void *data, struct transport **ret);
struct transport *transport_free(struct transport *t);

/* The open door; NULL when transport_want() has to come first. */
struct nl *transport_nl(struct transport *t);

/* Load the modules unless that is under way; ready() comes later, never from in here. */
int transport_want(struct transport *t);

/* The module may have been loaded anew since: ask sysfs again.  0 or a negative errno. */
int transport_refresh(struct transport *t);

#endif
