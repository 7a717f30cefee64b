/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP's two roles and its keys.  Responses were computed by another implementation of the hashes
 * from RFC 1994 4.1: identifier, secret, challenge.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/proto/chap.h"

#define HOST_SECRET "aSecret4TheHost"
#define DISK_SECRET "tSecret4TheDisk"

static const struct secret host_secret = {sizeof(HOST_SECRET) - 1, HOST_SECRET};
static const struct secret disk_secret = {sizeof(DISK_SECRET) - 1, DISK_SECRET};

/* A challenge of the target and the host's answer. */
#define CHALLENGE "CHAP_I=139;CHAP_C=0x404142434445464748494a4b4c4d4e4f"

static const struct {
	uint8_t algorithm;
	const char *hex;
} answers[] = {
	{CHAP_MD5, "0x2e754bc411352a9bbda81b5daa3ac316"},
	{CHAP_SHA1, "0x2de8d53116f485d0da7a8f966db81e1ce18a92a6"},
	{CHAP_SHA256, "0xff7d07480cfdacf613987f4f639e1e4844ce5a02ff2a80976ba9067f8fdb73c3"},
	{CHAP_SHA3_256, "0x0023ed9bdac58454ea86e192dc5c1dba4f651030af23a8891202820cc16f664f"},
};

/* The nonce a0a1a2... with identifier 42, and what the disk answers to it. */
static const struct {
	uint8_t algorithm;
	const char *challenge;
	const char *right;
	const char *with_the_hosts_secret;
} mutual[] = {
	{CHAP_MD5, "CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "0xc32fb0bd1cac6bbd67c1ec32b880a369", "0xc948c47c1103871e73ea8a78d16e259c"},
	{CHAP_SHA1, "CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3",
         "0x1afd89c9b90e8b13a085b2a0a3f2b4f1c869497e",
         "0xab10ba17ba0e2de9f4fa25aa84712985bca60bbf"},
	{CHAP_SHA256, "CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
         "0xffe65aaa6dfaae5e8409a7633365569f4cd3484ae2dd31e73816c50528730500",
         "0x4aed438ba57fe1f19bc97b293510d5d7232b18feda4f597b0508d5b11c6d0178"},
	{CHAP_SHA3_256, "CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
         "0xfa7b05438ff1fff8aaed8df664c7a0bbbbdcd72ee9401f7401c07474cbe1b886",
         "0xb60d2a5f278a76ac304d04f6a93d1b0b5aa8c4715a5c3ff7172a54469a509ec2"},
};

struct scene {
	struct digests *digests;
	struct chap_keys keys;
	struct writer sent;
	char fault[TEXT_FAULT_SIZE];
};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->digests = digests_new();
	assert_non_null(s->digests);
	s->sent = writer_make(BINARY_TEXT_MAX * 2);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	digests_free(s->digests);
	writer_done(&s->sent);
	free(s);
	return 0;
}

/* Collects "CHAP_A=5;CHAP_I=1"; the first result that is not 1. */
static int collect(struct scene *s, const char *pairs)
{
	s->keys = (struct chap_keys){0};
	s->fault[0] = '\0';
	while (*pairs) {
		size_t len = strcspn(pairs, ";"), key_len = strcspn(pairs, "=");
		const struct kv kv = {
			.key = pairs,
			.key_len = key_len,
			.value = pairs + key_len + 1,
			.value_len = len - key_len - 1,
		};
		int r = chap_keys_take(&s->keys, &kv, s->fault);

		if (r != 1)
			return r;
		pairs += len + (pairs[len] == ';');
	}
	return 1;
}

static bool has_sent(const struct scene *s, const char *pair)
{
	return s->sent.len > 0 && memmem(s->sent.data, s->sent.len, pair, strlen(pair) + 1);
}

static struct chap_nonce test_nonce(void)
{
	struct chap_nonce nonce = {.identifier = 42};

	for (size_t i = 0; i < sizeof(nonce.challenge); i++)
		nonce.challenge[i] = (uint8_t)(0xa0 + i);
	return nonce;
}

/* ---- keys --------------------------------------------------------------------------------- */

