/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One login over one socket, and for a discovery the SendTargets exchange behind it, or a query of
 * an iSNS server: bytes in and out of the engines of lib/proto, and what came of it as a report to
 * the manager.  A relogin has no socket: its PDUs go by the manager to the kernel, which has the
 * connection already.
 */
#ifndef ISCSID_PEER_EXCHANGE_H
#define ISCSID_PEER_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/peer/report.h"
#include "iscsid/peermsg.h"
#include "lib/proto/digest.h"

struct exchange;

/*
 * A login that has not sent anything yet.  request passed peermsg_check() and is copied; fd, a
 * connected stream socket, or -1 for a relogin, is the exchange's from now on; digests and report
 * are borrowed.  NULL: no memory or no random bytes, and fd is still the caller's.
 */
struct exchange *exchange_new(const struct peer_login *request, int fd, struct digests *digests,
                              struct report *report);
struct exchange *exchange_free(struct exchange *x);

/*
 * Send and receive what goes without waiting, from the first request on.  True: it goes on when
 * the socket is ready for exchange_events() (level-triggered).  False: it has ended and was
 * reported; nothing behind the last PDU of a login was read.
 */
bool exchange_run(struct exchange *x);

/* What the target answered to a relogin's PDU: header and data.  As exchange_run(). */
bool exchange_pdu(struct exchange *x, const uint8_t *bytes, size_t len);

/* EPOLLIN, or EPOLLOUT while something waits to be sent: nothing is read then. */
uint32_t exchange_events(const struct exchange *x);

/* -1: it has none. */
int exchange_fd(const struct exchange *x);
uint64_t exchange_id(const struct exchange *x);

#endif
