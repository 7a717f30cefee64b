/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the LUNs of a session, in a child: the kernel holds whoever asks until it is through. */
#ifndef ISCSID_SCAN_H
#define ISCSID_SCAN_H

#include <stdint.h>

#include "iscsid/child.h"

/* Then the login counts as done, whatever the target still keeps to itself. */
enum { SCAN_DEADLINE_SEC = 60 };

struct scan_job {
	const char *sysfs; /* NULL: /sys */
	uint32_t sid;
	uint32_t host_no;
	unsigned int queue_depth; /* for each LUN found; 0: leave the kernel's */
	void (*done)(void *data, int result, const void *output, size_t len); /* child.h's */
	void *data;
};

/* 0 or a negative errno. */
int scan_start(struct loop *loop, const struct scan_job *job, struct child **ret);

#endif
