/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from how an attempt ended: the public error, whether it is worth another one, and
 * when.
 */
#ifndef ISCSID_POLICY_H
#define ISCSID_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/conn.h"
#include "lib/ipc/error.h"

/* Between two attempts: 1 s, then a second more each time, up to this. */
enum { RETRY_STEP_MAX_SEC = 5 };

struct policy {
	enum iscsi_err login_error;     /* exit code of a login that ended so */
	enum iscsi_err discovery_error; /* of a discovery */
	bool retry;
	const char *hint; /* what the user may do, a part of a sentence; NULL: nothing to say */
};

/* The rule for an outcome; one that is not in the table (never LOGGED_IN) is INTERNAL. */
const struct policy *policy_of(const struct conn_result *result);

/* The same for a query of an iSNS server, which is never tried again. */
const struct policy *policy_of_query(const struct conn_result *result);

/*
 * Whether to try again after this.  With fail_fast not after what nobody but an administrator
 * changes soon: a portal that refuses, no route to it, a way that is not there.
 */
bool policy_retries(const struct conn_result *result, bool fail_fast);

/*
 * How long to wait before attempt number next (2, 3, ...) of a login that began began_usec and may
 * go on for limit_usec; 0 when the limit leaves no room for it.
 */
uint64_t policy_retry_delay(unsigned int next, uint64_t began_usec, uint64_t limit_usec,
                            uint64_t now_usec);

#endif
