/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children that were killed stay with their loop until the kernel lets them go (child.c). */
#ifndef TEST_REAP_H
#define TEST_REAP_H

#include <sys/wait.h>

#include "iscsid/loop.h"
#include "lib/base/macros.h"

/* Turn the loop until it has reaped all of them, so that nothing is left when it is freed. */
static inline void reap_all(struct loop *loop)
{
	siginfo_t info;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       loop_step(loop, 10 * USEC_PER_MSEC) == 0)
		;
}

#endif
