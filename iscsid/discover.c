/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attempts follow one another at a fixed step until one ends otherwise than by a connection that
 * did not stand.  The texts of progress are what iscsiadm prints.
 */
#include "iscsid/discover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/auth.h"
#include "iscsid/isid.h"
#include "iscsid/kparam.h"
#include "iscsid/policy.h"
#include "lib/base/log.h"
#include "lib/proto/isns.h"

enum { STEP_SEC = 1, TIMEOUT_MAX_SEC = 3600, REOPEN_MAX = 65535 };

/* However lively a list of targets comes in, after so many times the silence that is borne it has
 * to be complete. */
enum { TOTAL_IDLES = 20 };

/* Bytes that wait for a client: it reads more slowly than the list comes, and would be dropped. */
enum { LAG_MAX = CONTROL_QUEUE_MAX / 2 };

/* Refused targets of one discovery that are logged: a hostile target may have any number. */
enum { REFUSED_LOGGED_MAX = 4 };

#define KEY(name) "discovery.sendtargets." name

static const char *text_of(const struct iscsi_db_record *r, const char *key)
{
	const char *v = iscsi_db_record_get(r, key);

	return v ? v : "";
}

static int64_t number_of(const struct iscsi_db_record *r, const char *key, int64_t min, int64_t max,
                         int64_t def)
{
	int64_t v = iscsi_db_record_get_int(r, key, def);

	return v < min || v > max ? def : v;
}

/* What tells one kind from the other, by the kind of the record. */
struct discovery_kind {
	enum peer_purpose purpose;
	bool logs_in; /* with all that belongs to a session, and tries again */
	const struct policy *(*policy_of)(const struct conn_result *result);
	void (*tell)(struct discovery *d, const struct conn_result *result);
};

/* The request is answered by whoever calls this. */
static struct request *end(struct discovery *d)
{
	struct request *r = d->request;

	discovery_free(d);
	return r;
}

/* What goes wrong in one that the daemon itself asks for again and again is not news each time. */
static enum log_level urgency(const struct discovery *d)
{
	return d->request->asker ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING;
}

static void refuse_target(struct discovery *d, const char *text)
{
	struct writer w;

	if (d->refused < REFUSED_LOGGED_MAX)
		log_message(urgency(d), "discovery at %s:%u: %s", d->config.portal.host,
		            d->config.portal.port, text);
	else if (d->refused == REFUSED_LOGGED_MAX)
		log_message(urgency(d), "discovery at %s:%u: more was refused, iscsiadm shows it",
		            d->config.portal.host, d->config.portal.port);
	d->refused += d->refused <= REFUSED_LOGGED_MAX;
	request_begin(d->request, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "refused", text);
	request_send(d->request, &w);
}

/* False: the discovery has ended. */
static bool client_keeps_up(struct discovery *d)
{
	char portal[PORTAL_TEXT_SIZE];

	if (request_queued(d->request) <= LAG_MAX)
		return true;
	conn_portal_text(&d->config.portal, portal);
	log_warning("discovery at %s: the list of targets comes faster than it is read", portal);
	request_done(end(d), ISCSI_ERR_AGAIN,
	             "the list of targets of %s is too long: it comes faster than it is read",
	             portal);
	return false;
}

static void on_refused_target(void *data, const struct peer_refused_target *t)
{
	struct discovery *d = (struct discovery *)data;

	if (client_keeps_up(d))
		refuse_target(d, t->text);
}

/* Whether two hosts are the same but for their zones. */
static bool same_but_zone(const char *a, const char *b)
{
	char left[PORTAL_HOST_SIZE], right[PORTAL_HOST_SIZE];

	snprintf(left, sizeof(left), "%.*s", (int)strcspn(a, "%"), a);
	snprintf(right, sizeof(right), "%.*s", (int)strcspn(b, "%"), b);
	return host_equal(left, right);
}

