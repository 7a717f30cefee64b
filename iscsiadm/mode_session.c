/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m session: what is logged in.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/login.h"
#include "iscsiadm/node_ops.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/session_ops.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

enum { SESSION_LEVEL_MAX = 3 };

static int refused(const char *why)
{
	report("%s", why);
	return ISCSI_ERR_INVAL;
}

static int logout_and_operation(void)
{
	return refused("Invalid parameters. Login/logout and op passed in");
}

/* The sid that -r names, as a number or by a path of sysfs. */
static int parse_sid(const struct cli *cli, int *ret_sid)
{
	const char *text = cli->opts.sid_text;
	int r = host_sid_from_text(cli->paths.sysfs, text, ret_sid);

	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	if (r == -ENOTDIR) {
		report("%s is not a directory", text);
		return ISCSI_ERR_UNKNOWN;
	}
	if (r == -EINVAL && strchr(text, '/')) {
		report("Unable to find sid in path %s", text);
		report("invalid sid '%s'", text);
		return ISCSI_ERR_INVAL;
	}
	report("%s is an invalid session ID or path", text);
	return ISCSI_ERR_UNKNOWN;
}

/* The session that -r names. */
static int find_session(struct cli *cli, const struct host_session **ret)
{
	int sid, rc = parse_sid(cli, &sid);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < cli->session_count; i++) {
		if (cli->sessions[i].sid == sid) {
			*ret = &cli->sessions[i];
			return ISCSI_ERR_SUCCESS;
		}
	}
	report("could not read session targetname: 5");
	report("Could not get session info for sid %d", sid);
	return ISCSI_ERR_SYSFS_LOOKUP;
}

static int list(struct cli *cli, const struct host_session *sessions, size_t n)
{
	_cleanup_free_ struct daemon_state *states = NULL;
	int level = cli->opts.print_level;
	size_t count = 0;

	if (level > SESSION_LEVEL_MAX) {
		report("Invalid info level %d. Try 0 - %d.", level, SESSION_LEVEL_MAX);
		return ISCSI_ERR_INVAL;
	}
	if (level >= 1)
		daemon_states(cli, &states, &count);
	print_sessions(cli, sessions, n, states, count);
	return ISCSI_ERR_SUCCESS;
}

/* The record as it is printed and logged in with: the first that can be read. */
static struct iscsi_db_record *read_first(struct cli *cli, const struct iscsi_db_node_id *ids,
                                          size_t count)
{
	struct iscsi_db_record *record = NULL;

	for (size_t i = 0; i < count && !record; i++)
		record = select_read(cli, &ids[i]);
	if (!record)
		report("No records found");
	return record;
}

static int show_record(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count)
{
	_cleanup_record_ struct iscsi_db_record *record = read_first(cli, ids, count);

	if (!record)
		return ISCSI_ERR_NO_OBJS_FOUND;
	return print_record(cli, record);
}

/* The record asks for one session more than there are, this once. */
static int one_more(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count)
{
	_cleanup_record_ struct iscsi_db_record *record = read_first(cli, ids, count);
	const struct login_list records = {.records = &record, .count = 1};
	struct iscsi_db_node_id id;
	char wanted[16];
	int r;

	if (!record)
		return ISCSI_ERR_NO_OBJS_FOUND;
	r = iscsi_db_node_id_of(record, &id);
	if (r == 0) {
		snprintf(wanted, sizeof(wanted), "%u", sessions_of(cli, &id) + 1);
		r = iscsi_db_record_set(record, "node.session.nr_sessions", wanted);
	}
	return r < 0 ? cli_failed(r, "login") : login_records_verdict(cli, &records);
}

static int run_on_record(struct cli *cli, const struct host_session *s)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count;
	int rc = select_session_nodes(cli, s, &ids, &count);

	if (rc == ISCSI_ERR_NO_OBJS_FOUND)
		report("No records found");
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	switch (cli->opts.ops) {
	case OP_NEW: return one_more(cli, ids, count);
	case OP_DELETE: return node_delete_ids(cli, ids, count);
	case OP_UPDATE:
		rc = node_update_ids(cli, ids, count);
		return rc ? rc : session_update(cli, s);
	case 0:
	case OP_SHOW: return show_record(cli, ids, count);
	default: return refused("operation is not supported."); /* several at once */
	}
}

static int run_on_one(struct cli *cli)
{
	const struct options *o = &cli->opts;
	const struct host_session *s;
	const struct session_list one = {.sessions = &s, .count = 1};
	int rc = find_session(cli, &s);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (session_action_wanted(o))
		return session_action(cli, &one);
	if (o->logout && o->ops)
		return logout_and_operation();
	if (o->logout)
		return logout_sessions(cli, one.sessions, one.count, LOGOUT_NAMED);
	if (o->ops || o->print_level <= 0)
		return run_on_record(cli, s);
	return list(cli, s, 1);
}

/* What is done to all sessions. */
static int run_on_all(struct cli *cli)
{
	struct session_list all = {0};
	int rc = session_list_select(cli, &all);

	if (rc == ISCSI_ERR_SUCCESS && session_action_wanted(&cli->opts))
		rc = session_action(cli, &all);
	else if (rc == ISCSI_ERR_SUCCESS)
		rc = logout_sessions(cli, all.sessions, all.count, LOGOUT_BULK);
	session_list_done(&all);
	return rc;
}

static int list_all(struct cli *cli)
{
	int rc =
		cli->opts.print_level > 0 || cli->json ? cli_sessions(cli) : cli_sessions_flat(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (cli->session_count == 0) {
		report("No active sessions.");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	return list(cli, cli->sessions, cli->session_count);
}

/* Of several things to do, open-iscsi does the first, in this order, and so it stays. */
int mode_session(struct cli *cli)
{
	const struct options *o = &cli->opts;

	if (o->sid_text)
		return run_on_one(cli);
	if (o->ops == OP_NEW)
		return refused("session mode: Operation 'new' only allowed with specific session "
		               "IDs");
	if (session_action_wanted(o))
		return run_on_all(cli);
	if (o->logout && o->ops)
		return logout_and_operation();
	if (o->logout)
		return run_on_all(cli);
	return list_all(cli);
}
