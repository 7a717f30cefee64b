/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iscsistart's command line. */
#ifndef ISCSISTART_OPTIONS_H
#define ISCSISTART_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/addr.h"

enum { PARAMS_MAX = 256 };

/* One -P NAME=VALUE. */
struct param {
	char *name; /* owned; the value is behind it in the same memory */
	char *value;
};

struct options {
	/* the one login, NULL: not given */
	char *initiator_name, *target_name; /* owned */
	struct portal portal;
	bool has_address;
	char *username, *password, *username_in, *password_in; /* owned */
	struct param params[PARAMS_MAX];
	size_t param_count;

	bool connect, network, print; /* what firmware says: log in, set up NICs, show it */
	bool show_secrets;
	int debug;
	/* borrowed from argv */
	const char *config;
	const char *control;
	const char *sysfs;
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* help or version was printed: exit with 0 */
	OPTIONS_WRONG, /* what was wrong is on stderr: exit with 7 */
};

/* Secrets are wiped from argv.  options_done() afterwards when it says to run. */
enum options_verdict options_parse(int argc, char **argv, struct options *ret);
void options_done(struct options *o);

#endif
