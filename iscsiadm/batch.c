/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/batch.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/daemon.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"

int batch_init(struct batch *b, size_t max, const char *success, const char *failure)
{
	*b = (struct batch){.success = success, .failure = failure};
	b->requests = calloc(max + 1, sizeof(*b->requests));
	b->objects = calloc(max + 1, sizeof(char *));
	if (b->requests && b->objects)
		return 0;
	free(b->requests);
	free(b->objects);
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
}

static void print_result(const struct batch *b, const struct client_request *r)
{
	const char *object = b->objects[r - b->requests];

	if (r->error == ISCSI_ERR_SUCCESS) {
		if (b->success)
			printf("%s %s successful.\n", b->success, object);
		fflush(stdout);
		return;
	}
	report("%s %s.", b->failure, object);
	report("initiator reported error (%d - %s)", (int)r->error, iscsi_err_text((int)r->error));
	if (r->detail)
		report_foreign(r->detail, strlen(r->detail));
}

static void note_answer(void *data, struct client_request *r, const struct ipc_message *m)
{
	struct batch *b = data;

	if (m && b->answer)
		b->answer(b, (size_t)(r - b->requests), m);
	if (!m || m->reply == IPC_REPLY_DONE)
		print_result(b, r);
}

void batch_run(struct cli *cli, struct batch *b)
{
	int rc;

	fflush(stdout);
	rc = daemon_connect(cli);
	if (rc == ISCSI_ERR_SUCCESS) {
		client_run(cli->client, b->requests, b->count, CLIENT_WAITS, note_answer, b);
	} else {
		for (size_t i = 0; i < b->count; i++) {
			b->requests[i].error = (enum iscsi_err)rc;
			print_result(b, &b->requests[i]);
		}
	}
	for (size_t i = 0; i < b->count; i++)
		b->rc = first_error(b->rc, (int)b->requests[i].error);
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
	b->objects[b->count++] = take_ptr(object);
	return 0;
}
