/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/host/designators.h"
#include "lib/host/disk.h"

/* Of VPD page 83h: designators beyond are not looked at. */
enum { PAGE_SIZE = 4096 };

enum { QUEUE_DEPTH_MAX = 1024 };

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

const char *scan_change_name(enum scan_change_kind kind)
{
	static const char *const names[] = {
		[SCAN_REPLACED] = "replaced",
		[SCAN_REPLACED_IN_USE] = "replaced-in-use",
		[SCAN_REMOVED] = "removed",
		[SCAN_GONE_IN_USE] = "gone-in-use",
	};

	return names[kind];
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

static void attribute_path(const struct scan *scan, const struct host_lun *lun, const char *name,
                           char dst[static PATH_MAX])
{
	snprintf(dst, PATH_MAX, "%s/class/scsi_device/%u:%d:%d:%" PRIu64 "/device/%s",
	         scan->sysfs ? scan->sysfs : "/sys", scan->host_no, lun->channel, lun->id, lun->lun,
	         name);
}

/* What a LUN has in sysfs.  One that is gone again has nothing, and that is no error. */
static void set_attribute(const struct scan *scan, const struct host_lun *lun, const char *name,
                          const char *value)
{
	char path[PATH_MAX];

	attribute_path(scan, lun, name, path);
	write_value(path, value);
}

/* VPD page 83h as the kernel last read it; of no length, if it has none. */
struct identity {
	size_t len;
	uint8_t page[PAGE_SIZE];
};

static void read_identity(const struct scan *scan, const struct host_lun *lun, struct identity *ret)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	ssize_t n = 0;

	attribute_path(scan, lun, "vpd_pg83", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, ret->page, sizeof(ret->page));
	ret->len = (size_t)MAX(n, 0);
}

/* The host's scan attribute takes channel, id and LUN, "-" for any. */
static int find(const struct scan *scan, const struct scan_luns *set)
{
	char path[PATH_MAX], value[32];
	int r = 0;

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%u/scan",
	         scan->sysfs ? scan->sysfs : "/sys", scan->host_no);
	if (set->all)
		return write_value(path, "- - -");
	for (size_t i = 0; i < set->count && r == 0; i++) {
		snprintf(value, sizeof(value), "- - %" PRIu64, set->lun[i]);
		r = write_value(path, value);
	}
	return r;
}

static void say(const struct scan *scan, const struct host_lun *lun, enum scan_change_kind kind)
{
	struct scan_change change = {.lun = lun->lun, .kind = kind};

	memcpy(change.disk, lun->disk, sizeof(change.disk));
	scan->tell(scan->data, &change);
}

/*
 * A number that now names another disk.  What was to be written to the old one must never reach
 * the new one, so it goes, in use or not, and the new one comes.  As long as the old one is open it
 * keeps its name: who knows the disk by that gets errors, and not another disk.
 */
static void replace(const struct scan *scan, const struct host_lun *lun)
{
	const struct scan_luns one = {.count = 1, .lun = {lun->lun}};
	int old = lun->disk[0] ? host_disk_open(scan->sysfs, lun->disk, true) : -ENODEV;

	set_attribute(scan, lun, "delete", "1\n");
	find(scan, &one);
	say(scan, lun, old == -EBUSY ? SCAN_REPLACED_IN_USE : SCAN_REPLACED);
	if (old >= 0)
		close(old);
}

/* Whether the target has it no more; then it is removed, unless something is on it. */
static bool prune(const struct scan *scan, const struct host_lun *lun)
{
	_cleanup_close_ int fd = -1, claim = -1;

	if (!lun->disk[0])
		return false;
	fd = host_disk_open(scan->sysfs, lun->disk, false);
	if (fd < 0 || !host_disk_gone(fd))
		return false;
	claim = host_disk_open(scan->sysfs, lun->disk, true);
	if (claim >= 0)
		set_attribute(scan, lun, "delete", "1\n");
	say(scan, lun, claim >= 0 ? SCAN_REMOVED : SCAN_GONE_IN_USE);
	return true;
}

static void reread_lun(const struct scan *scan, const struct host_lun *lun)
{
	struct identity before, after;

	read_identity(scan, lun, &before);
	set_attribute(scan, lun, "rescan", "1\n");
	read_identity(scan, lun, &after);
	if (designators_differ(before.page, before.len, after.page, after.len))
		replace(scan, lun);
}

static int list_luns(const struct scan *scan, struct host_lun **ret, size_t *ret_count)
{
	struct host_session s;
	int r = host_session_read(scan->sysfs, (int)scan->sid, HOST_DETAIL_IDENTITY, &s);

	return r < 0 ? r : host_session_luns(scan->sysfs, &s, ret, ret_count);
}

static void reread(const struct scan *scan)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	size_t count;

	if (scan_luns_empty(&scan->wish.reread) || list_luns(scan, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (!scan_luns_has(&scan->wish.reread, luns[i].lun) ||
		    (scan_luns_has(&scan->wish.prune, luns[i].lun) && prune(scan, &luns[i])))
			continue;
		reread_lun(scan, &luns[i]);
	}
}

unsigned int scan_queue_depth(int64_t asked)
{
	return asked >= 1 && asked <= QUEUE_DEPTH_MAX ? (unsigned int)asked : 0;
}

void scan_set_queue_depth(const struct scan *scan, const struct host_lun *lun)
{
	char value[16];

	if (scan->queue_depth == 0)
		return;
	snprintf(value, sizeof(value), "%u\n", scan->queue_depth);
	set_attribute(scan, lun, "queue_depth", value);
}

static void set_queue_depths(const struct scan *scan)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	size_t count;

	if (scan->queue_depth == 0 || list_luns(scan, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		scan_set_queue_depth(scan, &luns[i]);
}

int scan_run(const struct scan *scan)
{
	int r;

	reread(scan);
	r = find(scan, &scan->wish.find);
	if (r == 0)
		set_queue_depths(scan);
	return r;
}
