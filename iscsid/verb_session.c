/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/verb_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iscsid/auth.h"
#include "iscsid/session.h"
#include "lib/base/log.h"

/* RFC 7143 section 11.12.6: there is one connection, number 0. */
enum { CID = 0 };

/* The session that a request is about; NULL when the request was answered. */
static struct session *session_of(struct manager *m, struct request *request,
                                  const struct ipc_message *msg)
{
	struct session *s = NULL;
	int sid;

	if (ipc_message_get_int(msg, "sid", 1, INT32_MAX, 0, &sid) < 0) {
		request_done(request, ISCSI_ERR_INVAL, "sid is not a session's number");
		return NULL;
	}
	s = session_by_sid(m, (uint32_t)sid);
	if (!s)
		request_done(request, ISCSI_ERR_SESS_NOT_FOUND, "there is no such session");
	return s;
}

/* "snmp.rjt_pdus=0", "extended.eh_abort_cnt=0"; a name that would not be a key is left out. */
static void put_counter(void *data, bool custom, const char *name, uint64_t value)
{
	struct writer *w = (struct writer *)data;
	char key[NL_STATS_NAME_SIZE + 16];

	if (!name[0] || strpbrk(name, "= \t\r\n"))
		return;
	snprintf(key, sizeof(key), "%s.%s", custom ? "extended" : "snmp", name);
	kv_putf(w, KV_NEWLINE, key, "%" PRIu64, value);
}

void verb_stats(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct session *s = session_of(m, request, msg);
	struct nl *nl = transport_nl(m->transport);
	struct writer w;
	int r;

	if (!s)
		return;
	request_begin(request, IPC_REPLY_DONE, &w);
	kv_put(&w, KV_NEWLINE, "error", "0");
	r = nl ? nl_get_stats(nl, s->sid, CID, put_counter, &w) : -ENODEV;
	if (r == 0) {
		request_finish(request, &w);
		return;
	}
	writer_done(&w);
	if (r == -EEXIST)
		request_done(request, ISCSI_ERR_SESS_NOT_FOUND, "it has no connection");
	else
		request_done(request, iscsi_err_from_errno(r),
		             "the kernel does not tell its statistics: %s", strerror(-r));
}

static void on_problem(void *data, unsigned int line, const char *text)
{
	const struct session *s = (const struct session *)data;

	log_warning("session %u %s: record, line %u: %s, using the default", s->sid,
	            s->id.target_name, line, text);
}

/* The record that came becomes the session's; false: the request was answered. */
static bool take_record(struct session *s, struct request *request, const struct ipc_message *msg)
{
	struct iscsi_db_record *record = NULL;
	char no_secret[AUTH_WHY_SIZE];
	const char *why;
	int r = iscsi_db_record_parse(ISCSI_DB_NODE, msg->text, msg->len, on_problem, s, &record);

	if (r < 0) {
		request_done(request, iscsi_err_from_errno(r), "there is no usable record: %s",
		             strerror(-r));
	} else if (auth_resolve(record, no_secret) < 0) {
		request_done(request, ISCSI_ERR_LOGIN_AUTH_FAILED, "%s", no_secret);
	} else {
		r = session_take_record(s, record, &why);
		if (r == 0)
			return true;
		request_done(request, iscsi_err_from_errno(r), "the record cannot be used: %s",
		             why);
	}
	iscsi_db_record_free(record);
	return false;
}

void verb_reconnect(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct session *s = session_of(m, request, msg);
	struct kv kv;

	if (!s)
		return;
	if (ipc_message_get(msg, "node.name", &kv) == 1 && !take_record(s, request, msg))
		return;
	session_renew(s, request);
}
