/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/option_table.h"

#include <string.h>

#include "iscsiadm/pairs.h"
#include "lib/base/macros.h"

const struct operation operations[] = {
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
const size_t operation_count = ARRAY_LEN(operations);

/* Options without a letter. */
enum {
	OPTION_DB = GETOPT_NO_LETTER,
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

enum { CHANGES = OP_NEW | OP_UPDATE | OP_DELETE };

/* What options of ours go with.  A discovery is -t in discovery mode, or -D, or -l. */
/* clang-format off */
static const struct option_use value_uses[] = {
	{"discoverydb", .ops = OP_UPDATE},
	{"node", .ops = OP_UPDATE},
	{"session", .ops = OP_UPDATE},
	{"iface", .ops = OP_NEW | OP_UPDATE},
	{"fw", .needs = "l"},
	{"host", .ops = OP_NEW | OP_UPDATE},
	{0},
};
static const struct option_use filter_uses[] = {
	{"discovery", .needs = "tDl"},
	{"discoverydb", .needs = "Dl", .ops = OP_NEW},
	{0},
};
static const struct option_use discovery_uses[] = {
	{"discovery", .needs = "tDl"},
	{"discoverydb", .needs = "Dl"},
	{0},
};
static const struct option_use dry_run_uses[] = {
	{"discovery", .needs = "tD", .ops = OP_DELETE, .unlike = "l"},
	{"discoverydb", .needs = "D", .ops = CHANGES, .unlike = "l"},
	{"node", .ops = CHANGES, .unlike = "lLuURs"},
	{"session", .ops = OP_UPDATE | OP_DELETE, .unlike = "uRs"},
	{"iface", .ops = CHANGES, .unlike = "C"},
	{0},
};
static const struct option_use fail_fast_uses[] = {
	{"discovery", .needs = "tDl"},
	{"discoverydb", .needs = "Dl"},
	{"node", .needs = "lL"},
	{"fw", .needs = "l"},
	{0},
};
static const struct option_use logout_uses[] = {
	{"node", .needs = "uU"},
	{"session", .needs = "u"},
	{0},
};
static const struct option_use rescan_uses[] = {
	{"node", .needs = "R"},
	{"session", .needs = "R"},
	{0},
};
static const struct option_use wait_uses[] = {
	{"node", .needs = "lLR", .unlike = "W"},
	{"session", .needs = "R", .ops = OP_NEW},
	{0},
};
static const struct option_use reconnect_uses[] = {
	{"node", .unlike = "lLuURso"},
	{"session", .unlike = "uRso"},
	{0},
};
static const struct option_use migrate_uses[] = {
	{"", .unlike = "k"},
	{0},
};
/* clang-format on */

#define FIELD(name) .field = offsetof(struct options, name)
#define TAKE(name)  .take = option_take_##name

/* clang-format off */
const struct option_row option_rows[] = {
	{'m', "mode", KIND_TEXT, TAKE(nothing), .arg = "mode",
	 .doc = "what to work on"},

	/* which objects */
	{'T', "targetname", KIND_TEXT, FIELD(target), .arg = "target",
	 .doc = "the target of this name"},
	{'p', "portal", KIND_TEXT, FIELD(portal_text), .arg = "portal",
	 .doc = "the portal ip[:port], an IPv6 address in brackets"},
	{'I', "interface", KIND_TEXT, TAKE(iface), .arg = "iface",
	 .doc = "the interface record of this name; may be repeated"},
	{'r', "sid", KIND_TEXT, FIELD(sid_text), .arg = "sid",
	 .doc = "the session of this number or folder in sysfs"},
	{'H', "host", KIND_TEXT, FIELD(host), .arg = "host",
	 .doc = "the SCSI host of this number or MAC address"},
	{'t', "type", KIND_TEXT, FIELD(type), .arg = "sendtargets|st|isns|fw",
	 .doc = "the kind of discovery"},

	/* what to do */
	{'o', "op", KIND_TEXT, TAKE(operation), .arg = "operation",
	 .doc = "what to do with records; may be repeated"},
	{'n', "name", KIND_TEXT, .take = pairs_take_name, .arg = "name",
	 .doc = "a setting, for -o update; may be repeated"},
	{'v', "value", KIND_TEXT, .take = pairs_take_value, .arg = "value",
	 .doc = "its value"},
	{OPTION_VALUE_FILE, "value-file", KIND_TEXT, .uses = value_uses, .take = pairs_take_value_file,
	 .arg = "file", .doc = "its value is the line of a file, - is standard input"},
	{'D', "discover", KIND_FLAG, FIELD(discover),
	 .doc = "ask the portal or server of a stored record"},
	{OPTION_NETWORKS, "portal-cidr", KIND_TEXT, .uses = filter_uses, FIELD(networks), .arg = "networks",
	 .doc = "take only portals in these networks"},
	{OPTION_TPGTS, "tpgt", KIND_TEXT, .uses = filter_uses, FIELD(tpgts), .arg = "tags",
	 .doc = "take only portals of these portal groups"},
	{OPTION_FAMILY, "family", KIND_TEXT, .uses = filter_uses, FIELD(family), .arg = "any|ipv4|ipv6",
	 .doc = "take only portals of this address family"},
	{OPTION_REACHABLE, "reachable-only", KIND_OPTIONAL, .uses = filter_uses, TAKE(reachable),
	 .arg = "Yes|No", .doc = "take only portals that take a connection"},
	{OPTION_KEEP, "keep", KIND_FLAG, .uses = discovery_uses, FIELD(keep),
	 .doc = "do not reset records that are there"},
	{OPTION_DRY_RUN, "dry-run", KIND_FLAG, .uses = dry_run_uses, FIELD(dry_run),
	 .doc = "change no record, say what would change"},
	{'l', "login", KIND_FLAG, FIELD(login),
	 .doc = "log in"},
	{'L', "loginall", KIND_TEXT, FIELD(login_all), .arg = "all|automatic|manual|onboot",
	 .doc = "log in to the records of this startup"},
	{'W', "no_wait", KIND_FLAG, FIELD(no_wait),
	 .doc = "do not wait for the result of logins"},
	{OPTION_FAIL_FAST, "fail-fast", KIND_FLAG, .uses = fail_fast_uses, FIELD(fail_fast),
	 .doc = "do not try again what cannot work now"},
	{'u', "logout", KIND_FLAG, FIELD(logout),
	 .doc = "log out"},
	{'U', "logoutall", KIND_TEXT, FIELD(logout_all), .arg = "all|automatic|manual",
	 .doc = "log out of the sessions of this startup"},
	{OPTION_FORCE, "force", KIND_FLAG, .uses = logout_uses, FIELD(force),
	 .doc = "log out although disks are in use"},
	{'R', "rescan", KIND_FLAG, FIELD(rescan),
	 .doc = "look for new LUNs and capacities"},
	{OPTION_LUN, "lun", KIND_TEXT, .uses = rescan_uses, TAKE(luns), .arg = "lun,...",
	 .doc = "look only at these LUNs"},
	{OPTION_RECONNECT, "reconnect", KIND_FLAG, .uses = reconnect_uses, FIELD(reconnect),
	 .doc = "log in anew with the record of now; disks stay"},
	{OPTION_WAIT_DEVICES, "wait-devices", KIND_OPTIONAL, .uses = wait_uses, TAKE(wait),
	 .arg = "seconds", .doc = "return when the disks can be used"},
	{'s', "stats", KIND_FLAG, FIELD(stats),
	 .doc = "print counters of sessions"},
	{'C', "submode", KIND_TEXT, FIELD(submode), .arg = "ping|chap|flashnode|stats",
	 .doc = "ask the adapter"},
	{'a', "ip", KIND_TEXT, FIELD(ip), .arg = "address",
	 .doc = "ping: whom"},
	{'b', "packetsize", KIND_NUMBER, FIELD(packet_size), .min = INT32_MIN, .arg = "bytes",
	 .doc = "ping: how much, 32 by default"},
	{'c', "count", KIND_NUMBER, FIELD(count), .min = INT32_MIN, .arg = "count",
	 .doc = "ping: how often, once by default"},
	{'i', "interval", KIND_NUMBER, FIELD(interval), .min = INT32_MIN, .arg = "seconds",
	 .doc = "ping: how far apart, 0 by default"},
	{'x', "index", KIND_NUMBER, FIELD(index), .arg = "index",
	 .doc = "chap, flashnode: which entry of the adapter"},
	{'A', "portal_type", KIND_TEXT, FIELD(portal_type), .arg = "ipv4|ipv6",
	 .doc = "flashnode: the address family of a new one"},
	{'k', "killiscsid", KIND_TEXT, TAKE(kill), .arg = "priority",
	 .doc = "stop iscsid, sessions stay; the priority is 0"},
	{OPTION_MIGRATE_DB, "migrate-db", KIND_OPTIONAL, .uses = migrate_uses, TAKE(migrate), .arg = "folder",
	 .doc = "copy the records that open-iscsi has there"},
	{OPTION_TIMEOUT, "timeout", KIND_NUMBER, FIELD(timeout), .min = 1, .arg = "seconds",
	 .doc = "the time that the whole command may take"},

	/* how to print */
	{'P', "print", KIND_NUMBER, FIELD(print_level), .min = -1, .arg = "level",
	 .doc = "print a tree, from 1 to (in host mode) 4"},
	{'S', "show", KIND_FLAG, FIELD(show_secrets),
	 .doc = "print secrets"},
	{OPTION_JSON, "json", KIND_FLAG, .with = MODE_JSON, FIELD(json),
	 .doc = "print JSON"},
	{'d', "debug", KIND_NUMBER, FIELD(debug), .arg = "level",
	 .doc = "say more on standard error"},
	{'h', "help", KIND_OTHER, TAKE(nothing),
	 .doc = "print this; ahead of -m only"},
	{'V', "version", KIND_OTHER, TAKE(nothing),
	 .doc = "print the version; ahead of -m only"},

	/* where things are */
	{OPTION_CONFIG, "config", KIND_TEXT, FIELD(config), .arg = "file",
	 .doc = "read this iscsid.conf"},
	{OPTION_CONTROL, "control", KIND_TEXT, FIELD(control), .arg = "file",
	 .doc = "reach iscsid at this socket"},
	{OPTION_DB, "db", KIND_TEXT, FIELD(db), .arg = "folder",
	 .doc = "use the record database in this folder"},
	{OPTION_PROC, "proc", KIND_TEXT, FIELD(proc), .arg = "folder",
	 .doc = "read this folder for /proc"},
	{OPTION_SYSFS, "sysfs", KIND_TEXT, FIELD(sysfs), .arg = "folder",
	 .doc = "read this folder for /sys"},
};
/* clang-format on */
const size_t option_count = ARRAY_LEN(option_rows);
_Static_assert(ARRAY_LEN(option_rows) <= GETOPT_FORM_MAX, "too many options");

int option_argument(const struct option_row *row)
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

bool option_has_letter(const struct option_row *row)
{
	return row->letter < GETOPT_NO_LETTER;
}

const struct option_row *option_row_of(int letter)
{
	for (size_t i = 0; i < option_count; i++) {
		if (option_rows[i].letter == letter)
			return &option_rows[i];
	}
	return NULL;
}

/* What a mode's letters must have; '\0': nothing. */
static char letter_wanted(const struct option_row *row)
{
	return option_has_letter(row) ? (char)row->letter : row->with;
}

bool option_is_general(const struct option_row *row)
{
	char letter = letter_wanted(row);

	return letter == 'm' || letter == 'd' || (letter == '\0' && !row->uses);
}

bool option_goes_with(const struct option_row *row, const struct mode *mode)
{
	if (option_is_general(row))
		return true;
	if (row->uses)
		return option_use_of(row, mode) != NULL;
	return strchr(mode ? mode->letters : "khV", letter_wanted(row)) != NULL;
}
