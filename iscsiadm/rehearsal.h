/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --dry-run: what a command would do to records, told in place of doing it.
 */
#ifndef ISCSIADM_REHEARSAL_H
#define ISCSIADM_REHEARSAL_H

#include "iscsiadm/cli.h"

/* With --dry-run, have the database change nothing and tell. */
void rehearsal_begin(struct cli *cli);

/* The last line: how many records would stay as they are. */
void rehearsal_end(const struct cli *cli);

/*
 * Print what was done, in whole lines, which nothing was when it was only tried out.  With --json,
 * texts of the list "messages".
 */
void print_done(const struct cli *cli, const char *fmt, ...) _printf_(2, 3);

#endif
