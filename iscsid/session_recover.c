/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a broken connection back to a session that works, with its LUNs kept by the kernel
 * meanwhile.  STOP_CONN(RECOVER) comes before each new socket: until then the kernel refuses it.
 */
#include "iscsid/session_fsm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "iscsid/auth.h"
#include "iscsid/kparam.h"
#include "iscsid/policy.h"
#include "iscsid/scout.h"
#include "lib/base/log.h"
#include "lib/proto/iscsi.h"

/* The kernel's numbers of connection errors that are more than a broken connection. */
enum { CONN_ERROR_INVALID_HOST = 1018, CONN_ERROR_TCP_CLOSED = 1020 };

/* One try to connect: a host that comes back answers the next one sooner than a SYN of long ago. */
enum { CONNECT_TIMEOUT_SEC = 3 };

/* Before a redirect is followed: what the old connection has left in the queue of events is read
 * then. */
enum { REDIRECT_MSEC = 10 };

static struct nl *kernel(const struct session *s)
{
	return transport_nl(s->manager->transport);
}

static void stop(const struct session *s)
{
	int r = kernel(s) ? nl_stop_conn(kernel(s), s->sid, CID, NL_STOP_RECOVER) : 0;

	if (r < 0)
		log_warning("session %u %s: the kernel cannot stop its connection: %s", s->sid,
		            s->id.target_name, strerror(-r));
}

/* State 3 is what a connection in full feature phase has there. */
static void log_conn_error(const struct session *s, int error)
{
	log_warning("Kernel reported iSCSI connection %u:%d error (%d - %s) state (%d)", s->sid,
	            CID, error, nl_conn_error_text((uint32_t)error), 3);
}

enum session_state session_recover(struct session *s, uint32_t time2wait)
{
	if (!s->record) {
		log_error("session %u %s: there is no record to log in again with; log it out",
		          s->sid, s->id.target_name);
		return SESSION_FAILED;
	}
	s->home = s->id.home;
	loop_timer_set(s->timer, recovery_begin(&s->recovery, &s->id.home, time2wait, loop_now()));
	return SESSION_RECOVER_WAIT;
}

/*
 * Somebody with our name and ISID logs in to the target as often as we do.  It may be another
 * session of ours to another portal group, if the target does not tell its groups apart.
 */
static void contested(struct session *s)
{
	if (!session_shares_isid(s)) {
		log_error("session %u %s: the target closes the connection soon after each login: "
		          "another host logs in with our initiator name and ISID; give each host "
		          "a name of its own in initiatorname.iscsi",
		          s->sid, s->id.target_name);
		return;
	}
	session_choose_isid(s, PORTAL_TPGT_UNKNOWN);
	log_warning("session %u %s: the target closes the connection soon after each login of "
	            "ours to another of its portal groups; trying with an ISID of its own",
	            s->sid, s->id.target_name);
}

enum session_state session_act_lost(struct session *s, const struct session_news *news)
{
	const bool closed = news && news->error == CONN_ERROR_TCP_CLOSED;

	if (news)
		log_conn_error(s, news->error);
	if (contest_down(&s->contest, loop_now(), closed))
		contested(s);
	if (news && news->error == CONN_ERROR_INVALID_HOST) {
		session_fail(s, ISCSI_ERR_TRANS, "the kernel removes the host of session %u",
		             s->sid);
		return session_act_stop(s, news);
	}
	stop(s);
	return session_recover(s, s->id.time2wait);
}

/* Of a connection that is known to be broken there is nothing new, but that its host goes. */
enum session_state session_act_still_lost(struct session *s, const struct session_news *news)
{
	if (news->error != CONN_ERROR_INVALID_HOST)
		return s->state;
	log_conn_error(s, news->error);
	return session_act_stop(s, news);
}

static uint32_t dice(void)
{
	uint32_t v = 0;

	return getrandom(&v, sizeof(v), GRND_NONBLOCK) == sizeof(v) ? v : 0;
}

static void drop_attempt(struct session *s)
{
	s->conn = conn_free(s->conn);
	s->relogin = relogin_free(s->relogin);
}

/* At each doubling; or, where the record has a number, one of so many. */
static bool worth_telling(const struct session *s)
{
	int64_t every = iscsi_db_record_get_int(s->record, "node.session.sess_reopen_log_freq", 1);

	return every > 1 ? s->recovery.attempts % every == 0 : recovery_worth_telling(&s->recovery);
}

