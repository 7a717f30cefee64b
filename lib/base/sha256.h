/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) for names that are derived from identities.
 *
 * Not for secrets: what authenticates uses the cryptographic library that policy governs.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 };

/* The digest of len bytes. */
void sha256(const void *data, size_t len, uint8_t ret[static SHA256_SIZE]);

#endif
