/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager's side of the peer: the unprivileged process that parses what targets say.  It is
 * started here, spoken to in peermsg.h's messages, and started afresh when it dies.  Descriptors
 * and return values only, so that any event loop can carry it.
 *
 * Nothing that comes out of a callback is trusted: the messages passed peermsg_check(), but their
 * id may be any number, and any id may be reported at any time, once more or never.
 */
#ifndef ISCSID_PEER_PROCESS_H
#define ISCSID_PEER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "iscsid/peermsg.h"

/* Messages that wait for a peer that does not read; further logins are refused meanwhile. */
enum { PEER_QUEUE_MAX = 4096 };

struct peer;

/*
 * Called by peer_handle() only.  The messages are borrowed for the call.  A
 * callback may send and cancel; died() may also call peer_start(); none may call peer_free().
 * An id that the manager does not know (a login that it cancelled) is to be ignored.
 */
struct peer_callbacks {
	void (*target)(void *data, const struct peer_target *message);
	void (*refused_target)(void *data, const struct peer_refused_target *message);
	void (*done)(void *data, const struct peer_done *message);
	/*
	 * The process has ended or broke the rules and was killed; it is reaped, all that was
	 * queued dropped.  Its descriptor is closed when this returns: stop watching it in here.
	 * Every login that it held is to be sent again, over a new connection, after peer_start().
	 * why: for people, printable, without full stop.
	 */
	void (*died)(void *data, const char *why);
};

struct peer_config {
	/*
	 * A folder in memory (tmpfs) in which the manager may make and at once remove a folder:
	 * the peer's root.  Unused when the manager is not root.  Copied.
	 */
	const char *run_dir;
	struct peer_callbacks callbacks;
	void *data; /* for the callbacks; borrowed */
};

/*
 * A peer that is not started.  Looks up the system user "iscsid", else "nobody", for this and all
 * later starts.  NULL: no memory.
 */
struct peer *peer_new(const struct peer_config *config);

/* End the process without a callback, and release everything. */
struct peer *peer_free(struct peer *peer);

/*
 * Start the process (at most one runs).  Needs no disk: the program is a sealed memory file that
 * was made at the first start.  Returns at once: what fails in the new process is told by died().
 * 0, -EALREADY, or a negative errno of memfd_create(2), socketpair(2), fork(2).  How often it is
 * worth trying is the caller's to decide.
 */
int peer_start(struct peer *peer);

bool peer_running(const struct peer *peer);

/* The process, -1 when none runs: for messages and tests. */
pid_t peer_pid(const struct peer *peer);

/* The descriptor to watch, -1 when none runs; another one after each start.  Owned by the peer. */
int peer_fd(const struct peer *peer);

/* Readable (or hung up): take what waits, at most some hundred messages, and call back. */
void peer_handle(struct peer *peer);

/* Whether to watch for writability too; then call peer_flush(). */
bool peer_wants_write(const struct peer *peer);
void peer_flush(struct peer *peer);

/*
 * Hand a login over.  head is filled in here but for head.id, which is the caller's and never used
 * twice.  fd: the connected, non-blocking socket; it is duplicated, the caller keeps its own.
 * Return 0 when sent or queued; -ENOTCONN when no process runs; -ENOBUFS when PEER_QUEUE_MAX
 * messages wait; -EBADMSG when the message would not pass peermsg_check(); -EMFILE, -ENOMEM.
 */
int peer_send_login(struct peer *peer, const struct peer_login *login, int fd);

/*
 * Forget a login: its copy of the socket is closed, and no answer comes but those that are on
 * their way.  A login that still waits to be sent is just dropped.  0, -ENOTCONN or -ENOMEM.
 */
int peer_send_cancel(struct peer *peer, uint64_t id);

#endif