/*
 * Who asked for a new connection does not wait for a target that may stay away for days.  A login
 * has succeeded, and waits for the end of its scan.
 */
static void tell_waiting(struct session *s, const struct conn_result *result, bool given_up)
{
	session_fail(s, policy_of(result)->login_error, "%s; %s", result->text,
	             given_up ? "the session is taken apart" : "iscsid goes on trying");
	if (given_up || !s->scan.first)
		session_answer(&s->logins, s->error, s->detail);
}

/* The attempt failed: the next one, unless the record sets a limit. */
static enum session_state again(struct session *s, const struct conn_result *result)
{
	int64_t limit = iscsi_db_record_get_int(s->record, "node.session.reopen_max", 0);
	uint64_t wait = recovery_failed(&s->recovery, &s->id.home, result, dice());
	bool given_up = limit > 0 && s->recovery.attempts >= limit;
	unsigned int scouts;

	tell_waiting(s, result, given_up);
	s->home = s->id.home;
	if (worth_telling(s))
		log_warning("session %u %s: %s (attempt %u to recover it); trying again", s->sid,
		            s->id.target_name, result->text, s->recovery.attempts);
	drop_attempt(s);
	stop(s);
	if (given_up) {
		log_error("session %u %s: given up after %u attempts to recover it "
		          "(node.session.reopen_max); it is taken apart",
		          s->sid, s->id.target_name, s->recovery.attempts);
		return session_act_stop(s, NULL);
	}
	scouts = scout_elect(s);
	if (scouts > 0)
		wait = MIN(wait, recovery_scout(&s->recovery, scouts));
	loop_timer_set(s->timer, wait);
	return SESSION_RECOVER_WAIT;
}

static enum session_state again_internal(struct session *s, int error, const char *what)
{
	struct conn_result result = {.outcome = CONN_OUTCOME_INTERNAL, .error = -error};

	snprintf(result.text, sizeof(result.text), "%s: %s", what, strerror(-error));
	return again(s, &result);
}

static void on_conn_ended(void *data, const struct conn_result *result)
{
	const struct session_news news = {.conn = result};

	session_event((struct session *)data,
	              result->outcome == CONN_OUTCOME_CONNECTED ? SESSION_CONN_CONNECTED
	                                                        : SESSION_CONN_FAILED,
	              &news);
}

/*
 * Where an attempt goes.  A name that cannot be looked up, since the resolver's files are on the
 * disk that waits, or its server is gone with the network, must not keep the session down: every
 * other attempt goes where the name led last.
 */
static struct portal destination(const struct session *s)
{
	struct portal to = s->recovery.at;
	struct sockaddr_storage a;
	socklen_t len;

	if (s->recovery.attempts % 2 == 1 && s->id.home_address[0] &&
	    portal_equal(&to, &s->id.home) &&
	    addr_from_literal(to.host, to.port, &a, &len) == -EINVAL)
		snprintf(to.host, sizeof(to.host), "%s", s->id.home_address);
	return to;
}

enum session_state session_act_reconnect(struct session *s,
                                         const struct session_news *news _unused_)
{
	static const struct conn_callbacks callbacks = {.ended = on_conn_ended};
	struct conn_config config;
	char why[AUTH_WHY_SIZE];
	int r;

	drop_attempt(s);
	loop_timer_stop(s->timer);
	s->recovery.attempts++;
	if (s->recovery.redirects == 0)
		session_choose_isid(s, session_record_tpgt(s));
	r = session_login_config(s, &config, why);
	if (r < 0)
		return again_internal(s, r, why);
	auth_wipe(&config.login.auth);
	config.portal = destination(s);
	config.connect_only = true;
	config.timeout_usec = MIN(config.timeout_usec, CONNECT_TIMEOUT_SEC * USEC_PER_SEC);
	r = conn_start(s->manager->loop, s->manager->broker, &config, &callbacks, s, &s->conn);
	return r < 0 ? again_internal(s, r, "cannot begin to connect") : SESSION_RECONNECT;
}

static int send_pdu(void *data, const uint8_t *bytes, size_t len)
{
	const struct session *s = (const struct session *)data;

	/* all that the peer may send through the kernel */
	if ((bytes[0] & ISCSI_OP_MASK) != ISCSI_OP_LOGIN_REQ)
		return -EBADMSG;
	return nl_send_pdu(kernel(s), s->sid, CID, bytes, bytes + ISCSI_BHS_LEN,
	                   len - ISCSI_BHS_LEN);
}

