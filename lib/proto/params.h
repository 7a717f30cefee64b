/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values that a login negotiates, named as in RFC 7143 section 13.  Plain data: it is
 * copied between processes and compared in tests.
 */
#ifndef PROTO_PARAMS_H
#define PROTO_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

/* Digest methods as a set, RFC 7143 section 13.1. */
enum iscsi_digest {
	ISCSI_DIGEST_NONE = 1,
	ISCSI_DIGEST_CRC32C = 2,
};

/* A list of at most two digests, most wanted first; an unused place is 0. */
struct iscsi_digest_list {
	uint8_t method[2];
};

/* What one side offers.  Numbers in bytes, seconds or counts as the RFC says. */
struct iscsi_offer {
	uint32_t max_recv_data_segment_length; /* 512 to 2^24-1; also what we accept */
	uint32_t max_burst_length;             /* 512 to 2^24-1 */
	uint32_t first_burst_length;           /* 512 to 2^24-1, <= max_burst_length */
	uint32_t max_outstanding_r2t;          /* 1 to 65535 */
	uint32_t max_connections;              /* 1 to 65535 */
	uint32_t error_recovery_level;         /* 0 to 2 */
	uint32_t default_time2wait;            /* 0 to 3600 s */
	uint32_t default_time2retain;          /* 0 to 3600 s */
	struct iscsi_digest_list header_digest;
	struct iscsi_digest_list data_digest;
	bool initial_r2t;
	bool immediate_data;
	bool data_pdu_in_order;
	bool data_sequence_in_order;
};

/* What holds for the session or connection once it is logged in. */
struct iscsi_params {
	uint32_t max_recv_data_segment_length; /* ours: the most the peer sends in a PDU */
	uint32_t max_xmit_data_segment_length; /* the peer's: the most we send in a PDU */
	uint32_t max_burst_length;
	uint32_t first_burst_length;
	uint32_t max_outstanding_r2t;
	uint32_t max_connections;
	uint32_t error_recovery_level;
	uint32_t default_time2wait;
	uint32_t default_time2retain;
	bool header_digest; /* CRC32C */
	bool data_digest;
	bool initial_r2t;
	bool immediate_data;
	bool data_pdu_in_order;
	bool data_sequence_in_order;
};

#endif