/* A target's address as this host can use it.  False: it was refused. */
static bool adopt_address(struct discovery *d, const struct peer_target *t, struct portal *portal)
{
	const char *asked = conn_portal(d->conn)->host, *zone = host_zone(asked);
	char text[PORTAL_HOST_SIZE + ISCSI_NAME_SIZE + 128];

	portal->port = t->port;
	if (same_but_zone(t->address, asked)) /* that is where we are */
		return true;
	snprintf(portal->host, sizeof(portal->host), "%s", t->address);
	if (host_adopt(portal->host, zone) == 0 ||
	    host_adopt(portal->host, d->config.path.netdev) == 0)
		return true;
	snprintf(text, sizeof(text),
	         "address %s of target %s names a network device of the target's own", t->address,
	         t->target_name);
	refuse_target(d, text);
	return false;
}

static void on_target(void *data, const struct peer_target *t)
{
	struct discovery *d = (struct discovery *)data;
	struct portal portal = *conn_portal(d->conn);
	struct writer w;

	if (!client_keeps_up(d))
		return;
	if (t->address[0] && !adopt_address(d, t, &portal))
		return;
	request_begin(d->request, IPC_REPLY_ITEM, &w);
	kv_put(&w, KV_NEWLINE, "target", t->target_name);
	kv_put(&w, KV_NEWLINE, "address", portal.host);
	kv_putf(&w, KV_NEWLINE, "port", "%u", portal.port);
	kv_putf(&w, KV_NEWLINE, "tpgt", "%d", t->tpgt);
	request_send(d->request, &w);
}

/* What users know to look for, one line or two per failed attempt. */
static void tell_login(struct discovery *d, const struct conn_result *c)
{
	const char *host = d->config.portal.host;

	if (c->outcome == CONN_OUTCOME_UNRESOLVED) {
		const char *why = strrchr(c->text, ':');

		request_progress(d->request, "Cannot resolve host %s. getaddrinfo error: [%s]",
		                 host, why ? why + 2 : c->text);
		request_progress(d->request, "cannot resolve host name %s", host);
	} else if (c->outcome == CONN_OUTCOME_NO_WAY && d->config.path.hwaddress[0] &&
	           !d->config.path.netdev[0]) {
		request_progress(d->request, "Cannot match %s to net/scsi interface.",
		                 d->config.path.hwaddress);
		request_progress(d->request, "cannot make connection to %s: %s", host, strerror(0));
	} else if (c->outcome == CONN_OUTCOME_NO_WAY) {
		request_progress(d->request, "%s", c->text);
		request_progress(d->request, "cannot make connection to %s: %s", host,
		                 strerror(c->error));
	} else if (c->outcome == CONN_OUTCOME_UNCONNECTED) {
		request_progress(d->request, "cannot make connection to %s: %s", host,
		                 strerror(c->error));
	} else if (c->outcome == CONN_OUTCOME_AUTH_FAILED ||
	           (c->outcome == CONN_OUTCOME_REFUSED && c->status_class == 2 &&
	            c->status_detail == 1)) {
		/* a discovery login names no target: the blank stands for it */
		request_progress(d->request, "Login failed to authenticate with target ");
		request_progress(d->request,
		                 "discovery login to %s rejected: initiator failed authorization",
		                 host);
	} else if (c->outcome == CONN_OUTCOME_REFUSED) {
		request_progress(d->request, "discovery login to %s rejected: %s error (%02x/%02x)",
		                 host, c->status_class == 3 ? "target" : "initiator",
		                 c->status_class, c->status_detail);
	} else {
		request_progress(d->request, "discovery: %s", c->text);
	}
}

/* The same of a query; whatever has no status of the server's is an error inside. */
static void tell_query(struct discovery *d, const struct conn_result *c)
{
	uint32_t status = c->outcome == CONN_OUTCOME_ISNS_REFUSED ? c->isns_status
	                  : c->outcome == CONN_OUTCOME_PROTOCOL   ? (uint32_t)ISNS_STATUS_FORMAT
	                                                          : ISNS_STATUS_INTERNAL;

	if (c->outcome == CONN_OUTCOME_ISNS_REFUSED && c->isns_function == ISNS_DEV_ATTR_REG)
		request_progress(d->request, "Could not register %s with iSNS server: %s.",
		                 d->config.login.initiator_name, isns_status_text(status));
	else
		request_progress(d->request, "iSNS discovery failed: %s", isns_status_text(status));
}

