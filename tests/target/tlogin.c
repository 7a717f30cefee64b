/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins.  All keys go through the negotiation table of lib/proto; what is decided here is
 * stages, who may come in, and when it is over.
 */
#include "tests/target/tlogin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/proto/nego.h"
#include "lib/proto/text.h"
#include "tests/target/conn.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"
#include "tests/target/tauth.h"

enum {
	PROTOCOL_VERSION = 0, /* 11.12.4: of RFC 7143 and RFC 3720 */
	TEXT_MAX = 65536,     /* bytes of keys in one stage, either way */
	REQUESTS_MAX = 4096,  /* of one login */
};

struct tlogin {
	struct nego *nego; /* NULL until the first keys are complete */
	struct text_in in;
	struct text_out out;
	struct tauth *auth;    /* NULL: nobody is asked who he is */
	struct target *target; /* NULL for discovery */
	enum iscsi_stage stage;
	unsigned int requests;
	/* of the first request; they must not change */
	uint8_t isid[6];
	uint16_t tsih;
	uint16_t cid;
	uint32_t itt;
	/* borrowed */
	struct conn *conn;
};

struct tlogin *tlogin_new(struct conn *conn)
{
	struct tlogin *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->conn = conn;
	l->in = text_in_make(TEXT_MAX);
	l->out = text_out_make(TEXT_MAX);
	return l;
}

struct tlogin *tlogin_free(struct tlogin *l)
{
	if (!l)
		return NULL;
	nego_free(l->nego);
	tauth_free(l->auth);
	text_in_done(&l->in);
	text_out_done(&l->out);
	free(l);
	return NULL;
}

/* ---- answers ------------------------------------------------------------------------------ */

static struct pdu response(const struct tlogin *l, const struct pdu *req)
{
	struct pdu rsp = {.opcode = ISCSI_OP_LOGIN_RSP,
	                  .version_max = PROTOCOL_VERSION,
	                  .version_min = PROTOCOL_VERSION,
	                  .tsih = l->tsih,
	                  .itt = req->itt,
	                  .exp_cmd_sn = req->cmd_sn,
	                  .max_cmd_sn = req->cmd_sn + SESSION_WINDOW - 1};

	memcpy(rsp.isid, req->isid, sizeof(rsp.isid));
	return rsp;
}

/* The login has failed (11.13.5): say so, and end the connection. */
static void refuse(struct tlogin *l, const struct pdu *req, uint16_t status, const char *text)
{
	struct pdu rsp = response(l, req);
	size_t len = 0;

	rsp.status_class = (uint8_t)(status >> 8);
	rsp.status_detail = (uint8_t)status;
	rsp.flags = (uint8_t)(l->stage << ISCSI_LOGIN_CSG_SHIFT);
	if (status >> 8 == ISCSI_LOGIN_CLASS_REDIRECT)
		text_out_take(&l->out, ISCSI_DEFAULT_MAX_RECV, &rsp.data, &len);
	rsp.data_len = (uint32_t)len;
	conn_send(l->conn, &rsp, CONN_STAT_NEXT);
	l->conn->server->stats.logins_refused++;
	log_info("a login is refused with status %04x: %s", status, text);
	conn_end(l->conn);
}

/* ---- who may come in ---------------------------------------------------------------------- */

/* What the first keys say, before anything is negotiated. */
struct names {
	char initiator[ISCSI_NAME_SIZE];
	char target[ISCSI_NAME_SIZE];
	bool discovery;
	bool type_unknown;
};

static void take_name(struct names *names, const struct kv *kv)
{
	enum nego_key key = nego_find(kv);

	if (key == NEGO_INITIATOR_NAME) {
		kv_value_copy(kv, names->initiator, sizeof(names->initiator));
	} else if (key == NEGO_TARGET_NAME) {
		kv_value_copy(kv, names->target, sizeof(names->target));
	} else if (key == NEGO_SESSION_TYPE) {
		names->discovery = kv_value_is(kv, "Discovery");
		names->type_unknown = !names->discovery && !kv_value_is(kv, "Normal");
	}
}

/* A connection for a session that is there: MaxConnections is 1, so that none can be joined. */
static uint16_t join(const struct tlogin *l, const struct names *names)
{
	for (const struct session *s = l->target->sessions; s; s = s->next)
		if (s->tsih == l->tsih && strcmp(s->initiator_name, names->initiator) == 0 &&
		    memcmp(s->isid, l->isid, sizeof(s->isid)) == 0)
			return ISCSI_LOGIN_TOO_MANY_CONNECTIONS;
	return ISCSI_LOGIN_NO_SESSION;
}

