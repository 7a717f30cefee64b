/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the peer comes to life: a memory file with its program, and a child that gives everything
 * away before it runs it.
 */
#ifndef ISCSID_PEER_START_H
#define ISCSID_PEER_START_H

#include <stddef.h>
#include <sys/types.h>

/* The memory that the peer may have for everything, bytes. */
enum { PEER_MEMORY_MAX = 256 << 20 };

/* Who the peer is. */
struct peer_identity {
	uid_t uid;
	gid_t gid;
};

/* The system user "iscsid", else "nobody", else 65534; never root.  May read /etc/passwd. */
struct peer_identity peer_identity_look_up(void);

/* The peer's program as a sealed memory file. */
struct peer_image {
	int fd;      /* -1: not open */
	void *pages; /* a mapping that keeps the file's pages locked in memory */
	size_t len;
};

/*
 * Make it; any number of peers may be started from it.  Negative errno of memfd_create(2)
 * (-EACCES: the system forbids to run programs from memory, sysctl vm.memfd_noexec=2).
 */
int peer_image_open(struct peer_image *ret);
void peer_image_close(struct peer_image *image);

struct peer_start {
	int image;   /* the file of struct peer_image */
	int control; /* the peer's end of a SOCK_SEQPACKET pair */
	struct peer_identity identity;
	const char *run_dir; /* struct peer_config */
};

/*
 * Fork and run the peer.  Returns its process id, or a negative errno of fork(2).  What goes wrong
 * in the child comes over the pair as a struct peer_failed.  When the caller is not root,
 * the child keeps its user, groups and root, and has nothing else to lose.
 */
pid_t peer_start_process(const struct peer_start *start);

#endif
