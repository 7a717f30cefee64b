/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m iface: the interface records, which say through what a session goes.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/iface_adapter.h"
#include "iscsiadm/iface_ops.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static const char *const special_ifaces[] = {"default", "iser"};

/* ---- lists ------------------------------------------------------------------------------ */

static const char *or_empty(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value && value[0] ? value : "<empty>";
}

/* With --json: an object of the list "ifaces". */
static struct json add_iface(const struct cli *cli, const char *name)
{
	struct json iface = json_add_object(json_open_list(json_root(cli->json), "ifaces"), NULL);

	json_add_text(iface, "name", name);
	return iface;
}

static void print_line(struct cli *cli, const char *name)
{
	_cleanup_record_ struct iscsi_db_record *r = NULL;

	if (iscsi_db_iface_read(cli->db, name, report_problem, (void *)(uintptr_t)name, &r) < 0)
		return;
	if (cli->json) {
		json_put_record(add_iface(cli, name), "values", r);
		return;
	}
	printf("%s %s,%s,%s,%s,%s\n", name, or_empty(r, "iface.transport_name"),
	       or_empty(r, "iface.hwaddress"), or_empty(r, "iface.ipaddress"),
	       or_empty(r, "iface.net_ifacename"), or_empty(r, "iface.initiatorname"));
}

/* The interface and, out of all nodes, which are sorted by target, those that are bound to it. */
static void print_tree(const struct cli *cli, const char *name, const struct iscsi_db_node_id *ids,
                       size_t count)
{
	struct json nodes = {0};
	const char *target = "";

	if (cli->json)
		nodes = json_add_list(add_iface(cli, name), "nodes");
	else
		printf("Iface: %s\n", name);
	for (size_t i = 0; i < count; i++) {
		char portal[PORTAL_TEXT_SIZE];

		if (strcmp(ids[i].iface, name) != 0)
			continue;
		if (cli->json) {
			json_put_node(json_add_object(nodes, NULL), &ids[i]);
			continue;
		}
		if (strcmp(ids[i].target, target) != 0)
			printf("\tTarget: %s\n", ids[i].target);
		target = ids[i].target;
		printf("\t\tPortal: %s\n", node_portal(&ids[i], portal));
	}
}

/* Called for every interface in the order of lists: the stored ones, then the special ones. */
typedef void (*visit_iface)(struct cli *cli, const char *name, void *data);

static int visit_all(struct cli *cli, visit_iface visit, void *data)
{
	_cleanup_free_ char(*names)[65] = NULL;
	size_t count = 0;
	int r = iscsi_db_ifaces(cli->db, &names, &count);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < count; i++)
		visit(cli, names[i], data);
	for (size_t i = 0; i < ARRAY_LEN(special_ifaces); i++)
		visit(cli, special_ifaces[i], data);
	return ISCSI_ERR_SUCCESS;
}

static void visit_line(struct cli *cli, const char *name, void *data _unused_)
{
	print_line(cli, name);
}

struct node_list {
	struct iscsi_db_node_id *ids;
	size_t count;
};

static void visit_tree(struct cli *cli, const char *name, void *data)
{
	const struct node_list *nodes = data;

	print_tree(cli, name, nodes->ids, nodes->count);
}

/* Without any node there is no tree. */
static int tree(struct cli *cli, const char *name)
{
	const struct iscsi_db_selection all = {0};
	struct node_list nodes = {0};
	int r = iscsi_db_nodes(cli->db, &all, report_problem, NULL, &nodes.ids, &nodes.count);
	int rc = ISCSI_ERR_SUCCESS;

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	if (name && nodes.count > 0)
		print_tree(cli, name, nodes.ids, nodes.count);
	else if (nodes.count > 0)
		rc = visit_all(cli, visit_tree, &nodes);
	free(nodes.ids);
	return rc;
}

static int show(struct cli *cli, const char *name)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int r = iscsi_db_iface_read(cli->db, name, report_problem, (void *)(uintptr_t)name,
	                            &record);

	if (r == -EBADMSG) {
		report("'%s/ifaces/%s' is not a valid iSCSI interface configuration file",
		       iscsi_db_root(cli->db), name);
		return ISCSI_ERR_IDBM;
	}
	if (r < 0) {
		report("Failed to open %s/ifaces/%s using read mode: %d %s", iscsi_db_root(cli->db),
		       name, -r, strerror(-r));
		return ISCSI_ERR_IDBM;
	}
	return print_record(cli, record);
}

static int list_or_show(struct cli *cli, const char *name)
{
	if (cli->opts.print_level > 1) {
		report("Invalid info level %d. Try 0 - 1.", cli->opts.print_level);
		return ISCSI_ERR_INVAL;
	}
	if (cli->opts.print_level == 1)
		return tree(cli, name);
	return name ? show(cli, name) : visit_all(cli, visit_line, NULL);
}

/* ---- the mode --------------------------------------------------------------------------- */

static int run_operation(struct cli *cli, const char *name)
{
	switch (cli->opts.ops) {
	case OP_NEW: return iface_new(cli, name);
	case OP_UPDATE: return iface_update(cli, name);
	case OP_DELETE: return iface_delete(cli, name);
	case OP_APPLY: return iface_apply(cli, name);
	case OP_APPLYALL: return iface_apply_all(cli);
	case 0:
	case OP_SHOW: return list_or_show(cli, name);
	}
	report("%s", cli->opts.mode->refusal);
	return ISCSI_ERR_INVAL;
}

int mode_iface(struct cli *cli)
{
	const struct options *o = &cli->opts;
	const char *name = o->iface_count > 0 ? o->ifaces[0] : NULL;

	if (o->iface_count > 1)
		report("iface mode only accepts one interface. Using the first one %s.", name);
	if (o->submode && strcmp(o->submode, "ping") != 0) {
		report("iface mode: option '-C' takes ping, not '%s'.", o->submode);
		return ISCSI_ERR_INVAL;
	}
	if (o->submode)
		return iface_ping(cli, name);
	return run_operation(cli, name);
}
