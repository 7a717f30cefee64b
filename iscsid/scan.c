/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/host/session.h"

/* sysfs takes a value in one write. */
static int write_value(const char *path, const char *value)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, value, len);
	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

static void set_queue_depth(const struct scan_job *job, const char *sysfs)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	struct host_session s;
	char path[PATH_MAX], value[16];
	size_t count;

	if (host_session_read(job->sysfs, (int)job->sid, HOST_DETAIL_IDENTITY, &s) < 0 ||
	    host_session_luns(job->sysfs, &s, &luns, &count) < 0)
		return;
	snprintf(value, sizeof(value), "%u\n", job->queue_depth);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path),
		         "%s/class/scsi_device/%u:%d:%d:%" PRIu64 "/device/queue_depth", sysfs,
		         job->host_no, luns[i].channel, luns[i].id, luns[i].lun);
		/* a LUN that is gone again, or takes less, works with what it has */
		write_value(path, value);
	}
}

/* Runs in the child. */
static int scan_run(const void *arg, int out _unused_)
{
	const struct scan_job *job = (const struct scan_job *)arg;
	const char *sysfs = job->sysfs ? job->sysfs : "/sys";
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%u/scan", sysfs, job->host_no);
	r = write_value(path, "- - -");
	if (r == 0 && job->queue_depth)
		set_queue_depth(job, sysfs);
	return r;
}

int scan_start(struct loop *loop, const struct scan_job *job, struct child **ret)
{
	const struct child_job child = {
		.run = scan_run,
		.arg = job,
		.deadline_usec = SCAN_DEADLINE_SEC * USEC_PER_SEC,
		.done = job->done,
		.data = job->data,
	};

	return child_start(loop, &child, ret);
}
