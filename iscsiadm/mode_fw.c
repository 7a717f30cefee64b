/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m fw shows what firmware boots from and logs in to it without a record; a discovery of type fw
 * makes the records.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/boot_record.h"
#include "iscsiadm/failure.h"
#include "iscsiadm/fw.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/login.h"
#include "iscsiadm/node_ops.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/settings.h"
#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

struct boot_list {
	struct boot_path *paths;
	size_t count;
};

static void boot_list_done(struct boot_list *list)
{
	list->paths = boot_paths_free(list->paths, list->count);
}

static void report_left_out(void *data _unused_, const char *text)
{
	log_warning("firmware: %s", text);
}

/* All paths.  Exit code; none is an error. */
static int read_firmware(const struct cli *cli, struct boot_list *ret)
{
	int r = boot_paths(cli->paths.sysfs, report_left_out, NULL, &ret->paths, &ret->count);

	if (r < 0)
		return cli_failed(r, "firmware");
	if (ret->count > 0)
		return ISCSI_ERR_SUCCESS;
	report("Could not get list of targets from firmware. (err %d)", ISCSI_ERR_NO_OBJS_FOUND);
	return ISCSI_ERR_NO_OBJS_FOUND;
}

/* ---- login without a record ------------------------------------------------------------- */

/* What was not overridden before must not be now: which adapter the firmware used. */
static int check_settings(const struct options *o)
{
	static const char *const fixed[] = {"iface.net_ifacename", "iface.hwaddress",
	                                    "iface.transport_name"};

	for (size_t i = 0; i < o->setting_count; i++) {
		const char *name = o->settings[i].name;

		for (size_t k = 0; k < ARRAY_LEN(fixed); k++) {
			if (strcmp(name, fixed[k]) != 0)
				continue;
			report("Cannot override interface parameters for firmware logins");
			return ISCSI_ERR_INVAL;
		}
		if (!iscsi_db_key_allowed(ISCSI_DB_NODE, name)) {
			report("Unknown parameter %s.", name);
			return ISCSI_ERR_INVAL;
		}
	}
	return ISCSI_ERR_SUCCESS;
}

static int merge_settings(const struct options *o, struct iscsi_db_record *record)
{
	int rc = check_settings(o);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = settings_apply(o, record, true);
	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not merge user params");
	return rc;
}

/* A record of path, from the configuration; NULL: said on stderr. */
static struct iscsi_db_record *make_record(struct cli *cli, const struct boot_path *path,
                                           bool patient)
{
	_cleanup_record_ struct iscsi_db_record *record = node_prototype(cli, NULL);
	int r = 0;

	if (!record)
		return NULL;
	if (patient)
		r = boot_record_patience(record);
	if (r == 0)
		r = boot_record_put(record, path);
	if (r < 0) {
		cli_failed(r, path->source);
		return NULL;
	}
	return take_ptr(record);
}

static int login(struct cli *cli, const struct boot_list *firmware)
{
	/* what was logged in to in the initial RAM disk is what is wanted */
	struct login_list list = {.present_is_good = true};
	int rc = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; i < firmware->count && rc == ISCSI_ERR_SUCCESS; i++) {
		struct iscsi_db_record *record = make_record(cli, &firmware->paths[i], true);

		if (!record)
			rc = ISCSI_ERR_IDBM;
		else if (login_list_add(&list, record) < 0)
			rc = cli_failed(-ENOMEM, "login");
		else
			rc = merge_settings(&cli->opts, record);
	}
	if (rc == ISCSI_ERR_SUCCESS)
		rc = login_records(cli, &list);
	login_list_done(&list);
	return rc;
}

static void print_path(const struct cli *cli, const struct boot_path *path)
{
	struct json o;

	if (!cli->json) {
		boot_print(path, cli->opts.show_secrets);
		return;
	}
	o = json_add_object(json_open_list(json_root(cli->json), "records"), NULL);
	json_add_text(o, "kind", "firmware");
	json_put_boot(json_add_object(o, "values"), path);
}

int mode_fw(struct cli *cli)
{
	_cleanup_(boot_list_done) struct boot_list firmware = {0};
	int rc = read_firmware(cli, &firmware);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (cli->opts.login)
		return login(cli, &firmware);
	for (size_t i = 0; i < firmware.count; i++)
		print_path(cli, &firmware.paths[i]);
	return ISCSI_ERR_SUCCESS;
}

/* ---- records ---------------------------------------------------------------------------- */

/* A node record made of a path. */
struct boot_node {
	struct iscsi_db_record *record;
	struct iscsi_db_node_id id;
};

struct boot_nodes {
	struct boot_node *all;
	size_t count;
};

