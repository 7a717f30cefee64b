/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP's keys, hash and two roles.  What is compared with something secret is compared in constant
 * time; results on the stack are overwritten.
 */
#include "lib/proto/chap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/quote.h"

/* As much of a value as a sentence can carry. */
enum { SHOWN = 64 };

static const struct {
	enum chap_key key;
	const char *name;
} key_names[] = {
	{CHAP_KEY_A, "CHAP_A"}, {CHAP_KEY_I, "CHAP_I"}, {CHAP_KEY_C, "CHAP_C"},
	{CHAP_KEY_N, "CHAP_N"}, {CHAP_KEY_R, "CHAP_R"},
};

_printf_(3, 4) static int complain(char fault[static TEXT_FAULT_SIZE], int error, const char *fmt,
                                   ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault, TEXT_FAULT_SIZE, fmt, ap);
	va_end(ap);
	return error;
}

/* ---- keys --------------------------------------------------------------------------------- */

static int take_text(char *dst, size_t size, const char *name, const struct kv *kv,
                     char fault[static TEXT_FAULT_SIZE])
{
	if (kv_value_copy(kv, dst, size) < 0)
		return complain(fault, -EPROTO, "%s has %zu bytes, more than the %zu allowed", name,
		                kv->value_len, size - 1);
	return 1;
}

static int take_identifier(struct chap_keys *k, const struct kv *kv,
                           char fault[static TEXT_FAULT_SIZE])
{
	char shown[SHOWN];
	uint64_t number;

	if (num_iscsi(kv->value, kv->value_len, UINT8_MAX, &number) < 0)
		return complain(fault, -EPROTO, "CHAP_I=%s is not a number from 0 to 255",
		                quote_bytes(shown, sizeof(shown), kv->value, kv->value_len));
	k->identifier = (uint8_t)number;
	return 1;
}

static int take_binary(struct binary *dst, const char *name, const struct kv *kv,
                       char fault[static TEXT_FAULT_SIZE])
{
	int r = binary_parse(kv->value, kv->value_len, dst);

	if (r == -EMSGSIZE)
		return complain(fault, -EPROTO, "%s has more than %d bytes", name, BINARY_MAX);
	if (r < 0)
		return complain(fault, -EPROTO, "%s is neither hexadecimal nor base64", name);
	if (dst->len == 0)
		return complain(fault, -EPROTO, "%s is empty", name);
	return 1;
}

int chap_keys_take(struct chap_keys *k, const struct kv *kv, char fault[static TEXT_FAULT_SIZE])
{
	const char *name = NULL;
	enum chap_key key = 0;

	for (size_t i = 0; i < ARRAY_LEN(key_names) && !name; i++) {
		if (kv_key_is(kv, key_names[i].name)) {
			name = key_names[i].name;
			key = key_names[i].key;
		}
	}
	if (!name)
		return 0;
	if (k->present & key)
		return complain(fault, -EPROTO, "%s came twice", name);
	k->present |= key;
	switch (key) {
	case CHAP_KEY_A: return take_text(k->algorithms, sizeof(k->algorithms), name, kv, fault);
	case CHAP_KEY_I: return take_identifier(k, kv, fault);
	case CHAP_KEY_C: return take_binary(&k->challenge, name, kv, fault);
	case CHAP_KEY_N: return take_text(k->name, sizeof(k->name), name, kv, fault);
	case CHAP_KEY_R: return take_binary(&k->response, name, kv, fault);
	}
	return 0;
}

int chap_keys_expect(const struct chap_keys *k, unsigned int required,
                     char fault[static TEXT_FAULT_SIZE])
{
	for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
		bool here = k->present & key_names[i].key;

		if (here && !(required & key_names[i].key))
			return complain(fault, -EPROTO, "%s came out of order", key_names[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
		if (required & key_names[i].key && !(k->present & key_names[i].key))
			return complain(fault, -EPROTO, "%s is missing", key_names[i].name);
	}
	return 0;
}

/* ---- the algorithm ------------------------------------------------------------------------ */

static bool digest_of(uint8_t algorithm, enum digest *ret)
{
	switch ((enum chap_algorithm)algorithm) {
	case CHAP_MD5: *ret = DIGEST_MD5; return true;
	case CHAP_SHA1: *ret = DIGEST_SHA1; return true;
	case CHAP_SHA256: *ret = DIGEST_SHA256; return true;
	case CHAP_SHA3_256: *ret = DIGEST_SHA3_256; return true;
	}
	return false;
}

struct chap_algorithms chap_usable(const struct digests *digests,
                                   const struct chap_algorithms *list)
{
	struct chap_algorithms usable = *list;
	enum digest digest;

	for (size_t i = 0; i < CHAP_ALGORITHMS_MAX; i++)
		if (!digest_of(list->number[i], &digest) || !digests_have(digests, digest))
			chap_algorithms_remove(&usable, list->number[i]);
	return usable;
}

void chap_put_algorithms(struct writer *w, const struct chap_algorithms *list)
{
	char text[CHAP_ALGORITHMS_MAX * sizeof("255,")] = "";
	size_t count = chap_algorithms_count(list), len = 0;

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u", i ? "," : "",
		                        list->number[i]);
	text_put(w, "CHAP_A", text);
}