static void keys_are_collected(void **state)
{
	struct scene *s = *state;

	assert_int_equal(
		collect(s, "CHAP_A=5,7;CHAP_I=0xff;CHAP_C=0b/w==;CHAP_N=a=b;CHAP_R=0X0102"), 1);
	assert_int_equal(s->keys.present, 31);
	assert_string_equal(s->keys.algorithms, "5,7");
	assert_int_equal(s->keys.identifier, 255);
	assert_int_equal(s->keys.challenge.len, 1);
	assert_int_equal(s->keys.challenge.bytes[0], 0xff);
	assert_string_equal(s->keys.name, "a=b");
	assert_memory_equal(s->keys.response.bytes, "\x01\x02", 2);
	assert_int_equal(collect(s, "AuthMethod=CHAP"), 0);
	assert_int_equal(collect(s, "CHAP_X=1"), 0);
}

static void keys_that_are_not_legal_are_named(void **state)
{
	static const struct {
		const char *pairs, *fault;
	} rows[] = {
		{"CHAP_A=5;CHAP_A=5", "CHAP_A came twice"},
		{"CHAP_R=0x01;CHAP_N=x;CHAP_R=0x01", "CHAP_R came twice"},
		{"CHAP_I=256", "CHAP_I=256 is not a number from 0 to 255"},
		{"CHAP_I=-1", "CHAP_I=-1 is not a number from 0 to 255"},
		{"CHAP_I=", "CHAP_I= is not a number from 0 to 255"},
		{"CHAP_I=0x100", "CHAP_I=0x100 is not a number from 0 to 255"},
		{"CHAP_I=one", "CHAP_I=one is not a number from 0 to 255"},
		{"CHAP_C=", "CHAP_C is neither hexadecimal nor base64"},
		{"CHAP_C=1234", "CHAP_C is neither hexadecimal nor base64"},
		{"CHAP_C=0x", "CHAP_C is empty"},
		{"CHAP_C=0b", "CHAP_C is empty"},
		{"CHAP_R=0xabcx", "CHAP_R is neither hexadecimal nor base64"},
		{"CHAP_R=Reject", "CHAP_R is neither hexadecimal nor base64"},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(collect(s, rows[i].pairs), -EPROTO);
		assert_string_equal(s->fault, rows[i].fault);
	}
}

static void values_have_their_limits(void **state)
{
	struct scene *s = *state;
	char pair[2 + BINARY_TEXT_MAX + 16] = "CHAP_C=0x";

	memset(pair + 9, '1', 2048);
	assert_int_equal(collect(s, pair), 1);
	assert_int_equal(s->keys.challenge.len, 1024);
	memcpy(pair + 9 + 2048, "11", 3);
	assert_int_equal(collect(s, pair), -EPROTO);
	assert_string_equal(s->fault, "CHAP_C has more than 1024 bytes");
	pair[5] = 'R';
	assert_int_equal(collect(s, pair), -EPROTO);
	assert_string_equal(s->fault, "CHAP_R has more than 1024 bytes");
	pair[5] = 'N';
	pair[7 + 256] = '\0';
	assert_int_equal(collect(s, pair), -EPROTO);
	assert_string_equal(s->fault, "CHAP_N has 256 bytes, more than the 255 allowed");
	pair[7 + 255] = '\0';
	assert_int_equal(collect(s, pair), 1);
	assert_int_equal(strlen(s->keys.name), 255);
}

static void what_is_missing_or_out_of_order_is_named(void **state)
{
	static const struct {
		const char *pairs;
		unsigned int required;
		const char *fault; /* "": good */
	} rows[] = {
		{"", 0, ""},
		{"CHAP_A=5", CHAP_KEY_A, ""},
		{"CHAP_I=1", CHAP_KEY_I | CHAP_KEY_C, "CHAP_C is missing"},
		{"CHAP_A=5;CHAP_N=x", CHAP_KEY_A, "CHAP_N came out of order"},
		{"CHAP_N=x;CHAP_A=5", CHAP_KEY_N | CHAP_KEY_R, "CHAP_A came out of order"},
		{"CHAP_N=x", CHAP_KEY_N | CHAP_KEY_R, "CHAP_R is missing"},
		{"CHAP_R=0x01", 0, "CHAP_R came out of order"},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		collect(s, rows[i].pairs);
		assert_int_equal(chap_keys_expect(&s->keys, rows[i].required, s->fault),
		                 rows[i].fault[0] ? -EPROTO : 0);
		assert_string_equal(s->fault, rows[i].fault);
	}
}

