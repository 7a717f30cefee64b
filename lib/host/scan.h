/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the LUNs of a session.  The kernel holds whoever asks until it is through, so the daemon
 * does it in a child.
 */
#ifndef HOST_SCAN_H
#define HOST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/host/session.h"

/* LUNs that a set lists one by one; one more, and it is the set of all. */
enum { SCAN_LUNS_MAX = 16 };

/* A set of LUNs; zero is the empty one. */
struct scan_luns {
	bool all;
	size_t count;
	uint64_t lun[SCAN_LUNS_MAX];
};

void scan_luns_add(struct scan_luns *set, uint64_t lun);
void scan_luns_add_all(struct scan_luns *set, const struct scan_luns *more);
bool scan_luns_has(const struct scan_luns *set, uint64_t lun);
bool scan_luns_empty(const struct scan_luns *set);

struct scan_wish {
	struct scan_luns find;   /* make them appear, if they are not there yet */
	struct scan_luns reread; /* let the kernel look at them again, if they are */
	struct scan_luns prune;  /* those of reread that go if the target has them no more */
};

/* What a scan found that nobody may miss. */
enum scan_change_kind {
	SCAN_REPLACED, /* the number names another disk: the old one went, the new one came */
	SCAN_REPLACED_IN_USE, /* the same, and something was on the old one */
	SCAN_REMOVED,         /* the target has it no more, and it went */
	SCAN_GONE_IN_USE,     /* the target has it no more; it stays, for something is on it */
};

/* The words for messages ("replaced", "replaced-in-use", "removed", "gone-in-use"). */
const char *scan_change_name(enum scan_change_kind kind);

struct scan_change {
	uint64_t lun;
	enum scan_change_kind kind;
	char disk[HOST_DISK_SIZE]; /* the old one's name, "": it had none */
};

struct scan {
	const char *sysfs; /* NULL: /sys */
	uint32_t sid;
	uint32_t host_no;
	unsigned int queue_depth; /* for each LUN: scan_queue_depth(); 0: leave the kernel's */
	struct scan_wish wish;
	/* told of each change as it is made */
	void (*tell)(void *data, const struct scan_change *change);
	void *data;
};

/* Look again at the LUNs that are there, then find new ones.  0 or a negative errno. */
int scan_run(const struct scan *scan);

/* The queue depth that a record asks for; 0: none that is to be set. */
unsigned int scan_queue_depth(int64_t asked);

/* The queue depth of one LUN: the kernel takes a number, and asks the target nothing. */
void scan_set_queue_depth(const struct scan *scan, const struct host_lun *lun);

#endif
