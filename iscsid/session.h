/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: each login that is under way or done is one, and each session that the kernel has.
 * An object lives in its manager's list until its state is GONE, then it frees itself.
 */
#ifndef ISCSID_SESSION_H
#define ISCSID_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/conn.h"
#include "iscsid/contest.h"
#include "iscsid/manager.h"
#include "iscsid/recovery.h"
#include "iscsid/relogin.h"
#include "iscsid/run_state.h"
#include "iscsid/scan_child.h"
#include "lib/host/session.h"
#include "lib/host/uevent.h"
#include "libiscsi-db/iscsi-db.h"

/* RFC 7143 section 11.12.6: there is one connection, number 0. */
enum { CID = 0 };

/* Flags, so that a row of the table can name several.  Q1, Q3, Q4: RFC 7143 section 8.3. */
enum session_state {
	SESSION_NEW = 1 << 0,          /* Q1 */
	SESSION_LOADING = 1 << 1,      /* Q1: the kernel's modules */
	SESSION_LOGIN = 1 << 2,        /* Q1: an attempt is under way (conn.h) */
	SESSION_RETRY_WAIT = 1 << 3,   /* Q1: the next attempt is due later */
	SESSION_SCANNING = 1 << 4,     /* Q3: in the kernel, its LUNs are being found */
	SESSION_LOGGED_IN = 1 << 5,    /* Q3 */
	SESSION_FAILED = 1 << 6,       /* Q4: its connection is gone, and there is no way back */
	SESSION_RECOVER_WAIT = 1 << 7, /* Q4: the next attempt to recover it is due later */
	SESSION_RECONNECT = 1 << 8,    /* Q4: a new connection is made */
	SESSION_RELOGIN = 1 << 9,      /* Q4: the kernel has it, the login is under way */
	SESSION_STEP_OUT = 1 << 10,    /* Q3: logs out to log in again, as the target wishes */
	SESSION_UNBINDING = 1 << 11,   /* Q3: the kernel removes its LUNs */
	SESSION_LOGOUT = 1 << 12,      /* Q3: the logout request is on its way */
	SESSION_STOPPING = 1 << 13,    /* Q1: the kernel takes it apart */
	SESSION_GONE = 1 << 14,        /* Q1: nothing is left */
};

/* Not yet answered: a second login may join. */
#define SESSION_PENDING                                                                            \
	(SESSION_NEW | SESSION_LOADING | SESSION_LOGIN | SESSION_RETRY_WAIT | SESSION_SCANNING)
/* In the kernel, but without a connection that works. */
#define SESSION_RECOVERING                                                                         \
	(SESSION_RECOVER_WAIT | SESSION_RECONNECT | SESSION_RELOGIN | SESSION_STEP_OUT)
#define SESSION_BROKEN (SESSION_FAILED | SESSION_RECOVERING)
/* On its way out: a new login of the same record does not count it. */
#define SESSION_LEAVING (SESSION_UNBINDING | SESSION_LOGOUT | SESSION_STOPPING | SESSION_GONE)

enum session_event {
	SESSION_START,
	SESSION_TRANSPORT_READY,
	SESSION_TRANSPORT_MISSING,
	SESSION_CONN_CONNECTED, /* of a recovery: the socket is there */
	SESSION_CONN_LOGGED_IN,
	SESSION_CONN_FAILED,
	SESSION_SCANNED,
	SESSION_CONN_ERROR, /* the kernel says that the connection broke */
	SESSION_LOGOUT_WANTED,
	SESSION_ABANDONED, /* nobody waits for the login any more */
	SESSION_UNBOUND,
	SESSION_LOGOUT_ANSWERED,
	SESSION_DESTROYED,
	SESSION_TARGET_LOGOUT, /* the target asks to be logged out of */
	SESSION_TARGET_DROPS,  /* the target is about to drop the connection */
	SESSION_NETWORK_UP,    /* a link or an address came up */
	SESSION_TIMEOUT,
	SESSION_RENEWAL_WANTED, /* a new connection, whether this one works or not */
	SESSION_EVENTS,         /* how many there are */
};

/* What came with an event; borrowed for the call. */
struct session_news {
	const struct conn_result *conn; /* CONN_LOGGED_IN, CONN_FAILED, also of a recovery */
	int error; /* TRANSPORT_MISSING, SCANNED: negative errno; CONN_ERROR: the kernel's number */
	const struct peer_notice *notice; /* TARGET_LOGOUT, TARGET_DROPS */
};

/* session_scan.c */
struct session_scan {
	struct child *child;
	bool first;                /* child is the one that ends the login */
	struct loop_source *timer; /* the next one is due */
	struct list_node asked;    /* struct request: they wait for the child */
	struct list_node waiting;  /* they wait for the next one */
	struct scan_wish wanted;   /* of the next one */
	uint64_t began_usec;       /* the last one */
	unsigned int in_row;       /* that nobody asked for, and that came one upon the other */
};

