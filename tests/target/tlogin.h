/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's side of the login phase (RFC 7143 6.3, 11.12 and 11.13).
 */
#ifndef TARGET_TLOGIN_H
#define TARGET_TLOGIN_H

#include "lib/proto/pdu.h"

struct conn;
struct tlogin;

/* The login of conn, which outlives it.  NULL: no memory. */
struct tlogin *tlogin_new(struct conn *conn);
struct tlogin *tlogin_free(struct tlogin *l);

/*
 * A PDU came.  The answer is queued; when it is the last one, conn has a session and is in its full
 * feature phase (l is freed then), or it ends.
 */
void tlogin_step(struct tlogin *l, const struct pdu *pdu);

#endif
