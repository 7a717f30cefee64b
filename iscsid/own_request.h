/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that the daemon makes itself, for handlers to answer like those of clients (control.h).
 */
#ifndef ISCSID_OWN_REQUEST_H
#define ISCSID_OWN_REQUEST_H

#include "iscsid/control.h"

/*
 * NULL: no memory.  Each answer goes to told() while whoever answers is at work, so that it may do
 * no more than take notes; when one was lost for lack of memory, done has the error NOMEM.  What
 * comes of it is logged by who asks: asker, borrowed, as are answers for the call.
 */
struct request *own_request_new(const char *asker,
                                void (*told)(void *data, const struct ipc_message *answer),
                                void *data);

/* The error that an answer, if it is a done, has. */
enum iscsi_err own_request_error(const struct ipc_message *answer);

/* Take back one that was not answered yet (or NULL).  Returns NULL. */
struct request *own_request_free(struct request *request);

/* What request_send() and request_finish() are for it. */
void own_request_send(struct request *request, struct writer *w);
void own_request_finish(struct request *request, struct writer *w);

#endif
