/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m discovery and -m discoverydb: the portals that targets are learnt from, and learning them.
 */
#include <errno.h>
#include <string.h>

#include "iscsiadm/discover.h"
#include "iscsiadm/failure.h"
#include "iscsiadm/fw.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "iscsiadm/settings.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

enum discovery_type {
	TYPE_NONE, /* not given, or a word that is none: then the stored record is meant */
	TYPE_SENDTARGETS,
	TYPE_ISNS,
	TYPE_FIRMWARE,
	TYPE_SLP,
};

static enum discovery_type type_of(const struct options *o)
{
	static const struct {
		const char *word;
		enum discovery_type type;
	} words[] = {
		{"sendtargets", TYPE_SENDTARGETS},
		{"st", TYPE_SENDTARGETS},
		{"isns", TYPE_ISNS},
		{"fw", TYPE_FIRMWARE},
		{"slp", TYPE_SLP},
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

static bool filters_given(const struct options *o)
{
	return o->networks || o->tpgts || o->family || o->reachable;
}

static int check_type(const struct options *o)
{
	switch (type_of(o)) {
	case TYPE_NONE: return ISCSI_ERR_SUCCESS;
	case TYPE_FIRMWARE:
		if (!filters_given(o))
			return ISCSI_ERR_SUCCESS;
		return refused("Only discovery by SendTargets or iSNS filters portals.");
	case TYPE_SENDTARGETS:
	case TYPE_ISNS:
		if (o->portal_text)
			return ISCSI_ERR_SUCCESS;
		return refused("Please specify portal as <ipaddr>[:<ipport>]");
	case TYPE_SLP: break;
	}
	return refused("SLP discovery is not fully implemented yet.");
}

/* ---- lists ------------------------------------------------------------------------------ */

/* With --json: an object of the list "discoveries". */
static struct json add_source(const struct cli *cli)
{
	return json_add_object(json_open_list(json_root(cli->json), "discoveries"), NULL);
}

static void print_source(const struct cli *cli, const struct iscsi_db_discovery_id *id,
                         const struct iscsi_db_node_id *nodes, size_t count)
{
	struct json source;

	if (cli->json) {
		source = add_source(cli);
		json_put_source(source, id);
		json_put_nodes(json_add_list(source, "nodes"), nodes, count);
		return;
	}
	printf("DiscoveryAddress: %s,%u\n", id->address, id->port);
	print_source_tree(nodes, count);
}

static int list_sources(struct cli *cli, enum iscsi_db_kind kind, const char *word, size_t *count)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t n = 0;
	int r = iscsi_db_discoveries(cli->db, kind, report_problem, NULL, &ids, &n);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < n; i++) {
		if (cli->json)
			json_put_source(add_source(cli), &ids[i]);
		else
			printf("%s:%u via %s\n", ids[i].address, ids[i].port, word);
	}
	*count += n;
	return ISCSI_ERR_SUCCESS;
}

/* Discovery records, each with the nodes that it led to. */
static int print_sources(struct cli *cli, enum iscsi_db_kind kind, size_t *count)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t n = 0;
	int r = iscsi_db_discoveries(cli->db, kind, report_problem, NULL, &ids, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ struct iscsi_db_node_id *nodes = NULL;
		size_t node_count = 0;

		r = iscsi_db_discovery_nodes(cli->db, &ids[i], &nodes, &node_count);
		print_source(cli, &ids[i], nodes, node_count);
	}
	*count += n;
	return r;
}

typedef int (*read_nodes)(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count);

static int print_others(struct cli *cli, const char *key, read_nodes read, size_t *count)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t n = 0;
	int r = read(cli->db, &ids, &n);

	if (r == 0 && cli->json)
		json_put_nodes(json_add_list(json_root(cli->json), key), ids, n);
	else if (r == 0)
		print_source_tree(ids, n);
	*count += n;
	return r;
}

/* The tree of everything: what each part has of discovery records, and of nodes without one. */
static const struct {
	const char *heading, *key;
	bool has_records;
	enum iscsi_db_kind kind; /* of its records */
	read_nodes read;         /* NULL: it has no other nodes */
} parts[] = {
	{"SENDTARGETS:", "sendtargets", true, ISCSI_DB_SENDTARGETS, NULL},
	{"iSNS:", "isns", true, ISCSI_DB_ISNS, iscsi_db_isns_nodes},
	{"STATIC:", "static", .read = iscsi_db_static_nodes},
	{"FIRMWARE:", "firmware", .read = iscsi_db_firmware_nodes},
};