static void boot_nodes_done(struct boot_nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		iscsi_db_record_free(nodes->all[i].record);
	free(nodes->all);
}

static bool same_place(const struct iscsi_db_node_id *a, const struct iscsi_db_node_id *b)
{
	return a->port == b->port && strcmp(a->target, b->target) == 0 &&
	       strcmp(a->iface, b->iface) == 0 && host_equal(a->address, b->address);
}

static const struct boot_node *node_at(const struct boot_nodes *nodes,
                                       const struct iscsi_db_node_id *id)
{
	for (size_t i = 0; i < nodes->count; i++) {
		if (same_place(&nodes->all[i].id, id))
			return &nodes->all[i];
	}
	return NULL;
}

/* Two NICs to one portal are one record. */
static int make_nodes(struct cli *cli, const struct boot_list *firmware, struct boot_nodes *ret)
{
	ret->all = calloc(firmware->count, sizeof(*ret->all));
	if (!ret->all)
		return cli_failed(-ENOMEM, "firmware");
	for (size_t i = 0; i < firmware->count; i++) {
		const struct boot_path *path = &firmware->paths[i];
		_cleanup_record_ struct iscsi_db_record *record = make_record(cli, path, false);
		struct boot_node node;
		int r;

		if (!record)
			return ISCSI_ERR_IDBM;
		r = iscsi_db_node_id_of(record, &node.id);
		if (r < 0)
			return cli_failed(r, path->source);
		if (node_at(ret, &node.id))
			continue;
		node.record = take_ptr(record);
		ret->all[ret->count++] = node;
	}
	return ISCSI_ERR_SUCCESS;
}

/* What firmware says replaces what it said before, but not what somebody made of it by hand. */
static bool made_by_hand(const struct iscsi_db_record *there)
{
	const char *type = iscsi_db_record_get(there, "node.discovery_type");

	return !type || strcmp(type, "fw") != 0;
}

/* What firmware had before and has no more. */
static int delete_stale(struct cli *cli, const struct boot_nodes *nodes)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	int r, rc = ISCSI_ERR_SUCCESS;
	size_t count = 0;

	r = iscsi_db_firmware_nodes(cli->db, &ids, &count);
	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < count; i++) {
		if (!node_at(nodes, &ids[i]))
			rc = first_error(rc, node_delete_stale(cli, &ids[i]));
	}
	return rc;
}

static int store(struct cli *cli, const struct boot_nodes *nodes)
{
	unsigned int steps = cli->opts.ops & (OP_NEW | OP_UPDATE | OP_DELETE);
	int r, rc = cli_sessions(cli);

	if (steps == 0)
		steps = OP_NEW | OP_UPDATE | OP_DELETE;
	if (rc == ISCSI_ERR_SUCCESS)
		rc = cli_batch_begin(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (steps & OP_DELETE)
		rc = delete_stale(cli, nodes);
	for (size_t i = 0; (steps & (OP_NEW | OP_UPDATE)) && i < nodes->count; i++)
		rc = first_error(rc, node_write_found(cli, &nodes->all[i].id, nodes->all[i].record,
		                                      cli->opts.keep || !(steps & OP_UPDATE),
		                                      made_by_hand));
	r = iscsi_db_batch_end(cli->db);
	return r < 0 ? first_error(rc, cli_failed(r, iscsi_db_root(cli->db))) : rc;
}

/* Log in with the records as they are now, which somebody may have changed. */
static int login_nodes(struct cli *cli, struct boot_nodes *nodes)
{
	struct login_list list = {0};
	int rc = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; i < nodes->count && rc == ISCSI_ERR_SUCCESS; i++) {
		struct boot_node *node = &nodes->all[i];
		struct iscsi_db_record *record = NULL;

		if (!(cli->opts.ops & OP_NONPERSISTENT))
			record = select_read(cli, &node->id);
		if (!record)
			record = take_ptr(node->record);
		if (login_list_add(&list, record) < 0)
			rc = cli_failed(-ENOMEM, "login");
	}
	if (rc == ISCSI_ERR_SUCCESS)
		rc = login_records(cli, &list);
	login_list_done(&list);
	return rc;
}

int fw_discover(struct cli *cli)
{
	_cleanup_(boot_list_done) struct boot_list firmware = {0};
	_cleanup_(boot_nodes_done) struct boot_nodes nodes = {0};
	int rc = read_firmware(cli, &firmware);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = make_nodes(cli, &firmware, &nodes);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < nodes.count; i++)
		print_nodes(cli, &nodes.all[i].id, 1);
	if (!(cli->opts.ops & OP_NONPERSISTENT))
		rc = store(cli, &nodes);
	return cli->opts.login ? first_error(rc, login_nodes(cli, &nodes)) : rc;
}
