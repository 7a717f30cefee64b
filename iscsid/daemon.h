/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming a daemon, and what the process asks of the system for itself. */
#ifndef ISCSID_DAEMON_H
#define ISCSID_DAEMON_H

#include "lib/base/macros.h"

/*
 * Fork; the parent waits for daemon_ready() and exits with 0, or with 1 when the child ends
 * before.  Returns in the child, leader of its own session: the descriptor for daemon_ready(), or
 * a negative errno (still in the parent).
 */
int daemon_fork(void);

/* Let the parent go; descriptors 0 to 2 are /dev/null from now on.  0 or a negative errno. */
int daemon_ready(int fd);

/*
 * Write the pid to path (0600) and keep it locked.  Descriptor to keep open, -EAGAIN when another
 * process has it locked, or a negative errno.
 */
int daemon_pid_file(const char *path);

/*
 * The disks that hang on this process must not be needed to run it: keep what memory is used
 * locked, be the last to be killed, be served first.  What is not allowed is logged and ignored.
 */
void daemon_protect(void);

/* Give up root for a user and group, -1: as it is.  0 or a negative errno. */
int daemon_drop(int uid, int gid);

#endif
