/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a record to a session in the kernel.  The kernel hears of it only when the target has
 * said yes: a login that fails leaves no trace there.
 */
#include "iscsid/session_fsm.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "iscsid/auth.h"
#include "iscsid/kparam.h"
#include "iscsid/policy.h"
#include "lib/base/log.h"

/* What a record without them means; a login must end some day. */
enum { LOGIN_TIMEOUT_DEFAULT = 30, LOGIN_TIMEOUT_MAX = 3600, LOGIN_RETRY_MAX = 65535 };

static const char *text_of(const struct session *s, const char *key)
{
	const char *v = iscsi_db_record_get(s->record, key);

	return v ? v : "";
}

static int64_t number_of(const struct session *s, const char *key, int64_t min, int64_t max,
                         int64_t def)
{
	int64_t v = iscsi_db_record_get_int(s->record, key, def);

	return v < min || v > max ? def : v;
}

static uint64_t login_timeout_usec(const struct session *s)
{
	int64_t sec = number_of(s, "node.conn[0].timeo.login_timeout", 1, LOGIN_TIMEOUT_MAX, 0);

	if (sec == 0) {
		log_warning("connection-1:0 Invalid timeo.login_timeout. Must be greater than "
		            "zero. Using default %d.",
		            LOGIN_TIMEOUT_DEFAULT);
		sec = LOGIN_TIMEOUT_DEFAULT;
	}
	return (uint64_t)sec * USEC_PER_SEC;
}

const char *session_initiator_name(const struct session *s)
{
	const char *own = text_of(s, "iface.initiatorname");

	return own[0] ? own : s->manager->initiator_name;
}

static void on_reason(void *data, const char *text)
{
	const struct session *s = (const struct session *)data;

	/* once a login, not once an attempt */
	if (s->attempt <= 1 && !(s->state & SESSION_BROKEN))
		log_warning("%s: %s", s->id.target_name, text);
}

/* It may lead to a portal group where another session of ours has this ISID. */
static void on_redirected(void *data, const struct conn_move *move, uint8_t isid[static 6])
{
	struct session *s = (struct session *)data;

	session_redirected(s, move);
	memcpy(isid, s->id.isid, ISID_SIZE);
}

static void on_conn_ended(void *data, const struct conn_result *result)
{
	const struct session_news news = {.conn = result};

	session_event((struct session *)data,
	              result->outcome == CONN_OUTCOME_LOGGED_IN ? SESSION_CONN_LOGGED_IN
	                                                        : SESSION_CONN_FAILED,
	              &news);
}

int session_login_config(struct session *s, struct conn_config *ret, char why[static AUTH_WHY_SIZE])
{
	struct conn_config config = {
		.portal = s->id.portal,
		.timeout_usec = login_timeout_usec(s),
		.login.purpose = PEER_PURPOSE_SESSION,
	};
	struct peer_login *l = &config.login;
	int r = auth_fill(s->record, s->manager->fips_file, on_reason, s, &l->auth, why);

	if (r < 0)
		return r;
	if (chap_algorithms_count(&s->chap) == 0)
		s->chap = l->auth.algorithms;
	l->auth.algorithms = s->chap;
	connect_path_of(s->record, &config.path);
	kparam_offer(s->record, on_reason, s, &l->offer);
	l->cmd_sn = (uint32_t)number_of(s, "node.session.initial_cmdsn", 0, UINT32_MAX, 0);
	memcpy(l->isid, s->id.isid, sizeof(l->isid));
	snprintf(l->initiator_name, sizeof(l->initiator_name), "%s", session_initiator_name(s));
	snprintf(l->initiator_alias, sizeof(l->initiator_alias), "%s", s->manager->initiator_alias);
	snprintf(l->target_name, sizeof(l->target_name), "%s", s->id.target_name);
	*ret = config;
	auth_wipe(&l->auth);
	return 0;
}

enum session_state session_act_attempt(struct session *s, const struct session_news *news _unused_)
{
	static const struct conn_callbacks callbacks = {.redirected = on_redirected,
	                                                .ended = on_conn_ended};
	struct conn_config config;
	char why[AUTH_WHY_SIZE];
	int r;

	s->attempt++;
	s->home = s->id.portal;
	session_choose_isid(s, session_record_tpgt(s));
	r = session_login_config(s, &config, why);
	if (r < 0) {
		session_fail(s, ISCSI_ERR_LOGIN_AUTH_FAILED, "%s", why);
		session_keep_failure(s, s->error, true, why);
		log_message(s->known == s->error ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
		            "cannot log in to %s: %s", s->id.target_name, why);
		return SESSION_GONE;
	}
	r = conn_start(s->manager->loop, s->manager->broker, &config, &callbacks, s, &s->conn);
	auth_wipe(&config.login.auth);
	if (r < 0) {
		session_fail(s, iscsi_err_from_errno(r), "cannot begin the login: %s",
		             strerror(-r));
		return SESSION_GONE;
	}
	return SESSION_LOGIN;
}

