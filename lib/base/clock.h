/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that all deadlines are counted by. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "lib/base/macros.h"

/* CLOCK_MONOTONIC in microseconds. */
static inline uint64_t clock_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

#endif