static void on_login_ended(void *data, const struct conn_result *result)
{
	const struct session_news news = {.conn = result};

	session_event((struct session *)data,
	              result->outcome == CONN_OUTCOME_LOGGED_IN ? SESSION_CONN_LOGGED_IN
	                                                        : SESSION_CONN_FAILED,
	              &news);
}

/* The session that is still there on the target's side is reinstated: RFC 7143 section 6.3.5. */
static int log_in(struct session *s)
{
	struct conn_config config;
	struct relogin_config relogin = {
		.login = &config.login,
		.at = s->recovery.at,
		.send = send_pdu,
		.ended = on_login_ended,
		.data = s,
	};
	struct host_session host;
	char why[AUTH_WHY_SIZE];
	int r = session_login_config(s, &config, why);

	if (r < 0)
		return r;
	/* the kernel fills in CmdSN, but leaves this one as it is */
	if (host_session_read(s->manager->sysfs, (int)s->sid, HOST_DETAIL_PARAMS, &host) == 0 &&
	    host.exp_statsn_valid)
		config.login.exp_stat_sn = host.exp_statsn;
	relogin.timeout_usec = config.timeout_usec;
	r = relogin_start(s->manager->loop, s->manager->broker, &relogin, &s->relogin);
	auth_wipe(&config.login.auth);
	return r;
}

enum session_state session_act_relogin(struct session *s, const struct session_news *news _unused_)
{
	_cleanup_close_ int fd = conn_take_fd(s->conn);
	struct nl_batch *b = nl_batch_new(s->sid, CID);
	int r = -ENOMEM;

	session_keep_address(s, &s->recovery.at, fd);
	s->conn = conn_free(s->conn);
	scout_found(s, false);
	stop(s);
	if (b && kernel(s)) {
		nl_batch_bind(b, fd);
		r = nl_batch_run(kernel(s), b, NULL);
	}
	nl_batch_free(b);
	if (r < 0)
		return again_internal(s, r, "the kernel does not take the new connection");
	r = log_in(s);
	return r < 0 ? again_internal(s, r, "cannot begin the login") : SESSION_RELOGIN;
}

void session_receive(struct session *s, const uint8_t *bytes, size_t len)
{
	if (s->state == SESSION_RELOGIN)
		relogin_receive(s->relogin, bytes, len);
}

void session_redirected(struct session *s, const struct conn_move *move)
{
	if (move->for_good && portal_equal(move->from, &s->home))
		s->home = *move->to;
	/* which group is there, the target says only when we are in */
	session_choose_isid(s, PORTAL_TPGT_UNKNOWN);
}

/* To where the target sent us; false: there is no such way. */
static bool follow(struct session *s, const struct peer_done *done)
{
	struct connect_path path;
	struct conn_move move;
	struct portal to;

	connect_path_of(s->record, &path);
	if (s->recovery.redirects >= CONN_REDIRECTS_MAX ||
	    conn_redirect(done, &s->recovery.at, path.netdev, &to) < 0)
		return false;
	log_info("session %u %s: %s:%u redirects to %s:%u", s->sid, s->id.target_name,
	         s->recovery.at.host, s->recovery.at.port, to.host, to.port);
	move = conn_move(done, &s->recovery.at, &to);
	session_redirected(s, &move);
	s->recovery.redirects++;
	s->recovery.at = to;
	return true;
}

enum session_state session_act_recover_failed(struct session *s, const struct session_news *news)
{
	const struct conn_result *result = news->conn;

	if (result->outcome != CONN_OUTCOME_REDIRECTED || !follow(s, result->done))
		return again(s, result);
	drop_attempt(s);
	stop(s);
	loop_timer_set(s->timer, REDIRECT_MSEC * USEC_PER_MSEC);
	return SESSION_RECOVER_WAIT;
}

/* The new connection broke as well. */
enum session_state session_act_relogin_lost(struct session *s, const struct session_news *news)
{
	struct conn_result result = {.outcome = CONN_OUTCOME_CLOSED};

	if (news->error == CONN_ERROR_INVALID_HOST)
		return session_act_still_lost(s, news);
	if (relogin_pondering(s->relogin))
		return SESSION_RELOGIN;
	snprintf(result.text, sizeof(result.text), "%s:%u ended the connection during the login",
	         s->recovery.at.host, s->recovery.at.port);
	return again(s, &result);
}

