/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SendTargets and the logout behind it.  Pairs are cut out of the stream of bytes one by one and
 * judged at once: what is kept is one pair, one target name and two flags.  A name that is not
 * valid takes its addresses with it, and nothing else.
 */
#include "lib/proto/sendtargets.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/quote.h"
#include "lib/proto/text.h"

/* Requests of a discovery session: two, one after the other. */
enum { ITT_TEXT = 1, ITT_LOGOUT = 2 };

/* Key, '=' and value; what is longer is refused. */
enum { PAIR_MAX = ISCSI_KEY_NAME_MAX + 1 + ISCSI_TEXT_VALUE_MAX };

/* Responses in a row without a byte of text that nevertheless announce more. */
enum { EMPTY_MAX = 64 };

enum { FAULT_SIZE = 256 };

enum state {
	STATE_TEXT,
	STATE_LOGOUT,
	STATE_DONE,
	STATE_FAILED,
};

struct sendtargets {
	struct sendtargets_config config;
	enum state state;
	enum sendtargets_verdict failure;
	uint32_t exp_stat_sn;
	unsigned int empty;
	size_t answer_len;
	bool complete; /* all targets were reported */
	/* the pair that is coming in */
	size_t pair_len;
	bool pair_cut; /* it was longer than PAIR_MAX */
	char pair[PAIR_MAX];
	/* the target that addresses belong to, "" if none */
	char target[ISCSI_NAME_SIZE];
	bool target_refused;
	bool target_has_address;
	char fault[FAULT_SIZE];
};

struct sendtargets *sendtargets_new(const struct sendtargets_config *config)
{
	struct sendtargets *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	st->config = *config;
	st->exp_stat_sn = config->exp_stat_sn;
	return st;
}

struct sendtargets *sendtargets_free(struct sendtargets *st)
{
	free(st);
	return NULL;
}

_printf_(2, 3) static enum sendtargets_verdict fail(struct sendtargets *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(st->fault, sizeof(st->fault), fmt, ap);
	va_end(ap);
	st->state = STATE_FAILED;
	return st->failure = SENDTARGETS_PROTOCOL_ERROR;
}

/* ---- requests ----------------------------------------------------------------------------- */

static enum sendtargets_verdict send_pdu(struct sendtargets *st, struct pdu *pdu, struct writer *w)
{
	size_t start = w->len;

	/* immediate: takes no CmdSN, and no command window can keep it waiting */
	pdu->immediate = true;
	pdu->cmd_sn = st->config.cmd_sn;
	pdu->exp_stat_sn = st->exp_stat_sn;
	pdu_write(w, pdu);
	if (writer_status(w) == 0)
		return SENDTARGETS_SEND;
	w->len = start;
	snprintf(st->fault, sizeof(st->fault), "out of memory");
	st->state = STATE_FAILED;
	return st->failure = SENDTARGETS_NO_MEMORY;
}

static enum sendtargets_verdict send_question(struct sendtargets *st, struct writer *w)
{
	static const char question[] = "SendTargets=All";
	struct pdu pdu = {
		.opcode = ISCSI_OP_TEXT_REQ,
		.flags = ISCSI_FLAG_FINAL,
		.itt = ITT_TEXT,
		.ttt = ISCSI_TAG_RESERVED,
		.data = (const uint8_t *)question,
		.data_len = sizeof(question),
	};

	return send_pdu(st, &pdu, w);
}

/* For more of the answer: without text, with the target's tag and LUN (11.11.4). */
static enum sendtargets_verdict send_for_more(struct sendtargets *st, const struct pdu *in,
                                              struct writer *w)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_TEXT_REQ,
		.flags = ISCSI_FLAG_FINAL,
		.itt = ITT_TEXT,
		.ttt = in->ttt,
	};

	memcpy(pdu.lun, in->lun, sizeof(pdu.lun));
	return send_pdu(st, &pdu, w);
}

static enum sendtargets_verdict send_logout(struct sendtargets *st, struct writer *w)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_LOGOUT_REQ,
		.flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_SESSION,
		.itt = ITT_LOGOUT,
	};

	st->state = STATE_LOGOUT;
	st->complete = true;
	return send_pdu(st, &pdu, w);
}

/* 11.18: the answer to a target's ping has its tag and no data. */
static enum sendtargets_verdict send_nop(struct sendtargets *st, const struct pdu *in,
                                         struct writer *w)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_NOP_OUT,
		.flags = ISCSI_FLAG_FINAL,
		.itt = ISCSI_TAG_RESERVED,
		.ttt = in->ttt,
	};

	memcpy(pdu.lun, in->lun, sizeof(pdu.lun));
	return send_pdu(st, &pdu, w);
}

/* ---- pairs -------------------------------------------------------------------------------- */

/* The target is complete; without any address it is where we asked (appendix C). */
static void close_target(struct sendtargets *st)
{
	if (st->target[0] && !st->target_has_address)
		st->config.sink.found(st->config.sink.data, st->target, NULL);
	st->target[0] = '\0';
	st->target_has_address = false;
	st->target_refused = false;
}

static void take_name(struct sendtargets *st, const struct kv *kv)
{
	close_target(st);
	st->target_refused =
		!targets_take_name(&st->config.sink, kv->value, kv->value_len, st->target);
}

static void take_address(struct sendtargets *st, const struct kv *kv)
{
	char shown[QUOTE_SIZE / 2], name[QUOTE_SIZE];
	struct portal portal;

	if (st->target_refused)
		return;
	quote_bytes(shown, sizeof(shown), kv->value, kv->value_len);
	if (!st->target[0]) {
		targets_refuse(&st->config.sink, "address \"%s\" comes before any target name",
		               shown);
		return;
	}
	st->target_has_address = true;
	if (!st->pair_cut && portal_parse(kv->value, kv->value_len, ISCSI_PORT, &portal) == 0) {
		st->config.sink.found(st->config.sink.data, st->target, &portal);
		return;
	}
	/* a valid name may hold letters beyond ASCII */
	targets_refuse(&st->config.sink, "address \"%s\" of target %s cannot be used", shown,
	               quote_bytes(name, sizeof(name), st->target, strlen(st->target)));
}

