/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m doctor: a table of checks, each of which looks at one thing that people get wrong.  A check
 * changes nothing, and needs no other to have gone well.
 */
#ifndef ISCSIADM_DOCTOR_H
#define ISCSIADM_DOCTOR_H

#include "iscsiadm/cli.h"

enum verdict {
	VERDICT_OK,
	VERDICT_NOTE,    /* may be meant so */
	VERDICT_PROBLEM, /* the exit code says that there is one */
};

struct doctor {
	size_t found[VERDICT_PROBLEM + 1]; /* by the check that runs */
	size_t problems;                   /* of all checks */
	/* borrowed */
	struct cli *cli;
	const char *check; /* its name */
};

/*
 * Say what was found: what is wrong with which object, and what to do (NULL: nothing).  One line.
 */
void doctor_say(struct doctor *d, enum verdict verdict, const char *advice, const char *fmt, ...)
	_printf_(4, 5);

/* The checks.  Each says at least one line. */
typedef void doctor_check(struct doctor *d);

/* doctor_files.c: what is on disk */
doctor_check doctor_name;
doctor_check doctor_config;
doctor_check doctor_records;
doctor_check doctor_permissions;

/* doctor_machine.c: what runs */
doctor_check doctor_module;
doctor_check doctor_daemon;
doctor_check doctor_portals;
doctor_check doctor_failures;
doctor_check doctor_sessions;
doctor_check doctor_multipath;

#endif
