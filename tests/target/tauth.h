/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP as the target sees it (RFC 7143 12.1.3): it asks, and answers when it is asked back.
 */
#ifndef TARGET_TAUTH_H
#define TARGET_TAUTH_H

#include <stdbool.h>

#include "lib/base/kv.h"
#include "lib/proto/chap.h"
#include "tests/target/account.h"

struct tauth;

struct tauth_config {
	struct chap_algorithms algorithms; /* that we take */
	enum binary_encoding encoding;
	/* borrowed as long as the login lasts */
	struct digests *digests;
	const struct accounts *accounts;
};

/* Nothing was said yet.  NULL: no memory. */
struct tauth *tauth_new(const struct tauth_config *config);
struct tauth *tauth_free(struct tauth *a);

/* As chap_keys_take(). */
int tauth_take(struct tauth *a, const struct kv *kv, char fault[static TEXT_FAULT_SIZE]);

/*
 * A text is complete; chosen: AuthMethod=CHAP was agreed on, now or before.  What is to be said
 * goes to w.  Returns 0, -EPROTO, -EACCES (not who it should be), -ENOTSUP (no algorithm in common)
 * or -ENOMEM, with fault filled.
 */
int tauth_turn(struct tauth *a, bool chosen, struct writer *w, char fault[static TEXT_FAULT_SIZE]);

/* Whether the initiator has proved who it is. */
bool tauth_done(const struct tauth *a);

#endif
