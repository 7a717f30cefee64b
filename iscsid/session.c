/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/adopt.h"
#include "iscsid/session_fsm.h"
#include "lib/base/log.h"

static const char *text_of(const struct iscsi_db_record *r, const char *key)
{
	const char *v = iscsi_db_record_get(r, key);

	return v ? v : "";
}

static uint32_t seconds_of(const struct iscsi_db_record *r, const char *key, uint32_t def)
{
	int64_t v = iscsi_db_record_get_int(r, key, def);

	return v > 0 && v <= UINT16_MAX ? (uint32_t)v : def;
}

/* What the record says the session is, checked: it becomes parameters, paths and log lines. */
static int identify(const struct iscsi_db_record *r, struct run_state *ret, const char **ret_why)
{
	const char *target = text_of(r, "node.name"), *iface = text_of(r, "iface.iscsi_ifacename");
	const char *address = text_of(r, "node.conn[0].address");
	int64_t port = iscsi_db_record_get_int(r, "node.conn[0].port", ISCSI_PORT);
	struct run_state id = {0};

	if (!iscsi_name_valid(target, strlen(target), ret_why))
		return -EINVAL;
	if (!iface_name_valid(iface, strlen(iface), ret_why))
		return -EINVAL;
	*ret_why = "the portal has no valid address and port";
	if (!host_valid(address) || port < 1 || port > UINT16_MAX)
		return -EINVAL;
	snprintf(id.target_name, sizeof(id.target_name), "%s", target);
	snprintf(id.iface_name, sizeof(id.iface_name), "%s", iface);
	snprintf(id.portal.host, sizeof(id.portal.host), "%s", address);
	id.portal.port = (uint16_t)port;
	id.portal.tpgt = PORTAL_TPGT_UNKNOWN;
	id.logout_timeout =
		seconds_of(r, "node.conn[0].timeo.logout_timeout", RUN_STATE_LOGOUT_TIMEOUT);
	*ret = id;
	return 0;
}

static void on_timer(void *data)
{
	session_event((struct session *)data, SESSION_TIMEOUT, NULL);
}

static struct session *session_alloc(struct manager *m)
{
	struct session *s = (struct session *)calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->manager = m;
	session_async_init(s);
	if (loop_add_timer(m->loop, on_timer, s, &s->timer) < 0 || session_scan_init(s) < 0) {
		loop_source_free(s->timer);
		free(s);
		return NULL;
	}
	list_init(&s->logins);
	list_init(&s->hasty);
	list_init(&s->logouts);
	list_init(&s->checks);
	list_append(&m->sessions, &s->node);
	s->error = ISCSI_ERR_INTERNAL;
	return s;
}

int session_new(struct manager *m, struct iscsi_db_record *record, struct session **ret,
                const char **ret_why)
{
	struct run_state id;
	struct session *s;
	int r = identify(record, &id, ret_why);

	if (r < 0)
		return r;
	s = session_alloc(m);
	if (!s) {
		*ret_why = "no memory";
		return -ENOMEM;
	}
	s->state = SESSION_NEW;
	s->fail_fast = true;
	s->id = id;
	s->record = record;
	s->began_usec = loop_now();
	*ret = s;
	return 0;
}

struct session *session_adopt(struct manager *m, struct iscsi_db *db,
                              const struct host_session *host)
{
	struct session *s = session_alloc(m);

	if (!s)
		return NULL;
	s->sid = (uint32_t)host->sid;
	s->host_no = (uint32_t)host->host_no;
	s->foreign = !adopt_identity(m->state_folder, host, &s->id);
	s->record = adopt_record(db, m->sysfs, host, &s->id);
	if (adopt_healthy(host)) {
		s->state = SESSION_LOGGED_IN;
		log_info("session %u %s: adopted", s->sid, s->id.target_name);
	} else {
		log_notice("session %u %s: adopted, its connection is down", s->sid,
		           s->id.target_name);
		s->state =
			adopt_half_made(host, s->foreign) ? SESSION_FAILED : session_recover(s, 0);
	}
	/* whoever logged it in did not live to do it */
	if (s->id.scan && adopt_unscanned(host))
		session_scan(s, &(struct scan_wish){.find.all = true}, NULL);
	return s;
}

void session_answer(struct list_node *requests, enum iscsi_err error, const char *detail)
{
	while (!list_empty(requests))
		request_done(list_entry(requests->next, struct request, node), error, "%s", detail);
}

/* Why the login failed, with what the target said to it. */
static void answer_failed(const struct session *s, struct list_node *requests)
{
	while (!list_empty(requests)) {
		struct request *r = list_entry(requests->next, struct request, node);
		struct writer w;

		request_begin(r, IPC_REPLY_DONE, &w);
		kv_putf(&w, KV_NEWLINE, "error", "%d", (int)s->error);
		if (s->error != ISCSI_ERR_SUCCESS)
			kv_put(&w, KV_NEWLINE, "detail", s->detail);
		if (s->status) {
			kv_putf(&w, KV_NEWLINE, "status_class", "%u", s->status >> 8);
			kv_putf(&w, KV_NEWLINE, "status_detail", "%u", s->status & 0xff);
		}
		request_finish(r, &w);
	}
}

