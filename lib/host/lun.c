/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LUNs below a session's folder: targetH:C:I / H:C:I:L, and the disk's name in block/.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/session.h"
#include "lib/host/sysfs.h"

/* Far more than any host has; a bound for the writer. */
enum { LUNS_MAX = 1 << 20, PATH_SIZE = 512 };

bool host_lun_address(const char *name, struct host_lun *ret)
{
	uint64_t v[4];
	struct host_lun lun = {0};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		size_t len = strcspn(name, ":");

		if (num_iscsi(name, len, i < 3 ? INT32_MAX : UINT64_MAX, &v[i]) < 0 ||
		    name[len] != (i < 3 ? ':' : '\0'))
			return false;
		name += len + 1;
	}
	lun.channel = (int)v[1];
	lun.id = (int)v[2];
	lun.lun = v[3];
	*ret = lun;
	return true;
}

static void read_lun(struct sysfs_reader *reader, const char *folder, struct host_lun *lun)
{
	_cleanup_folder_ struct folder disks = {0};
	char path[PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/state", folder);
	sysfs_read_text(reader, path, lun->state, sizeof(lun->state));
	snprintf(path, sizeof(path), "%s/block", folder);
	sysfs_read_folder(reader, path, &disks);
	if (disks.count > 0 && strlen(disks.entries[0].name) < sizeof(lun->disk))
		strcpy(lun->disk, disks.entries[0].name);
}

/* Adds the LUNs of one target; one that has gone has none. */
static void read_target(struct sysfs_reader *reader, const char *folder, struct writer *found)
{
	_cleanup_folder_ struct folder all = {0};
	struct host_lun lun;
	char path[PATH_SIZE];

	sysfs_read_folder(reader, folder, &all);
	for (size_t i = 0; i < all.count; i++) {
		const char *name = all.entries[i].name;

		if (!host_lun_address(name, &lun) ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
			continue;
		read_lun(reader, path, &lun);
		writer_bytes(found, &lun, sizeof(lun));
	}
}

static int compare_luns(const void *a, const void *b)
{
	const struct host_lun *x = a, *y = b;

	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->lun > y->lun) - (x->lun < y->lun);
}

int host_session_luns(const char *sysfs, const struct host_session *s, struct host_lun **ret,
                      size_t *ret_count)
{
	_cleanup_folder_ struct folder targets = {0};
	struct writer found = writer_make(LUNS_MAX * sizeof(struct host_lun));
	struct sysfs_reader reader;
	char folder[128], path[PATH_SIZE];
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	snprintf(folder, sizeof(folder), "class/iscsi_session/session%d/device", s->sid);
	sysfs_read_folder(&reader, folder, &targets);
	for (size_t i = 0; i < targets.count; i++) {
		const char *name = targets.entries[i].name;

		if (strncmp(name, "target", 6) == 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
			read_target(&reader, path, &found);
	}
	r = reader.exhausted < 0 ? reader.exhausted : writer_status(&found);
	sysfs_reader_done(&reader);
	if (r < 0) {
		writer_done(&found);
		return r;
	}
	*ret_count = found.len / sizeof(struct host_lun);
	if (*ret_count > 0)
		qsort(found.data, *ret_count, sizeof(struct host_lun), compare_luns);
	*ret = (struct host_lun *)(void *)take_ptr(found.data);
	return 0;
}

bool host_lun_is_disk(const char *sysfs, const struct host_session *s, const struct host_lun *lun)
{
	/* SPC-6 table 151: direct access, optical memory, reduced block, host managed zoned */
	static const int disks[] = {0x00, 0x07, 0x0e, 0x14};
	struct sysfs_reader reader;
	char path[PATH_SIZE];
	int type = -1;

	if (sysfs_reader_init(&reader, sysfs) < 0)
		return false;
	snprintf(path, sizeof(path),
	         "class/iscsi_session/session%d/device/target%d:%d:%d/%d:%d:%d:%" PRIu64 "/type",
	         s->sid, s->host_no, lun->channel, lun->id, s->host_no, lun->channel, lun->id,
	         lun->lun);
	sysfs_read_int(&reader, path, -1, &type);
	sysfs_reader_done(&reader);
	for (size_t i = 0; i < ARRAY_LEN(disks); i++) {
		if (type == disks[i])
			return true;
	}
	return false;
}