static int start(struct session *s, const struct peer_done *done)
{
	const struct kparam_session params = {
		.exp_stat_sn = done->exp_stat_sn,
		.tpgt = done->tpgt,
		.params = done->params,
		.record = s->record,
		.initiator_name = session_initiator_name(s),
	};
	struct nl_batch *b = nl_batch_new(s->sid, CID);
	int r = -ENOMEM;

	if (b && kernel(s)) {
		kparam_add_session(b, &params, NULL, NULL);
		nl_batch_start(b);
		r = nl_batch_run(kernel(s), b, NULL);
	}
	nl_batch_free(b);
	return r;
}

/* The kernel brings the LUNs back by itself. */
enum session_state session_act_recovered(struct session *s, const struct session_news *news)
{
	const struct peer_done *done = news->conn->done;
	int r = start(s, done);

	if (r < 0)
		return again_internal(s, r, "the kernel does not take the session up again");
	session_keep_state(s, done);
	session_async_end(s);
	scout_found(s, true);
	s->scout = false;
	s->recovery.ended_usec = loop_now();
	log_notice("connection%u:%d is operational after recovery (%u attempts)", s->sid, CID,
	           s->recovery.attempts);
	drop_attempt(s);
	session_scan_recovered(s);
	return s->scan.first ? SESSION_SCANNING : SESSION_LOGGED_IN;
}

/* A link or an address came up: what failed before may work now. */
enum session_state session_act_hurry(struct session *s, const struct session_news *news _unused_)
{
	drop_attempt(s);
	s->recovery.failures = 0;
	loop_timer_set(s->timer, recovery_rest(&s->recovery, loop_now()));
	return SESSION_RECOVER_WAIT;
}

/* Session reinstatement (RFC 7143 section 6.3.5), at once: nothing was lost unexpectedly. */
enum session_state session_act_renew(struct session *s, const struct session_news *news _unused_)
{
	log_notice("session %u %s: a new connection is wanted; its LUNs stay", s->sid,
	           s->id.target_name);
	drop_attempt(s);
	stop(s);
	s->recovery.ended_usec = 0;
	return session_recover(s, 0);
}

/* ---- what the target wishes ---------------------------------------------------------------- */

/* What DefaultTime2Wait may be at most (RFC 7143 section 13.15); a message has room for more. */
enum { TIME2WAIT_MAX = 3600 };

/* The LUNs stay in the kernel, their I/O waits. */
enum session_state session_act_step_out(struct session *s, const struct session_news *news)
{
	int r;

	if (news->notice->event == ISCSI_ASYNC_LOGOUT)
		log_notice("session %u %s: the target asks for a logout within %u s; logging out, "
		           "and in again",
		           s->sid, s->id.target_name, news->notice->param3);
	r = session_send_logout(s);
	if (r < 0) {
		log_info("session %u %s: no logout request can be sent (%s)", s->sid,
		         s->id.target_name, strerror(-r));
		return session_act_lost(s, NULL);
	}
	loop_timer_set(s->timer, s->id.logout_timeout * USEC_PER_SEC);
	return SESSION_STEP_OUT;
}

/* Nothing was lost that Time2Wait would be for. */
enum session_state session_act_stepped_out(struct session *s,
                                           const struct session_news *news _unused_)
{
	stop(s);
	return session_recover(s, 0);
}

enum session_state session_act_step_out_unheard(struct session *s,
                                                const struct session_news *news _unused_)
{
	log_warning("session %u %s: the target does not answer the logout request that it asked "
	            "for; its connection is dropped",
	            s->sid, s->id.target_name);
	stop(s);
	return session_recover(s, s->id.time2wait);
}

/* The times for a session in which tasks are not reassigned: 11.9.1. */
static uint32_t time2wait_of(const struct peer_notice *n)
{
	return MIN(n->param2, TIME2WAIT_MAX);
}

enum session_state session_act_dropped(struct session *s, const struct session_news *news)
{
	const struct peer_notice *n = news->notice;

	log_warning("session %u %s: the target drops %s, to be reached again after %u s and for "
	            "%u s from then on",
	            s->sid, s->id.target_name,
	            n->event == ISCSI_ASYNC_DROP_ALL ? "all connections" : "the connection",
	            n->param2, n->param3);
	stop(s);
	return session_recover(s, time2wait_of(n));
}

enum session_state session_act_postpone(struct session *s, const struct session_news *news)
{
	drop_attempt(s);
	loop_timer_set(s->timer,
	               recovery_postpone(&s->recovery, time2wait_of(news->notice), loop_now()));
	return SESSION_RECOVER_WAIT;
}
