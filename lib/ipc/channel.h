/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: making it, connecting to it, sending and receiving one message.
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A listening, non-blocking, close-on-exec SOCK_SEQPACKET socket at path with permissions 0600;
 * missing folders are made with 0700, a socket file that nobody listens on is replaced.
 * Returns the descriptor, -EADDRINUSE when another process listens there, or a negative errno.
 */
int ipc_listen(const char *path);

/* Accept one client; *ret_uid is its user (SO_PEERCRED).  Descriptor (non-blocking, close-on-exec)
 * or negative errno. */
int ipc_accept(int listener, uid_t *ret_uid);

/* Connect to path, blocking socket.  Descriptor or negative errno (-ECONNREFUSED, -ENOENT: no
 * daemon). */
int ipc_connect(const char *path);

/* Send one message.  0, -EAGAIN (non-blocking socket, queue full), -ENOBUFS or -ENOMEM (to be tried
 * again; poll(2) does not tell when), -EPIPE or another negative errno; never SIGPIPE. */
int ipc_send(int fd, const void *data, size_t len);

/*
 * Receive one message into buf of size bytes (IPC_MESSAGE_MAX + 1: the text is NUL-terminated).
 * Returns its length, 0 when the other side closed and all that it sent was read, -EMSGSIZE for one
 * that was longer (buf has the first size - 1 bytes), -EAGAIN, or another negative errno.
 */
ssize_t ipc_recv(int fd, char *buf, size_t size);

#endif
