/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsistart/login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/boot_record.h"
#include "iscsiadm/login_request.h"
#include "iscsistart/daemon.h"
#include "iscsistart/say.h"
#include "lib/base/clock.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

/* How long the other paths get once there is one to boot from. */
enum { OTHER_PATHS_SEC = 5 };

DEFINE_CLEANUP(struct iscsi_db_record, iscsi_db_record_free)
#define _cleanup_record_ _cleanup_(cleanup_iscsi_db_record_free)

/* ---- records ---------------------------------------------------------------------------- */

static int put_param(struct iscsi_db_record *record, const struct param *p)
{
	const char *allowed = iscsi_db_key_allowed(ISCSI_DB_NODE, p->name);
	bool secret = iscsi_db_key_secret(ISCSI_DB_NODE, p->name);
	int r = iscsi_db_record_update(record, p->name, p->value);

	switch (r) {
	case 0: return 0;
	case -ENOMEM: say("%s", strerror(ENOMEM)); return 1;
	case -ENOENT: say("Unknown parameter %s.", p->name); break;
	case -EPERM: say("Cannot modify %s: it says which session is meant.", p->name); break;
	default:
		say("unknown value format '%s' for parameter name '%s' (%s)",
		    secret ? "********" : p->value, p->name, allowed ? allowed : "?");
		break;
	}
	return ISCSI_ERR_INVAL;
}

/* What the configuration says, and what boot needs otherwise.  NULL: no memory. */
static struct iscsi_db_record *new_record(const struct options *o)
{
	struct iscsi_db_config *config = NULL;
	struct iscsi_db_record *record = NULL;

	/* in an initial RAM disk there need not be any */
	if (iscsi_db_config_read(o->config, NULL, NULL, &config) == 0)
		record = iscsi_db_config_record(config, ISCSI_DB_NODE);
	else
		record = iscsi_db_record_new(ISCSI_DB_NODE);
	iscsi_db_config_free(config);
	if (record && boot_record_patience(record) < 0)
		record = iscsi_db_record_free(record);
	return record;
}

static int put_options(struct iscsi_db_record *record, const struct options *o)
{
	char port[8], tag[8];
	const struct {
		const char *key, *value;
	} pairs[] = {
		{"node.name", o->target_name},
		{"node.tpgt", tag},
		{"node.conn[0].address", o->portal.host},
		{"node.conn[0].port", port},
		{"iface.initiatorname", o->initiator_name},
		{"node.session.auth.authmethod", o->username ? "CHAP" : NULL},
		{"node.session.auth.username", o->username},
		{"node.session.auth.password", o->password},
		{"node.session.auth.username_in", o->username_in},
		{"node.session.auth.password_in", o->password_in},
	};
	int r = 0;

	snprintf(port, sizeof(port), "%u", o->portal.port);
	snprintf(tag, sizeof(tag), "%d", o->portal.tpgt);
	for (size_t i = 0; i < ARRAY_LEN(pairs) && r == 0; i++) {
		if (!pairs[i].value)
			continue;
		r = iscsi_db_record_set(record, pairs[i].key, pairs[i].value);
		if (r < 0)
			say("the value for %s cannot be used: %s", pairs[i].key, strerror(-r));
	}
	return r < 0 ? ISCSI_ERR_INVAL : 0;
}

/* ---- logins ----------------------------------------------------------------------------- */

struct login {
	struct portal portal;
	char target[ISCSI_NAME_SIZE];
};

struct logins {
	struct client_request *requests;
	struct login *all;
	size_t count;
	size_t good;
	bool present_is_good;
	struct boot_daemon daemon;
};

static int logins_init(struct logins *l, size_t count)
{
	l->requests = calloc(count, sizeof(*l->requests));
	l->all = calloc(count, sizeof(*l->all));
	return l->requests && l->all ? 0 : -ENOMEM;
}

static void logins_done(struct logins *l)
{
	for (size_t i = 0; i < l->count; i++)
		client_request_done(&l->requests[i]);
	free(l->requests);
	free(l->all);
}

