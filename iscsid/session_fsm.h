/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The actions of the session's table (session_fsm.c): each does what the event calls for and
 * returns the next state.  No action delivers an event.
 */
#ifndef ISCSID_SESSION_FSM_H
#define ISCSID_SESSION_FSM_H

#include "iscsid/auth.h"
#include "iscsid/session.h"

typedef enum session_state session_action(struct session *s, const struct session_news *news);

/* session_login.c */
session_action session_act_start;
session_action session_act_attempt;
session_action session_act_no_transport;
session_action session_act_attempt_failed;
session_action session_act_establish;
session_action session_act_abandon;
session_action session_act_cancel;

/* session_scan.c */
session_action session_act_scanned;
session_action session_act_scanned_late;

/* session_logout.c */
session_action session_act_unbind;
session_action session_act_unbound;
session_action session_act_unbind_stuck;
session_action session_act_stop;
session_action session_act_stop_broken;
session_action session_act_destroyed;
session_action session_act_destroy_stuck;

/* session_recover.c */
session_action session_act_lost;
session_action session_act_still_lost;
session_action session_act_reconnect;
session_action session_act_relogin;
session_action session_act_relogin_lost;
session_action session_act_recover_failed;
session_action session_act_recovered;
session_action session_act_hurry;
session_action session_act_renew;
session_action session_act_step_out;
session_action session_act_stepped_out;
session_action session_act_step_out_unheard;
session_action session_act_dropped;
session_action session_act_postpone;

/* The next state of one whose connection is gone and stopped; in seconds, to wait first. */
enum session_state session_recover(struct session *s, uint32_t time2wait);

/*
 * What an attempt to log in needs, from the record; its secrets are to be wiped with auth_wipe().
 * 0, or a negative errno with a sentence about the record's credentials in why.
 */
int session_login_config(struct session *s, struct conn_config *ret,
                         char why[static AUTH_WHY_SIZE]);
const char *session_initiator_name(const struct session *s);

/*
 * The session is to log in at a portal of group tpgt (PORTAL_TPGT_UNKNOWN: it may be any).  It
 * keeps its ISID, if it has one, unless that would end another of our sessions there (isid.h).
 */
void session_choose_isid(struct session *s, int32_t tpgt);

/* The group that the record names, else the one that the session was last told. */
int32_t session_record_tpgt(const struct session *s);

/* Whether another session to the same target, at whatever portal group, has the same ISID. */
bool session_shares_isid(const struct session *s);

/* A target sends the login to another portal: where the session's home is from now on, and whether
 * it can go there with the ISID it has. */
void session_redirected(struct session *s, const struct conn_move *move);

/* The connection fd to the portal at stands: remember which address that was, if at is where the
 * session is recovered. */
void session_keep_address(struct session *s, const struct portal *at, int fd);

/* Keep what the login brought and the kernel does not. */
void session_keep_state(struct session *s, const struct peer_done *done);

/* 0 or a negative errno; after a failure session_scan_done() is as good. */
int session_scan_init(struct session *s);
void session_scan_done(struct session *s);

/*
 * It has a connection again: its disks may have another size now, and what could not be scanned
 * without one is due.
 */
void session_scan_recovered(struct session *s);

/* No scan any more: the session is on its way out.  Who waits for one is answered. */
void session_scan_end(struct session *s);

void session_async_init(struct session *s);

/* What was said over the connection that is gone is not read any more. */
void session_async_end(struct session *s);

/* RFC 7143 section 11.14: a Logout Request that closes the session.  0 or a negative errno. */
int session_send_logout(const struct session *s);

/* Whether LUNs are looked for without being asked: node.session.scan. */
bool session_scans_itself(const struct session *s);

/* The next state of a new session: its login is done when its LUNs have been looked for. */
enum session_state session_first_scan(struct session *s);

/* Answer each request of a list, whatever the list looks like after that. */
void session_answer(struct list_node *requests, enum iscsi_err error, const char *detail);

/* Answer all who wait for the login: it is done. */
void session_answer_logins(struct session *s);

/* Whether anybody still wants the login, waiting or not. */
bool session_is_wanted(const struct session *s);

/* Answer all who wait, for the login or for the end, with what session_fail() said. */
void session_answer_failed(struct session *s);

/* Keep why the record could not be logged in (given_up: no further attempt follows), or forget it.
 */
void session_keep_failure(const struct session *s, enum iscsi_err error, bool given_up,
                          const char *text);
void session_forget_failure(const struct session *s);

/* Remember what those who wait for the login are told when it is GONE. */
void session_fail(struct session *s, enum iscsi_err error, const char *fmt, ...) _printf_(3, 4);

#endif
