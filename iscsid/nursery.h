/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager's handle of the nursery: the process that forks peers (iscsid/peer/main.c).  It
 * comes to life from a program that is carried inside the daemon, so that it needs no path.
 */
#ifndef ISCSID_NURSERY_H
#define ISCSID_NURSERY_H

#include <stdint.h>
#include <sys/types.h>

#include "iscsid/nurserymsg.h"

/* Who the nursery and its peers are. */
struct peer_identity {
	uid_t uid;
	gid_t gid;
};

/*
 * The system user "iscsid", else "nobody", else 65534; never root.  May wait for the system's
 * name services.
 */
struct peer_identity peer_identity_look_up(void);

struct nursery {
	pid_t pid;   /* -1: none runs */
	int control; /* -1: none */
	/*
	 * A second one, forked by the first, takes its place when it ends: to run the program again
	 * would take the loader and libraries, from a disk that may be the one to recover.
	 */
	struct nursery_spare {
		pid_t pid; /* -1: not told yet */
		int control;
		uint64_t id;        /* of the request for it */
		unsigned int asked; /* since somebody started a peer */
	} spare;
	/* borrowed */
	int epoll;
};

/* None yet.  epoll: where its descriptors are watched for reading. */
void nursery_init(struct nursery *n, int epoll);

/*
 * Run the program.  Returns at once: what fails in the new process comes as NURSERY_FAILED or as
 * its end.  0 or a negative errno: of memfd_create(2) (-EACCES: the system forbids to run programs
 * from memory, sysctl vm.memfd_noexec=2), socketpair(2), fork(2).  run_dir: struct peer_config.
 */
int nursery_start(struct nursery *n, const char *run_dir);

/*
 * Send START (with fd, the peer's end of a pair, which stays the caller's) or STOP (fd -1) without
 * waiting.  -ENOBUFS or -ENOMEM: the kernel has no memory for it now.  Another negative errno of
 * sendmsg(2): this nursery is of no use any more.
 */
int nursery_ask(struct nursery *n, enum nursery_verb verb, uint64_t id, int fd);

/* The next message.  1, 0 when none waits, -ESHUTDOWN when it has ended, -EPROTO. */
int nursery_next(struct nursery *n, struct nursery_message *ret);

/*
 * Kill and reap it; its peer ends with it.  The spare one takes its place, if there is one: pid
 * tells.  Returns the status of waitpid(2).
 */
int nursery_end(struct nursery *n);

#endif
