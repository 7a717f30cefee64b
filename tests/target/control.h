/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: SOCK_SEQPACKET.  A request is one message, "verb=NAME" and further
 * "KEY=VALUE" lines.  The answer is one or more messages of lines; "item=KIND" begins an item, and
 * the last message ends in "done=ok", or in "reason=TEXT" and "done=failed".
 */
#ifndef TARGET_CONTROL_H
#define TARGET_CONTROL_H

#include <stddef.h>

#include "lib/base/cursor.h"

struct control;
struct server;

enum {
	CONTROL_REQUEST_MAX = 65536,
	CONTROL_MESSAGE_MAX = 32768, /* of an answer */
	CONTROL_ANSWER_MAX = 4 << 20,
};

/*
 * Listen at path, for the owner only; a socket that nobody listens at any more is replaced.  0 or a
 * negative errno: -EADDRINUSE when somebody does.
 */
int control_new(struct server *s, const char *path, struct control **ret);
struct control *control_free(struct control *c);

/* Do what a request says (control_verbs.c), and append the whole answer to w. */
void control_run(struct server *s, const char *request, size_t len, struct writer *w);

#endif
