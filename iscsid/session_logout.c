/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out, one bounded step after the other: LUNs away while the connection can still carry
 * what disks have to write, logout request, connection stopped, session destroyed.  A step that
 * cannot work is skipped.
 */
#include "iscsid/session_fsm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/pdu.h"

enum {
	UNBIND_TIMEOUT_SEC = 60,  /* disks write their caches meanwhile */
	DESTROY_TIMEOUT_SEC = 15, /* until the kernel says that it is gone */
};

static struct nl *kernel(const struct session *s)
{
	return transport_nl(s->manager->transport);
}

/* What the kernel says of its LUNs, "" when that cannot be read; false: it has no such session. */
static bool look(const struct session *s, char ret_state[static HOST_TARGET_STATE_SIZE])
{
	ret_state[0] = '\0';
	return host_session_target_state(s->manager->sysfs, (int)s->sid, ret_state) != -ENOENT;
}

static enum session_state gone(struct session *s)
{
	log_notice("Connection%u:%d to [target: %s, portal: %s,%u] through [iface: %s] is "
	           "shutdown.",
	           s->sid, CID, s->id.target_name, s->id.portal.host, s->id.portal.port,
	           s->id.iface_name);
	run_state_remove(s->manager->state_folder, s->sid);
	return SESSION_GONE;
}

enum session_state session_act_stop(struct session *s, const struct session_news *news _unused_)
{
	struct nl *nl = kernel(s);
	int r;

	session_scan_end(s);
	s->conn = conn_free(s->conn);
	s->relogin = relogin_free(s->relogin);
	if (!nl)
		return gone(s);
	/* either may be done already; only what destroys the session counts */
	nl_stop_conn(nl, s->sid, CID, NL_STOP_TERM);
	nl_destroy_conn(nl, s->sid, CID);
	r = nl_destroy_session(nl, s->sid);
	if (r < 0 && r != -EINVAL)
		log_error("session %u %s: the kernel cannot destroy it: %s", s->sid,
		          s->id.target_name, strerror(-r));
	/* EINVAL: there is no such session any more */
	if (r == -EINVAL)
		return gone(s);
	loop_timer_set(s->timer, DESTROY_TIMEOUT_SEC * USEC_PER_SEC);
	return SESSION_STOPPING;
}

/* No LUN can be unbound, and no request sent, over a connection that is gone. */
enum session_state session_act_stop_broken(struct session *s, const struct session_news *news)
{
	/* the login has succeeded, whatever comes after */
	if (s->scan.first)
		session_answer_logins(s);
	return session_act_stop(s, news);
}

int session_send_logout(const struct session *s)
{
	/* immediate, reason 0; the kernel fills in tag and numbers */
	const struct pdu pdu = {
		.opcode = ISCSI_OP_LOGOUT_REQ,
		.immediate = true,
		.flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_SESSION,
	};
	uint8_t bhs[ISCSI_BHS_LEN];

	if (!kernel(s))
		return -ENODEV;
	pdu_encode(&pdu, bhs);
	return nl_send_pdu(kernel(s), s->sid, CID, bhs, NULL, 0);
}

static enum session_state send_logout(struct session *s)
{
	int r = session_send_logout(s);

	if (r < 0) {
		log_info("session %u %s: no logout request can be sent (%s)", s->sid,
		         s->id.target_name, strerror(-r));
		return session_act_stop(s, NULL);
	}
	loop_timer_set(s->timer, s->id.logout_timeout * USEC_PER_SEC);
	return SESSION_LOGOUT;
}

enum session_state session_act_unbind(struct session *s, const struct session_news *news _unused_)
{
	struct nl *nl = kernel(s);
	char target_state[HOST_TARGET_STATE_SIZE];
	int r;

	/* it has succeeded, whatever comes after */
	session_answer_logins(s);
	session_scan_end(s);
	if (!nl || !look(s, target_state))
		return gone(s);
	/* the kernel tells it once only */
	if (strcmp(target_state, "UNBOUND") == 0)
		return send_logout(s);
	r = nl_unbind_session(nl, s->sid);
	if (r < 0) {
		log_warning("session %u %s: the kernel cannot remove its LUNs: %s", s->sid,
		            s->id.target_name, strerror(-r));
		return session_act_stop(s, NULL);
	}
	loop_timer_set(s->timer, UNBIND_TIMEOUT_SEC * USEC_PER_SEC);
	return SESSION_UNBINDING;
}

enum session_state session_act_unbound(struct session *s, const struct session_news *news _unused_)
{
	return send_logout(s);
}

/* I/O that the target does not answer holds the LUNs: let it fail, then take all apart. */
enum session_state session_act_unbind_stuck(struct session *s,
                                            const struct session_news *news _unused_)
{
	struct nl *nl = kernel(s);
	struct nl_batch *b = nl_batch_new(s->sid, CID);

	log_warning("session %u %s: its LUNs do not go within %d s; their I/O is made to fail",
	            s->sid, s->id.target_name, UNBIND_TIMEOUT_SEC);
	if (nl && b) {
		nl_batch_param_u32(b, NL_PARAM_SESS_RECOVERY_TMO, 0);
		nl_batch_run(nl, b, NULL);
		nl_stop_conn(nl, s->sid, CID, NL_STOP_RECOVER);
	}
	nl_batch_free(b);
	return session_act_stop(s, NULL);
}

enum session_state session_act_destroyed(struct session *s,
                                         const struct session_news *news _unused_)
{
	/* for a login that waits for its scan */
	if (s->scan.first)
		session_fail(s, ISCSI_ERR_TRANS,
		             "session %u was taken apart by somebody else while its LUNs were "
		             "looked for",
		             s->sid);
	return gone(s);
}

enum session_state session_act_destroy_stuck(struct session *s,
                                             const struct session_news *news _unused_)
{
	char target_state[HOST_TARGET_STATE_SIZE];

	if (!look(s, target_state))
		return gone(s);
	log_error("session %u %s: the kernel has not let it go after %d s; it can be logged out "
	          "again",
	          s->sid, s->id.target_name, DESTROY_TIMEOUT_SEC);
	session_fail(s, ISCSI_ERR_INTERNAL,
	             "the kernel has not let session %u go after %d s; see the kernel's log",
	             s->sid, DESTROY_TIMEOUT_SEC);
	session_answer_failed(s);
	return SESSION_FAILED;
}
