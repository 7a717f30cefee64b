/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP from the target's side (RFC 7143 12.1.3), with an initiator that answers by the same hashes.
 */
#include "lib/proto/chap.h"
#include "tests/unit/target/initiator.h"

#define NAMES "InitiatorName=" INITIATOR "\0TargetName=" NAME "\0SessionType=Normal\0"

static void apply(struct fixture *f, const char *option, const char *value)
{
	assert_int_equal(options_apply(&f->options, f->options.targets, option, value, f->fault),
	                 0);
}

static void send_keys(struct fixture *f, uint8_t flags, struct writer *w)
{
	assert_int_equal(writer_status(w), 0);
	send_pdu(f, LOGIN(flags, .data = w->data, .data_len = (uint32_t)w->len));
	writer_done(w);
}

/* Up to the challenge, which is in keys then. */
static void get_challenge(struct fixture *f, const char *algorithms, struct chap_keys *keys)
{
	struct writer w = writer_make(65536);
	char fault[TEXT_FAULT_SIZE];
	struct kv_reader r;
	struct pdu rsp;
	struct kv kv;

	writer_bytes(&w, NAMES "AuthMethod=CHAP,None", sizeof(NAMES "AuthMethod=CHAP,None"));
	send_keys(f, TO_OPERATIONAL, &w);
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_true(has_key(&rsp, "AuthMethod", "CHAP"));
	assert_false(rsp.flags & ISCSI_LOGIN_TRANSIT);
	text_put(&w, "CHAP_A", algorithms);
	send_keys(f, 0, &w);
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_false(rsp.flags & ISCSI_LOGIN_TRANSIT);
	*keys = (struct chap_keys){0};
	r = kv_reader_make(KV_NUL, rsp.data, rsp.data_len);
	while (kv_next(&r, &kv) > 0)
		assert_true(chap_keys_take(keys, &kv, fault) >= 0);
	assert_int_equal(keys->present & (CHAP_KEY_A | CHAP_KEY_I | CHAP_KEY_C),
	                 CHAP_KEY_A | CHAP_KEY_I | CHAP_KEY_C);
}

static void put_answer(struct fixture *f, const char *user, const char *text,
                       const struct chap_keys *keys, struct writer *w)
{
	struct chap_responder responder = {.encoding = BINARY_BASE64, .name = user};
	char fault[TEXT_FAULT_SIZE];
	struct secret secret = {0};

	secret_set(&secret, text, strlen(text));
	responder.secret = &secret;
	assert_int_equal(chap_responder_answer(&responder, f->options.digests,
	                                       (uint8_t)atoi(keys->algorithms), keys, NULL, w,
	                                       fault),
	                 0);
}

static void every_algorithm_leads_in(void **state)
{
	static const struct {
		const char *offered, *chosen, *encoding;
		size_t challenge;
	} cases[] = {{"5", "5", "hex", 16},       {"6", "6", "base64", 20},
	             {"7", "7", "hex", 32},       {"8", "8", "base64", 32},
	             {"8,7,6,5", "8", "hex", 32}, {"99,5,7", "5", "hex", 16}};
	struct fixture *f = *state;

	apply(f, "account", "user/user-secret");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct writer w = writer_make(65536);
		struct chap_keys keys;
		struct pdu rsp;

		apply(f, "chap-encoding", cases[i].encoding);
		get_challenge(f, cases[i].offered, &keys);
		assert_string_equal(keys.algorithms, cases[i].chosen);
		assert_int_equal(keys.challenge.len, cases[i].challenge);
		put_answer(f, "user", "user-secret", &keys, &w);
		send_keys(f, TO_OPERATIONAL, &w);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, 0);
		assert_int_equal(rsp.flags, TO_OPERATIONAL);
		send_pdu(f, LOGIN(TO_FULL_FEATURE, .data = NULL));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, 0);
		assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
		disconnect(f);
		connect_to(f);
	}
}

static void who_does_not_know_the_secret_stays_out(void **state)
{
	static const struct {
		const char *user, *secret;
	} cases[] = {{"user", "another-secret"}, {"nobody", "user-secret"}};
	struct fixture *f = *state;

	apply(f, "account", "user/user-secret");
	apply(f, "account", "other/another-secret");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct writer w = writer_make(65536);
		struct chap_keys keys;
		struct pdu rsp;

		get_challenge(f, "5", &keys);
		put_answer(f, cases[i].user, cases[i].secret, &keys, &w);
		send_keys(f, TO_OPERATIONAL, &w);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, ISCSI_LOGIN_AUTH_FAILED);
		expect_closed(f);
		disconnect(f);
		connect_to(f);
	}
}

