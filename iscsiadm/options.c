/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option table and what follows from it.  The whole line is checked before anything is done:
 * a word that nobody asked for never widens what a command changes.
 */
#include "iscsiadm/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/devices.h"
#include "iscsiadm/migrate.h"
#include "iscsiadm/pairs.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

enum { ISNS_PORT = 3205 };

/* Options without a letter. */
enum {
	OPTION_DB = 256,
	OPTION_SYSFS,
	OPTION_PROC,
	OPTION_CONTROL,
	OPTION_CONFIG,
	OPTION_KEEP,
	OPTION_FAIL_FAST,
	OPTION_FORCE,
	OPTION_TIMEOUT,
	OPTION_VALUE_FILE,
	OPTION_MIGRATE_DB,
	OPTION_NETWORKS,
	OPTION_TPGTS,
	OPTION_FAMILY,
	OPTION_LUN,
	OPTION_RECONNECT,
	OPTION_JSON,
	OPTION_WAIT_DEVICES,
	OPTION_REACHABLE,
	OPTION_DRY_RUN,
};

enum option_kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_NUMBER,
	KIND_OTHER,    /* its own function */
	KIND_OPTIONAL, /* its own function, with a text or NULL */
};

struct option_row {
	int letter; /* from OPTION_DB on: it has none */
	const char *name;
	enum option_kind kind;
	char with;    /* without a letter: it goes with this option, wherever that is allowed */
	size_t field; /* FLAG, TEXT, NUMBER: where it goes */
	int min;      /* NUMBER: the smallest that is allowed */
	int (*take)(struct options *o, char *text); /* OTHER: exit code, 0 to go on */
};

static const struct {
	const char *word;
	enum op op;
} operations[] = {
	{"new", OP_NEW},
	{"delete", OP_DELETE},
	{"update", OP_UPDATE},
	{"show", OP_SHOW},
	{"nonpersistent", OP_NONPERSISTENT},
	{"apply", OP_APPLY},
	{"applyall", OP_APPLYALL},
	{"login", OP_LOGIN},
	{"logout", OP_LOGOUT},
};

static int take_operation(struct options *o, char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		if (strcmp(text, operations[i].word) == 0) {
			o->ops |= operations[i].op;
			return 0;
		}
	}
	report("can not recognize operation: '%s'", text);
	return ISCSI_ERR_INVAL;
}

static int take_iface(struct options *o, char *text)
{
	const char *why;

	if (text[0] == '\0' || strlen(text) > 64) {
		report("Invalid iface name %s. Must be from 1 to 64 characters.", text);
		return ISCSI_ERR_INVAL;
	}
	if (!iface_name_valid(text, strlen(text), &why)) {
		report("Invalid iface name %s: %s.", text, why);
		return ISCSI_ERR_INVAL;
	}
	if (o->iface_count == ARRAY_LEN(o->ifaces)) {
		report("More than %zu -I options.", ARRAY_LEN(o->ifaces));
		return ISCSI_ERR_INVAL;
	}
	o->ifaces[o->iface_count++] = text;
	return 0;
}

