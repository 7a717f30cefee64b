/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of RFC 7143 6.2 over the table.  Invariants: a key that is negotiated is settled at
 * most once; has_value only after the value was found legal for the key.
 */
#include "lib/proto/nego.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"

/* As much of a value as a sentence can carry. */
enum { SHOWN = 64 };

struct key_state {
	bool offered;   /* we said it */
	bool settled;   /* negotiated, with or without a value */
	bool has_value; /* number or text hold what was declared or agreed on */
	uint32_t number;
	char text[ISCSI_TEXT_VALUE_MAX + 1];
};

struct nego {
	struct nego_config config;
	struct key_state keys[NEGO_KEY_COUNT];
};

/* A value taken apart. */
struct value {
	uint32_t number;
	const char *text; /* borrowed from the pair */
	size_t len;
};

struct nego *nego_new(const struct nego_config *config)
{
	struct nego *n = calloc(1, sizeof(*n));

	if (n)
		n->config = *config;
	return n;
}

struct nego *nego_free(struct nego *n)
{
	free(n);
	return NULL;
}

/* ---- lists: names with commas between them ------------------------------------------------ */

/* Takes the next name off the list; false at its end. */
static bool list_next(const char **pos, const char *end, const char **ret, size_t *ret_len)
{
	const char *comma;

	if (!*pos || *pos > end)
		return false;
	comma = memchr(*pos, ',', (size_t)(end - *pos));
	*ret = *pos;
	*ret_len = (size_t)((comma ? comma : end) - *pos);
	*pos = comma ? comma + 1 : end + 1;
	return true;
}

static bool list_has(const char *list, const char *name, size_t len)
{
	const char *pos = list, *end = list + strlen(list), *member;
	size_t member_len;

	while (list_next(&pos, end, &member, &member_len))
		if (len > 0 && member_len == len && memcmp(member, name, len) == 0)
			return true;
	return false;
}

/* ---- what we want ------------------------------------------------------------------------- */

static const char *digest_list(const struct iscsi_digest_list *list)
{
	static const char *const texts[] = {
		[ISCSI_DIGEST_NONE] = "None",
		[ISCSI_DIGEST_CRC32C] = "CRC32C",
	};
	uint8_t first = list->method[0], second = list->method[1];

	if (first == ISCSI_DIGEST_NONE && second == ISCSI_DIGEST_CRC32C)
		return "None,CRC32C";
	if (first == ISCSI_DIGEST_CRC32C && second == ISCSI_DIGEST_NONE)
		return "CRC32C,None";
	return first < ARRAY_LEN(texts) ? texts[first] : NULL;
}

/* Our text for a declaration, our list for a list; NULL or "" when there is none. */
static const char *own_text(const struct nego *n, enum nego_key key)
{
	const struct nego_config *c = &n->config;
	const struct nego_rule *rule = nego_rule(key);

	if (rule->text_at)
		return *(const char *const *)((const char *)c + rule->text_at - 1);
	if (rule->type == NEGO_TYPE_LIST && rule->offer_at)
		return digest_list((const struct iscsi_digest_list *)((const char *)&c->offer +
		                                                      rule->offer_at - 1));
	if (key == NEGO_TASK_REPORTING)
		return "RFC3720";
	if (key == NEGO_SESSION_TYPE)
		return c->discovery ? "Discovery" : "Normal";
	return NULL;
}

static uint32_t own_number(const struct nego *n, enum nego_key key)
{
	const struct nego_rule *rule = nego_rule(key);
	const void *at = (const char *)&n->config.offer + rule->offer_at - 1;

	if (rule->offer_at && rule->type == NEGO_TYPE_BOOLEAN)
		return *(const bool *)at;
	if (rule->offer_at && rule->type == NEGO_TYPE_NUMBER)
		return *(const uint32_t *)at;
	return rule->standard;
}

/* ---- the table's words -------------------------------------------------------------------- */

static uint32_t combine(enum nego_function function, uint32_t a, uint32_t b)
{
	switch (function) {
	case NEGO_OR: return a || b;
	case NEGO_AND: return a && b;
	case NEGO_MIN: return MIN(a, b);
	case NEGO_MAX: return MAX(a, b);
	case NEGO_DECLARED:
	case NEGO_FIRST_COMMON:
	case NEGO_OBSOLETE: break;
	}
	return b;
}

/* What a boolean is going to be, as far as can be told before all is settled. */
static bool expected(const struct nego *n, enum nego_key key)
{
	const struct key_state *st = &n->keys[key];

	if (st->has_value)
		return st->number;
	return st->offered ? own_number(n, key) : nego_rule(key)->standard;
}

