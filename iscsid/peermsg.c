/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between manager and peer, as tables: which fields a verb has and what may stand in
 * them.  Bytes are copied out before they are looked at as a number or a flag, since whoever
 * wrote them may be hostile: a bool that is neither 0 nor 1 must not exist as a bool.
 */
#include <errno.h>
#include <string.h>

#include "iscsid/peermsg.h"
#include "lib/base/macros.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/isns.h"

enum { ERRNO_MAX = 4095, DATA_LEN_MIN = 512, COUNT_MAX = 65535, SECONDS_MAX = 3600 };

enum rule_kind {
	RULE_NUMBER,    /* min to max; signed when min is negative */
	RULE_TEXT,      /* terminated, no control characters */
	RULE_PRINTABLE, /* terminated, printable ASCII */
	RULE_NAME,      /* a valid iSCSI name */
	RULE_HOST,      /* a valid host, or empty */
};

struct rule {
	enum rule_kind kind;
	size_t offset;
	size_t size;
	int64_t min, max;
};

#define FIELD(type, member)                                                                        \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)NULL)->member)
#define NUMBER(type, member, low, high)                                                            \
	{                                                                                          \
		.kind = RULE_NUMBER, FIELD(type, member), .min = (low), .max = (high)              \
	}
#define FLAG(type, member) NUMBER(type, member, 0, 1)
#define TEXT(type, member, what)                                                                   \
	{                                                                                          \
		.kind = (what), FIELD(type, member)                                                \
	}

static const struct rule login_rules[] = {
	NUMBER(peer_login, purpose, PEER_PURPOSE_SESSION, PEER_PURPOSE_ISNS),
	NUMBER(peer_login, offer.max_recv_data_segment_length, DATA_LEN_MIN,
               ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_login, offer.max_burst_length, DATA_LEN_MIN, ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_login, offer.first_burst_length, DATA_LEN_MIN, ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_login, offer.max_outstanding_r2t, 1, COUNT_MAX),
	NUMBER(peer_login, offer.max_connections, 1, COUNT_MAX),
	NUMBER(peer_login, offer.error_recovery_level, 0, 2),
	NUMBER(peer_login, offer.default_time2wait, 0, SECONDS_MAX),
	NUMBER(peer_login, offer.default_time2retain, 0, SECONDS_MAX),
	NUMBER(peer_login, offer.header_digest.method[0], 0, ISCSI_DIGEST_CRC32C),
	NUMBER(peer_login, offer.header_digest.method[1], 0, ISCSI_DIGEST_CRC32C),
	NUMBER(peer_login, offer.data_digest.method[0], 0, ISCSI_DIGEST_CRC32C),
	NUMBER(peer_login, offer.data_digest.method[1], 0, ISCSI_DIGEST_CRC32C),
	FLAG(peer_login, offer.initial_r2t),
	FLAG(peer_login, offer.immediate_data),
	FLAG(peer_login, offer.data_pdu_in_order),
	FLAG(peer_login, offer.data_sequence_in_order),
	NUMBER(peer_login, auth.algorithms.number[0], 0, CHAP_SHA3_256),
	NUMBER(peer_login, auth.algorithms.number[1], 0, CHAP_SHA3_256),
	NUMBER(peer_login, auth.algorithms.number[2], 0, CHAP_SHA3_256),
	NUMBER(peer_login, auth.algorithms.number[3], 0, CHAP_SHA3_256),
	TEXT(peer_login, auth.name, RULE_TEXT),
	TEXT(peer_login, auth.target_name, RULE_TEXT),
	TEXT(peer_login, initiator_name, RULE_TEXT),
	TEXT(peer_login, initiator_alias, RULE_TEXT),
	TEXT(peer_login, target_name, RULE_TEXT),
};

static const struct rule target_rules[] = {
	TEXT(peer_target, target_name, RULE_NAME),
	TEXT(peer_target, address, RULE_HOST),
	NUMBER(peer_target, tpgt, PORTAL_TPGT_UNKNOWN, UINT16_MAX),
};

static const struct rule refused_target_rules[] = {
	TEXT(peer_refused_target, text, RULE_PRINTABLE),
};

