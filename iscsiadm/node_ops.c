/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing commands on node records.  A record that a session uses is neither removed nor reset.
 */
#include "iscsiadm/node_ops.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/failure.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/settings.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/ipc/error.h"

void node_report_in_use(const struct iscsi_db_node_id *id, const char *what)
{
	report("This command will %s the record [iface: %s, target: %s, portal: %s,%d], but a "
	       "session is using it. Logout session then rerun command to %s record.",
	       what, id->iface, id->target, id->address, id->port, what);
}

/* The last line of a command that failed on some records. */
static int verdict(int rc)
{
	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not execute operation on all records: %s", iscsi_err_text(rc));
	return rc;
}

/* What an interface record says is changed there, for all its records at once. */
static int check_iface_keys(const struct cli *cli)
{
	for (size_t i = 0; i < cli->opts.setting_count; i++) {
		const char *name = cli->opts.settings[i].name;

		if (strncmp(name, "iface.", 6) != 0 || strcmp(name, "iface.transport_name") == 0)
			continue;
		report("Cannot modify %s. Use iface mode to update this value.", name);
		return ISCSI_ERR_INVAL;
	}
	return ISCSI_ERR_SUCCESS;
}

static int update_one(struct cli *cli, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int rc, r = select_try_read(cli, id, &record);

	if (r == -ENOENT)
		return ISCSI_ERR_SUCCESS; /* another command has deleted it */
	if (r < 0)
		return node_unreadable(cli, id, r);
	rc = settings_apply(&cli->opts, record, true);
	if (rc == ISCSI_ERR_SUCCESS) {
		r = iscsi_db_node_write(cli->db, record);
		if (r < 0)
			rc = node_failed(cli, id, "write", r);
	}
	return rc;
}

/* One operation on every record, as one batch; the first error counts, the rest is tried. */
static int each_in_batch(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count,
                         int (*one)(struct cli *cli, const struct iscsi_db_node_id *id))
{
	int r, rc = cli_batch_begin(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < count; i++)
		rc = first_error(rc, one(cli, &ids[i]));
	r = iscsi_db_batch_end(cli->db);
	if (r < 0)
		rc = first_error(rc, cli_failed(r, iscsi_db_root(cli->db)));
	return verdict(rc);
}

static int check_settings_given(const struct cli *cli)
{
	if (settings_given(&cli->opts))
		return ISCSI_ERR_SUCCESS;
	report("update requires name and value");
	return ISCSI_ERR_INVAL;
}

int node_update_ids(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count)
{
	int rc = check_settings_given(cli);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = check_iface_keys(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	return each_in_batch(cli, ids, count, update_one);
}

int node_update(struct cli *cli)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count;
	int rc = check_settings_given(cli);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = select_nodes(cli, MATCH_TEXT, &ids, &count);
	return rc == ISCSI_ERR_SUCCESS ? node_update_ids(cli, ids, count) : rc;
}

static int delete_one(struct cli *cli, const struct iscsi_db_node_id *id)
{
	int r;

	if (sessions_of(cli, id) > 0) {
		node_report_in_use(id, "remove");
		return ISCSI_ERR_SESS_EXISTS;
	}
	r = iscsi_db_node_delete(cli->db, id);
	return r < 0 && r != -ENOENT ? node_failed(cli, id, "delete", r) : ISCSI_ERR_SUCCESS;
}

int node_delete_ids(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count)
{
	int rc = cli_sessions(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	return each_in_batch(cli, ids, count, delete_one);
}

int node_delete(struct cli *cli)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count;
	int rc = select_nodes(cli, MATCH_TEXT, &ids, &count);

	return rc == ISCSI_ERR_SUCCESS ? node_delete_ids(cli, ids, count) : rc;
}

struct iscsi_db_record *node_prototype(struct cli *cli, const struct iscsi_db_record *iface)
{
	const struct iscsi_db_config *config = cli_config(cli);
	struct iscsi_db_record *record;

	if (!config)
		return NULL;
	record = iscsi_db_config_node(config, iface);
	if (!record)
		cli_failed(-ENOMEM, "could not make a record");
	return record;
}

struct iscsi_db_record *node_record_from(const struct iscsi_db_record *prototype,
                                         const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = iscsi_db_record_dup(prototype);
	int r = record ? iscsi_db_node_set_id(record, id) : -ENOMEM;

	if (r < 0) {
		cli_failed(r, id->target);
		return NULL;
	}
	return take_ptr(record);
}

/* Write a fresh record in the place of id, made by hand. */
static int new_one(struct cli *cli, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *iface = NULL, *prototype = NULL, *record = NULL;
	_cleanup_free_ char *description = NULL;
	int r;

	if (sessions_of(cli, id) > 0) {
		node_report_in_use(id, "reset");
		return ISCSI_ERR_SESS_EXISTS;
	}
	r = iscsi_db_iface_read(cli->db, id->iface, report_problem, NULL, &iface);
	if (r == -ENOMEM)
		return cli_failed(r, id->iface);
	prototype = node_prototype(cli, iface);
	if (prototype)
		record = node_record_from(prototype, id);
	if (!record)
		return ISCSI_ERR_IDBM;
	description = node_description(record);
	if (!description)
		return cli_failed(-ENOMEM, id->target);
	r = iscsi_db_node_write(cli->db, record);
	if (r < 0) {
		report("Error while adding record: %s", description);
		return node_failed(cli, id, "write", r);
	}
	print_done(cli, "New iSCSI node %s added\n", description);
	return ISCSI_ERR_SUCCESS;
}