static bool is_discovery(const struct nego *n)
{
	const struct key_state *heard = &n->keys[NEGO_SESSION_TYPE];

	if (n->config.role == NEGO_INITIATOR)
		return n->config.discovery;
	return heard->has_value && strcmp(heard->text, "Discovery") == 0;
}

static bool is_irrelevant(const struct nego *n, const struct nego_rule *rule)
{
	if ((rule->irrelevant & NEGO_IRRELEVANT_DISCOVERY) && is_discovery(n))
		return true;
	return (rule->irrelevant & NEGO_IRRELEVANT_NO_UNSOLICITED) &&
	       expected(n, NEGO_INITIAL_R2T) && !expected(n, NEGO_IMMEDIATE_DATA);
}

/* Whether the key may be used now, "Use" of section 13. */
static bool use_allows(const struct nego *n, const struct nego_rule *rule, enum iscsi_stage stage)
{
	bool login = stage != ISCSI_STAGE_FULL_FEATURE;

	switch (rule->use) {
	case NEGO_USE_LO: return login && n->config.leading;
	case NEGO_USE_IO: return login;
	case NEGO_USE_FFPO: return !login;
	case NEGO_USE_ALL: return true;
	}
	return false;
}

static bool stage_allows(const struct nego_rule *rule, enum iscsi_stage stage)
{
	switch (rule->stages) {
	case NEGO_STAGE_ANY: return true;
	case NEGO_STAGE_SECURITY: return stage == ISCSI_STAGE_SECURITY;
	case NEGO_STAGE_OPERATIONAL: return stage != ISCSI_STAGE_SECURITY;
	}
	return false;
}

/* Answers that are no values, 6.2. */
static bool is_reserved(const struct kv *kv)
{
	return kv_value_is(kv, "Reject") || kv_value_is(kv, "Irrelevant") ||
	       kv_value_is(kv, "NotUnderstood");
}

/* Whether the pair's value is legal for its key, and what it is. */
static bool value_legal(const struct nego_rule *rule, const struct kv *kv, struct value *ret)
{
	struct value v = {.text = kv->value, .len = kv->value_len};
	const char *ignored;
	uint64_t number;

	if (v.len > ISCSI_TEXT_VALUE_MAX)
		return false;
	switch (rule->type) {
	case NEGO_TYPE_BOOLEAN:
		v.number = kv_value_is(kv, "Yes");
		if (!v.number && !kv_value_is(kv, "No"))
			return false;
		break;
	case NEGO_TYPE_NUMBER:
		if (num_iscsi(v.text, v.len, rule->max, &number) < 0 || number < rule->min)
			return false;
		v.number = (uint32_t)number;
		break;
	case NEGO_TYPE_LIST:
		if (v.len == 0)
			return false;
		break;
	case NEGO_TYPE_CHOICE:
		if (!list_has(rule->values, v.text, v.len))
			return false;
		break;
	case NEGO_TYPE_NAME:
		if (!iscsi_name_valid(v.text, v.len, &ignored))
			return false;
		break;
	case NEGO_TYPE_TEXT: break;
	}
	*ret = v;
	return true;
}

static void keep(struct key_state *st, const struct value *v)
{
	st->has_value = true;
	st->number = v->number;
	memcpy(st->text, v->text, v->len);
	st->text[v->len] = '\0';
}

/* Says what was wrong with a pair, with words before and after it. */
static int broken(char fault[static TEXT_FAULT_SIZE], const struct nego_rule *rule,
                  const struct kv *kv, const char *before, const char *after)
{
	char shown[SHOWN];

	snprintf(fault, TEXT_FAULT_SIZE, "%s %s=%s%s", before, rule->name,
	         quote_bytes(shown, sizeof(shown), kv->value, kv->value_len), after);
	return -EPROTO;
}

/* ---- what comes --------------------------------------------------------------------------- */

/* An answer to what we proposed. */
static int take_answer(struct nego *n, enum nego_key key, const struct kv *kv,
                       char fault[static TEXT_FAULT_SIZE])
{
	const struct nego_rule *rule = nego_rule(key);
	struct key_state *st = &n->keys[key];
	struct value v;

	if (st->settled)
		return broken(fault, rule, kv,
		              "a second answer came:", ", though that key was settled");
	st->settled = true;
	if (is_reserved(kv))
		return 0;
	if (!value_legal(rule, kv, &v))
		return broken(fault, rule, kv, "the answer", " is not legal");
	if (rule->type == NEGO_TYPE_LIST && !list_has(own_text(n, key), v.text, v.len))
		return broken(fault, rule, kv, "the answer", " was not among what was offered");
	/* one that goes beyond the offer is held to the offer */
	v.number = combine(rule->function, own_number(n, key), v.number);
	keep(st, &v);
	return 0;
}

