/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hashes of CHAP, from OpenSSL: nothing else of ours knows that library.
 *
 * digests_new() does all that needs files, locks or much memory; what follows needs memory only,
 * so that a process may enter its jail in between.
 */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA3_256,
	DIGEST_COUNT,
};

/* Bytes of the longest of them. */
enum { DIGEST_SIZE_MAX = 32 };

/* A stretch of what is hashed. */
struct digest_part {
	size_t len;
	/* borrowed */
	const void *data;
};

struct digests;

/*
 * Look up every hash once, under the system's policy: OpenSSL's configuration file (openssl.cnf,
 * config(5)) may leave hashes out, MD5 for FIPS.  NULL: no memory.
 */
struct digests *digests_new(void);
struct digests *digests_free(struct digests *d);

/* Whether the library has it, and the policy allows it. */
bool digests_have(const struct digests *d, enum digest which);

/* Bytes of a result. */
size_t digest_size(enum digest which);

/*
 * The hash of the parts one behind another: digest_size() bytes at ret, all of it or nothing.
 * Returns 0, -ENOTSUP when the library has no such hash, or -ENOMEM.
 */
int digests_compute(struct digests *d, enum digest which, const struct digest_part *parts,
                    size_t count, uint8_t ret[static DIGEST_SIZE_MAX]);

/* Whether len bytes are the same, in a time that does not depend on them. */
bool digest_equal(const void *a, const void *b, size_t len);

#endif
