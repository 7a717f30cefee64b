/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt to bring a connection to the full feature phase: name look-up, connect to each
 * address in turn, login in the peer process, redirects followed; or to ask an iSNS server in the
 * same way.  For sessions and for discovery; whether to try again is its owner's to decide.
 */
#ifndef ISCSID_CONN_H
#define ISCSID_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/broker.h"
#include "iscsid/connect.h"
#include "iscsid/loop.h"
#include "iscsid/peermsg.h"
#include "lib/proto/iscsi.h"

/* Redirects in a row that are followed (RFC 7143 section 11.13.5 sets no limit). */
enum { CONN_REDIRECTS_MAX = 8 };

/* Flags, so that a row of the table can name several. */
enum conn_state {
	CONN_FREE = 1 << 0,       /* RFC 7143 section 8.1.3: S1 */
	CONN_RESOLVING = 1 << 1,  /* S1 still: no address yet */
	CONN_CONNECTING = 1 << 2, /* S2, XPT_WAIT */
	CONN_IN_LOGIN = 1 << 3,   /* S4; a discovery stays here until its exchange ended */
	CONN_ENDED = 1 << 4,      /* S5 when logged in, else S1 again */
};

enum conn_event {
	CONN_START,
	CONN_RESOLVED,
	CONN_UNRESOLVED,
	CONN_CONNECTED,
	CONN_UNCONNECTED,
	CONN_LOGIN_DONE,
	CONN_LOGIN_REDIRECTED,
	CONN_LOGIN_FAILED,
	CONN_LOGIN_LOST,
	CONN_TIMEOUT,
	CONN_EVENTS, /* how many there are */
};

enum conn_outcome {
	CONN_OUTCOME_LOGGED_IN,
	CONN_OUTCOME_CONNECTED,  /* all that was wanted: connect_only */
	CONN_OUTCOME_ANSWERED,   /* the same for an iSNS server */
	CONN_OUTCOME_REDIRECTED, /* of conn_result_of() only: a conn follows redirects */
	CONN_OUTCOME_UNRESOLVED,
	CONN_OUTCOME_NO_WAY,      /* the way that the records name is not there; error: the errno */
	CONN_OUTCOME_UNCONNECTED, /* error: the errno */
	CONN_OUTCOME_SILENT,      /* connected, but no answer in time */
	CONN_OUTCOME_REFUSED,     /* status_class, status_detail */
	CONN_OUTCOME_AUTH_FAILED, /* on our side: the target did not prove who it is */
	CONN_OUTCOME_PROTOCOL,
	CONN_OUTCOME_CLOSED,
	CONN_OUTCOME_LOST, /* the peer process died or does not run */
	CONN_OUTCOME_INTERNAL,
	CONN_OUTCOME_ISNS_REFUSED, /* isns_function, isns_status */
	CONN_OUTCOMES,             /* how many there are */
};

struct conn_result {
	enum conn_outcome outcome;
	int error; /* positive errno, or 0 */
	uint8_t status_class, status_detail;
	uint8_t chap_algorithm; /* that the target chose, 0: none */
	uint16_t isns_function;
	uint32_t isns_status;
	enum iscsi_stage stage; /* of the login, in which it ended */
	char text[512];         /* a sentence without full stop: peer, stage, what was wrong */
	/* borrowed; only when logged in or redirected: the socket stays the conn's until
	 * conn_take_fd() */
	const struct peer_done *done;
};

/* A redirect that is followed; borrowed for the call. */
struct conn_move {
	const struct portal *from, *to;
	bool for_good; /* "moved permanently": the new portal is the one to use from now on */
};

/* All but redirected() may free the conn. */
struct conn_callbacks {
	void (*target)(void *data, const struct peer_target *message);
	void (*refused_target)(void *data, const struct peer_refused_target *message);
	/* NULL: nothing to do; isid: what the login at the new portal will have, may be changed */
	void (*redirected)(void *data, const struct conn_move *move, uint8_t isid[static 6]);
	void (*ended)(void *data, const struct conn_result *result);
};

struct conn_config {
	bool connect_only; /* no login, which is somebody else's to do */
	struct portal portal;
	struct connect_path path;
	uint64_t timeout_usec; /* for all until full feature phase */
	uint64_t idle_usec;    /* discovery: from one target to the next ... */
	uint64_t total_usec;   /* ... and for all of it after the login */
	struct peer_login login;
};

struct conn;

/* Start one; config is copied.  ended() comes later, never from in here.  0 or a negative errno. */
int conn_start(struct loop *loop, struct broker *broker, const struct conn_config *config,
               const struct conn_callbacks *callbacks, void *data, struct conn **ret);

/* Give up, close what is open; no callback. */
struct conn *conn_free(struct conn *conn);

/* The connected socket, the caller's from now on. */
int conn_take_fd(struct conn *conn);

/* "192.0.2.1:3260", "[fd00::1]:3260"; returns dst. */
const char *conn_portal_text(const struct portal *p, char dst[static PORTAL_TEXT_SIZE]);

/* What the peer's report of a login, or of a query, that has ended means; at: the portal, for the
 * text. */
void conn_result_of(const struct peer_done *done, const struct portal *at, struct conn_result *ret);
void conn_result_of_query(const struct peer_done *done, const struct portal *at,
                          struct conn_result *ret);

/* The redirect that a target's answer is, from one portal to the other. */
struct conn_move conn_move(const struct peer_done *done, const struct portal *from,
                           const struct portal *to);

/*
 * Where a target that was asked at a portal, through a network device ("": any), redirects to.  0;
 * -EINVAL: an address that is none; -EXDEV: one with a zone, which is the target's own device.
 */
int conn_redirect(const struct peer_done *done, const struct portal *at, const char *netdev,
                  struct portal *ret);

enum conn_state conn_state(const struct conn *conn);

/* Where it is: the configured portal, or where redirects led.  Borrowed from conn. */
const struct portal *conn_portal(const struct conn *conn);

/* Whether the table has a row for it; for tests. */
bool conn_handles(enum conn_state state, enum conn_event event);

#endif