enum session_state session_act_start(struct session *s, const struct session_news *news)
{
	int r;

	if (transport_nl(s->manager->transport))
		return session_act_attempt(s, news);
	r = transport_want(s->manager->transport);
	if (r < 0) {
		session_fail(s, ISCSI_ERR_TRANS_NOT_FOUND, "cannot load the kernel's iSCSI: %s",
		             strerror(-r));
		return SESSION_GONE;
	}
	return SESSION_LOADING;
}

enum session_state session_act_no_transport(struct session *s, const struct session_news *news)
{
	session_fail(s, ISCSI_ERR_TRANS_NOT_FOUND,
	             "the kernel has no iSCSI over TCP (%s): kernel module iscsi_tcp is needed",
	             strerror(-news->error));
	return SESSION_GONE;
}

/* The lines that people look for in the log. */
static void log_failure(const struct session *s, const struct conn_result *c)
{
	const struct portal *p = &s->id.portal;

	if (s->known == policy_of(c)->login_error) {
		log_debug("%s: %s (attempt %u)", s->id.target_name, c->text, s->attempt);
		return;
	}
	if (c->outcome == CONN_OUTCOME_UNCONNECTED || c->outcome == CONN_OUTCOME_NO_WAY)
		log_warning("connect to %s:%u failed (%s)", p->host, p->port, strerror(c->error));
	else if (c->outcome == CONN_OUTCOME_REFUSED && c->status_class == 2 &&
	         c->status_detail == 1)
		log_warning("connection-1:0 login rejected: initiator failed authorization with "
		            "target");
	else if (c->outcome == CONN_OUTCOME_AUTH_FAILED)
		log_warning("Login failed to authenticate with target %s", s->id.target_name);
	else if (c->outcome == CONN_OUTCOME_REFUSED && c->status_class == 3)
		log_warning("connection-1:0 login rejected: target error (%02x/%02x)",
		            c->status_class, c->status_detail);
	else if (c->outcome == CONN_OUTCOME_REFUSED)
		log_warning("connection-1:0 login rejected: initiator error (%02x/%02x)",
		            c->status_class, c->status_detail);
	log_info("%s: %s (attempt %u)", s->id.target_name, c->text, s->attempt);
}

/* What those are told for whom this was the last attempt; why: there is no further one. */
static void fail(struct session *s, const struct conn_result *c, uint64_t limit, const char *why,
                 const char *hint)
{
	session_fail(s, policy_of(c)->login_error, "%s (attempt %u within %llu s, %s)%s%s", c->text,
	             s->attempt, (unsigned long long)(limit / USEC_PER_SEC), why, hint ? "; " : "",
	             hint ? hint : "");
}

/* No further attempt. */
static enum session_state give_up(struct session *s, const struct conn_result *c, uint64_t limit,
                                  const char *hint)
{
	const char *why = "no other one was wanted";

	if (!policy_of(c)->retry)
		why = "not worth another one";
	else if (policy_retries(c, s->fail_fast) && session_is_wanted(s))
		why = "time is up";
	fail(s, c, limit, why, hint);
	session_keep_failure(s, s->error, true, s->detail);
	log_message(s->known == s->error ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
	            "login to %s at %s:%u given up: %s", s->id.target_name, s->id.portal.host,
	            s->id.portal.port, s->detail);
	return SESSION_GONE;
}

enum session_state session_act_attempt_failed(struct session *s, const struct session_news *news)
{
	const struct conn_result *c = news->conn;
	const struct policy *policy = policy_of(c);
	uint64_t limit = login_timeout_usec(s) *
	                 (uint64_t)number_of(s, "node.session.initial_login_retry_max", 1,
	                                     LOGIN_RETRY_MAX, 1);
	const char *hint = auth_hint(c, chap_algorithms_count(&s->chap) > 0);
	uint64_t now = loop_now(), delay = 0;

	s->status = (uint16_t)(c->status_class << 8 | c->status_detail);
	log_failure(s, c);
	if (auth_retry(&s->chap, c)) {
		log_info("%s: trying again with the next CHAP algorithm, %s", s->id.target_name,
		         chap_algorithm_name(s->chap.number[0]));
		s->conn = conn_free(s->conn);
		loop_timer_set(s->timer, 0);
		return SESSION_RETRY_WAIT;
	}
	if (!hint)
		hint = policy->hint;
	if (policy_retries(c, s->fail_fast))
		delay = policy_retry_delay(s->attempt + 1, s->began_usec, limit, now);
	if (delay > 0 && !policy_retries(c, true)) {
		fail(s, c, limit, "no other one was wanted", hint);
		session_answer(&s->hasty, s->error, s->detail);
	}
	if (delay == 0 || !session_is_wanted(s))
		return give_up(s, c, limit, hint);
	session_keep_failure(s, policy->login_error, false, c->text);
	s->conn = conn_free(s->conn);
	loop_timer_set(s->timer, delay);
	return SESSION_RETRY_WAIT;
}

