/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a command with many objects is, in one line that is written over and over: for a person
 * at a terminal, never for a pipe or a file.
 */
#ifndef ISCSIADM_PROGRESS_H
#define ISCSIADM_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	size_t total, done, failed;
	bool shown; /* the line is on the terminal */
	bool wanted;
};

/* Begin with total objects; quiet: show nothing, whatever the output is. */
void progress_begin(struct progress *p, size_t total, bool quiet);

/* Take the line away, for something else to be written; also at the end. */
void progress_hide(struct progress *p);

/* One more object is done; the line comes back unless it was the last. */
void progress_step(struct progress *p, bool failed);

#endif
