/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m metrics: sessions and counters as OpenMetrics 1.0 text, for a collector that reads files or
 * runs commands.  What the daemon has counted is left out while it does not run.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/printer.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

static void print_head(const char *name, const char *type, const char *unit, const char *help)
{
	printf("# TYPE %s %s\n", name, type);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
	printf("# HELP %s %s\n", name, help);
}

/* OpenMetrics 1.0, "escaped-string". */
static void print_label(const char *name, const char *value, const char *end)
{
	printf("%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stdout);
		else if (*value == '"' || *value == '\\')
			printf("\\%c", *value);
		else
			putchar(*value);
	}
	printf("\"%s", end);
}

static void print_kernel_sessions(const struct cli *cli)
{
	static const char *const states[] = {"LOGGED_IN", "FAILED", "FREE"};
	char portal[PORTAL_TEXT_SIZE];

	print_head("iscsi_sessions", "gauge", NULL, "Sessions that the kernel has.");
	printf("iscsi_sessions %zu\n", cli->session_count);
	print_head("iscsi_session", "info", NULL, "What each session connects.");
	for (size_t i = 0; i < cli->session_count; i++) {
		const struct host_session *s = &cli->sessions[i];

		printf("iscsi_session_info{sid=\"%d\",", s->sid);
		print_label("target", s->target_name, ",");
		print_label("portal", session_portal(s, portal), ",");
		print_label("iface", s->iface_name, ",");
		print_label("initiator", s->initiator_name, "} 1\n");
	}
	print_head("iscsi_session_state", "stateset", NULL, "Which state each session is in.");
	for (size_t i = 0; i < cli->session_count; i++) {
		const struct host_session *s = &cli->sessions[i];

		for (size_t k = 0; k < ARRAY_LEN(states); k++)
			printf("iscsi_session_state{sid=\"%d\",iscsi_session_state=\"%s\"} %d\n",
			       s->sid, states[k], strcmp(s->session_state, states[k]) == 0);
	}
}

/* What the daemon says of each session. */
static void print_daemon_sessions(const struct daemon_state *states, size_t count)
{
	print_head("iscsi_session_recoveries", "counter", NULL,
	           "How often a broken session was logged in again since iscsid started.");
	for (size_t i = 0; i < count; i++) {
		if (states[i].sid > 0)
			printf("iscsi_session_recoveries_total{sid=\"%d\"} %d\n", states[i].sid,
			       states[i].recoveries);
	}
	print_head("iscsi_session_login_seconds", "gauge", "seconds",
	           "How long the login took; not known of a session that iscsid took over.");
	for (size_t i = 0; i < count; i++) {
		if (states[i].sid > 0 && states[i].login_usec > 0)
			printf("iscsi_session_login_seconds{sid=\"%d\"} %" PRIu64 ".%06u\n",
			       states[i].sid, (uint64_t)(states[i].login_usec / USEC_PER_SEC),
			       (unsigned int)(states[i].login_usec % USEC_PER_SEC));
	}
}

/* A counter of the daemon whose key begins with prefix: the rest of the key, and its value. */
static bool counter_of(const struct kv *kv, const char *prefix, char *ret_name, size_t size,
                       int64_t *ret)
{
	size_t len = strlen(prefix);

	if (kv->key_len <= len || kv->key_len - len >= size || memcmp(kv->key, prefix, len) != 0)
		return false;
	memcpy(ret_name, kv->key + len, kv->key_len - len);
	ret_name[kv->key_len - len] = '\0';
	return num_parse(kv->value, kv->value_len, 0, INT64_MAX, ret) == 0;
}

static void print_events(const struct ipc_message *m)
{
	struct kv_reader pairs = ipc_message_pairs(m);
	struct kv kv;
	char name[32];
	int64_t n;

	print_head("iscsi_events", "counter", NULL,
	           "What happened to sessions since iscsid started, by the events of -m monitor.");
	while (kv_next(&pairs, &kv) == 1) {
		if (counter_of(&kv, "seen.", name, sizeof(name), &n))
			printf("iscsi_events_total{event=\"%s\"} %" PRId64 "\n", name, n);
	}
}