static const struct discovery_kind sendtargets = {
	.purpose = PEER_PURPOSE_DISCOVERY,
	.logs_in = true,
	.policy_of = policy_of,
	.tell = tell_login,
};

static const struct discovery_kind isns = {
	.purpose = PEER_PURPOSE_ISNS,
	.policy_of = policy_of_query,
	.tell = tell_query,
};

/* Another algorithm may do: begin again at once. */
static bool try_next_algorithm(struct discovery *d, const struct conn_result *result)
{
	struct chap_algorithms *chap = &d->config.login.auth.algorithms;

	if (!auth_retry(chap, result))
		return false;
	log_info("discovery at %s:%u: trying again with the next CHAP algorithm, %s",
	         d->config.portal.host, d->config.portal.port,
	         chap_algorithm_name(chap->number[0]));
	loop_timer_set(d->timer, 0);
	return true;
}

static void on_ended(void *data, const struct conn_result *c)
{
	struct discovery *d = (struct discovery *)data;
	const struct policy *policy;
	const char *hint = NULL;
	struct conn_result result = *c;
	char what[sizeof(result.text) + 48];
	bool again;

	if (c->outcome == CONN_OUTCOME_LOGGED_IN || c->outcome == CONN_OUTCOME_ANSWERED) {
		request_done(end(d), ISCSI_ERR_SUCCESS, "%s", "");
		return;
	}
	d->conn = conn_free(d->conn);
	policy = d->kind->policy_of(&result);
	again = policy->retry && policy_retries(&result, d->fail_fast);
	snprintf(what, sizeof(what), "%s", result.text);
	if (d->kind->logs_in)
		snprintf(what, sizeof(what), "%s (attempt %u of %u)", result.text, d->attempt,
		         d->attempts_max);
	log_message(urgency(d), "discovery at %s:%u: %s", d->config.portal.host,
	            d->config.portal.port, what);
	if (d->kind->logs_in) {
		hint = auth_hint(&result,
		                 chap_algorithms_count(&d->config.login.auth.algorithms) > 0);
		if (try_next_algorithm(d, &result))
			return;
	}
	if (!hint)
		hint = policy->hint;
	d->kind->tell(d, &result);
	if (again && d->attempt < d->attempts_max) {
		loop_timer_set(d->timer, STEP_SEC * USEC_PER_SEC);
		return;
	}
	if (again)
		request_progress(d->request, "connection login retries (reopen_max) %u exceeded",
		                 d->attempts_max - 1);
	request_done(end(d), policy->discovery_error, "%s%s%s", what, hint ? "; " : "",
	             hint ? hint : "");
}

static void attempt(struct discovery *d)
{
	static const struct conn_callbacks callbacks = {
		.target = on_target, .refused_target = on_refused_target, .ended = on_ended};
	int r;

	d->attempt++;
	r = conn_start(d->manager->loop, d->manager->broker, &d->config, &callbacks, d, &d->conn);
	if (r < 0)
		request_done(end(d), iscsi_err_from_errno(r), "cannot begin the discovery: %s",
		             strerror(-r));
}

static void on_timer(void *data)
{
	attempt((struct discovery *)data);
}

static void on_gone(struct request *request _unused_, void *data)
{
	discovery_free((struct discovery *)data);
}

static void on_reason(void *data _unused_, const char *text)
{
	log_warning("discovery: %s", text);
}

/* RFC 7143 section 6.3.5: a second one with the same would end the first one's session. */
static bool isid_in_use(const struct discovery *d)
{
	list_for_each (n, &d->manager->discoveries) {
		const struct discovery *other = list_entry(n, struct discovery, node);

		if (other != d &&
		    memcmp(other->config.login.isid, d->config.login.isid, ISID_SIZE) == 0)
			return true;
	}
	return false;
}

