/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request to the daemon about a host.
 */
#ifndef ISCSIADM_HOST_REQUEST_H
#define ISCSIADM_HOST_REQUEST_H

#include "iscsiadm/cli.h"
#include "lib/base/cursor.h"
#include "lib/ipc/error.h"
#include "lib/ipc/message.h"

struct host_request {
	struct writer body; /* owned until it is run */
	/* borrowed */
	struct cli *cli;
	const char *verb;
	/* told of each item of the answer; NULL: nobody is */
	void (*item)(struct cli *cli, const struct ipc_message *m);
	/* the answer */
	int refused; /* the kernel's negative errno; 0: it was not the kernel that refused */
	int index;   /* of a new entry */
	int status;  /* of a ping; -1: nothing was heard of it */
	int rc;      /* the exit code */
};

struct host_request host_request_make(struct cli *cli, const char *verb, int host_no);
void host_request_put(struct host_request *r, const char *key, const char *value);
/* Lines of keys and values; an error of lines becomes the request's. */
void host_request_put_lines(struct host_request *r, const struct writer *lines);
void host_request_put_number(struct host_request *r, const char *key, int number);

/*
 * Ask and wait; the body is released.  Returns rc.  What went wrong is said on stderr; of what the
 * kernel refused only its errno, the rest is the caller's.
 */
int host_request_run(struct host_request *r);

#endif
