/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m discovery and -m discoverydb: the portals that targets are learnt from, and learning them.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/discover.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/settings.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

enum discovery_type {
	TYPE_NONE, /* not given, or a word that is none: then the stored record is meant */
	TYPE_SENDTARGETS,
	TYPE_UNSUPPORTED,
};

static enum discovery_type type_of(const struct options *o)
{
	static const struct {
		const char *word;
		enum discovery_type type;
	} words[] = {
		{"sendtargets", TYPE_SENDTARGETS}, {"st", TYPE_SENDTARGETS},
		{"isns", TYPE_UNSUPPORTED},        {"fw", TYPE_UNSUPPORTED},
		{"slp", TYPE_UNSUPPORTED},
	};

	for (size_t i = 0; o->type && i < ARRAY_LEN(words); i++) {
		if (strcmp(o->type, words[i].word) == 0)
			return words[i].type;
	}
	return TYPE_NONE;
}

static int refused(const char *why)
{
	report("%s", why);
	return ISCSI_ERR_INVAL;
}

static int check_type(const struct options *o)
{
	switch (type_of(o)) {
	case TYPE_NONE: return ISCSI_ERR_SUCCESS;
	case TYPE_SENDTARGETS:
		if (o->portal_text)
			return ISCSI_ERR_SUCCESS;
		return refused("Please specify portal as <ipaddr>[:<ipport>]");
	case TYPE_UNSUPPORTED: break;
	}
	report("discovery type %s is not supported by this version.", o->type);
	return ISCSI_ERR_INVAL;
}

/* ---- lists ------------------------------------------------------------------------------ */

static int list_sources(struct cli *cli, enum iscsi_db_kind kind, const char *word, size_t *count)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t n = 0;
	int r = iscsi_db_discoveries(cli->db, kind, report_problem, NULL, &ids, &n);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < n; i++)
		printf("%s:%u via %s\n", ids[i].address, ids[i].port, word);
	*count += n;
	return ISCSI_ERR_SUCCESS;
}

static int tree_of_sources(struct cli *cli, enum iscsi_db_kind kind, size_t *count)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t n = 0;
	int r = iscsi_db_discoveries(cli->db, kind, report_problem, NULL, &ids, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ struct iscsi_db_node_id *nodes = NULL;
		size_t node_count = 0;

		printf("DiscoveryAddress: %s,%u\n", ids[i].address, ids[i].port);
		r = iscsi_db_discovery_nodes(cli->db, &ids[i], &nodes, &node_count);
		if (r == 0)
			print_node_tree(nodes, node_count);
	}
	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	if (n == 0)
		puts("No targets found.");
	*count += n;
	return ISCSI_ERR_SUCCESS;
}

static int tree_of_static(struct cli *cli, size_t *count)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t n = 0;
	int r = iscsi_db_static_nodes(cli->db, &ids, &n);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	if (n == 0)
		puts("No targets found.");
	print_node_tree(ids, n);
	*count += n;
	return ISCSI_ERR_SUCCESS;
}

/* The records that came from firmware say so themselves. */
static int tree_of_firmware(struct cli *cli, size_t *count)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t n = 0, kept = 0;
	int rc = select_nodes(cli, MATCH_TEXT, &ids, &n);

	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < n; i++) {
		_cleanup_record_ struct iscsi_db_record *record = select_read(cli, &ids[i]);
		const char *type =
			record ? iscsi_db_record_get(record, "node.discovery_type") : NULL;

		if (type && strcmp(type, "fw") == 0)
			ids[kept++] = ids[i];
	}
	if (kept == 0)
		puts("No targets found.");
	print_node_tree(ids, kept);
	*count += kept;
	return rc == ISCSI_ERR_NO_OBJS_FOUND ? ISCSI_ERR_SUCCESS : rc;
}

static int list(struct cli *cli)
{
	size_t count = 0;
	int rc;

	if (cli->opts.print_level < 1) {
		rc = list_sources(cli, ISCSI_DB_SENDTARGETS, "sendtargets", &count);
		rc = first_error(rc, list_sources(cli, ISCSI_DB_ISNS, "isns", &count));
		return rc ? rc : count ? ISCSI_ERR_SUCCESS : ISCSI_ERR_NO_OBJS_FOUND;
	}
	puts("SENDTARGETS:");
	rc = tree_of_sources(cli, ISCSI_DB_SENDTARGETS, &count);
	puts("iSNS:");
	rc = first_error(rc, tree_of_sources(cli, ISCSI_DB_ISNS, &count));
	puts("STATIC:");
	rc = first_error(rc, tree_of_static(cli, &count));
	puts("FIRMWARE:");
	rc = first_error(rc, tree_of_firmware(cli, &count));
	return rc ? rc : count ? ISCSI_ERR_SUCCESS : ISCSI_ERR_NO_OBJS_FOUND;
}

/* ---- one discovery record --------------------------------------------------------------- */

static struct iscsi_db_discovery_id id_of(const struct options *o)
{
	struct iscsi_db_discovery_id id = {.kind = ISCSI_DB_SENDTARGETS, .port = o->portal.port};

	snprintf(id.address, sizeof(id.address), "%s", o->portal.host);
	return id;
}

