/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The talk with the server.  Of its answer only portal groups count: each names a target, one of
 * its portals and the tag.  They are reported while the answer comes in; kept is the one that is
 * not whole yet.
 */
#include "lib/proto/isns_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/quote.h"

/* Registrations of one query.  More than one is needed when another discovery of the same initiator
 * ends meanwhile, which takes back what both share. */
enum { REGISTRATIONS_MAX = 3 };

enum state {
	STATE_QUERY,
	STATE_REGISTER,
	STATE_DEREGISTER,
	STATE_ENDED,
};

/* A portal group that is coming in: from its name to the next one's. */
struct group {
	char target[ISCSI_NAME_SIZE]; /* "": none, or its name was refused */
	/* 0: none came */
	uint8_t address[ISNS_ADDRESS_LEN];
	uint32_t port;
	bool has_tag;
	uint32_t tag;
};

struct isns_query {
	struct isns_query_config config;
	enum state state;
	enum isns_verdict end; /* of the query, when a registration is taken back first */
	struct isns_refusal refusal;
	struct isns_answer answer;
	bool behind_delimiter; /* of the answer: operating attributes */
	bool complete;
	unsigned int registrations;
	uint16_t transaction; /* of the last request */
	struct group group;
	char fault[ISNS_FAULT_SIZE];
};

struct isns_query *isns_query_new(const struct isns_query_config *config)
{
	struct isns_query *q = calloc(1, sizeof(*q));

	if (q)
		q->config = *config;
	return q;
}

struct isns_query *isns_query_free(struct isns_query *q)
{
	free(q);
	return NULL;
}

static enum isns_verdict end(struct isns_query *q, enum isns_verdict verdict)
{
	q->state = STATE_ENDED;
	return q->end = verdict;
}

static enum isns_verdict protocol_error(struct isns_query *q, const char *fault)
{
	snprintf(q->fault, sizeof(q->fault), "%s", fault);
	return end(q, ISNS_PROTOCOL_ERROR);
}

/* ---- requests ----------------------------------------------------------------------------- */

/* Section 5.6.5.2: the targets that this node may see, and through which portals. */
static void write_query(const struct isns_query *q _unused_, struct writer *w)
{
	static const uint32_t wanted[] = {
		ISNS_TAG_NODE_NAME,   ISNS_TAG_NODE_TYPE,  ISNS_TAG_PORTAL_ADDRESS,
		ISNS_TAG_PORTAL_PORT, ISNS_TAG_GROUP_NAME, ISNS_TAG_GROUP_ADDRESS,
		ISNS_TAG_GROUP_PORT,  ISNS_TAG_GROUP_TAG,
	};

	isns_put_u32(w, ISNS_TAG_NODE_TYPE, ISNS_NODE_TARGET);
	isns_put_empty(w, ISNS_TAG_DELIMITER);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		isns_put_empty(w, wanted[i]);
}

/* Section 5.6.5.1: the node alone, in an entity that the server names. */
static void write_registration(const struct isns_query *q, struct writer *w)
{
	isns_put_empty(w, ISNS_TAG_DELIMITER);
	isns_put_text(w, ISNS_TAG_NODE_NAME, q->config.initiator_name);
	isns_put_u32(w, ISNS_TAG_NODE_TYPE, ISNS_NODE_INITIATOR);
}

/* Section 5.6.5.4. */
static void write_deregistration(const struct isns_query *q, struct writer *w)
{
	isns_put_empty(w, ISNS_TAG_DELIMITER);
	isns_put_text(w, ISNS_TAG_NODE_NAME, q->config.initiator_name);
}

static const struct request {
	enum isns_function function;
	void (*write)(const struct isns_query *q, struct writer *w);
} requests[] = {
	[STATE_QUERY] = {ISNS_DEV_ATTR_QRY, write_query},
	[STATE_REGISTER] = {ISNS_DEV_ATTR_REG, write_registration},
	[STATE_DEREGISTER] = {ISNS_DEV_DEREG, write_deregistration},
};

static enum isns_verdict send_request(struct isns_query *q, enum state state, struct writer *w)
{
	const struct request *r = &requests[state];
	size_t start = w->len;

	q->state = state;
	q->transaction++;
	q->behind_delimiter = false;
	isns_answer_expect(&q->answer, r->function, q->transaction);
	isns_request_begin(w, r->function, q->transaction, q->config.initiator_name);
	r->write(q, w);
	isns_request_end(w, start);
	if (writer_status(w) == 0)
		return ISNS_SEND;
	snprintf(q->fault, sizeof(q->fault), "out of memory");
	return end(q, ISNS_NO_MEMORY);
}

/* ---- portal groups ------------------------------------------------------------------------ */

