/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a record's CHAP settings to the credentials of a login, and what the system's crypto policy
 * has to say about them.
 */
#ifndef ISCSID_AUTH_H
#define ISCSID_AUTH_H

#include <stdbool.h>

#include "iscsid/conn.h"
#include "iscsid/kparam.h"
#include "iscsid/peermsg.h"
#include "libiscsi-db/iscsi-db.h"

/* A sentence without full stop. */
enum { AUTH_WHY_SIZE = 256 };

/* Where the kernel says "1" when only approved algorithms may be used. */
#define AUTH_FIPS_FILE "/proc/sys/crypto/fips_enabled"

/*
 * Put the secrets that a node or discovery record only names (iscsi_db_secret_resolve()) in their
 * place.  When a session begins or is adopted: recovery may not wait for a file.  0, or -EINVAL
 * with why filled, which tells no secret; without CHAP nothing is looked up.
 */
int auth_resolve(struct iscsi_db_record *record, char why[static AUTH_WHY_SIZE]);

/*
 * Read the settings of a node or discovery record into *ret, which the caller wipes (peermsg.h).
 * authmethod None, and CHAP without a password, are a login without CHAP.  What is odd but can be
 * done is told to reason (NULL: nobody), with the name of the field and never its value. fips_file:
 * AUTH_FIPS_FILE; what it forbids is not offered.  Returns 0, or -EINVAL with why filled: the
 * settings cannot work; then *ret has nothing.
 */
int auth_fill(const struct iscsi_db_record *record, const char *fips_file, kparam_reason reason,
              void *data, struct peer_auth *ret, char why[static AUTH_WHY_SIZE]);

/* Overwrite the secrets, forget the rest. */
void auth_wipe(struct peer_auth *auth);

/*
 * Some targets take one algorithm's number for another's (7, SHA-256, for SHA-1), so that the right
 * answer is refused.  Whether a login that offered *list and ended with result is worth one more
 * attempt: then *list becomes the one algorithm that comes behind the chosen one.
 */
bool auth_retry(struct chap_algorithms *list, const struct conn_result *result);

/* What the user may do about result, where it has to do with CHAP; NULL: it has not.  Static. */
const char *auth_hint(const struct conn_result *result, bool chap);

#endif