static const struct rule done_rules[] = {
	NUMBER(peer_done, outcome, PEER_OUTCOME_DONE, PEER_OUTCOME_ISNS_REFUSED),
	NUMBER(peer_done, error, 0, ERRNO_MAX),
	NUMBER(peer_done, stage, ISCSI_STAGE_SECURITY, ISCSI_STAGE_FULL_FEATURE),
	NUMBER(peer_done, tpgt, PORTAL_TPGT_UNKNOWN, UINT16_MAX),
	NUMBER(peer_done, chap_algorithm, 0, CHAP_SHA3_256),
	FLAG(peer_done, params.header_digest),
	FLAG(peer_done, params.data_digest),
	FLAG(peer_done, params.initial_r2t),
	FLAG(peer_done, params.immediate_data),
	FLAG(peer_done, params.data_pdu_in_order),
	FLAG(peer_done, params.data_sequence_in_order),
	TEXT(peer_done, target_alias, RULE_TEXT),
	TEXT(peer_done, address, RULE_HOST),
	TEXT(peer_done, text, RULE_PRINTABLE),
};

/* Beyond done_rules, for PEER_OUTCOME_DONE: the values that become kernel parameters. */
static const struct rule params_rules[] = {
	NUMBER(peer_done, params.max_recv_data_segment_length, DATA_LEN_MIN,
               ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_done, params.max_xmit_data_segment_length, DATA_LEN_MIN,
               ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_done, params.max_burst_length, DATA_LEN_MIN, ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_done, params.first_burst_length, DATA_LEN_MIN, ISCSI_DATA_SEGMENT_MAX),
	NUMBER(peer_done, params.max_outstanding_r2t, 1, COUNT_MAX),
	NUMBER(peer_done, params.max_connections, 1, COUNT_MAX),
	NUMBER(peer_done, params.error_recovery_level, 0, 2),
	NUMBER(peer_done, params.default_time2wait, 0, SECONDS_MAX),
	NUMBER(peer_done, params.default_time2retain, 0, SECONDS_MAX),
};

static const struct rule failed_rules[] = {
	NUMBER(peer_failed, error, 0, ERRNO_MAX),
	TEXT(peer_failed, text, RULE_PRINTABLE),
};

static const struct rule notice_rules[] = {
	NUMBER(peer_notice, kind, PEER_NOTICE_ASYNC, PEER_NOTICE_BROKEN),
	FLAG(peer_notice, has_sense),
	NUMBER(peer_notice, sense_key, 0, 15),
};

struct verb {
	enum peer_verb verb;
	bool from_peer;
	size_t size;
	size_t rule_count;
	const struct rule *rules;
};

#define VERB(number, side, type, table)                                                            \
	{                                                                                          \
		.verb = (number), .from_peer = (side), .size = sizeof(struct type),                \
		.rule_count = ARRAY_LEN(table), .rules = (table)                                   \
	}

static const struct verb verbs[] = {
	VERB(PEER_LOGIN, false, peer_login, login_rules),
	{.verb = PEER_CANCEL, .from_peer = false, .size = sizeof(struct peer_cancel)},
	VERB(PEER_TARGET, true, peer_target, target_rules),
	VERB(PEER_REFUSED_TARGET, true, peer_refused_target, refused_target_rules),
	{.verb = PEER_COMPLETE, .from_peer = true, .size = sizeof(struct peer_complete)},
	VERB(PEER_DONE, true, peer_done, done_rules),
	VERB(PEER_FAILED, true, peer_failed, failed_rules),
	VERB(PEER_NOTICE, true, peer_notice, notice_rules),
};

static int64_t number_value(const uint8_t *bytes, size_t size, bool is_signed)
{
	uint16_t half;
	uint32_t word;

	if (size == sizeof(uint8_t))
		return bytes[0];
	if (size == sizeof(half)) {
		memcpy(&half, bytes, sizeof(half));
		return half;
	}
	memcpy(&word, bytes, sizeof(word));
	return is_signed ? (int64_t)(int32_t)word : (int64_t)word;
}

static bool number_ok(const struct rule *rule, const uint8_t *bytes)
{
	int64_t value = number_value(bytes, rule->size, rule->min < 0);

	return value >= rule->min && value <= rule->max;
}

static bool free_of_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < ' ' || c == 0x7f)
			return false;
	}
	return true;
}

