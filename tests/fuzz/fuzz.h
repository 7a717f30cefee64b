/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entry point that each fuzz_NAME.c defines (libFuzzer's), and how it says that something that
 * must always hold does not.  An input is used whole; there is no state between two inputs.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
			        #condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Text for people holds nothing but printable ASCII. */
static inline void must_be_printable(const char *s)
{
	for (; *s; s++)
		MUST(*s >= ' ' && *s <= '~');
}

#endif
