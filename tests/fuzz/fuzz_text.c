/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text, to either side of a negotiation: the first byte chooses side, session type and stage, the
 * second where the text is split.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "lib/proto/nego.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWER_MAX = 1 << 20 };

static struct nego *make(uint8_t choice)
{
	const struct nego_config config = {
		.role = choice & 1 ? NEGO_TARGET : NEGO_INITIATOR,
		.discovery = choice & 2,
		.leading = !(choice & 4),
		.tpgt = 1,
		.auth_methods = "None",
		.initiator_name = "iqn.1994-05.com.example:host",
		.target_name = "iqn.2001-04.com.example:disk",
		.offer = {.max_recv_data_segment_length = 65536,
	                  .max_burst_length = 131072,
	                  .first_burst_length = 32768,
	                  .max_outstanding_r2t = 4,
	                  .max_connections = 3,
	                  .error_recovery_level = 1,
	                  .default_time2wait = 5,
	                  .default_time2retain = 10,
	                  .header_digest = {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}},
	                  .data_digest = {{ISCSI_DIGEST_NONE}},
	                  .immediate_data = true},
	};

	return nego_new(&config);
}

/* Section 13: whatever came, what holds is within the ranges. */
static void check_result(const struct nego *n)
{
	char fault[TEXT_FAULT_SIZE];
	struct iscsi_params p;

	if (nego_result(n, &p, fault) < 0) {
		must_be_printable(fault);
		return;
	}
	MUST(p.max_xmit_data_segment_length >= 512 && p.max_xmit_data_segment_length < 1 << 24);
	MUST(p.max_burst_length >= 512 && p.max_burst_length <= 262144);
	MUST(p.first_burst_length >= 512 && p.first_burst_length <= p.max_burst_length);
	MUST(p.max_outstanding_r2t >= 1 && p.max_outstanding_r2t <= 4);
	MUST(p.max_connections >= 1 && p.max_connections <= 3);
	MUST(p.error_recovery_level <= 1);
	MUST(p.default_time2wait <= 3600 && p.default_time2retain <= 3600);
	MUST(!p.data_digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct writer answer = writer_make(ANSWER_MAX);
	struct text_in in = text_in_make(ANSWER_MAX);
	struct nego *n = NULL;
	struct kv_reader r;
	enum iscsi_stage stage;
	struct kv kv;
	size_t split;

	if (size < 2)
		return 0;
	n = make(data[0]);
	stage = data[0] & 8    ? ISCSI_STAGE_OPERATIONAL
	        : data[0] & 16 ? ISCSI_STAGE_FULL_FEATURE
	                       : ISCSI_STAGE_SECURITY;
	split = MIN(data[1], size - 2);
	if (!n || text_in_add(&in, data + 2, split) < 0 ||
	    text_in_add(&in, data + 2 + split, size - 2 - split) < 0)
		goto out;
	if (data[0] & 32)
		nego_offer(n, stage, &answer);
	r = text_in_reader(&in);
	for (;;) {
		char fault[TEXT_FAULT_SIZE] = "";
		int ret = text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault);

		if (ret == 0)
			break;
		if (ret > 0)
			ret = nego_take(n, stage, &kv, &answer, fault);
		MUST((ret < 0) == (fault[0] != '\0'));
		must_be_printable(fault);
	}
	check_result(n);
out:
	nego_free(n);
	text_in_done(&in);
	writer_done(&answer);
	return 0;
}
