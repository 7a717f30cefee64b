/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP in iSCSI (RFC 7143 sections 12.1.3 and 9.2.1, RFC 1994), for either side and pure: whoever
 * needs random bytes gets them handed in.
 *
 * There are two roles.  The responder knows a secret and answers a challenge; the verifier
 * makes a challenge and judges the answer.  An initiator is the responder and, when the target
 * has to authenticate as well, also a verifier; a target is the verifier and then also a responder:
 *
 *   initiator                                       target
 *   chap_put_algorithms()     CHAP_A=7,5        ->  chap_choose()
 *   chap_chosen()             CHAP_A=7          <-  chap_put_algorithm()
 *                             CHAP_I CHAP_C         chap_verifier_challenge()
 *   chap_responder_answer()   CHAP_N CHAP_R     ->  chap_verifier_check()
 *   chap_verifier_challenge() CHAP_I CHAP_C
 *   chap_verifier_check()     CHAP_N CHAP_R     <-  chap_responder_answer()
 *
 * Each text that comes is collected whole with chap_keys_take(), then judged by the function of
 * its step.  Faults are sentences without full stop that name the key; no fault shows a response,
 * a challenge or a secret.
 */
#ifndef PROTO_CHAP_H
#define PROTO_CHAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/base/kv.h"
#include "lib/base/secret.h"
#include "lib/proto/binary.h"
#include "lib/proto/chap_algorithm.h"
#include "lib/proto/digest.h"
#include "lib/proto/text.h"

/* A CHAP_N with its NUL. */
enum { CHAP_NAME_SIZE = ISCSI_TEXT_VALUE_MAX + 1 };

/* As bits: which keys a text has, or should have. */
enum chap_key {
	CHAP_KEY_A = 1,
	CHAP_KEY_I = 2,
	CHAP_KEY_C = 4,
	CHAP_KEY_N = 8,
	CHAP_KEY_R = 16,
};

/* The CHAP keys of one text.  Start with zeros, and again before the next text. */
struct chap_keys {
	unsigned int present; /* enum chap_key */
	uint8_t identifier;
	char algorithms[ISCSI_TEXT_VALUE_MAX + 1];
	char name[CHAP_NAME_SIZE];
	struct binary challenge;
	struct binary response;
};

/*
 * Keep a pair if its key is one of CHAP's.  Returns 1 when it was, 0 when it was another, or
 * -EPROTO with fault filled when it came twice or its value is not legal: a number beyond a byte,
 * a binary value that is not well-formed, empty or has more than BINARY_MAX bytes.  Values may have
 * up to BINARY_TEXT_MAX bytes of text.
 */
int chap_keys_take(struct chap_keys *k, const struct kv *kv, char fault[static TEXT_FAULT_SIZE]);

/*
 * Whether the text has the keys required and no others.  Returns 0, or -EPROTO with fault filled:
 * what is missing or came out of order.
 */
int chap_keys_expect(const struct chap_keys *k, unsigned int required,
                     char fault[static TEXT_FAULT_SIZE]);

/* ---- the algorithm ------------------------------------------------------------------------ */

/* The algorithms of list that the library has, in the same order. */
struct chap_algorithms chap_usable(const struct digests *digests,
                                   const struct chap_algorithms *list);

/* Append CHAP_A with all of list, or with one. */
void chap_put_algorithms(struct writer *w, const struct chap_algorithms *list);
void chap_put_algorithm(struct writer *w, uint8_t algorithm);

/*
 * Target: the first of the initiator's list that ours has too.  Returns 0, -EPROTO (fault: no
 * list of numbers came) or -ENOTSUP (fault: none is common).
 */
int chap_choose(const struct chap_keys *k, const struct chap_algorithms *ours, uint8_t *ret,
                char fault[static TEXT_FAULT_SIZE]);

/*
 * Initiator: what the target chose out of our list.  Returns 0, -EPROTO (fault: it is no number,
 * or was not offered) or -ENOTSUP (fault: the target rejects all that was offered).
 */
int chap_chosen(const struct chap_keys *k, const struct chap_algorithms *offered, uint8_t *ret,
                char fault[static TEXT_FAULT_SIZE]);

/* ---- verifier ----------------------------------------------------------------------------- */

/* Random bytes for one challenge, never used twice. */
struct chap_nonce {
	uint8_t identifier;
	uint8_t challenge[DIGEST_SIZE_MAX];
};

/* What was asked.  Zeros: nothing yet. */
struct chap_verifier {
	uint8_t algorithm;
	uint8_t identifier;
	uint8_t challenge_len;
	uint8_t challenge[DIGEST_SIZE_MAX];
};

/*
 * Append CHAP_I and CHAP_C with as many bytes of nonce as the algorithm's results have; theirs,
 * the keys with a challenge of the other side, or NULL.  Returns 0, or -EPROTO with fault filled
 * when it would send theirs back (9.2.1).
 */
int chap_verifier_challenge(struct chap_verifier *v, uint8_t algorithm,
                            const struct chap_nonce *nonce, enum binary_encoding encoding,
                            const struct chap_keys *theirs, struct writer *w,
                            char fault[static TEXT_FAULT_SIZE]);

/* Whom to expect. */
struct chap_expected {
	/* borrowed */
	const char *name; /* NULL or "": any */
	const struct secret *secret;
	const struct secret *own; /* with which we answer the other side; NULL: we do not */
};

/*
 * Judge CHAP_N and CHAP_R in k.  Returns 0; -EPROTO when a key is missing or was never asked for;
 * -EACCES when the other side did not prove to be who is expected, or knows no other secret than
 * our own (9.2.1); -ENOTSUP or -ENOMEM from the hash.  fault is filled but for 0.
 */
int chap_verifier_check(const struct chap_verifier *v, struct digests *digests,
                        const struct chap_keys *k, const struct chap_expected *expected,
                        char fault[static TEXT_FAULT_SIZE]);

/* ---- responder ---------------------------------------------------------------------------- */

struct chap_responder {
	enum binary_encoding encoding;
	/* borrowed */
	const char *name;
	const struct secret *secret;
};

/*
 * Append CHAP_N and CHAP_R as the answer to CHAP_I and CHAP_C in k; ours, the verifier of this
 * side if it has asked already, or NULL.  Returns 0; -EPROTO when a key is missing, or the
 * challenge is our own sent back (9.2.1); -ENOTSUP or -ENOMEM from the hash.  fault is filled
 * but for 0.
 */
int chap_responder_answer(const struct chap_responder *r, struct digests *digests,
                          uint8_t algorithm, const struct chap_keys *k,
                          const struct chap_verifier *ours, struct writer *w,
                          char fault[static TEXT_FAULT_SIZE]);

/* Whether two secrets are the same, in a time that tells nothing about them. */
bool chap_same_secret(const struct secret *a, const struct secret *b);

#endif
