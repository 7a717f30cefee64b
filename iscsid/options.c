/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/options.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/getopt_form.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/ipc/message.h"

#define CONFIG_FILE         "/etc/iscsi/iscsid.conf"
#define INITIATOR_NAME_FILE "/etc/iscsi/initiatorname.iscsi"
#define PID_FILE            "/run/iscsid.pid"

enum { OPT_CONTROL = GETOPT_NO_LETTER };

/* The one table: long option, letter, and what help says of it. */
static const struct row {
	const char *name;
	int letter;
	const char *argument; /* NULL: takes none */
	const char *help;
} rows[] = {
	{"config", 'c', "FILE", "read the configuration from FILE (" CONFIG_FILE ")"},
	{"initiatorname", 'i', "FILE",
         "read the initiator name from FILE (" INITIATOR_NAME_FILE ")"},
	{"foreground", 'f', NULL, "stay in the foreground, log to stderr"},
	{"debug", 'd', "LEVEL", "log more; 0 is the default, 8 the most"},
	{"uid", 'u', "UID", "run as this user after the start"},
	{"gid", 'g', "GID", "run as this group after the start"},
	{"no-pid-file", 'n', NULL, "write no pid file"},
	{"pid", 'p', "FILE", "write the pid to FILE (" PID_FILE ")"},
	{"control", OPT_CONTROL, "PATH", "serve iscsiadm at PATH (" IPC_SOCKET_PATH ")"},
	{"help", 'h', NULL, "print this"},
	{"version", 'v', NULL, "print the version"},
};

static void print_help(void)
{
	printf("Usage: iscsid [OPTION]\n\nOpen-iSCSI initiator daemon.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char words[48], letter[8] = "    ";

		if (rows[i].letter < OPT_CONTROL)
			snprintf(letter, sizeof(letter), "-%c, ", rows[i].letter);
		snprintf(words, sizeof(words), "%s--%s%s%s", letter, rows[i].name,
		         rows[i].argument ? "=" : "", rows[i].argument ? rows[i].argument : "");
		printf("  %-28s %s\n", words, rows[i].help);
	}
}

static enum options_verdict number(const char *option, int *ret)
{
	if (num_int(optarg, 0, INT_MAX, ret) == 0)
		return OPTIONS_RUN;
	fprintf(stderr, "iscsid: option '%s' takes a number from 0 to %d, not '%s'\n", option,
	        INT_MAX, optarg);
	return OPTIONS_WRONG;
}

static enum options_verdict file(const char *option, const char **ret)
{
	*ret = optarg;
	if (optarg[0])
		return OPTIONS_RUN;
	fprintf(stderr, "iscsid: option '%s' takes the name of a file, not ''\n", option);
	return OPTIONS_WRONG;
}

static enum options_verdict take(int letter, struct options *o, bool *no_pid_file, bool *pid_given)
{
	switch (letter) {
	case 'c': return file("--config", &o->config);
	case 'i': return file("--initiatorname", &o->initiator_name_file);
	case 'f': o->foreground = true; return OPTIONS_RUN;
	case 'd': return number("--debug", &o->debug);
	case 'u': return number("--uid", &o->uid);
	case 'g': return number("--gid", &o->gid);
	case 'n': *no_pid_file = true; return OPTIONS_RUN;
	case 'p': *pid_given = true; return file("--pid", &o->pid_file);
	case OPT_CONTROL: return file("--control", &o->control);
	case 'h': print_help(); return OPTIONS_DONE;
	case 'v': printf("iscsid version %s\n", VERSION); return OPTIONS_DONE;
	default:
		fprintf(stderr, "Try `iscsid --help' for more information.\n");
		return OPTIONS_WRONG;
	}
}

enum options_verdict options_parse(int argc, char **argv, struct options *ret)
{
	struct options o = {
		.config = CONFIG_FILE,
		.initiator_name_file = INITIATOR_NAME_FILE,
		.pid_file = PID_FILE,
		.control = IPC_SOCKET_PATH,
		.uid = -1,
		.gid = -1,
	};
	struct getopt_form form = {0};
	bool no_pid_file = false, pid_given = false;
	int letter;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		getopt_form_add(&form, rows[i].name, rows[i].letter,
		                rows[i].argument ? required_argument : no_argument);
	optind = 0;
	while ((letter = getopt_long(argc, argv, form.letters, form.longs, NULL)) != -1) {
		enum options_verdict v = take(letter, &o, &no_pid_file, &pid_given);

		if (v != OPTIONS_RUN)
			return v;
	}
	if (optind < argc) {
		fprintf(stderr, "iscsid: unexpected argument '%s'\n", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (no_pid_file && pid_given) {
		fprintf(stderr, "iscsid: error: Conflicting PID-file options requested\n");
		return OPTIONS_WRONG;
	}
	if (o.foreground && pid_given) {
		fprintf(stderr,
		        "iscsid: error: PID file specified but unused in foreground mode\n");
		return OPTIONS_WRONG;
	}
	if (o.foreground || no_pid_file)
		o.pid_file = NULL;
	*ret = o;
	return OPTIONS_RUN;
}
