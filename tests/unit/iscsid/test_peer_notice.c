/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PDUs of live sessions, which the peer reads for the manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/iscsid/peer_scene.h"

/* What the peer says of a PDU with this data. */
static struct peer_notice read_pdu(struct scene *s, const struct pdu *pdu, const void *data,
                                   size_t len)
{
	struct peer_pdu m = {.head = {.verb = PEER_READ, .id = 9}};
	union peer_message answer;

	pdu_encode(pdu, m.bytes);
	memcpy(m.bytes + ISCSI_BHS_LEN, data, len);
	m.head.size = (uint32_t)(sizeof(m.head) + ISCSI_BHS_LEN + len);
	assert_int_equal(send(s->control, &m, m.head.size, 0), m.head.size);
	assert_int_equal(next_message(s, &answer), PEER_NOTICE);
	assert_int_equal(answer.head.id, 9);
	return answer.notice;
}

static void an_asynchronous_message_is_read(void **state)
{
	/* RFC 7143 section 11.9.4; SPC-4 section 4.5.2: descriptor format, 3Fh/0Eh */
	static const uint8_t data[] = {0, 8, 0x72, 6, 0x3f, 0x0e, 0, 0, 0, 0};
	const struct pdu pdu = {.opcode = ISCSI_OP_ASYNC,
	                        .flags = ISCSI_FLAG_FINAL,
	                        .data_len = sizeof(data),
	                        .lun = {0, 3},
	                        .itt = ISCSI_TAG_RESERVED,
	                        .async_vcode = 1,
	                        .param1 = 2,
	                        .param2 = 3,
	                        .param3 = 4};
	struct peer_notice n = read_pdu(*state, &pdu, data, sizeof(data));

	assert_int_equal(n.kind, PEER_NOTICE_ASYNC);
	assert_int_equal(n.event, ISCSI_ASYNC_SCSI);
	assert_int_equal(n.vcode, 1);
	assert_int_equal(n.param1, 2);
	assert_int_equal(n.param2, 3);
	assert_int_equal(n.param3, 4);
	assert_int_equal(n.lun, 3);
	assert_int_equal(n.has_sense, 1);
	assert_int_equal(n.asc, 0x3f);
	assert_int_equal(n.ascq, 0x0e);
}

static void a_text_response_ends_an_exchange_or_wants_more(void **state)
{
	static const char key[] = "MaxBurstLength=512";
	struct pdu pdu = {.opcode = ISCSI_OP_TEXT_RSP, .flags = ISCSI_FLAG_FINAL};

	assert_int_equal(read_pdu(*state, &pdu, "", 0).kind, PEER_NOTICE_TEXT_END);
	pdu.flags = 0;
	assert_int_equal(read_pdu(*state, &pdu, "", 0).kind, PEER_NOTICE_TEXT_KEYS);
	pdu.flags = ISCSI_FLAG_FINAL;
	pdu.data_len = sizeof(key);
	assert_int_equal(read_pdu(*state, &pdu, key, sizeof(key)).kind, PEER_NOTICE_TEXT_KEYS);
}

static void what_is_no_whole_pdu_or_another_one_is_said_to_be_broken(void **state)
{
	struct pdu pdu = {.opcode = ISCSI_OP_ASYNC, .data_len = 4};

	assert_int_equal(read_pdu(*state, &pdu, "abc", 3).kind, PEER_NOTICE_BROKEN);
	pdu.data_len = 0;
	pdu.ahs_words = 1;
	assert_int_equal(read_pdu(*state, &pdu, "", 0).kind, PEER_NOTICE_BROKEN);
	pdu = (struct pdu){.opcode = ISCSI_OP_NOP_IN};
	assert_int_equal(read_pdu(*state, &pdu, "", 0).kind, PEER_NOTICE_BROKEN);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(an_asynchronous_message_is_read),
		TEST(a_text_response_ends_an_exchange_or_wants_more),
		TEST(what_is_no_whole_pdu_or_another_one_is_said_to_be_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
