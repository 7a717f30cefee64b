/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One block device as sysfs shows it, for block_uses.c. */
#ifndef HOST_BLOCK_DEVICE_H
#define HOST_BLOCK_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/host/session.h"
#include "lib/host/sysfs.h"

/* Where each has its entry below sysfs. */
#define BLOCK_DEVICES "class/block"

enum { BLOCK_NAME_SIZE = 64, BLOCK_LABEL_SIZE = BLOCK_NAME_SIZE + HOST_TEXT_SIZE };

struct block_device {
	char name[BLOCK_NAME_SIZE];   /* the kernel's */
	char dm_name[HOST_TEXT_SIZE]; /* "": not of dm */
	char dm_uuid[HOST_TEXT_SIZE];
	dev_t devno; /* 0: not known */
};

/* What is known of it: a device that has gone has a name only. */
void block_device_read(struct sysfs_reader *r, const char *name, struct block_device *ret);

/* The kernel's name with dm's own behind it. */
void block_device_label(const struct block_device *d, char dst[static BLOCK_LABEL_SIZE]);

/* Whether it is a map of dm-multipath, or a partition of one. */
bool block_device_is_multipath(const struct block_device *d);

/* Whether a path names it: /dev/ and the kernel's name, or /dev/mapper/ and dm's. */
bool block_device_is_at(const struct block_device *d, const char *path);

/* The session that the disk of that name belongs to; -1: none. */
int block_device_session(const struct sysfs_reader *r, const char *name);

/* Whether the disk of that name takes I/O. */
bool block_device_is_live(struct sysfs_reader *r, const char *name);

#endif
