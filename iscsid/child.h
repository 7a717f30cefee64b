/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may block (a scan, a name look-up, a module) in a forked child with a deadline.  The
 * child has a copy of everything and changes nothing of the parent's: what it has to say are the
 * bytes that it writes and one number.
 */
#ifndef ISCSID_CHILD_H
#define ISCSID_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "iscsid/loop.h"

/* Bytes that a child may say; more is cut.  Descriptors that it may hand over; more are closed. */
enum { CHILD_OUTPUT_MAX = 16384, CHILD_DESCRIPTORS_MAX = 16 };

struct child;

struct child_job {
	/*
	 * Runs in the child, which has no descriptor but out (a socket), 1 and 2; returns 0 or a
	 * negative errno.
	 */
	int (*run)(const void *arg, int out);
	const void *arg; /* borrowed for the call of child_start() */
	uint64_t deadline_usec;
	/*
	 * Runs in the parent, once, unless the child was cancelled.  result: what run() returned,
	 * -ETIMEDOUT when the deadline passed, -ECHILD when a signal ended it.  output: what it
	 * said until then, borrowed.
	 */
	void (*done)(void *data, int result, const void *output, size_t len);
	/*
	 * Called ahead of done() for each descriptor that the child handed over, which is the
	 * callee's from then on.  NULL: they are closed.
	 */
	void (*descriptor)(void *data, int fd);
	void *data; /* borrowed */
};

/* In the child: hand a descriptor over, in the order of the calls.  0 or a negative errno. */
int child_give(int out, int fd);

/*
 * In the child: hand over a text that may be longer than what it may say, in memory.  In the
 * parent: take it from the descriptor, which stays the caller's; the caller frees *ret, which is
 * NUL-terminated.  0 or a negative errno (-EFBIG: it has more than max bytes).
 */
int child_give_text(int out, const void *text, size_t len);
int child_take_text(int fd, size_t max, char **ret, size_t *ret_len);

/* Start one.  *ret is valid until done() is called or child_cancel().  0 or a negative errno. */
int child_start(struct loop *loop, const struct child_job *job, struct child **ret);

/* Kill it and forget it; done() is not called.  It is reaped when the kernel lets it go. */
struct child *child_cancel(struct child *child);

#endif
