/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer authenticates, both ways, with random bytes of its own; the test is the target. */
#include "tests/unit/iscsid/peer_scene.h"

#include "lib/proto/chap.h"

static const struct secret host_secret = {15, "aSecret4TheHost"};
static const struct secret disk_secret = {15, "tSecret4TheDisk"};

struct target {
	struct digests *digests;
	struct pdu_stream *in;
	struct chap_keys keys;
	uint32_t stat_sn;
	int fd;
};

/* The initiator's next request: its CHAP keys. */
static void hear(struct target *t)
{
	char fault[TEXT_FAULT_SIZE] = "";
	struct kv_reader reader;
	struct pdu pdu;
	struct kv kv;
	int r = 0;

	t->keys = (struct chap_keys){0};
	while (r == 0) {
		size_t want;
		void *room;

		assert_int_equal(pdu_stream_want(t->in, &room, &want), 0);
		assert_int_equal(recv(t->fd, room, want, MSG_WAITALL), want);
		r = pdu_stream_got(t->in, want, &pdu);
		assert_true(r >= 0);
	}
	reader = kv_reader_make(KV_NUL, pdu.data, pdu.data_len);
	while (text_next(&reader, BINARY_TEXT_MAX, &kv, fault) > 0)
		assert_true(chap_keys_take(&t->keys, &kv, fault) >= 0);
	assert_string_equal(fault, "");
}

static void answer(struct target *t, uint8_t flags, struct writer *text)
{
	struct pdu pdu =
		login_response(ISCSI_STAGE_SECURITY, ISCSI_STAGE_OPERATIONAL, t->stat_sn++);
	struct writer w = writer_make(SCRIPT_MAX);

	pdu.flags = flags;
	pdu.data = text->data;
	pdu.data_len = (uint32_t)text->len;
	pdu_write(&w, &pdu);
	assert_int_equal(writer_status(&w), 0);
	say(t->fd, w.data, w.len);
	writer_done(&w);
	writer_done(text);
}

/* Up to the initiator's response: what it asks is in the keys then. */
static void challenge(struct target *t, int fd, const struct chap_nonce *nonce,
                      struct chap_verifier *ret)
{
	char fault[TEXT_FAULT_SIZE];
	struct writer w = writer_make(SCRIPT_MAX);

	t->fd = fd;
	hear(t);
	text_put(&w, "AuthMethod", "CHAP");
	answer(t, 0, &w);
	hear(t);
	assert_string_equal(t->keys.algorithms, "8,5");
	chap_put_algorithm(&w, CHAP_SHA3_256);
	assert_int_equal(
		chap_verifier_challenge(ret, CHAP_SHA3_256, nonce, BINARY_BASE64, NULL, &w, fault),
		0);
	answer(t, 0, &w);
	hear(t);
}

static struct peer_login login_with_chap(uint64_t id)
{
	struct peer_login login = usual_login(PEER_PURPOSE_SESSION, id);

	login.auth.algorithms = (struct chap_algorithms){{CHAP_SHA3_256, CHAP_MD5}};
	strcpy(login.auth.name, "host");
	strcpy(login.auth.target_name, "disk");
	login.auth.secret = host_secret;
	login.auth.target_secret = disk_secret;
	return login;
}

static void begin(struct scene *s, const struct peer_login *login, struct target *t,
                  int ret_pair[2])
{
	struct timeval patience = {.tv_sec = PATIENCE_MSEC / 1000};

	*t = (struct target){.digests = digests_new(), .stat_sn = 100};
	t->in = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	assert_non_null(t->digests);
	assert_non_null(t->in);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), 0);
	setsockopt(ret_pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	send_with_descriptor(s->control, login, sizeof(*login), ret_pair[0]);
}

static void finish(struct target *t, int pair[2])
{
	digests_free(t->digests);
	pdu_stream_free(t->in);
	close(pair[0]);
	close(pair[1]);
}

