/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option table.  Letters, names and what help says of them are open-iscsi's.
 */
#include "iscsistart/options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsistart/say.h"
#include "lib/base/getopt_form.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/ipc/message.h"

#define CONFIG_FILE SYSCONFDIR "/iscsi/iscsid.conf"

enum { OPTION_CONTROL = GETOPT_NO_LETTER, OPTION_SYSFS };

enum option_kind {
	KIND_FLAG,
	KIND_PLACE,  /* where something is; borrowed */
	KIND_SECRET, /* copied, and wiped from argv; also what is only owned */
	KIND_OTHER,  /* its own function, which says on stderr what is wrong */
};

struct option_row {
	int letter; /* from OPTION_CONTROL on: it has none */
	const char *name;
	const char *argument; /* NULL: takes none; with "=" for help */
	const char *help;     /* NULL: for tests */
	enum option_kind kind;
	size_t field;
	bool (*take)(struct options *o, const char *text);
};

static bool copy(char **dst, const char *text)
{
	free(*dst);
	*dst = strdup(text);
	return *dst != NULL;
}

static bool take_name(char **dst, const char *what, const char *text)
{
	const char *why;

	if (iscsi_name_valid(text, strlen(text), &why))
		return copy(dst, text);
	say("'%s' cannot be the %s: %s", text, what, why);
	return false;
}

static bool take_initiator(struct options *o, const char *text)
{
	return take_name(&o->initiator_name, "InitiatorName", text);
}

static bool take_target(struct options *o, const char *text)
{
	return take_name(&o->target_name, "TargetName", text);
}

static bool take_tag(struct options *o, const char *text)
{
	int tag;

	if (num_int(text, 0, UINT16_MAX, &tag) < 0) {
		say("'%s' cannot be the portal group tag: it is a number from 0 to 65535", text);
		return false;
	}
	o->portal.tpgt = tag;
	return true;
}

static bool take_port(struct options *o, const char *text)
{
	int port;

	if (num_int(text, 1, UINT16_MAX, &port) < 0) {
		say("'%s' cannot be the port: it is a number from 1 to 65535", text);
		return false;
	}
	o->portal.port = (uint16_t)port;
	return true;
}

/* Boot scripts have IPv6 addresses in brackets as often as not. */
static bool take_address(struct options *o, const char *text)
{
	size_t len = strlen(text);
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	char host[PORTAL_HOST_SIZE];

	if (len < sizeof(host)) {
		snprintf(host, sizeof(host), "%.*s", (int)(brackets ? len - 2 : len),
		         text + brackets);
		if (host_valid(host)) {
			strcpy(o->portal.host, host);
			o->has_address = true;
			return true;
		}
	}
	say("'%s' cannot be the IP address: it is neither an address nor a host name", text);
	return false;
}

static bool take_debug(struct options *o, const char *text)
{
	if (num_int(text, 0, INT32_MAX, &o->debug) == 0)
		return true;
	say("'%s' cannot be the debug level: it is a number from 0 to %d", text, INT32_MAX);
	return false;
}

static bool take_param(struct options *o, const char *text)
{
	const char *sign = strchr(text, '=');
	struct param *p = &o->params[o->param_count];

	if (!sign) {
		say("Invalid --param %s. Missing value.", text);
		return false;
	}
	if (o->param_count == PARAMS_MAX) {
		say("more than %d --param", PARAMS_MAX);
		return false;
	}
	p->name = strdup(text);
	if (!p->name)
		return false;
	p->value = p->name + (sign - text);
	*p->value++ = '\0';
	o->param_count++;
	return true;
}

#define FIELD(member) .field = offsetof(struct options, member)

static const struct option_row rows[] = {
	{'c', "config", "=[path]", "set config file (default " CONFIG_FILE ").", KIND_PLACE,
         FIELD(config)},
	{'i', "initiatorname", "=name", "set InitiatorName to name (Required)", KIND_OTHER,
         .take = take_initiator},
	{'t', "targetname", "=name", "set TargetName to name (Required)", KIND_OTHER,
         .take = take_target},
	{'g', "tgpt", "=N", "set target portal group tag to N (Required)", KIND_OTHER,
         .take = take_tag},
	{'a', "address", "=A.B.C.D", "set IP address to A.B.C.D (Required)", KIND_OTHER,
         .take = take_address},
	{'p', "port", "=N", "set port to N (Default 3260)", KIND_OTHER, .take = take_port},
	{'u', "username", "=N", "set username to N (optional)", KIND_SECRET, FIELD(username)},
	{'w', "password", "=N", "set password to N (optional)", KIND_SECRET, FIELD(password)},
	{'U', "username_in", "=N", "set incoming username to N (optional)", KIND_SECRET,
         FIELD(username_in)},
	{'W', "password_in", "=N", "set incoming password to N (optional)", KIND_SECRET,
         FIELD(password_in)},
	{'d', "debug", "=debuglevel", "print debugging information", KIND_OTHER,
         .take = take_debug},
	{'b', "fwparam_connect", NULL, "create a session to the target using iBFT or OF", KIND_FLAG,
         FIELD(connect)},
	{'N', "fwparam_network", NULL, "bring up the network as specified by iBFT or OF", KIND_FLAG,
         FIELD(network)},
	{'f', "fwparam_print", NULL, "print the iBFT or OF info to STDOUT", KIND_FLAG,
         FIELD(print)},
	{'S', "show", NULL, "print passwords as well", KIND_FLAG, FIELD(show_secrets)},
	{'P', "param", "=NAME=VALUE", "set parameter with the name NAME to VALUE", KIND_OTHER,
         .take = take_param},
	{'h', "help", NULL, "display this help and exit", KIND_OTHER, .take = NULL},
	{'v', "version", NULL, "display version and exit", KIND_OTHER, .take = NULL},
	{OPTION_CONTROL, "control", "=path", NULL, KIND_PLACE, FIELD(control)},
	{OPTION_SYSFS, "sysfs", "=path", NULL, KIND_PLACE, FIELD(sysfs)},
};