static int take_luns(struct options *o, char *text)
{
	const char *all = text;

	while (true) {
		size_t len = strcspn(text, ",");

		if (o->lun_count == ARRAY_LEN(o->luns)) {
			report("option '--lun' takes at most %zu numbers; without it all LUNs are "
			       "scanned.",
			       ARRAY_LEN(o->luns));
			return ISCSI_ERR_INVAL;
		}
		if (num_iscsi(text, len, UINT64_MAX, &o->luns[o->lun_count]) < 0) {
			report("option '--lun' takes numbers with commas between them, not '%s'.",
			       all);
			return ISCSI_ERR_INVAL;
		}
		o->lun_count++;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static int take_wait(struct options *o, char *text)
{
	if (!text) {
		o->wait_devices = DEVICES_PATIENCE_SEC;
		return 0;
	}
	if (num_int(text, 0, INT32_MAX, &o->wait_devices) == 0)
		return 0;
	report("option '--wait-devices' takes a number of seconds, not '%s'.", text);
	return ISCSI_ERR_INVAL;
}

static int take_kill(struct options *o, char *text)
{
	if (num_int(text, INT32_MIN, INT32_MAX, &o->kill_priority) < 0) {
		report("option '-k' takes a number, not '%s'.", text);
		return ISCSI_ERR_INVAL;
	}
	if (o->kill_priority < 0) {
		report("Invalid killiscsid priority %d Priority must be greater than or equal to "
		       "zero.",
		       o->kill_priority);
		return ISCSI_ERR_INVAL;
	}
	return 0;
}

static int take_migrate(struct options *o, char *text)
{
	if (o->mode) {
		report("%s mode: option '--migrate-db' is not allowed/supported", o->mode->name);
		return ISCSI_ERR_INVAL;
	}
	o->migrate_from = text ? text : MIGRATE_FROM_DEFAULT;
	return 0;
}

static int take_reachable(struct options *o, char *text)
{
	o->reachable = text ? text : "Yes";
	return 0;
}

/* -m, -V and -h are dealt with before the others (find_mode). */
static int take_nothing(struct options *o _unused_, char *text _unused_)
{
	return 0;
}

#define FIELD(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{'m', "mode", KIND_TEXT, .take = take_nothing},
	{'V', "version", KIND_OTHER, .take = take_nothing},
	{'h', "help", KIND_OTHER, .take = take_nothing},
	{'p', "portal", KIND_TEXT, .field = FIELD(portal_text)},
	{'T', "targetname", KIND_TEXT, .field = FIELD(target)},
	{'I', "interface", KIND_TEXT, .take = take_iface},
	{'o', "op", KIND_TEXT, .take = take_operation},
	{'t', "type", KIND_TEXT, .field = FIELD(type)},
	{'n', "name", KIND_TEXT, .take = pairs_take_name},
	{'v', "value", KIND_TEXT, .take = pairs_take_value},
	{'H', "host", KIND_TEXT, .field = FIELD(host)},
	{'r', "sid", KIND_TEXT, .field = FIELD(sid_text)},
	{'R', "rescan", KIND_FLAG, .field = FIELD(rescan)},
	{'P', "print", KIND_NUMBER, .field = FIELD(print_level), .min = -1},
	{'D', "discover", KIND_FLAG, .field = FIELD(discover)},
	{'l', "login", KIND_FLAG, .field = FIELD(login)},
	{'L', "loginall", KIND_TEXT, .field = FIELD(login_all)},
	{'u', "logout", KIND_FLAG, .field = FIELD(logout)},
	{'U', "logoutall", KIND_TEXT, .field = FIELD(logout_all)},
	{'s', "stats", KIND_FLAG, .field = FIELD(stats)},
	{'k', "killiscsid", KIND_TEXT, .take = take_kill},
	{'d', "debug", KIND_NUMBER, .field = FIELD(debug)},
	{'S', "show", KIND_FLAG, .field = FIELD(show_secrets)},
	{'C', "submode", KIND_TEXT, .field = FIELD(submode)},
	{'a', "ip", KIND_TEXT, .field = FIELD(ip)},
	{'b', "packetsize", KIND_NUMBER, .field = FIELD(packet_size), .min = INT32_MIN},
	{'c', "count", KIND_NUMBER, .field = FIELD(count), .min = INT32_MIN},
	{'i', "interval", KIND_NUMBER, .field = FIELD(interval), .min = INT32_MIN},
	{'x', "index", KIND_NUMBER, .field = FIELD(index)},
	{'A', "portal_type", KIND_TEXT, .field = FIELD(portal_type)},
	{'W', "no_wait", KIND_FLAG, .field = FIELD(no_wait)},
	{OPTION_KEEP, "keep", KIND_FLAG, .with = 'D', .field = FIELD(keep)},
	{OPTION_FAIL_FAST, "fail-fast", KIND_FLAG, .with = 'l', .field = FIELD(fail_fast)},
	{OPTION_FORCE, "force", KIND_FLAG, .with = 'u', .field = FIELD(force)},
	{OPTION_RECONNECT, "reconnect", KIND_FLAG, .with = 'R', .field = FIELD(reconnect)},
	{OPTION_WAIT_DEVICES, "wait-devices", KIND_OPTIONAL, .with = 'R', .take = take_wait},
	{OPTION_LUN, "lun", KIND_TEXT, .with = 'R', .take = take_luns},
	{OPTION_TIMEOUT, "timeout", KIND_NUMBER, .field = FIELD(timeout), .min = 1},
	{OPTION_NETWORKS, "portal-cidr", KIND_TEXT, .with = 'D', .field = FIELD(networks)},
	{OPTION_TPGTS, "tpgt", KIND_TEXT, .with = 'D', .field = FIELD(tpgts)},
	{OPTION_FAMILY, "family", KIND_TEXT, .with = 'D', .field = FIELD(family)},
	{OPTION_REACHABLE, "reachable-only", KIND_OPTIONAL, .with = 'D', .take = take_reachable},
	{OPTION_DRY_RUN, "dry-run", KIND_FLAG, .with = 'o', .field = FIELD(dry_run)},
	{OPTION_VALUE_FILE, "value-file", KIND_TEXT, .with = 'v', .take = pairs_take_value_file},
	{OPTION_MIGRATE_DB, "migrate-db", KIND_OPTIONAL, .take = take_migrate},
	{OPTION_JSON, "json", KIND_FLAG, .with = MODE_JSON, .field = FIELD(json)},
	{OPTION_DB, "db", KIND_TEXT, .field = FIELD(db)},
	{OPTION_SYSFS, "sysfs", KIND_TEXT, .field = FIELD(sysfs)},
	{OPTION_PROC, "proc", KIND_TEXT, .field = FIELD(proc)},
	{OPTION_CONTROL, "control", KIND_TEXT, .field = FIELD(control)},
	{OPTION_CONFIG, "config", KIND_TEXT, .field = FIELD(config)},
};

/* The table in the form that getopt_long() takes. */
struct getopt_form {
	char letters[2 * ARRAY_LEN(rows) + 1];
	struct option longs[ARRAY_LEN(rows) + 1];
	struct option old_longs[ARRAY_LEN(rows) + 1]; /* those that have a letter */
};

static int argument_of(const struct option_row *row)
{
	switch (row->kind) {
	case KIND_TEXT:
	case KIND_NUMBER: return required_argument;
	case KIND_OPTIONAL: return optional_argument;
	case KIND_FLAG:
	case KIND_OTHER: break;
	}
	return no_argument;
}

static bool has_letter(const struct option_row *row)
{
	return row->letter < OPTION_DB;
}

static void getopt_form_init(struct getopt_form *f)
{
	size_t n = 0, old = 0;

	*f = (struct getopt_form){0};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f->longs[i] = (struct option){.name = rows[i].name,
		                              .has_arg = argument_of(&rows[i]),
		                              .val = rows[i].letter};
		if (!has_letter(&rows[i]))
			continue;
		f->old_longs[old++] = f->longs[i];
		f->letters[n++] = (char)rows[i].letter;
		if (argument_of(&rows[i]) == required_argument)
			f->letters[n++] = ':';
	}
}

