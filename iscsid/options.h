/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iscsid's command line. */
#ifndef ISCSID_OPTIONS_H
#define ISCSID_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *config;
	const char *initiator_name_file;
	const char *pid_file; /* NULL: none is written */
	const char *control;
	bool foreground;
	int debug;
	int uid, gid; /* -1: as started */
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was printed: exit with 0 */
	OPTIONS_WRONG, /* what was wrong is on stderr: exit with 1 */
};

/* ret borrows from argv. */
enum options_verdict options_parse(int argc, char **argv, struct options *ret);

#endif
