/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a process that was started by root gives everything away.
 */
#ifndef ISCSID_PEER_CONFINE_H
#define ISCSID_PEER_CONFINE_H

#include <sys/types.h>

/* The memory that a peer may have for everything, bytes. */
enum { PEER_MEMORY_MAX = 256 << 20 };

struct confinement {
	uid_t uid;
	gid_t gid;
	/* A folder in memory in which a folder may be made and at once removed: the root. */
	const char *run_dir;
	int control; /* the only descriptor that stays open beside 0 to 2, which are /dev/null */
};

/*
 * Whoever is not root keeps user, groups and root folder, and has nothing else to lose.  0, or a
 * negative errno with *ret_what, "cannot ...": then the process is to end.
 */
int confine(const struct confinement *c, const char **ret_what);

#endif
