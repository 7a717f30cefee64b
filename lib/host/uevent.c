/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/uevent.h"

#include <stdio.h>
#include <string.h>

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

/* "change@/devices/..." */
static bool is_action(const char *text, const char *action)
{
	const size_t len = strlen(action);

	return strncmp(text, action, len) == 0 && text[len] == '@';
}

/* The value of key in a message that ends in a NUL; NULL: it has none. */
static const char *value_of(const char *text, size_t len, const char *key)
{
	const char *end = text + len;
	const size_t key_len = strlen(key);

	while ((text += strlen(text) + 1) < end) {
		if (strncmp(text, key, key_len) == 0 && text[key_len] == '=')
			return text + key_len + 1;
	}
	return NULL;
}

static bool value_is(const char *text, size_t len, const char *key, const char *wanted)
{
	const char *value = value_of(text, len, key);

	return value && strcmp(value, wanted) == 0;
}

/* The path of a message; false: it does not fit, or there is none. */
static bool copy_path(const char *text, char path[static PATH_SIZE])
{
	const char *at = strchr(text, '@');

	return at && (size_t)snprintf(path, PATH_SIZE, "%s", at + 1) < PATH_SIZE;
}

/* ".../session1/target7:0:0/7:0:0:1", which is cut up. */
static bool read_lun(char *path, struct host_lun *lun, int *sid)
{
	const char *part = cut_last(path);

	if (!part || !host_lun_address(part, lun))
		return false;
	part = cut_last(path);
	if (!part || strncmp(part, "target", strlen("target")) != 0)
		return false;
	part = cut_last(path);
	return part && sysfs_number_behind(part, "session", sid);
}

bool host_uevent_disk(const void *message, size_t len, struct host_disk_event *ret)
{
	const char *text = (const char *)message, *name, *part;
	struct host_disk_event e = {0};
	char path[PATH_SIZE];

	if (len == 0 || text[len - 1] != '\0')
		return false;
	e.added = is_action(text, "add");
	if ((!e.added && !is_action(text, "remove")) ||
	    !value_is(text, len, "SUBSYSTEM", "block") || !value_is(text, len, "DEVTYPE", "disk") ||
	    !copy_path(text, path))
		return false;
	/* "/block/sda" behind the LUN */
	name = cut_last(path);
	if (!name || !name[0] || strlen(name) >= sizeof(e.lun.disk))
		return false;
	part = cut_last(path);
	if (!part || strcmp(part, "block") != 0 || !read_lun(path, &e.lun, &e.sid))
		return false;
	strcpy(e.lun.disk, name);
	*ret = e;
	return true;
}

bool host_uevent_attention(const void *message, size_t len, struct host_attention_event *ret)
{
	const char *text = (const char *)message, *what;
	struct host_attention_event e = {0};
	char path[PATH_SIZE];

	if (len == 0 || text[len - 1] != '\0' || !is_action(text, "change"))
		return false;
	what = value_of(text, len, "SDEV_UA");
	if (!what || strlen(what) >= sizeof(e.what) || !value_is(text, len, "SUBSYSTEM", "scsi") ||
	    !copy_path(text, path) || !read_lun(path, &e.lun, &e.sid))
		return false;
	strcpy(e.what, what);
	*ret = e;
	return true;
}