/* Returns the status of the login as far as names decide it; l->target is found then. */
static uint16_t admit(struct tlogin *l, const struct names *names)
{
	const struct options *o = l->conn->server->options;

	if (!names->initiator[0])
		return ISCSI_LOGIN_MISSING_PARAMETER;
	if (names->type_unknown)
		return ISCSI_LOGIN_SESSION_TYPE;
	if (names->discovery)
		return l->tsih == 0 ? ISCSI_LOGIN_SUCCESS : ISCSI_LOGIN_NO_SESSION;
	if (!names->target[0])
		return ISCSI_LOGIN_MISSING_PARAMETER;
	l->target = target_find(o->targets, names->target);
	if (!l->target)
		return ISCSI_LOGIN_NOT_FOUND;
	if (l->tsih != 0)
		return join(l, names);
	if (l->target->redirect.host[0]) {
		char text[PORTAL_TEXT_SIZE];

		text_put(&l->out.text, "TargetAddress", portal_format(&l->target->redirect, text));
		return l->target->redirect_permanent ? ISCSI_LOGIN_MOVED_PERMANENTLY
		                                     : ISCSI_LOGIN_MOVED_TEMPORARILY;
	}
	return l->target->refuse;
}

/* The first keys are complete: look at the names, open the negotiation.  False: it ended. */
static bool open_nego(struct tlogin *l, const struct pdu *req)
{
	struct kv_reader r = text_in_reader(&l->in);
	struct nego_config config = {.role = NEGO_TARGET, .leading = true, .auth_methods = "None"};
	struct names names = {.discovery = false};
	const struct options *o = l->conn->server->options;
	const struct accounts *accounts;
	uint16_t status;
	struct kv kv;
	int n;

	while ((n = kv_next(&r, &kv)) != 0)
		if (n > 0)
			take_name(&names, &kv);
	snprintf(l->conn->initiator_name, sizeof(l->conn->initiator_name), "%s", names.initiator);
	snprintf(l->conn->target_name, sizeof(l->conn->target_name), "%s", names.target);
	status = admit(l, &names);
	if (status != ISCSI_LOGIN_SUCCESS) {
		refuse(l, req, status, names.target);
		return false;
	}
	accounts = l->target ? &l->target->accounts : &o->discovery;
	config.tpgt = l->target ? TARGET_TPGT : -1;
	config.offer = o->offer;
	if (accounts->first) {
		l->auth = tauth_new(&(struct tauth_config){.algorithms = o->algorithms,
		                                           .encoding = o->encoding,
		                                           .digests = o->digests,
		                                           .accounts = accounts});
		config.auth_methods = "CHAP";
	}
	l->nego = accounts->first && !l->auth ? NULL : nego_new(&config);
	if (!l->nego)
		refuse(l, req, ISCSI_LOGIN_OUT_OF_RESOURCES, "no memory");
	return l->nego != NULL;
}

/* ---- steps -------------------------------------------------------------------------------- */

/* A request must continue what the one before began (11.12).  Returns a status. */
static uint16_t check(struct tlogin *l, const struct pdu *req)
{
	enum iscsi_stage csg = (req->flags & ISCSI_LOGIN_CSG_MASK) >> ISCSI_LOGIN_CSG_SHIFT;
	enum iscsi_stage nsg = req->flags & ISCSI_LOGIN_NSG_MASK;

	if (req->version_min > PROTOCOL_VERSION)
		return ISCSI_LOGIN_VERSION;
	if (l->requests++ == 0) {
		memcpy(l->isid, req->isid, sizeof(l->isid));
		l->tsih = req->tsih;
		l->cid = req->cid;
		l->itt = req->itt;
		l->stage = csg;
	}
	if (l->requests > REQUESTS_MAX || memcmp(l->isid, req->isid, sizeof(l->isid)) != 0 ||
	    req->tsih != l->tsih || req->cid != l->cid || req->itt != l->itt || csg != l->stage)
		return ISCSI_LOGIN_INITIATOR_ERROR;
	if (csg != ISCSI_STAGE_SECURITY && csg != ISCSI_STAGE_OPERATIONAL)
		return ISCSI_LOGIN_INITIATOR_ERROR;
	if (!(req->flags & ISCSI_LOGIN_TRANSIT))
		return ISCSI_LOGIN_SUCCESS;
	if ((req->flags & ISCSI_LOGIN_CONTINUE) || nsg <= csg ||
	    (nsg != ISCSI_STAGE_OPERATIONAL && nsg != ISCSI_STAGE_FULL_FEATURE))
		return ISCSI_LOGIN_INITIATOR_ERROR;
	return ISCSI_LOGIN_SUCCESS;
}

