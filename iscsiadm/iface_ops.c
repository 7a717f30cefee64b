/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing commands on interface records.  What a session uses is neither reset nor removed; a
 * change waits for its next login.
 */
#include "iscsiadm/iface_ops.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/failure.h"
#include "iscsiadm/node_ops.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/settings.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/ipc/error.h"

/* A connection is bound by one of these; which one is decided when the record is made. */
static const char key_hwaddress[] = "iface.hwaddress";
static const char key_netdev[] = "iface.net_ifacename";

bool iface_is_special(const char *name)
{
	return strcmp(name, "default") == 0 || strcmp(name, "iser") == 0;
}

static bool has_session(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->session_count; i++) {
		if (strcmp(cli->sessions[i].iface_name, name) == 0)
			return true;
	}
	return false;
}

/* ---- settings --------------------------------------------------------------------------- */

static bool is_set(const struct iscsi_db_record *record, const char *key)
{
	return iscsi_db_record_get(record, key)[0] != '\0';
}

static int refuse_switch(const char *from, const char *to)
{
	report("Can not update interface binding from %s to %s. You must delete the interface and "
	       "create a new one",
	       from, to);
	return ISCSI_ERR_INVAL;
}

/* What an update may not change, going by the record as it is stored. */
static int check_setting(const struct iscsi_db_record *record, const char *key)
{
	if (strcmp(key, "iface.iscsi_ifacename") == 0) {
		report("Can not update %s. Delete it, and then create a new one.", key);
		return ISCSI_ERR_INVAL;
	}
	if (strcmp(key, key_netdev) == 0 && is_set(record, key_hwaddress))
		return refuse_switch("hwaddress", "net_ifacename");
	if (strcmp(key, key_hwaddress) == 0 && is_set(record, key_netdev))
		return refuse_switch("net_ifacename", "hwaddress");
	return ISCSI_ERR_SUCCESS;
}

static int apply(const struct options *o, struct iscsi_db_record *record)
{
	int rc = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < o->setting_count; i++)
		rc = check_setting(record, o->settings[i].name);
	return rc ? rc : settings_apply(o, record, false);
}

static int could_not(const char *verb, const char *name, int rc)
{
	report("Could not %s iface %s: %s", verb, name, iscsi_err_text(rc));
	return rc;
}

static int write_iface(struct cli *cli, const struct iscsi_db_record *record, const char *name)
{
	int r = iscsi_db_iface_write(cli->db, record);

	return r < 0 ? iface_failed(cli, name, "write", r) : ISCSI_ERR_SUCCESS;
}

/* ---- new -------------------------------------------------------------------------------- */

static int refuse_new(const char *name, int rc)
{
	report("Could not create new interface %s.", name);
	return rc;
}

int iface_new(struct cli *cli, const char *name)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int r, rc;

	if (!name) {
		report("Could not add interface. No interface passed in.");
		return ISCSI_ERR_INVAL;
	}
	if (iface_is_special(name)) {
		report("iface %s is a special interface and is not stored in %s/ifaces.", name,
		       iscsi_db_root(cli->db));
		return refuse_new(name, ISCSI_ERR_INVAL);
	}
	rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (has_session(cli, name))
		return refuse_new(name, ISCSI_ERR_SESS_EXISTS);
	record = iscsi_db_record_new(ISCSI_DB_IFACE);
	r = record ? iscsi_db_record_set(record, "iface.iscsi_ifacename", name) : -ENOMEM;
	if (r < 0)
		return cli_failed(r, name);
	rc = apply(&cli->opts, record);
	if (rc != ISCSI_ERR_SUCCESS)
		return could_not("update", name, rc);
	rc = write_iface(cli, record, name);
	if (rc != ISCSI_ERR_SUCCESS)
		return refuse_new(name, rc);
	print_done(cli, "%s updated.\nNew interface %s added\n", name, name);
	return ISCSI_ERR_SUCCESS;
}

/* ---- update ----------------------------------------------------------------------------- */

/* The copy in a node record; a record that cannot be read has none that counts. */
static int update_node(struct cli *cli, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = select_read(cli, id);
	int r, rc;

	if (!record)
		return ISCSI_ERR_SUCCESS;
	rc = settings_apply(&cli->opts, record, false);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	r = iscsi_db_node_write(cli->db, record);
	return r < 0 ? node_failed(cli, id, "write", r) : ISCSI_ERR_SUCCESS;
}

