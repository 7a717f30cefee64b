/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m node: the node records, and logins and logouts chosen by them.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/failure.h"
#include "iscsiadm/login.h"
#include "iscsiadm/node_ops.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/session_ops.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static int no_records(int rc)
{
	if (rc == ISCSI_ERR_NO_OBJS_FOUND)
		report("No records found");
	return rc;
}

static int list(struct cli *cli)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count;
	int rc;

	if (cli->opts.print_level > 1) {
		report("Invalid info level %d. Try 0 or 1.", cli->opts.print_level);
		return ISCSI_ERR_INVAL;
	}
	rc = no_records(select_nodes(cli, MATCH_NAME, &ids, &count));
	if (rc == ISCSI_ERR_SUCCESS)
		print_nodes(cli, ids, count);
	return rc;
}

static int show(struct cli *cli)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count, shown = 0;
	int rc;

	rc = no_records(select_nodes(cli, MATCH_NAME, &ids, &count));
	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < count; i++) {
		_cleanup_record_ struct iscsi_db_record *record = select_read(cli, &ids[i]);

		if (!record)
			continue;
		rc = print_record(cli, record);
		shown++;
	}
	if (rc == ISCSI_ERR_SUCCESS && shown == 0)
		rc = no_records(ISCSI_ERR_NO_OBJS_FOUND);
	return rc;
}

/* The words that select by node.startup. */
enum startup_word {
	STARTUP_ALL,
	STARTUP_MANUAL,
	STARTUP_AUTOMATIC,
	STARTUP_ONBOOT,
	STARTUP_NONE,
};

static const char *const startup_words[] = {
	[STARTUP_ALL] = "all",
	[STARTUP_MANUAL] = "manual",
	[STARTUP_AUTOMATIC] = "automatic",
	[STARTUP_ONBOOT] = "onboot",
};

static enum startup_word startup_word_of(const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(startup_words); i++) {
		if (strcmp(startup_words[i], text) == 0)
			break;
	}
	return (enum startup_word)i;
}

static bool value_is(const struct iscsi_db_record *record, const char *key, const char *text)
{
	const char *value = iscsi_db_record_get(record, key);

	return value && strcmp(value, text) == 0;
}

static bool starts_as(const struct iscsi_db_record *record, enum startup_word word)
{
	return word == STARTUP_ALL || value_is(record, "node.startup", startup_words[word]) ||
	       value_is(record, "node.conn[0].startup", startup_words[word]);
}

/*
 * Read the selected records that start as word says into *ret; those of which one portal is
 * enough (node.leading_login) go to *ret_leading.  One that cannot be read might be among them:
 * that is said, and *ret_unread is the exit code for it; the others are to be logged in.
 */
static int collect(struct cli *cli, enum startup_word word, struct login_list *ret,
                   struct login_list *ret_leading, int *ret_unread)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count;
	int rc = select_nodes(cli, MATCH_NAME, &ids, &count), unread = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < count; i++) {
		struct iscsi_db_record *record = NULL;
		struct login_list *to = ret;
		int r = select_try_read(cli, &ids[i], &record);

		if (r < 0 && r != -ENOENT)
			unread = first_error(unread, node_unreadable(cli, &ids[i], r));
		if (r < 0)
			continue;
		if (!starts_as(record, word)) {
			iscsi_db_record_free(record);
			continue;
		}
		if (ret_leading && iscsi_db_record_get_bool(record, "node.leading_login"))
			to = ret_leading;
		if (login_list_add(to, record) < 0)
			rc = cli_failed(-ENOMEM, "login");
	}
	*ret_unread = unread;
	if (rc == ISCSI_ERR_SUCCESS && unread == ISCSI_ERR_SUCCESS &&
	    ret->count + (ret_leading ? ret_leading->count : 0) == 0)
		rc = ISCSI_ERR_NO_OBJS_FOUND;
	return no_records(rc);
}

static int login(struct cli *cli)
{
	struct login_list records = {0};
	int unread = ISCSI_ERR_SUCCESS, rc = collect(cli, STARTUP_ALL, &records, NULL, &unread);

	if (rc == ISCSI_ERR_SUCCESS && records.count > 0)
		rc = login_records_verdict(cli, &records);
	login_list_done(&records);
	return first_error(rc, unread);
}

static bool target_has_session(const struct cli *cli, const char *target)
{
	for (size_t i = 0; i < cli->session_count; i++) {
		if (strcmp(cli->sessions[i].target_name, target) == 0)
			return true;
	}
	return false;
}

/* Of each target's leading records the first that answers is enough. */
static int login_leading(struct cli *cli, const struct login_list *records)
{
	int rc = cli_sessions(cli);
	bool all = true;

	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < records->count;) {
		const char *target = iscsi_db_record_get(records->records[i], "node.name");
		bool there = target_has_session(cli, target);

		for (; i < records->count && value_is(records->records[i], "node.name", target);
		     i++) {
			const struct login_list one = {.records = &records->records[i], .count = 1};

			if (!there)
				there = login_records(cli, &one) == ISCSI_ERR_SUCCESS;
		}
		all = all && there;
	}
	if (rc != ISCSI_ERR_SUCCESS || all)
		return rc;
	report("Could not login all leading-login portals");
	return ISCSI_ERR_FATAL_LOGIN;
}

static int login_all(struct cli *cli)
{
	enum startup_word word = startup_word_of(cli->opts.login_all);
	struct login_list records = {0}, leading = {0};
	int rc, unread = ISCSI_ERR_SUCCESS;

	if (word == STARTUP_NONE) {
		report("Invalid loginall option %s.", cli->opts.login_all);
		options_hint();
		return ISCSI_ERR_INVAL;
	}
	rc = collect(cli, word, &records, &leading, &unread);
	if (rc == ISCSI_ERR_SUCCESS && records.count > 0)
		rc = login_records_verdict(cli, &records);
	if (leading.count > 0)
		rc = first_error(rc, login_leading(cli, &leading));
	login_list_done(&records);
	login_list_done(&leading);
	return first_error(rc, unread);
}

