/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said when a record could not be read, written or removed: which one, where it is and why.
 */
#ifndef ISCSIADM_FAILURE_H
#define ISCSIADM_FAILURE_H

#include "iscsiadm/cli.h"

/* verb: "read", "write", "delete"; error: a negative errno.  The exit code. */
int node_failed(const struct cli *cli, const struct iscsi_db_node_id *id, const char *verb,
                int error);

int discovery_failed(const struct cli *cli, const struct iscsi_db_discovery_id *id,
                     const char *verb, int error);
int iface_failed(const struct cli *cli, const char *name, const char *verb, int error);

/* The same for a node record that could not be read, with what helps: to pass over it in silence
 * would look like success. */
int node_unreadable(const struct cli *cli, const struct iscsi_db_node_id *id, int error);

#endif
