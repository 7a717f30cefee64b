/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the session and its driver.  N1 and so on: the transitions of RFC 7143 section
 * 8.3; T9 and so on: those of the connection, section 8.1.2, which the kernel holds by then.
 */
#include "iscsid/session_fsm.h"

#include "lib/base/log.h"

static enum session_state stay(struct session *s, const struct session_news *news _unused_)
{
	return s->state;
}

/* clang-format off */
static const struct session_row {
	unsigned int states;
	enum session_event event;
	session_action *action;
} rows[] = {
	{SESSION_NEW, SESSION_START, session_act_start},
	{SESSION_LOADING, SESSION_TRANSPORT_READY, session_act_attempt},
	{SESSION_LOADING, SESSION_TRANSPORT_MISSING, session_act_no_transport},
	{SESSION_LOGIN, SESSION_CONN_LOGGED_IN, session_act_establish},		/* N1 */
	{SESSION_LOGIN, SESSION_CONN_FAILED, session_act_attempt_failed},
	{SESSION_RETRY_WAIT, SESSION_TIMEOUT, session_act_attempt},
	{SESSION_SCANNING, SESSION_SCANNED, session_act_scanned},
	{SESSION_BROKEN, SESSION_SCANNED, session_act_scanned_late},

	/* the login is not wanted any more */
	{SESSION_NEW | SESSION_LOADING | SESSION_LOGIN | SESSION_RETRY_WAIT,
	 SESSION_ABANDONED, session_act_abandon},
	{SESSION_NEW | SESSION_LOADING | SESSION_LOGIN | SESSION_RETRY_WAIT,
	 SESSION_LOGOUT_WANTED, session_act_cancel},
	/* too late: it has succeeded */
	{SESSION_SCANNING | SESSION_LOGGED_IN | SESSION_BROKEN | SESSION_LEAVING,
	 SESSION_ABANDONED, stay},

	/* logout */
	{SESSION_SCANNING | SESSION_LOGGED_IN, SESSION_LOGOUT_WANTED, session_act_unbind},
	{SESSION_BROKEN, SESSION_LOGOUT_WANTED, session_act_stop_broken},	/* N6 */
	{SESSION_UNBINDING | SESSION_LOGOUT | SESSION_STOPPING, SESSION_LOGOUT_WANTED, stay},
	{SESSION_UNBINDING, SESSION_UNBOUND, session_act_unbound},		/* T9 */
	{SESSION_UNBINDING, SESSION_TIMEOUT, session_act_unbind_stuck},
	{SESSION_LOGOUT, SESSION_LOGOUT_ANSWERED, session_act_stop},		/* T13, N3 */
	{SESSION_LOGOUT, SESSION_TIMEOUT, session_act_stop},			/* T17, T18 */
	{SESSION_STOPPING, SESSION_DESTROYED, session_act_destroyed},
	{SESSION_STOPPING, SESSION_TIMEOUT, session_act_destroy_stuck},
	/* the LUNs go a second time, or somebody else has sent them away */
	{SESSION_SCANNING | SESSION_LOGGED_IN | SESSION_BROKEN | SESSION_LOGOUT | SESSION_STOPPING,
	 SESSION_UNBOUND, stay},
	/* an answer that took too long */
	{SESSION_STOPPING, SESSION_LOGOUT_ANSWERED, stay},

	/* the connection breaks */
	{SESSION_SCANNING | SESSION_LOGGED_IN,
	 SESSION_CONN_ERROR, session_act_lost},					/* T15, N5 */
	{SESSION_UNBINDING, SESSION_CONN_ERROR, session_act_stop},		/* T15, N6 */
	{SESSION_LOGOUT, SESSION_CONN_ERROR, session_act_stop},			/* T17, N6 */
	{SESSION_FAILED | SESSION_RECOVER_WAIT | SESSION_RECONNECT,
	 SESSION_CONN_ERROR, session_act_still_lost},
	{SESSION_STOPPING, SESSION_CONN_ERROR, stay},

	/* recovery */
	{SESSION_RECOVER_WAIT, SESSION_TIMEOUT, session_act_reconnect},		/* T1 */
	{SESSION_RECOVER_WAIT | SESSION_RECONNECT, SESSION_NETWORK_UP, session_act_hurry},
	{SESSION_RECONNECT, SESSION_CONN_CONNECTED, session_act_relogin},	/* T4 */
	{SESSION_RECONNECT | SESSION_RELOGIN,
	 SESSION_CONN_FAILED, session_act_recover_failed},			/* T2, T7 */
	{SESSION_RELOGIN, SESSION_CONN_ERROR, session_act_relogin_lost},	/* T7 */
	{SESSION_RELOGIN, SESSION_CONN_LOGGED_IN, session_act_recovered},	/* T5, N4 */

	/* a new connection is wanted */
	{SESSION_LOGGED_IN | SESSION_FAILED | SESSION_RELOGIN,
	 SESSION_RENEWAL_WANTED, session_act_renew},				/* T14, N5 */
	{SESSION_RECOVER_WAIT | SESSION_RECONNECT,
	 SESSION_RENEWAL_WANTED, session_act_hurry},
	{SESSION_STEP_OUT, SESSION_RENEWAL_WANTED, stay},

	/* what the target wishes, or is about to do: 11.9.1 */
	{SESSION_SCANNING | SESSION_LOGGED_IN,
	 SESSION_TARGET_LOGOUT, session_act_step_out},				/* T11, T10 */
	{SESSION_STEP_OUT, SESSION_LOGOUT_ANSWERED, session_act_stepped_out},	/* T13, N3 */
	{SESSION_STEP_OUT, SESSION_TIMEOUT, session_act_step_out_unheard},	/* T17 */
	{SESSION_STEP_OUT, SESSION_CONN_ERROR, session_act_lost},		/* T17, N5 */
	{SESSION_BROKEN | SESSION_UNBINDING | SESSION_LOGOUT | SESSION_STOPPING,
	 SESSION_TARGET_LOGOUT, stay},
	{SESSION_SCANNING | SESSION_LOGGED_IN | SESSION_STEP_OUT,
	 SESSION_TARGET_DROPS, session_act_dropped},				/* T15, N5 */
	/* it was said before the connection broke, and read after that */
	{SESSION_RECOVER_WAIT | SESSION_RECONNECT, SESSION_TARGET_DROPS, session_act_postpone},
	{SESSION_FAILED | SESSION_RELOGIN | SESSION_UNBINDING | SESSION_LOGOUT | SESSION_STOPPING,
	 SESSION_TARGET_DROPS, stay},

	/* somebody else took it apart */
	{SESSION_SCANNING | SESSION_LOGGED_IN | SESSION_BROKEN | SESSION_UNBINDING | SESSION_LOGOUT,
	 SESSION_DESTROYED, session_act_destroyed},
};
/* clang-format on */