/* ---- the algorithm ------------------------------------------------------------------------ */

static void algorithms_have_names_and_numbers(void **state)
{
	static const struct chap_algorithms all = {{7, 8, 5, 6}};
	struct chap_algorithms list = chap_algorithms_parse("SHA256, SHA3-256,MD5 SHA1");

	(void)state;
	assert_memory_equal(&list, &all, sizeof(all));
	list = chap_algorithms_parse("MD4,MD5,,MD5, sha1");
	assert_int_equal(chap_algorithms_count(&list), 1);
	assert_int_equal(list.number[0], 5);
	list = chap_algorithms_parse("");
	assert_int_equal(chap_algorithms_count(&list), 0);
	assert_string_equal(chap_algorithm_name(8), "SHA3-256");
	assert_null(chap_algorithm_name(9));
	list = all;
	assert_true(chap_algorithms_remove(&list, 8));
	assert_false(chap_algorithms_remove(&list, 8));
	assert_false(chap_algorithms_remove(&list, 0));
	assert_memory_equal(list.number, "\x07\x05\x06\x00", 4);
	assert_true(chap_algorithms_have(&list, 6));
	assert_false(chap_algorithms_have(&list, 0));
	assert_false(chap_algorithms_have(&list, 256 + 6));
}

static void algorithms_are_offered_in_order(void **state)
{
	static const struct chap_algorithms list = {{7, 5}}, unknown = {{9, 5, 4}};
	struct scene *s = *state;
	struct chap_algorithms usable;

	chap_put_algorithms(&s->sent, &list);
	assert_true(has_sent(s, "CHAP_A=7,5"));
	chap_put_algorithm(&s->sent, 8);
	assert_true(has_sent(s, "CHAP_A=8"));
	usable = chap_usable(s->digests, &unknown);
	assert_memory_equal(usable.number, "\x05\0\0\0", 4);
}

static void a_target_takes_the_initiators_first_that_it_has(void **state)
{
	static const struct chap_algorithms ours = {{5, 7}};
	static const struct {
		const char *pairs;
		int r;
		uint8_t algorithm;
		const char *fault;
	} rows[] = {
		{"CHAP_A=8,7,6,5", 0, 7, ""},
		{"CHAP_A=5,7", 0, 5, ""},
		{"CHAP_A=300,0x5", 0, 5, ""},
		{"CHAP_A=99999999999999999999,7", 0, 7, ""},
		{"CHAP_A=6", -ENOTSUP, 0, "CHAP_A=6 has no algorithm that is allowed here"},
		{"CHAP_A=263", -ENOTSUP, 0, "CHAP_A=263 has no algorithm that is allowed here"},
		{"CHAP_A=", -EPROTO, 0, "CHAP_A= is not a list of numbers"},
		{"CHAP_A=6,", -EPROTO, 0, "CHAP_A=6, is not a list of numbers"},
		{"CHAP_A=MD5", -EPROTO, 0, "CHAP_A=MD5 is not a list of numbers"},
		{"CHAP_N=x", -EPROTO, 0, "CHAP_N came out of order"},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t algorithm = 0;

		collect(s, rows[i].pairs);
		assert_int_equal(chap_choose(&s->keys, &ours, &algorithm, s->fault), rows[i].r);
		assert_int_equal(algorithm, rows[i].algorithm);
		assert_string_equal(s->fault, rows[i].fault);
	}
}

static void an_initiator_takes_only_what_it_offered(void **state)
{
	static const struct chap_algorithms offered = {{7, 5}};
	static const struct {
		const char *pairs;
		int r;
		uint8_t algorithm;
		const char *fault;
	} rows[] = {
		{"CHAP_A=5;" CHALLENGE, 0, 5, ""},
		{"CHAP_A=0x7;" CHALLENGE, 0, 7, ""},
		{"CHAP_A=8;" CHALLENGE, -EPROTO, 0, "CHAP_A=8 was not among what was offered"},
		{"CHAP_A=0;" CHALLENGE, -EPROTO, 0, "CHAP_A=0 was not among what was offered"},
		{"CHAP_A=261;" CHALLENGE, -EPROTO, 0, "CHAP_A=261 was not among what was offered"},
		{"CHAP_A=7,5;" CHALLENGE, -EPROTO, 0, "CHAP_A=7,5 is not one number"},
		{"CHAP_A=MD5;" CHALLENGE, -EPROTO, 0, "CHAP_A=MD5 is not one number"},
		{"CHAP_A=Reject", -ENOTSUP, 0, "the target rejects every CHAP_A that was offered"},
		{CHALLENGE, -EPROTO, 0, "CHAP_A is missing"},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t algorithm = 0;

		collect(s, rows[i].pairs);
		assert_int_equal(chap_chosen(&s->keys, &offered, &algorithm, s->fault), rows[i].r);
		assert_int_equal(algorithm, rows[i].algorithm);
		assert_string_equal(s->fault, rows[i].fault);
	}
}

