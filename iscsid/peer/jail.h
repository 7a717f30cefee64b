/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last wall, for good: no new privileges, no core dump or ptrace(2) by others, and a seccomp(2)
 * filter that kills the process (SIGSYS) for any system call that it is not meant to make: code
 * that tries one is not ours any more.
 */
#ifndef ISCSID_PEER_JAIL_H
#define ISCSID_PEER_JAIL_H

enum jail_kind {
	/*
	 * Around the code that reads what targets send.  What is left: recvmsg(2) and sendmsg(2)
	 * with exactly the flags below, epoll_ctl(2) and epoll_wait(2), close(2), anonymous memory
	 * that is not executable, getrandom(2), and the end of the process.  Exact flags, since
	 * MSG_FASTOPEN would let sendmsg() connect a socket again.
	 */
	JAIL_PEER,
	/*
	 * Around the nursery: all that, and what it needs to fork, kill and reap a peer, what that
	 * one needs until it is in its own jail, and to fork a nursery like itself.  Nothing in
	 * either opens, maps or runs a file.
	 */
	JAIL_NURSERY,
};

#define JAIL_RECV_FLAGS      (MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
#define JAIL_RECV_WAIT_FLAGS MSG_CMSG_CLOEXEC
#define JAIL_SEND_FLAGS      (MSG_DONTWAIT | MSG_NOSIGNAL)
#define JAIL_SEND_WAIT_FLAGS MSG_NOSIGNAL
#define JAIL_LOCK_FLAGS      (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)
#define JAIL_SIBLING_FLAGS   (CLONE_PARENT | SIGCHLD)

struct jail;

/* Make the filter, while the process still may do what that takes.  0 or a negative errno. */
int jail_new(enum jail_kind kind, struct jail **ret);
struct jail *jail_free(struct jail *jail);

/* Shut the process in; in both, one after the other: then what both allow.  Allocates nothing. */
int jail_enter(const struct jail *jail);

#endif