/* Something that the other side says of itself. */
static int take_declaration(struct nego *n, enum nego_key key, enum iscsi_stage stage,
                            const struct kv *kv, struct writer *answer,
                            char fault[static TEXT_FAULT_SIZE])
{
	const struct nego_rule *rule = nego_rule(key);
	enum nego_role other = NEGO_BOTH ^ n->config.role;
	struct key_state *st = &n->keys[key];
	struct value v;

	/* a needless answer to a declaration of ours, or what is not the other side's to say */
	if (is_reserved(kv) || !(rule->senders & other))
		return 0;
	if (!use_allows(n, rule, stage)) {
		text_put(answer, rule->name, "Reject");
		return 0;
	}
	if (!value_legal(rule, kv, &v))
		return broken(fault, rule, kv, "the declaration", " is not legal");
	if (st->has_value && rule->use != NEGO_USE_ALL && rule->use != NEGO_USE_FFPO &&
	    !kv_value_is(kv, st->text))
		return broken(fault, rule, kv,
		              "a second declaration came:", ", other than the first");
	keep(st, &v);
	return 0;
}

static void answer_list(struct nego *n, enum nego_key key, const struct value *theirs,
                        struct writer *answer)
{
	const char *pos = theirs->text, *end = theirs->text + theirs->len;
	const char *own = own_text(n, key);
	struct key_state *st = &n->keys[key];
	struct value v = {0};

	while (own && list_next(&pos, end, &v.text, &v.len)) {
		if (!list_has(own, v.text, v.len))
			continue;
		st->settled = true;
		keep(st, &v);
		text_put(answer, nego_rule(key)->name, st->text);
		return;
	}
	text_put(answer, nego_rule(key)->name, "Reject");
}

static void answer_value(struct nego *n, enum nego_key key, const struct value *theirs,
                         struct writer *answer)
{
	const struct nego_rule *rule = nego_rule(key);
	const struct key_state *burst = &n->keys[NEGO_MAX_BURST_LENGTH];
	struct key_state *st = &n->keys[key];

	st->settled = true;
	st->has_value = true;
	st->number = combine(rule->function, own_number(n, key), theirs->number);
	if (key == NEGO_FIRST_BURST_LENGTH && burst->has_value)
		st->number = MIN(st->number, burst->number); /* 13.14 */
	if (rule->type == NEGO_TYPE_BOOLEAN)
		text_put(answer, rule->name, st->number ? "Yes" : "No");
	else
		text_put_number(answer, rule->name, st->number);
}

/* A proposal of the other side: it gets an answer. */
static int take_proposal(struct nego *n, enum nego_key key, enum iscsi_stage stage,
                         const struct kv *kv, struct writer *answer,
                         char fault[static TEXT_FAULT_SIZE])
{
	const struct nego_rule *rule = nego_rule(key);
	struct key_state *st = &n->keys[key];
	struct value v;

	if (is_reserved(kv))
		return 0; /* answers nothing that is open; an answer to it would never end */
	if (st->settled)
		return broken(fault, rule, kv,
		              "a second proposal came:", ", though that key was settled");
	if (!use_allows(n, rule, stage) || !stage_allows(rule, stage)) {
		text_put(answer, rule->name, "Reject");
		return 0;
	}
	if (rule->function == NEGO_OBSOLETE || is_irrelevant(n, rule)) {
		st->settled = true;
		text_put(answer, rule->name,
		         rule->function == NEGO_OBSOLETE ? rule->values : "Irrelevant");
		return 0;
	}
	if (!value_legal(rule, kv, &v))
		text_put(answer, rule->name, "Reject");
	else if (rule->type == NEGO_TYPE_LIST)
		answer_list(n, key, &v, answer);
	else
		answer_value(n, key, &v, answer);
	return 0;
}

int nego_take(struct nego *n, enum iscsi_stage stage, const struct kv *kv, struct writer *answer,
              char fault[static TEXT_FAULT_SIZE])
{
	enum nego_key key = nego_find(kv);

	if (key == NEGO_KEY_COUNT) {
		if (!is_reserved(kv)) {
			writer_bytes(answer, kv->key, kv->key_len);
			writer_bytes(answer, "=NotUnderstood", sizeof("=NotUnderstood"));
		}
		return 0;
	}
	if (nego_rule(key)->function == NEGO_DECLARED)
		return take_declaration(n, key, stage, kv, answer, fault);
	if (n->keys[key].offered)
		return take_answer(n, key, kv, fault);
	return take_proposal(n, key, stage, kv, answer, fault);
}

