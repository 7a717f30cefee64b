/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initiator's login engine.  A stage is a row: what opens it, what it makes of a key that
 * comes, when it may be left.  Text of both directions is whole here; the C bit is only seen where
 * PDUs are made and taken.  Invariants: once ended, a login stays ended; nothing of a response is
 * used before the checks of its header.
 */
#include "lib/proto/login.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/quote.h"
#include "lib/proto/login_security.h"
#include "lib/proto/nego.h"
#include "lib/proto/text.h"

/* RFC 7143 6.1 and 13.12: what a target must be able to take before anything was negotiated. */
enum { REQUEST_DATA_MAX = ISCSI_DEFAULT_MAX_RECV };

struct login {
	struct login_config config;
	struct login_result result;
	struct nego *nego;
	struct security *security; /* NULL: no CHAP */
	struct text_in in;
	struct text_out out;
	const struct stage *stage;
	enum login_verdict verdict; /* LOGIN_SEND until it has ended */
	unsigned int requests;
	bool answered; /* a response came: StatSN is known */
	/* our last words in this stage had the T bit; the empty requests that fetch the rest of an
	   answer have not, but do not take it back */
	bool asked;
};

struct stage {
	enum iscsi_stage id, next;
	/* one key of the target's; LOGIN_SEND to go on */
	enum login_verdict (*take)(struct login *l, const struct kv *kv);
	/* the text was whole; NULL: nothing to do then */
	enum login_verdict (*turn)(struct login *l);
	/* whether the initiator may ask to leave */
	bool (*complete)(const struct login *l);
};

/* ---- endings ------------------------------------------------------------------------------ */

_printf_(3, 4) static enum login_verdict
	end(struct login *l, enum login_verdict verdict, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->result.fault, sizeof(l->result.fault), fmt, ap);
	va_end(ap);
	return l->verdict = verdict;
}

static enum login_verdict out_of_memory(struct login *l)
{
	return end(l, LOGIN_NO_MEMORY, "out of memory");
}

/* The target speaks of success, but there is no way to authenticate: tell it as its refusal. */
static enum login_verdict auth_refused(struct login *l, const struct kv *kv)
{
	char shown[64];

	l->result.status_class = ISCSI_LOGIN_AUTH_FAILED >> 8;
	l->result.status_detail = ISCSI_LOGIN_AUTH_FAILED & 0xff;
	return end(l, LOGIN_REFUSED,
	           "the target answered AuthMethod=%s, but this login offers only %s",
	           quote_bytes(shown, sizeof(shown), kv->value, kv->value_len),
	           security_methods(&l->config.auth));
}

/* ---- stages ------------------------------------------------------------------------------- */

static enum login_verdict take_key(struct login *l, const struct kv *kv)
{
	char fault[TEXT_FAULT_SIZE];

	if (nego_take(l->nego, l->stage->id, kv, &l->out.text, fault) < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "%s", fault);
	if (writer_status(&l->out.text) == -ENOMEM)
		return out_of_memory(l);
	if (writer_status(&l->out.text) < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "the target sent too many keys to be answered");
	return LOGIN_SEND;
}

static enum login_verdict chap_failed(struct login *l, int error, const char *fault)
{
	if (error == -ENOMEM)
		return out_of_memory(l);
	return end(l, error == -EPROTO ? LOGIN_PROTOCOL_ERROR : LOGIN_AUTH_FAILED, "%s", fault);
}

static enum login_verdict take_security(struct login *l, const struct kv *kv)
{
	char fault[TEXT_FAULT_SIZE];
	int r;

	if (nego_find(kv) == NEGO_AUTH_METHOD && !security_offers(&l->config.auth, kv))
		return auth_refused(l, kv);
	r = l->security ? security_take(l->security, kv, fault) : 0;
	if (r < 0)
		return chap_failed(l, r, fault);
	return r > 0 ? LOGIN_SEND : take_key(l, kv);
}

static enum login_verdict turn_security(struct login *l)
{
	char fault[TEXT_FAULT_SIZE];
	int r;

