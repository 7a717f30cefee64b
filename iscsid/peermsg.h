/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two processes of the daemon say to each other: fixed structures, one a datagram,
 * over one SOCK_SEQPACKET pair.  The receiver checks the size against the verb's, and that every
 * text has its NUL, before it looks at anything else.  The manager never parses what a target
 * sent: it gets numbers that were range-checked and texts that were validated by the peer, and
 * checks them once more where they would become part of a kernel parameter or a record.
 */
#ifndef ISCSID_PEERMSG_H
#define ISCSID_PEERMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/name.h"
#include "lib/base/secret.h"
#include "lib/proto/chap_algorithm.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/params.h"

/* Logins that the peer carries at a time. */
enum { PEER_LOGINS_MAX = 8192 };

enum peer_verb {
	/* manager to peer */
	PEER_LOGIN = 1,  /* struct peer_login, with the connected socket as SCM_RIGHTS; without one
	                    for PEER_PURPOSE_RELOGIN */
	PEER_CANCEL = 2, /* struct peer_cancel: forget it, no answer comes */
	PEER_READ = 3, /* struct peer_pdu: a PDU of a live session; a PEER_NOTICE says what it is */
	/* both ways */
	PEER_PDU = 8, /* struct peer_pdu: the next PDU of a login that somebody else carries */
	/* peer to manager */
	PEER_TARGET = 16,         /* struct peer_target: a target of a discovery */
	PEER_REFUSED_TARGET = 17, /* struct peer_refused_target: what was left out and why */
	PEER_DONE = 18,   /* struct peer_done: the login (and, for discovery, the text exchange), or
	                     the query, has ended */
	PEER_FAILED = 19, /* struct peer_failed: the process itself cannot go on; it ends */
	PEER_TARGETS = 20,  /* struct peer_targets: several of PEER_TARGET at once */
	PEER_NOTICE = 21,   /* struct peer_notice: what was to be read, with its id */
	PEER_COMPLETE = 22, /* struct peer_complete: every target was told; PEER_DONE comes when the
	                       other side has taken the goodbye */
};

struct peer_head {
	uint32_t verb; /* enum peer_verb */
	uint32_t size; /* of the whole message, bytes */
	uint64_t id;   /* chosen by the manager, never used twice */
};

enum peer_purpose {
	PEER_PURPOSE_SESSION = 1,
	PEER_PURPOSE_DISCOVERY = 2,
	PEER_PURPOSE_RELOGIN = 3, /* of a session, over PEER_PDU instead of a socket */
	PEER_PURPOSE_ISNS = 4,    /* no login: ask an iSNS server, by initiator_name */
};

/* Credentials of a login; without an algorithm it is AuthMethod=None. */
struct peer_auth {
	struct chap_algorithms algorithms; /* that may be used, most wanted first */
	char name[256];                    /* with which we prove who we are, and its secret */
	struct secret secret;
	char target_name[256];       /* the target's, "": any */
	struct secret target_secret; /* not set: the target need not prove who it is */
};

/* Time-outs are the manager's: it cancels.  Whoever has one wipes auth when it is done with it. */
struct peer_login {
	struct peer_head head;
	uint32_t purpose; /* enum peer_purpose */
	uint32_t cmd_sn;
	uint32_t exp_stat_sn;
	uint16_t tsih;
	uint8_t isid[6];
	struct iscsi_offer offer;
	struct peer_auth auth;
	char initiator_name[ISCSI_NAME_SIZE];
	char initiator_alias[256];
	char target_name[ISCSI_NAME_SIZE];
};

struct peer_cancel {
	struct peer_head head;
};

/* A basic header and as much data as a PDU of the login may have (RFC 7143 section 13.12). */
enum { PEER_PDU_MAX = ISCSI_BHS_LEN + ISCSI_DEFAULT_MAX_RECV };

struct peer_pdu {
	struct peer_head head; /* size: up to the end of the bytes that there are */
	uint8_t bytes[PEER_PDU_MAX];
};

struct peer_target {
	struct peer_head head;
	char target_name[ISCSI_NAME_SIZE];
	char address[PORTAL_HOST_SIZE]; /* "": the address that was asked */
	uint16_t port;
	int32_t tpgt;
};

/* As many targets as came at once: a list may have tens of thousands. */
enum { PEER_TARGETS_MAX = 32 };

