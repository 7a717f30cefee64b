/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/block_device.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

static void read_text(struct sysfs_reader *r, const char *name, const char *attribute, char *dst,
                      size_t size)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%.*s/%s", BLOCK_NAME_SIZE, name, attribute);
	sysfs_read_text(r, path, dst, size);
}

void block_device_read(struct sysfs_reader *r, const char *name, struct block_device *ret)
{
	struct block_device d = {0};
	unsigned int major, minor;
	char text[32];

	snprintf(d.name, sizeof(d.name), "%s", name);
	read_text(r, name, "dev", text, sizeof(text));
	if (sscanf(text, "%u:%u", &major, &minor) == 2)
		d.devno = makedev(major, minor);
	if (strncmp(name, "dm-", 3) == 0) {
		read_text(r, name, "dm/name", d.dm_name, sizeof(d.dm_name));
		read_text(r, name, "dm/uuid", d.dm_uuid, sizeof(d.dm_uuid));
	}
	*ret = d;
}

void block_device_label(const struct block_device *d, char dst[static BLOCK_LABEL_SIZE])
{
	if (d->dm_name[0])
		snprintf(dst, BLOCK_LABEL_SIZE, "%s (%.*s)", d->name, HOST_TEXT_SIZE - 4,
		         d->dm_name);
	else
		snprintf(dst, BLOCK_LABEL_SIZE, "%s", d->name);
}

/* kpartx and multipathd put "part1-" ahead of the uuid of what the partition is on. */
bool block_device_is_multipath(const struct block_device *d)
{
	const char *uuid = d->dm_uuid;

	if (strncmp(uuid, "part", 4) == 0) {
		uuid += 4 + strspn(uuid + 4, "0123456789");
		uuid += *uuid == '-';
	}
	return strncmp(uuid, "mpath-", 6) == 0;
}

bool block_device_is_at(const struct block_device *d, const char *path)
{
	const char *name = d->name;

	if (strncmp(path, "/dev/", 5) != 0)
		return false;
	path += 5;
	if (strncmp(path, "mapper/", 7) == 0 && d->dm_name[0] && strcmp(path + 7, d->dm_name) == 0)
		return true;
	/* the kernel has '!' where a name in /dev has a slash */
	while (*name && (*name == *path || (*name == '!' && *path == '/'))) {
		name++;
		path++;
	}
	return *name == *path;
}

int block_device_session(const struct sysfs_reader *r, const char *name)
{
	char path[PATH_SIZE], target[PATH_SIZE], *save = NULL, *part;
	ssize_t n;
	int sid = -1;

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%.*s", BLOCK_NAME_SIZE, name);
	n = readlinkat(r->root, path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	for (part = strtok_r(target, "/", &save); part && sid < 0;
	     part = strtok_r(NULL, "/", &save)) {
		if (!sysfs_number_behind(part, "session", &sid))
			sid = -1;
	}
	return sid;
}

bool block_device_is_live(struct sysfs_reader *r, const char *name)
{
	char state[32];

	read_text(r, name, "device/state", state, sizeof(state));
	/* the words of SCSI and of NVMe */
	return strcmp(state, "running") == 0 || strcmp(state, "live") == 0;
}
