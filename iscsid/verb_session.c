/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/verb_session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "iscsid/auth.h"
#include "iscsid/session.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#define RECOVERY_TIMEOUT "node.session.timeo.replacement_timeout"

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
void verb_put_counter(void *data, bool custom, const char *name, uint64_t value)
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
	r = nl ? nl_get_stats(nl, s->sid, CID, verb_put_counter, &w) : -ENODEV;
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

/* Settings that the kernel does not take by netlink alone, if they are named. */
struct named {
	bool queue_depth, recovery_timeout;
};

/* Set what a request names; what a copy of the record becomes counts only if all of it can be. */
static int set_all(struct iscsi_db_record *record, const struct ipc_message *msg,
                   struct named *ret_named)
{
	struct kv_reader pairs = ipc_message_pairs(msg);
	struct kv kv;
	int r = 0;

	*ret_named = (struct named){0};
	while (r == 0 && kv_next(&pairs, &kv) > 0) {
		_cleanup_free_ char *key = strndup(kv.key, kv.key_len), *value = kv_value_dup(&kv);

		if (!key || !value)
			r = -ENOMEM;
		else if (strchr(key, '.'))
			r = iscsi_db_record_update(record, key, value);
		if (kv_key_is(&kv, "node.session.queue_depth"))
			ret_named->queue_depth = true;
		if (kv_key_is(&kv, RECOVERY_TIMEOUT))
			ret_named->recovery_timeout = true;
		if (value)
			explicit_bzero(value, strlen(value)); /* it may be a secret */
	}
	return r;
}

/* Tell the kernel what it takes of a session that works.  0 or a negative errno, logged. */
static int apply(struct session *s)
{
	struct nl *nl = transport_nl(s->manager->transport);
	struct nl_batch *b = nl_batch_new(s->sid, CID);
	const char *what = "";
	int r = -ENOMEM;

	if (b && nl) {
		kparam_add_live(b, s->record, NULL, NULL);
		r = nl_batch_run(nl, b, &what);
	}
	if (r < 0)
		log_error("session %u %s: the kernel does not take its new settings (%s): %s",
		          s->sid, s->id.target_name, what, strerror(-r));
	nl_batch_free(b);
	return r;
}

/*
 * Once somebody has written a recovery time-out into sysfs, as multipathd does, the kernel takes it
 * from there only.  0 or a negative errno.
 */
static int insist_on_recovery_timeout(const struct session *s)
{
	const char *sysfs = s->manager->sysfs ? s->manager->sysfs : "/sys";
	int64_t seconds = iscsi_db_record_get_int(s->record, RECOVERY_TIMEOUT, 0);
	char path[PATH_MAX], wanted[32] = "off", now[32];
	_cleanup_close_ int fd = -1;

	if (seconds >= 0)
		snprintf(wanted, sizeof(wanted), "%" PRId64, seconds);
	snprintf(path, sizeof(path), "%s/class/iscsi_session/session%u/recovery_tmo", sysfs,
	         s->sid);
	if (file_read_line(AT_FDCWD, path, now, sizeof(now)) < 0 || strcmp(now, wanted) == 0)
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : file_write(fd, wanted, strlen(wanted));
}

/* The kernel begins to ping only when a connection starts. */
static void tell_late(struct request *request, bool pinged, const struct iscsi_db_record *now)
{
	struct writer w;

	if (pinged || !kparam_pings(now))
		return;
	request_begin(request, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "reconnect", "node.conn[0].timeo.noop_out_interval");
	request_send(request, &w);
}

/* Give the session's record the new values, all or none.  0, or a negative errno with why filled.
 */
static int take_settings(struct session *s, const struct ipc_message *msg, struct named *ret_named,
                         char why[static AUTH_WHY_SIZE])
{
	struct iscsi_db_record *record = s->record ? iscsi_db_record_dup(s->record) : NULL;
	const char *text = NULL;
	int r = record ? set_all(record, msg, ret_named) : s->record ? -ENOMEM : -ENOENT;

	snprintf(why, AUTH_WHY_SIZE, "%s", s->record ? strerror(-r) : "it has no record");
	if (r == 0)
		r = auth_resolve(record, why);
	if (r == 0)
		r = session_take_record(s, record, &text);
	if (text)
		snprintf(why, AUTH_WHY_SIZE, "%s", text);
	if (r < 0)
		iscsi_db_record_free(record);
	return r;
}

void verb_update(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct session *s = session_of(m, request, msg);
	struct named named;
	bool pinged;
	char why[AUTH_WHY_SIZE];
	int r;

	if (!s)
		return;
	pinged = s->record && kparam_pings(s->record);
	r = take_settings(s, msg, &named, why);
	if (r < 0) {
		request_done(request, iscsi_err_from_errno(r), "session %u does not take it: %s",
		             s->sid, why);
		return;
	}
	/* a session that is broken gets all when it is back */
	if (!(s->state & (SESSION_SCANNING | SESSION_LOGGED_IN))) {
		request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
		return;
	}
	tell_late(request, pinged, s->record);
	r = apply(s);
	if (r == 0 && named.recovery_timeout)
		r = insist_on_recovery_timeout(s);
	if (r < 0)
		request_done(request, iscsi_err_from_errno(r), "the kernel does not take it: %s",
		             strerror(-r));
	else if (named.queue_depth)
		session_scan(s, &(struct scan_wish){0}, request);
	else
		request_done(request, ISCSI_ERR_SUCCESS, "%s", "");
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
