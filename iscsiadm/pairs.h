/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of a command line: names (-n) and values (-v, --value-file), in either order.
 *
 * Values are copies: one that turns out to be a secret is wiped from argv, which every user of the
 * machine can read, and from memory by pairs_done().
 */
#ifndef ISCSIADM_PAIRS_H
#define ISCSIADM_PAIRS_H

#include "iscsiadm/options.h"

/* Take one word of the line.  Exit code, 0 is good; else it is said on stderr why. */
int pairs_take_name(struct options *o, char *text);
int pairs_take_value(struct options *o, char *text);

/* Take a value from the file at path; "-" is standard input, once. */
int pairs_take_value_file(struct options *o, char *path);

/* Refuse half a pair, unless an update says so in its own words.  Exit code. */
int pairs_check(const struct options *o);

void pairs_done(struct options *o);

#endif
