/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initiator's part in the security negotiation stage, RFC 7143 section 12.1: how CHAP goes on
 * from one text of the target's to the next.  Part of the login engine (login.c), for nobody else.
 */
#ifndef PROTO_LOGIN_SECURITY_H
#define PROTO_LOGIN_SECURITY_H

#include "lib/proto/login.h"

struct security;

/* What is offered as AuthMethod with these credentials. */
const char *security_methods(const struct login_auth *auth);

/* Whether method is one of them. */
bool security_offers(const struct login_auth *auth, const struct kv *method);

/* auth, with digests, is borrowed.  NULL: no memory. */
struct security *security_new(const struct login_auth *auth);
struct security *security_free(struct security *s);

/* Whether CHAP can be done at all with what is configured: 0, or -EACCES with fault filled. */
int security_check(const struct security *s, char fault[static TEXT_FAULT_SIZE]);

/* One key of the target's: as chap_keys_take(). */
int security_take(struct security *s, const struct kv *kv, char fault[static TEXT_FAULT_SIZE]);

/*
 * The target's text was taken whole; method is the AuthMethod that was agreed on, NULL: none
 * yet.  Appends what CHAP says next.  Returns 0; -EPROTO when the target broke the rules; -EACCES
 * or -ENOTSUP when it did not prove who it is, or has no algorithm for us; or -ENOMEM.  fault is
 * filled but for 0.
 */
int security_turn(struct security *s, const char *method, struct writer *w,
                  char fault[static TEXT_FAULT_SIZE]);

/* Whether nothing is left to say, so that the initiator may ask to leave the stage. */
bool security_complete(const struct security *s);

/* The algorithm that the target chose, 0: none yet. */
uint8_t security_algorithm(const struct security *s);

#endif
