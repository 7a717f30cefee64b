/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/verb.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "iscsid/auth.h"
#include "iscsid/discover.h"
#include "iscsid/failure.h"
#include "iscsid/probe.h"
#include "iscsid/safe_logout.h"
#include "iscsid/session.h"
#include "iscsid/unattended.h"
#include "iscsid/verb_host.h"
#include "iscsid/verb_session.h"
#include "lib/base/log.h"
#include "lib/base/num.h"
#include "libiscsi-db/iscsi-db.h"

enum verb_flag {
	VERB_ROOT = 1 << 0,     /* for root (or the daemon's own user) only */
	VERB_SESSIONS = 1 << 1, /* looks at sessions: those of others are adopted first */
};

static void on_problem(void *data, unsigned int line, const char *text)
{
	log_warning("%s record, line %u: %s, using the default", (const char *)data, line, text);
}

/* The record that is the message's body; NULL when the request was answered. */
static struct iscsi_db_record *parse_record(enum iscsi_db_kind kind, const char *what,
                                            struct request *request, const struct ipc_message *m)
{
	struct iscsi_db_record *record = NULL;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "%s", what);
	r = iscsi_db_record_parse(kind, m->text, m->len, on_problem, name, &record);
	if (r < 0)
		request_done(request, iscsi_err_from_errno(r), "the %s has no usable record: %s",
		             what, strerror(-r));
	return r < 0 ? NULL : record;
}

static bool is_yes(const struct ipc_message *m, const char *key)
{
	return ipc_message_is(m, key, "Yes");
}

/* A login that the daemon itself wants is wanted again and again: the same failure is no news. */
static void note_asker(struct session *s, const struct request *request)
{
	if (!request->asker)
		return;
	snprintf(s->id.asker, sizeof(s->id.asker), "%s", request->asker);
	s->known = session_last_failure(s);
}

/* Answer now and go on unattended, or wait. */
static void attend(struct session *s, struct request *request, const struct ipc_message *m)
{
	const bool fail_fast = is_yes(m, "fail_fast");

	s->fail_fast = s->fail_fast && fail_fast;
	if (!ipc_message_is(m, "wait", "No")) {
		session_join_login(s, request, fail_fast);
		return;
	}
	s->unattended = true;
	request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
}

static void verb_login(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct iscsi_db_record *record = parse_record(ISCSI_DB_NODE, "login", request, msg);
	struct session *s, *pending;
	char no_secret[AUTH_WHY_SIZE];
	const char *why, *own_name, *transport;
	int64_t limit;
	int r;

	if (!record)
		return;
	own_name = iscsi_db_record_get(record, "iface.initiatorname");
	transport = iscsi_db_record_get(record, "iface.transport_name");
	limit = iscsi_db_record_get_int(record, "node.session.nr_sessions", 1);
	if (transport && strcmp(transport, "tcp") != 0) {
		request_done(request, ISCSI_ERR_TRANS_NOT_FOUND,
		             "sessions are made over tcp; for transport %s there is no driver",
		             transport);
	} else if (!m->initiator_name[0] && !(own_name && own_name[0])) {
		request_done(request, ISCSI_ERR_LOGIN,
		             "no initiator name is configured in initiatorname.iscsi");
	} else if (session_count(m, record, &pending) >= (limit > 1 ? limit : 1)) {
		if (pending)
			attend(pending, request, msg);
		else
			request_done(request, ISCSI_ERR_SESS_EXISTS, "there is a session already");
	} else if (auth_resolve(record, no_secret) < 0) {
		request_done(request, ISCSI_ERR_LOGIN_AUTH_FAILED, "%s", no_secret);
	} else {
		r = session_new(m, record, &s, &why);
		if (r < 0) {
			request_done(request, iscsi_err_from_errno(r),
			             "the record cannot be logged in: %s", why);
		} else {
			record = NULL;
			note_asker(s, request);
			attend(s, request, msg);
			if (s->unattended)
				unattended_add(s);
			else
				session_event(s, SESSION_START, NULL);
		}
	}
	iscsi_db_record_free(record);
}

