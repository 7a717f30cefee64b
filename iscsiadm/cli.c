/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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
	int r = iscsi_db_batch_begin(cli->db);

	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	if (r != -ETIMEDOUT)
		return cli_failed(r, what);
	report("%s: another program has been writing to %s, or has held %s/lock.write, for too "
	       "long; end it and try again",
	       what, iscsi_db_root(cli->db), iscsi_db_lock_folder(cli->db));
	return ISCSI_ERR_IDBM;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat sa, sb;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/*
 * open-iscsi's tools work on the system's own database only: their lock, which may be stuck and
 * which only root can take, does not count for another one.
 */
static int choose_lock(struct cli *cli)
{
	static const char *const homes[] = {"/var/lib/iscsi", "/etc/iscsi"};
	const char *root = iscsi_db_root(cli->db);
	_cleanup_free_ char *folder = NULL;

	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		if (!cli->paths.db || same_folder(root, homes[i]))
			return 0;
	}
	if (asprintf(&folder, "%s/.lock", root) < 0) {
		folder = NULL;
		return -ENOMEM;
	}
	return iscsi_db_set_lock_folder(cli->db, folder);
}

int cli_init(struct cli *cli)
{
	int r = iscsi_db_open(cli->paths.db, &cli->db);

	if (r == 0)
		r = choose_lock(cli);
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
	r = iscsi_db_config_read(path, report_problem, (void *)(uintptr_t)path, &cli->config);
	if (r < 0) {
		cli_failed(r, path ? path : "iscsid.conf");
		return NULL;
	}
	return cli->config;
}

int cli_sessions(struct cli *cli)
{
	enum host_detail detail = HOST_DETAIL_IDENTITY;
	int r;

	if (cli->have_sessions)
		return ISCSI_ERR_SUCCESS;
	if (cli->opts.print_level >= 2)
		detail = HOST_DETAIL_PARAMS;
	else if (cli->opts.print_level == 1)
		detail = HOST_DETAIL_STATE;
	r = host_sessions(cli->paths.sysfs, detail, &cli->sessions, &cli->session_count);
	if (r < 0) {
		report("could not read the sessions from sysfs: %s", strerror(-r));
		return ISCSI_ERR_SYSFS_LOOKUP;
	}
	cli->have_sessions = true;
	return ISCSI_ERR_SUCCESS;
}
