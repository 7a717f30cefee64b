/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP as three steps.  Each state says which keys the target's next text has to bring; there is
 * no way back, so that nothing is ever answered twice.
 */
#include "lib/proto/login_security.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum security_state {
	SECURITY_METHOD,    /* AuthMethod was offered */
	SECURITY_ALGORITHM, /* CHAP_A was sent: the choice and a challenge are to come */
	SECURITY_ANSWERED,  /* CHAP_R was sent, with a challenge of ours if the target has to answer
	                       one */
	SECURITY_DONE,
};

struct security {
	enum security_state state;
	uint8_t algorithm;
	struct chap_algorithms offered;
	struct chap_verifier verifier;
	struct chap_keys keys;
	/* borrowed */
	const struct login_auth *auth;
};

/* Whether the target has to authenticate as well. */
static bool is_mutual(const struct login_auth *auth)
{
	return auth->target_secret && secret_is_set(auth->target_secret);
}

/*
 * A login that only proves who we are loses nothing when the target does not want to know; one that
 * has to know the target must not go on without.
 */
const char *security_methods(const struct login_auth *auth)
{
	if (!auth->digests)
		return "None";
	return is_mutual(auth) ? "CHAP" : "CHAP,None";
}

bool security_offers(const struct login_auth *auth, const struct kv *method)
{
	if (kv_value_is(method, "CHAP"))
		return auth->digests;
	return kv_value_is(method, "None") && !(auth->digests && is_mutual(auth));
}

struct security *security_new(const struct login_auth *auth)
{
	struct security *s = (struct security *)calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->auth = auth;
	s->offered = chap_usable(auth->digests, &auth->algorithms);
	return s;
}

struct security *security_free(struct security *s)
{
	free(s);
	return NULL;
}

int security_check(const struct security *s, char fault[static TEXT_FAULT_SIZE])
{
	const char *why = NULL;

	if (chap_algorithms_count(&s->offered) == 0)
		why = "none of the CHAP algorithms that are allowed is to be had here";
	else if (is_mutual(s->auth) && chap_same_secret(s->auth->secret, s->auth->target_secret))
		why = "the same CHAP secret is set for both directions, which proves nothing";
	if (!why)
		return 0;
	snprintf(fault, TEXT_FAULT_SIZE, "%s", why);
	return -EACCES;
}

int security_take(struct security *s, const struct kv *kv, char fault[static TEXT_FAULT_SIZE])
{
	return chap_keys_take(&s->keys, kv, fault);
}

static int begin(struct security *s, const char *method, struct writer *w,
                 char fault[static TEXT_FAULT_SIZE])
{
	int r = chap_keys_expect(&s->keys, 0, fault);

	if (r < 0 || !method)
		return r;
	if (strcmp(method, "CHAP") != 0) {
		s->state = SECURITY_DONE;
		return 0;
	}
	chap_put_algorithms(w, &s->offered);
	s->state = SECURITY_ALGORITHM;
	return 0;
}

static int answer(struct security *s, struct writer *w, char fault[static TEXT_FAULT_SIZE])
{
	const struct login_auth *auth = s->auth;
	const struct chap_responder responder = {
		.encoding = auth->encoding,
		.name = auth->name,
		.secret = auth->secret,
	};
	int r = chap_chosen(&s->keys, &s->offered, &s->algorithm, fault);

	if (r == 0)
		r = chap_keys_expect(&s->keys, CHAP_KEY_A | CHAP_KEY_I | CHAP_KEY_C, fault);
	if (r == 0)
		r = chap_responder_answer(&responder, auth->digests, s->algorithm, &s->keys, NULL,
		                          w, fault);
	if (r == 0 && is_mutual(auth))
		r = chap_verifier_challenge(&s->verifier, s->algorithm, &auth->nonce,
		                            auth->encoding, &s->keys, w, fault);
	if (r == 0)
		s->state = SECURITY_ANSWERED;
	return r;
}

static int judge(struct security *s, char fault[static TEXT_FAULT_SIZE])
{
	const struct chap_expected expected = {
		.name = s->auth->target_user,
		.secret = s->auth->target_secret,
		.own = s->auth->secret,
	};
	unsigned int required = is_mutual(s->auth) ? CHAP_KEY_N | CHAP_KEY_R : 0;
	int r = chap_keys_expect(&s->keys, required, fault);

	if (r == 0 && required)
		r = chap_verifier_check(&s->verifier, s->auth->digests, &s->keys, &expected, fault);
	if (r == 0)
		s->state = SECURITY_DONE;
	return r;
}

int security_turn(struct security *s, const char *method, struct writer *w,
                  char fault[static TEXT_FAULT_SIZE])
{
	int r = 0;

	switch (s->state) {
	case SECURITY_METHOD: r = begin(s, method, w, fault); break;
	case SECURITY_ALGORITHM: r = answer(s, w, fault); break;
	case SECURITY_ANSWERED: r = judge(s, fault); break;
	case SECURITY_DONE: r = chap_keys_expect(&s->keys, 0, fault); break;
	}
	s->keys.present = 0;
	return r;
}

bool security_complete(const struct security *s)
{
	return s->state == SECURITY_ANSWERED || s->state == SECURITY_DONE;
}

uint8_t security_algorithm(const struct security *s)
{
	return s->algorithm;
}
