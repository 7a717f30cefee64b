/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/failure.h"

#include <errno.h>
#include <stdio.h>

#include "iscsiadm/report.h"

/* Takes what over; NULL: there was no memory for it. */
static int failed(int error, char *what)
{
	int rc = cli_failed(what ? error : -ENOMEM, what ? what : "could not change a record");

	free(what);
	return rc;
}

int node_failed(const struct cli *cli, const struct iscsi_db_node_id *id, const char *verb,
                int error)
{
	char file[sizeof(id->iface) + 16] = "";
	char *what;

	/* without a tag there is a plain file in the place of the folder */
	if (id->tpgt != PORTAL_TPGT_UNKNOWN)
		snprintf(file, sizeof(file), ",%d/%s", id->tpgt, id->iface);
	if (asprintf(&what,
	             "Could not %s the record [iface: %s, target: %s, portal: %s,%u], "
	             "%s/nodes/%s/%s,%u%s",
	             verb, id->iface, id->target, id->address, id->port, iscsi_db_root(cli->db),
	             id->target, id->address, id->port, file) < 0)
		what = NULL;
	return failed(error, what);
}

int node_unreadable(const struct cli *cli, const struct iscsi_db_node_id *id, int error)
{
	int rc = node_failed(cli, id, "read", error);

	if (error == -EBADMSG)
		report("-d 1 says what is wrong with it; -o delete, and a discovery or -o new, "
		       "replace it.");
	return rc;
}

int discovery_failed(const struct cli *cli, const struct iscsi_db_discovery_id *id,
                     const char *verb, int error)
{
	bool isns = id->kind == ISCSI_DB_ISNS;
	char *what;

	if (asprintf(&what, "Could not %s the discovery record [%s,%u], %s/%s/%s,%u/%s", verb,
	             id->address, id->port, iscsi_db_root(cli->db), isns ? "isns" : "send_targets",
	             id->address, id->port, isns ? "isns_config" : "st_config") < 0)
		what = NULL;
	return failed(error, what);
}

int iface_failed(const struct cli *cli, const char *name, const char *verb, int error)
{
	char *what;

	if (asprintf(&what, "Could not %s the interface record %s, %s/ifaces/%s", verb, name,
	             iscsi_db_root(cli->db), name) < 0)
		what = NULL;
	return failed(error, what);
}
