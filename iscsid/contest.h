/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two hosts with one initiator name and ISID take a session from each other: a target ends the old
 * session when somebody logs in with both (RFC 7143 section 6.3.5), the loser logs in again, and so
 * on for ever.  Seen from one of them: each login succeeds, and soon after it the target closes the
 * connection.  Cloned machines do this.
 */
#ifndef ISCSID_CONTEST_H
#define ISCSID_CONTEST_H

#include <stdbool.h>
#include <stdint.h>

/* A connection that the target closes within so many seconds after the login ... */
enum { CONTEST_SHORT_SEC = 10 };
/* ... so many times in a row is no accident any more. */
enum { CONTEST_DROPS = 3 };

struct contest {
	uint64_t up_usec; /* the last login */
	unsigned int drops;
};

/* The session is logged in, now or again. */
void contest_up(struct contest *c, uint64_t now_usec);

/*
 * Its connection is gone; closed: the target closed it.  Whether it is time to say that another
 * host takes it: at the third time in a row and whenever that number has doubled.
 */
bool contest_down(struct contest *c, uint64_t now_usec, bool closed);

#endif