/* One key; returns a status. */
static uint16_t take_key(struct tlogin *l, const struct kv *kv, char fault[static TEXT_FAULT_SIZE])
{
	int r = l->auth && l->stage == ISCSI_STAGE_SECURITY ? tauth_take(l->auth, kv, fault) : 0;

	if (r > 0)
		return ISCSI_LOGIN_SUCCESS;
	if (r == 0 && kv->value_len > ISCSI_TEXT_VALUE_MAX) {
		snprintf(fault, TEXT_FAULT_SIZE, "a value of %zu bytes", kv->value_len);
		return ISCSI_LOGIN_INITIATOR_ERROR;
	}
	if (r < 0 || nego_take(l->nego, l->stage, kv, &l->out.text, fault) < 0)
		return ISCSI_LOGIN_INITIATOR_ERROR;
	if (nego_find(kv) == NEGO_AUTH_METHOD && !nego_text(l->nego, NEGO_AUTH_METHOD)) {
		snprintf(fault, TEXT_FAULT_SIZE, "no AuthMethod in common");
		return ISCSI_LOGIN_AUTH_FAILED;
	}
	return ISCSI_LOGIN_SUCCESS;
}

/* A text of the security stage is complete.  Returns a status. */
static uint16_t authenticate(struct tlogin *l, char fault[static TEXT_FAULT_SIZE])
{
	switch (tauth_turn(l->auth, nego_text(l->nego, NEGO_AUTH_METHOD), &l->out.text, fault)) {
	case 0: return ISCSI_LOGIN_SUCCESS;
	case -EPROTO: return ISCSI_LOGIN_INITIATOR_ERROR;
	case -ENOMEM: return ISCSI_LOGIN_OUT_OF_RESOURCES;
	default: return ISCSI_LOGIN_AUTH_FAILED;
	}
}

/* All keys of a text: answers go to l->out.  Returns a status, and why. */
static uint16_t take_keys(struct tlogin *l, char fault[static TEXT_FAULT_SIZE])
{
	struct kv_reader r = text_in_reader(&l->in);
	uint16_t status = ISCSI_LOGIN_SUCCESS;
	struct kv kv;
	int n;

	if (l->auth && l->stage != ISCSI_STAGE_SECURITY && !tauth_done(l->auth)) {
		snprintf(fault, TEXT_FAULT_SIZE, "it passes over the CHAP that is asked for");
		return ISCSI_LOGIN_AUTH_FAILED;
	}
	while (status == ISCSI_LOGIN_SUCCESS &&
	       (n = text_next(&r, BINARY_TEXT_MAX, &kv, fault)) != 0)
		status = n < 0 ? ISCSI_LOGIN_INITIATOR_ERROR : take_key(l, &kv, fault);
	if (status == ISCSI_LOGIN_SUCCESS && l->auth && l->stage == ISCSI_STAGE_SECURITY)
		status = authenticate(l, fault);
	if (status != ISCSI_LOGIN_SUCCESS)
		return status;
	nego_offer(l->nego, l->stage, &l->out.text);
	return writer_status(&l->out.text) < 0 ? ISCSI_LOGIN_OUT_OF_RESOURCES : ISCSI_LOGIN_SUCCESS;
}

/* The session begins.  Returns a status. */
static uint16_t make_session(struct tlogin *l, const struct pdu *req,
                             char fault[static TEXT_FAULT_SIZE])
{
	struct session_config config = {
		.initiator_name = nego_text(l->nego, NEGO_INITIATOR_NAME),
		.cid = l->cid,
		.exp_cmd_sn = req->cmd_sn,
		.target = l->target,
	};

	if (l->conn->server->session_count >= l->conn->server->options->sessions_max) {
		snprintf(fault, TEXT_FAULT_SIZE, "there are as many sessions as there may be");
		return ISCSI_LOGIN_OUT_OF_RESOURCES;
	}
	if (nego_result(l->nego, &config.params, fault) < 0)
		return ISCSI_LOGIN_INITIATOR_ERROR;
	if (!config.initiator_name)
		return ISCSI_LOGIN_MISSING_PARAMETER;
	memcpy(config.isid, l->isid, sizeof(config.isid));
	l->conn->session = session_new(l->conn, &config);
	return l->conn->session ? ISCSI_LOGIN_SUCCESS : ISCSI_LOGIN_OUT_OF_RESOURCES;
}

