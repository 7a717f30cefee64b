/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to an adapter, or asked of it, for a client: in a child, as a login to a target or a
 * reset of its interfaces takes an adapter seconds, for which the kernel holds whoever asks.
 */
#ifndef ISCSID_HOST_ACT_H
#define ISCSID_HOST_ACT_H

#include "iscsid/manager.h"
#include "iscsid/nl_host.h"
#include "lib/host/host.h"

enum {
	HOST_ACT_DEADLINE_SEC = 120,
	HOST_ACTS_MAX = 8, /* under way at a time; the kernel serves one after the other anyway */
};

struct host_act {
	uint32_t host_no;
	char transport[HOST_TRANSPORT_SIZE];
	/*
	 * Runs in the child with a door to the host's transport.  What it answers are items: keys
	 * and values, each closed with host_act_end_item().  0 or a negative errno, of the kernel
	 * for one.
	 */
	int (*run)(struct nl *nl, const struct host_act *act, struct writer *items);
	enum iscsi_err failed; /* what its failure is told as; 0: as its errno is */
	/* what run() makes use of */
	enum nl_command command;
	uint32_t index;
	bool careful; /* not while disks of session index are in use */
	bool secrets;
	char portal_type[8];
	struct nl_chap chap;
	struct nl_params params; /* owned */
	struct nl_ping ping;
	/* borrowed, for as long as the manager is there */
	const char *sysfs, *proc;
};

/* The item that was put into items is complete. */
void host_act_end_item(struct writer *items);

/* Do it and answer the request with its items and its result.  act's params are owned from now on,
 * the rest is copied. */
void host_act_start(struct manager *m, const struct host_act *act, struct request *request);

/* Release what an act that was not started owns, and wipe it. */
void host_act_done(struct host_act *act);

#endif
