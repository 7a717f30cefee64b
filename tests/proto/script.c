/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays a script.  The target's side of a connection is a handful of numbers: the last request's
 * ITT and ISID, and the next StatSN.
 */
#include "tests/proto/script.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/text.h"

enum { FIRST_STAT_SN = 0xfffffffe, TEXT_MAX = 1 << 20, SPLIT_TTT = 0x1234 };

struct player {
	const struct engine *engine;
	const struct manner *manner;
	struct pdu_stream *to_initiator, *to_target;
	struct writer sent; /* by the initiator, not yet expected */
	size_t sent_at;
	uint32_t itt;
	uint8_t isid[6];
	uint32_t cmd_sn;
	uint32_t stat_sn;
	bool request_continues;
	bool ended;
	struct script_result result;
};

/* "A=1;B=2" as text of the wire. */
static void put_keys(struct writer *w, const char *keys)
{
	for (const char *p = keys; *p; p++)
		writer_u8(w, *p == ';' ? 0 : (uint8_t)*p);
	if (keys[0])
		writer_u8(w, 0);
}

/* Gives bytes to the initiator; false when its stream refuses them. */
static bool feed(struct player *pl, const uint8_t *data, size_t len)
{
	while (len > 0 && !pl->ended) {
		struct pdu pdu;
		size_t want, n;
		void *buf;
		int r;

		assert_int_equal(pdu_stream_want(pl->to_initiator, &buf, &want), 0);
		n = MIN(pl->manner->by_byte ? 1 : want, len);
		memcpy(buf, data, n);
		data += n;
		len -= n;
		r = pdu_stream_got(pl->to_initiator, n, &pdu);
		if (r < 0) {
			pl->result.end = SCRIPT_BAD_STREAM;
			snprintf(pl->result.fault, sizeof(pl->result.fault), "%s",
			         pdu_stream_fault(pl->to_initiator));
			return false;
		}
		if (r > 0)
			pl->ended =
				pl->engine->step(pl->engine->data, &pdu, &pl->sent) == ENGINE_ENDED;
	}
	return true;
}

static bool send_pdu(struct player *pl, const struct step *step, uint8_t flags, const void *data,
                     size_t len)
{
	struct writer w = writer_make(TEXT_MAX);
	struct pdu pdu = step->pdu;
	bool ok;

	pdu.flags = flags;
	if (!(step->set & SET_ITT))
		pdu.itt = pl->itt;
	if (!(step->set & SET_ISID))
		memcpy(pdu.isid, pl->isid, sizeof(pdu.isid));
	if (!(step->set & SET_WINDOW)) {
		pdu.exp_cmd_sn = pl->cmd_sn;
		pdu.max_cmd_sn = pl->cmd_sn + 31;
	}
	if (!(step->set & SET_STAT_SN))
		pdu.stat_sn = pl->stat_sn;
	if (!(step->set & SET_NO_STAT_SN))
		pl->stat_sn = pdu.stat_sn + 1;
	pdu.data = data;
	pdu.data_len = (uint32_t)len;
	pdu_write(&w, &pdu);
	assert_int_equal(writer_status(&w), 0);
	ok = feed(pl, w.data, w.len);
	writer_done(&w);
	return ok;
}

/* Takes the initiator's next PDU off what it sent. */
static void receive(struct player *pl, struct pdu *ret)
{
	for (;;) {
		size_t want;
		void *buf;
		int r;

		if (pl->sent_at == pl->sent.len)
			fail_msg("the initiator sent nothing");
		assert_int_equal(pdu_stream_want(pl->to_target, &buf, &want), 0);
		want = MIN(want, pl->sent.len - pl->sent_at);
		memcpy(buf, pl->sent.data + pl->sent_at, want);
		pl->sent_at += want;
		r = pdu_stream_got(pl->to_target, want, ret);
		assert_true(r >= 0);
		if (r > 0)
			break;
	}
	if (ret->itt != ISCSI_TAG_RESERVED)
		pl->itt = ret->itt;
	memcpy(pl->isid, ret->isid, sizeof(pl->isid));
	pl->cmd_sn = ret->cmd_sn;
	pl->request_continues = ret->flags & ISCSI_LOGIN_CONTINUE;
	/* 11.12.9: what the initiator has seen; nothing yet on a new connection */
	if (pl->stat_sn != FIRST_STAT_SN)
		assert_int_equal(ret->exp_stat_sn, pl->stat_sn);
}

static bool text_has(const struct pdu *pdu, const char *pair, size_t len)
{
	const char *text = (const char *)pdu->data, *end = text + pdu->data_len;
	bool key_only = !memchr(pair, '=', len);

	for (; text < end; text += strnlen(text, (size_t)(end - text)) + 1)
		if (strncmp(text, pair, len) == 0 && text[len] == (key_only ? '=' : '\0'))
			return true;
	return false;
}

