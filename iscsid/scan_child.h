/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scan (lib/host/scan.h) in a child. */
#ifndef ISCSID_SCAN_CHILD_H
#define ISCSID_SCAN_CHILD_H

#include "iscsid/child.h"
#include "lib/host/scan.h"

/* After that a scan counts as ended, whatever the target still keeps to itself. */
enum { SCAN_DEADLINE_SEC = 60 };

struct scan_job {
	struct scan scan; /* tell and data are the child's */
	/* child.h's; the output is a struct scan_change each, as many as fit */
	void (*done)(void *data, int result, const void *output, size_t len);
	void *data;
};

/* 0 or a negative errno. */
int scan_start(struct loop *loop, const struct scan_job *job, struct child **ret);

#endif
