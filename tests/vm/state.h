/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a case may find and must not leave: every case starts in a machine that never saw iSCSI
 * and ends with no process, mount, session or LIO target of its own.
 */
#ifndef VM_STATE_H
#define VM_STATE_H

/* Lay empty file systems over /run and the folders of iSCSI's programs; remember what is mounted. 0
 * or a negative errno. */
int state_begin(void);

/*
 * Say on fd what was left ("left behind: process 123 (iscsid)"), end the processes, take away
 * the mounts.  The number of things left; what cannot be taken away (a session) makes *ret_dirty
 * 1: the machine must not be used for another case.
 */
int state_end(int fd, int *ret_dirty);

#endif
