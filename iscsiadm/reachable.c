/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/reachable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/client.h"
#include "iscsiadm/report.h"
#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

/* Portals, each with the way there: many targets share one. */
static int compare_portals(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;
	int order = strcmp(x->id.address, y->id.address);

	if (order == 0)
		order = (x->id.port > y->id.port) - (x->id.port < y->id.port);
	return order ? order : (x->iface > y->iface) - (x->iface < y->iface);
}

static int request_body(const struct finding *f, const struct iscsi_db_record *iface,
                        struct client_request *request)
{
	_cleanup_free_ char *text = iscsi_db_record_text(iface, ISCSI_DB_FORM_FILE);
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	if (!text)
		return -ENOMEM;
	kv_put(&w, KV_NEWLINE, "address", f->id.address);
	kv_putf(&w, KV_NEWLINE, "port", "%u", f->id.port);
	writer_str(&w, text);
	request->verb = "probe";
	return client_body_take(request, &w);
}

static int take_answer(struct finding *f, const struct client_request *r)
{
	const char *why = r->detail ? r->detail : iscsi_err_text((int)r->error);

	f->silent = r->error == ISCSI_ERR_TRANS;
	if (r->error == ISCSI_ERR_SUCCESS)
		return ISCSI_ERR_SUCCESS;
	if (f->silent) {
		log_notice("%s at %s is left out: %s", f->id.target, f->id.address, why);
		return ISCSI_ERR_SUCCESS;
	}
	report("Could not find out whether %s,%u can be reached: %s", f->id.address, f->id.port,
	       why);
	return (int)r->error;
}

/* Ask about each portal once, for all findings at it, which stand together. */
static int ask(struct cli *cli, const struct iface_list *ifaces, struct finding **sorted,
               size_t count, struct client_request *requests)
{
	int rc = ISCSI_ERR_SUCCESS;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct iscsi_db_record *iface = ifaces->records[sorted[i]->iface];
		int r;

		if (i > 0 && compare_portals(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		r = request_body(sorted[i], iface, &requests[n++]);
		if (r < 0)
			return cli_failed(r, sorted[i]->id.address);
	}
	client_run(cli->client, requests, n, CLIENT_WAITS, NULL, NULL);
	n = 0;
	for (size_t i = 0; rc == ISCSI_ERR_SUCCESS && i < count; i++) {
		if (i > 0 && compare_portals(&sorted[i - 1], &sorted[i]) != 0)
			n++;
		rc = take_answer(sorted[i], &requests[n]);
	}
	return rc;
}

int find_silent(struct cli *cli, const struct iscsi_db_record *record,
                const struct iface_list *ifaces, struct findings *found)
{
	_cleanup_free_ struct client_request *requests = NULL;
	_cleanup_free_ struct finding **sorted = NULL;
	int rc;

	if (!iscsi_db_record_get_bool(record, "discovery.sendtargets.filter.reachable"))
		return ISCSI_ERR_SUCCESS;
	requests = calloc(found->count + 1, sizeof(*requests));
	sorted = calloc(found->count + 1, sizeof(struct finding *));
	if (!requests || !sorted)
		return cli_failed(-ENOMEM, "discovery");
	for (size_t i = 0; i < found->count; i++)
		sorted[i] = &found->all[i];
	qsort(sorted, found->count, sizeof(struct finding *), compare_portals);
	rc = ask(cli, ifaces, sorted, found->count, requests);
	for (size_t i = 0; i < found->count; i++)
		client_request_done(&requests[i]);
	return rc;
}
