/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE negotiation table (RFC 7143 section 13) and the rules of 6.2 that walk it, for either side.
 *
 * A side calls nego_offer() for what it declares and proposes itself, and nego_take() for each key
 * that comes: an answer to a proposal of ours, a declaration, or a proposal of the other side,
 * which is answered at once.  To add a key is one row (nego_table.c) and one test.
 */
#ifndef PROTO_NEGO_H
#define PROTO_NEGO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/base/kv.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/params.h"
#include "lib/proto/text.h"

enum nego_role {
	NEGO_INITIATOR = 1,
	NEGO_TARGET = 2, /* also bits: who may send a key */
	NEGO_BOTH = 3,
};

/* In the order in which they are sent; the names are the keys' own. */
enum nego_key {
	NEGO_INITIATOR_NAME,
	NEGO_INITIATOR_ALIAS,
	NEGO_TARGET_NAME,
	NEGO_SESSION_TYPE,
	NEGO_TARGET_ALIAS,
	NEGO_TARGET_PORTAL_GROUP_TAG,
	NEGO_TARGET_ADDRESS,
	NEGO_AUTH_METHOD,
	NEGO_HEADER_DIGEST,
	NEGO_DATA_DIGEST,
	NEGO_MAX_RECV_DATA_SEGMENT_LENGTH,
	NEGO_INITIAL_R2T,
	NEGO_IMMEDIATE_DATA,
	NEGO_MAX_BURST_LENGTH,
	NEGO_FIRST_BURST_LENGTH,
	NEGO_MAX_OUTSTANDING_R2T,
	NEGO_MAX_CONNECTIONS,
	NEGO_DATA_PDU_IN_ORDER,
	NEGO_DATA_SEQUENCE_IN_ORDER,
	NEGO_DEFAULT_TIME2WAIT,
	NEGO_DEFAULT_TIME2RETAIN,
	NEGO_ERROR_RECOVERY_LEVEL,
	NEGO_TASK_REPORTING,
	NEGO_ISCSI_PROTOCOL_LEVEL,
	NEGO_NODE_ARCHITECTURE,
	NEGO_SEND_TARGETS,
	NEGO_IF_MARKER,
	NEGO_OF_MARKER,
	NEGO_IF_MARK_INT,
	NEGO_OF_MARK_INT,
	NEGO_KEY_COUNT,
};

enum nego_type {
	NEGO_TYPE_BOOLEAN, /* Yes or No */
	NEGO_TYPE_NUMBER,  /* decimal or 0x hexadecimal, within [min, max] */
	NEGO_TYPE_LIST,    /* names with commas between them, most wanted first */
	NEGO_TYPE_CHOICE,  /* one of some names */
	NEGO_TYPE_NAME,    /* an iSCSI name */
	NEGO_TYPE_TEXT,
};

/* How two proposals become one result, RFC 7143 6.2.1 and 6.2.2. */
enum nego_function {
	NEGO_DECLARED, /* no result: each side says its own, and there is no answer */
	NEGO_OR,
	NEGO_AND,
	NEGO_MIN,
	NEGO_MAX,
	NEGO_FIRST_COMMON, /* the first of the proposer's list that the other side has too */
	NEGO_OBSOLETE,     /* 13.25: never proposed, always answered with a fixed value */
};

/* When a key may be used, RFC 7143 section 13. */
enum nego_use {
	NEGO_USE_LO,   /* login of the leading connection only */
	NEGO_USE_IO,   /* login of any connection */
	NEGO_USE_FFPO, /* full feature phase only */
	NEGO_USE_ALL,  /* any time, and again */
};

/* Stages of the login in which a key belongs. */
enum nego_stages {
	NEGO_STAGE_ANY,
	NEGO_STAGE_SECURITY,
	NEGO_STAGE_OPERATIONAL,
};

