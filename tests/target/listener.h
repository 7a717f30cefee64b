/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A portal: an address that is listened on.
 */
#ifndef TARGET_LISTENER_H
#define TARGET_LISTENER_H

#include "lib/base/addr.h"
#include "tests/target/source.h"

struct server;

struct listener {
	struct source source; /* first: what epoll knows of it */
	struct listener *next;
	int fd;
	struct portal portal; /* as it was asked for */
	/* borrowed */
	struct server *server;
};

/*
 * Listen there, last of the server's.  0, or a negative errno: -EEXIST when it does so already.
 */
int listener_add(struct server *s, const struct portal *portal);

/* Stop listening; connections stay.  0, or -ENOENT. */
int listener_remove(struct server *s, const struct portal *portal);

/* Free those that were removed: between two rounds of events.  listeners_done(): all. */
void listeners_clean(struct server *s);
void listeners_done(struct server *s);

/*
 * The address and port at which the portal is reached by whoever is connected through fd: its
 * own, or for one that listens on any address that of the connection.  0, or -EAFNOSUPPORT when
 * that is of another family.
 */
int listener_address(const struct listener *l, int fd, struct portal *ret);

#endif