struct session *session_free(struct session *s)
{
	if (!s)
		return NULL;
	answer_failed(s, &s->logins);
	answer_failed(s, &s->hasty);
	session_answer(&s->logouts, ISCSI_ERR_SUCCESS, "");
	session_answer(&s->checks, ISCSI_ERR_SUCCESS, "");
	session_scan_done(s);
	child_cancel(s->check);
	session_async_end(s);
	list_remove(&s->node);
	loop_source_free(s->timer);
	conn_free(s->conn);
	relogin_free(s->relogin);
	iscsi_db_record_free(s->record);
	free(s);
	return NULL;
}

void session_fail(struct session *s, enum iscsi_err error, const char *fmt, ...)
{
	va_list ap;

	s->error = error;
	va_start(ap, fmt);
	vsnprintf(s->detail, sizeof(s->detail), fmt, ap);
	va_end(ap);
	for (char *c = s->detail; *c; c++) {
		if (*c == '\n')
			*c = ' '; /* it becomes the value of a line */
	}
}

void session_answer_failed(struct session *s)
{
	answer_failed(s, &s->logins);
	answer_failed(s, &s->hasty);
	session_answer(&s->logouts, s->error, s->detail);
}

static void answer_done(const struct session *s, struct list_node *requests)
{
	while (!list_empty(requests)) {
		struct request *r = list_entry(requests->next, struct request, node);
		struct writer w;

		request_begin(r, IPC_REPLY_DONE, &w);
		kv_put(&w, KV_NEWLINE, "error", "0");
		kv_putf(&w, KV_NEWLINE, "sid", "%u", s->sid);
		kv_putf(&w, KV_NEWLINE, "host", "%u", s->host_no);
		kv_putf(&w, KV_NEWLINE, "portal", "%s,%u", s->id.portal.host, s->id.portal.port);
		request_finish(r, &w);
	}
}

void session_answer_logins(struct session *s)
{
	answer_done(s, &s->logins);
	answer_done(s, &s->hasty);
}

bool session_is_wanted(const struct session *s)
{
	return s->unattended || !list_empty(&s->logins) || !list_empty(&s->hasty);
}

static void on_login_gone(struct request *request, void *data)
{
	struct session *s = (struct session *)data;

	list_remove(&request->node);
	if (!session_is_wanted(s))
		session_event(s, SESSION_ABANDONED, NULL);
}

void session_join_login(struct session *s, struct request *request, bool fail_fast)
{
	request->gone = on_login_gone;
	request->data = s;
	list_append(fail_fast ? &s->hasty : &s->logins, &request->node);
	/* whether the last refusal still holds is soon known */
	if (fail_fast && s->state == SESSION_RETRY_WAIT)
		loop_timer_set(s->timer, 0);
}

void session_join_logout(struct session *s, struct request *request)
{
	list_append(&s->logouts, &request->node);
}

int session_take_record(struct session *s, struct iscsi_db_record *record, const char **ret_why)
{
	struct run_state id;
	int r = identify(record, &id, ret_why);

	if (r < 0)
		return r;
	if (!session_is(s, id.target_name, &id.portal, id.iface_name)) {
		*ret_why = "it is the record of another session";
		return -EINVAL;
	}
	/* under another name it would be another session for the target */
	r = s->record
	            ? iscsi_db_record_set(record, "iface.initiatorname", session_initiator_name(s))
	            : 0;
	if (r < 0) {
		*ret_why = strerror(-r);
		return r;
	}
	iscsi_db_record_free(s->record);
	s->record = record;
	s->id.logout_timeout = id.logout_timeout;
	s->chap = (struct chap_algorithms){0};
	return 0;
}

void session_renew(struct session *s, struct request *request)
{
	if (!s->record) {
		request_done(request, ISCSI_ERR_NO_OBJS_FOUND, "there is no record to log in with");
		return;
	}
	if (!session_handles(s->state, SESSION_RENEWAL_WANTED)) {
		request_done(request, ISCSI_ERR_BUSY, "session %u is %s", s->sid,
		             s->state & SESSION_LEAVING ? "being logged out"
		                                        : "being logged in for the first time");
		return;
	}
	session_fail(s, ISCSI_ERR_SESS_NOT_FOUND, "session %u was logged out meanwhile", s->sid);
	session_join_login(s, request, false);
	session_event(s, SESSION_RENEWAL_WANTED, NULL);
}

struct session *session_by_sid(struct manager *m, uint32_t sid)
{
	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (s->sid == sid && sid != 0)
			return s;
	}
	return NULL;
}

bool session_is(const struct session *s, const char *target_name, const struct portal *portal,
                const char *iface_name)
{
	return strcmp(s->id.target_name, target_name) == 0 && portal_equal(&s->id.portal, portal) &&
	       strcmp(s->id.iface_name, iface_name) == 0;
}

unsigned int session_count(struct manager *m, const struct iscsi_db_record *record,
                           struct session **ret_pending)
{
	struct run_state id;
	const char *why;
	unsigned int count = 0;

	*ret_pending = NULL;
	if (identify(record, &id, &why) < 0)
		return 0;
	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (s->state & SESSION_LEAVING ||
		    !session_is(s, id.target_name, &id.portal, id.iface_name))
			continue;
		count++;
		if (s->state & SESSION_PENDING)
			*ret_pending = s;
	}
	return count;
}
