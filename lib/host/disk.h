/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a disk itself.  Each may wait for the disk: the daemon calls them in a child. */
#ifndef HOST_DISK_H
#define HOST_DISK_H

#include <stdbool.h>

/*
 * Open /dev/NAME, provided that it is the disk that sysfs (NULL: /sys) knows by that name; nothing
 * of it is read.  exclusive: only while nothing has claimed the disk or a partition of it (a file
 * system, swap, dm, md), which nothing can then until the descriptor is closed.  The descriptor,
 * -EBUSY (claimed), -ENODEV (another disk, or none), or another negative errno.
 */
int host_disk_open(const char *sysfs, const char *name, bool exclusive);

/* Whether the target says of the disk of a descriptor that it has no such LUN. */
bool host_disk_gone(int fd);

#endif
