/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/scan_child.h"

#include <sys/socket.h>

static void tell(void *data, const struct scan_change *change)
{
	const int *out = data;

	send(*out, change, sizeof(*change), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Runs in the child. */
static int run(const void *arg, int out)
{
	struct scan scan = ((const struct scan_job *)arg)->scan;

	scan.tell = tell;
	scan.data = &out;
	return scan_run(&scan);
}

int scan_start(struct loop *loop, const struct scan_job *job, struct child **ret)
{
	const struct child_job child = {
		.run = run,
		.arg = job,
		.deadline_usec = SCAN_DEADLINE_SEC * USEC_PER_SEC,
		.done = job->done,
		.data = job->data,
	};

	return child_start(loop, &child, ret);
}
