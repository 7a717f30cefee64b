/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From words to options.  The whole line is checked before anything is done: a word that nobody
 * asked for never widens what a command changes.
 */
#include "iscsiadm/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/help.h"
#include "iscsiadm/option_table.h"
#include "iscsiadm/pairs.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

/* The table, and those of its rows that have a letter. */
struct options_form {
	struct getopt_form all, old;
};

static void options_form_init(struct options_form *f)
{
	*f = (struct options_form){0};
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		getopt_form_add(&f->all, row->name, row->letter, option_argument(row));
		if (option_has_letter(row))
			getopt_form_add(&f->old, row->name, row->letter, option_argument(row));
	}
}

/*
 * Whether a word of argv cuts short one of the names that open-iscsi has: scripts may use "--c" for
 * --count, whatever names there are since.
 */
static bool cuts_old_name(const char *word)
{
	size_t len = strcspn(word + 2, "="), found = 0;

	for (size_t i = 0; len > 0 && i < option_count; i++) {
		if (strncmp(word + 2, option_rows[i].name, len) != 0)
			continue;
		if (option_rows[i].name[len] == '\0')
			return false; /* it is a whole name */
		found += option_has_letter(&option_rows[i]);
	}
	return found == 1;
}

/* getopt_long(), where the names of open-iscsi go first when a name is cut short. */
static int next_option(int argc, char **argv, const struct options_form *f)
{
	int next = optind > 0 ? optind : 1;
	bool old;

	/* what is no option is passed over */
	while (next < argc && (argv[next][0] != '-' || argv[next][1] == '\0'))
		next++;
	old = next < argc && strncmp(argv[next], "--", 2) == 0 && cuts_old_name(argv[next]);
	return getopt_long(argc, argv, f->all.letters, old ? f->old.longs : f->all.longs, NULL);
}

const struct mode *mode_named(const struct mode *modes, const char *name)
{
	for (; modes->name; modes++) {
		if (strcmp(modes->name, name) == 0)
			return modes;
	}
	return NULL;
}

void options_hint(void)
{
	fflush(stdout);
	fputs("Try `iscsiadm --help' for more information.\n", stderr);
}

/*
 * What getopt has refused, and said so.  An option that only lacks its argument, or has one that it
 * does not take, is not unknown; without a mode open-iscsi calls it so, and nobody minds.
 */
static int unknown_option(const struct mode *mode)
{
	bool letter = optopt > 0 && optopt < 256;

	if (letter && !(mode && option_row_of(optopt)))
		report("unrecognized character '%c'", optopt);
	else
		options_hint();
	return ISCSI_ERR_INVAL;
}

static int unknown_mode(const struct mode *modes, const char *word)
{
	char list[256] = "";

	for (size_t len = 0; modes->name && len < sizeof(list); modes++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
		                        modes->name);
	report("%s mode is unknown/unsupported (%s)", word, list);
	return ISCSI_ERR_INVAL;
}

/*
 * Go through the line once for what decides how the rest is read: help and version, which
 * count only ahead of -m, and the mode.  Returns as options_parse() does.
 */
static int find_mode(int argc, char **argv, const struct options_form *form,
                     const struct mode *modes, struct options *o, int *ret_exit)
{
	int letter;

	optind = 0;
	while ((letter = next_option(argc, argv, form)) != -1) {
		*ret_exit = ISCSI_ERR_SUCCESS;
		switch (letter) {
		case '?': *ret_exit = unknown_option(o->mode); return -1;
		case 'V':
			if (o->mode)
				break;
			printf("iscsiadm version %s\n", VERSION);
			return -1;
		case 'h':
			if (o->mode)
				break;
			help_print(modes);
			return -1;
		case 'm':
			o->mode = mode_named(modes, optarg);
			if (o->mode)
				break;
			*ret_exit = unknown_mode(modes, optarg);
			return -1;
		}
	}
	return 0;
}

/* "-u", or "--json". */
static const char *spelling_of(const struct option_row *row)
{
	static char text[32];

	if (option_has_letter(row))
		snprintf(text, sizeof(text), "-%c", row->letter);
	else
		snprintf(text, sizeof(text), "--%s", row->name);
	return text;
}

static void report_number(const struct option_row *row, const char *text)
{
	if (row->min == INT32_MIN)
		report("option '%s' takes a number up to %d, not '%s'.", spelling_of(row),
		       INT32_MAX, text);
	else
		report("option '%s' takes a number from %d to %d, not '%s'.", spelling_of(row),
		       MAX(row->min, 0), INT32_MAX, text);
}

/* Where something is has a name. */
static bool is_place(const struct option_row *row)
{
	return row->arg && (strcmp(row->arg, "file") == 0 || strcmp(row->arg, "folder") == 0);
}

