/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initiator's side of the login phase (RFC 7143 sections 6.3 and 11.12), as a pure function
 * of PDUs: it gets what the target sent and gives what to send next.  One engine for kernel
 * sessions and discovery, over a socket or over SEND_PDU / RECV_PDU.
 */
#ifndef PROTO_LOGIN_H
#define PROTO_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/cursor.h"
#include "lib/base/name.h"
#include "lib/proto/chap.h"
#include "lib/proto/params.h"
#include "lib/proto/pdu.h"

/* All the keys that a target may spread over login responses of one stage together, in bytes. */
enum { LOGIN_TEXT_MAX = 65536 };
/* Requests after which a login that makes no progress is given up. */
enum { LOGIN_ROUNDS_MAX = 64 };

/*
 * With which credentials.  All zero: AuthMethod=None.  With a target_secret the target has to
 * authenticate as well, or the login fails; without one it may also do without CHAP.
 */
struct login_auth {
	struct chap_algorithms algorithms; /* of CHAP_A */
	struct chap_nonce nonce;           /* fresh random bytes; used with a target_secret only */
	enum binary_encoding encoding;
	/* borrowed until login_free() */
	struct digests *digests; /* NULL: no CHAP */
	const char *name;        /* CHAP_N of ours, with its secret */
	const struct secret *secret;
	const char *target_user; /* CHAP_N of the target; NULL or "": any that knows its secret */
	const struct secret *target_secret; /* NULL or not set: the target need not authenticate */
};

struct login_config {
	bool discovery; /* SessionType=Discovery, no TargetName */
	uint8_t isid[6];
	uint16_t tsih; /* 0 for a session that is new or starts anew; for another connection of a
	                  living one its TSIH: then keys of the leading login are not negotiated
	                  (their params have the defaults, the session's own go on) */
	uint16_t cid;
	uint32_t itt;
	uint32_t cmd_sn;      /* RFC 7143 4.2.2.1: carried, not consumed by the login */
	uint32_t exp_stat_sn; /* 0 for a new connection */
	struct iscsi_offer offer;
	struct login_auth auth;
	/* borrowed until login_free() */
	const char *initiator_name;
	const char *initiator_alias; /* NULL or "": not sent */
	const char *target_name;     /* NULL for discovery */
};

enum login_verdict {
	LOGIN_SEND,        /* send what is in the writer, then give the answer to login_step() */
	LOGIN_DONE,        /* full feature phase; result is filled */
	LOGIN_REDIRECTED,  /* the target moved; result has the portal */
	LOGIN_REFUSED,     /* the target answered with an error status; class, detail and text are
	                      filled */
	LOGIN_AUTH_FAILED, /* the target did not prove who it is, or CHAP cannot be done as it is
	                      configured; text says what */
	LOGIN_PROTOCOL_ERROR, /* the target broke the RFC; text says how */
	LOGIN_NO_MEMORY,
};

enum { LOGIN_FAULT_SIZE = 256, LOGIN_ALIAS_SIZE = 256 };

struct login_result {
	struct iscsi_params params;
	uint16_t tsih;
	uint32_t cmd_sn;                     /* of the next command */
	uint32_t exp_stat_sn;                /* last StatSN + 1 */
	int32_t tpgt;                        /* TargetPortalGroupTag, -1 if the target never said */
	char target_alias[LOGIN_ALIAS_SIZE]; /* escaped to printable ASCII; "" if not said */
	uint8_t status_class;                /* of the last response */
	uint8_t status_detail;
	uint8_t chap_algorithm;       /* that the target chose, 0: CHAP did not come that far */
	enum iscsi_stage stage;       /* in which it ended */
	struct portal redirect;       /* TargetAddress of a redirect */
	char fault[LOGIN_FAULT_SIZE]; /* one sentence without full stop: what was wrong; printable
	                               */
};

struct login;

/* A login in its first state.  NULL: no memory. */
struct login *login_new(const struct login_config *config);
struct login *login_free(struct login *l);

/* Append the first request to w.  LOGIN_SEND, LOGIN_AUTH_FAILED or LOGIN_NO_MEMORY. */
enum login_verdict login_start(struct login *l, struct writer *w);

/*
 * One PDU came from the target.  On LOGIN_SEND the next request was appended to w; with any
 * other verdict the login has ended, nothing was appended, and login_result() tells the rest.
 */
enum login_verdict login_step(struct login *l, const struct pdu *in, struct writer *w);

/* The stage that the login is in, for messages: "security negotiation", "operational negotiation".
 */
const char *login_stage_name(enum iscsi_stage stage);

/* What came out, borrowed from l. */
const struct login_result *login_result(const struct login *l);

/* The RFC's words for a status class and detail, e.g. "target not found"; never NULL. */
const char *login_status_text(uint8_t status_class, uint8_t status_detail);

#endif
