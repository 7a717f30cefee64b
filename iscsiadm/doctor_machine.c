/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/doctor.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/module.h"
#include "lib/host/multipath.h"
#include "lib/ipc/error.h"

enum {
	PROBES_MAX = 256, /* portals that are asked at once */
	/* seconds: below it, a path that is gone is noticed sooner than applications give up */
	MULTIPATH_RECOVERY_MAX = 60,
};

void doctor_module(struct doctor *d)
{
	const char *sysfs = d->cli->paths.sysfs ? d->cli->paths.sysfs : "/sys";
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/class/iscsi_transport/tcp", sysfs);
	if (access(path, F_OK) == 0) {
		doctor_say(d, VERDICT_OK, NULL, "iscsi_tcp is there");
		return;
	}
	r = host_module_find("iscsi_tcp");
	if (r == 0)
		doctor_say(d, VERDICT_OK, NULL, "iscsi_tcp will be loaded with the first login");
	else
		doctor_say(
			d, VERDICT_PROBLEM,
			"install the package with the kernel's further modules, or a kernel with "
			"CONFIG_ISCSI_TCP",
			"this kernel has no module iscsi_tcp (%s)", strerror(-r));
}

/* ---- the daemon ------------------------------------------------------------------------- */

static void note_version(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	struct doctor *d = data;
	char version[32], name[256];

	if (!m || m->reply != IPC_REPLY_DONE)
		return;
	ipc_message_copy(m, "version", version, sizeof(version));
	ipc_message_copy(m, "initiatorname", name, sizeof(name));
	if (strcmp(version, VERSION) != 0)
		doctor_say(d, VERDICT_NOTE, "restart iscsid.service; sessions stay",
		           "iscsid is version %s, iscsiadm %s", version, VERSION);
	if (!name[0])
		doctor_say(d, VERDICT_PROBLEM, "restart iscsid.service once there is one",
		           "iscsid runs without an initiator name");
	else
		doctor_say(d, VERDICT_OK, NULL, "iscsid %s runs as %s", version, name);
}

/* Whether the daemon is there to be asked. */
static bool have_daemon(struct doctor *d)
{
	return d->cli->client || daemon_connect_quietly(d->cli) == 0;
}

void doctor_daemon(struct doctor *d)
{
	struct client_request request = {.verb = "config"};
	int r;

	r = daemon_connect_quietly(d->cli);
	if (r < 0) {
		doctor_say(d, VERDICT_PROBLEM, "start iscsid.socket or iscsid.service",
		           "iscsid cannot be reached: %s", strerror(-r));
		return;
	}
	client_run(d->cli->client, &request, 1, CLIENT_HURRIES, note_version, d);
	if (request.error != ISCSI_ERR_SUCCESS)
		doctor_say(d, VERDICT_PROBLEM, "restart iscsid.service",
		           "iscsid does not answer: %s", iscsi_err_text((int)request.error));
	client_request_done(&request);
}

/* ---- portals ---------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
	const struct iscsi_db_node_id *x = a, *y = b;
	int order = strcmp(x->address, y->address);

	if (order == 0)
		order = (x->port > y->port) - (x->port < y->port);
	return order ? order : strcmp(x->iface, y->iface);
}

/* One of each place and way there, in front. */
static size_t unique_places(struct iscsi_db_node_id *ids, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(ids, count, sizeof(*ids), compare_places);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || compare_places(&ids[i], &ids[n - 1]) != 0)
			ids[n++] = ids[i];
	}
	return n;
}

static int probe_body(struct cli *cli, const struct iscsi_db_node_id *id,
                      struct client_request *request)
{
	_cleanup_record_ struct iscsi_db_record *iface = NULL;
	_cleanup_free_ char *text = NULL;
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	if (iscsi_db_iface_read(cli->db, id->iface, NULL, NULL, &iface) < 0)
		iface = iscsi_db_record_new(ISCSI_DB_IFACE);
	if (iface)
		text = iscsi_db_record_text(iface, ISCSI_DB_FORM_FILE);
	if (!text)
		return -ENOMEM;
	kv_put(&w, KV_NEWLINE, "address", id->address);
	kv_putf(&w, KV_NEWLINE, "port", "%u", id->port);
	writer_str(&w, text);
	request->verb = "probe";
	return client_body_take(request, &w);
}

static void probe_all(struct doctor *d, const struct iscsi_db_node_id *ids, size_t count)
{
	struct client_request *requests = calloc(count + 1, sizeof(*requests));
	size_t made = 0;

	while (requests && made < count && probe_body(d->cli, &ids[made], &requests[made]) == 0)
		made++;
	if (made < count)
		doctor_say(d, VERDICT_PROBLEM, NULL, "no memory to ask all portals");
	if (requests)
		client_run(d->cli->client, requests, made, CLIENT_WAITS, NULL, NULL);
	for (size_t i = 0; i < made; i++) {
		const struct client_request *r = &requests[i];

		if (r->error != ISCSI_ERR_SUCCESS)
			doctor_say(
				d, VERDICT_PROBLEM,
				"is the target up, and does a route and the firewall let it through?",
				"%s,%u through %s: %s", ids[i].address, ids[i].port, ids[i].iface,
				r->detail ? r->detail : iscsi_err_text((int)r->error));
		client_request_done(&requests[i]);
	}
	free(requests);
}

void doctor_portals(struct doctor *d)
{
	const struct iscsi_db_selection all = {0};
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0, places;

	if (!have_daemon(d)) {
		doctor_say(d, VERDICT_NOTE, NULL, "not tried without iscsid");
		return;
	}
	if (iscsi_db_nodes(d->cli->db, &all, NULL, NULL, &ids, &count) < 0)
		count = 0;
	places = unique_places(ids, count);
	if (places > PROBES_MAX)
		doctor_say(d, VERDICT_NOTE, NULL, "of %zu portals only the first %d are tried",
		           places, PROBES_MAX);
	places = MIN(places, (size_t)PROBES_MAX);
	probe_all(d, ids, places);
	if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%zu take connections", places);
}

