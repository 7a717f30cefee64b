/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/contest.h"

#include "lib/base/macros.h"

void contest_up(struct contest *c, uint64_t now_usec)
{
	c->up_usec = now_usec;
}

bool contest_down(struct contest *c, uint64_t now_usec, bool closed)
{
	const bool soon = c->up_usec && now_usec - c->up_usec <= CONTEST_SHORT_SEC * USEC_PER_SEC;
	unsigned int rounds;

	c->up_usec = 0;
	if (!closed || !soon) {
		c->drops = 0;
		return false;
	}
	c->drops++;
	/* 3, 6, 12, ... */
	rounds = c->drops / CONTEST_DROPS;
	return c->drops % CONTEST_DROPS == 0 && (rounds & (rounds - 1)) == 0;
}