static struct iscsi_db_record *read_record(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	struct iscsi_db_record *record = NULL;
	char what[sizeof(*id) + 32];

	snprintf(what, sizeof(what), "discovery record of %s,%u", id->address, id->port);
	if (iscsi_db_discovery_read(cli->db, id, report_problem, what, &record) < 0)
		return NULL;
	return record;
}

/* A record from the configuration; NULL: said on stderr. */
static struct iscsi_db_record *new_record(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	const struct iscsi_db_config *config = cli_config(cli);
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	char port[8];
	int r;

	if (!config)
		return NULL;
	snprintf(port, sizeof(port), "%u", id->port);
	record = iscsi_db_config_record(config, id->kind);
	r = record ? 0 : -ENOMEM;
	if (r == 0)
		r = iscsi_db_record_set(record, "discovery.sendtargets.address", id->address);
	if (r == 0)
		r = iscsi_db_record_set(record, "discovery.sendtargets.port", port);
	if (r < 0) {
		cli_failed(r, id->address);
		return NULL;
	}
	return take_ptr(record);
}

static int write_record(struct cli *cli, const struct iscsi_db_record *record)
{
	int r = iscsi_db_discovery_write(cli->db, record);

	return r < 0 ? cli_failed(r, "could not write the discovery record") : ISCSI_ERR_SUCCESS;
}

static int delete_record(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	int r = iscsi_db_discovery_delete(cli->db, id);

	return r < 0 ? cli_failed(r, "could not delete the discovery record") : ISCSI_ERR_SUCCESS;
}

static int update_record(struct cli *cli, struct iscsi_db_record *record)
{
	int rc;

	if (!settings_given(&cli->opts))
		return refused("Update requires name and value.");
	rc = settings_apply(&cli->opts, record, false);
	return rc ? rc : write_record(cli, record);
}

/* A discovery with a record of its own, written before the portal is asked. */
static int discover_anew(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = new_record(cli, id);
	int rc = ISCSI_ERR_SUCCESS;

	if (!record)
		return ISCSI_ERR_IDBM;
	if (!(cli->opts.ops & OP_NONPERSISTENT))
		rc = write_record(cli, record);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = discover(cli, id, record);
	return rc;
}

static int discover_as_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = read_record(cli, id);

	return record ? discover(cli, id, record) : discover_anew(cli, id);
}

/* -m discovery -p without -t: what is stored for the portal. */
static int use_stored(struct cli *cli)
{
	const struct options *o = &cli->opts;
	struct iscsi_db_discovery_id id = id_of(o);
	_cleanup_record_ struct iscsi_db_record *record = read_record(cli, &id);

	if (!record) {
		report("Discovery record [%s,%u] not found!", id.address, id.port);
		return ISCSI_ERR_INVAL;
	}
	if (o->ops & (OP_NEW | OP_UPDATE))
		return refused("Operations new and update for discovery mode is not supported. "
		               "Use discoverydb mode.");
	if (o->ops & OP_DELETE)
		return delete_record(cli, &id);
	if (o->discover || o->login)
		return discover(cli, &id, record);
	return print_record(record, o->show_secrets);
}

int mode_discovery(struct cli *cli)
{
	const struct options *o = &cli->opts;
	int rc = check_type(o);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (type_of(o) == TYPE_SENDTARGETS) {
		struct iscsi_db_discovery_id id = id_of(o);

		return discover_anew(cli, &id);
	}
	if (o->portal_text)
		return use_stored(cli);
	if (o->ops & ~(unsigned int)OP_SHOW)
		return refused("Invalid operation.");
	return list(cli);
}

static int new_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = new_record(cli, id);
	int rc = record ? write_record(cli, record) : ISCSI_ERR_IDBM;

	if (rc == ISCSI_ERR_SUCCESS)
		printf("New discovery record for [%s,%u] added.\n", id->address, id->port);
	return rc;
}

/* -m discoverydb -t st -p without -D: the record itself. */
static int manage_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	const struct options *o = &cli->opts;

	if (o->ops & OP_NONPERSISTENT)
		return refused("Operation is not supported.");
	if (o->ops & OP_NEW)
		return new_stored(cli, id);
	record = read_record(cli, id);
	if (!record) {
		report("Discovery record [%s,%u] not found.", id->address, id->port);
		return ISCSI_ERR_IDBM;
	}
	if (o->ops & OP_DELETE)
		return delete_record(cli, id);
	if (o->ops & OP_UPDATE)
		return update_record(cli, record);
	return print_record(record, o->show_secrets);
}

int mode_discoverydb(struct cli *cli)
{
	const struct options *o = &cli->opts;
	int rc = check_type(o);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (type_of(o) == TYPE_SENDTARGETS) {
		struct iscsi_db_discovery_id id = id_of(o);

		if (o->discover || o->login)
			return discover_as_stored(cli, &id);
		return manage_stored(cli, &id);
	}
	if (o->portal_text && o->ops)
		return refused("Invalid command. Possibly missing discovery --type.");
	if (o->portal_text)
		return refused("Invalid command. Portal not needed or Possibly missing discovery "
		               "--type.");
	if (o->ops & ~(unsigned int)OP_SHOW)
		return refused("Invalid operation. Operation not supported.");
	return list(cli);
}