/* Nobody gets past the security stage by leaving it out, or leaving it early. */
static void chap_cannot_be_passed_over(void **state)
{
	const struct {
		struct pdu req;
		uint16_t status;
	} cases[] = {
		{*LOGIN(TO_FULL_FEATURE, KEYS(NAMES)), ISCSI_LOGIN_AUTH_FAILED},
		{*LOGIN(TO_OPERATIONAL, KEYS(NAMES "AuthMethod=None")), ISCSI_LOGIN_AUTH_FAILED},
		{*LOGIN(TO_OPERATIONAL, KEYS(NAMES "AuthMethod=CHAP\0CHAP_N=user\0CHAP_R=0x00")),
	         ISCSI_LOGIN_INITIATOR_ERROR},
		{*LOGIN(TO_OPERATIONAL, KEYS(NAMES "CHAP_A=5")), ISCSI_LOGIN_INITIATOR_ERROR},
	};
	struct fixture *f = *state;

	apply(f, "account", "user/user-secret");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pdu rsp;

		send_pdu(f, &cases[i].req);
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, cases[i].status);
		expect_closed(f);
		disconnect(f);
		connect_to(f);
	}
	/* without AuthMethod at all it waits: no transit, no session */
	for (int i = 0; i < 3; i++) {
		struct pdu rsp;

		send_pdu(f, LOGIN(ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_FULL_FEATURE, KEYS(NAMES)));
		rsp = expect(f, ISCSI_OP_LOGIN_RSP);
		assert_status(&rsp, 0);
		assert_false(rsp.flags & ISCSI_LOGIN_TRANSIT);
		assert_int_equal(f->conn->phase, CONN_LOGIN);
	}
}

static void no_algorithm_in_common_ends_the_login(void **state)
{
	struct fixture *f = *state;
	struct writer w = writer_make(65536);
	struct pdu rsp;

	apply(f, "account", "user/user-secret");
	apply(f, "chap-algorithms", "SHA256");
	writer_bytes(&w, NAMES "AuthMethod=CHAP", sizeof(NAMES "AuthMethod=CHAP"));
	send_keys(f, TO_OPERATIONAL, &w);
	expect(f, ISCSI_OP_LOGIN_RSP);
	send_pdu(f, LOGIN(0, KEYS("CHAP_A=5,8")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, ISCSI_LOGIN_AUTH_FAILED);
	expect_closed(f);
}

/* The target proves itself when asked, but never sends its own challenge's answer back. */
static void it_answers_when_asked_back(void **state)
{
	struct fixture *f = *state;
	struct writer w = writer_make(65536);
	struct chap_nonce nonce = {.identifier = 9, .challenge = {1, 2, 3}};
	struct chap_verifier verifier = {0};
	struct secret own = {0}, other = {0};
	struct chap_expected expected = {.name = "target", .secret = &own, .own = &other};
	char fault[TEXT_FAULT_SIZE];
	struct chap_keys keys, theirs = {0};
	struct kv_reader r;
	struct pdu rsp;
	struct kv kv;

	apply(f, "account", "user/user-secret");
	apply(f, "mutual", "target/target-secret");
	secret_set(&own, "target-secret", 13);
	secret_set(&other, "user-secret", 11);
	get_challenge(f, "7", &keys);
	put_answer(f, "user", "user-secret", &keys, &w);
	assert_int_equal(
		chap_verifier_challenge(&verifier, 7, &nonce, BINARY_HEX, &keys, &w, fault), 0);
	send_keys(f, TO_OPERATIONAL, &w);
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_int_equal(rsp.flags, TO_OPERATIONAL);
	r = kv_reader_make(KV_NUL, rsp.data, rsp.data_len);
	while (kv_next(&r, &kv) > 0)
		assert_true(chap_keys_take(&theirs, &kv, fault) >= 0);
	assert_int_equal(
		chap_verifier_check(&verifier, f->options.digests, &theirs, &expected, fault), 0);
}

static void a_reflected_challenge_is_not_answered(void **state)
{
	struct fixture *f = *state;
	struct writer w = writer_make(65536);
	struct chap_keys keys;
	struct pdu rsp;

	apply(f, "account", "user/user-secret");
	apply(f, "mutual", "target/target-secret");
	get_challenge(f, "5", &keys);
	put_answer(f, "user", "user-secret", &keys, &w);
	text_put_number(&w, "CHAP_I", keys.identifier);
	writer_str(&w, "CHAP_C=");
	binary_put(&w, BINARY_HEX, keys.challenge.bytes, keys.challenge.len);
	writer_u8(&w, 0);
	send_keys(f, TO_OPERATIONAL, &w);
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_int_equal(rsp.status_class, ISCSI_LOGIN_CLASS_INITIATOR_ERROR);
	expect_closed(f);
}

static void discovery_has_accounts_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	apply(f, "discovery-account", "finder/finder-secret");
	LOG_IN(f, ""); /* a target without accounts is open */
	disconnect(f);
	connect_to(f);
	send_pdu(f, LOGIN(TO_FULL_FEATURE,
	                  KEYS("InitiatorName=" INITIATOR "\0SessionType=Discovery")));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, ISCSI_LOGIN_AUTH_FAILED);
}

/* needs: challenges come from the kernel's generator, none twice */
static void challenges_are_never_the_same(void **state)
{
	enum { COUNT = 32 };
	struct fixture *f = *state;
	struct binary seen[COUNT];

	apply(f, "account", "user/user-secret");
	for (size_t i = 0; i < COUNT; i++) {
		struct chap_keys keys;

		get_challenge(f, "5", &keys);
		seen[i] = keys.challenge;
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i].bytes, seen[j].bytes, seen[i].len);
		disconnect(f);
		connect_to(f);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_algorithm_leads_in),
		TEST(who_does_not_know_the_secret_stays_out),
		TEST(chap_cannot_be_passed_over),
		TEST(no_algorithm_in_common_ends_the_login),
		TEST(it_answers_when_asked_back),
		TEST(a_reflected_challenge_is_not_answered),
		TEST(discovery_has_accounts_of_its_own),
		TEST(challenges_are_never_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
