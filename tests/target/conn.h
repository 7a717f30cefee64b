/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: its socket, PDUs in and out, and in which phase it is.
 */
#ifndef TARGET_CONN_H
#define TARGET_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/base/name.h"
#include "lib/proto/pdu.h"
#include "tests/target/fault.h"
#include "tests/target/out.h"
#include "tests/target/source.h"

struct server;
struct session;
struct tlogin;

enum conn_phase {
	CONN_LOGIN,
	CONN_FULL_FEATURE,
	CONN_ENDING, /* closed as soon as the queue is sent */
	CONN_CLOSED, /* the server frees it in its next turn */
};

/* How a PDU uses StatSN (RFC 7143 4.2.2.2). */
enum conn_stat {
	CONN_STAT_NONE,    /* the field is reserved: Data-In without status */
	CONN_STAT_CURRENT, /* carried, not consumed: R2T, a ping */
	CONN_STAT_NEXT,    /* consumed: everything that is a status */
};

/* The moment of what waits until it is released. */
#define CONN_HELD UINT64_MAX

/* Bytes that were held back, with all that comes behind them. */
struct held {
	struct held *next;
	uint64_t due_usec; /* 0: as soon as it is first */
	size_t len;
	uint8_t data[];
};

struct conn {
	struct source source; /* first: what epoll knows of it */
	struct conn *next;
	int fd;
	enum conn_phase phase;
	struct pdu_stream *in;
	struct out out;
	struct tlogin *login;    /* in CONN_LOGIN */
	struct session *session; /* in CONN_FULL_FEATURE */
	uint32_t stat_sn;        /* of the next status */
	bool header_digest, data_digest;
	bool pinged;          /* a NOP-In of ours waits for its answer */
	uint64_t heard_usec;  /* when the last bytes came */
	uint64_t opened_usec; /* when it was accepted */
	uint32_t watched;     /* epoll events asked for */
	uint64_t number;      /* of all that were accepted, from 1 */
	/* what its faults go by; names are "" until the login has said them */
	char initiator_name[ISCSI_NAME_SIZE], target_name[ISCSI_NAME_SIZE];
	uint64_t bytes[FAULT_DIRECTIONS], pdus_all[FAULT_DIRECTIONS];
	uint32_t pdus[FAULT_DIRECTIONS][ISCSI_OP_MASK + 1];
	/* what faults made of it (hold.c) */
	struct held *held;
	size_t held_bytes;
	struct writer behind; /* goes out behind the next PDU */
	struct writer kept;   /* an incoming PDU that waits until kept_due_usec (0: none does) */
	struct writer stash;  /* bytes that came behind it */
	uint64_t kept_due_usec;
	bool kept_twice;
	uint64_t ticked_usec;
	uint32_t text_piece; /* bytes of text in a PDU at most, 0: as many as may be */
	bool mute;           /* nothing more goes out */
	bool reset;          /* it ends with a reset */
	/* borrowed */
	struct server *server;
};

/* Takes fd over.  NULL: no memory (fd is closed). */
struct conn *conn_new(struct server *server, int fd);
struct conn *conn_free(struct conn *c);

/* The socket has bytes: read once, handle every PDU that is whole, send. */
void conn_readable(struct conn *c);

/* Bytes that are on their way out. */
size_t conn_pending(const struct conn *c);

/* Send what can be sent, make more of what waits, say to epoll what to watch. */
void conn_push(struct conn *c);

/*
 * Queue a PDU; stat_sn is filled in, ExpCmdSN and MaxCmdSN are those of the session, where there is
 * one.  Data is copied, or borrowed until it is sent.  Without memory the connection is closed.
 */
void conn_send(struct conn *c, struct pdu *pdu, enum conn_stat stat);
void conn_send_borrowed(struct conn *c, struct pdu *pdu, enum conn_stat stat);

/*
 * The same for data that is made in place: put pdu->data_len bytes where conn_room() says (NULL: no
 * memory, the connection is closed), then send with data NULL.
 */
uint8_t *conn_room(struct conn *c, uint32_t data_len);
void conn_send_room(struct conn *c, struct pdu *pdu, enum conn_stat stat);

/* Ask for a sign of life: a NOP-In. */
void conn_ping(struct conn *c);

/* Answer a PDU that cannot be accepted: Reject with its header (RFC 7143 11.17). */
void conn_reject(struct conn *c, const struct pdu *pdu, uint8_t reason);

/* Look at a PDU, as if no fault had seen it; at all PDUs in the bytes below in. */
void conn_take(struct conn *c, const struct pdu *pdu);
void conn_take_all(struct conn *c, struct cursor *in);

/*
 * For faults (hold.c).  Queue bytes, not before due_usec (0: as soon as all before them went),
 * or behind the next PDU; keep an incoming PDU, and all behind it, until then.
 */
void conn_queue(struct conn *c, const void *data, size_t len, uint64_t due_usec);
void conn_queue_behind(struct conn *c, const void *data, size_t len);
void conn_keep(struct conn *c, const struct pdu *pdu, uint64_t due_usec, bool twice);

/* Nothing more goes out but what is queued; then the connection is closed, or reset. */
void conn_cut(struct conn *c, bool reset);

/* Time has passed: do what is due, and tell the server of the next such moment. */
void conn_tick(struct conn *c);

/* All that is held goes on. */
void conn_release(struct conn *c);
void conn_hold_done(struct conn *c);

/* Close now, or when all is sent; why is for the log. */
void conn_close(struct conn *c, const char *why);
void conn_end(struct conn *c);

#endif
