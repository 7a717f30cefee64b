/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/discover.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/login.h"
#include "iscsiadm/printer.h"
#include "iscsiadm/progress.h"
#include "iscsiadm/reachable.h"
#include "iscsiadm/rediscover.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static int iface_list_add(struct iface_list *list, struct iscsi_db_record *record)
{
	struct iscsi_db_record **grown;

	grown = realloc(list->records, (list->count + 1) * sizeof(struct iscsi_db_record *));
	if (!grown) {
		iscsi_db_record_free(record);
		return cli_failed(-ENOMEM, "discovery");
	}
	grown[list->count++] = record;
	list->records = grown;
	return ISCSI_ERR_SUCCESS;
}

static void iface_list_done(struct iface_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		iscsi_db_record_free(list->records[i]);
		if (list->prototypes)
			iscsi_db_record_free(list->prototypes[i]);
	}
	free(list->records);
	free(list->prototypes);
	*list = (struct iface_list){0};
}

static bool is_tcp(const struct iscsi_db_record *record)
{
	const char *transport = iscsi_db_record_get(record, "iface.transport_name");

	return transport && strcmp(transport, "tcp") == 0;
}

static int add_named(struct cli *cli, struct iface_list *list, const char *name)
{
	struct iscsi_db_record *record;

	if (iscsi_db_iface_read(cli->db, name, report_problem, NULL, &record) < 0) {
		report("Could not read iface info for %s. Make sure an iface config with the file "
		       "name and iface.iscsi_ifacename %s is in %s/ifaces.",
		       name, name, iscsi_db_root(cli->db));
		return ISCSI_ERR_SUCCESS; /* the others may do */
	}
	if (!is_tcp(record)) {
		report("Could not load transport %s.Dropping interface %s.",
		       iscsi_db_record_get(record, "iface.transport_name"), name);
		iscsi_db_record_free(record);
		return ISCSI_ERR_SUCCESS;
	}
	return iface_list_add(list, record);
}

static int choose_ifaces(struct cli *cli, struct iface_list *list)
{
	const struct options *o = &cli->opts;
	int r, rc = ISCSI_ERR_SUCCESS;

	if (o->iface_count == 0) {
		r = iscsi_db_ifaces_of_tcp(cli->db, report_problem, NULL, &list->records,
		                           &list->count);
		return r < 0 ? cli_failed(r, iscsi_db_root(cli->db)) : ISCSI_ERR_SUCCESS;
	}
	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < o->iface_count; i++)
		rc = add_named(cli, list, o->ifaces[i]);
	if (rc == ISCSI_ERR_SUCCESS && list->count == 0)
		rc = ISCSI_ERR_NO_OBJS_FOUND;
	return rc;
}

/* What is under way: request i goes through interface i and fills found[i]. */
struct search {
	struct client_request *requests;
	struct findings *found;
	const struct iface_list *ifaces;
	enum iscsi_db_kind kind; /* of the discovery record */
	struct progress progress;
	int error; /* 0 or -ENOMEM */
};

/* The daemon has checked what the target said; a name becomes part of a path, so again. */
static int parse_item(const struct ipc_message *m, struct finding *ret)
{
	struct portal portal;
	int r = ipc_message_get_target(m, ret->id.target, &portal);

	if (r < 0)
		return r;
	snprintf(ret->id.address, sizeof(ret->id.address), "%s", portal.host);
	ret->id.port = portal.port;
	ret->id.tpgt = portal.tpgt;
	return 0;
}

