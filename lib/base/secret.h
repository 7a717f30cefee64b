/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A password in memory.  There is no function that prints one, and none will be: what has to
 * know the bytes takes them from the structure.  Plain data, so that it can be part of another.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest value of a record's field. */
enum { SECRET_MAX = 255 };

struct secret {
	uint8_t len; /* 0: none */
	uint8_t bytes[SECRET_MAX];
};

/* Whether there is one. */
static inline bool secret_is_set(const struct secret *s)
{
	return s->len > 0;
}

/* Keep a copy of len bytes, 0 of them for none.  0, or -ENAMETOOLONG (and *s is as it was). */
int secret_set(struct secret *s, const void *bytes, size_t len);

/* Overwrite it: none is left.  Also what a _cleanup_() attribute takes. */
void secret_wipe(struct secret *s);

#endif