/* ---- roles -------------------------------------------------------------------------------- */

static void a_responder_answers_with_every_algorithm(void **state)
{
	const struct chap_responder host = {.name = "host", .secret = &host_secret};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		char pair[96];

		writer_reset(&s->sent);
		assert_int_equal(collect(s, CHALLENGE), 1);
		assert_int_equal(chap_responder_answer(&host, s->digests, answers[i].algorithm,
		                                       &s->keys, NULL, &s->sent, s->fault),
		                 0);
		snprintf(pair, sizeof(pair), "CHAP_R=%s", answers[i].hex);
		assert_true(has_sent(s, "CHAP_N=host"));
		assert_true(has_sent(s, pair));
	}
}

static void a_responder_may_speak_base64(void **state)
{
	const struct chap_responder host = {
		.name = "host", .secret = &host_secret, .encoding = BINARY_BASE64};
	struct scene *s = *state;

	assert_int_equal(collect(s, "CHAP_I=0x8B;CHAP_C=0BQEFCQ0RFRkdISUpLTE1OTw=="), 1);
	assert_int_equal(chap_responder_answer(&host, s->digests, CHAP_MD5, &s->keys, NULL,
	                                       &s->sent, s->fault),
	                 0);
	assert_true(has_sent(s, "CHAP_R=0bLnVLxBE1Kpu9qBtdqjrDFg=="));
}

static void a_responder_answers_no_challenge_of_its_own_side(void **state)
{
	const struct chap_responder host = {.name = "host", .secret = &host_secret};
	const struct chap_nonce nonce = test_nonce();
	struct chap_verifier ours = {0};
	struct scene *s = *state;

	assert_int_equal(chap_verifier_challenge(&ours, CHAP_MD5, &nonce, BINARY_HEX, NULL,
	                                         &s->sent, s->fault),
	                 0);
	writer_reset(&s->sent);
	assert_int_equal(collect(s, "CHAP_I=1;CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), 1);
	assert_int_equal(chap_responder_answer(&host, s->digests, CHAP_MD5, &s->keys, &ours,
	                                       &s->sent, s->fault),
	                 -EPROTO);
	assert_string_equal(s->fault, "CHAP_C is our own challenge sent back");
	assert_int_equal(s->sent.len, 0);
	assert_int_equal(collect(s, "CHAP_I=1"), 1);
	assert_int_equal(chap_responder_answer(&host, s->digests, CHAP_MD5, &s->keys, &ours,
	                                       &s->sent, s->fault),
	                 -EPROTO);
	assert_string_equal(s->fault, "CHAP_C is missing");
}

static void a_verifier_sends_no_challenge_back(void **state)
{
	const struct chap_nonce nonce = test_nonce();
	struct chap_verifier v = {0};
	struct scene *s = *state;

	assert_int_equal(collect(s, "CHAP_I=1;CHAP_C=0xa0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), 1);
	assert_int_equal(chap_verifier_challenge(&v, CHAP_MD5, &nonce, BINARY_HEX, &s->keys,
	                                         &s->sent, s->fault),
	                 -EPROTO);
	assert_string_equal(s->fault, "CHAP_C of the other side is the one that was chosen here");
	assert_int_equal(s->sent.len, 0);
}

static void a_verifier_takes_the_right_answer_and_no_other(void **state)
{
	const struct chap_expected expected = {"disk", &disk_secret, &host_secret};
	const struct chap_nonce nonce = test_nonce();
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(mutual); i++) {
		struct chap_verifier v = {0};
		char pairs[128];

		writer_reset(&s->sent);
		assert_int_equal(chap_verifier_challenge(&v, mutual[i].algorithm, &nonce,
		                                         BINARY_HEX, NULL, &s->sent, s->fault),
		                 0);
		assert_true(has_sent(s, "CHAP_I=42"));
		assert_true(has_sent(s, mutual[i].challenge));

		snprintf(pairs, sizeof(pairs), "CHAP_N=disk;CHAP_R=%s", mutual[i].right);
		assert_int_equal(collect(s, pairs), 1);
		assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
		                 0);

		/* every bit of it counts */
		for (size_t bit = 0; bit < 8 * s->keys.response.len; bit++) {
			s->keys.response.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(
				chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
				-EACCES);
			s->keys.response.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		/* and its length */
		s->keys.response.len--;
		assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
		                 -EACCES);
		s->keys.response.len += 2;
		assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
		                 -EACCES);
		assert_string_equal(s->fault, "CHAP_R is wrong: the other side has another secret");

		snprintf(pairs, sizeof(pairs), "CHAP_N=disk;CHAP_R=%s",
		         mutual[i].with_the_hosts_secret);
		assert_int_equal(collect(s, pairs), 1);
		assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
		                 -EACCES);
		assert_string_equal(s->fault,
		                    "CHAP_R was made with the secret of the opposite direction");
	}
}

