/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the LUNs of a session, in a child: the kernel holds whoever asks until it is through. */
#ifndef ISCSID_SCAN_H
#define ISCSID_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iscsid/child.h"
#include "lib/host/session.h"

/* After that a scan counts as ended, whatever the target still keeps to itself. */
enum { SCAN_DEADLINE_SEC = 60 };

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

struct scan_job {
	const char *sysfs; /* NULL: /sys */
	uint32_t sid;
	uint32_t host_no;
	unsigned int queue_depth; /* for each LUN; 0: leave the kernel's */
	struct scan_wish wish;
	/* child.h's; the output is a struct scan_change each, as many as fit */
	void (*done)(void *data, int result, const void *output, size_t len);
	void *data;
};

/* The queue depth of one LUN, in this process: the kernel takes a number, and asks the target
 * nothing. */
void scan_set_queue_depth(const struct scan_job *job, const struct host_lun *lun);

/* 0 or a negative errno. */
int scan_start(struct loop *loop, const struct scan_job *job, struct child **ret);

#endif