/* "Irrelevant when" of section 13, as bits. */
enum nego_irrelevant {
	NEGO_IRRELEVANT_DISCOVERY = 1,      /* SessionType=Discovery */
	NEGO_IRRELEVANT_NO_UNSOLICITED = 2, /* InitialR2T=Yes and ImmediateData=No */
};

struct nego_rule {
	const char *name;
	enum nego_type type;
	enum nego_function function;
	enum nego_use use;
	enum nego_stages stages;
	uint8_t senders;    /* NEGO_INITIATOR, NEGO_TARGET or NEGO_BOTH */
	uint8_t irrelevant; /* enum nego_irrelevant */
	uint32_t min, max;
	uint32_t standard;  /* the default; 1 is Yes */
	const char *values; /* lists and choices: what is legal, with commas between, the default
	                       first; an obsolete key: its answer */
	uint16_t text_at;   /* offset + 1 in struct nego_config of our text, 0: nothing there */
	uint16_t offer_at;  /* offset + 1 in struct iscsi_offer of what we want, 0: nothing there */
	uint16_t params_at; /* offset + 1 in struct iscsi_params of the result, 0: nothing there */
};

/* The row of a key.  nego_find(): NEGO_KEY_COUNT for a key that is not in the table. */
const struct nego_rule *nego_rule(enum nego_key key);
enum nego_key nego_find(const struct kv *kv);

struct nego_config {
	enum nego_role role;
	bool discovery; /* initiator: SessionType=Discovery.  A target hears it. */
	bool leading;   /* the first connection of a session: LO keys are negotiated */
	int32_t tpgt;   /* target: its TargetPortalGroupTag, negative: not sent */
	struct iscsi_offer offer;
	/* borrowed until nego_free(); NULL or "": not sent */
	const char *auth_methods; /* most wanted first, e.g. "None" or "CHAP,None" */
	const char *initiator_name;
	const char *initiator_alias;
	const char *target_name;
	const char *target_alias;
};

struct nego;

/* Nothing was said yet.  NULL: no memory. */
struct nego *nego_new(const struct nego_config *config);
struct nego *nego_free(struct nego *n);

/*
 * Append what this side declares and proposes in stage and has not yet said, nor heard a proposal
 * for.  An initiator proposes, a target only declares (TargetAlias, TargetPortalGroupTag,
 * MaxRecvDataSegmentLength): what the initiator leaves out keeps its default.
 */
void nego_offer(struct nego *n, enum iscsi_stage stage, struct writer *w);

/*
 * One key came in stage.  A proposal is answered in answer: with the result, Reject (a value that
 * is not legal), Irrelevant, or NotUnderstood (a key that is not in the table).  Returns 0, or
 * -EPROTO with fault filled when the other side broke the rules of 6.2: negotiated a key twice,
 * or answered with what was not offered or is not legal.
 */
int nego_take(struct nego *n, enum iscsi_stage stage, const struct kv *kv, struct writer *answer,
              char fault[static TEXT_FAULT_SIZE]);

/*
 * What holds now.  A key that was never spoken of has its default; one that we proposed and
 * the other side passed over, or answered with Reject, Irrelevant or NotUnderstood, counts as if
 * the other side had answered with the default, which is safe whatever it meant.
 * FirstBurstLength is never above MaxBurstLength.  Returns 0, or -EPROTO with fault filled when a
 * digest that our offer demands did not come about.
 */
int nego_result(const struct nego *n, struct iscsi_params *ret, char fault[static TEXT_FAULT_SIZE]);

/*
 * What the other side declared (TargetName, InitiatorName, SessionType, aliases, TargetAddress:
 * the last one), or the chosen member of a list (AuthMethod, digests); NULL if it was not spoken
 * of.  Borrowed from n.
 */
const char *nego_text(const struct nego *n, enum nego_key key);

/* A number that the other side declared or that was agreed on; false if it was not spoken of. */
bool nego_number(const struct nego *n, enum nego_key key, uint32_t *ret);

#endif
