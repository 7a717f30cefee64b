/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results that cannot follow from the offer by RFC 7143 section 13 are not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iscsid/claim.h"
#include "lib/base/macros.h"

static const struct peer_login login = {
	.offer = {.max_recv_data_segment_length = 262144,
                  .max_burst_length = 1048576,
                  .first_burst_length = 65536,
                  .max_outstanding_r2t = 4,
                  .max_connections = 1,
                  .default_time2wait = 2,
                  .default_time2retain = 20,
                  .header_digest = {{ISCSI_DIGEST_CRC32C}},
                  .data_digest = {{ISCSI_DIGEST_NONE}},
                  .immediate_data = false,
                  .initial_r2t = true,
                  .data_pdu_in_order = true,
                  .data_sequence_in_order = true},
};

/* What a target that agrees to all leads to. */
static const struct peer_done agreed = {
	.tsih = 3,
	.params = {.max_recv_data_segment_length = 262144,
                   .max_xmit_data_segment_length = 8192,
                   .max_burst_length = 1048576,
                   .first_burst_length = 65536,
                   .max_outstanding_r2t = 4,
                   .max_connections = 1,
                   .default_time2wait = 2,
                   .default_time2retain = 20,
                   .header_digest = true,
                   .initial_r2t = true,
                   .data_pdu_in_order = true,
                   .data_sequence_in_order = true},
};

static void what_the_target_may_choose_is_believed(void **state)
{
	struct peer_done d = agreed;

	(void)state;
	assert_null(claim_fault(&login, &d));
	d.params.max_burst_length = 512;
	d.params.first_burst_length = 512;
	d.params.max_outstanding_r2t = 1;
	d.params.default_time2wait = 3600;
	d.params.default_time2retain = 0;
	d.params.max_xmit_data_segment_length = 16777215;
	assert_null(claim_fault(&login, &d));
	/* 13.14: without unsolicited data it means nothing */
	d.params.first_burst_length = 262144;
	assert_null(claim_fault(&login, &d));
}

static void what_was_never_offered_is_not_believed(void **state)
{
	static const struct {
		size_t offset, size;
		uint32_t value;
		const char *key;
	} lies[] = {
#define LIE(member, value, key)                                                                    \
	{offsetof(struct iscsi_params, member), sizeof(((struct iscsi_params *)NULL)->member),     \
	 value, key}
		LIE(max_recv_data_segment_length, 262148, "MaxRecvDataSegmentLength"),
		LIE(max_recv_data_segment_length, 8192, "MaxRecvDataSegmentLength"),
		LIE(max_burst_length, 1048580, "MaxBurstLength"),
		LIE(max_outstanding_r2t, 5, "MaxOutstandingR2T"),
		LIE(max_connections, 2, "MaxConnections"),
		LIE(error_recovery_level, 1, "ErrorRecoveryLevel"),
		LIE(default_time2wait, 1, "DefaultTime2Wait"),
		LIE(default_time2retain, 21, "DefaultTime2Retain"),
		LIE(header_digest, false, "HeaderDigest"),
		LIE(data_digest, true, "DataDigest"),
		LIE(initial_r2t, false, "InitialR2T"),
		LIE(immediate_data, true, "ImmediateData"),
		LIE(data_pdu_in_order, false, "DataPDUInOrder"),
		LIE(data_sequence_in_order, false, "DataSequenceInOrder"),
#undef LIE
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct peer_done d = agreed;
		uint8_t *at = (uint8_t *)&d.params + lies[i].offset;
		const uint8_t flag = (uint8_t)lies[i].value;

		if (lies[i].size == sizeof(flag))
			*at = flag;
		else
			memcpy(at, &lies[i].value, sizeof(lies[i].value));
		assert_string_equal(claim_fault(&login, &d), lies[i].key);
	}
}

static void unsolicited_data_stay_within_the_offer(void **state)
{
	struct peer_login asking = login;
	struct peer_done d = agreed;

	(void)state;
	asking.offer.immediate_data = true;
	d.params.immediate_data = true;
	assert_null(claim_fault(&asking, &d));
	d.params.first_burst_length = 65540;
	assert_string_equal(claim_fault(&asking, &d), "FirstBurstLength");
}

static void a_session_stays_the_one_that_was_logged_in_to(void **state)
{
	struct peer_login again = login;

	(void)state;
	again.tsih = 3;
	assert_null(claim_fault(&again, &agreed));
	again.tsih = 4;
	assert_string_equal(claim_fault(&again, &agreed), "TSIH");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_target_may_choose_is_believed),
		cmocka_unit_test(what_was_never_offered_is_not_believed),
		cmocka_unit_test(unsolicited_data_stay_within_the_offer),
		cmocka_unit_test(a_session_stays_the_one_that_was_logged_in_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
