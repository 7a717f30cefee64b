/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash of texts that never changes (FNV-1a, 64 bits): for what is kept over restarts.  No wall
 * against who chooses the texts.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What to begin with. */
#define HASH_START 0xcbf29ce484222325ULL

static inline uint64_t hash_bytes(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return h;
}

/* With its NUL, so that "a" "bc" and "ab" "c" differ. */
static inline uint64_t hash_text(uint64_t h, const char *text)
{
	return hash_bytes(h, text, strlen(text) + 1);
}

#endif