/* The keys address and port of a message.  False: they are not there, or no portal. */
static bool get_portal(const struct ipc_message *m, struct portal *ret)
{
	struct portal portal = {.tpgt = PORTAL_TPGT_UNKNOWN};
	struct kv kv;
	int port;

	if (ipc_message_get(m, "address", &kv) != 1 ||
	    kv_value_copy(&kv, portal.host, sizeof(portal.host)) < 0 ||
	    ipc_message_get_int(m, "port", 1, UINT16_MAX, ISCSI_PORT, &port) < 0)
		return false;
	portal.port = (uint16_t)port;
	*ret = portal;
	return true;
}

/* A logout names its session by sid, or a login under way by target, address, port and iface. */
static struct session *find_session(struct manager *m, const struct ipc_message *msg)
{
	char target[ISCSI_NAME_SIZE], iface[65] = "default";
	struct session *found = NULL;
	struct portal portal;
	struct kv kv;
	int sid;

	if (ipc_message_get_int(msg, "sid", 1, INT32_MAX, 0, &sid) == 0 && sid > 0)
		return manager_session(m, (uint32_t)sid);
	if (!ipc_message_get(msg, "target", &kv) || kv_value_copy(&kv, target, sizeof(target)) < 0)
		return NULL;
	if (ipc_message_get(msg, "iface", &kv) && kv_value_copy(&kv, iface, sizeof(iface)) < 0)
		return NULL;
	if (!get_portal(msg, &portal))
		return NULL;
	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (!session_is(s, target, &portal, iface))
			continue;
		if (!found || s->state & SESSION_PENDING)
			found = s;
	}
	return found;
}

static void verb_logout(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct session *s = find_session(m, msg);
	const bool careful = m->safe_logout && !is_yes(msg, "force");

	if (!s) {
		if (!verb_host_logout(m, request, msg, careful))
			request_done(request, ISCSI_ERR_SESS_NOT_FOUND, "there is no such session");
		return;
	}
	if (careful) {
		safe_logout(s, request);
		return;
	}
	session_join_logout(s, request);
	session_event(s, SESSION_LOGOUT_WANTED, NULL);
}

static void verb_discover(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	char no_secret[AUTH_WHY_SIZE];
	struct iscsi_db_record *record;
	struct kv type;

	/* a record that names no type is one of SendTargets */
	if (ipc_message_get(msg, "discovery.type", &type) == 1 && kv_value_is(&type, "isns"))
		record = parse_record(ISCSI_DB_ISNS, "discovery", request, msg);
	else
		record = parse_record(ISCSI_DB_SENDTARGETS, "discovery", request, msg);
	if (!record)
		return;
	if (auth_resolve(record, no_secret) < 0)
		request_done(request, ISCSI_ERR_LOGIN_AUTH_FAILED, "%s", no_secret);
	else
		discovery_start(m, record, is_yes(msg, "fail_fast"), request);
	iscsi_db_record_free(record);
}

static void verb_probe(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct iscsi_db_record *iface = parse_record(ISCSI_DB_IFACE, "probe", request, msg);
	struct portal portal;

	if (!iface)
		return;
	if (get_portal(msg, &portal) && host_valid(portal.host))
		probe_start(m, &portal, iface, request);
	else
		request_done(request, ISCSI_ERR_INVAL, "the probe names no address and port");
	iscsi_db_record_free(iface);
}

/* All LUNs, or those that the request names. */
static int parse_luns(const struct ipc_message *msg, struct scan_luns *ret)
{
	struct kv_reader pairs = ipc_message_pairs(msg);
	struct scan_luns luns = {0};
	struct kv kv;
	uint64_t lun;

	while (kv_next(&pairs, &kv) > 0) {
		if (!kv_key_is(&kv, "lun"))
			continue;
		if (num_iscsi(kv.value, kv.value_len, UINT64_MAX, &lun) < 0)
			return -EINVAL;
		scan_luns_add(&luns, lun);
	}
	luns.all = luns.all || luns.count == 0;
	*ret = luns;
	return 0;
}

