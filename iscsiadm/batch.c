/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/batch.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/report.h"
#include "lib/base/clock.h"
#include "lib/base/macros.h"

int batch_init(struct cli *cli, struct batch *b, size_t max, const char *success,
               const char *failure)
{
	*b = (struct batch){.success = success, .failure = failure, .cli = cli};
	b->requests = calloc(max + 1, sizeof(*b->requests));
	b->objects = calloc(max + 1, sizeof(char *));
	b->results = calloc(max + 1, sizeof(*b->results));
	if (b->requests && b->objects && b->results)
		return 0;
	batch_done(b);
	return -ENOMEM;
}

void batch_done(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		client_request_done(&b->requests[i]);
		free(b->objects[i]);
	}
	free(b->requests);
	free(b->objects);
	free(b->results);
}

struct json batch_result(struct batch *b, const char *action)
{
	struct json list = json_open_list(json_root(b->cli->json), "results");
	struct json result = json_add_object(list, NULL);

	json_add_text(result, "action", action);
	b->results[b->count] = result;
	return result;
}

static void print_result(const struct batch *b, const struct client_request *r)
{
	const char *object = b->objects[r - b->requests];

	if (r->error == ISCSI_ERR_SUCCESS) {
		if (b->success && !b->cli->json)
			printf("%s %s successful.\n", b->success, object);
		fflush(stdout);
		return;
	}
	report("%s %s.", b->failure, object);
	report("initiator reported error (%d - %s)", (int)r->error, iscsi_err_text((int)r->error));
	if (r->detail)
		report_foreign(r->detail, strlen(r->detail));
}

static void put_number(struct json in, const struct ipc_message *m, const char *key)
{
	int n;

	if (m && ipc_message_get_int(m, key, 0, INT32_MAX, -1, &n) == 0 && n >= 0)
		json_add_number(in, key, n);
}

/* The disks of a session that a login has made. */
static void put_disks(struct json in, const struct cli *cli, int sid)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	struct json list = json_add_list(in, "disks");
	struct host_session s;
	size_t count = 0;

	if (host_session_read(cli->paths.sysfs, sid, HOST_DETAIL_IDENTITY, &s) < 0 ||
	    host_session_luns(cli->paths.sysfs, &s, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (luns[i].disk[0])
			json_add_text(list, NULL, luns[i].disk);
	}
}

/* m: the answer; NULL when there was none. */
static void put_outcome(const struct batch *b, const struct client_request *r,
                        const struct ipc_message *m)
{
	struct json in = b->results[r - b->requests];

	json_put_error(in, (int)r->error);
	json_add_text(in, "detail", r->detail);
	put_number(in, m, "status_class");
	put_number(in, m, "status_detail");
	if (r->error == ISCSI_ERR_SUCCESS && r->sid > 0) {
		json_add_number(in, "sid", r->sid);
		put_disks(in, b->cli, r->sid);
	}
	json_add_seconds(in, "seconds", clock_usec() - b->began_usec);
}

static void note_outcome(struct batch *b, const struct client_request *r,
                         const struct ipc_message *m)
{
	progress_hide(&b->progress);
	if (b->cli->json)
		put_outcome(b, r, m);
	print_result(b, r);
	progress_step(&b->progress, r->error != ISCSI_ERR_SUCCESS);
}

static void note_answer(void *data, struct client_request *r, const struct ipc_message *m)
{
	struct batch *b = data;

	if (m && b->answer)
		b->answer(b, (size_t)(r - b->requests), m);
	if (!m || m->reply == IPC_REPLY_DONE)
		note_outcome(b, r, m);
}

void batch_note_outcome(struct batch *b, size_t i)
{
	note_outcome(b, &b->requests[i], NULL);
}

void batch_begin(struct batch *b)
{
	fflush(stdout);
	b->began_usec = clock_usec();
	progress_begin(&b->progress, b->count, b->cli->json != NULL);
}

void batch_end(struct batch *b)
{
	progress_hide(&b->progress);
	for (size_t i = 0; i < b->count; i++)
		b->rc = first_error(b->rc, (int)b->requests[i].error);
}

void batch_run(struct cli *cli, struct batch *b)
{
	int rc;

	fflush(stdout);
	rc = daemon_connect(cli);
	b->began_usec = clock_usec();
	progress_begin(&b->progress, b->count, cli->json || rc != ISCSI_ERR_SUCCESS);
	if (rc == ISCSI_ERR_SUCCESS) {
		client_run(cli->client, b->requests, b->count, CLIENT_WAITS, note_answer, b);
	} else {
		for (size_t i = 0; i < b->count; i++) {
			b->requests[i].error = (enum iscsi_err)rc;
			batch_note_outcome(b, i);
		}
	}
	batch_end(b);
}

static const char *or_empty(const char *text)
{
	return text[0] ? text : "<empty>";
}

char *batch_session_object(const struct host_session *s)
{
	char *text;

	if (asprintf(&text, "[sid: %d, target: %s, portal: %s,%d]", s->sid,
	             or_empty(s->target_name), or_empty(s->persistent_address),
	             MAX(s->persistent_port, 0)) < 0)
		return NULL;
	return text;
}

/* A session that is not in the kernel yet is known by what it is to become. */
static void put_session(struct writer *w, const struct host_session *s)
{
	if (s->sid > 0) {
		kv_putf(w, KV_NEWLINE, "sid", "%d", s->sid);
		return;
	}
	kv_put(w, KV_NEWLINE, "target", s->target_name);
	kv_put(w, KV_NEWLINE, "address", s->persistent_address);
	kv_putf(w, KV_NEWLINE, "port", "%d", s->persistent_port);
	kv_put(w, KV_NEWLINE, "iface", s->iface_name);
}

int batch_add_session(struct batch *b, const char *verb, const struct host_session *s,
                      const char *fields)
{
	_cleanup_free_ char *object = batch_session_object(s);
	struct client_request *request = &b->requests[b->count];
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	int r;

	if (!object)
		return -ENOMEM;
	put_session(&w, s);
	if (fields)
		writer_str(&w, fields);
	request->verb = verb;
	r = client_body_take(request, &w);
	if (r < 0)
		return r;
	if (b->cli->json)
		json_put_session(batch_result(b, verb), b->cli, s, 0, NULL, 0);
	b->objects[b->count++] = take_ptr(object);
	return 0;
}
