/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What uses the disks of a session: file systems, swap, and the devices that are made of them (dm,
 * LVM, md, bcache, loop).  Programs that have a disk open are not looked for: udev is one of them
 * whenever a disk appears.
 *
 * A dm-multipath map is made and removed by multipathd as paths come and go: it counts for what is
 * on it only, and only when the last of its live paths would go.
 */
#ifndef HOST_BLOCK_H
#define HOST_BLOCK_H

#include <stddef.h>

/* What stands at the end of a chain, the gravest first. */
enum host_use_kind {
	HOST_USE_ROOT,
	HOST_USE_SWAP,
	HOST_USE_MOUNT,
	HOST_USE_DEVICE, /* made of the disk, and used by nothing that is known */
};

struct host_use {
	char *chain; /* owned; "sda -> sda1 -> dm-0 (vg-data) -> /srv", printable ASCII */
	enum host_use_kind kind;
};

struct host_uses {
	struct host_use *uses; /* the gravest first */
	size_t count;
};

/*
 * A look at mounts, swaps and loop devices below proc (NULL: /proc) and sysfs (NULL: /sys; borrowed
 * as long as it is used), for any number of sessions.  May block: the daemon calls it in a child.
 * 0, -ELIBACC (no libmount on this machine), -ENOENT (no proc or sysfs there), or another negative
 * errno.
 */
struct host_block;
int host_block_open(const char *sysfs, const char *proc, struct host_block **ret);
struct host_block *host_block_free(struct host_block *b);

/*
 * The uses of the disks of session sid: each once, by the first chain that leads to it.  leaving:
 * sids of sessions that go as well (sid may be one of them), whose paths to a multipath map do not
 * count as live.  A session that has gone has none.  0 or a negative errno; release with
 * host_uses_done().
 */
int host_block_uses(struct host_block *b, int sid, const int *leaving, size_t leaving_count,
                    struct host_uses *ret);
void host_uses_done(struct host_uses *u);

/* The uses as one line, "CHAIN, CHAIN and 3 more", cut where it does not fit into size bytes. */
void host_uses_text(const struct host_uses *u, char *dst, size_t size);

#endif