static bool printable_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static bool text_ok(const struct rule *rule, const uint8_t *bytes)
{
	const char *text = (const char *)bytes;
	size_t len = strnlen(text, rule->size);
	const char *why;

	if (len == rule->size)
		return false;
	switch (rule->kind) {
	case RULE_NUMBER: return false;
	case RULE_TEXT: return free_of_controls(text, len);
	case RULE_PRINTABLE: return printable_ascii(text, len);
	case RULE_NAME: return iscsi_name_valid(text, len, &why);
	case RULE_HOST: return len == 0 || host_valid(text);
	}
	return false;
}

static bool rules_ok(const struct rule *rules, size_t count, const uint8_t *message)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *bytes = message + rules[i].offset;
		bool ok = rules[i].kind == RULE_NUMBER ? number_ok(&rules[i], bytes)
		                                       : text_ok(&rules[i], bytes);
		if (!ok)
			return false;
	}
	return true;
}

/* What one field of struct peer_done demands of another. */
static bool done_ok(const uint8_t *message)
{
	struct peer_done done;

	memcpy(&done, message, sizeof(done));
	if (done.stage != ISCSI_STAGE_SECURITY && done.stage != ISCSI_STAGE_OPERATIONAL &&
	    done.stage != ISCSI_STAGE_FULL_FEATURE)
		return false;
	switch ((enum peer_outcome)done.outcome) {
	case PEER_OUTCOME_DONE:
		return rules_ok(params_rules, ARRAY_LEN(params_rules), message) &&
		       done.params.first_burst_length <= done.params.max_burst_length;
	case PEER_OUTCOME_REDIRECTED: return done.address[0] != '\0' && done.port != 0;
	case PEER_OUTCOME_REFUSED: return done.status_class != ISCSI_LOGIN_CLASS_SUCCESS;
	case PEER_OUTCOME_AUTH_FAILED:
	case PEER_OUTCOME_PROTOCOL:
	case PEER_OUTCOME_CLOSED:
	case PEER_OUTCOME_INTERNAL:
	case PEER_OUTCOME_ANSWERED: return true;
	case PEER_OUTCOME_ISNS_REFUSED: return done.isns_status != ISNS_STATUS_SUCCESS;
	}
	return false;
}

static bool target_ok(const uint8_t *message)
{
	struct peer_target target;

	memcpy(&target, message, sizeof(target));
	return target.address[0] == '\0' || target.port != 0;
}

/* One to PEER_TARGETS_MAX whole messages of the same login. */
static bool targets_ok(const uint8_t *message, size_t len, const struct peer_head *head)
{
	const size_t one = sizeof(struct peer_target), body = len - sizeof(*head);
	struct peer_head inner;

	if (head->size != len || body == 0 || body % one != 0 || body / one > PEER_TARGETS_MAX)
		return false;
	for (size_t at = sizeof(*head); at < len; at += one) {
		memcpy(&inner, message + at, sizeof(inner));
		if (inner.verb != PEER_TARGET || inner.id != head->id ||
		    peermsg_check(message + at, one, true) < 0)
			return false;
	}
	return true;
}

static bool pdu_ok(size_t len, const struct peer_head *head)
{
	return head->size == len && len >= sizeof(*head) + ISCSI_BHS_LEN &&
	       len <= sizeof(*head) + PEER_PDU_MAX;
}

int peermsg_check(const void *message, size_t len, bool from_peer)
{
	const uint8_t *bytes = message;
	struct peer_head head;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	if (head.verb == PEER_TARGETS && from_peer)
		return targets_ok(bytes, len, &head) ? PEER_TARGETS : -EBADMSG;
	if (head.verb == PEER_PDU || (head.verb == PEER_READ && !from_peer))
		return pdu_ok(len, &head) ? (int)head.verb : -EBADMSG;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		const struct verb *v = &verbs[i];
		if (head.verb != v->verb || from_peer != v->from_peer)
			continue;
		if (len != v->size || head.size != v->size ||
		    !rules_ok(v->rules, v->rule_count, bytes))
			return -EBADMSG;
		if (v->verb == PEER_DONE && !done_ok(bytes))
			return -EBADMSG;
		if (v->verb == PEER_TARGET && !target_ok(bytes))
			return -EBADMSG;
		return (int)v->verb;
	}
	return -EBADMSG;
}