/* ---- what goes ---------------------------------------------------------------------------- */

static bool may_offer(const struct nego *n, enum nego_key key, enum iscsi_stage stage)
{
	const struct nego_rule *rule = nego_rule(key);
	const struct key_state *st = &n->keys[key];

	if (st->offered || (st->settled && rule->function != NEGO_DECLARED))
		return false;
	if (!(rule->senders & n->config.role) || rule->function == NEGO_OBSOLETE)
		return false;
	if (n->config.role == NEGO_TARGET && rule->function != NEGO_DECLARED)
		return false;
	return use_allows(n, rule, stage) && stage_allows(rule, stage) && !is_irrelevant(n, rule);
}

/* Says one key; false when there is nothing to say. */
static bool offer_one(struct nego *n, enum nego_key key, struct writer *w)
{
	const struct nego_rule *rule = nego_rule(key);
	const char *text = own_text(n, key);

	if (key == NEGO_TARGET_PORTAL_GROUP_TAG && n->config.tpgt >= 0)
		text_put_number(w, rule->name, (uint32_t)n->config.tpgt);
	else if (rule->type == NEGO_TYPE_BOOLEAN && rule->offer_at)
		text_put(w, rule->name, own_number(n, key) ? "Yes" : "No");
	else if (rule->type == NEGO_TYPE_NUMBER && rule->offer_at)
		text_put_number(w, rule->name, own_number(n, key));
	else if (text && text[0] && key != NEGO_TASK_REPORTING)
		text_put(w, rule->name, text);
	else
		return false;
	return true;
}

void nego_offer(struct nego *n, enum iscsi_stage stage, struct writer *w)
{
	for (enum nego_key key = 0; key < NEGO_KEY_COUNT; key++)
		if (may_offer(n, key, stage))
			n->keys[key].offered = offer_one(n, key, w);
}

/* ---- the result --------------------------------------------------------------------------- */

static uint32_t result_number(const struct nego *n, enum nego_key key)
{
	const struct nego_rule *rule = nego_rule(key);
	const struct key_state *st = &n->keys[key];

	if (st->has_value)
		return st->number;
	if (st->offered && rule->function != NEGO_DECLARED)
		return combine(rule->function, own_number(n, key), rule->standard);
	return rule->standard;
}

static void put_result(const struct nego *n, enum nego_key key, struct iscsi_params *params)
{
	const struct nego_rule *rule = nego_rule(key);
	const struct key_state *st = &n->keys[key];
	void *at = (char *)params + rule->params_at - 1;

	if (rule->params_at == 0)
		return;
	if (rule->type == NEGO_TYPE_LIST)
		*(bool *)at = st->has_value && strcmp(st->text, "CRC32C") == 0;
	else if (rule->type == NEGO_TYPE_BOOLEAN)
		*(bool *)at = result_number(n, key);
	else
		*(uint32_t *)at = result_number(n, key);
}

/* Whether our list leaves no choice but CRC32C, and it did not come about. */
static bool digest_missing(const struct nego *n, enum nego_key key, bool have)
{
	const char *own = own_text(n, key);

	return own && !have && !list_has(own, "None", 4);
}

int nego_result(const struct nego *n, struct iscsi_params *ret, char fault[static TEXT_FAULT_SIZE])
{
	struct iscsi_params p = {0};

	for (enum nego_key key = 0; key < NEGO_KEY_COUNT; key++)
		put_result(n, key, &p);
	p.max_recv_data_segment_length = n->keys[NEGO_MAX_RECV_DATA_SEGMENT_LENGTH].offered
	                                         ? own_number(n, NEGO_MAX_RECV_DATA_SEGMENT_LENGTH)
	                                         : ISCSI_DEFAULT_MAX_RECV;
	p.first_burst_length = MIN(p.first_burst_length, p.max_burst_length);
	if (digest_missing(n, NEGO_HEADER_DIGEST, p.header_digest) ||
	    digest_missing(n, NEGO_DATA_DIGEST, p.data_digest)) {
		snprintf(fault, TEXT_FAULT_SIZE,
		         "%s=CRC32C is required here, but the other side does not agree to it",
		         digest_missing(n, NEGO_HEADER_DIGEST, p.header_digest) ? "HeaderDigest"
		                                                                : "DataDigest");
		return -EPROTO;
	}
	*ret = p;
	return 0;
}

const char *nego_text(const struct nego *n, enum nego_key key)
{
	return n->keys[key].has_value ? n->keys[key].text : NULL;
}

bool nego_number(const struct nego *n, enum nego_key key, uint32_t *ret)
{
	if (!n->keys[key].has_value)
		return false;
	*ret = n->keys[key].number;
	return true;
}
