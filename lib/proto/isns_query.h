/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery by iSNS (RFC 4171): what targets does the server show this initiator?  One query; a
 * server that knows only registered nodes gets a registration before it, which is taken back behind
 * it.  Pure, as the login engine; memory does not grow with the length of the answer, and what
 * comes twice is reported twice.
 */
#ifndef PROTO_ISNS_QUERY_H
#define PROTO_ISNS_QUERY_H

#include "lib/base/cursor.h"
#include "lib/proto/isns.h"
#include "lib/proto/targets.h"

enum isns_verdict {
	ISNS_SEND,    /* send what is in the writer and go on */
	ISNS_WAIT,    /* nothing to send; more bytes, please */
	ISNS_DONE,    /* all targets were reported */
	ISNS_REFUSED, /* the server refused a request: isns_query_refusal() */
	ISNS_PROTOCOL_ERROR,
	ISNS_NO_MEMORY,
};

struct isns_query_config {
	const char *initiator_name; /* borrowed as long as the query lives */
	struct targets_sink sink;   /* called for each portal group; portal is never NULL */
};

struct isns_refusal {
	enum isns_function function; /* what it refused */
	uint32_t status;             /* enum isns_status, or any other */
};

struct isns_query;

struct isns_query *isns_query_new(const struct isns_query_config *config);
struct isns_query *isns_query_free(struct isns_query *q);

/* Append the first request to w. */
enum isns_verdict isns_query_start(struct isns_query *q, struct writer *w);

/* Bytes came from the server: any number, cut anywhere. */
enum isns_verdict isns_query_step(struct isns_query *q, const void *bytes, size_t len,
                                  struct writer *w);

/*
 * Whether all targets were reported: at most a registration is still to be taken back.  A
 * connection that ends from then on has given everything that was asked for.
 */
bool isns_query_complete(const struct isns_query *q);

/* Whether the server is in the middle of a PDU: for messages. */
bool isns_query_in_pdu(const struct isns_query *q);

/* After ISNS_REFUSED. */
struct isns_refusal isns_query_refusal(const struct isns_query *q);

/* What was wrong, one sentence without full stop; "" if nothing.  Borrowed from q. */
const char *isns_query_fault(const struct isns_query *q);

#endif
