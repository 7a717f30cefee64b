/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash algorithms of CHAP by number and name.  No hashing: whoever only speaks of them needs
 * no cryptographic library.
 */
#ifndef PROTO_CHAP_ALGORITHM_H
#define PROTO_CHAP_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IANA, "PPP Authentication Algorithms". */
enum chap_algorithm {
	CHAP_MD5 = 5,
	CHAP_SHA1 = 6,
	CHAP_SHA256 = 7,
	CHAP_SHA3_256 = 8,
};

enum { CHAP_ALGORITHMS_MAX = 4 };

/* Most wanted first, none twice; an unused place at the end is 0. */
struct chap_algorithms {
	uint8_t number[CHAP_ALGORITHMS_MAX];
};

/* "MD5", "SHA1", "SHA256" or "SHA3-256", as records have it; NULL for any other number. */
const char *chap_algorithm_name(unsigned int number);

/* The number of a name, 0 for any other. */
uint8_t chap_algorithm_number(const char *name, size_t len);

/*
 * The algorithms of a list of names with commas or blanks between them, as records have it; what
 * is not known or comes again is left out.
 */
struct chap_algorithms chap_algorithms_parse(const char *names);

bool chap_algorithms_have(const struct chap_algorithms *list, unsigned int number);

/* Take one off; false if it is not in the list. */
bool chap_algorithms_remove(struct chap_algorithms *list, unsigned int number);

/* How many. */
size_t chap_algorithms_count(const struct chap_algorithms *list);

#endif
