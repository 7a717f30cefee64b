/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to sessions besides login and logout: one request for each, all at once.  Used by
 * node and session mode.
 */
#ifndef ISCSIADM_SESSION_OPS_H
#define ISCSIADM_SESSION_OPS_H

#include "iscsiadm/cli.h"

/* Sessions of the snapshot, in the order in which they are acted on. */
struct session_list {
	const struct host_session **sessions; /* owned */
	size_t count;
};

/*
 * The sessions that -T, -p and -I select (cli_sessions() is called).  Exit code, 0 also when there
 * is none; session_list_done() releases them.
 */
int session_list_select(struct cli *cli, struct session_list *ret);
void session_list_done(struct session_list *list);

/* Whether the command line wants one of them: -R, -s, --reconnect. */
bool session_action_wanted(const struct options *o);

/* Do it.  Exit code: the first error; without sessions "No session found." and NO_OBJS_FOUND. */
int session_action(struct cli *cli, const struct session_list *list);

/*
 * Give a session the settings of -n and -v that it takes without another login, and say of each of
 * the others when it takes effect.  Exit code; failures are said on stderr.
 */
int session_update(struct cli *cli, const struct host_session *s);

#endif
