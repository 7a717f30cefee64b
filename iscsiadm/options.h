/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of iscsiadm: one table row per option (option_table.h), one per mode.
 */
#ifndef ISCSIADM_OPTIONS_H
#define ISCSIADM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"

/* The words of -o; several may be given and add up. */
enum op {
	OP_NEW = 1 << 0,
	OP_DELETE = 1 << 1,
	OP_UPDATE = 1 << 2,
	OP_SHOW = 1 << 3,
	OP_NONPERSISTENT = 1 << 4,
	OP_APPLY = 1 << 5,
	OP_APPLYALL = 1 << 6,
	OP_LOGIN = 1 << 7,
	OP_LOGOUT = 1 << 8,
	/* what is done to records */
	RECORD_OPS = OP_NEW | OP_DELETE | OP_UPDATE | OP_SHOW,
};

/* LUNS_MAX: the daemon tells no more than that apart. */
enum { IFACES_MAX = 64, SETTINGS_MAX = 256, LUNS_MAX = 16 };

/* One -n NAME -v VALUE. */
struct setting {
	char *value; /* owned */
	/* borrowed */
	const char *name;
};

struct cli;

/* Among a mode's letters: it takes --json, which has none. */
enum { MODE_JSON = 'J' };

/* A mode of the program: what -m names. */
struct mode {
	const char *name;
	const char *letters;         /* the options that it takes, and MODE_JSON */
	unsigned int operations;     /* of enum op: what its -o takes */
	const char *refusal;         /* what to say to any other; NULL: run() does */
	int (*run)(struct cli *cli); /* returns the exit code */
	bool ours;                   /* open-iscsi has none of the kind */
	const char *doc;             /* one line */
	const char *usage;           /* the common ways to use it, in one line */
};

/* The row of a name; NULL: there is none. */
const struct mode *mode_named(const struct mode *modes, const char *name);

/*
 * What the user asked for.  Texts are borrowed from argv, but for values; NULL, 0 or false: not
 * given.
 */
struct options {
	const struct mode *mode;
	unsigned int ops; /* of enum op */
	uint64_t given;   /* which options: option_noted() */

	/* which objects */
	const char *portal_text;
	struct portal portal; /* valid when portal_text is set */
	const char *target;
	const char *ifaces[IFACES_MAX];
	size_t iface_count;
	const char *type;
	const char *host;
	const char *sid_text;
	const char *submode;
	int index;
	const char *portal_type;

	/* what to do with them */
	bool login, logout, discover, rescan, stats, reconnect;
	const char *login_all, *logout_all;
	uint64_t luns[LUNS_MAX]; /* what to rescan; none: all */
	size_t lun_count;
	int wait_devices; /* seconds; -1: not wanted */
	bool no_wait;
	bool keep, dry_run;
	/* which of the portals found get records */
	const char *networks, *tpgts, *family, *reachable;
	bool fail_fast;
	bool force;        /* log out though disks are in use */
	int timeout;       /* seconds for the whole command, 0: as long as it takes */
	int kill_priority; /* -1: not asked for */
	const char *migrate_from;
	struct setting settings[SETTINGS_MAX];
	size_t setting_count;
	char *value;      /* half of a pair, owned ... */
	char *value_word; /* ... and where in argv it is from, NULL: from a file */
	const char *name; /* the other half */

	/* ping */
	const char *ip;
	int packet_size, count, interval;

	/* how to say it */
	int print_level;
	int debug;
	bool show_secrets;
	bool json;

	/* where things are */
	const char *db, *sysfs, *proc, *control, *config;
};

/*
 * Parse and check argv, moving its words as getopt_long(3) does.  modes ends with a row without a
 * name.  Returns 0 to go on, and options_done() is
 * needed at the end; or -1 when there is nothing more to do, with *ret_exit filled: an
 * error was printed, or help or the version was.
 */
int options_parse(int argc, char **argv, const struct mode *modes, struct options *ret,
                  int *ret_exit);

/* Wipe and free the values. */
void options_done(struct options *o);

/* The line that points to --help, on stderr. */
void options_hint(void);

#endif