static const struct option_row *row_of(int letter)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].letter == letter)
			return &rows[i];
	}
	return NULL;
}

/*
 * Whether a word of argv cuts short one of the names that open-iscsi has: scripts may use "--c" for
 * --count, whatever names there are since.
 */
static bool cuts_old_name(const char *word)
{
	size_t len = strcspn(word + 2, "="), found = 0;

	for (size_t i = 0; len > 0 && i < ARRAY_LEN(rows); i++) {
		if (strncmp(word + 2, rows[i].name, len) != 0)
			continue;
		if (rows[i].name[len] == '\0')
			return false; /* it is a whole name */
		found += has_letter(&rows[i]);
	}
	return found == 1;
}

/* getopt_long(), where the names of open-iscsi go first when a name is cut short. */
static int next_option(int argc, char **argv, const struct getopt_form *f)
{
	int next = optind > 0 ? optind : 1;
	bool old;

	/* what is no option is passed over */
	while (next < argc && (argv[next][0] != '-' || argv[next][1] == '\0'))
		next++;
	old = next < argc && strncmp(argv[next], "--", 2) == 0 && cuts_old_name(argv[next]);
	return getopt_long(argc, argv, f->letters, old ? f->old_longs : f->longs, NULL);
}

void options_hint(void)
{
	fflush(stdout);
	fputs("Try `iscsiadm --help' for more information.\n", stderr);
}

