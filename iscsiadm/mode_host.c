/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m host: the SCSI hosts that sessions go through.
 */
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/host_ops.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/ipc/error.h"

enum { HOST_LEVEL_MAX = 4 };

static int by_host(const void *a, const void *b)
{
	const struct host_session *x = a, *y = b;

	if (x->host_no != y->host_no)
		return x->host_no < y->host_no ? -1 : 1;
	return (x->sid > y->sid) - (x->sid < y->sid);
}

/* All that a listing may need of the sessions, those of one host side by side. */
static int read_sessions(struct cli *cli, struct daemon_state **ret, size_t *ret_count)
{
	int rc = cli_sessions(cli);

	if (rc != ISCSI_ERR_SUCCESS || cli->session_count == 0)
		return rc;
	qsort(cli->sessions, cli->session_count, sizeof(*cli->sessions), by_host);
	daemon_states(cli, ret, ret_count);
	return ISCSI_ERR_SUCCESS;
}

/* Of the sorted sessions, the range from *first on that is the host's; *first goes behind it. */
static void take_sessions(const struct cli *cli, size_t *first, struct host_listing *host)
{
	const struct host_session *sessions = cli->sessions;
	size_t from = *first, to;

	while (from < cli->session_count && sessions[from].host_no < host->info.host_no)
		from++;
	to = from;
	while (to < cli->session_count && sessions[to].host_no == host->info.host_no)
		to++;
	if (to > from)
		host->sessions = &sessions[from];
	host->session_count = to - from;
	*first = to;
}

static int print_one(const struct cli *cli, struct host_listing *host)
{
	_cleanup_free_ struct host_iface *ifaces = NULL;
	int r = 0;

	if (cli->opts.print_level >= 1)
		r = host_ifaces(cli->paths.sysfs, host->info.host_no, &ifaces, &host->iface_count);
	if (r < 0)
		return cli_failed(r, "interfaces");
	host->ifaces = ifaces;
	print_host(cli, host);
	return ISCSI_ERR_SUCCESS;
}

static int list(struct cli *cli)
{
	_cleanup_free_ struct daemon_state *states = NULL;
	_cleanup_free_ struct host_info *hosts = NULL;
	size_t count = 0, state_count = 0, first = 0;
	const int level = cli->opts.print_level;
	int r, rc = ISCSI_ERR_SUCCESS;

	if (level > HOST_LEVEL_MAX) {
		report("Invalid info level %d. Try 0 - %d.", level, HOST_LEVEL_MAX);
		return ISCSI_ERR_INVAL;
	}
	r = host_list(cli->paths.sysfs, &hosts, &count);
	if (r < 0)
		return cli_failed(r, "hosts");
	if (level == HOST_LEVEL_MAX && !cli->json)
		print_versions(cli);
	if (count == 0) {
		report("No iSCSI hosts.");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	if (level >= 2)
		rc = read_sessions(cli, &states, &state_count);
	for (size_t i = 0; i < count && rc == ISCSI_ERR_SUCCESS; i++) {
		struct host_listing host = {
			.info = hosts[i], .states = states, .state_count = state_count};

		if (level >= 2)
			take_sessions(cli, &first, &host);
		rc = print_one(cli, &host);
	}
	return rc;
}

int mode_host(struct cli *cli)
{
	int host_no, rc = select_host(cli, &host_no);

	if (rc == ISCSI_ERR_SUCCESS && cli->opts.submode &&
	    strcmp(cli->opts.submode, "ping") == 0) {
		report("Invalid Sub Mode"); /* it is an interface that pings */
		return ISCSI_ERR_INVAL;
	}
	if (rc == ISCSI_ERR_SUCCESS && cli->opts.submode)
		return host_submode(cli, host_no);
	/* a host that is named is looked for, but does not narrow the list: scripts know that */
	return rc ? rc : list(cli);
}