/* ---- what failed before ----------------------------------------------------------------- */

static void note_failure(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	char target[224], address[PORTAL_HOST_SIZE], iface[65], detail[1024];
	int port, error;

	if (!m || m->reply != IPC_REPLY_ITEM)
		return;
	ipc_message_copy(m, "target", target, sizeof(target));
	ipc_message_copy(m, "address", address, sizeof(address));
	ipc_message_copy(m, "iface", iface, sizeof(iface));
	ipc_message_copy(m, "detail", detail, sizeof(detail));
	if (ipc_message_get_int(m, "port", 0, UINT16_MAX, 0, &port) < 0 ||
	    ipc_message_get_int(m, "error", 0, INT32_MAX, 0, &error) < 0)
		return;
	/* its hint is part of the detail */
	doctor_say(data, VERDICT_PROBLEM, NULL,
	           "the last login to [iface: %s, target: %s, portal: %s,%d] failed (%d - %s): %s",
	           iface, target, address, port, error, iscsi_err_text(error), detail);
}

void doctor_failures(struct doctor *d)
{
	struct client_request request = {.verb = "failures"};

	if (!have_daemon(d)) {
		doctor_say(d, VERDICT_NOTE, NULL, "not known without iscsid");
		return;
	}
	client_run(d->cli->client, &request, 1, CLIENT_HURRIES, note_failure, d);
	if (request.error != ISCSI_ERR_SUCCESS)
		doctor_say(d, VERDICT_NOTE, NULL, "iscsid does not tell: %s",
		           request.detail ? request.detail : iscsi_err_text((int)request.error));
	else if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "no login has failed since its last success");
	client_request_done(&request);
}

/* ---- sessions --------------------------------------------------------------------------- */

static bool same_place(const struct host_session *a, const struct host_session *b)
{
	return strcmp(a->target_name, b->target_name) == 0 &&
	       strcmp(a->persistent_address, b->persistent_address) == 0 &&
	       a->persistent_port == b->persistent_port &&
	       strcmp(a->iface_name, b->iface_name) == 0;
}

/* How many sessions its record asks for; 1 without one. */
static int64_t wanted(struct cli *cli, const struct host_session *s)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	size_t count = 0;

	if (select_session_nodes(cli, s, &ids, &count) != ISCSI_ERR_SUCCESS)
		return 1;
	record = select_read(cli, &ids[0]);
	return record ? iscsi_db_record_get_int(record, "node.session.nr_sessions", 1) : 1;
}

/* The first of several with one target, portal and interface speaks for all. */
static void check_duplicates(struct doctor *d, const struct host_session *all, size_t count,
                             size_t first)
{
	size_t same = 1;

	for (size_t i = 0; i < first; i++) {
		if (same_place(&all[i], &all[first]))
			return;
	}
	for (size_t i = first + 1; i < count; i++)
		same += same_place(&all[i], &all[first]);
	if (same > 1 && (int64_t)same > wanted(d->cli, &all[first]))
		doctor_say(d, VERDICT_PROBLEM,
		           "log out of all but one, or raise node.session.nr_sessions",
		           "%zu sessions go to %s at %s,%d through %s", same,
		           all[first].target_name, all[first].persistent_address,
		           all[first].persistent_port, all[first].iface_name);
}

static int read_sessions(struct doctor *d)
{
	d->cli->opts.print_level = 2;
	if (cli_sessions(d->cli) == ISCSI_ERR_SUCCESS)
		return 0;
	doctor_say(d, VERDICT_PROBLEM, NULL, "sysfs does not tell which there are");
	return -EIO;
}

void doctor_sessions(struct doctor *d)
{
	const struct cli *cli = d->cli;

	if (read_sessions(d) < 0)
		return;
	for (size_t i = 0; i < cli->session_count; i++) {
		const struct host_session *s = &cli->sessions[i];

		check_duplicates(d, cli->sessions, cli->session_count, i);
		if (strcmp(s->session_state, "LOGGED_IN") != 0)
			doctor_say(d, VERDICT_PROBLEM, "see the log of iscsid, or log out of it",
			           "session %d to %s is not logged in, but %s", s->sid,
			           s->target_name,
			           s->session_state[0] ? s->session_state : "half-made");
	}
	if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%zu are logged in", cli->session_count);
}

/*
 * A path of a multipath map holds I/O back for its replacement_timeout before another path gets it;
 * without multipath, I/O fails when it is over.
 */
void doctor_multipath(struct doctor *d)
{
	const struct cli *cli = d->cli;
	size_t paths = 0;
	int seconds;

	if (read_sessions(d) < 0)
		return;
	for (size_t i = 0; i < cli->session_count; i++) {
		const struct host_session *s = &cli->sessions[i];

		if (!host_session_is_path(cli->paths.sysfs, s->sid))
			continue;
		paths++;
		if (num_int(s->recovery_tmo, 0, INT32_MAX, &seconds) < 0)
			doctor_say(
				d, VERDICT_PROBLEM,
				"set node.session.timeo.replacement_timeout to 5",
				"session %d is a path of a multipath map and never gives I/O back",
				s->sid);
		else if (seconds > MULTIPATH_RECOVERY_MAX)
			doctor_say(
				d, VERDICT_PROBLEM,
				"set node.session.timeo.replacement_timeout to 5",
				"session %d is a path of a multipath map, but holds I/O back for %d "
				"seconds before another path gets it",
				s->sid, seconds);
	}
	if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%zu sessions are paths of maps", paths);
}