static void print_help(void)
{
	static const char *const lines[] = {
		"iscsiadm -m discoverydb [-d debug_level] [-P printlevel] [-t type -p ip:port "
		"-I ifaceN ... [-Dl]] | [[-p ip:port -t type] [-o operation] [-n name] [-v value] "
		"[-lD]] [-S]",
		"iscsiadm -m discovery [-d debug_level] [-P printlevel] [-t type -p ip:port "
		"-I ifaceN ... [-l] [--keep]] | [[-p ip:port] [-l | -D]]",
		"iscsiadm -m node [-d debug_level] [-P printlevel] "
		"[-L all,manual,automatic,onboot] [-W] [-U all,manual,automatic] [--force] [-S] "
		"[[-T targetname -p ip:port -I ifaceN] [-l | -u | -R | -s | --reconnect]] [[-o operation] "
		"[-n name] [-v value]]",
		"iscsiadm -m session [-d debug_level] [-P printlevel] [-S] "
		"[-r sessionid | sysfsdir [-u | -R [--lun lun,...] | -s | --reconnect] "
		"[-o operation] [-n name] [-v value]]",
		"iscsiadm -m iface [-d debug_level] [-P printlevel] [-I ifacename | -H hostno|MAC] "
		"[[-o operation] [-n name] [-v value]] | [-C ping [-a ip] [-b packetsize] "
		"[-c count] [-i interval]]",
		"iscsiadm -m fw [-d debug_level] [-l] [-W] [[-n name] [-v value]] [-S]",
		"iscsiadm -m monitor [-d debug_level] [--json]",
		"iscsiadm -m metrics [-d debug_level]",
		"iscsiadm -m doctor [-d debug_level] [--json]",
		"iscsiadm -k priority",
		"iscsiadm --migrate-db[=folder]",
		"iscsiadm -h | -V",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		puts(lines[i]);
}

static int unknown_option(void)
{
	if (optopt > 0 && optopt < 256)
		report("unrecognized character '%c'", optopt);
	else
		options_hint();
	return ISCSI_ERR_INVAL;
}

static const struct mode *mode_named(const struct mode *modes, const char *name)
{
	for (; modes->name; modes++) {
		if (strcmp(modes->name, name) == 0)
			return modes;
	}
	return NULL;
}

/*
 * Go through the line once for what decides how the rest is read: help and version, which
 * count only ahead of -m, and the mode.  Returns as options_parse() does.
 */
static int find_mode(int argc, char **argv, const struct getopt_form *form,
                     const struct mode *modes, struct options *o, int *ret_exit)
{
	int letter;

	optind = 0;
	while ((letter = next_option(argc, argv, form)) != -1) {
		*ret_exit = ISCSI_ERR_SUCCESS;
		switch (letter) {
		case '?': *ret_exit = unknown_option(); return -1;
		case 'V':
			if (o->mode)
				break;
			printf("iscsiadm version %s\n", VERSION);
			return -1;
		case 'h':
			if (o->mode)
				break;
			print_help();
			return -1;
		case 'm':
			o->mode = mode_named(modes, optarg);
			if (o->mode)
				break;
			report("%s mode is unknown/unsupported", optarg);
			*ret_exit = ISCSI_ERR_INVAL;
			return -1;
		}
	}
	return 0;
}

static void report_number(const struct option_row *row, const char *text)
{
	if (row->letter >= OPTION_DB)
		report("option '--%s' takes a number, not '%s'.", row->name, text);
	else
		report("option '-%c' takes a number, not '%s'.", row->letter, text);
}

static int take(struct options *o, const struct option_row *row, char *text)
{
	char *field = (char *)o + row->field;
	int max = INT32_MAX;

	if (row->take)
		return row->take(o, text);
	switch (row->kind) {
	case KIND_FLAG: *(bool *)field = true; break;
	case KIND_TEXT: *(const char **)field = text; break;
	case KIND_NUMBER:
		if (num_int(text, row->min, max, (int *)field) < 0) {
			report_number(row, text);
			return ISCSI_ERR_INVAL;
		}
		break;
	case KIND_OTHER:
	case KIND_OPTIONAL: break;
	}
	return 0;
}

/* -k stands alone; every other option must be one of the mode's. */
static int check_allowed(const struct options *o, const struct option_row *row)
{
	char letter = has_letter(row) ? (char)row->letter : row->with;

	if (letter == '\0' || letter == 'd' || letter == 'm')
		return 0;
	if (o->mode ? strchr(o->mode->letters, letter) != NULL : letter == 'k')
		return 0;
	if (!o->mode)
		return 0; /* the missing mode is reported */
	if (has_letter(row))
		report("%s mode: option '-%c' is not allowed/supported", o->mode->name, letter);
	else
		report("%s mode: option '--%s' is not allowed/supported", o->mode->name, row->name);
	return ISCSI_ERR_INVAL;
}

static int check_portal(struct options *o)
{
	bool isns = o->type && strcmp(o->type, "isns") == 0;

	if (!o->portal_text)
		return 0;
	if (portal_parse(o->portal_text, strlen(o->portal_text), isns ? ISNS_PORT : ISCSI_PORT,
	                 &o->portal) == 0)
		return 0;
	report("Please specify portal as <ipaddr>[:<ipport>]");
	return ISCSI_ERR_INVAL;
}

/* What only shows once the line was read. */
static int check_whole(int argc, char **argv, struct options *o)
{
	int rc;

	if (optind < argc) {
		report("unexpected argument '%s'; nothing was done.", argv[optind]);
		return ISCSI_ERR_INVAL;
	}
	rc = pairs_check(o);
	if (rc == 0)
		rc = check_portal(o);
	if (rc == 0 && !o->mode && o->kill_priority < 0 && !o->migrate_from) {
		report("no mode specified");
		options_hint();
		rc = ISCSI_ERR_INVAL;
	}
	if (rc == 0 && !o->mode && o->json) {
		report("option '--json' is not allowed/supported without a mode (-m)");
		rc = ISCSI_ERR_INVAL;
	}
	if (rc == 0 && o->mode && (o->ops & ~o->mode->operations)) {
		report("%s", o->mode->refusal);
		rc = ISCSI_ERR_INVAL;
	}
	return rc;
}

/* Take every option of the line.  Exit code. */
static int take_all(int argc, char **argv, const struct getopt_form *form, struct options *o)
{
	int letter, rc = ISCSI_ERR_SUCCESS;

	optind = 0;
	while (rc == ISCSI_ERR_SUCCESS && (letter = next_option(argc, argv, form)) != -1) {
		const struct option_row *row = row_of(letter);

		rc = check_allowed(o, row);
		if (rc == ISCSI_ERR_SUCCESS)
			rc = take(o, row, optarg);
	}
	return rc ? rc : check_whole(argc, argv, o);
}

int options_parse(int argc, char **argv, const struct mode *modes, struct options *ret,
                  int *ret_exit)
{
	struct options o = {.wait_devices = -1,
	                    .print_level = -1,
	                    .kill_priority = -1,
	                    .packet_size = 32,
	                    .count = 1};
	struct getopt_form form;

	getopt_form_init(&form);
	if (find_mode(argc, argv, &form, modes, &o, ret_exit) < 0)
		return -1;
	*ret_exit = take_all(argc, argv, &form, &o);
	if (*ret_exit != 0) {
		options_done(&o);
		return -1;
	}
	*ret = o;
	return 0;
}

void options_done(struct options *o)
{
	pairs_done(o);
}
