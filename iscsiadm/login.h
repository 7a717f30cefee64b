/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins and logouts: all of a command are sent at once, the answers printed in their order.
 */
#ifndef ISCSIADM_LOGIN_H
#define ISCSIADM_LOGIN_H

#include "iscsiadm/cli.h"

/* Records to log in to; the list owns them. */
struct login_list {
	struct iscsi_db_record **records;
	size_t count;
	bool present_is_good; /* a session that is there already is said, but is no error */
};

/* Hand a record over to the list; freed even on failure.  0 or -ENOMEM. */
int login_list_add(struct login_list *list, struct iscsi_db_record *record);
void login_list_done(struct login_list *list);

/*
 * Log in to all records, as many times as each asks for (node.session.nr_sessions) and is not there
 * yet.  Exit code: the first error; ISCSI_ERR_SESS_EXISTS when one was there already.  Each failure
 * is said on stderr, but not that there was one.
 */
int login_records(struct cli *cli, const struct login_list *list);

/* The same, and "Could not log into all portals" after a failure. */
int login_records_verdict(struct cli *cli, const struct login_list *list);

/* How sessions came to be logged out. */
enum logout_scope {
	LOGOUT_NAMED, /* by their names or numbers */
	LOGOUT_BULK,  /* all there are, or all that start in a certain way: not those in use */
};

/*
 * Log out of the sessions in the order given, but target by target; none: "No matching sessions
 * found".  Of a LOGOUT_BULK without --force, those in use are taken out of sessions.  Exit code:
 * the first error; ISCSI_ERR_BUSY when the only thing wrong is that some are in use.
 */
int logout_sessions(struct cli *cli, const struct host_session **sessions, size_t count,
                    enum logout_scope scope);

#endif