/* One pair has come whole (or as much of it as is kept). */
static enum sendtargets_verdict take_pair(struct sendtargets *st)
{
	struct kv_reader r = kv_reader_make(KV_NUL, st->pair, st->pair_len);
	char shown[QUOTE_SIZE / 2];
	struct kv kv;
	int n = kv_next(&r, &kv);

	if (n < 0)
		targets_refuse(&st->config.sink, "\"%s\" is not of the form key=value",
		               quote_bytes(shown, sizeof(shown), kv.key, kv.key_len));
	else if (n > 0 && kv_key_is(&kv, "TargetName"))
		take_name(st, &kv);
	else if (n > 0 && kv_key_is(&kv, "TargetAddress"))
		take_address(st, &kv);
	else if (n > 0 && kv_key_is(&kv, "SendTargets"))
		return fail(st, "the target answered SendTargets=%s",
		            quote_bytes(shown, sizeof(shown), kv.value, kv.value_len));
	st->pair_len = 0;
	st->pair_cut = false;
	return SENDTARGETS_SEND;
}

static enum sendtargets_verdict take_bytes(struct sendtargets *st, const uint8_t *data, size_t len)
{
	while (len > 0) {
		const uint8_t *nul = memchr(data, '\0', len);
		size_t step = nul ? (size_t)(nul - data) : len;
		size_t kept = MIN(step, sizeof(st->pair) - st->pair_len);

		memcpy(st->pair + st->pair_len, data, kept);
		st->pair_len += kept;
		if (kept < step)
			st->pair_cut = true;
		if (nul && take_pair(st) != SENDTARGETS_SEND)
			return st->failure;
		step += nul ? 1 : 0;
		data += step;
		len -= step;
	}
	return SENDTARGETS_SEND;
}

/* ---- responses ---------------------------------------------------------------------------- */

static enum sendtargets_verdict text_response(struct sendtargets *st, const struct pdu *in,
                                              struct writer *w)
{
	bool more = !(in->flags & ISCSI_FLAG_FINAL) || (in->flags & ISCSI_TEXT_CONTINUE);

	if (st->state != STATE_TEXT || in->itt != ITT_TEXT)
		return fail(st, "text response for initiator task tag 0x%08x, which is not open",
		            in->itt);
	st->answer_len += in->data_len;
	if (st->answer_len > SENDTARGETS_ANSWER_MAX)
		return fail(st, "the list of targets has no end: more than %d MiB",
		            SENDTARGETS_ANSWER_MAX >> 20);
	if (take_bytes(st, in->data, in->data_len) != SENDTARGETS_SEND)
		return st->failure;
	if (more) {
		st->empty = in->data_len > 0 ? 0 : st->empty + 1;
		if (st->empty > EMPTY_MAX)
			return fail(st,
			            "%d text responses without text, and still no end announced",
			            EMPTY_MAX);
		if (in->ttt == ISCSI_TAG_RESERVED)
			return fail(
				st,
				"text response that is not the last and has no target transfer tag");
		return send_for_more(st, in, w);
	}
	/* a last pair without its NUL counts */
	if (st->pair_len > 0 && take_pair(st) != SENDTARGETS_SEND)
		return st->failure;
	close_target(st);
	return send_logout(st, w);
}

static enum sendtargets_verdict logout_response(struct sendtargets *st, const struct pdu *in)
{
	if (st->state != STATE_LOGOUT || in->itt != ITT_LOGOUT)
		return fail(st, "logout response for initiator task tag 0x%08x, which is not open",
		            in->itt);
	/* whatever it says (11.15.1): there is nothing left to save */
	st->state = STATE_DONE;
	return SENDTARGETS_DONE;
}

enum sendtargets_verdict sendtargets_start(struct sendtargets *st, struct writer *w)
{
	return send_question(st, w);
}

enum sendtargets_verdict sendtargets_step(struct sendtargets *st, const struct pdu *in,
                                          struct writer *w)
{
	if (st->state == STATE_FAILED)
		return st->failure;
	if (st->state == STATE_DONE)
		return SENDTARGETS_DONE;
	/* no check: nothing in a discovery session is ever repeated by number.  A ping has no
	   StatSN of its own (11.19) */
	if (in->opcode != ISCSI_OP_NOP_IN)
		st->exp_stat_sn = in->stat_sn + 1;
	switch (in->opcode) {
	case ISCSI_OP_TEXT_RSP: return text_response(st, in, w);
	case ISCSI_OP_LOGOUT_RSP: return logout_response(st, in);
	case ISCSI_OP_NOP_IN:
		return in->ttt == ISCSI_TAG_RESERVED ? SENDTARGETS_WAIT : send_nop(st, in, w);
	case ISCSI_OP_ASYNC: return SENDTARGETS_WAIT;
	case ISCSI_OP_REJECT:
		return fail(st, "the target rejected the %s request with reason 0x%02x",
		            st->state == STATE_LOGOUT ? "logout" : "text", in->reason);
	default:
		return fail(st, "%s (opcode 0x%02x) instead of a %s response",
		            pdu_opcode_name(in->opcode), in->opcode,
		            st->state == STATE_LOGOUT ? "logout" : "text");
	}
}

bool sendtargets_complete(const struct sendtargets *st)
{
	return st->complete;
}

const char *sendtargets_fault(const struct sendtargets *st)
{
	return st->fault;
}