static void note_answer(void *data, struct client_request *r, const struct ipc_message *m)
{
	struct search *search = data;
	size_t i = (size_t)(r - search->requests);
	struct finding f = {.iface = i};
	struct kv text;

	if (!m || m->reply == IPC_REPLY_DONE) {
		progress_step(&search->progress, r->error != ISCSI_ERR_SUCCESS);
		return;
	}
	if (ipc_message_get_text(m, m->reply == IPC_REPLY_ITEM ? "refused" : "text", &text) == 1) {
		progress_hide(&search->progress);
		report_foreign(text.value, text.value_len);
		return;
	}
	if (m->reply != IPC_REPLY_ITEM)
		return;
	if (parse_item(m, &f) < 0) {
		report("the daemon's answer has a target that is none, ignoring it");
		return;
	}
	snprintf(f.id.iface, sizeof(f.id.iface), "%s",
	         iscsi_db_record_get(search->ifaces->records[i], "iface.iscsi_ifacename"));
	if (findings_add(&search->found[i], &f) < 0)
		search->error = -ENOMEM;
}

static int request_body(const struct cli *cli, const struct iscsi_db_record *record,
                        const struct iscsi_db_record *iface, struct client_request *request)
{
	_cleanup_free_ char *text = iscsi_db_record_text(record, ISCSI_DB_FORM_FILE);
	_cleanup_free_ char *iface_text = iscsi_db_record_text(iface, ISCSI_DB_FORM_FILE);
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	if (!text || !iface_text)
		return -ENOMEM;
	if (cli->opts.fail_fast)
		kv_put(&w, KV_NEWLINE, "fail_fast", "Yes");
	writer_str(&w, text);
	writer_str(&w, iface_text);
	explicit_bzero(text, strlen(text));
	request->verb = "discover";
	return client_body_take(request, &w);
}

/* The last line of one that failed. */
static int not_performed(const struct search *search, int rc)
{
	report("Could not perform %s discovery: %s",
	       search->kind == ISCSI_DB_ISNS ? "iSNS" : "SendTargets", iscsi_err_text(rc));
	return rc;
}

static int report_failure(const struct search *search, const struct client_request *r)
{
	if (r->detail)
		report_foreign(r->detail, strlen(r->detail));
	return not_performed(search, (int)r->error);
}

/* Send all, gather the findings in the order of the interfaces.  *ret_whole: none failed. */
static int run_search(struct cli *cli, struct search *search, struct findings *ret, bool *ret_whole)
{
	size_t good = 0, count = search->ifaces->count;
	int rc = daemon_connect(cli);

	if (rc != ISCSI_ERR_SUCCESS) {
		report("Cannot perform discovery. Initiatorname required.");
		return not_performed(search, rc);
	}
	progress_begin(&search->progress, count, cli->json != NULL);
	client_run(cli->client, search->requests, count, CLIENT_WAITS, note_answer, search);
	progress_hide(&search->progress);
	for (size_t i = 0; i < count; i++) {
		if (search->requests[i].error != ISCSI_ERR_SUCCESS) {
			rc = first_error(rc, report_failure(search, &search->requests[i]));
			continue;
		}
		good++;
		for (size_t k = 0; k < search->found[i].count; k++) {
			if (findings_add(ret, &search->found[i].all[k]) < 0)
				search->error = -ENOMEM;
		}
	}
	if (search->error < 0)
		return cli_failed(search->error, "discovery");
	*ret_whole = good == count;
	return good > 0 ? ISCSI_ERR_SUCCESS : rc;
}

static int find(struct cli *cli, const struct iscsi_db_record *record,
                const struct iface_list *ifaces, struct findings *ret, bool *ret_whole)
{
	struct search search = {.ifaces = ifaces, .kind = iscsi_db_record_kind(record)};
	int r = 0, rc;

	search.requests = calloc(ifaces->count, sizeof(*search.requests));
	search.found = calloc(ifaces->count, sizeof(*search.found));
	if (!search.requests || !search.found)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < ifaces->count; i++)
		r = request_body(cli, record, ifaces->records[i], &search.requests[i]);
	rc = r < 0 ? cli_failed(r, "discovery") : run_search(cli, &search, ret, ret_whole);
	for (size_t i = 0; i < ifaces->count && search.requests; i++)
		client_request_done(&search.requests[i]);
	for (size_t i = 0; i < ifaces->count && search.found; i++)
		findings_done(&search.found[i]);
	free(search.requests);
	free(search.found);
	return rc;
}

