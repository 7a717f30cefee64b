/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making, changing and deleting interface records.  A node record carries a copy of its interface
 * record, so that a change is made in both.
 */
#ifndef ISCSIADM_IFACE_OPS_H
#define ISCSIADM_IFACE_OPS_H

#include "iscsiadm/cli.h"

/* Whether the record is one that every system has without a file. */
bool iface_is_special(const char *name);

/* Each acts on the first -I (NULL name: there was none) and returns an exit code; everything is
 * said on stdout or stderr. */
int iface_new(struct cli *cli, const char *name);
int iface_update(struct cli *cli, const char *name);
int iface_delete(struct cli *cli, const char *name);

#endif
