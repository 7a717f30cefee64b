/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer process in the event loop: started at once and again when it dies, and what it says
 * brought to the connection whose login it is.
 */
#ifndef ISCSID_BROKER_H
#define ISCSID_BROKER_H

#include <stdint.h>

#include "iscsid/loop.h"
#include "iscsid/peermsg.h"
#include "lib/base/list.h"

struct broker;

/* Who hears about one login, or of what a session says.  Messages are borrowed for the call. */
struct broker_listener {
	void (*target)(void *data, const struct peer_target *message);
	void (*refused_target)(void *data, const struct peer_refused_target *message);
	void (*complete)(void *data); /* all targets were told; done() is still to come */
	void (*pdu)(void *data, const struct peer_pdu *message); /* PEER_PURPOSE_RELOGIN */
	void (*done)(void *data, const struct peer_done *message);
	void (*notice)(void *data, const struct peer_notice *message); /* broker_read() */
	/* The process died; the login is forgotten and may be sent again over a new connection.
	 * What was to be read is lost. */
	void (*lost)(void *data, const char *why);
};

/* A login that the peer holds, or a session whose PDUs it reads; embedded in its owner. */
struct broker_login {
	struct list_node node;
	uint64_t id; /* 0: none */
	/* borrowed */
	const struct broker_listener *listener;
	void *data;
};

void broker_login_init(struct broker_login *login);

/* run_dir: a folder in memory (peer_process.h).  The process is started.  0 or a negative errno. */
int broker_new(struct loop *loop, const char *run_dir, struct broker **ret);
struct broker *broker_free(struct broker *broker);

/*
 * Hand a login over; fd is duplicated (-1: PEER_PURPOSE_RELOGIN).  After done() or lost() it is no
 * longer held. 0 or a negative errno (-ENOTCONN: the process is not running at the moment).
 */
int broker_send(struct broker *broker, struct broker_login *login, const struct peer_login *message,
                int fd, const struct broker_listener *listener, void *data);

/* The target's answer to what listener.pdu() told: peer_send_pdu().  -ENOENT: it is not held. */
int broker_send_pdu(struct broker *broker, struct broker_login *login, const uint8_t *bytes,
                    size_t len);

/*
 * Have the peer read a PDU of a live session.  listener.notice() is called once for each, in their
 * order; until lost() or broker_cancel() the reader is used again and again.
 */
int broker_read(struct broker *broker, struct broker_login *reader, const uint8_t *bytes,
                size_t len, const struct broker_listener *listener, void *data);

/* Forget a login: its listener is not called again.  Nothing happens when none is held. */
void broker_cancel(struct broker *broker, struct broker_login *login);

#endif
