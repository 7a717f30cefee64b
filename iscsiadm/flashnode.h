/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The targets that an adapter keeps in its flash memory and logs in to by itself.
 */
#ifndef ISCSIADM_FLASHNODE_H
#define ISCSIADM_FLASHNODE_H

#include "iscsiadm/cli.h"
#include "lib/host/host.h"

/* What the line lacks, whatever the host is.  Exit code. */
int flashnode_check(const struct options *o);

/* -m host -C flashnode, of this host.  Exit code. */
int flashnode(struct cli *cli, const struct host_info *host);

#endif