static void verb_rescan(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct scan_wish wish = {0};
	struct session *s;
	int sid;

	if (ipc_message_get_int(msg, "sid", 1, INT32_MAX, 0, &sid) < 0) {
		request_done(request, ISCSI_ERR_INVAL, "sid is not a session's number");
		return;
	}
	if (parse_luns(msg, &wish.find) < 0) {
		request_done(request, ISCSI_ERR_INVAL, "lun is not a LUN's number");
		return;
	}
	s = session_by_sid(m, (uint32_t)sid);
	if (!s) {
		request_done(request, ISCSI_ERR_SESS_NOT_FOUND, "there is no such session");
		return;
	}
	wish.reread = wish.prune = wish.find;
	session_scan(s, &wish, request);
}

/* open-iscsi's words. */
static const char *internal_state(const struct session *s)
{
	if (s->state & SESSION_LEAVING)
		return "CLEANUP";
	return s->state & SESSION_BROKEN ? "REOPEN" : "NO CHANGE";
}

static const char *connection_state(const struct session *s)
{
	switch (s->state) {
	case SESSION_NEW:
	case SESSION_LOADING:
	case SESSION_STOPPING:
	case SESSION_GONE: return "FREE";
	case SESSION_RETRY_WAIT:
	case SESSION_RECOVER_WAIT:
	case SESSION_RECONNECT: return "TRANSPORT WAIT";
	case SESSION_FAILED: return "CLEANUP WAIT";
	case SESSION_LOGIN:
	case SESSION_RELOGIN: return "IN LOGIN";
	case SESSION_SCANNING:
	case SESSION_LOGGED_IN: return "LOGGED IN";
	case SESSION_STEP_OUT:
	case SESSION_UNBINDING:
	case SESSION_LOGOUT: return "IN LOGOUT";
	}
	return "Unknown";
}

static void verb_sessions(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct writer w;
	int sid;

	if (ipc_message_get_int(msg, "sid", 1, INT32_MAX, 0, &sid) < 0) {
		request_done(request, ISCSI_ERR_INVAL, "sid is not a session's number");
		return;
	}
	list_for_each (n, &m->sessions) {
		const struct session *s = list_entry(n, struct session, node);

		if (sid && s->sid != (uint32_t)sid)
			continue;
		request_begin(request, IPC_REPLY_ITEM, &w);
		kv_putf(&w, KV_NEWLINE, "sid", "%u", s->sid);
		kv_put(&w, KV_NEWLINE, "state", internal_state(s));
		kv_put(&w, KV_NEWLINE, "connection", connection_state(s));
		kv_put(&w, KV_NEWLINE, "target", s->id.target_name);
		kv_put(&w, KV_NEWLINE, "address", s->id.portal.host);
		kv_putf(&w, KV_NEWLINE, "port", "%u", s->id.portal.port);
		kv_put(&w, KV_NEWLINE, "iface", s->id.iface_name);
		kv_putf(&w, KV_NEWLINE, "recoveries", "%u", s->recoveries);
		if (s->login_usec)
			kv_putf(&w, KV_NEWLINE, "login_usec", "%" PRIu64, s->login_usec);
		request_send(request, &w);
	}
	request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
}

static void verb_monitor(struct manager *m, struct request *request,
                         const struct ipc_message *msg _unused_)
{
	events_watch(&m->events, request);
}

static void verb_counters(struct manager *m, struct request *request,
                          const struct ipc_message *msg _unused_)
{
	struct writer w;

	request_begin(request, IPC_REPLY_DONE, &w);
	kv_put(&w, KV_NEWLINE, "error", "0");
	events_put_counters(&m->events, &w);
	request_finish(request, &w);
}

