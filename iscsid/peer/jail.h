/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last wall around the code that reads what targets send: once inside, the process can talk
 * over the descriptors that it has, allocate memory and end.
 */
#ifndef ISCSID_PEER_JAIL_H
#define ISCSID_PEER_JAIL_H

/*
 * What is left after jail_enter(): recvmsg(2) and sendmsg(2) with exactly these flags, epoll_ctl(2)
 * and epoll_wait(2), close(2), anonymous memory that is not executable, getrandom(2), and the end
 * of the process.  Exact flags, since MSG_FASTOPEN would let sendmsg() connect a socket again.
 */
#define JAIL_RECV_FLAGS      (MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
#define JAIL_SEND_FLAGS      (MSG_DONTWAIT | MSG_NOSIGNAL)
#define JAIL_SEND_WAIT_FLAGS MSG_NOSIGNAL

/*
 * Shut the process in, for good: no new privileges, no core dump or ptrace(2) by others, and a
 * seccomp(2) filter that kills the process (SIGSYS) for any other system call: code that
 * tries one is not ours any more, and the manager starts a fresh peer.  0 or a negative errno.
 */
int jail_enter(void);

#endif
