/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says when a device comes or goes (lib/kobject_uevent.c there). */
#ifndef HOST_UEVENT_H
#define HOST_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/session.h"

/* A disk of an iSCSI session came or went. */
struct host_disk_event {
	bool added; /* else removed */
	int sid;
	struct host_lun lun; /* without its state */
};

/*
 * Take a message of NETLINK_KOBJECT_UEVENT apart: "ACTION@PATH" and KEY=VALUE texts, each with its
 * NUL.  False when it is about something else, a partition for one, or is none.
 */
bool host_uevent_disk(const void *message, size_t len, struct host_disk_event *ret);

#endif
