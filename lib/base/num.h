/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checked numbers: the whole text must be one number within bounds, or it is an error.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A decimal number, an optional '-' first.  len bytes at text, no NUL needed.
 * Returns 0; -EINVAL when the text is not a number; -ERANGE when it is outside [min, max].
 */
int num_parse(const char *text, size_t len, int64_t min, int64_t max, int64_t *ret);

/* The same for a NUL-terminated text and smaller types. */
int num_int(const char *text, int min, int max, int *ret);
int num_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret);

/*
 * A numerical-value of RFC 7143 section 6.1: decimal, or hexadecimal behind 0x or 0X;
 * at most 64 bits.  Returns 0, -EINVAL or -ERANGE.
 */
int num_iscsi(const char *text, size_t len, uint64_t max, uint64_t *ret);

#endif
