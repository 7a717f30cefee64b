/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells of disks of iSCSI sessions that came or went, whoever made them, and of the unit attentions
 * that LUNs of such sessions answer anybody's commands with.  The kernel says it in the
 * network namespaces of the initial user namespace only.
 */
#ifndef ISCSID_DISKWATCH_H
#define ISCSID_DISKWATCH_H

#include "iscsid/loop.h"
#include "lib/host/uevent.h"

struct diskwatch;

struct diskwatch_callbacks {
	void (*changed)(void *data, const struct host_disk_event *event);
	void (*attention)(void *data, const struct host_attention_event *event);
	void (*lost)(void *data); /* events came faster than they were read */
};

/* callbacks and data are borrowed.  0 or a negative errno. */
int diskwatch_new(struct loop *loop, const struct diskwatch_callbacks *callbacks, void *data,
                  struct diskwatch **ret);
struct diskwatch *diskwatch_free(struct diskwatch *w);

/* Tell what has happened until now.  w may be NULL. */
void diskwatch_read(struct diskwatch *w);

#endif