	if (!l->security)
		return LOGIN_SEND;
	r = security_turn(l->security, nego_text(l->nego, NEGO_AUTH_METHOD), &l->out.text, fault);
	l->result.chap_algorithm = security_algorithm(l->security);
	return r < 0 ? chap_failed(l, r, fault) : LOGIN_SEND;
}

/* AuthMethod=None asks for nothing more; a target that stays silent on it takes the default. */
static bool security_is_complete(const struct login *l)
{
	return !l->security || security_complete(l->security);
}

static bool operational_complete(const struct login *l)
{
	(void)l;
	return true;
}

static const struct stage stages[] = {
	{ISCSI_STAGE_SECURITY, ISCSI_STAGE_OPERATIONAL, take_security, turn_security,
         security_is_complete},
	{ISCSI_STAGE_OPERATIONAL, ISCSI_STAGE_FULL_FEATURE, take_key, NULL, operational_complete},
};

static const struct stage *find_stage(enum iscsi_stage id)
{
	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (stages[i].id == id)
			return &stages[i];
	return NULL;
}

/* ---- requests ----------------------------------------------------------------------------- */

/* Appends the next request: as much of our text as fits, and the T bit behind the last of it. */
static enum login_verdict send_request(struct login *l, bool may_leave, struct writer *w)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_LOGIN_REQ,
		.immediate = true,
		.flags = (uint8_t)(l->stage->id << ISCSI_LOGIN_CSG_SHIFT),
		.tsih = l->config.tsih,
		.itt = l->config.itt,
		.cid = l->config.cid,
		.cmd_sn = l->config.cmd_sn,
		.exp_stat_sn = l->result.exp_stat_sn,
	};
	size_t len, start = w->len;
	bool leave = false;

	if (writer_status(&l->out.text) < 0)
		return out_of_memory(l);
	if (++l->requests > LOGIN_ROUNDS_MAX)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "the target does not come to an end: %d requests", LOGIN_ROUNDS_MAX);
	memcpy(pdu.isid, l->config.isid, sizeof(pdu.isid));
	if (text_out_take(&l->out, REQUEST_DATA_MAX, &pdu.data, &len))
		pdu.flags |= ISCSI_LOGIN_CONTINUE;
	else
		leave = may_leave && l->stage->complete(l);
	if (leave)
		pdu.flags |= (uint8_t)(ISCSI_LOGIN_TRANSIT | l->stage->next);
	if (may_leave || len > 0)
		l->asked = leave;
	pdu.data_len = (uint32_t)len;
	pdu_write(w, &pdu);
	if (writer_status(w) < 0) {
		w->len = start;
		return out_of_memory(l);
	}
	return LOGIN_SEND;
}

static void enter(struct login *l, const struct stage *stage)
{
	l->stage = stage;
	l->result.stage = stage->id;
	nego_offer(l->nego, stage->id, &l->out.text);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* Is it an answer to our request at all? */
static enum login_verdict check_envelope(struct login *l, const struct pdu *in)
{
	if (in->opcode == ISCSI_OP_REJECT)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "the target rejected the login request with reason 0x%02x", in->reason);
	if (in->opcode != ISCSI_OP_LOGIN_RSP)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "%s (opcode 0x%02x) instead of a login response",
		           pdu_opcode_name(in->opcode), in->opcode);
	if (in->itt != l->config.itt)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "login response for initiator task tag 0x%08x, ours is 0x%08x", in->itt,
		           l->config.itt);
	return LOGIN_SEND;
}

/* The fields of a response with success, 11.13. */
static enum login_verdict check_header(struct login *l, const struct pdu *in)
{
	unsigned int csg = (in->flags & ISCSI_LOGIN_CSG_MASK) >> ISCSI_LOGIN_CSG_SHIFT;
	unsigned int nsg = in->flags & ISCSI_LOGIN_NSG_MASK;