static int tree(struct cli *cli, size_t *count)
{
	int rc = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t n = 0;
		int r = 0;

		if (!cli->json)
			puts(parts[i].heading);
		if (parts[i].has_records)
			r = print_sources(cli, parts[i].kind, &n);
		if (r == 0 && parts[i].read)
			r = print_others(cli, parts[i].key, parts[i].read, &n);
		if (r < 0)
			rc = first_error(rc, cli_failed(r, iscsi_db_root(cli->db)));
		else if (n == 0 && !cli->json)
			puts("No targets found.");
		*count += n;
	}
	return rc;
}

static int list(struct cli *cli)
{
	size_t count = 0;
	int rc;

	if (cli->opts.print_level < 1) {
		rc = list_sources(cli, ISCSI_DB_SENDTARGETS, "sendtargets", &count);
		rc = first_error(rc, list_sources(cli, ISCSI_DB_ISNS, "isns", &count));
	} else {
		rc = tree(cli, &count);
	}
	return rc || count > 0 ? rc : ISCSI_ERR_NO_OBJS_FOUND;
}

/* ---- one discovery record --------------------------------------------------------------- */

/*
 * The record that -t and -p mean.  An address of several spellings means the record that is there,
 * whichever it was made with.
 */
static struct iscsi_db_discovery_id id_of(struct cli *cli)
{
	const struct options *o = &cli->opts;
	struct iscsi_db_discovery_id id = {.kind = type_of(o) == TYPE_ISNS ? ISCSI_DB_ISNS
	                                                                   : ISCSI_DB_SENDTARGETS,
	                                   .port = o->portal.port};
	_cleanup_free_ struct iscsi_db_discovery_id *all = NULL;
	size_t count = 0;

	snprintf(id.address, sizeof(id.address), "%s", o->portal.host);
	if (!strchr(id.address, ':') ||
	    iscsi_db_discoveries(cli->db, id.kind, NULL, NULL, &all, &count) < 0)
		return id;
	for (size_t i = 0; i < count; i++) {
		if (all[i].port == id.port && host_equal(all[i].address, id.address))
			return all[i];
	}
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

static int write_record(struct cli *cli, const struct iscsi_db_discovery_id *id,
                        const struct iscsi_db_record *record)
{
	int r = iscsi_db_discovery_write(cli->db, record);

	return r < 0 ? discovery_failed(cli, id, "write", r) : ISCSI_ERR_SUCCESS;
}

static int delete_record(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	int r = iscsi_db_discovery_delete(cli->db, id);

	return r < 0 ? discovery_failed(cli, id, "delete", r) : ISCSI_ERR_SUCCESS;
}

/*
 * The filters of found portals: those of the command line, else those that the source had before,
 * which is why a record that is made anew does not lose them.  before: NULL for none.
 */
static int set_filters(const struct options *o, const struct iscsi_db_record *before,
                       struct iscsi_db_record *record)
{
	const struct {
		const char *key, *none, *option, *given;
	} filters[] = {
		{"discovery.sendtargets.filter.networks", "", "portal-cidr", o->networks},
		{"discovery.sendtargets.filter.tpgts", "", "tpgt", o->tpgts},
		{"discovery.sendtargets.filter.family", "any", "family", o->family},
		{"discovery.sendtargets.filter.reachable", "No", "reachable-only", o->reachable},
	};

	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		const char *key = filters[i].key, *value = filters[i].given;
		int r;

		if (!value && before)
			value = iscsi_db_record_get(before, key);
		if (value && !filters[i].given && strcmp(value, filters[i].none) == 0)
			continue;
		r = value ? iscsi_db_record_set(record, key, value) : 0;
		if (r < 0) {
			report("option '--%s' takes %s, not '%s'.", filters[i].option,
			       iscsi_db_key_allowed(iscsi_db_record_kind(record), key), value);
			return ISCSI_ERR_INVAL;
		}
	}
	return ISCSI_ERR_SUCCESS;
}

static int update_record(struct cli *cli, const struct iscsi_db_discovery_id *id,
                         struct iscsi_db_record *record)
{
	int rc;

	if (!settings_given(&cli->opts))
		return refused("Update requires name and value.");
	rc = settings_apply(&cli->opts, record, false);
	return rc ? rc : write_record(cli, id, record);
}

/* A discovery with a record of its own, kept before the portal is asked. */
static int discover_anew(struct cli *cli, const struct iscsi_db_discovery_id *id, bool keep)
{
	_cleanup_record_ struct iscsi_db_record *record = new_record(cli, id);
	_cleanup_record_ struct iscsi_db_record *before = read_record(cli, id);
	int rc;

	if (!record)
		return ISCSI_ERR_IDBM;
	rc = set_filters(&cli->opts, before, record);
	if (rc == ISCSI_ERR_SUCCESS && keep && !(cli->opts.ops & OP_NONPERSISTENT))
		rc = write_record(cli, id, record);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = discover(cli, id, record);
	return rc;
}

