/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sessions a logout in bulk leaves alone. */
#ifndef ISCSIADM_IN_USE_H
#define ISCSIADM_IN_USE_H

#include "iscsiadm/cli.h"

/*
 * Take out of sessions those whose disks are in use, each with a line on stderr that says by what.
 * Exit code: ISCSI_ERR_SUCCESS when none was; ISCSI_ERR_BUSY, also when it cannot be found out,
 * and then none is left.
 */
int in_use_take_out(struct cli *cli, const struct host_session **sessions, size_t *count);

#endif