	if (in->version_min != 0)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "protocol version 0x%02x is active, only 0x00 is known",
		           in->version_min);
	if (memcmp(in->isid, l->config.isid, sizeof(in->isid)) != 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "login response for another ISID");
	if (l->config.tsih != 0 && in->tsih != l->config.tsih)
		return end(l, LOGIN_PROTOCOL_ERROR, "login response for TSIH %u, ours is %u",
		           in->tsih, l->config.tsih);
	if (l->answered && in->stat_sn != l->result.exp_stat_sn)
		return end(l, LOGIN_PROTOCOL_ERROR, "StatSN %u in the login response, expected %u",
		           in->stat_sn, l->result.exp_stat_sn);
	/* 4.2.2.1: below ExpCmdSN - 1 in serial arithmetic */
	if ((int32_t)(in->max_cmd_sn - (in->exp_cmd_sn - 1)) < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "MaxCmdSN %u is below ExpCmdSN %u",
		           in->max_cmd_sn, in->exp_cmd_sn);
	if (csg != l->stage->id)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "login response for stage %u, we are in stage %u", csg, l->stage->id);
	if (!(in->flags & ISCSI_LOGIN_TRANSIT))
		return LOGIN_SEND;
	if (in->flags & ISCSI_LOGIN_CONTINUE)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "login response with both the T bit and the C bit");
	if (!l->asked)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "the target left the stage without being asked");
	if (nsg != l->stage->next)
		return end(l, LOGIN_PROTOCOL_ERROR, "the target went to stage %u instead of %u",
		           nsg, l->stage->next);
	return LOGIN_SEND;
}

/* The text has come whole: each key to the stage. */
static enum login_verdict take_text(struct login *l)
{
	/* 6.1: CHAP's binary values may be longer than other keys' */
	size_t value_max = l->security ? BINARY_TEXT_MAX : ISCSI_TEXT_VALUE_MAX;
	struct kv_reader r = text_in_reader(&l->in);
	char fault[TEXT_FAULT_SIZE];
	enum login_verdict v;
	struct kv kv;
	int n;

	while ((n = text_next(&r, value_max, &kv, fault)) > 0) {
		v = l->stage->take(l, &kv);
		if (v != LOGIN_SEND)
			return v;
	}
	if (n < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "%s", fault);
	text_in_reset(&l->in);
	return l->stage->turn ? l->stage->turn(l) : LOGIN_SEND;
}

static enum login_verdict add_text(struct login *l, const struct pdu *in)
{
	int r = text_in_add(&l->in, in->data, in->data_len);

	if (r == -EMSGSIZE)
		return end(l, LOGIN_PROTOCOL_ERROR, "the target sent more than %d bytes of keys",
		           LOGIN_TEXT_MAX);
	return r < 0 ? out_of_memory(l) : LOGIN_SEND;
}

/* 11.13.5, class 1: TargetAddress says where to. */
static enum login_verdict redirected(struct login *l)
{
	struct kv_reader r = text_in_reader(&l->in);
	char fault[TEXT_FAULT_SIZE], shown[QUOTE_SIZE / 2];
	bool found = false;
	struct kv kv;
	int n;

	while ((n = text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault)) > 0) {
		if (nego_find(&kv) != NEGO_TARGET_ADDRESS)
			continue;
		if (portal_parse(kv.value, kv.value_len, ISCSI_PORT, &l->result.redirect) < 0)
			return end(l, LOGIN_PROTOCOL_ERROR,
			           "the target moved to an address that cannot be used, \"%s\"",
			           quote_bytes(shown, sizeof(shown), kv.value, kv.value_len));
		found = true;
	}
	if (n < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "%s", fault);
	if (!found)
		return end(l, LOGIN_PROTOCOL_ERROR,
		           "the target moved, but its response has no TargetAddress");
	return end(l, LOGIN_REDIRECTED, "%s",
	           login_status_text(l->result.status_class, l->result.status_detail));
}

static enum login_verdict refused(struct login *l)
{
	return end(l, LOGIN_REFUSED, "%s (status 0x%02x%02x)",
	           login_status_text(l->result.status_class, l->result.status_detail),
	           l->result.status_class, l->result.status_detail);
}

/* The target is in full feature phase: collect what holds. */
static enum login_verdict finish(struct login *l, uint16_t tsih)
{
	struct login_result *res = &l->result;
	const char *alias = nego_text(l->nego, NEGO_TARGET_ALIAS);
	char fault[TEXT_FAULT_SIZE];
	uint32_t tpgt;

