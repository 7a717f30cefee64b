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

/*
 * A LUN of an iSCSI session answered with a unit attention of which the kernel tells (scsi_lib.c
 * there, scsi_evt_emit()).
 */
struct host_attention_event {
	int sid;
	struct host_lun lun; /* without its state and disk */
	char what[64];       /* the kernel's word: "REPORTED_LUNS_DATA_HAS_CHANGED" */
};

/* The same of such a message. */
bool host_uevent_attention(const void *message, size_t len, struct host_attention_event *ret);

#endif
