/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of RFC 7143 section 13 (and 12.1, AuthMethod), one row each; the section stands
 * behind the name.  Numbers are bytes, seconds or counts.
 */
#include "lib/proto/nego.h"

#include "lib/base/macros.h"

#define TEXT(field)   (offsetof(struct nego_config, field) + 1)
#define OFFER(field)  (offsetof(struct iscsi_offer, field) + 1)
#define PARAMS(field) (offsetof(struct iscsi_params, field) + 1)

/* 13.12 to 13.14: the largest length, 2^24 - 1 */
#define LENGTH_MIN 512
#define LENGTH_MAX ISCSI_DATA_SEGMENT_MAX

/* 13.1 */
#define DIGESTS "None,CRC32C"

static const struct nego_rule rules[NEGO_KEY_COUNT] = {
	/* clang-format off */
	[NEGO_INITIATOR_NAME] = { /* 13.5 */
		"InitiatorName", NEGO_TYPE_NAME, NEGO_DECLARED, NEGO_USE_IO, NEGO_STAGE_ANY,
		.senders = NEGO_INITIATOR, .text_at = TEXT(initiator_name) },
	[NEGO_INITIATOR_ALIAS] = { /* 13.7 */
		"InitiatorAlias", NEGO_TYPE_TEXT, NEGO_DECLARED, NEGO_USE_ALL, NEGO_STAGE_ANY,
		.senders = NEGO_INITIATOR, .text_at = TEXT(initiator_alias) },
	[NEGO_TARGET_NAME] = { /* 13.4; from a target only in the answer to SendTargets */
		"TargetName", NEGO_TYPE_NAME, NEGO_DECLARED, NEGO_USE_IO, NEGO_STAGE_ANY,
		.senders = NEGO_INITIATOR, .text_at = TEXT(target_name) },
	[NEGO_SESSION_TYPE] = { /* 13.21 */
		"SessionType", NEGO_TYPE_CHOICE, NEGO_DECLARED, NEGO_USE_LO, NEGO_STAGE_ANY,
		.senders = NEGO_INITIATOR, .values = "Normal,Discovery" },
	[NEGO_TARGET_ALIAS] = { /* 13.6 */
		"TargetAlias", NEGO_TYPE_TEXT, NEGO_DECLARED, NEGO_USE_ALL, NEGO_STAGE_ANY,
		.senders = NEGO_TARGET, .text_at = TEXT(target_alias) },
	[NEGO_TARGET_PORTAL_GROUP_TAG] = { /* 13.9 */
		"TargetPortalGroupTag", NEGO_TYPE_NUMBER, NEGO_DECLARED, NEGO_USE_IO, NEGO_STAGE_ANY,
		.senders = NEGO_TARGET, .max = 65535 },
	[NEGO_TARGET_ADDRESS] = { /* 13.8 */
		"TargetAddress", NEGO_TYPE_TEXT, NEGO_DECLARED, NEGO_USE_ALL, NEGO_STAGE_ANY,
		.senders = NEGO_TARGET },
	[NEGO_AUTH_METHOD] = { /* 12.1 */
		"AuthMethod", NEGO_TYPE_LIST, NEGO_FIRST_COMMON, NEGO_USE_IO, NEGO_STAGE_SECURITY,
		.senders = NEGO_BOTH, .values = "None,CHAP,SRP,KRB5",
		.text_at = TEXT(auth_methods) },
	[NEGO_HEADER_DIGEST] = { /* 13.1 */
		"HeaderDigest", NEGO_TYPE_LIST, NEGO_FIRST_COMMON, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = DIGESTS,
		.offer_at = OFFER(header_digest), .params_at = PARAMS(header_digest) },
	[NEGO_DATA_DIGEST] = { /* 13.1 */
		"DataDigest", NEGO_TYPE_LIST, NEGO_FIRST_COMMON, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = DIGESTS,
		.offer_at = OFFER(data_digest), .params_at = PARAMS(data_digest) },
	[NEGO_MAX_RECV_DATA_SEGMENT_LENGTH] = { /* 13.12; each side says what it takes */
		"MaxRecvDataSegmentLength", NEGO_TYPE_NUMBER, NEGO_DECLARED, NEGO_USE_ALL,
		NEGO_STAGE_OPERATIONAL, .senders = NEGO_BOTH,
		.min = LENGTH_MIN, .max = LENGTH_MAX, .standard = ISCSI_DEFAULT_MAX_RECV,
		.offer_at = OFFER(max_recv_data_segment_length),
		.params_at = PARAMS(max_xmit_data_segment_length) },
	[NEGO_INITIAL_R2T] = { /* 13.10 */
		"InitialR2T", NEGO_TYPE_BOOLEAN, NEGO_OR, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY, .standard = true,
		.offer_at = OFFER(initial_r2t), .params_at = PARAMS(initial_r2t) },
	[NEGO_IMMEDIATE_DATA] = { /* 13.11 */
		"ImmediateData", NEGO_TYPE_BOOLEAN, NEGO_AND, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY, .standard = true,
		.offer_at = OFFER(immediate_data), .params_at = PARAMS(immediate_data) },
	[NEGO_MAX_BURST_LENGTH] = { /* 13.13 */
		"MaxBurstLength", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY,
		.min = LENGTH_MIN, .max = LENGTH_MAX, .standard = 262144,
		.offer_at = OFFER(max_burst_length), .params_at = PARAMS(max_burst_length) },
	[NEGO_FIRST_BURST_LENGTH] = { /* 13.14 */
		"FirstBurstLength", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH,
		.irrelevant = NEGO_IRRELEVANT_DISCOVERY | NEGO_IRRELEVANT_NO_UNSOLICITED,
		.min = LENGTH_MIN, .max = LENGTH_MAX, .standard = 65536,
		.offer_at = OFFER(first_burst_length), .params_at = PARAMS(first_burst_length) },
	[NEGO_MAX_OUTSTANDING_R2T] = { /* 13.17 */
		"MaxOutstandingR2T", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY,
		.min = 1, .max = 65535, .standard = 1,
		.offer_at = OFFER(max_outstanding_r2t), .params_at = PARAMS(max_outstanding_r2t) },
	[NEGO_MAX_CONNECTIONS] = { /* 13.2 */
		"MaxConnections", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY,
		.min = 1, .max = 65535, .standard = 1,
		.offer_at = OFFER(max_connections), .params_at = PARAMS(max_connections) },
	[NEGO_DATA_PDU_IN_ORDER] = { /* 13.18 */
		"DataPDUInOrder", NEGO_TYPE_BOOLEAN, NEGO_OR, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY, .standard = true,
		.offer_at = OFFER(data_pdu_in_order), .params_at = PARAMS(data_pdu_in_order) },
	[NEGO_DATA_SEQUENCE_IN_ORDER] = { /* 13.19 */
		"DataSequenceInOrder", NEGO_TYPE_BOOLEAN, NEGO_OR, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY, .standard = true,
		.offer_at = OFFER(data_sequence_in_order),
		.params_at = PARAMS(data_sequence_in_order) },
	[NEGO_DEFAULT_TIME2WAIT] = { /* 13.15 */
		"DefaultTime2Wait", NEGO_TYPE_NUMBER, NEGO_MAX, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .max = 3600, .standard = 2,
		.offer_at = OFFER(default_time2wait), .params_at = PARAMS(default_time2wait) },
	[NEGO_DEFAULT_TIME2RETAIN] = { /* 13.16 */
		"DefaultTime2Retain", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .max = 3600, .standard = 20,
		.offer_at = OFFER(default_time2retain), .params_at = PARAMS(default_time2retain) },
	[NEGO_ERROR_RECOVERY_LEVEL] = { /* 13.20 */
		"ErrorRecoveryLevel", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .max = 2, .standard = 0,
		.offer_at = OFFER(error_recovery_level), .params_at = PARAMS(error_recovery_level) },
	[NEGO_TASK_REPORTING] = { /* 13.23; answered, never proposed */
		"TaskReporting", NEGO_TYPE_LIST, NEGO_FIRST_COMMON, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY,
		.values = "RFC3720,ResponseFence,FastAbort" },
	[NEGO_ISCSI_PROTOCOL_LEVEL] = { /* 13.24; level 2 is RFC 7144; answered, never proposed */
		"iSCSIProtocolLevel", NEGO_TYPE_NUMBER, NEGO_MIN, NEGO_USE_LO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .irrelevant = NEGO_IRRELEVANT_DISCOVERY,
		.max = 31, .standard = 1 },
	[NEGO_NODE_ARCHITECTURE] = { /* 13.26 */
		"X#NodeArchitecture", NEGO_TYPE_TEXT, NEGO_DECLARED, NEGO_USE_LO, NEGO_STAGE_ANY,
		.senders = NEGO_BOTH },
	[NEGO_SEND_TARGETS] = { /* 13.3 and appendix C */
		"SendTargets", NEGO_TYPE_TEXT, NEGO_DECLARED, NEGO_USE_FFPO, NEGO_STAGE_ANY,
		.senders = NEGO_INITIATOR },
	/*
	 * 13.25.  "No" is allowed for the markers, and peers of RFC 3720 that propose them end the
	 * login at a Reject.
	 */
	[NEGO_IF_MARKER] = {
		"IFMarker", NEGO_TYPE_BOOLEAN, NEGO_OBSOLETE, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = "No" },
	[NEGO_OF_MARKER] = {
		"OFMarker", NEGO_TYPE_BOOLEAN, NEGO_OBSOLETE, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = "No" },
	[NEGO_IF_MARK_INT] = {
		"IFMarkInt", NEGO_TYPE_TEXT, NEGO_OBSOLETE, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = "Reject" },
	[NEGO_OF_MARK_INT] = {
		"OFMarkInt", NEGO_TYPE_TEXT, NEGO_OBSOLETE, NEGO_USE_IO, NEGO_STAGE_OPERATIONAL,
		.senders = NEGO_BOTH, .values = "Reject" },
	/* clang-format on */
};

const struct nego_rule *nego_rule(enum nego_key key)
{
	return &rules[key];
}

enum nego_key nego_find(const struct kv *kv)
{
	for (enum nego_key key = 0; key < NEGO_KEY_COUNT; key++)
		if (kv_key_is(kv, rules[key].name))
			return key;
	return NEGO_KEY_COUNT;
}
