/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/host_request.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/client.h"
#include "iscsiadm/daemon.h"
#include "iscsiadm/report.h"

struct host_request host_request_make(struct cli *cli, const char *verb, int host_no)
{
	struct host_request r = {
		.body = writer_make(IPC_MESSAGE_MAX), .cli = cli, .verb = verb, .status = -1};

	host_request_put_number(&r, "host", host_no);
	return r;
}

void host_request_put(struct host_request *r, const char *key, const char *value)
{
	kv_put(&r->body, KV_NEWLINE, key, value);
}

void host_request_put_lines(struct host_request *r, const struct writer *lines)
{
	writer_bytes(&r->body, lines->data, lines->len);
	if (writer_status(&r->body) == 0)
		r->body.status = writer_status(lines);
}

void host_request_put_number(struct host_request *r, const char *key, int number)
{
	kv_putf(&r->body, KV_NEWLINE, key, "%d", number);
}

static void note(void *data, struct client_request *request _unused_, const struct ipc_message *m)
{
	struct host_request *r = data;

	if (!m)
		return;
	if (m->reply == IPC_REPLY_DONE)
		ipc_message_get_int(m, "iferror", -4095, 0, 0, &r->refused);
	if (m->reply != IPC_REPLY_ITEM)
		return;
	ipc_message_get_int(m, "index", 0, INT32_MAX, 0, &r->index);
	ipc_message_get_int(m, "status", 0, INT32_MAX, -1, &r->status);
	if (r->item)
		r->item(r->cli, m);
}

/* What a kernel lacks altogether is said by the caller alone. */
static void report_failure(const struct host_request *r, const struct client_request *request)
{
	if (r->refused == -ENOSYS)
		return;
	if (r->refused) {
		report("Received iferror %d: %s.", r->refused, strerror(-r->refused));
		return;
	}
	report("initiator reported error (%d - %s)", (int)request->error,
	       iscsi_err_text((int)request->error));
	if (request->detail)
		report_foreign(request->detail, strlen(request->detail));
}

int host_request_run(struct host_request *r)
{
	struct client_request request = {.verb = r->verb};
	int error = client_body_take(&request, &r->body);

	if (error < 0)
		r->rc = cli_failed(error, r->verb);
	else
		r->rc = daemon_connect(r->cli);
	if (r->rc == ISCSI_ERR_SUCCESS) {
		client_run(r->cli->client, &request, 1, CLIENT_WAITS, note, r);
		r->rc = (int)request.error;
		if (r->rc != ISCSI_ERR_SUCCESS)
			report_failure(r, &request);
	}
	if (request.body)
		explicit_bzero(request.body, strlen(request.body)); /* it may hold a secret */
	client_request_done(&request);
	return r->rc;
}