	/* 11.13.3: the last response of a new session names it; a discovery needs no name */
	if (tsih == 0 && !l->config.discovery)
		return end(l, LOGIN_PROTOCOL_ERROR, "the target ended the login without a TSIH");
	if (nego_result(l->nego, &res->params, fault) < 0)
		return end(l, LOGIN_PROTOCOL_ERROR, "%s", fault);
	res->stage = ISCSI_STAGE_FULL_FEATURE;
	res->tsih = tsih;
	if (nego_number(l->nego, NEGO_TARGET_PORTAL_GROUP_TAG, &tpgt))
		res->tpgt = (int32_t)tpgt;
	if (alias)
		quote_bytes(res->target_alias, sizeof(res->target_alias), alias, strlen(alias));
	return l->verdict = LOGIN_DONE;
}

/* ---- the engine --------------------------------------------------------------------------- */

struct login *login_new(const struct login_config *config)
{
	const struct nego_config nego = {
		.role = NEGO_INITIATOR,
		.discovery = config->discovery,
		.leading = config->tsih == 0,
		.tpgt = -1,
		.offer = config->offer,
		.auth_methods = security_methods(&config->auth),
		.initiator_name = config->initiator_name,
		.initiator_alias = config->initiator_alias,
		.target_name = config->discovery ? NULL : config->target_name,
	};
	struct login *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->config = *config;
	l->result.tpgt = PORTAL_TPGT_UNKNOWN;
	l->result.cmd_sn = config->cmd_sn;
	l->result.exp_stat_sn = config->exp_stat_sn;
	l->verdict = LOGIN_SEND;
	l->in = text_in_make(LOGIN_TEXT_MAX);
	l->out = text_out_make(LOGIN_TEXT_MAX);
	l->stage = &stages[0];
	l->nego = nego_new(&nego);
	if (l->config.auth.digests)
		l->security = security_new(&l->config.auth);
	return l->nego && (l->security || !l->config.auth.digests) ? l : login_free(l);
}

struct login *login_free(struct login *l)
{
	if (!l)
		return NULL;
	nego_free(l->nego);
	security_free(l->security);
	text_in_done(&l->in);
	text_out_done(&l->out);
	free(l);
	return NULL;
}

enum login_verdict login_start(struct login *l, struct writer *w)
{
	char fault[TEXT_FAULT_SIZE];
	int r = l->security ? security_check(l->security, fault) : 0;

	if (r < 0)
		return chap_failed(l, r, fault);
	enter(l, &stages[0]);
	return send_request(l, true, w);
}

enum login_verdict login_step(struct login *l, const struct pdu *in, struct writer *w)
{
	enum login_verdict v = l->verdict;

	if (v != LOGIN_SEND)
		return v;
	v = check_envelope(l, in);
	if (v != LOGIN_SEND)
		return v;
	l->result.status_class = in->status_class;
	l->result.status_detail = in->status_detail;
	if (in->status_class > ISCSI_LOGIN_CLASS_REDIRECT)
		return refused(l);
	v = add_text(l, in);
	if (v != LOGIN_SEND)
		return v;
	if (in->status_class == ISCSI_LOGIN_CLASS_REDIRECT)
		return redirected(l);
	v = check_header(l, in);
	if (v != LOGIN_SEND)
		return v;
	l->result.exp_stat_sn = in->stat_sn + 1;
	l->answered = true;
	/* more of the target's text is to come: an empty request, unless we have text ourselves */
	if (in->flags & ISCSI_LOGIN_CONTINUE)
		return send_request(l, false, w);
	v = take_text(l);
	if (v != LOGIN_SEND)
		return v;
	if (in->flags & ISCSI_LOGIN_TRANSIT) {
		if (l->stage->next == ISCSI_STAGE_FULL_FEATURE)
			return finish(l, in->tsih);
		enter(l, find_stage(l->stage->next));
	}
	return send_request(l, true, w);
}

const struct login_result *login_result(const struct login *l)
{
	return &l->result;
}
