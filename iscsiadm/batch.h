/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of one verb to the daemon, all sent at once, whose results are printed as they come: one
 * that takes its time must not hide that others are done.
 */
#ifndef ISCSIADM_BATCH_H
#define ISCSIADM_BATCH_H

#include "iscsiadm/cli.h"
#include "iscsiadm/client.h"
#include "iscsiadm/print_json.h"
#include "iscsiadm/progress.h"

struct batch {
	struct client_request *requests;
	char **objects;       /* owned: "[iface: ..., target: ..., portal: ADDR,PORT]" */
	struct json *results; /* owned; with --json an object a request: batch_result() */
	size_t count;
	struct progress progress;
	uint64_t began_usec;
	/* borrowed */
	struct cli *cli;
	const char *success; /* "Login to", "Logout of"; NULL: nothing is said */
	const char *failure; /* "Could not login to", "Could not logout of" */
	/* Told of each answer ahead of its result; NULL: nobody is.  i: of which request. */
	void (*answer)(struct batch *b, size_t i, const struct ipc_message *m);
	int rc; /* the first error, after batch_run() */
};

/* Room for max requests; batch_done() releases them.  0 or -ENOMEM. */
int batch_init(struct cli *cli, struct batch *b, size_t max, const char *success,
               const char *failure);
void batch_done(struct batch *b);

/* "[sid: 1, target: T, portal: ADDR,PORT]", which the caller frees; NULL: no memory. */
char *batch_session_object(const struct host_session *s);

/*
 * With --json, make the object that tells of the request that is added next; what it is about goes
 * in, the outcome is put there when the answer comes.
 */
struct json batch_result(struct batch *b, const char *action);

/* Send what was collected; without a daemon each request fails the same way. */
void batch_run(struct cli *cli, struct batch *b);

/*
 * The same without a daemon: batch_begin(), then whatever fills in each request's error and detail
 * and batch_note_outcome() of it, then batch_end().
 */
void batch_begin(struct batch *b);
void batch_note_outcome(struct batch *b, size_t i);
void batch_end(struct batch *b);

/*
 * Add a request about a session, which messages call by batch_session_object(); fields: further
 * key=value lines, or NULL.  0 or -ENOMEM.
 */
int batch_add_session(struct batch *b, const char *verb, const struct host_session *s,
                      const char *fields);

#endif