static const struct session_row *row_of(enum session_state state, enum session_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].states & state && rows[i].event == event)
			return &rows[i];
	}
	return NULL;
}

bool session_handles(enum session_state state, enum session_event event)
{
	return row_of(state, event) != NULL;
}

const char *session_state_name(enum session_state state)
{
	switch (state) {
	case SESSION_NEW: return "new";
	case SESSION_LOADING: return "loading";
	case SESSION_LOGIN: return "login";
	case SESSION_RETRY_WAIT: return "retry-wait";
	case SESSION_SCANNING: return "scanning";
	case SESSION_LOGGED_IN: return "logged-in";
	case SESSION_FAILED: return "failed";
	case SESSION_RECOVER_WAIT: return "recover-wait";
	case SESSION_RECONNECT: return "reconnect";
	case SESSION_RELOGIN: return "relogin";
	case SESSION_STEP_OUT: return "step-out";
	case SESSION_UNBINDING: return "unbinding";
	case SESSION_LOGOUT: return "logout";
	case SESSION_STOPPING: return "stopping";
	case SESSION_GONE: return "gone";
	}
	return "?";
}

static const char *session_event_name(enum session_event event)
{
	switch (event) {
	case SESSION_START: return "start";
	case SESSION_TRANSPORT_READY: return "transport ready";
	case SESSION_TRANSPORT_MISSING: return "transport missing";
	case SESSION_CONN_CONNECTED: return "connected";
	case SESSION_CONN_LOGGED_IN: return "connection logged in";
	case SESSION_CONN_FAILED: return "connection failed";
	case SESSION_SCANNED: return "scanned";
	case SESSION_CONN_ERROR: return "connection error";
	case SESSION_LOGOUT_WANTED: return "logout wanted";
	case SESSION_ABANDONED: return "abandoned";
	case SESSION_UNBOUND: return "unbound";
	case SESSION_LOGOUT_ANSWERED: return "logout answered";
	case SESSION_DESTROYED: return "destroyed";
	case SESSION_TARGET_LOGOUT: return "logout request of the target";
	case SESSION_TARGET_DROPS: return "drop by the target";
	case SESSION_NETWORK_UP: return "network up";
	case SESSION_TIMEOUT: return "timeout";
	case SESSION_RENEWAL_WANTED: return "renewal wanted";
	case SESSION_EVENTS: break;
	}
	return "?";
}

/* An event that has no place: whoever sent it broke the protocol, and loses the connection. */
static enum session_state drop(struct session *s, enum session_event event)
{
	log_error("session %u %s: %s has no place in state %s; its connection is dropped", s->sid,
	          s->id.target_name, session_event_name(event), session_state_name(s->state));
	if (s->state & (SESSION_UNBINDING | SESSION_LOGOUT))
		return session_act_stop(s, NULL);
	if (s->state & (SESSION_SCANNING | SESSION_LOGGED_IN))
		return session_act_lost(s, NULL);
	if (s->state & (SESSION_BROKEN | SESSION_STOPPING))
		return s->state;
	session_fail(s, ISCSI_ERR_INTERNAL, "internal error: %s in state %s",
	             session_event_name(event), session_state_name(s->state));
	return SESSION_GONE;
}

void session_event(struct session *s, enum session_event event, const struct session_news *news)
{
	static const struct session_news no_news;
	const struct session_row *row = row_of(s->state, event);
	const enum session_state before = s->state;

	s->state = row ? row->action(s, news ? news : &no_news) : drop(s, event);
	if (s->state == before)
		return;
	log_debug("session %u %s: %s, %s -> %s", s->sid, s->id.target_name,
	          session_event_name(event), session_state_name(before),
	          session_state_name(s->state));
	events_session(&s->manager->events, s, before,
	               event == SESSION_CONN_ERROR && news ? news->error : 0);
	if (s->state == SESSION_LOGGED_IN)
		session_answer_logins(s);
	else if (s->state == SESSION_GONE)
		session_free(s);
}