static void print_help(void)
{
	printf("Usage: iscsistart [OPTION]\nOpen-iSCSI initiator.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char words[40];

		if (!rows[i].help)
			continue;
		snprintf(words, sizeof(words), "-%c, --%s%s", rows[i].letter, rows[i].name,
		         rows[i].argument ? rows[i].argument : "");
		printf("  %-24s %s\n", words, rows[i].help);
	}
}

/* Whether it could be taken. */
static bool take(struct options *o, const struct option_row *row, char *text)
{
	char *field = (char *)o + row->field;
	bool taken;

	switch (row->kind) {
	case KIND_FLAG: *(bool *)field = true; return true;
	case KIND_PLACE:
		*(const char **)field = text;
		if (text[0] == '\0')
			say("option '--%s' takes the name of a file or folder, not ''", row->name);
		return text[0];
	case KIND_SECRET:
		taken = copy((char **)(void *)field, text);
		memset(text, 'x', strlen(text)); /* where ps(1) sees it */
		return taken;
	case KIND_OTHER:
		taken = row->take(o, text);
		if (row->letter == 'P' && strstr(text, "password"))
			memset(text, 'x', strlen(text));
		return taken;
	}
	return false;
}

/* What a login by hand needs, in the order in which it is missed. */
static bool check_login(const struct options *o)
{
	const struct {
		bool given;
		const char *what;
	} needs[] = {
		{o->initiator_name, "InitiatorName"},
		{o->portal.tpgt != PORTAL_TPGT_UNKNOWN, "Portal Group"},
		{o->target_name, "TargetName"},
		{o->has_address, "IP Address"},
	};

	if (o->connect || o->network || o->print)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (!needs[i].given) {
			say("%s not set. Exiting iscsistart", needs[i].what);
			return false;
		}
	}
	return true;
}

static enum options_verdict take_one(struct options *o, int letter)
{
	if (letter == 'h') {
		print_help();
		return OPTIONS_DONE;
	}
	if (letter == 'v') {
		printf("iscsistart version %s\n", VERSION);
		return OPTIONS_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].letter == letter)
			return take(o, &rows[i], optarg) ? OPTIONS_RUN : OPTIONS_WRONG;
	}
	fputs("Try `iscsistart --help' for more information.\n", stderr);
	return OPTIONS_WRONG;
}

enum options_verdict options_parse(int argc, char **argv, struct options *ret)
{
	struct options o = {
		.portal = {.port = ISCSI_PORT, .tpgt = PORTAL_TPGT_UNKNOWN},
		.config = CONFIG_FILE,
		.control = IPC_SOCKET_PATH,
	};
	enum options_verdict verdict = OPTIONS_RUN;
	struct getopt_form form = {0};
	int letter;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		getopt_form_add(&form, rows[i].name, rows[i].letter,
		                rows[i].argument ? required_argument : no_argument);
	while (verdict == OPTIONS_RUN &&
	       (letter = getopt_long(argc, argv, form.letters, form.longs, NULL)) != -1)
		verdict = take_one(&o, letter);
	if (verdict == OPTIONS_RUN && optind < argc) {
		say("unexpected argument '%s'; nothing was done.", argv[optind]);
		verdict = OPTIONS_WRONG;
	}
	if (verdict == OPTIONS_RUN && !check_login(&o))
		verdict = OPTIONS_WRONG;
	if (verdict == OPTIONS_RUN)
		*ret = o;
	else
		options_done(&o);
	return verdict;
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void options_done(struct options *o)
{
	free(o->initiator_name);
	free(o->target_name);
	wipe(o->username);
	wipe(o->password);
	wipe(o->username_in);
	wipe(o->password_in);
	for (size_t i = 0; i < o->param_count; i++) {
		explicit_bzero(o->params[i].value, strlen(o->params[i].value));
		free(o->params[i].name);
	}
}