static void put_failure(void *data, const struct failure *f)
{
	struct request *request = (struct request *)data;
	struct writer w;

	request_begin(request, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "target", f->target_name);
	kv_put(&w, KV_NEWLINE, "address", f->address);
	kv_putf(&w, KV_NEWLINE, "port", "%u", f->port);
	kv_put(&w, KV_NEWLINE, "iface", f->iface_name);
	kv_putf(&w, KV_NEWLINE, "time", "%" PRIu64, f->when_sec);
	kv_putf(&w, KV_NEWLINE, "attempt", "%u", f->attempt);
	kv_put(&w, KV_NEWLINE, "given_up", f->given_up ? "Yes" : "No");
	kv_putf(&w, KV_NEWLINE, "error", "%u", f->error);
	kv_put(&w, KV_NEWLINE, "detail", f->text);
	request_send(request, &w);
}

static void verb_failures(struct manager *m, struct request *request,
                          const struct ipc_message *msg _unused_)
{
	int r = failure_walk(m->failure_folder, put_failure, request);

	if (r < 0)
		request_done(request, iscsi_err_from_errno(r), "cannot read %s: %s",
		             m->failure_folder, strerror(-r));
	else
		request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
}

static void verb_config(struct manager *m, struct request *request,
                        const struct ipc_message *msg _unused_)
{
	struct writer w;

	request_begin(request, IPC_REPLY_DONE, &w);
	kv_put(&w, KV_NEWLINE, "error", "0");
	kv_put(&w, KV_NEWLINE, "version", VERSION);
	kv_put(&w, KV_NEWLINE, "config", m->config_path);
	kv_put(&w, KV_NEWLINE, "initiatorname", m->initiator_name);
	request_finish(request, &w);
}

static void verb_stop(struct manager *m, struct request *request,
                      const struct ipc_message *msg _unused_)
{
	request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
	loop_exit(m->loop, 0);
}

static const struct verb {
	const char *name;
	unsigned int flags;
	void (*run)(struct manager *m, struct request *request, const struct ipc_message *msg);
} verbs[] = {
	{"login", VERB_ROOT | VERB_SESSIONS, verb_login},
	{"logout", VERB_ROOT | VERB_SESSIONS, verb_logout},
	{"rescan", VERB_ROOT | VERB_SESSIONS, verb_rescan},
	{"discover", VERB_ROOT, verb_discover},
	{"probe", VERB_ROOT, verb_probe},
	{"sessions", VERB_ROOT | VERB_SESSIONS, verb_sessions},
	{"stats", VERB_ROOT | VERB_SESSIONS, verb_stats},
	{"update", VERB_ROOT | VERB_SESSIONS, verb_update},
	{"reconnect", VERB_ROOT | VERB_SESSIONS, verb_reconnect},
	{"chap", VERB_ROOT, verb_chap},
	{"flashnode", VERB_ROOT, verb_flashnode},
	{"ifaces", VERB_ROOT, verb_ifaces},
	{"ping", VERB_ROOT, verb_ping},
	{"hoststats", VERB_ROOT, verb_host_stats},
	{"monitor", VERB_ROOT | VERB_SESSIONS, verb_monitor},
	{"counters", VERB_ROOT, verb_counters},
	{"failures", VERB_ROOT, verb_failures},
	{"config", VERB_ROOT, verb_config},
	{"stop", VERB_ROOT, verb_stop},
};

const char *verb_name(size_t index)
{
	return index < ARRAY_LEN(verbs) ? verbs[index].name : NULL;
}

void verb_dispatch(void *data, struct request *request, const struct ipc_message *msg, bool root)
{
	struct manager *m = (struct manager *)data;
	const struct verb *verb = NULL;

	for (size_t i = 0; i < ARRAY_LEN(verbs) && !verb; i++) {
		if (strcmp(verbs[i].name, msg->verb) == 0)
			verb = &verbs[i];
	}
	if (!verb) {
		request_done(request, ISCSI_ERR_INVALID_MGMT_REQ,
		             "iscsid " VERSION " does not know the request \"%s\"", msg->verb);
		return;
	}
	if (verb->flags & VERB_ROOT && !root) {
		request_done(request, ISCSI_ERR_ACCESS, "only root may ask for that");
		return;
	}
	if (verb->flags & VERB_SESSIONS && m->strangers)
		manager_adopt(m);
	verb->run(m, request, msg);
}
