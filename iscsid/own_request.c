/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/own_request.h"

#include <stdio.h>
#include <stdlib.h>

struct request *own_request_new(const char *asker,
                                void (*told)(void *data, const struct ipc_message *answer),
                                void *data)
{
	struct request *r = (struct request *)calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->asker = asker;
	r->told = told;
	r->told_data = data;
	list_init(&r->node);
	list_init(&r->of_client);
	return r;
}

enum iscsi_err own_request_error(const struct ipc_message *answer)
{
	int error;

	if (ipc_message_get_int(answer, "error", 0, INT32_MAX, ISCSI_ERR_INTERNAL, &error) < 0)
		return ISCSI_ERR_INTERNAL;
	return (enum iscsi_err)error;
}

static void release(struct request *request)
{
	list_remove(&request->node);
	free(request);
}

struct request *own_request_free(struct request *request)
{
	if (!request)
		return NULL;
	if (request->gone)
		request->gone(request, request->data);
	release(request);
	return NULL;
}

static void tell(struct request *request, const char *text, size_t len)
{
	struct ipc_message answer;

	if (ipc_message_parse(text, len, &answer) == 0)
		request->told(request->told_data, &answer);
	else
		request->lost = true;
}

void own_request_send(struct request *request, struct writer *w)
{
	if (writer_status(w) == 0)
		tell(request, (const char *)w->data, w->len);
	else
		request->lost = true;
	writer_done(w);
}

/* The last answer, when it or another one could not be made. */
static void tell_loss(struct request *request)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "proto=%d\nreply=done\nid=%u\nerror=%d\n", IPC_PROTO,
	                   request->id, (int)ISCSI_ERR_NOMEM);

	tell(request, text, (size_t)len);
}

void own_request_finish(struct request *request, struct writer *w)
{
	if (request->lost || writer_status(w) < 0) {
		writer_done(w);
		tell_loss(request);
	} else {
		own_request_send(request, w);
	}
	release(request);
}
