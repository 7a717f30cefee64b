/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the peer process claims to have negotiated, held against what it was told to offer.  Nothing
 * that a target says, and no peer that a target has taken over, gets the kernel to send without a
 * digest that the record demands, or more than the record allows.
 */
#ifndef ISCSID_CLAIM_H
#define ISCSID_CLAIM_H

#include "iscsid/peermsg.h"

/*
 * Whether done (DONE, of a session) can be the end of login by the result functions of RFC 7143
 * section 13.  NULL: it can; else the key that cannot have that value, static.
 */
const char *claim_fault(const struct peer_login *login, const struct peer_done *done);

#endif
