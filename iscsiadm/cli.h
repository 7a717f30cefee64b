/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of iscsiadm: what was asked for, and the things that a mode needs, opened when they are
 * first asked for.
 */
#ifndef ISCSIADM_CLI_H
#define ISCSIADM_CLI_H

#include <stddef.h>

#include "iscsiadm/options.h"
#include "lib/base/macros.h"
#include "lib/host/session.h"
#include "libiscsi-db/iscsi-db.h"

DEFINE_CLEANUP(struct iscsi_db_record, iscsi_db_record_free)
#define _cleanup_record_ _cleanup_(cleanup_iscsi_db_record_free)

/* What the daemon and iscsiadm are configured by, unless told otherwise. */
#define CLI_CONFIG_FILE "/etc/iscsi/iscsid.conf"

/* Where things are, NULL for a library's own default. */
struct paths {
	const char *db;      /* the record database */
	const char *sysfs;   /* where sysfs is mounted */
	const char *proc;    /* where proc is mounted */
	const char *control; /* the daemon's socket */
	const char *config;  /* iscsid.conf; NULL: as the daemon says, else the built-in place */
};

struct client;
struct json_document;

struct cli {
	struct options opts;
	struct paths paths;
	struct iscsi_db *db;
	struct json_document *json; /* what is said instead of text; NULL without --json */
	/* made when first needed */
	struct iscsi_db_config *config;
	struct client *client;
	uint64_t deadline_usec; /* clock_usec()'s; 0: the command may take as long as it takes */
	struct host_session *sessions;
	size_t session_count;
	bool have_sessions;
	size_t unchanged; /* records that a rehearsal would leave as they are */
};

/* Open the database (exit code, 0 is good); cli_done() closes whatever was opened. */
int cli_init(struct cli *cli);
void cli_done(struct cli *cli);

/*
 * The configuration that new records are made from: the file that the running daemon uses.
 * Borrowed; NULL (said on stderr): no memory, or the file cannot be read.
 */
const struct iscsi_db_config *cli_config(struct cli *cli);

/* The snapshot of all sessions, taken once a run; in cli->sessions.  Exit code, 0 is good. */
int cli_sessions(struct cli *cli);

/* The same with no more of each session than a line of the flat list shows. */
int cli_sessions_flat(struct cli *cli);

/* The exit code for a negative errno, and a line on stderr: "WHAT: REASON". */
int cli_failed(int error, const char *what);

/* Begin a batch of writes.  The exit code, 0 is good; what else is said on stderr. */
int cli_batch_begin(struct cli *cli);

/* What a command of several objects exits with: the first error wins. */
static inline int first_error(int rc, int next)
{
	return rc ? rc : next;
}

/* The handlers of the modes: exit codes. */
int mode_discovery(struct cli *cli);
int mode_discoverydb(struct cli *cli);
int mode_node(struct cli *cli);
int mode_iface(struct cli *cli);
int mode_fw(struct cli *cli);
int mode_session(struct cli *cli);
int mode_monitor(struct cli *cli);
int mode_metrics(struct cli *cli);
int mode_doctor(struct cli *cli);
int mode_host(struct cli *cli);

#endif
