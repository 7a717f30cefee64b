/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/policy.h"

#include <errno.h>

enum { ANY = -1 };

/* The first row that fits counts.  Class and detail: RFC 7143 section 11.13.5. */
static const struct row {
	enum conn_outcome outcome;
	int status_class, status_detail;
	struct policy policy;
} rows[] = {
	{CONN_OUTCOME_UNRESOLVED,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS, ISCSI_ERR_TRANS, false, "check the name and the resolver"}},
	{CONN_OUTCOME_NO_WAY,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_PDU_TIMEOUT, true,
          "compare the interface record with the devices and addresses of this host"}},
	{CONN_OUTCOME_UNCONNECTED,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_PDU_TIMEOUT, true,
          "check that a target listens there and that the network lets it through"}},
	{CONN_OUTCOME_SILENT,
         ANY,
         ANY,
         {ISCSI_ERR_PDU_TIMEOUT, ISCSI_ERR_PDU_TIMEOUT, true,
          "check that the port is an iSCSI target's"}},
	{CONN_OUTCOME_REFUSED,
         2,
         1,
         {ISCSI_ERR_LOGIN_AUTH_FAILED, ISCSI_ERR_LOGIN_AUTH_FAILED, false,
          "compare the record's CHAP settings with the target's"}},
	{CONN_OUTCOME_REFUSED,
         2,
         2,
         {ISCSI_ERR_LOGIN_AUTH_FAILED, ISCSI_ERR_LOGIN_AUTH_FAILED, false,
          "the target's access list has to name this initiator"}},
	{CONN_OUTCOME_REFUSED,
         2,
         3,
         {ISCSI_ERR_FATAL_LOGIN, ISCSI_ERR_FATAL_LOGIN, false,
          "discover the portal's targets again"}},
	{CONN_OUTCOME_REFUSED, 2, ANY, {ISCSI_ERR_FATAL_LOGIN, ISCSI_ERR_FATAL_LOGIN, false, NULL}},
	{CONN_OUTCOME_REFUSED,
         3,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_PDU_TIMEOUT, true, NULL}},
	{CONN_OUTCOME_REFUSED,
         ANY,
         ANY,
         {ISCSI_ERR_FATAL_LOGIN, ISCSI_ERR_FATAL_LOGIN, false, NULL}},
	{CONN_OUTCOME_AUTH_FAILED,
         ANY,
         ANY,
         {ISCSI_ERR_LOGIN_AUTH_FAILED, ISCSI_ERR_LOGIN_AUTH_FAILED, false,
          "compare username_in and password_in of the record with the target's"}},
	{CONN_OUTCOME_PROTOCOL, ANY, ANY, {ISCSI_ERR_LOGIN, ISCSI_ERR_LOGIN, false, NULL}},
	{CONN_OUTCOME_CLOSED,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_PDU_TIMEOUT, true, NULL}},
	{CONN_OUTCOME_LOST, ANY, ANY, {ISCSI_ERR_INTERNAL, ISCSI_ERR_INTERNAL, true, NULL}},
};

static const struct policy internal = {ISCSI_ERR_INTERNAL, ISCSI_ERR_INTERNAL, false, NULL};

static bool fits(int wanted, int value)
{
	return wanted == ANY || wanted == value;
}

const struct policy *policy_of(const struct conn_result *result)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].outcome == result->outcome &&
		    fits(rows[i].status_class, result->status_class) &&
		    fits(rows[i].status_detail, result->status_detail))
			return &rows[i].policy;
	}
	return &internal;
}

static bool is_final(const struct conn_result *result)
{
	static const int errors[] = {ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ENETDOWN,
	                             EACCES,       EPERM,       EADDRNOTAVAIL};

	if (result->outcome == CONN_OUTCOME_NO_WAY)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (result->outcome == CONN_OUTCOME_UNCONNECTED && result->error == errors[i])
			return true;
	}
	return false;
}

bool policy_retries(const struct conn_result *result, bool fail_fast)
{
	return policy_of(result)->retry && !(fail_fast && is_final(result));
}

uint64_t policy_retry_delay(unsigned int next, uint64_t began_usec, uint64_t limit_usec,
                            uint64_t now_usec)
{
	unsigned int step = next < 2 ? 1 : next - 1;
	uint64_t delay = MIN(step, (unsigned int)RETRY_STEP_MAX_SEC) * USEC_PER_SEC;

	return now_usec + delay < began_usec + limit_usec ? delay : 0;
}