static void one_secret_for_both_directions_is_refused(void **state)
{
	/* RFC 7143 9.2.1: even when both sides were given it */
	const struct chap_expected expected = {"disk", &disk_secret, &disk_secret};
	const struct chap_nonce nonce = test_nonce();
	struct chap_verifier v = {0};
	struct scene *s = *state;
	char pairs[128];

	assert_int_equal(
		chap_verifier_challenge(&v, CHAP_MD5, &nonce, BINARY_HEX, NULL, &s->sent, s->fault),
		0);
	snprintf(pairs, sizeof(pairs), "CHAP_N=disk;CHAP_R=%s", mutual[0].right);
	assert_int_equal(collect(s, pairs), 1);
	assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &expected, s->fault),
	                 -EACCES);
	assert_true(chap_same_secret(&disk_secret, &disk_secret));
	assert_false(chap_same_secret(&disk_secret, &host_secret));
}

static void a_verifier_knows_its_partys_name(void **state)
{
	const struct chap_expected named = {"disk", &disk_secret, NULL};
	const struct chap_expected any = {"", &disk_secret, NULL};
	const struct chap_nonce nonce = test_nonce();
	struct chap_verifier v = {0};
	struct scene *s = *state;
	char pairs[128];

	snprintf(pairs, sizeof(pairs), "CHAP_N=Disk;CHAP_R=%s", mutual[0].right);
	assert_int_equal(collect(s, pairs), 1);
	assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &any, s->fault), -EPROTO);
	assert_string_equal(s->fault, "CHAP_R came before a challenge");
	assert_int_equal(
		chap_verifier_challenge(&v, CHAP_MD5, &nonce, BINARY_HEX, NULL, &s->sent, s->fault),
		0);
	assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &any, s->fault), 0);
	assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &named, s->fault), -EACCES);
	assert_string_equal(s->fault, "CHAP_N=Disk is not the name that is expected");
	assert_int_equal(collect(s, "CHAP_N=disk"), 1);
	assert_int_equal(chap_verifier_check(&v, s->digests, &s->keys, &named, s->fault), -EPROTO);
	assert_string_equal(s->fault, "CHAP_R is missing");
}

#define in_scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scene(keys_are_collected),
		in_scene(keys_that_are_not_legal_are_named),
		in_scene(values_have_their_limits),
		in_scene(what_is_missing_or_out_of_order_is_named),
		in_scene(algorithms_have_names_and_numbers),
		in_scene(algorithms_are_offered_in_order),
		in_scene(a_target_takes_the_initiators_first_that_it_has),
		in_scene(an_initiator_takes_only_what_it_offered),
		in_scene(a_responder_answers_with_every_algorithm),
		in_scene(a_responder_may_speak_base64),
		in_scene(a_responder_answers_no_challenge_of_its_own_side),
		in_scene(a_verifier_sends_no_challenge_back),
		in_scene(a_verifier_takes_the_right_answer_and_no_other),
		in_scene(one_secret_for_both_directions_is_refused),
		in_scene(a_verifier_knows_its_partys_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
