/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/rediscover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/failure.h"
#include "iscsiadm/node_ops.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

int findings_add(struct findings *f, const struct finding *one)
{
	if (f->count == f->size) {
		size_t size = MAX((size_t)16, 2 * f->size);
		struct finding *grown = reallocarray(f->all, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		f->all = grown;
		f->size = size;
	}
	f->all[f->count++] = *one;
	return 0;
}

void findings_done(struct findings *f)
{
	free(f->all);
	*f = (struct findings){0};
}

/* What all node records of the discovery through one interface have in common. */
static struct iscsi_db_record *make_prototype(struct cli *cli,
                                              const struct iscsi_db_discovery_id *source,
                                              const struct iscsi_db_record *iface)
{
	_cleanup_record_ struct iscsi_db_record *record = node_prototype(cli, iface);
	int r;

	if (!record)
		return NULL;
	r = iscsi_db_node_set_source(record, source);
	if (r < 0) {
		cli_failed(r, source->address);
		return NULL;
	}
	return take_ptr(record);
}

struct iscsi_db_record *finding_record(struct cli *cli, const struct iscsi_db_discovery_id *source,
                                       const struct finding *f, struct iface_list *ifaces)
{
	struct iscsi_db_record **prototype;

	if (!ifaces->prototypes)
		ifaces->prototypes = calloc(ifaces->count, sizeof(struct iscsi_db_record *));
	if (!ifaces->prototypes) {
		cli_failed(-ENOMEM, f->id.target);
		return NULL;
	}
	prototype = &ifaces->prototypes[f->iface];
	if (!*prototype)
		*prototype = make_prototype(cli, source, ifaces->records[f->iface]);
	return *prototype ? node_record_from(*prototype, &f->id) : NULL;
}

/* Whether the machine boots from what the record says. */
static bool boots(const struct iscsi_db_record *record)
{
	const char *startup = iscsi_db_record_get(record, "node.startup");

	return startup && strcmp(startup, "onboot") == 0;
}

static int write_finding(struct cli *cli, const struct iscsi_db_discovery_id *source,
                         const struct finding *f, struct iface_list *ifaces, bool keep)
{
	_cleanup_record_ struct iscsi_db_record *record = finding_record(cli, source, f, ifaces);

	if (!record)
		return ISCSI_ERR_IDBM;
	return node_write_found(cli, &f->id, record, keep, boots);
}

/* By all but the address, which has several spellings. */
static int compare_places(const void *a, const void *b)
{
	const struct iscsi_db_node_id *x = &((const struct finding *)a)->id;
	const struct iscsi_db_node_id *y = &((const struct finding *)b)->id;
	int order = strcmp(x->target, y->target);

	if (order == 0)
		order = strcmp(x->iface, y->iface);
	if (order == 0)
		order = (x->port > y->port) - (x->port < y->port);
	return order ? order : (x->tpgt > y->tpgt) - (x->tpgt < y->tpgt);
}

/* sorted: by compare_places() */
static bool was_found(const struct findings *sorted, const struct iscsi_db_node_id *id)
{
	const struct finding wanted = {.id = *id};
	const struct finding *end = sorted->all + sorted->count;
	const struct finding *f = NULL;

	if (sorted->count > 0)
		f = bsearch(&wanted, sorted->all, sorted->count, sizeof(*f), compare_places);
	while (f && f > sorted->all && compare_places(f - 1, &wanted) == 0)
		f--;
	for (; f && f < end && compare_places(f, &wanted) == 0; f++) {
		if (host_equal(f->id.address, id->address))
			return true;
	}
	return false;
}

static int sort_findings(const struct findings *found, struct findings *ret)
{
	for (size_t i = 0; i < found->count; i++) {
		if (findings_add(ret, &found->all[i]) < 0)
			return -ENOMEM;
	}
	if (ret->count > 0)
		qsort(ret->all, ret->count, sizeof(*ret->all), compare_places);
	return 0;
}

static bool is_onboot(struct cli *cli, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = select_read(cli, id);
	bool onboot = record && boots(record);

	return onboot;
}

static int delete_if_stale(struct cli *cli, const struct findings *sorted,
                           const struct iscsi_db_node_id *id)
{
	if (was_found(sorted, id) || is_onboot(cli, id))
		return ISCSI_ERR_SUCCESS;
	return node_delete_stale(cli, id);
}

static bool comes_from(struct cli *cli, const struct iscsi_db_discovery_id *source,
                       const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = select_read(cli, id);
	const char *address = record ? iscsi_db_record_get(record, "node.discovery_address") : NULL;

	return address && strcmp(address, source->address) == 0 &&
	       iscsi_db_record_get_int(record, "node.discovery_port", 0) == source->port;
}

/* What was found by queries before the server had a record: only the nodes say by which server. */
static int delete_stale_unrecorded(struct cli *cli, const struct iscsi_db_discovery_id *source,
                                   const struct findings *sorted)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;
	int rc = ISCSI_ERR_SUCCESS;
	int r = iscsi_db_isns_nodes(cli->db, &ids, &count);

	if (r < 0)
		return r == -ENOENT ? ISCSI_ERR_SUCCESS : cli_failed(r, source->address);
	for (size_t i = 0; i < count; i++) {
		if (comes_from(cli, source, &ids[i]))
			rc = first_error(rc, delete_if_stale(cli, sorted, &ids[i]));
	}
	return rc;
}

static int delete_stale(struct cli *cli, const struct iscsi_db_discovery_id *source,
                        const struct findings *found)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	_cleanup_(findings_done) struct findings sorted = {0};
	size_t count;
	int rc = ISCSI_ERR_SUCCESS;
	int r = iscsi_db_discovery_nodes(cli->db, source, &ids, &count);

	if (r == 0)
		r = sort_findings(found, &sorted);
	if (r < 0)
		return r == -ENOENT ? ISCSI_ERR_SUCCESS : cli_failed(r, source->address);
	for (size_t i = 0; i < count; i++)
		rc = first_error(rc, delete_if_stale(cli, &sorted, &ids[i]));
	if (source->kind == ISCSI_DB_ISNS)
		rc = first_error(rc, delete_stale_unrecorded(cli, source, &sorted));
	return rc;
}

static bool keep_records(struct cli *cli)
{
	const struct iscsi_db_config *config = cli_config(cli);
	const char *value = config ? iscsi_db_config_get(config, "discovery.keep_records") : NULL;

	return cli->opts.keep || (value && strcmp(value, "Yes") == 0);
}

int rediscover(struct cli *cli, const struct iscsi_db_discovery_id *source,
               const struct findings *found, struct iface_list *ifaces, unsigned int ops)
{
	unsigned int steps = ops & (OP_NEW | OP_UPDATE | OP_DELETE);
	bool keep = keep_records(cli);
	int r, rc = cli_sessions(cli);

	if (steps == 0)
		steps = OP_NEW | OP_UPDATE | OP_DELETE;
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	rc = cli_batch_begin(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (steps & OP_DELETE)
		rc = delete_stale(cli, source, found);
	for (size_t i = 0; (steps & (OP_NEW | OP_UPDATE)) && i < found->count; i++) {
		if (!found->all[i].silent)
			rc = first_error(rc, write_finding(cli, source, &found->all[i], ifaces,
			                                   keep || !(steps & OP_UPDATE)));
	}
	r = iscsi_db_batch_end(cli->db);
	if (r < 0)
		rc = first_error(rc, cli_failed(r, iscsi_db_root(cli->db)));
	return rc;
}
