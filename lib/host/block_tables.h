/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of mounts and swaps, for block_uses.c. */
#ifndef HOST_BLOCK_TABLES_H
#define HOST_BLOCK_TABLES_H

#include <stddef.h>
#include <sys/types.h>

struct block_mount {
	char *source; /* as mount(2) was given it; "": none */
	char *target;
	dev_t devno; /* of its files: of no disk where a file system has numbers of its own */
};

struct block_tables {
	struct block_mount *mounts; /* in the order in which they were made */
	size_t mount_count;
	char **swaps; /* paths of devices and files */
	size_t swap_count;
};

/*
 * Read the mounts that this process sees, those that process 1 sees where that is in another mount
 * namespace, and the swaps, below proc.  0, -ELIBACC (no libmount on this machine), -ENOENT (proc
 * is not mounted), or another negative errno.  Release with block_tables_done().
 */
int block_tables_read(const char *proc, struct block_tables *ret);
void block_tables_done(struct block_tables *t);

#endif
