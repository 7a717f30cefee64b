/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A side of a negotiation for tests, and keys that come to it one by one.  After cmocka.h.
 */
#ifndef TESTS_UNIT_PROTO_NEGO_FIXTURE_H
#define TESTS_UNIT_PROTO_NEGO_FIXTURE_H

#include <string.h>

#include "lib/proto/nego.h"

/* What this side wants in all tests: nothing equals a default, so that a mix-up shows. */
static const struct iscsi_offer wanted = {
	.max_recv_data_segment_length = 65536,
	.max_burst_length = 131072,
	.first_burst_length = 32768,
	.max_outstanding_r2t = 4,
	.max_connections = 3,
	.error_recovery_level = 1,
	.default_time2wait = 5,
	.default_time2retain = 10,
	.header_digest = {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}},
	.data_digest = {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}},
	.initial_r2t = false,
	.immediate_data = true,
	.data_pdu_in_order = false,
	.data_sequence_in_order = false,
};

static inline struct nego *make(enum nego_role role, bool discovery)
{
	const struct nego_config config = {
		.role = role,
		.discovery = discovery,
		.leading = true,
		.tpgt = 7,
		.offer = wanted,
		.auth_methods = "None",
		.initiator_name = "iqn.1994-05.com.example:host",
		.target_name = "iqn.2001-04.com.example:disk",
		.target_alias = "disks",
	};
	struct nego *n = nego_new(&config);

	assert_non_null(n);
	return n;
}

/* One "Key=value" comes; what is answered is left in answer. */
static inline int take(struct nego *n, enum iscsi_stage stage, const char *pair,
                       struct writer *answer, char fault[static TEXT_FAULT_SIZE])
{
	struct kv_reader r = kv_reader_make(KV_NUL, pair, strlen(pair) + 1);
	struct kv kv;

	assert_int_equal(kv_next(&r, &kv), 1);
	writer_reset(answer);
	return nego_take(n, stage, &kv, answer, fault);
}

static inline void assert_answer(const struct writer *answer, const char *want, const char *pair)
{
	size_t len = *want ? strlen(want) + 1 : 0;

	if (answer->len != len || (len && memcmp(answer->data, want, len) != 0))
		fail_msg("%s was answered with \"%.*s\" instead of \"%s\"", pair, (int)answer->len,
		         answer->data ? (const char *)answer->data : "", want);
}

#endif