static int node_ids(struct cli *cli, const char *name, struct iscsi_db_node_id **ret,
                    size_t *ret_count)
{
	const struct iscsi_db_selection bound = {.iface = name};
	int r = iscsi_db_nodes(cli->db, &bound, report_problem, NULL, ret, ret_count);

	return r < 0 ? cli_failed(r, iscsi_db_root(cli->db)) : ISCSI_ERR_SUCCESS;
}

/* The record and its copies, written together. */
static int write_update(struct cli *cli, const struct iscsi_db_record *record, const char *name)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;
	int r, rc = cli_batch_begin(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	rc = write_iface(cli, record, name);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = node_ids(cli, name, &ids, &count);
	for (size_t i = 0; i < count; i++)
		rc = first_error(rc, update_node(cli, &ids[i]));
	r = iscsi_db_batch_end(cli->db);
	return r < 0 ? first_error(rc, cli_failed(r, iscsi_db_root(cli->db))) : rc;
}

int iface_update(struct cli *cli, const char *name)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int rc;

	if (!name || !settings_given(&cli->opts)) {
		report("Update requires name, value, and iface.");
		return ISCSI_ERR_INVAL;
	}
	if (iface_is_special(name)) {
		report("iface %s is a special interface and cannot be modified.", name);
		return could_not("update", name, ISCSI_ERR_INVAL);
	}
	if (iscsi_db_iface_read(cli->db, name, report_problem, NULL, &record) < 0) {
		report("Could not read iface info for %s.", name);
		return ISCSI_ERR_INVAL;
	}
	rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (has_session(cli, name))
		report("Updating iface while iscsi sessions are using it. You must logout the "
		       "running sessions then log back in for the new settings to take affect.");
	rc = apply(&cli->opts, record);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = write_update(cli, record, name);
	if (rc != ISCSI_ERR_SUCCESS)
		return could_not("update", name, rc);
	print_done(cli, "%s updated.\n", name);
	return ISCSI_ERR_SUCCESS;
}

/* ---- delete ----------------------------------------------------------------------------- */

/* Name each session that uses the record; whether there is any. */
static bool report_sessions(const struct cli *cli, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < cli->session_count; i++) {
		const struct host_session *s = &cli->sessions[i];
		struct iscsi_db_node_id id = {.port = (uint16_t)s->persistent_port};

		if (strcmp(s->iface_name, name) != 0)
			continue;
		any = true;
		snprintf(id.target, sizeof(id.target), "%.*s", ISCSI_NAME_MAX, s->target_name);
		snprintf(id.address, sizeof(id.address), "%s", s->persistent_address);
		snprintf(id.iface, sizeof(id.iface), "%s", name);
		node_report_in_use(&id, "remove");
	}
	return any;
}

/* The record goes last: a deletion that was cut short can be done again. */
static int delete_all(struct cli *cli, const char *name)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;
	int r, rc = cli_batch_begin(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	rc = node_ids(cli, name, &ids, &count);
	for (size_t i = 0; i < count; i++) {
		r = iscsi_db_node_delete(cli->db, &ids[i]);
		if (r < 0 && r != -ENOENT)
			rc = first_error(rc, node_failed(cli, &ids[i], "delete", r));
	}
	if (rc == ISCSI_ERR_SUCCESS) {
		r = iscsi_db_iface_delete(cli->db, name);
		if (r < 0 && r != -ENOENT)
			rc = iface_failed(cli, name, "delete", r);
	}
	r = iscsi_db_batch_end(cli->db);
	return r < 0 ? first_error(rc, cli_failed(r, iscsi_db_root(cli->db))) : rc;
}

int iface_delete(struct cli *cli, const char *name)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int r, rc;

	if (!name) {
		report("Could not delete interface. No interface passed in.");
		return ISCSI_ERR_INVAL;
	}
	if (iface_is_special(name)) {
		report("iface %s is a special interface and cannot be deleted.", name);
		return could_not("delete", name, ISCSI_ERR_INVAL);
	}
	/* a file that is no record can be deleted as well */
	r = iscsi_db_iface_read(cli->db, name, report_problem, NULL, &record);
	if (r < 0 && r != -EBADMSG) {
		report("Could not read iface info for %s.", name);
		return could_not("delete", name, ISCSI_ERR_INVAL);
	}
	rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	rc = report_sessions(cli, name) ? ISCSI_ERR_SESS_EXISTS : delete_all(cli, name);
	if (rc != ISCSI_ERR_SUCCESS)
		return could_not("delete", name, rc);
	print_done(cli, "%s unbound and deleted.\n", name);
	return ISCSI_ERR_SUCCESS;
}
