/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node records as text, or as parts of the JSON document.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/json_objects.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

const char *node_portal(const struct iscsi_db_node_id *id, char dst[PORTAL_TEXT_SIZE])
{
	struct portal portal = {.port = id->port, .tpgt = id->tpgt};

	snprintf(portal.host, sizeof(portal.host), "%s", id->address);
	return portal_format(&portal, dst);
}

static void print_line(const struct iscsi_db_node_id *id)
{
	char portal[PORTAL_TEXT_SIZE];

	printf("%s %s\n", node_portal(id, portal), id->target);
}

static bool same_portal(const struct iscsi_db_node_id *a, const struct iscsi_db_node_id *b)
{
	return strcmp(a->target, b->target) == 0 && strcmp(a->address, b->address) == 0 &&
	       a->port == b->port && a->tpgt == b->tpgt;
}

static void print_tree(const struct iscsi_db_node_id *ids, size_t count, bool portals_once)
{
	char portal[PORTAL_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(ids[i].target, ids[i - 1].target) != 0)
			printf("Target: %s\n", ids[i].target);
		if (i == 0 || !portals_once || !same_portal(&ids[i], &ids[i - 1]))
			printf("\tPortal: %s\n", node_portal(&ids[i], portal));
		printf("\t\tIface Name: %s\n", ids[i].iface);
	}
}

void print_node_tree(const struct iscsi_db_node_id *ids, size_t count)
{
	print_tree(ids, count, false);
}

void print_source_tree(const struct iscsi_db_node_id *ids, size_t count)
{
	print_tree(ids, count, true);
}

void print_nodes(const struct cli *cli, const struct iscsi_db_node_id *ids, size_t count)
{
	if (cli->json)
		json_put_nodes(json_open_list(json_root(cli->json), "nodes"), ids, count);
	else if (cli->opts.print_level == 1)
		print_tree(ids, count, false);
	for (size_t i = 0; i < count && !cli->json && cli->opts.print_level <= 0; i++)
		print_line(&ids[i]);
}

static const char *text_of(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value ? value : "";
}

char *node_description(const struct iscsi_db_record *record)
{
	char *text;

	if (asprintf(&text,
	             "[%s:[hw=%s,ip=%s,net_if=%s,iscsi_if=%s] %s,%" PRId64 ",%" PRId64 " %s]",
	             text_of(record, "iface.transport_name"), text_of(record, "iface.hwaddress"),
	             text_of(record, "iface.ipaddress"), text_of(record, "iface.net_ifacename"),
	             text_of(record, "iface.iscsi_ifacename"),
	             text_of(record, "node.conn[0].address"),
	             iscsi_db_record_get_int(record, "node.conn[0].port", ISCSI_PORT),
	             iscsi_db_record_get_int(record, "node.tpgt", PORTAL_TPGT_UNKNOWN),
	             text_of(record, "node.name")) < 0)
		return NULL;
	return text;
}

static const char *const kind_names[] = {
	[ISCSI_DB_NODE] = "node",
	[ISCSI_DB_SENDTARGETS] = "sendtargets",
	[ISCSI_DB_ISNS] = "isns",
	[ISCSI_DB_IFACE] = "iface",
};

int print_record(const struct cli *cli, const struct iscsi_db_record *record)
{
	enum iscsi_db_form form =
		cli->opts.show_secrets ? ISCSI_DB_FORM_SHOW_CLEAR : ISCSI_DB_FORM_SHOW;
	_cleanup_free_ char *text = NULL;

	if (cli->json) {
		struct json list = json_open_list(json_root(cli->json), "records");
		struct json o = json_add_object(list, NULL);

		json_add_text(o, "kind", kind_names[iscsi_db_record_kind(record)]);
		json_put_record(o, "values", record);
		return ISCSI_ERR_SUCCESS;
	}
	text = iscsi_db_record_text(record, form);
	if (!text) {
		report("%s", iscsi_err_text(ISCSI_ERR_NOMEM));
		return ISCSI_ERR_NOMEM;
	}
	fputs(text, stdout);
	return ISCSI_ERR_SUCCESS;
}
