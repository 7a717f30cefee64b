/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: clients, their requests and the answers.  Every request gets any number of
 * progress and item answers and exactly one done; a client that does not read is not read from, and
 * one that goes away takes its requests with it and nothing else.
 */
#ifndef ISCSID_CONTROL_H
#define ISCSID_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/loop.h"
#include "lib/base/cursor.h"
#include "lib/base/list.h"
#include "lib/ipc/error.h"
#include "lib/ipc/message.h"

enum {
	CONTROL_CLIENTS_MAX = 256,        /* one that asks for nothing is dropped, or others wait */
	CONTROL_REQUESTS_MAX = 4096,      /* in flight for one client; then it is not read from */
	CONTROL_QUEUE_PAUSE = 256 * 1024, /* bytes that wait for one client: the same */
	CONTROL_QUEUE_MAX = 8 * 1024 * 1024, /* bytes: the client is dropped */
};

struct control;
struct client;

/* One request that has not had its done. */
struct request {
	struct list_node node; /* in a list of the owner's choice: whoever is waited for */
	uint32_t id;
	const char *asker; /* of the daemon's own (own_request.h), as messages name it; NULL: a
	                      client */
	/*
	 * The client went away, or all ends: forget the request, which is freed afterwards.  Set by
	 * the owner when the request outlives the call of the handler.
	 */
	void (*gone)(struct request *request, void *data);
	void *data; /* borrowed, for gone() */
	/* control.c's own */
	struct list_node of_client;
	struct client *client;
	/* own_request.c's own */
	void (*told)(void *data, const struct ipc_message *answer);
	void *told_data;
	bool lost; /* an answer */
};

/*
 * A request came.  The handler answers it with request_done() or request_finish(), now or later.
 * root: the client's user is root or the daemon's own.  m is borrowed for the call.
 */
typedef void (*control_handler)(void *data, struct request *request, const struct ipc_message *m,
                                bool root);

/* Serve the listening socket (owned from now on, also on failure).  0 or a negative errno. */
int control_new(struct loop *loop, int listener, control_handler handler, void *data,
                struct control **ret);

/* Call back whenever the last client has gone, until control_free().  From the loop only. */
void control_on_idle(struct control *control, void (*idle)(void *data));

/*
 * Answer what is under way with ISCSID_COMM_ERR, after its gone(), and close all.  Waits half a
 * second at most for clients to read what was answered.
 */
struct control *control_free(struct control *control);

/* Bytes that wait for the request's client to be read. */
size_t request_queued(const struct request *request);

/* Answer "progress" with a text for the user, as iscsiadm prints it. */
void request_progress(struct request *request, const char *fmt, ...) _printf_(2, 3);

/* An answer with keys: begin, kv_put() into w, then send (item) or finish (done).  w is done with.
 */
void request_begin(struct request *request, enum ipc_reply reply, struct writer *w);
void request_send(struct request *request, struct writer *w);

/* Send the last answer; the request is freed. */
void request_finish(struct request *request, struct writer *w);

/* The last answer with an error and, when it is not SUCCESS, a sentence; the request is freed. */
void request_done(struct request *request, enum iscsi_err error, const char *fmt, ...)
	_printf_(3, 4);

#endif