/*
 * The record that a session was made from; NULL: none that can be read, which is said, and *unread
 * is then the exit code for it.
 */
static struct iscsi_db_record *record_of(struct cli *cli, const struct iscsi_db_node_id *ids,
                                         size_t count, const struct host_session *s, int *unread)
{
	struct iscsi_db_record *record = NULL;

	for (size_t i = 0; i < count && !record; i++) {
		int r = session_is_of(s, &ids[i]) ? select_try_read(cli, &ids[i], &record)
		                                  : -ENOENT;

		if (r < 0 && r != -ENOENT)
			*unread = first_error(*unread, node_unreadable(cli, &ids[i], r));
	}
	return record;
}

/* What boot needs is not logged out in bulk, nor what no record speaks for. */
static bool logout_selects(const struct iscsi_db_record *record, enum startup_word word)
{
	return record && !starts_as(record, STARTUP_ONBOOT) &&
	       !value_is(record, "node.discovery_type", "fw") && starts_as(record, word);
}

static int logout(struct cli *cli)
{
	bool named = cli->opts.target || cli->opts.portal_text;
	struct session_list chosen = {0};
	int rc = cli_sessions(cli);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = daemon_add_pending(cli);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = session_list_select(cli, &chosen);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = logout_sessions(cli, chosen.sessions, chosen.count,
		                     named ? LOGOUT_NAMED : LOGOUT_BULK);
	session_list_done(&chosen);
	return rc;
}

/* -R, -s: what is done to the sessions that are there. */
static int act_on_sessions(struct cli *cli)
{
	struct session_list chosen = {0};
	int rc = session_list_select(cli, &chosen);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = session_action(cli, &chosen);
	session_list_done(&chosen);
	return rc;
}

static int logout_all(struct cli *cli)
{
	enum startup_word word = startup_word_of(cli->opts.logout_all);
	_cleanup_free_ const struct host_session **chosen = NULL;
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t n = 0, count = 0;
	int rc, unread = ISCSI_ERR_SUCCESS;

	if (word == STARTUP_NONE || word == STARTUP_ONBOOT) {
		report("Invalid logoutall option %s.", cli->opts.logout_all);
		options_hint();
		return ISCSI_ERR_INVAL;
	}
	rc = cli_sessions(cli);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = daemon_add_pending(cli);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = select_nodes(cli, MATCH_NAME, &ids, &count);
	if (rc != ISCSI_ERR_SUCCESS && rc != ISCSI_ERR_NO_OBJS_FOUND)
		return rc;
	chosen = calloc(cli->session_count + 1, sizeof(*chosen));
	if (!chosen)
		return cli_failed(-ENOMEM, "logout");
	for (size_t i = 0; i < cli->session_count; i++) {
		_cleanup_record_ struct iscsi_db_record *record =
			record_of(cli, ids, count, &cli->sessions[i], &unread);

		if (logout_selects(record, word))
			chosen[n++] = &cli->sessions[i];
	}
	if (n > 0 || unread == ISCSI_ERR_SUCCESS)
		rc = logout_sessions(cli, chosen, n, LOGOUT_BULK);
	else
		rc = unread;
	return first_error(rc, unread);
}

static int refused(const char *why)
{
	report("%s", why);
	return ISCSI_ERR_INVAL;
}

/* A record chosen by interface needs that the interface is known. */
static int check_iface(struct cli *cli)
{
	_cleanup_record_ struct iscsi_db_record *iface = NULL;
	const char *name = cli->opts.iface_count > 0 ? cli->opts.ifaces[0] : NULL;

	if (cli->opts.iface_count > 1)
		report("NODE mode only accepts one interface. Using the first one driver  "
		       "hwaddress  ipaddress .");
	if (!name)
		return ISCSI_ERR_SUCCESS;
	if (iscsi_db_iface_read(cli->db, name, report_problem, NULL, &iface) < 0) {
		report("Could not read iface info for %s.", name);
		return ISCSI_ERR_NOMEM; /* the number that callers know for this */
	}
	return ISCSI_ERR_SUCCESS;
}

static int run_operation(struct cli *cli)
{
	switch (cli->opts.ops) {
	case OP_NEW: return node_new(cli);
	case OP_DELETE: return no_records(node_delete(cli));
	case OP_UPDATE: return no_records(node_update(cli));
	case 0:
	case OP_SHOW: return show(cli);
	default: return refused("operation is not supported."); /* several at once */
	}
}

static int run_on_selected(struct cli *cli)
{
	const struct options *o = &cli->opts;

	if (o->ops == OP_NEW)
		return run_operation(cli);
	if (o->login && o->logout)
		return refused("Invalid parameters. Both login and logout passed in");
	if ((o->login || o->logout) && o->ops)
		return refused("Invalid parameters. Login/logout and op passed in");
	if (o->login)
		return login(cli);
	if (o->logout)
		return logout(cli);
	if (o->ops || o->target || o->portal_text || o->iface_count > 0)
		return run_operation(cli);
	return list(cli);
}

/* Of several things to do, open-iscsi does the first, in this order, and so it stays. */
int mode_node(struct cli *cli)
{
	const struct options *o = &cli->opts;
	int rc = check_iface(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (o->login_all)
		return login_all(cli);
	if (o->logout_all)
		return logout_all(cli);
	if (o->ops != OP_NEW && session_action_wanted(o))
		return act_on_sessions(cli);
	return run_on_selected(cli);
}