static void expect(struct player *pl, const struct step *step)
{
	const char *p = step->keys;
	struct pdu pdu;

	receive(pl, &pdu);
	assert_int_equal(pdu.opcode, step->pdu.opcode);
	assert_int_equal(pdu.flags, step->pdu.flags);
	assert_int_equal(pdu.ttt, step->pdu.ttt);
	assert_memory_equal(pdu.lun, step->pdu.lun, sizeof(pdu.lun));
	if (step->pdu.data_len)
		assert_int_equal(pdu.data_len, step->pdu.data_len);
	if (!p)
		assert_int_equal(pdu.data_len, 0);
	while (p && *p) {
		size_t len = strcspn(p, ";");
		bool absent = *p == '!';

		if (text_has(&pdu, p + absent, len - absent) == absent)
			fail_msg("\"%.*s\" is not as expected in the request", (int)len, p);
		p += len + (p[len] == ';');
	}
}

/* The answer to the first part of a split text: nothing but the wish for more. */
static void expect_empty(struct player *pl, const struct step *step)
{
	struct step empty = {.pdu.opcode = ISCSI_OP_TEXT_REQ, .pdu.flags = ISCSI_FLAG_FINAL};

	if (step->pdu.opcode == ISCSI_OP_LOGIN_RSP) {
		empty.pdu.opcode = ISCSI_OP_LOGIN_REQ;
		empty.pdu.flags = step->pdu.flags & ISCSI_LOGIN_CSG_MASK;
	} else {
		empty.pdu.ttt = SPLIT_TTT;
	}
	expect(pl, &empty);
}

static bool send_step(struct player *pl, const struct step *step)
{
	bool is_login = step->pdu.opcode == ISCSI_OP_LOGIN_RSP;
	bool is_text = step->pdu.opcode == ISCSI_OP_TEXT_RSP;
	struct writer text = writer_make(TEXT_MAX);
	size_t at = pl->manner->split_at;
	bool ok = true;

	if (step->keys)
		put_keys(&text, step->keys);
	else
		writer_bytes(&text, step->pdu.data, step->pdu.data_len);
	pl->result.longest_text = MAX(pl->result.longest_text, text.len);
	if (pl->manner->split && at > 0 && at < text.len && (is_login || is_text) &&
	    !step->pdu.status_class && !pl->request_continues && !(step->set & ~SET_ITT)) {
		struct step first = *step;

		first.pdu.ttt = is_text ? SPLIT_TTT : 0;
		ok = send_pdu(pl, &first,
		              is_text ? ISCSI_TEXT_CONTINUE
		                      : (uint8_t)((step->pdu.flags & ISCSI_LOGIN_CSG_MASK) |
		                                  ISCSI_LOGIN_CONTINUE),
		              text.data, at);
		if (ok && !pl->ended) {
			expect_empty(pl, step);
			ok = send_pdu(pl, step, step->pdu.flags, text.data + at, text.len - at);
		}
	} else {
		ok = send_pdu(pl, step, step->pdu.flags, text.data, text.len);
	}
	writer_done(&text);
	return ok;
}

static bool play(struct player *pl, const struct step *step)
{
	switch (step->kind) {
	case STEP_EXPECT: expect(pl, step); return true;
	case STEP_SEND: return send_step(pl, step);
	case STEP_RAW: return feed(pl, (const uint8_t *)step->raw, step->raw_len);
	case STEP_CLOSE:
		pl->result.end =
			pdu_stream_idle(pl->to_initiator) ? SCRIPT_CLOSED : SCRIPT_CLOSED_HALF;
		return false;
	case STEP_END: break;
	}
	return false;
}

struct script_result script_run(const struct step *steps, const struct engine *engine,
                                const struct manner *manner)
{
	struct player pl = {
		.engine = engine,
		.manner = manner,
		.to_initiator = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV),
		.to_target = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV),
		.sent = writer_make(TEXT_MAX),
		.stat_sn = FIRST_STAT_SN,
		.result.end = SCRIPT_CLOSED,
	};

	assert_non_null(pl.to_initiator);
	assert_non_null(pl.to_target);
	pl.ended = engine->start(engine->data, &pl.sent) == ENGINE_ENDED;
	while (play(&pl, steps))
		steps++;
	if (pl.result.end == SCRIPT_CLOSED && pl.ended) {
		pl.result.end = SCRIPT_ENGINE_ENDED;
		/* nothing may be left over on either side */
		assert_int_equal(steps->kind, STEP_END);
		assert_int_equal(pl.sent_at, pl.sent.len);
	}
	pdu_stream_free(pl.to_initiator);
	pdu_stream_free(pl.to_target);
	writer_done(&pl.sent);
	return pl.result;
}
