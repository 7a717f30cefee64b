/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP as three steps; there is no way back.
 */
#include "tests/target/tauth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/macros.h"

enum tauth_state {
	TAUTH_METHOD,    /* CHAP is to be chosen */
	TAUTH_ALGORITHM, /* it was: CHAP_A is to come */
	TAUTH_RESPONSE,  /* the challenge went out */
	TAUTH_DONE,
};

struct tauth {
	struct tauth_config config;
	enum tauth_state state;
	struct chap_verifier verifier;
	struct chap_keys keys;
};

struct tauth *tauth_new(const struct tauth_config *config)
{
	struct tauth *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->config = *config;
	a->config.algorithms = chap_usable(config->digests, &config->algorithms);
	return a;
}

struct tauth *tauth_free(struct tauth *a)
{
	free(a);
	return NULL;
}

int tauth_take(struct tauth *a, const struct kv *kv, char fault[static TEXT_FAULT_SIZE])
{
	return chap_keys_take(&a->keys, kv, fault);
}

static int challenge(struct tauth *a, struct writer *w, char fault[static TEXT_FAULT_SIZE])
{
	struct chap_nonce nonce;
	uint8_t algorithm;
	int r = chap_keys_expect(&a->keys, CHAP_KEY_A, fault);

	if (r == 0)
		r = chap_choose(&a->keys, &a->config.algorithms, &algorithm, fault);
	if (r < 0)
		return r;
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce)) {
		snprintf(fault, TEXT_FAULT_SIZE, "no random bytes for a challenge");
		return -ENOMEM;
	}
	chap_put_algorithm(w, algorithm);
	a->state = TAUTH_RESPONSE;
	return chap_verifier_challenge(&a->verifier, algorithm, &nonce, a->config.encoding, NULL, w,
	                               fault);
}

static int judge(struct tauth *a, struct writer *w, char fault[static TEXT_FAULT_SIZE])
{
	const struct account *own = &a->config.accounts->own;
	const struct account *account = accounts_find(a->config.accounts, a->keys.name);
	unsigned int asked = a->keys.present & (CHAP_KEY_I | CHAP_KEY_C);
	struct chap_expected expected = {.own = own->user[0] ? &own->secret : NULL};
	struct chap_responder responder = {
		.encoding = a->config.encoding, .name = own->user, .secret = &own->secret};
	int r = chap_keys_expect(
		&a->keys, CHAP_KEY_N | CHAP_KEY_R | (asked ? CHAP_KEY_I | CHAP_KEY_C : 0), fault);

	if (r < 0)
		return r;
	if (!account) {
		snprintf(fault, TEXT_FAULT_SIZE, "there is no account of that CHAP_N");
		return -EACCES;
	}
	expected.secret = &account->secret;
	r = chap_verifier_check(&a->verifier, a->config.digests, &a->keys, &expected, fault);
	if (r == 0 && asked && !own->user[0]) {
		snprintf(fault, TEXT_FAULT_SIZE,
		         "it asks back, but there is nothing to answer with");
		return -EACCES;
	}
	if (r == 0 && asked)
		r = chap_responder_answer(&responder, a->config.digests, a->verifier.algorithm,
		                          &a->keys, &a->verifier, w, fault);
	if (r == 0)
		a->state = TAUTH_DONE;
	return r;
}

int tauth_turn(struct tauth *a, bool chosen, struct writer *w, char fault[static TEXT_FAULT_SIZE])
{
	int r = 0;

	switch (a->state) {
	case TAUTH_METHOD:
		r = chap_keys_expect(&a->keys, 0, fault);
		if (r == 0 && chosen)
			a->state = TAUTH_ALGORITHM;
		break;
	case TAUTH_ALGORITHM: r = challenge(a, w, fault); break;
	case TAUTH_RESPONSE: r = judge(a, w, fault); break;
	case TAUTH_DONE: r = chap_keys_expect(&a->keys, 0, fault); break;
	}
	a->keys = (struct chap_keys){0};
	return r;
}

bool tauth_done(const struct tauth *a)
{
	return a->state == TAUTH_DONE;
}