/* Exit code; a failure is said. */
static int add(struct logins *l, const struct options *o, struct iscsi_db_record *record)
{
	struct login *login = &l->all[l->count];
	int r = 0;

	for (size_t i = 0; i < o->param_count; i++) {
		int rc = put_param(record, &o->params[i]);

		if (rc != 0)
			return rc;
	}
	snprintf(login->target, sizeof(login->target), "%s",
	         iscsi_db_record_get(record, "node.name"));
	snprintf(login->portal.host, sizeof(login->portal.host), "%s",
	         iscsi_db_record_get(record, "node.conn[0].address"));
	login->portal.port = (uint16_t)iscsi_db_record_get_int(record, "node.conn[0].port", 0);
	login->portal.tpgt = (int32_t)iscsi_db_record_get_int(record, "node.tpgt", 0);
	r = login_request(record, true, false, &l->requests[l->count]);
	if (r < 0) {
		say("%s: %s", login->target, strerror(-r));
		return 1;
	}
	l->count++;
	return 0;
}

static void say_failure(const struct logins *l, const struct client_request *r)
{
	const struct login *login = &l->all[r - l->requests];
	char portal[PORTAL_TEXT_SIZE];

	if (l->count > 1)
		say("Could not login to %s at %s", login->target,
		    portal_format(&login->portal, portal));
	if (r->error == ISCSI_ERR_REQ_TIMEDOUT && l->good > 0) {
		say("another path is there to boot from; this one is left to iscsi_fw_login(8)");
		return;
	}
	/* a daemon of ours has said it already */
	if (r->detail && l->daemon.alive < 0)
		say("%s", r->detail);
	say("initiator reported error (%d - %s)", (int)r->error, iscsi_err_text((int)r->error));
}

static void on_answer(void *data, struct client_request *r, const struct ipc_message *m)
{
	struct logins *l = data;

	if (m && m->reply != IPC_REPLY_DONE)
		return;
	if (r->error == ISCSI_ERR_SUCCESS ||
	    (r->error == ISCSI_ERR_SESS_EXISTS && l->present_is_good)) {
		if (l->good++ == 0)
			client_set_deadline(l->daemon.client,
			                    clock_usec() + OTHER_PATHS_SEC * USEC_PER_SEC);
		return;
	}
	if (r->error != ISCSI_ERR_ISCSID_COMM_ERR)
		say_failure(l, r);
}

/* Whether the daemon went away under all of them, as one that another iscsistart made may. */
static bool all_lost(const struct logins *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->requests[i].error != ISCSI_ERR_ISCSID_COMM_ERR)
			return false;
	}
	return l->count > 0;
}

static int ask(struct logins *l, const struct options *o)
{
	int r = boot_daemon_open(&l->daemon, o->control, o->config);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->count; i++)
		l->requests[i].done = false;
	client_run(l->daemon.client, l->requests, l->count, CLIENT_WAITS, on_answer, l);
	boot_daemon_close(&l->daemon);
	return 0;
}

static int run(struct logins *l, const struct options *o)
{
	char portal[PORTAL_TEXT_SIZE];
	int r;

	for (size_t i = 0; i < l->count; i++)
		printf("iscsistart: Logging into %s %s\n", l->all[i].target,
		       portal_format(&l->all[i].portal, portal));
	r = ask(l, o);
	if (r == 0 && all_lost(l))
		r = ask(l, o);
	if (r < 0) {
		say("cannot start the daemon at %s: %s", o->control, strerror(-r));
		return 1;
	}
	for (size_t i = 0; i < l->count; i++) {
		if (l->requests[i].error == ISCSI_ERR_ISCSID_COMM_ERR)
			say_failure(l, &l->requests[i]);
	}
	return l->good > 0 ? 0 : 1;
}

int login_by_options(const struct options *o)
{
	_cleanup_record_ struct iscsi_db_record *record = new_record(o);
	struct logins l = {0};
	int rc;

	if (!record || logins_init(&l, 1) < 0) {
		say("%s", strerror(ENOMEM));
		rc = 1;
	} else {
		rc = put_options(record, o);
	}
	if (rc == 0)
		rc = add(&l, o, record);
	if (rc == 0)
		rc = run(&l, o);
	logins_done(&l);
	return rc;
}

int login_by_firmware(const struct options *o, const struct boot_path *paths, size_t count)
{
	struct logins l = {.present_is_good = true};
	int rc = 0;

	if (logins_init(&l, count) < 0) {
		say("%s", strerror(ENOMEM));
		rc = 1;
	}
	for (size_t i = 0; i < count && rc == 0; i++) {
		_cleanup_record_ struct iscsi_db_record *record = new_record(o);
		int r = record ? boot_record_put(record, &paths[i]) : -ENOMEM;

		if (r < 0)
			say("%s: %s", paths[i].source, strerror(-r));
		rc = r < 0 ? 1 : add(&l, o, record);
	}
	if (rc == 0)
		rc = run(&l, o);
	logins_done(&l);
	return rc;
}
