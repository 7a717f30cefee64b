/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the modes ask of iscsid.
 */
#ifndef ISCSIADM_DAEMON_H
#define ISCSIADM_DAEMON_H

#include "iscsiadm/cli.h"
#include "iscsiadm/client.h"
#include "iscsiadm/printer.h"

/*
 * The connection to the daemon, made when first needed; when it does not run it is started with
 * iscsid.startup of the configuration.  Exit code; a failure is said on stderr.
 */
int daemon_connect(struct cli *cli);

/* The same for a question that is not worth starting the daemon for, and nothing is said.  0 or a
 * negative errno. */
int daemon_connect_quietly(struct cli *cli);

/* The path of the configuration file of the running daemon; the caller frees.  NULL: no daemon. */
char *daemon_config_path(struct cli *cli);

/*
 * What the daemon knows of its sessions, for a listing: never starts it.  *ret NULL with a count of
 * 0 when it does not run; the caller frees.
 */
void daemon_states(struct cli *cli, struct daemon_state **ret, size_t *ret_count);

/*
 * Add the sessions that the daemon still tries to log in to the snapshot (cli_sessions() was
 * called): the kernel does not know them, their sid is 0.  Exit code.
 */
int daemon_add_pending(struct cli *cli);

/* -k: stop the daemon.  Exit code. */
int daemon_stop(struct cli *cli);

#endif
