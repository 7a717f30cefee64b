/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/uevent.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/host/sysfs.h"

enum { PATH_SIZE = 512 };

/* Cut the last part off a path and return it; NULL: there is none. */
static char *cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

/* ".../session1/target7:0:0/7:0:0:1/block/sda" */
static bool read_path(const char *text, struct host_disk_event *e)
{
	char path[PATH_SIZE];
	const char *part, *name;

	if ((size_t)snprintf(path, sizeof(path), "%s", text) >= sizeof(path))
		return false;
	name = cut_last(path);
	if (!name || !name[0] || strlen(name) >= HOST_DISK_SIZE)
		return false;
	part = cut_last(path);
	if (!part || strcmp(part, "block") != 0)
		return false;
	part = cut_last(path);
	if (!part || !host_lun_address(part, &e->lun))
		return false;
	strcpy(e->lun.disk, name);
	part = cut_last(path);
	if (!part || strncmp(part, "target", strlen("target")) != 0)
		return false;
	part = cut_last(path);
	return part && sysfs_number_behind(part, "session", &e->sid);
}

bool host_uevent_disk(const void *message, size_t len, struct host_disk_event *ret)
{
	static const char *const wanted[] = {"SUBSYSTEM=block", "DEVTYPE=disk"};
	const char *text = (const char *)message, *end = text + len, *path;
	struct host_disk_event e = {0};
	size_t found = 0;

	if (len == 0 || end[-1] != '\0')
		return false;
	path = strchr(text, '@');
	if (!path)
		return false;
	e.added = strncmp(text, "add@", strlen("add@")) == 0;
	if (!e.added && strncmp(text, "remove@", strlen("remove@")) != 0)
		return false;
	while ((text += strlen(text) + 1) < end) {
		for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
			found += strcmp(text, wanted[i]) == 0;
	}
	if (found != ARRAY_LEN(wanted) || !read_path(path + 1, &e))
		return false;
	*ret = e;
	return true;
}