/* Section 6.5.4: a group without a tag says that there is no way to the target. */
static void close_group(struct isns_query *q)
{
	const struct targets_sink *sink = &q->config.sink;
	struct group *g = &q->group;
	struct portal portal;
	char name[QUOTE_SIZE];

	if (!g->target[0] || !g->has_tag)
		return;
	/* a valid name may hold letters beyond ASCII */
	quote_bytes(name, sizeof(name), g->target, strlen(g->target));
	if (host_from_bytes(g->address, portal.host) < 0)
		targets_refuse(sink, "target %s: a portal has no usable address", name);
	else if (g->port == 0 || g->port > UINT16_MAX)
		targets_refuse(sink, "target %s at %s: the portal's port is %s", name, portal.host,
		               g->port & ISNS_PORT_UDP ? "one of UDP" : "none of TCP");
	else if (g->tag > UINT16_MAX)
		targets_refuse(sink, "target %s at %s: %u is no portal group tag", name,
		               portal.host, g->tag);
	else {
		portal.port = (uint16_t)g->port;
		portal.tpgt = (int32_t)g->tag;
		sink->found(sink->data, g->target, &portal);
	}
}

static void open_group(struct isns_query *q, const struct isns_item *item)
{
	const char *name;
	size_t len = isns_item_text(item, &name);

	close_group(q);
	q->group = (struct group){.target = ""};
	targets_take_name(&q->config.sink, name, len, q->group.target);
}

/* A value that has not its size is as good as none. */
static void take_attribute(struct isns_query *q, const struct isns_item *item)
{
	struct group *g = &q->group;

	if (item->tag == ISNS_TAG_DELIMITER)
		q->behind_delimiter = true;
	if (q->state != STATE_QUERY || !q->behind_delimiter)
		return;
	switch (item->tag) {
	case ISNS_TAG_GROUP_NAME: open_group(q, item); return;
	case ISNS_TAG_GROUP_ADDRESS: isns_item_address(item, g->address); return;
	case ISNS_TAG_GROUP_PORT: isns_item_u32(item, &g->port); return;
	case ISNS_TAG_GROUP_TAG: g->has_tag = isns_item_u32(item, &g->tag) == 0; return;
	default: return;
	}
}

/* ---- answers ------------------------------------------------------------------------------ */

/* The query has come to its end: take back a registration first. */
static enum isns_verdict finish(struct isns_query *q, enum isns_verdict verdict, struct writer *w)
{
	if (q->registrations == 0)
		return end(q, verdict);
	q->end = verdict;
	return send_request(q, STATE_DEREGISTER, w);
}

static enum isns_verdict refuse(struct isns_query *q, uint32_t status, struct writer *w)
{
	q->refusal = (struct isns_refusal){requests[q->state].function, status};
	return finish(q, ISNS_REFUSED, w);
}

static enum isns_verdict take_answer(struct isns_query *q, uint32_t status, struct writer *w)
{
	switch (q->state) {
	case STATE_QUERY:
		if (status == ISNS_STATUS_SOURCE_UNKNOWN && q->registrations < REGISTRATIONS_MAX)
			return send_request(q, STATE_REGISTER, w);
		if (status != ISNS_STATUS_SUCCESS)
			return refuse(q, status, w);
		close_group(q);
		q->complete = true;
		return finish(q, ISNS_DONE, w);
	case STATE_REGISTER:
		if (status != ISNS_STATUS_SUCCESS)
			return refuse(q, status, w);
		q->registrations++;
		return send_request(q, STATE_QUERY, w);
	case STATE_DEREGISTER: /* whatever it says: it may have expired */
	case STATE_ENDED: break;
	}
	return end(q, q->end);
}

enum isns_verdict isns_query_start(struct isns_query *q, struct writer *w)
{
	return send_request(q, STATE_QUERY, w);
}

enum isns_verdict isns_query_step(struct isns_query *q, const void *bytes, size_t len,
                                  struct writer *w)
{
	struct cursor in = cursor_make(bytes, len);
	enum isns_verdict verdict = ISNS_WAIT;
	struct isns_item item;

	while (q->state != STATE_ENDED) {
		int r = isns_answer_next(&q->answer, &in, &item);

		if (r == 0)
			return verdict;
		if (r < 0)
			return protocol_error(q, q->answer.fault);
		switch (item.kind) {
		case ISNS_ITEM_STATUS: break;
		case ISNS_ITEM_ATTRIBUTE: take_attribute(q, &item); break;
		case ISNS_ITEM_END: verdict = take_answer(q, item.status, w); break;
		}
	}
	return q->end;
}

bool isns_query_complete(const struct isns_query *q)
{
	return q->complete;
}

bool isns_query_in_pdu(const struct isns_query *q)
{
	return q->answer.in_pdu || q->answer.header_len > 0;
}

struct isns_refusal isns_query_refusal(const struct isns_query *q)
{
	return q->refusal;
}

const char *isns_query_fault(const struct isns_query *q)
{
	return q->fault;
}