/* In their order; what stands side by side is one target, and one portal, in a tree. */
static int print_findings(const struct cli *cli, const struct findings *found)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = calloc(found->count, sizeof(*ids));
	size_t n = 0;

	if (!ids)
		return cli_failed(-ENOMEM, "discovery");
	for (size_t i = 0; i < found->count; i++) {
		if (!found->all[i].silent)
			ids[n++] = found->all[i].id;
	}
	if (!cli->json && cli->opts.print_level == 1)
		print_source_tree(ids, n);
	else
		print_nodes(cli, ids, n);
	return ISCSI_ERR_SUCCESS;
}

/* Log in with the records as they are now, which need not be what a fresh one would say. */
static int login_found(struct cli *cli, const struct iscsi_db_discovery_id *source,
                       const struct findings *found, struct iface_list *ifaces)
{
	bool stored = !(cli->opts.ops & OP_NONPERSISTENT);
	struct login_list list = {0};
	int rc = ISCSI_ERR_SUCCESS;

	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < found->count; i++) {
		const struct finding *f = &found->all[i];
		struct iscsi_db_record *record;

		if (f->silent)
			continue;
		record = stored ? select_read(cli, &f->id) : NULL;
		if (!record)
			record = finding_record(cli, source, f, ifaces);
		if (!record)
			rc = ISCSI_ERR_IDBM;
		else if (login_list_add(&list, record) < 0)
			rc = cli_failed(-ENOMEM, "login");
	}
	if (rc == ISCSI_ERR_SUCCESS)
		rc = login_records(cli, &list);
	login_list_done(&list);
	return rc;
}

static int use_findings(struct cli *cli, const struct iscsi_db_discovery_id *source,
                        const struct findings *found, struct iface_list *ifaces, unsigned int ops)
{
	int rc = ISCSI_ERR_SUCCESS;
	size_t silent = 0;

	for (size_t i = 0; i < found->count; i++)
		silent += found->all[i].silent;
	if (found->count == silent) {
		report("No portals found");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	if (!cli->opts.dry_run)
		rc = print_findings(cli, found);
	if (!(ops & OP_NONPERSISTENT))
		rc = first_error(rc, rediscover(cli, source, found, ifaces, ops));
	if (cli->opts.login)
		rc = first_error(rc, login_found(cli, source, found, ifaces));
	return rc;
}

/* What the record of the source does not want counts as not found. */
static void leave_out_filtered(const struct iscsi_db_record *record, struct findings *found)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->count; i++) {
		const struct finding *f = &found->all[i];

		if (iscsi_db_discovery_takes(record, f->id.address, f->id.tpgt))
			found->all[kept++] = *f;
	}
	found->count = kept;
}

int discover(struct cli *cli, const struct iscsi_db_discovery_id *source,
             const struct iscsi_db_record *record)
{
	struct iface_list ifaces = {0};
	struct findings found = {0};
	unsigned int ops = cli->opts.ops;
	bool whole = false;
	int rc = choose_ifaces(cli, &ifaces);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = find(cli, record, &ifaces, &found, &whole);
	if (rc == ISCSI_ERR_SUCCESS) {
		leave_out_filtered(record, &found);
		rc = find_silent(cli, record, &ifaces, &found);
	}
	if (rc == ISCSI_ERR_SUCCESS) {
		/* what an interface that failed would have found is not stale */
		if (!whole && !(ops & OP_NONPERSISTENT))
			ops = (ops & (OP_NEW | OP_UPDATE | OP_DELETE)) ? ops & ~(unsigned)OP_DELETE
			                                               : OP_NEW | OP_UPDATE;
		rc = use_findings(cli, source, &found, &ifaces, ops);
	}
	findings_done(&found);
	iface_list_done(&ifaces);
	return rc;
}
