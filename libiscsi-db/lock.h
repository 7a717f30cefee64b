/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writers' lock: flock(2) on a file, which ends with the process that holds it.
 *
 * open-iscsi's tools lock by a hard link beside that file, which outlives its maker.  While ours
 * is held that link's name is taken too, so that both kinds of tool exclude each other.
 */
#ifndef DB_LOCK_H
#define DB_LOCK_H

/*
 * Take the lock in a folder, which is made if missing.  Returns 0 and a descriptor in *ret_fd,
 * -ETIMEDOUT after 30 s, -EPERM when the folder is another user's (neither root's nor ours), open
 * to all or a link, or another negative errno.
 */
int lock_take(const char *folder, int *ret_fd);

/* Give it back. */
void lock_release(const char *folder, int fd);

#endif
