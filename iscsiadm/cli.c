/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/cli.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/client.h"
#include "iscsiadm/daemon.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

int cli_failed(int error, const char *what)
{
	bool database = error != -ENOMEM && error != -EINVAL;

	bool as_user = error == -EACCES && geteuid() != 0;

	report("%s: %s%s", what, strerror(-error), as_user ? "; only root may do that" : "");
	return database ? ISCSI_ERR_IDBM : (int)iscsi_err_from_errno(error);
}

int cli_batch_begin(struct cli *cli)
{
	static const char what[] = "could not lock the record database";
	const char *folder = iscsi_db_lock_folder(cli->db);
	int r = iscsi_db_batch_begin(cli->db);

	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	if (r != -ETIMEDOUT)
		return cli_failed(r, what);
	report("%s: another program has been writing to %s%s%s for too long; end it and try again",
	       what, iscsi_db_root(cli->db), folder[0] ? ", or has held the lock in " : "", folder);
	return ISCSI_ERR_IDBM;
}

int cli_init(struct cli *cli)
{
	int r = iscsi_db_open(cli->paths.db, &cli->db);

	return r < 0 ? cli_failed(r, "could not open the record database") : ISCSI_ERR_SUCCESS;
}

void cli_done(struct cli *cli)
{
	free(cli->sessions);
	cli->client = client_close(cli->client);
	cli->config = iscsi_db_config_free(cli->config);
	cli->db = iscsi_db_close(cli->db);
}

const struct iscsi_db_config *cli_config(struct cli *cli)
{
	_cleanup_free_ char *asked = NULL;
	const char *path = cli->paths.config;
	int r;

	if (cli->config)
		return cli->config;
	if (!path)
		path = asked = daemon_config_path(cli);
	r = iscsi_db_config_read(path, report_config_problem, NULL, &cli->config);
	if (r < 0) {
		cli_failed(r, path ? path : CLI_CONFIG_FILE);
		return NULL;
	}
	return cli->config;
}

static int snapshot(struct cli *cli, enum host_detail detail)
{
	int r;

	if (cli->have_sessions)
		return ISCSI_ERR_SUCCESS;
	r = host_sessions(cli->paths.sysfs, detail, &cli->sessions, &cli->session_count);
	if (r < 0) {
		report("could not read the sessions from sysfs: %s", strerror(-r));
		return ISCSI_ERR_SYSFS_LOOKUP;
	}
	cli->have_sessions = true;
	return ISCSI_ERR_SUCCESS;
}

int cli_sessions(struct cli *cli)
{
	if (cli->opts.print_level >= 2)
		return snapshot(cli, HOST_DETAIL_PARAMS);
	return snapshot(cli,
	                cli->opts.print_level == 1 ? HOST_DETAIL_ADDRESS : HOST_DETAIL_IDENTITY);
}

int cli_sessions_flat(struct cli *cli)
{
	return snapshot(cli, HOST_DETAIL_LIST);
}