/* The place that -T, -p and -I name. */
static int id_from_options(const struct options *o, struct iscsi_db_node_id *ret)
{
	struct iscsi_db_node_id id = {.port = o->portal.port, .tpgt = o->portal.tpgt};
	const char *why;

	if (!o->target || !o->portal_text) {
		report("Error while adding record: a target name (-T) and a portal (-p) are "
		       "needed.");
		return ISCSI_ERR_INVAL;
	}
	if (!iscsi_name_valid(o->target, strlen(o->target), &why)) {
		report("Error while adding record: '%s' is not an iSCSI name: %s", o->target, why);
		return ISCSI_ERR_INVAL;
	}
	snprintf(id.target, sizeof(id.target), "%s", o->target);
	snprintf(id.address, sizeof(id.address), "%s", o->portal.host);
	snprintf(id.iface, sizeof(id.iface), "%s", o->iface_count > 0 ? o->ifaces[0] : "default");
	*ret = id;
	return ISCSI_ERR_SUCCESS;
}

/* A portal group tag that was not given is taken from a record of the same portal. */
static int complete_tag(struct cli *cli, struct iscsi_db_node_id *id)
{
	const struct iscsi_db_selection same = {
		.target = id->target, .address = id->address, .port = id->port};
	_cleanup_free_ struct iscsi_db_node_id *known = NULL;
	size_t count;
	int r;

	if (id->tpgt != PORTAL_TPGT_UNKNOWN)
		return ISCSI_ERR_SUCCESS;
	r = iscsi_db_nodes(cli->db, &same, report_problem, NULL, &known, &count);
	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; id->tpgt == PORTAL_TPGT_UNKNOWN && i < count; i++)
		id->tpgt = known[i].tpgt;
	return ISCSI_ERR_SUCCESS;
}

static bool same_portal(const struct iscsi_db_node_id *a, const struct iscsi_db_node_id *b)
{
	return strcmp(a->target, b->target) == 0 && strcmp(a->address, b->address) == 0 &&
	       a->port == b->port && a->tpgt == b->tpgt;
}

/* One of each portal that has records as -T or -p says, with the interface of -I. */
static int select_portals(struct cli *cli, struct iscsi_db_node_id **ret, size_t *ret_count)
{
	struct options *o = &cli->opts;
	const char *iface = o->iface_count > 0 ? o->ifaces[0] : "default";
	size_t iface_count = o->iface_count, count, kept = 0;
	struct iscsi_db_node_id *ids;
	int rc;

	o->iface_count = 0; /* those of any interface say that there is a portal */
	rc = select_nodes(cli, MATCH_TEXT, &ids, &count);
	o->iface_count = iface_count;
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && same_portal(&ids[i], &ids[kept - 1]))
			continue;
		ids[kept] = ids[i];
		snprintf(ids[kept++].iface, sizeof(ids->iface), "%s", iface);
	}
	*ret = ids;
	*ret_count = kept;
	return ISCSI_ERR_SUCCESS;
}

/* With -T and -p one record is made; with less, one at each portal that matches, anew. */
int node_new(struct cli *cli)
{
	const struct options *o = &cli->opts;
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	struct iscsi_db_node_id id;
	size_t count = 0;
	int rc = cli_sessions(cli);

	if (rc == ISCSI_ERR_SUCCESS && !(o->target && o->portal_text)) {
		rc = select_portals(cli, &ids, &count);
		if (rc == ISCSI_ERR_NO_OBJS_FOUND)
			rc = ISCSI_ERR_SUCCESS;
	}
	if (rc == ISCSI_ERR_SUCCESS && count == 0) {
		rc = id_from_options(o, &id);
		if (rc == ISCSI_ERR_SUCCESS)
			rc = complete_tag(cli, &id);
	}
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	/* now, since the daemon may be asked for it: no lock is held meanwhile */
	if (!cli_config(cli))
		return ISCSI_ERR_IDBM;
	return each_in_batch(cli, count > 0 ? ids : &id, MAX(count, (size_t)1), new_one);
}

/* What decides whether a record that is there stays. */
struct place {
	bool keep;
	/* borrowed */
	const struct cli *cli;
	const struct iscsi_db_node_id *id;
	bool (*stays)(const struct iscsi_db_record *there);
};

static bool place_stays(void *data, const struct iscsi_db_record *there)
{
	const struct place *place = data;

	return place->keep || sessions_of(place->cli, place->id) > 0 || place->stays(there);
}

int node_write_found(struct cli *cli, const struct iscsi_db_node_id *id,
                     const struct iscsi_db_record *record, bool keep,
                     bool (*stays)(const struct iscsi_db_record *there))
{
	struct place place = {.keep = keep, .cli = cli, .id = id, .stays = stays};
	_cleanup_free_ char *description = NULL;
	int r = iscsi_db_node_write_unless(cli->db, record, place_stays, &place);

	if (r >= 0)
		return ISCSI_ERR_SUCCESS;
	description = node_description(record);
	report("Could not add/update %s", description ? description : id->target);
	return node_failed(cli, id, "write", r);
}

int node_delete_stale(struct cli *cli, const struct iscsi_db_node_id *id)
{
	int r;

	if (sessions_of(cli, id) > 0) {
		node_report_in_use(id, "remove");
		return ISCSI_ERR_SUCCESS;
	}
	r = iscsi_db_node_delete(cli->db, id);
	return r < 0 && r != -ENOENT ? node_failed(cli, id, "delete", r) : ISCSI_ERR_SUCCESS;
}