/* What a discovery session has, and a query has not. */
static void configure_login(struct discovery *d, const struct iscsi_db_record *r)
{
	struct peer_login *l = &d->config.login;
	struct isid_key key = {
		.initiator_name = l->initiator_name,
		.iface_name = text_of(r, "iface.iscsi_ifacename"),
		.discovery = true,
	};

	isid_choose(&key, l->isid);
	while (isid_in_use(d)) {
		key.slot++;
		isid_choose(&key, l->isid);
	}
	d->attempts_max = (unsigned int)number_of(r, KEY("reopen_max"), 0, REOPEN_MAX, 5) + 1;
}

/* The time-outs have no key in the record of an iSNS server. */
static void configure(struct discovery *d, const struct iscsi_db_record *r)
{
	struct conn_config *c = &d->config;
	struct peer_login *l = &c->login;
	const char *own_name = text_of(r, "iface.initiatorname");

	c->timeout_usec =
		(uint64_t)number_of(r, KEY("timeo.login_timeout"), 1, TIMEOUT_MAX_SEC, 15) *
		USEC_PER_SEC;
	c->idle_usec = (uint64_t)number_of(r, KEY("timeo.active_timeout"), 1, TIMEOUT_MAX_SEC, 30) *
	               USEC_PER_SEC;
	c->total_usec = TOTAL_IDLES * c->idle_usec;
	connect_path_of(r, &c->path);
	l->purpose = d->kind->purpose;
	kparam_offer(r, on_reason, NULL, &l->offer);
	snprintf(l->initiator_name, sizeof(l->initiator_name), "%s",
	         own_name[0] ? own_name : d->manager->initiator_name);
	snprintf(l->initiator_alias, sizeof(l->initiator_alias), "%s", d->manager->initiator_alias);
	d->attempts_max = 1;
	if (d->kind->logs_in)
		configure_login(d, r);
}

void discovery_start(struct manager *m, const struct iscsi_db_record *record, bool fail_fast,
                     struct request *request)
{
	const char *host = text_of(record, KEY("address"));
	const bool query = iscsi_db_record_kind(record) == ISCSI_DB_ISNS;
	int64_t port = iscsi_db_record_get_int(record, KEY("port"), query ? ISNS_PORT : ISCSI_PORT);
	const char *own_name = text_of(record, "iface.initiatorname");
	char why[AUTH_WHY_SIZE];
	struct discovery *d;

	if (!m->initiator_name[0] && !own_name[0]) {
		request_progress(request, "Cannot perform discovery. Invalid Initiatorname.");
		request_done(request, ISCSI_ERR_INVAL,
		             "no initiator name is configured in initiatorname.iscsi");
		return;
	}
	if (!host_valid(host) || port < 1 || port > UINT16_MAX) {
		request_done(request, ISCSI_ERR_INVAL,
		             "the discovery record has no valid address and port");
		return;
	}
	d = (struct discovery *)calloc(1, sizeof(*d));
	if (!d || loop_add_timer(m->loop, on_timer, d, &d->timer) < 0) {
		free(d);
		request_done(request, ISCSI_ERR_NOMEM, "no memory for a discovery");
		return;
	}
	d->kind = query ? &isns : &sendtargets;
	d->manager = m;
	d->fail_fast = fail_fast;
	d->request = request;
	request->gone = on_gone;
	request->data = d;
	list_append(&m->discoveries, &d->node);
	snprintf(d->config.portal.host, sizeof(d->config.portal.host), "%s", host);
	d->config.portal.port = (uint16_t)port;
	configure(d, record);
	if (d->kind->logs_in &&
	    auth_fill(record, m->fips_file, on_reason, NULL, &d->config.login.auth, why) < 0)
		request_done(end(d), ISCSI_ERR_LOGIN_AUTH_FAILED, "%s", why);
	else
		attempt(d);
}

struct discovery *discovery_free(struct discovery *d)
{
	if (!d)
		return NULL;
	list_remove(&d->node);
	loop_source_free(d->timer);
	conn_free(d->conn);
	auth_wipe(&d->config.login.auth);
	free(d);
	return NULL;
}
