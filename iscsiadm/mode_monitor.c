/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m monitor: what happens to sessions, a line each, until it is interrupted.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

enum { NONE = -1 };

/* An event as the daemon tells it (lib/ipc/message.h); "" and NONE for what it does not have. */
struct event {
	char name[32];
	char time[40]; /* RFC 3339, in UTC */
	int sid;
	char target[ISCSI_NAME_SIZE];
	char address[PORTAL_HOST_SIZE];
	int port;
	char iface[65];
	int error;
	char detail[1024];
	int attempt;
	char lun[24]; /* decimal, up to 64 bits */
	char disk[32];
};

/* "1795231727.349693" as RFC 3339 has it; "" when it is no such number. */
static void format_time(const char *seconds, char *dst, size_t size)
{
	const char *dot = strchrnul(seconds, '.');
	char day[32] = "";
	int64_t whole;
	struct tm tm;
	time_t t;

	dst[0] = '\0';
	if (num_parse(seconds, (size_t)(dot - seconds), 0, INT64_MAX, &whole) < 0)
		return;
	t = (time_t)whole;
	if (!gmtime_r(&t, &tm) || strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	if (strspn(dot + (*dot != '\0'), "0123456789") != strlen(dot + (*dot != '\0')))
		return;
	snprintf(dst, size, "%s%sZ", day, dot);
}

static int number_of(const struct ipc_message *m, const char *key)
{
	int n;

	return ipc_message_get_int(m, key, 0, INT32_MAX, NONE, &n) < 0 ? NONE : n;
}

static struct event event_of(const struct ipc_message *m)
{
	struct event e = {.sid = number_of(m, "sid"),
	                  .port = number_of(m, "port"),
	                  .error = number_of(m, "error"),
	                  .attempt = number_of(m, "attempt")};
	char seconds[32];

	ipc_message_copy(m, "time", seconds, sizeof(seconds));
	format_time(seconds, e.time, sizeof(e.time));
	ipc_message_copy(m, "event", e.name, sizeof(e.name));
	ipc_message_copy(m, "target", e.target, sizeof(e.target));
	ipc_message_copy(m, "address", e.address, sizeof(e.address));
	ipc_message_copy(m, "iface", e.iface, sizeof(e.iface));
	ipc_message_copy(m, "detail", e.detail, sizeof(e.detail));
	ipc_message_copy(m, "lun", e.lun, sizeof(e.lun));
	ipc_message_copy(m, "disk", e.disk, sizeof(e.disk));
	return e;
}

static void print_text(const struct event *e)
{
	printf("%s %s [", e->time, e->name);
	if (e->sid != NONE)
		printf("sid: %d, ", e->sid);
	printf("iface: %s, target: %s, portal: %s,%d]", e->iface, e->target, e->address, e->port);
	if (e->error != NONE)
		printf(" (%d - %s)", e->error, iscsi_err_text(e->error));
	if (e->detail[0])
		printf(" %s", e->detail);
	if (e->attempt != NONE)
		printf(" attempt %d", e->attempt);
	if (e->disk[0])
		printf(" lun %s disk %s", e->lun, e->disk);
	putchar('\n');
}

static void put_lun(struct json in, const struct event *e)
{
	uint64_t lun;

	if (num_iscsi(e->lun, strlen(e->lun), UINT64_MAX, &lun) == 0)
		json_add_unsigned(in, "lun", lun);
	json_add_text(in, "disk", e->disk);
}

static int print_json(const struct event *e)
{
	struct json_document *d;
	struct json in;
	int r = json_document_new(&d, NULL);

	if (r < 0)
		return r;
	in = json_root(d);
	json_add_number(in, "schema", JSON_SCHEMA);
	json_add_text(in, "event", e->name);
	json_add_text(in, "time", e->time);
	if (e->sid != NONE)
		json_add_number(in, "sid", e->sid);
	json_add_text(in, "target", e->target);
	json_put_portal(in, e->address, e->port);
	json_add_text(in, "iface", e->iface);
	if (e->error != NONE)
		json_put_error(in, e->error);
	if (e->detail[0])
		json_add_text(in, "detail", e->detail);
	if (e->attempt != NONE)
		json_add_number(in, "attempt", e->attempt);
	if (e->disk[0])
		put_lun(in, e);
	r = json_document_write(d, JSON_LINE, stdout);
	json_document_free(d);
	return r;
}

static void note_event(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	const struct cli *cli = data;
	struct event e;

	if (!m || m->reply != IPC_REPLY_ITEM)
		return;
	e = event_of(m);
	if (!cli->opts.json)
		print_text(&e);
	else if (print_json(&e) < 0)
		report("%s", iscsi_err_text(ISCSI_ERR_NOMEM));
	/* a reader that is gone ends the run, by a signal or here */
	if (fflush(stdout) != 0) {
		report("could not write to standard output");
		exit(ISCSI_ERR_UNKNOWN);
	}
}

/* Ctrl-C is how it is meant to end; every line was written out already. */
static void end(int number _unused_)
{
	_exit(ISCSI_ERR_SUCCESS);
}

int mode_monitor(struct cli *cli)
{
	const struct sigaction on_end = {.sa_handler = end};
	struct client_request request = {.verb = "monitor"};
	int rc = daemon_connect(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	/* a document an event, instead of one for the run */
	cli->json = json_document_free(cli->json);
	sigaction(SIGINT, &on_end, NULL);
	sigaction(SIGTERM, &on_end, NULL);
	client_run(cli->client, &request, 1, CLIENT_WAITS, note_event, cli);
	rc = (int)request.error;
	if (rc == ISCSI_ERR_ISCSID_COMM_ERR) {
		report("iscsid has ended");
	} else {
		report("initiator reported error (%d - %s)", rc, iscsi_err_text(rc));
		if (request.detail)
			report_foreign(request.detail, strlen(request.detail));
	}
	client_request_done(&request);
	return rc;
}