/* The last answer is queued: what was negotiated holds from here on. */
static void enter_full_feature(struct tlogin *l)
{
	struct conn *c = l->conn;
	const struct iscsi_params *p = &c->session->params;

	c->phase = c->phase == CONN_LOGIN ? CONN_FULL_FEATURE : c->phase;
	c->header_digest = p->header_digest;
	c->data_digest = p->data_digest;
	pdu_stream_set_digests(c->in, p->header_digest, p->data_digest);
	pdu_stream_set_max_data(c->in, p->max_recv_data_segment_length);
	pdu_stream_take_unknown(c->in);
	c->server->stats.logins++;
	log_info("%s logged in to %s", c->session->initiator_name,
	         l->target ? l->target->name : "a discovery session");
	c->login = NULL;
	tlogin_free(l);
}

/* Answer with the next piece of our text, and go to the next stage when both sides are ready. */
static void answer(struct tlogin *l, const struct pdu *req)
{
	struct pdu rsp = response(l, req);
	enum iscsi_stage nsg = req->flags & ISCSI_LOGIN_NSG_MASK;
	bool transit = req->flags & ISCSI_LOGIN_TRANSIT;
	char fault[TEXT_FAULT_SIZE] = "no InitiatorName";
	bool full_feature;
	uint32_t piece = l->conn->text_piece ? l->conn->text_piece : UINT32_MAX;
	size_t len;

	rsp.flags = (uint8_t)(l->stage << ISCSI_LOGIN_CSG_SHIFT);
	if (text_out_take(&l->out, MIN(piece, ISCSI_DEFAULT_MAX_RECV), &rsp.data, &len)) {
		rsp.flags |= ISCSI_LOGIN_CONTINUE;
		transit = false;
	}
	rsp.data_len = (uint32_t)len;
	/* 6.3.2: nobody leaves the security stage before he is known */
	if (l->auth && l->stage == ISCSI_STAGE_SECURITY && !tauth_done(l->auth))
		transit = false;
	full_feature = transit && nsg == ISCSI_STAGE_FULL_FEATURE;
	if (transit) {
		rsp.flags |= ISCSI_LOGIN_TRANSIT | (uint8_t)nsg;
		l->stage = nsg;
	}
	if (full_feature) {
		uint16_t status = make_session(l, req, fault);

		if (status != ISCSI_LOGIN_SUCCESS) {
			l->stage = ISCSI_STAGE_OPERATIONAL;
			refuse(l, req, status, fault);
			return;
		}
		rsp.tsih = l->conn->session->tsih;
	}
	conn_send(l->conn, &rsp, CONN_STAT_NEXT);
	if (full_feature)
		enter_full_feature(l);
}

void tlogin_step(struct tlogin *l, const struct pdu *req)
{
	char fault[TEXT_FAULT_SIZE] = "out of step";
	uint16_t status;

	if (req->opcode != ISCSI_OP_LOGIN_REQ) {
		/* 6.3.1: nothing else is allowed; without a login there is no one to answer */
		conn_close(l->conn, "it sent something else than a login");
		return;
	}
	status = check(l, req);
	if (status == ISCSI_LOGIN_SUCCESS && text_in_add(&l->in, req->data, req->data_len) < 0) {
		snprintf(fault, sizeof(fault), "more than %d bytes of keys", TEXT_MAX);
		status = ISCSI_LOGIN_OUT_OF_RESOURCES;
	}
	if (status != ISCSI_LOGIN_SUCCESS) {
		refuse(l, req, status, fault);
		return;
	}
	/* more of their text comes, or more of ours goes */
	if (!(req->flags & ISCSI_LOGIN_CONTINUE) && text_out_empty(&l->out)) {
		if (!l->nego && !open_nego(l, req))
			return;
		status = take_keys(l, fault);
		if (status != ISCSI_LOGIN_SUCCESS) {
			refuse(l, req, status, fault);
			return;
		}
		text_in_reset(&l->in);
	}
	answer(l, req);
}