static int take(struct options *o, const struct option_row *row, char *text)
{
	char *field = (char *)o + row->field;
	int max = INT32_MAX;

	if (is_place(row) && text && text[0] == '\0') {
		report("option '%s' takes the name of a %s, not ''.", spelling_of(row), row->arg);
		return ISCSI_ERR_INVAL;
	}
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

/* Every option must be one of the mode's. */
static int check_allowed(const struct options *o, const struct option_row *row)
{
	/* without a mode that is what gets reported */
	if (!o->mode || option_goes_with(row, o->mode))
		return 0;
	report("%s mode: option '%s' is not allowed/supported", o->mode->name, spelling_of(row));
	return ISCSI_ERR_INVAL;
}

/* What a row of ours needs, and rules out. */
static int check_use(const struct options *o, const struct option_row *row)
{
	const struct option_use *use = option_use_of(row, o->mode);
	const char *mode = o->mode ? o->mode->name : "", *of = o->mode ? " mode: " : "";
	char needs[OPTION_NEEDS_SIZE], other;

	if (!use)
		return 0;
	if (!option_use_met(use, o)) {
		report("%s%soption '%s' goes with %s; nothing was done.", mode, of,
		       spelling_of(row), option_use_text(use, needs));
		return ISCSI_ERR_INVAL;
	}
	other = option_use_ruled_out(use, o);
	if (other) {
		report("%s%soption '%s' does not go with -%c; nothing was done.", mode, of,
		       spelling_of(row), other);
		return ISCSI_ERR_INVAL;
	}
	return 0;
}

/*
 * The options of the whole line.  Without a mode, what is ours must be one that goes so, and
 * --migrate-db goes with no other; -k takes what it took in open-iscsi.
 */
static int check_uses(const struct options *o)
{
	int rc = 0;

	for (size_t i = 0; i < option_count && rc == 0; i++) {
		const struct option_row *row = &option_rows[i];
		bool strict = !o->mode && (o->migrate_from || !option_has_letter(row));

		if (!option_noted(o, row))
			continue;
		if (strict && !option_goes_with(row, NULL)) {
			report("option '%s' is not allowed/supported without a mode (-m)",
			       spelling_of(row));
			rc = ISCSI_ERR_INVAL;
		} else {
			rc = check_use(o, row);
		}
	}
	return rc;
}

/* An empty name, as of a variable that is not set, never means all targets. */
static int check_target(const struct options *o)
{
	if (!o->target || o->target[0] != '\0')
		return 0;
	report("option '-T' takes the name of a target, it is empty; nothing was done.");
	return ISCSI_ERR_INVAL;
}

/* The length of a portal without a tag that says there is none, as lists of open-iscsi have it. */
static size_t length_without_no_tag(const char *portal)
{
	static const char *const no_tag[] = {",", ",4294967295"};
	const char *comma = strchr(portal, ',');

	for (size_t i = 0; comma && i < ARRAY_LEN(no_tag); i++) {
		if (strcmp(comma, no_tag[i]) == 0)
			return (size_t)(comma - portal);
	}
	return strlen(portal);
}

static int check_portal(struct options *o)
{
	bool isns = o->type && strcmp(o->type, "isns") == 0;
	size_t len;

	if (!o->portal_text)
		return 0;
	len = length_without_no_tag(o->portal_text);
	if (portal_parse(o->portal_text, len, isns ? ISNS_PORT : ISCSI_PORT, &o->portal) == 0)
		return 0;
	report("'%s' is no portal. Please specify portal as <ipaddr>[:<ipport>]", o->portal_text);
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
		rc = check_target(o);
	if (rc == 0)
		rc = check_portal(o);
	if (rc == 0 && !o->mode && o->kill_priority < 0 && !o->migrate_from) {
		report("no mode specified");
		options_hint();
		rc = ISCSI_ERR_INVAL;
	}
	if (rc == 0)
		rc = check_uses(o);
	if (rc == 0 && o->mode && o->mode->refusal && (o->ops & ~o->mode->operations)) {
		report("%s", o->mode->refusal);
		rc = ISCSI_ERR_INVAL;
	}
	return rc;
}

/* Take every option of the line.  Exit code. */
static int take_all(int argc, char **argv, const struct options_form *form, struct options *o)
{
	int letter, rc = ISCSI_ERR_SUCCESS;

	optind = 0;
	while (rc == ISCSI_ERR_SUCCESS && (letter = next_option(argc, argv, form)) != -1) {
		const struct option_row *row = option_row_of(letter);

		rc = check_allowed(o, row);
		if (rc == ISCSI_ERR_SUCCESS)
			rc = take(o, row, optarg);
		option_note(o, row);
	}
	return rc ? rc : check_whole(argc, argv, o);
}

int options_parse(int argc, char **argv, const struct mode *modes, struct options *ret,
                  int *ret_exit)
{
	struct options o = {.wait_devices = -1,
	                    .index = -1,
	                    .print_level = -1,
	                    .kill_priority = -1,
	                    .packet_size = 32,
	                    .count = 1};
	struct options_form form;

	options_form_init(&form);
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
