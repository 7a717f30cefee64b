/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram with at most one descriptor, as nursery and peer get them from the manager. */
#ifndef ISCSID_PEER_RECEIVE_H
#define ISCSID_PEER_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Receive one datagram of at most size bytes with recvmsg(2) and these flags, which the jail
 * demands to the bit.  Returns its length, 0 when the other side has hung up, or a negative errno.
 * *ret_fd is the descriptor that came with it, the caller's from now on, or -1.
 */
ssize_t receive_message(int fd, void *buf, size_t size, int flags, int *ret_fd);

#endif
