/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon that iscsistart asks: the one that runs, else the daemon's own manager in a child of
 * ours, for as long as somebody asks it.  Several iscsistarts at a time share one, so that each
 * session has one keeper; the sessions go on without it, and the system's iscsid adopts them.
 */
#ifndef ISCSISTART_DAEMON_H
#define ISCSISTART_DAEMON_H

#include "iscsiadm/client.h"

struct boot_daemon {
	struct client *client;
	int alive; /* of a child of ours: readable when it has ended; -1: not ours */
};

/*
 * Connect to the daemon at control, starting one with the configuration file config where none
 * listens.  0 or a negative errno.
 */
int boot_daemon_open(struct boot_daemon *d, const char *control, const char *config);

/* Leave it; a daemon of ours that nobody else asks has ended when this returns. */
void boot_daemon_close(struct boot_daemon *d);

#endif
