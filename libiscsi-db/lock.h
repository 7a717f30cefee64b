/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writers' lock: flock(2) on the root folder of the database.
 *
 * It ends with the process that holds it, leaves no file, and binds all who share the database,
 * whatever they have mounted elsewhere.  open-iscsi's tools lock by a hard link lock.write beside a
 * file lock in a folder of their own, which outlives its maker.  Where that file shows that one of
 * them was used since the machine started, the link's name is taken too, so that both kinds of
 * tool exclude each other.
 */
#ifndef DB_LOCK_H
#define DB_LOCK_H

#include <stdbool.h>
#include <sys/stat.h>

struct lock {
	int fd;   /* what is locked, -1: nothing */
	int link; /* our file in the place of open-iscsi's link, -1: none */
};

#define LOCK_NONE ((struct lock){.fd = -1, .link = -1})

/*
 * Lock the folder root (an open descriptor), and folder, the place of open-iscsi's lock, if its
 * tools use it.  Returns 0, -ETIMEDOUT after 30 s, or another negative errno; on failure nothing is
 * locked.
 */
int lock_take(int root, const char *folder, struct lock *ret);

/* Give it back. */
void lock_release(const char *folder, struct lock *l);

/*
 * Whether open-iscsi's link (its own status, and that of the lock file) bars nobody any more at the
 * time now, in seconds of CLOCK_REALTIME.  It names no owner; but making it set the change time
 * that it shares with the file, and no tool of open-iscsi waits or works that long.  A time that is
 * as far ahead says that the clock was set back since.
 */
bool lock_link_is_stale(const struct stat *link, const struct stat *lock, time_t now);

#endif