static int create_in_kernel(struct session *s, const struct peer_done *done)
{
	struct transport *t = s->manager->transport;
	struct nl *nl = transport_nl(t);
	uint16_t cmds_max, queue_depth;
	int r = -ENODEV;

	kparam_queue(s->record, on_reason, s, &cmds_max, &queue_depth);
	if (nl)
		r = nl_create_session(nl, cmds_max, queue_depth, done->cmd_sn, &s->sid,
		                      &s->host_no);
	/* the module may have gone: then the next login loads it again */
	if (r == -EINVAL && transport_refresh(t) < 0)
		r = -ENODEV;
	return r;
}

/* Connection, parameters and start in one go; on failure nothing of the session is left. */
static int build_in_kernel(struct session *s, const struct peer_done *done, int fd,
                           char ret_what[static 64])
{
	struct nl *nl = transport_nl(s->manager->transport);
	const struct kparam_session params = {
		.exp_stat_sn = done->exp_stat_sn,
		.tpgt = done->tpgt,
		.params = done->params,
		.record = s->record,
		.initiator_name = session_initiator_name(s),
	};
	struct nl_batch *b = nl_batch_new(s->sid, CID);
	const char *what = "";
	int r = -ENOMEM;

	if (b) {
		nl_batch_create_conn(b);
		nl_batch_bind(b, fd);
		kparam_add_session(b, &params, on_reason, s);
		kparam_add_host(b, s->record, s->host_no);
		nl_batch_start(b);
		r = nl_batch_run(nl, b, &what);
	}
	snprintf(ret_what, 64, "%s", what);
	nl_batch_free(b);
	if (r < 0) {
		nl_stop_conn(nl, s->sid, CID, NL_STOP_TERM);
		nl_destroy_conn(nl, s->sid, CID);
		nl_destroy_session(nl, s->sid);
	}
	return r;
}

void session_keep_state(struct session *s, const struct peer_done *done)
{
	int r;

	s->id.tsih = done->tsih;
	s->id.home = s->home;
	if (done->tpgt != PORTAL_TPGT_UNKNOWN)
		s->id.portal.tpgt = done->tpgt;
	s->id.time2wait = done->params.default_time2wait;
	s->id.time2retain = done->params.default_time2retain;
	contest_up(&s->contest, loop_now());
	r = run_state_save(s->manager->state_folder, s->sid, &s->id);
	if (r < 0)
		log_warning("session %u %s: cannot keep its state in %s: %s, ignoring", s->sid,
		            s->id.target_name, s->manager->state_folder, strerror(-r));
}

void session_keep_address(struct session *s, const struct portal *at, int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (!portal_equal(at, &s->home))
		return;
	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0 ||
	    getnameinfo((const struct sockaddr *)&peer, len, s->id.home_address,
	                sizeof(s->id.home_address), NULL, 0, NI_NUMERICHOST) != 0)
		s->id.home_address[0] = '\0';
}

enum session_state session_act_establish(struct session *s, const struct session_news *news)
{
	const struct peer_done *done = news->conn->done;
	_cleanup_close_ int fd = conn_take_fd(s->conn);
	char what[64] = "CREATE_SESSION";
	int r = create_in_kernel(s, done);

	if (r == 0) {
		session_keep_address(s, conn_portal(s->conn), fd);
		/* first: a daemon that is killed now leaves a session that can be recovered */
		s->id.scan = session_scans_itself(s);
		session_keep_state(s, done);
		r = build_in_kernel(s, done, fd, what);
	}
	if (r < 0) {
		if (s->sid)
			run_state_remove(s->manager->state_folder, s->sid);
		session_fail(s, r == -ENODEV ? ISCSI_ERR_TRANS_NOT_FOUND : ISCSI_ERR_INTERNAL,
		             "the target took the login, but the kernel refused %s: %s", what,
		             strerror(-r));
		log_error("login to %s failed: %s", s->id.target_name, s->detail);
		return SESSION_GONE;
	}
	s->conn = conn_free(s->conn);
	session_forget_failure(s);
	log_notice("Connection%u:%d to [target: %s, portal: %s,%u] through [iface: %s] is "
	           "operational now",
	           s->sid, CID, s->id.target_name, s->id.portal.host, s->id.portal.port,
	           s->id.iface_name);
	return session_first_scan(s);
}

enum session_state session_act_abandon(struct session *s, const struct session_news *news _unused_)
{
	log_info("login to %s is given up: nobody waits for it any more", s->id.target_name);
	return SESSION_GONE;
}

enum session_state session_act_cancel(struct session *s, const struct session_news *news _unused_)
{
	session_fail(s, ISCSI_ERR_LOGIN, "a logout of %s ended the login that was under way",
	             s->id.target_name);
	return SESSION_GONE;
}