void chap_put_algorithm(struct writer *w, uint8_t algorithm)
{
	text_put_number(w, "CHAP_A", algorithm);
}

int chap_choose(const struct chap_keys *k, const struct chap_algorithms *ours, uint8_t *ret,
                char fault[static TEXT_FAULT_SIZE])
{
	const char *p = k->algorithms;
	char shown[SHOWN];
	int r = chap_keys_expect(k, CHAP_KEY_A, fault);

	if (r < 0)
		return r;
	for (;; p++) {
		size_t len = strcspn(p, ",");
		uint64_t number;

		r = num_iscsi(p, len, UINT32_MAX, &number);
		if (r == -EINVAL)
			break;
		if (r == 0 && chap_algorithms_have(ours, (unsigned int)number)) {
			*ret = (uint8_t)number;
			return 0;
		}
		p += len;
		if (!*p)
			break;
	}
	quote_bytes(shown, sizeof(shown), k->algorithms, strlen(k->algorithms));
	if (r == -EINVAL)
		return complain(fault, -EPROTO, "CHAP_A=%s is not a list of numbers", shown);
	return complain(fault, -ENOTSUP, "CHAP_A=%s has no algorithm that is allowed here", shown);
}

int chap_chosen(const struct chap_keys *k, const struct chap_algorithms *offered, uint8_t *ret,
                char fault[static TEXT_FAULT_SIZE])
{
	char shown[SHOWN];
	uint64_t number;

	if (!(k->present & CHAP_KEY_A))
		return chap_keys_expect(k, CHAP_KEY_A | CHAP_KEY_I | CHAP_KEY_C, fault);
	if (strcmp(k->algorithms, "Reject") == 0)
		return complain(fault, -ENOTSUP,
		                "the target rejects every CHAP_A that was offered");
	quote_bytes(shown, sizeof(shown), k->algorithms, strlen(k->algorithms));
	if (num_iscsi(k->algorithms, strlen(k->algorithms), UINT32_MAX, &number) < 0)
		return complain(fault, -EPROTO, "CHAP_A=%s is not one number", shown);
	if (!chap_algorithms_have(offered, (unsigned int)number))
		return complain(fault, -EPROTO, "CHAP_A=%s was not among what was offered", shown);
	*ret = (uint8_t)number;
	return 0;
}

/* RFC 1994 4.1: the identifier, the secret and the challenge, one behind another. */
static int compute(struct digests *digests, uint8_t algorithm, uint8_t identifier,
                   const struct secret *secret, const struct digest_part *challenge,
                   struct digest_part *ret, uint8_t result[static DIGEST_SIZE_MAX],
                   char fault[static TEXT_FAULT_SIZE])
{
	const struct digest_part parts[] = {
		{.data = &identifier, .len = sizeof(identifier)},
		{.data = secret->bytes, .len = secret->len},
		*challenge,
	};
	enum digest digest;
	int r = -ENOTSUP;

	if (digest_of(algorithm, &digest))
		r = digests_compute(digests, digest, parts, ARRAY_LEN(parts), result);
	if (r == -ENOTSUP)
		return complain(fault, r, "CHAP algorithm %u is not to be had here", algorithm);
	if (r < 0)
		return complain(fault, r, "out of memory");
	*ret = (struct digest_part){.data = result, .len = digest_size(digest)};
	return 0;
}

/* ---- verifier ----------------------------------------------------------------------------- */