/* The buckets come in order, and the last, "inf", has them all. */
static void print_login_times(const struct ipc_message *m)
{
	struct kv_reader pairs = ipc_message_pairs(m);
	int64_t n, msec, count = 0, usec = 0;
	struct kv kv;
	char bound[32];

	print_head("iscsi_login_seconds", "histogram", "seconds",
	           "How long logins took that succeeded since iscsid started.");
	while (kv_next(&pairs, &kv) == 1) {
		if (counter_of(&kv, "login.", bound, sizeof(bound), &n) &&
		    strcmp(bound, "usec") == 0)
			usec = n;
		if (!counter_of(&kv, "login.le.", bound, sizeof(bound), &n))
			continue;
		if (num_parse(bound, strlen(bound), 0, INT64_MAX, &msec) == 0) {
			printf("iscsi_login_seconds_bucket{le=\"%.1f\"} %" PRId64 "\n",
			       (double)msec / 1000, n);
		} else {
			printf("iscsi_login_seconds_bucket{le=\"+Inf\"} %" PRId64 "\n", n);
			count = n;
		}
	}
	printf("iscsi_login_seconds_count %" PRId64 "\n", count);
	printf("iscsi_login_seconds_sum %" PRId64 ".%06d\n", usec / (int64_t)USEC_PER_SEC,
	       (int)(usec % (int64_t)USEC_PER_SEC));
}

/* The kernel's counters of octets that a session has moved, and what they are called here. */
static const struct {
	const char *key, *name, *help;
} octets[] = {
	{"snmp.txdata_octets", "iscsi_session_sent_bytes", "Data that went to the target."},
	{"snmp.rxdata_octets", "iscsi_session_received_bytes", "Data that came from the target."},
};

struct traffic {
	uint64_t value[ARRAY_LEN(octets)];
	bool known;
};

struct traffic_list {
	struct client_request *requests;
	struct traffic *all;
};

static void note_traffic(void *data, struct client_request *r, const struct ipc_message *m)
{
	const struct traffic_list *list = data;
	struct traffic *t = &list->all[r - list->requests];
	struct kv kv;

	if (!m || m->reply != IPC_REPLY_DONE || r->error != ISCSI_ERR_SUCCESS)
		return;
	t->known = true;
	for (size_t i = 0; i < ARRAY_LEN(octets); i++)
		t->known = t->known && ipc_message_get(m, octets[i].key, &kv) == 1 &&
		           num_iscsi(kv.value, kv.value_len, UINT64_MAX, &t->value[i]) == 0;
}

/* A request a session; one that cannot be made is not known, like one that fails. */
static void ask_traffic(struct cli *cli, struct traffic_list *list)
{
	for (size_t i = 0; i < cli->session_count; i++) {
		struct writer w = writer_make(IPC_MESSAGE_MAX);

		kv_putf(&w, KV_NEWLINE, "sid", "%d", cli->sessions[i].sid);
		list->requests[i].verb = "stats";
		if (client_body_take(&list->requests[i], &w) < 0)
			return;
	}
	client_run(cli->client, list->requests, cli->session_count, CLIENT_HURRIES, note_traffic,
	           list);
}

static void print_traffic(struct cli *cli)
{
	struct traffic_list list = {0};

	list.requests = calloc(cli->session_count + 1, sizeof(*list.requests));
	list.all = calloc(cli->session_count + 1, sizeof(*list.all));
	if (list.requests && list.all)
		ask_traffic(cli, &list);
	for (size_t k = 0; k < ARRAY_LEN(octets) && list.all; k++) {
		print_head(octets[k].name, "counter", "bytes", octets[k].help);
		for (size_t i = 0; i < cli->session_count; i++) {
			if (list.all[i].known)
				printf("%s_total{sid=\"%d\"} %" PRIu64 "\n", octets[k].name,
				       cli->sessions[i].sid, list.all[i].value[k]);
		}
	}
	for (size_t i = 0; i < cli->session_count && list.requests; i++)
		client_request_done(&list.requests[i]);
	free(list.requests);
	free(list.all);
}

static void note_counters(void *data _unused_, struct client_request *r _unused_,
                          const struct ipc_message *m)
{
	if (!m || m->reply != IPC_REPLY_DONE)
		return;
	print_events(m);
	print_login_times(m);
}

static void print_daemon(struct cli *cli)
{
	struct client_request request = {.verb = "counters"};
	_cleanup_free_ struct daemon_state *states = NULL;
	size_t count;

	daemon_states(cli, &states, &count);
	print_head("iscsid_up", "gauge", NULL, "Whether iscsid answers.");
	printf("iscsid_up %d\n", cli->client != NULL);
	if (!cli->client)
		return;
	print_daemon_sessions(states, count);
	print_traffic(cli);
	client_run(cli->client, &request, 1, CLIENT_HURRIES, note_counters, NULL);
	client_request_done(&request);
}

int mode_metrics(struct cli *cli)
{
	int rc;

	cli->opts.print_level = 1;
	rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	print_kernel_sessions(cli);
	print_daemon(cli);
	puts("# EOF");
	return ISCSI_ERR_SUCCESS;
}
