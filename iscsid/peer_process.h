/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager's side of the peer: the unprivileged process that parses what targets say.  It is
 * started here, spoken to in peermsg.h's messages, and started afresh when it dies.  One descriptor
 * and return values only, so that any event loop can carry it.
 *
 * The peer is a fork of the nursery, which is started with the first peer, keeps all that peers
 * need in memory and reads nothing but the manager's orders (nurserymsg.h).
 *
 * Nothing that comes out of a callback is trusted: the messages passed peermsg_check(), but their
 * id may be any number, and any id may be reported at any time, once more or never.
 */
#ifndef ISCSID_PEER_PROCESS_H
#define ISCSID_PEER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
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
	void (*complete)(void *data, const struct peer_complete *message);
	void (*pdu)(void *data, const struct peer_pdu *message);
	void (*notice)(void *data, const struct peer_notice *message);
	void (*done)(void *data, const struct peer_done *message);
	/*
	 * The process has ended or broke the rules; it is being killed, its descriptor is closed,
	 * all that was queued dropped.  Every login that it held is to be sent again, over
	 * a new connection, after peer_start().  why: for people, printable, without full stop.
	 */
	void (*died)(void *data, const char *why);
	/*
	 * For the log, after died(): what the nursery saw, "it was killed by signal ..."; or, while
	 * no peer runs, how the nursery itself ended.  how: as above.
	 */
	void (*ended)(void *data, const char *how);
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

/* A peer that is not started.  NULL: no memory, or no descriptor. */
struct peer *peer_new(const struct peer_config *config);

/* End the process without a callback, and release everything. */
struct peer *peer_free(struct peer *peer);

/*
 * Start the process (at most one runs).  The first time, or when the nursery has ended, its program
 * is run, which loads libraries; later a fork in the nursery is all it takes, and no disk.
 * Returns at once, and logins may be sent: what fails in the new process is told by died().
 * 0, -EALREADY, or a negative errno of memfd_create(2), socketpair(2), fork(2), sendmsg(2).  How
 * often it is worth trying is the caller's to decide.
 */
int peer_start(struct peer *peer);

bool peer_running(const struct peer *peer);

/* The process; -1 when none runs, or the nursery has not told yet: for messages and tests. */
pid_t peer_pid(const struct peer *peer);

/* Messages that wait here until the peer reads. */
size_t peer_queued(const struct peer *peer);

/*
 * False: it has left unread what it was told, and has said nothing since the last call.  So it may
 * be for a moment; a process that hangs stays so.
 */
bool peer_listens(struct peer *peer);

/* Have one that is of no use killed, and told by died() in here.  why: as there. */
void peer_give_up(struct peer *peer, const char *why);

/* The descriptor to watch for reading; always the same.  Owned by the peer. */
int peer_fd(const struct peer *peer);

/* Readable: take what waits, at most some hundred messages, call back, and send what was queued. */
void peer_handle(struct peer *peer);

/*
 * Hand a login over.  head is filled in here but for head.id, which is the caller's and never used
 * twice.  fd: the connected, non-blocking socket; it is duplicated, the caller keeps its own; -1
 * for PEER_PURPOSE_RELOGIN.
 * Return 0 when sent or queued; -ENOTCONN when no process runs; -ENOBUFS when PEER_QUEUE_MAX
 * messages wait; -EBADMSG when the message would not pass peermsg_check(); -EMFILE, -ENOMEM.
 */
int peer_send_login(struct peer *peer, const struct peer_login *login, int fd);

/*
 * What the target answered to the last PDU of login id: header and data, neither AHS nor padding.
 * As peer_send_login(); -EBADMSG: no PDU of a login has that length.
 */
int peer_send_pdu(struct peer *peer, uint64_t id, const uint8_t *bytes, size_t len);

/*
 * Have a PDU of a live session read: header and data, as above.  A notice with this id comes, but
 * not after died().  The id may be used again for others of the same session.
 */
int peer_send_read(struct peer *peer, uint64_t id, const uint8_t *bytes, size_t len);

/*
 * Forget a login: its copy of the socket is closed, and no answer comes but those that are on
 * their way.  A login that still waits to be sent is just dropped.  0, -ENOTCONN or -ENOMEM.
 */
int peer_send_cancel(struct peer *peer, uint64_t id);

#endif
