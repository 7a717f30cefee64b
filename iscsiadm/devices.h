/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for block devices (--wait-devices).  A scan has ended when the kernel knows the LUNs; the
 * disk driver and udev take their time after that.
 */
#ifndef ISCSIADM_DEVICES_H
#define ISCSIADM_DEVICES_H

#include "iscsiadm/cli.h"

/* Seconds, when the command line does not say how many. */
enum { DEVICES_PATIENCE_SEC = 30 };

/*
 * Wait until each LUN of the sessions that is a disk has its block device in /dev and, where udev
 * runs, a link in /dev/disk/by-path; print a line for each.  Exit code: REQ_TIMEDOUT when time is
 * up, SESS_NOT_FOUND when a session has gone; both said on stderr.
 */
int devices_wait(struct cli *cli, const int *sids, size_t count);

#endif
