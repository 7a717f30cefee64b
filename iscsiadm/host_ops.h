/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What adapters with a network stack of their own are asked, through the daemon: -m host -C chap,
 * flashnode and stats.
 */
#ifndef ISCSIADM_HOST_OPS_H
#define ISCSIADM_HOST_OPS_H

#include "iscsiadm/cli.h"

/* What -C says, of the host of this number.  Exit code. */
int host_submode(struct cli *cli, int host_no);

#endif
