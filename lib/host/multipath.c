/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/multipath.h"

#include <stdio.h>

#include "lib/base/macros.h"
#include "lib/host/block_device.h"

enum { PATH_SIZE = 512 };

static bool is_held_by_map(struct sysfs_reader *reader, const char *disk)
{
	_cleanup_folder_ struct folder holders = {0};
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/holders", disk);
	sysfs_read_folder(reader, path, &holders);
	for (size_t i = 0; i < holders.count; i++) {
		struct block_device d;

		block_device_read(reader, holders.entries[i].name, &d);
		if (block_device_is_multipath(&d))
			return true;
	}
	return false;
}

bool host_session_is_path(const char *sysfs, int sid)
{
	const struct host_session s = {.sid = sid};
	_cleanup_free_ struct host_lun *luns = NULL;
	struct sysfs_reader reader;
	bool found = false;
	size_t count = 0;

	if (sysfs_reader_init(&reader, sysfs) < 0)
		return false;
	if (host_session_luns(sysfs, &s, &luns, &count) < 0)
		count = 0;
	for (size_t i = 0; i < count && !found; i++)
		found = luns[i].disk[0] && is_held_by_map(&reader, luns[i].disk);
	sysfs_reader_done(&reader);
	return found;
}
