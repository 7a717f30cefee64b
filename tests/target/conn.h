/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: its socket, PDUs in and out, and in which phase it is.
 */
#ifndef TARGET_CONN_H
#define TARGET_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/proto/pdu.h"
#include "tests/target/out.h"

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

struct conn {
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
	uint64_t sent;        /* bytes queued, for faults */
	uint32_t watched;     /* epoll events asked for */
	/* borrowed */
	struct server *server;
};

/* Takes fd over.  NULL: no memory (fd is closed). */
struct conn *conn_new(struct server *server, int fd);
struct conn *conn_free(struct conn *c);

/* The socket has bytes: read once, handle every PDU that is whole, send. */
void conn_readable(struct conn *c);

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

/* Answer a PDU that cannot be accepted: Reject with its header (RFC 7143 11.17). */
void conn_reject(struct conn *c, const struct pdu *pdu, uint8_t reason);

/* Close now, or when all is sent; why is for the log. */
void conn_close(struct conn *c, const char *why);
void conn_end(struct conn *c);

#endif