/* A discovery with a record that is there; new filters become part of it. */
static int discover_with(struct cli *cli, const struct iscsi_db_discovery_id *id,
                         struct iscsi_db_record *record)
{
	int rc = set_filters(&cli->opts, NULL, record);

	if (rc == ISCSI_ERR_SUCCESS && filters_given(&cli->opts) &&
	    !(cli->opts.ops & OP_NONPERSISTENT))
		rc = write_record(cli, id, record);
	return rc ? rc : discover(cli, id, record);
}

static int discover_as_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = read_record(cli, id);

	return record ? discover_with(cli, id, record) : discover_anew(cli, id, true);
}

/* -m discovery -p without -t: what is stored for the portal. */
static int use_stored(struct cli *cli)
{
	const struct options *o = &cli->opts;
	struct iscsi_db_discovery_id id = id_of(cli);
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
		return discover_with(cli, &id, record);
	return print_record(cli, record);
}

/* Without a type, or with one that there is not, which counts for nothing: the stored records. */
static int without_type(struct cli *cli, int (*run)(struct cli *cli))
{
	const char *type = cli->opts.type;
	int rc = run(cli);

	if (rc != ISCSI_ERR_SUCCESS && type)
		report("option '-t' takes sendtargets, st, isns or fw, not '%s'.", type);
	return rc;
}

static int list_or_use_stored(struct cli *cli)
{
	if (cli->opts.portal_text)
		return use_stored(cli);
	if (cli->opts.ops & ~(unsigned int)OP_SHOW)
		return refused("Invalid operation.");
	return list(cli);
}

int mode_discovery(struct cli *cli)
{
	const struct options *o = &cli->opts;
	struct iscsi_db_discovery_id id;
	int rc = check_type(o);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	switch (type_of(o)) {
	case TYPE_SENDTARGETS:
	case TYPE_ISNS:
		/* only discoverydb makes the record of an iSNS server */
		id = id_of(cli);
		return discover_anew(cli, &id, id.kind == ISCSI_DB_SENDTARGETS);
	case TYPE_FIRMWARE: return fw_discover(cli);
	case TYPE_NONE:
	case TYPE_SLP: break;
	}
	return without_type(cli, list_or_use_stored);
}

/* ---- discoverydb ------------------------------------------------------------------------ */

static int new_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = new_record(cli, id);
	int rc = record ? set_filters(&cli->opts, NULL, record) : ISCSI_ERR_IDBM;

	if (rc == ISCSI_ERR_SUCCESS)
		rc = write_record(cli, id, record);
	if (rc == ISCSI_ERR_SUCCESS)
		print_done(cli, "New discovery record for [%s,%u] added.\n", id->address, id->port);
	return rc;
}

/* -m discoverydb -t -p without -D: the record itself. */
static int manage_stored(struct cli *cli, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	const struct options *o = &cli->opts;

	if (o->ops & ~RECORD_OPS)
		return refused("Operation is not supported.");
	if (o->ops & OP_NEW)
		return new_stored(cli, id);
	record = read_record(cli, id);
	if (!record) {
		report("Discovery record [%s,%u] not found.", id->address, id->port);
		return ISCSI_ERR_IDBM;
	}
	switch (o->ops) {
	case OP_DELETE: return delete_record(cli, id);
	case OP_UPDATE: return update_record(cli, id, record);
	case OP_SHOW:
	case 0: return print_record(cli, record);
	}
	return refused("Operation is not supported."); /* several of them */
}

/* -t -p: one record. */
static int run_on_record(struct cli *cli)
{
	const struct options *o = &cli->opts;
	struct iscsi_db_discovery_id id = id_of(cli);

	if (!o->discover && !o->login)
		return manage_stored(cli, &id);
	if (o->ops & ~(RECORD_OPS | OP_NONPERSISTENT))
		return refused("Operation is not supported.");
	return discover_as_stored(cli, &id);
}

static int list_stored(struct cli *cli)
{
	const struct options *o = &cli->opts;

	if (o->portal_text && o->ops)
		return refused("Invalid command. Possibly missing discovery --type.");
	if (o->portal_text)
		return refused("Invalid command. Portal not needed or Possibly missing discovery "
		               "--type.");
	if (o->ops & ~(unsigned int)OP_SHOW)
		return refused("Invalid operation. Operation not supported.");
	return list(cli);
}

int mode_discoverydb(struct cli *cli)
{
	const struct options *o = &cli->opts;
	int rc = check_type(o);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	switch (type_of(o)) {
	case TYPE_SENDTARGETS:
	case TYPE_ISNS: return run_on_record(cli);
	case TYPE_FIRMWARE:
		if (o->discover)
			return fw_discover(cli);
		return refused("Invalid command. Possibly missing --discover argument.");
	case TYPE_NONE:
	case TYPE_SLP: break;
	}
	return without_type(cli, list_stored);
}
