/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/probe.h"

#include <stdlib.h>
#include <string.h>

#include "iscsid/conn.h"

struct probe {
	struct list_node node; /* of those that wait */
	struct conn *conn;     /* NULL: it waits */
	struct portal portal;
	struct connect_path path;
	/* borrowed */
	struct manager *manager;
	struct request *request;
};

static void on_ended(void *data, const struct conn_result *result);

/* The request is answered by whoever calls this. */
static struct request *end(struct probe *p)
{
	struct request *request = p->request;

	list_remove(&p->node);
	p->manager->probes_count -= p->conn != NULL;
	conn_free(p->conn);
	free(p);
	return request;
}

static void begin(struct probe *p)
{
	static const struct conn_callbacks callbacks = {.ended = on_ended};
	const struct conn_config config = {
		.connect_only = true,
		.portal = p->portal,
		.path = p->path,
		.timeout_usec = PROBE_TIMEOUT_SEC * USEC_PER_SEC,
	};
	struct manager *m = p->manager;
	int r = conn_start(m->loop, m->broker, &config, &callbacks, p, &p->conn);

	if (r < 0) {
		request_done(end(p), iscsi_err_from_errno(r), "cannot probe a portal: %s",
		             strerror(-r));
		return;
	}
	m->probes_count++;
	list_remove(&p->node);
}

static void begin_waiting(struct manager *m)
{
	while (m->probes_count < PROBES_MAX && !list_empty(&m->probes_waiting))
		begin(list_entry(m->probes_waiting.next, struct probe, node));
}

static void on_ended(void *data, const struct conn_result *result)
{
	struct probe *p = (struct probe *)data;
	struct manager *m = p->manager;
	struct conn_result r = *result; /* the conn's, which goes now */

	if (r.outcome == CONN_OUTCOME_CONNECTED)
		request_done(end(p), ISCSI_ERR_SUCCESS, "%s", "");
	else
		request_done(end(p), ISCSI_ERR_TRANS, "%s", r.text);
	begin_waiting(m);
}

static void on_gone(struct request *request _unused_, void *data)
{
	struct probe *p = (struct probe *)data;
	struct manager *m = p->manager;

	end(p);
	begin_waiting(m);
}

void probe_start(struct manager *m, const struct portal *portal,
                 const struct iscsi_db_record *iface, struct request *request)
{
	struct probe *p = (struct probe *)calloc(1, sizeof(*p));

	if (!p) {
		request_done(request, ISCSI_ERR_NOMEM, "no memory for a probe");
		return;
	}
	p->portal = *portal;
	connect_path_of(iface, &p->path);
	p->manager = m;
	p->request = request;
	request->gone = on_gone;
	request->data = p;
	list_append(&m->probes_waiting, &p->node);
	begin_waiting(m);
}
