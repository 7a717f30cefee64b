/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/policy.h"

#include <errno.h>
#include <limits.h>

#include "lib/base/macros.h"
#include "lib/proto/isns.h"

enum { ANY = -1 };

/* The first row that fits counts. */
struct row {
	enum conn_outcome outcome;
	/* class and detail (RFC 7143 section 11.13.5); of a query, function and status (RFC 4171
	 * sections 5.1.2 and 5.4) */
	int what, status;
	struct policy policy;
};

static const struct row login_rows[] = {
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

static const struct row query_rows[] = {
	{CONN_OUTCOME_UNRESOLVED,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS, ISCSI_ERR_ISNS_QUERY, false, "check the name and the resolver"}},
	{CONN_OUTCOME_NO_WAY,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_ISNS_QUERY, false,
          "compare the interface record with the devices and addresses of this host"}},
	{CONN_OUTCOME_UNCONNECTED,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS_TIMEOUT, ISCSI_ERR_ISNS_QUERY, false,
          "check that an iSNS server listens there and that the network lets it through"}},
	{CONN_OUTCOME_SILENT,
         ANY,
         ANY,
         {ISCSI_ERR_PDU_TIMEOUT, ISCSI_ERR_ISNS_QUERY, false,
          "check that the port is an iSNS server's"}},
	{CONN_OUTCOME_PROTOCOL,
         ANY,
         ANY,
         {ISCSI_ERR_TRANS, ISCSI_ERR_ISNS_QUERY, false, "check that the port is an iSNS server's"}},
	{CONN_OUTCOME_ISNS_REFUSED,
         ISNS_DEV_ATTR_REG,
         ANY,
         {ISCSI_ERR_ISNS_REG_FAILED, ISCSI_ERR_ISNS_REG_FAILED, false,
          "the server answers registered nodes only: it has to take this initiator"}},
	{CONN_OUTCOME_ISNS_REFUSED,
         ANY,
         ISNS_STATUS_SOURCE_UNAUTHORIZED,
         {ISCSI_ERR_ISNS_QUERY, ISCSI_ERR_ISNS_QUERY, false,
          "the server has to let this initiator ask"}},
	{CONN_OUTCOME_ISNS_REFUSED,
         ANY,
         ISNS_STATUS_NO_SUCH_ENTRY,
         {ISCSI_ERR_ISNS_QUERY, ISCSI_ERR_ISNS_QUERY, false,
          "a discovery domain of the server has to show this initiator targets"}},
};

static const struct policy query_internal = {ISCSI_ERR_ISNS_QUERY, ISCSI_ERR_ISNS_QUERY, false,
                                             NULL};

static const struct policy internal = {ISCSI_ERR_INTERNAL, ISCSI_ERR_INTERNAL, false, NULL};

static bool fits(int wanted, int value)
{
	return wanted == ANY || wanted == value;
}

static const struct policy *find(const struct row *rows, size_t count, enum conn_outcome outcome,
                                 int what, int status)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].outcome == outcome && fits(rows[i].what, what) &&
		    fits(rows[i].status, status))
			return &rows[i].policy;
	}
	return NULL;
}

const struct policy *policy_of(const struct conn_result *result)
{
	const struct policy *p = find(login_rows, ARRAY_LEN(login_rows), result->outcome,
	                              result->status_class, result->status_detail);

	return p ? p : &internal;
}

const struct policy *policy_of_query(const struct conn_result *result)
{
	/* a status that is no number of the RFC is no row's */
	const struct policy *p =
		find(query_rows, ARRAY_LEN(query_rows), result->outcome, result->isns_function,
	             (int)MIN(result->isns_status, INT_MAX));

	return p ? p : &query_internal;
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