static void both_sides_prove_who_they_are(void **state)
{
	static const struct chap_expected host = {"host", &host_secret, &disk_secret};
	static const struct chap_responder disk = {.name = "disk", .secret = &disk_secret};
	static const struct chap_nonce nonce = {.identifier = 1, .challenge = "from the target"};
	struct peer_login login = login_with_chap(4);
	struct writer w = writer_make(SCRIPT_MAX);
	struct chap_verifier v = {0};
	char fault[TEXT_FAULT_SIZE] = "";
	struct peer_done done;
	struct target t;
	int pair[2];

	begin(*state, &login, &t, pair);
	challenge(&t, pair[1], &nonce, &v);
	assert_int_equal(chap_verifier_check(&v, t.digests, &t.keys, &host, fault), 0);
	assert_int_equal(
		chap_responder_answer(&disk, t.digests, CHAP_SHA3_256, &t.keys, &v, &w, fault), 0);
	answer(&t, ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_OPERATIONAL, &w);
	hear(&t);
	text_put(&w, "TargetAlias", "proved");
	{
		struct pdu last = login_response(ISCSI_STAGE_OPERATIONAL, ISCSI_STAGE_FULL_FEATURE,
		                                 t.stat_sn);
		struct writer bytes = writer_make(SCRIPT_MAX);

		last.data = w.data;
		last.data_len = (uint32_t)w.len;
		pdu_write(&bytes, &last);
		say(pair[1], bytes.data, bytes.len);
		writer_done(&bytes);
	}
	done = expect_done(*state, 4, PEER_OUTCOME_DONE);
	assert_string_equal(done.target_alias, "proved");
	assert_int_equal(done.chap_algorithm, CHAP_SHA3_256);
	writer_done(&w);
	finish(&t, pair);
}

static void a_target_that_proves_nothing_is_left(void **state)
{
	static const struct chap_responder disk = {.name = "disk", .secret = &host_secret};
	static const struct chap_nonce nonce = {.identifier = 1, .challenge = "from the target"};
	struct peer_login login = login_with_chap(5);
	struct writer w = writer_make(SCRIPT_MAX);
	struct chap_verifier v = {0};
	char fault[TEXT_FAULT_SIZE];
	struct peer_done done;
	struct target t;
	int pair[2];

	begin(*state, &login, &t, pair);
	challenge(&t, pair[1], &nonce, &v);
	assert_int_equal(
		chap_responder_answer(&disk, t.digests, CHAP_SHA3_256, &t.keys, &v, &w, fault), 0);
	answer(&t, ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_OPERATIONAL, &w);
	done = expect_done(*state, 5, PEER_OUTCOME_AUTH_FAILED);
	assert_string_equal(done.text, "CHAP_R was made with the secret of the opposite direction");
	finish(&t, pair);
}

static void one_secret_for_both_directions_is_told(void **state)
{
	struct peer_login login = login_with_chap(6);
	struct peer_done done;
	struct target t;
	int pair[2];

	login.auth.target_secret = host_secret;
	begin(*state, &login, &t, pair);
	done = expect_done(*state, 6, PEER_OUTCOME_AUTH_FAILED);
	assert_string_equal(
		done.text, "the same CHAP secret is set for both directions, which proves nothing");
	finish(&t, pair);
}

/* UNH CHAP 3.6.3 and 3.6.4: offers of the same challenge, at once and one after another. */
static void no_challenge_is_sent_twice(void **state)
{
	static const struct chap_nonce nonce = {.identifier = 1, .challenge = "from the target"};
	enum { LOGINS = 4 };
	struct binary seen[LOGINS];
	struct chap_verifier v;
	struct target t[LOGINS];
	int pairs[LOGINS][2];

	for (size_t i = 0; i < LOGINS; i++) {
		struct peer_login login = login_with_chap(10 + i);

		begin(*state, &login, &t[i], pairs[i]);
		challenge(&t[i], pairs[i][1], &nonce, &v);
		seen[i] = t[i].keys.challenge;
		assert_int_equal(seen[i].len, 32);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i].bytes, seen[j].bytes, seen[i].len);
	}
	for (size_t i = 0; i < LOGINS; i++)
		finish(&t[i], pairs[i]);
	for (size_t i = 0; i < LOGINS; i++) {
		union peer_message m;

		assert_int_equal(next_message(*state, &m), PEER_DONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_sides_prove_who_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_target_that_proves_nothing_is_left, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(one_secret_for_both_directions_is_told, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(no_challenge_is_sent_twice, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
