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

void scan_luns_add(struct scan_luns *set, uint64_t lun)
{
	if (scan_luns_has(set, lun))
		return;
	if (set->count == SCAN_LUNS_MAX)
		set->all = true;
	else
		set->lun[set->count++] = lun;
}

void scan_luns_add_all(struct scan_luns *set, const struct scan_luns *more)
{
	set->all = set->all || more->all;
	for (size_t i = 0; i < more->count; i++)
		scan_luns_add(set, more->lun[i]);
}

bool scan_luns_has(const struct scan_luns *set, uint64_t lun)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->lun[i] == lun)
			return true;
	}
	return set->all;
}

bool scan_luns_empty(const struct scan_luns *set)
{
	return !set->all && set->count == 0;
}

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

/* What a LUN has in sysfs.  One that is gone again has nothing, and that is no error. */
static void set_attribute(const struct scan_job *job, const struct host_lun *lun, const char *name,
                          const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/scsi_device/%u:%d:%d:%" PRIu64 "/device/%s",
	         job->sysfs ? job->sysfs : "/sys", job->host_no, lun->channel, lun->id, lun->lun,
	         name);
	write_value(path, value);
}

static int list_luns(const struct scan_job *job, struct host_lun **ret, size_t *ret_count)
{
	struct host_session s;
	int r = host_session_read(job->sysfs, (int)job->sid, HOST_DETAIL_IDENTITY, &s);

	return r < 0 ? r : host_session_luns(job->sysfs, &s, ret, ret_count);
}

static void reread(const struct scan_job *job)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	size_t count;

	if (scan_luns_empty(&job->wish.reread) || list_luns(job, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (scan_luns_has(&job->wish.reread, luns[i].lun))
			set_attribute(job, &luns[i], "rescan", "1\n");
	}
}

/* The host's scan attribute takes channel, id and LUN, "-" for any. */
static int find(const struct scan_job *job)
{
	const struct scan_luns *set = &job->wish.find;
	char path[PATH_MAX], value[32];
	int r = 0;

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%u/scan",
	         job->sysfs ? job->sysfs : "/sys", job->host_no);
	if (set->all)
		return write_value(path, "- - -");
	for (size_t i = 0; i < set->count && r == 0; i++) {
		snprintf(value, sizeof(value), "- - %" PRIu64, set->lun[i]);
		r = write_value(path, value);
	}
	return r;
}

static void set_queue_depth(const struct scan_job *job)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	char value[16];
	size_t count;

	if (job->queue_depth == 0 || list_luns(job, &luns, &count) < 0)
		return;
	snprintf(value, sizeof(value), "%u\n", job->queue_depth);
	for (size_t i = 0; i < count; i++)
		set_attribute(job, &luns[i], "queue_depth", value);
}

/* Runs in the child. */
static int scan_run(const void *arg, int out _unused_)
{
	const struct scan_job *job = (const struct scan_job *)arg;
	int r;

	reread(job);
	r = find(job);
	if (r == 0)
		set_queue_depth(job);
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