struct peer_targets {
	struct peer_head head; /* size: up to the end of the last one that there is */
	struct peer_target targets[PEER_TARGETS_MAX]; /* each whole, with the same id */
};

struct peer_complete {
	struct peer_head head;
};

struct peer_refused_target {
	struct peer_head head;
	char text[256]; /* printable ASCII */
};

enum peer_outcome {
	PEER_OUTCOME_DONE = 1,    /* logged in; or all targets reported */
	PEER_OUTCOME_REDIRECTED,  /* address, port */
	PEER_OUTCOME_REFUSED,     /* status_class, status_detail */
	PEER_OUTCOME_AUTH_FAILED, /* the target did not prove who it is, or CHAP cannot be done as
	                             configured; text says what */
	PEER_OUTCOME_PROTOCOL,    /* the target broke the protocol; text says how */
	PEER_OUTCOME_CLOSED, /* the target closed or reset the connection; error has the errno or 0
	                      */
	PEER_OUTCOME_INTERNAL,     /* no memory, or a limit of ours; text says which */
	PEER_OUTCOME_ANSWERED,     /* all targets that an iSNS server shows were reported */
	PEER_OUTCOME_ISNS_REFUSED, /* isns_function, isns_status */
};

struct peer_done {
	struct peer_head head;
	uint32_t outcome; /* enum peer_outcome */
	int32_t error;    /* positive errno */
	uint32_t stage;   /* enum iscsi_stage */
	uint32_t cmd_sn;
	uint32_t exp_stat_sn;
	int32_t tpgt;
	uint16_t tsih;
	uint8_t status_class;
	uint8_t status_detail;
	uint8_t chap_algorithm; /* that the target chose, 0: CHAP did not come that far */
	uint16_t isns_function; /* the request that the server refused, and with what status */
	uint32_t isns_status;
	struct iscsi_params params;
	char target_alias[256];
	char address[PORTAL_HOST_SIZE]; /* redirect */
	uint16_t port;
	char text[256]; /* what was wrong, for people, without full stop */
};

enum peer_notice_kind {
	PEER_NOTICE_ASYNC = 1, /* an Asynchronous Message: all the fields below */
	PEER_NOTICE_TEXT_END,  /* a Text Response that ends an exchange without a key */
	PEER_NOTICE_TEXT_KEYS, /* one that says more */
	PEER_NOTICE_BROKEN,    /* none of these, or not a whole PDU */
};

struct peer_notice {
	struct peer_head head;
	uint64_t lun;  /* as Linux counts */
	uint32_t kind; /* enum peer_notice_kind */
	uint16_t param1, param2, param3;
	uint8_t event; /* enum iscsi_async_event, or any other */
	uint8_t vcode;
	uint8_t has_sense; /* 1: the three below are there */
	uint8_t sense_key, asc, ascq;
};

struct peer_failed {
	struct peer_head head; /* id is 0 */
	int32_t error;         /* positive errno, 0: none */
	char text[256];        /* printable ASCII: what could not be done */
};

/* Room for any message of either side. */
union peer_message {
	struct peer_head head;
	struct peer_login login;
	struct peer_cancel cancel;
	struct peer_pdu pdu;
	struct peer_target target;
	struct peer_refused_target refused_target;
	struct peer_complete complete;
	struct peer_done done;
	struct peer_failed failed;
	struct peer_targets targets;
	struct peer_notice notice;
};

/* How many bytes of a PDU a message with this head has, when it passed peermsg_check(). */
static inline size_t peermsg_pdu_len(const struct peer_head *head)
{
	return head->size - sizeof(*head);
}

/* How many targets a message with this head has, when it passed peermsg_check(). */
static inline size_t peermsg_targets(const struct peer_head *head)
{
	return (head->size - sizeof(*head)) / sizeof(struct peer_target);
}

/*
 * Check a datagram that came: long enough for a head, a verb that this side may get, exactly
 * that verb's size, every text terminated, every flag 0 or 1, every enum and range within bounds.
 * From the peer also: names are valid iSCSI names, addresses valid hosts, texts for people
 * printable ASCII, an alias free of control characters, and what depends on the outcome is there
 * (the parameters of a login that is done, the portal of a redirect).  Returns its verb, or
 * -EBADMSG.
 */
int peermsg_check(const void *message, size_t len, bool from_peer);

#endif