int chap_verifier_challenge(struct chap_verifier *v, uint8_t algorithm,
                            const struct chap_nonce *nonce, enum binary_encoding encoding,
                            const struct chap_keys *theirs, struct writer *w,
                            char fault[static TEXT_FAULT_SIZE])
{
	enum digest digest;

	if (!digest_of(algorithm, &digest))
		return complain(fault, -EPROTO, "CHAP algorithm %u is not to be had here",
		                algorithm);
	v->algorithm = algorithm;
	v->identifier = nonce->identifier;
	v->challenge_len = (uint8_t)digest_size(digest);
	memcpy(v->challenge, nonce->challenge, v->challenge_len);
	if (theirs && theirs->challenge.len == v->challenge_len &&
	    memcmp(theirs->challenge.bytes, v->challenge, v->challenge_len) == 0)
		return complain(fault, -EPROTO,
		                "CHAP_C of the other side is the one that was chosen here");
	text_put_number(w, "CHAP_I", v->identifier);
	writer_str(w, "CHAP_C=");
	binary_put(w, encoding, v->challenge, v->challenge_len);
	writer_u8(w, 0);
	return 0;
}

/* Whether the response in k is what someone with secret would have answered. */
static int matches(const struct chap_verifier *v, struct digests *digests,
                   const struct chap_keys *k, const struct secret *secret, bool *ret,
                   char fault[static TEXT_FAULT_SIZE])
{
	const struct digest_part challenge = {.data = v->challenge, .len = v->challenge_len};
	uint8_t result[DIGEST_SIZE_MAX];
	struct digest_part expected;
	int r = compute(digests, v->algorithm, v->identifier, secret, &challenge, &expected, result,
	                fault);

	if (r < 0)
		return r;
	*ret = k->response.len == expected.len &&
	       digest_equal(k->response.bytes, result, expected.len);
	explicit_bzero(result, sizeof(result));
	return 0;
}

int chap_verifier_check(const struct chap_verifier *v, struct digests *digests,
                        const struct chap_keys *k, const struct chap_expected *expected,
                        char fault[static TEXT_FAULT_SIZE])
{
	bool good = false, own = false;
	char shown[SHOWN];
	int r;

	if (!v->algorithm)
		return complain(fault, -EPROTO, "CHAP_R came before a challenge");
	if (!(k->present & CHAP_KEY_N) || !(k->present & CHAP_KEY_R))
		return complain(fault, -EPROTO, "%s is missing",
		                k->present & CHAP_KEY_N ? "CHAP_R" : "CHAP_N");
	r = matches(v, digests, k, expected->secret, &good, fault);
	if (r == 0 && expected->own)
		r = matches(v, digests, k, expected->own, &own, fault);
	if (r < 0)
		return r;
	if (own)
		return complain(fault, -EACCES,
		                "CHAP_R was made with the secret of the opposite direction");
	if (expected->name && expected->name[0] && strcmp(expected->name, k->name) != 0)
		return complain(fault, -EACCES, "CHAP_N=%s is not the name that is expected",
		                quote_bytes(shown, sizeof(shown), k->name, strlen(k->name)));
	if (!good)
		return complain(fault, -EACCES,
		                "CHAP_R is wrong: the other side has another secret");
	return 0;
}

/* ---- responder ---------------------------------------------------------------------------- */

int chap_responder_answer(const struct chap_responder *r, struct digests *digests,
                          uint8_t algorithm, const struct chap_keys *k,
                          const struct chap_verifier *ours, struct writer *w,
                          char fault[static TEXT_FAULT_SIZE])
{
	const struct digest_part challenge = {.data = k->challenge.bytes, .len = k->challenge.len};
	uint8_t result[DIGEST_SIZE_MAX];
	struct digest_part response;
	int error;

	if (!(k->present & CHAP_KEY_I) || !(k->present & CHAP_KEY_C))
		return complain(fault, -EPROTO, "%s is missing",
		                k->present & CHAP_KEY_I ? "CHAP_C" : "CHAP_I");
	if (ours && ours->algorithm && k->challenge.len == ours->challenge_len &&
	    memcmp(k->challenge.bytes, ours->challenge, ours->challenge_len) == 0)
		return complain(fault, -EPROTO, "CHAP_C is our own challenge sent back");
	error = compute(digests, algorithm, k->identifier, r->secret, &challenge, &response, result,
	                fault);
	if (error < 0)
		return error;
	text_put(w, "CHAP_N", r->name);
	writer_str(w, "CHAP_R=");
	binary_put(w, r->encoding, response.data, response.len);
	writer_u8(w, 0);
	explicit_bzero(result, sizeof(result));
	return 0;
}

bool chap_same_secret(const struct secret *a, const struct secret *b)
{
	return digest_equal(a, b, sizeof(*a));
}
