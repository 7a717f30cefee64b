/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iscsiadm says on stderr.  Nothing is said there when all went well.
 */
#ifndef ISCSIADM_REPORT_H
#define ISCSIADM_REPORT_H

#include "lib/base/macros.h"

/* "iscsiadm: " and the message as one line on stderr, after what stdout still holds. */
void report(const char *fmt, ...) _printf_(1, 2);

/* The same with a text of somebody else; what is not printable in it is shown as '?'. */
void report_foreign(const char *text, size_t len);

/* An iscsi_db_problem: a line of a record, shown with -d 1.  data: what the record is called. */
void report_problem(void *data, unsigned int line, const char *text);

/* An iscsi_db_config_problem: a line of the configuration that does not count. */
void report_config_problem(void *data, const char *file, unsigned int line, const char *text);

/* Send the messages of the libraries to stderr, as many as the level of -d asks for. */
void report_init(int debug);

#endif