/* session_async.c */
struct session_async {
	struct broker_login reader;
	struct loop_source *timer; /* for the answer to a text request; NULL: never needed */
	bool negotiating;          /* a text request is on its way */
	bool deaf;                 /* a message of this connection could not be read */
	unsigned int unread;       /* what the peer has not told yet */
	uint32_t told[8];          /* a bit an event that was logged */
};

struct session {
	struct list_node node;
	struct loop_source *timer;
	struct conn *conn;
	struct relogin *relogin;
	struct session_scan scan;
	struct child *check; /* safe_logout.h */
	struct session_async async;
	struct iscsi_db_record *record; /* NULL: adopted, and none was found */
	struct list_node logins;        /* struct request: wait for the login, or the next one */
	struct list_node hasty;         /* those of them that want no other attempt after a refusal
	                                   or where there is no route */
	struct list_node logouts;       /* wait for the end */
	struct list_node checks;        /* wait for check, then for the end */
	enum session_state state;
	bool fail_fast;  /* all who wanted it are hasty */
	bool unattended; /* somebody wanted it without waiting */
	bool foreign;    /* adopted, and another program's: nothing was kept of it */
	uint32_t sid;    /* of the kernel; 0: not there yet */
	uint32_t host_no;
	struct run_state id;
	struct portal home; /* of the attempt: id.home once it succeeds */
	struct contest contest;
	struct chap_algorithms chap; /* that the next attempt offers; none: the record's */
	struct recovery recovery;
	bool scout; /* while it is recovered: it looks for its portal (scout.h) */
	unsigned int attempt;
	uint64_t began_usec;
	uint64_t login_usec;     /* how long the first login took; 0: adopted */
	unsigned int recoveries; /* that succeeded */
	enum iscsi_err error;    /* what logins are told when it is GONE */
	enum iscsi_err known;    /* how the record's last login ended, which is no news; SUCCESS */
	unsigned int missed;     /* answers in a row that lack it, of the discovery that wants it */
	char detail[1024];
	uint16_t status; /* RFC 7143 section 11.13.5, class and detail, of the last refusal; 0: none
	                  */
	/* borrowed */
	struct manager *manager;
};

/*
 * A session for a node record (owned from now on when it succeeds), in the manager's list; deliver
 * SESSION_START next, or leave that to unattended_add().  0; -EINVAL when name, portal or interface
 * are none (*ret_why, static text, says which); -ENOMEM.
 */
int session_new(struct manager *m, struct iscsi_db_record *record, struct session **ret,
                const char **ret_why);

/* A session that the kernel has already; db (NULL: none) may have its record.  NULL: no memory. */
struct session *session_adopt(struct manager *m, struct iscsi_db *db,
                              const struct host_session *host);

/* Take it out of the list and free it; its requests are answered with error and detail. */
struct session *session_free(struct session *s);

/* The next state, and what follows from it: s may be freed.  Never called from an action. */
void session_event(struct session *s, enum session_event event, const struct session_news *news);

/* The kernel handed up a login response. */
void session_receive(struct session *s, const uint8_t *bytes, size_t len);

/* The kernel handed up an Asynchronous Message or a text response. */
void session_hear(struct session *s, const uint8_t *bytes, size_t len);

/* The error with which the last login of the session's record was given up; SUCCESS: it was not. */
enum iscsi_err session_last_failure(const struct session *s);

/* Let a request wait for the login, or for the end. */
void session_join_login(struct session *s, struct request *request, bool fail_fast);
void session_join_logout(struct session *s, struct request *request);

/*
 * Scan for LUNs, as soon as no other scan runs.  request (NULL: nobody asks) is answered when it
 * has ended, or at once when the session has no connection to scan over; without one, the scan is
 * made when there is a connection again.
 */
void session_scan(struct session *s, const struct scan_wish *wish, struct request *request);

/* A disk of the session came, by whoever's scan, or went: it gets what the record has for disks. */
void session_disk(struct session *s, const struct host_disk_event *event);

/* A LUN of the session told somebody's command that it, or others, are not what they were. */
void session_attention(struct session *s, const struct host_attention_event *event);

/*
 * From now on the session is logged in again by this record (owned from now on when it succeeds),
 * under the initiator name that it has.  0; -EINVAL: the record is of something else (*ret_why,
 * static text); -ENOMEM.
 */
int session_take_record(struct session *s, struct iscsi_db_record *record, const char **ret_why);

/*
 * Drop the connection and log in anew, with the session's LUNs kept.  request is answered when that
 * has succeeded or its first attempt has failed; then it is tried again like any recovery.
 */
void session_renew(struct session *s, struct request *request);

/* The session with the kernel's number sid; NULL: none. */
struct session *session_by_sid(struct manager *m, uint32_t sid);

/* Whether target, portal and interface are the same. */
bool session_is(const struct session *s, const char *target_name, const struct portal *portal,
                const char *iface_name);

/* Sessions of the same record that are not on their way out; *ret_pending: one to join, or NULL. */
unsigned int session_count(struct manager *m, const struct iscsi_db_record *record,
                           struct session **ret_pending);

/* Whether the table has a row for it; for tests.  Names for messages. */
bool session_handles(enum session_state state, enum session_event event);
const char *session_state_name(enum session_state state);

#endif
