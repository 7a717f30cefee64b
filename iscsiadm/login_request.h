/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ISCSIADM_LOGIN_REQUEST_H
#define ISCSIADM_LOGIN_REQUEST_H

#include "iscsiadm/client.h"
#include "libiscsi-db/iscsi-db.h"

/*
 * Make the request of a login, whose body is the record as it would stand in its file.  wait: for
 * the result, else the daemon answers at once.  fail_fast: a portal that refuses ends it.  0 or a
 * negative errno.
 */
int login_request(const struct iscsi_db_record *record, bool wait, bool fail_fast,
                  struct client_request *ret);

#endif
