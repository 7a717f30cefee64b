/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev is looked at whenever something appears there: the events that tell of disks themselves
 * reach only the network namespace in which udev runs.
 */
#include "iscsiadm/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsiadm/batch.h"
#include "iscsiadm/client.h"
#include "iscsiadm/report.h"
#include "lib/base/clock.h"
#include "lib/base/folder.h"
#include "lib/base/macros.h"
#include "lib/host/session.h"
#include "lib/ipc/error.h"

#define UDEV_CONTROL "/run/udev/control"
#define BY_PATH      "/dev/disk/by-path"

/* Between two looks: without inotify(7); and with it, should an event not come. */
enum { PAUSE_MSEC = 20, UNTOLD_MSEC = 500, NAME_SIZE = 64 };

/* Whether a link that udev makes of the way to a disk leads to it. */
static bool has_link(const char *disk)
{
	_cleanup_folder_ struct folder links = {0};

	folder_read(AT_FDCWD, BY_PATH, &links);
	for (size_t i = 0; i < links.count; i++) {
		const char *name = links.entries[i].name, *last;
		char path[sizeof(BY_PATH) + NAME_MAX + 1], target[NAME_SIZE];
		ssize_t n;

		if (!strstr(name, "-iscsi-"))
			continue;
		snprintf(path, sizeof(path), BY_PATH "/%s", name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		last = strrchr(target, '/');
		if (last && strcmp(last + 1, disk) == 0)
			return true;
	}
	return false;
}

static bool ready(const struct host_lun *lun)
{
	char path[NAME_SIZE];
	struct stat st;

	if (!lun->disk[0])
		return false;
	snprintf(path, sizeof(path), "/dev/%s", lun->disk);
	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	return access(UDEV_CONTROL, F_OK) < 0 || has_link(lun->disk);
}

/* Where nodes and links to them come.  A folder that is not there yet is watched when it is. */
static void watch(int fd)
{
	static const char *const folders[] = {"/dev", "/dev/disk", BY_PATH};

	for (size_t i = 0; fd >= 0 && i < ARRAY_LEN(folders); i++)
		inotify_add_watch(fd, folders[i], IN_CREATE | IN_MOVED_TO);
}

/* Until something has come since watch(), or for a while. */
static void pause_briefly(int fd, uint64_t left_usec)
{
	const uint64_t most = fd < 0 ? PAUSE_MSEC : UNTOLD_MSEC;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char events[4096];

	/* a descriptor below 0 is none, and poll() a pause */
	poll(&p, 1, (int)MIN(most, left_usec / 1000 + 1));
	while (fd >= 0 && read(fd, events, sizeof(events)) > 0)
		;
}

/* The disks among a session's LUNs, when all are ready or at the deadline.  0 or a negative errno.
 */
static int wait_luns(const char *sysfs, const struct host_session *s, uint64_t deadline_usec,
                     struct host_lun **ret, size_t *ret_count)
{
	_cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	while (true) {
		_cleanup_free_ struct host_lun *luns = NULL;
		size_t found = 0, count = 0;
		uint64_t now;
		bool all = true;
		int r;

		watch(fd);
		r = host_session_luns(sysfs, s, &luns, &found);
		if (r < 0)
			return r;
		for (size_t i = 0; i < found; i++) {
			if (!luns[i].disk[0] && !host_lun_is_disk(sysfs, s, &luns[i]))
				continue;
			all = all && ready(&luns[i]);
			luns[count++] = luns[i];
		}
		now = clock_usec();
		if (all || now >= deadline_usec) {
			*ret = take_ptr(luns);
			*ret_count = count;
			return 0;
		}
		pause_briefly(fd, deadline_usec - now);
	}
}

static int wait_session(struct cli *cli, int sid, uint64_t deadline_usec)
{
	_cleanup_free_ char *object = NULL;
	_cleanup_free_ struct host_lun *luns = NULL;
	struct host_session s;
	size_t count = 0;
	int r = host_session_read(cli->paths.sysfs, sid, HOST_DETAIL_IDENTITY, &s);
	int rc = ISCSI_ERR_SUCCESS;

	if (r == -ENOENT) {
		report("Session %d has gone while its disks were waited for.", sid);
		return ISCSI_ERR_SESS_NOT_FOUND;
	}
	if (r == 0)
		r = wait_luns(cli->paths.sysfs, &s, deadline_usec, &luns, &count);
	if (r == 0) {
		object = batch_session_object(&s);
		r = object ? 0 : -ENOMEM;
	}
	if (r < 0)
		return cli_failed(r, "could not look for the disks of a session");
	if (count == 0)
		printf("Session %s has no disks.\n", object);
	for (size_t i = 0; i < count; i++) {
		if (ready(&luns[i])) {
			printf("Device of %s LUN %" PRIu64 ": /dev/%s\n", object, luns[i].lun,
			       luns[i].disk);
			continue;
		}
		report("LUN %" PRIu64 " of %s has no block device in time.", luns[i].lun, object);
		rc = ISCSI_ERR_REQ_TIMEDOUT;
	}
	fflush(stdout);
	return rc;
}

int devices_wait(struct cli *cli, const int *sids, size_t count)
{
	uint64_t deadline = clock_usec() + (uint64_t)cli->opts.wait_devices * USEC_PER_SEC;
	int rc = ISCSI_ERR_SUCCESS;

	if (cli->deadline_usec)
		deadline = MIN(deadline, cli->deadline_usec);
	for (size_t i = 0; i < count; i++)
		rc = first_error(rc, wait_session(cli, sids[i], deadline));
	return rc;
}
