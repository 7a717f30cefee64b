/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the daemon: any number at once over one connection, answered in any order.
 */
#ifndef ISCSIADM_CLIENT_H
#define ISCSIADM_CLIENT_H

#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/ipc/error.h"
#include "lib/ipc/message.h"
#include "libiscsi-db/iscsi-db.h"

struct client;

/*
 * Connect to the daemon at control (NULL: IPC_SOCKET_PATH).  When nobody listens there and
 * startup is not NULL it is run as a shell command, and the connection tried again.  Says nothing.
 * Returns 0 or a negative errno (-ENOENT, -ECONNREFUSED: no daemon).
 */
int client_connect(const char *control, const char *startup, struct client **ret);
struct client *client_close(struct client *c);

/* No request is waited for beyond this time of clock_usec(); 0: no limit, as at first. */
void client_set_deadline(struct client *c, uint64_t deadline_usec);

/* A request and, after client_run(), its answer. */
struct client_request {
	char *body; /* owned: key=value lines behind verb and id, see client_body_take() */
	const char *verb;
	/* the answer */
	bool done;
	enum iscsi_err error;
	char *detail; /* owned; NULL: none */
	int sid;      /* done of a login; -1: none */
};

void client_request_done(struct client_request *r);

/* Make the body of a request from what was put in w; 0 or a negative errno. */
int client_body_take(struct client_request *r, struct writer *w);

/*
 * Told of each answer while client_run() is waiting: progress and item, and done, when r is
 * already filled in.  message is NULL when the connection broke instead.
 */
typedef void (*client_notify)(void *data, struct client_request *r, const struct ipc_message *m);

/* How long client_run() waits for an answer. */
enum client_patience {
	CLIENT_WAITS,   /* as long as it takes: a login has its own deadline */
	CLIENT_HURRIES, /* two seconds, for what the daemon answers at once */
};

/*
 * Send all requests and wait until each is answered.  A request that cannot be sent or whose
 * connection breaks ends with ISCSI_ERR_ISCSID_COMM_ERR (ACCESS when the daemon refuses the user),
 * one that was not answered in time with ISCSI_ERR_REQ_TIMEDOUT.
 */
void client_run(struct client *c, struct client_request *requests, size_t count,
                enum client_patience patience, client_notify notify, void *data);

#endif
