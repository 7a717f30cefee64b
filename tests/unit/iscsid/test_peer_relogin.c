/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A login without a socket: its PDUs go by the manager, which does not look into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/iscsid/peer_scene.h"

/* The tag that the kernel puts in the place of the peer's. */
enum { KERNEL_ITT = 0x10000001 };

static void begin(struct scene *s, uint64_t id)
{
	struct peer_login login = usual_login(PEER_PURPOSE_RELOGIN, id);

	login.exp_stat_sn = 77;
	assert_int_equal(send(s->control, &login, sizeof(login), 0), sizeof(login));
}

/* The request that comes next. */
static struct pdu request(struct scene *s, uint64_t id)
{
	union peer_message m;
	struct pdu pdu;

	assert_int_equal(next_message(s, &m), PEER_PDU);
	assert_int_equal(m.head.id, id);
	assert_int_equal(pdu_decode(m.pdu.bytes, &pdu), 0);
	assert_int_equal(pdu.opcode, ISCSI_OP_LOGIN_REQ);
	assert_in_range(peermsg_pdu_len(&m.head), ISCSI_BHS_LEN + pdu.data_len, PEER_PDU_MAX);
	return pdu;
}

/* A response as the kernel hands it up: header and data, no padding. */
static void answer(struct scene *s, uint64_t id, struct pdu *pdu, const char *text, size_t len)
{
	struct peer_pdu m = {.head = {.verb = PEER_PDU, .id = id}};

	pdu->itt = KERNEL_ITT;
	pdu->data_len = (uint32_t)len;
	pdu_encode(pdu, m.bytes);
	memcpy(m.bytes + ISCSI_BHS_LEN, text, len);
	m.head.size = (uint32_t)(sizeof(m.head) + ISCSI_BHS_LEN + len);
	assert_int_equal(send(s->control, &m, m.head.size, 0), m.head.size);
}

static void a_relogin_goes_over_messages(void **state)
{
	static const char security[] = "TargetPortalGroupTag=3\0AuthMethod=None";
	static const char operational[] = "HeaderDigest=None\0MaxBurstLength=131072";
	struct scene *s = *state;
	struct pdu first = login_response(ISCSI_STAGE_SECURITY, ISCSI_STAGE_OPERATIONAL, 100);
	struct pdu second = login_response(ISCSI_STAGE_OPERATIONAL, ISCSI_STAGE_FULL_FEATURE, 101);
	struct pdu sent;
	struct peer_done done;

	begin(s, 5);
	sent = request(s, 5);
	/* RFC 7143 section 6.3.5: reinstatement is the same ISID and no TSIH */
	assert_memory_equal(sent.isid, isid, sizeof(isid));
	assert_int_equal(sent.tsih, 0);
	assert_int_equal(sent.exp_stat_sn, 77);
	answer(s, 5, &first, security, sizeof(security));
	request(s, 5);
	answer(s, 5, &second, operational, sizeof(operational));
	done = expect_done(s, 5, PEER_OUTCOME_DONE);
	assert_int_equal(done.exp_stat_sn, 102);
	assert_int_equal(done.params.max_burst_length, 131072);
}

static void a_refusal_ends_a_relogin(void **state)
{
	struct scene *s = *state;
	struct pdu refusal = login_response(0, 0, 100);
	struct peer_done done;

	refusal.flags = 0;
	refusal.status_class = 2;
	refusal.status_detail = 3;
	begin(s, 6);
	request(s, 6);
	answer(s, 6, &refusal, "", 0);
	done = expect_done(s, 6, PEER_OUTCOME_REFUSED);
	assert_int_equal(done.status_class, 2);
	assert_int_equal(done.status_detail, 3);
}

static void a_length_beyond_the_message_is_the_target_s_fault(void **state)
{
	struct scene *s = *state;
	struct pdu pdu = login_response(0, 1, 100);
	struct peer_pdu m = {.head = {.verb = PEER_PDU, .id = 7}};

	begin(s, 7);
	request(s, 7);
	pdu.data_len = 4;
	pdu_encode(&pdu, m.bytes);
	m.head.size = sizeof(m.head) + ISCSI_BHS_LEN + 3;
	assert_int_equal(send(s->control, &m, m.head.size, 0), m.head.size);
	expect_done(s, 7, PEER_OUTCOME_PROTOCOL);
}

static void an_answer_to_nobody_does_no_harm(void **state)
{
	struct scene *s = *state;
	struct pdu pdu = login_response(0, 1, 100);
	struct peer_cancel cancel = {
		.head = {.verb = PEER_CANCEL, .size = sizeof(cancel), .id = 8}};

	begin(s, 8);
	request(s, 8);
	assert_int_equal(send(s->control, &cancel, sizeof(cancel), 0), sizeof(cancel));
	answer(s, 8, &pdu, "", 0);
	begin(s, 9);
	request(s, 9);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_relogin_goes_over_messages),
		TEST(a_refusal_ends_a_relogin),
		TEST(a_length_beyond_the_message_is_the_target_s_fault),
		TEST(an_answer_to_nobody_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
