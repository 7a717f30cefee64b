/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions as text, the flat list and the tree, or as parts of the JSON document.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/json_objects.h"
#include "iscsiadm/printer.h"
#include "lib/base/macros.h"

static const char *or_empty(const char *text)
{
	return text[0] ? text : "<empty>";
}

static const char *or_default(const char *text)
{
	return text[0] ? text : "default";
}

static const char *flash(const struct host_session *s)
{
	return s->has_creator ? "non-flash" : "flash";
}

/* An IPv6 address stands in brackets; the kernel writes it in full, so it has no shorter form. */
static const char *portal_text(const char *host, int port, int tpgt, char dst[PORTAL_TEXT_SIZE])
{
	struct portal portal = {.port = (uint16_t)MAX(port, 0), .tpgt = tpgt};

	if (!host[0]) {
		snprintf(dst, PORTAL_TEXT_SIZE, "<empty>:%u,%d", portal.port, tpgt);
		return dst;
	}
	snprintf(portal.host, sizeof(portal.host), "%s", host);
	return portal_format(&portal, dst);
}

const char *session_portal(const struct host_session *s, char dst[PORTAL_TEXT_SIZE])
{
	return portal_text(s->persistent_address, s->persistent_port, s->tpgt, dst);
}

static void print_line(const struct host_session *s)
{
	char portal[PORTAL_TEXT_SIZE];

	printf("%s: [%d] %s %s (%s)\n", or_empty(s->transport), s->sid, session_portal(s, portal),
	       or_empty(s->target_name), flash(s));
}

/* What a tree shows of each session, besides its portals, interface and states. */
enum part {
	PART_TIMEOUTS = 1 << 0, /* and CHAP */
	PART_NEGOTIATED = 1 << 1,
	PART_LUNS = 1 << 2,
	PART_HOST = 1 << 3, /* the host's line among the LUNs */
};

struct tree {
	const char *indent; /* ahead of every line */
	unsigned int parts; /* of enum part */
	const struct cli *cli;
	const struct daemon_state *states;
	size_t state_count;
};

/* A line about a session. */
static _printf_(2, 3) void say(const struct tree *t, const char *format, ...)
{
	va_list args;

	printf("%s\t\t", t->indent);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void print_heading(const struct tree *t, const char *title, size_t stars)
{
	static const char line[] = "************************";

	say(t, "%.*s", (int)stars, line);
	say(t, "%s:", title);
	say(t, "%.*s", (int)stars, line);
}

static const struct daemon_state *state_of(const struct tree *t, const struct host_session *s)
{
	static const struct daemon_state unknown = {.state = "Unknown", .connection = "Unknown"};

	for (size_t i = 0; i < t->state_count; i++) {
		if (t->states[i].sid == s->sid)
			return &t->states[i];
	}
	return &unknown;
}

static void print_interface(const struct tree *t, const struct host_session *s)
{
	const struct daemon_state *daemon = state_of(t, s);

	print_heading(t, "Interface", 10);
	say(t, "Iface Name: %s", or_default(s->iface_name));
	say(t, "Iface Transport: %s", or_empty(s->transport));
	say(t, "Iface Initiatorname: %s", or_empty(s->initiator_name));
	if (!s->local_address[0])
		say(t, "Iface IPaddress: [default]");
	else if (strchr(s->local_address, '.'))
		say(t, "Iface IPaddress: %s", s->local_address);
	else
		say(t, "Iface IPaddress: [%s]", s->local_address);
	say(t, "Iface HWaddress: %s", or_default(s->hwaddress));
	say(t, "Iface Netdev: %s", or_default(s->netdev));
	say(t, "SID: %d", s->sid);
	say(t, "iSCSI Connection State: %s", daemon->connection);
	say(t, "iSCSI Session State: %s", s->session_state[0] ? s->session_state : "Unknown");
	say(t, "Internal iscsid Session State: %s", daemon->state);
}

static void print_timeout(const struct tree *t, const char *name, int seconds)
{
	if (seconds >= 0)
		say(t, "%s: %d", name, seconds);
	else
		say(t, "%s: <empty>", name);
}

static void print_timeouts(const struct tree *t, const struct host_session *s)
{
	print_heading(t, "Timeouts", 9);
	say(t, "Recovery Timeout: %s", or_empty(s->recovery_tmo));
	print_timeout(t, "Target Reset Timeout", s->tgt_reset_tmo);
	print_timeout(t, "LUN Reset Timeout", s->lu_reset_tmo);
	print_timeout(t, "Abort Timeout", s->abort_tmo);
}

static void print_chap(const struct tree *t, const struct host_session *s)
{
	static const char mask[] = "********";
	const bool clear = t->cli->opts.show_secrets;

	print_heading(t, "CHAP", 5);
	say(t, "username: %s", or_empty(s->username));
	say(t, "password: %s", clear ? or_empty(s->password) : mask);
	say(t, "username_in: %s", or_empty(s->username_in));
	/* the label of the fourth line is part of what scripts have learnt to read */
	if (clear)
		say(t, "password: %s", or_empty(s->password_in));
	else
		say(t, "password_in: %s", mask);
}

static void print_number(const struct tree *t, const char *name, int value)
{
	if (value >= 0)
		say(t, "%s: %d", name, value);
}

static void print_choice(const struct tree *t, const char *name, int value, const char *on,
                         const char *off)
{
	if (value >= 0)
		say(t, "%s: %s", name, value ? on : off);
}

static void print_negotiated(const struct tree *t, const struct host_session *s)
{
	print_heading(t, "Negotiated iSCSI params", 24);
	print_choice(t, "HeaderDigest", s->header_digest, "CRC32C", "None");
	print_choice(t, "DataDigest", s->data_digest, "CRC32C", "None");
	print_number(t, "MaxRecvDataSegmentLength", s->max_recv_dlength);
	print_number(t, "MaxXmitDataSegmentLength", s->max_xmit_dlength);
	print_number(t, "FirstBurstLength", s->first_burst_len);
	print_number(t, "MaxBurstLength", s->max_burst_len);
	print_choice(t, "ImmediateData", s->immediate_data, "Yes", "No");
	print_choice(t, "InitialR2T", s->initial_r2t, "Yes", "No");
	print_number(t, "MaxOutstandingR2T", s->max_outstanding_r2t);
}

static void print_luns(const struct tree *t, const struct host_session *s)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	const char *sysfs = t->cli->paths.sysfs;
	char state[32] = "";
	size_t count = 0;

	print_heading(t, "Attached SCSI devices", 24);
	if (t->parts & PART_HOST) {
		if (host_state(sysfs, s->host_no, state, sizeof(state)) < 0)
			snprintf(state, sizeof(state), "unknown");
		say(t, "Host Number: %d\tState: %s", s->host_no, state);
	}
	if (host_session_luns(sysfs, s, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		say(t, "scsi%d Channel %02d Id %d Lun: %" PRIu64, s->host_no, luns[i].channel,
		    luns[i].id, luns[i].lun);
		if (luns[i].disk[0])
			say(t, "\tAttached scsi disk %s\t\tState: %s", luns[i].disk, luns[i].state);
	}
}

/* Where the connection goes now; while it goes nowhere, where it is to go. */
static const char *current_host(const struct host_session *s)
{
	return s->address[0] ? s->address : s->persistent_address;
}

static int current_port(const struct host_session *s)
{
	return s->address[0] ? s->port : s->persistent_port;
}

static void print_portals(const struct tree *t, const struct host_session *s)
{
	char portal[PORTAL_TEXT_SIZE];

	printf("%s\tCurrent Portal: %s\n", t->indent,
	       portal_text(current_host(s), current_port(s), s->tpgt, portal));
	printf("%s\tPersistent Portal: %s\n", t->indent, session_portal(s, portal));
}

static void print_tree(const struct tree *t, const struct host_session *sessions, size_t count)
{
	const struct host_session *previous = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct host_session *s = &sessions[i];
		bool same_target = previous && strcmp(previous->target_name, s->target_name) == 0;

		if (!same_target)
			printf("%sTarget: %s (%s)\n", t->indent, or_empty(s->target_name),
			       flash(s));
		if (same_target && strcmp(current_host(previous), current_host(s)) == 0 &&
		    current_port(previous) == current_port(s))
			putchar('\n');
		else
			print_portals(t, s);
		print_interface(t, s);
		if (t->parts & PART_TIMEOUTS) {
			print_timeouts(t, s);
			print_chap(t, s);
		}
		if (t->parts & PART_NEGOTIATED)
			print_negotiated(t, s);
		if (t->parts & PART_LUNS)
			print_luns(t, s);
		previous = s;
	}
}

void print_versions(const struct cli *cli)
{
	char version[64];

	host_transport_version(cli->paths.sysfs, version, sizeof(version));
	printf("iSCSI Transport Class version %s\nversion %s\n", version, VERSION);
}

/* What -P asks for, in session and in host mode. */
static const unsigned int parts_of_session[] = {
	[2] = PART_TIMEOUTS | PART_NEGOTIATED,
	[3] = PART_TIMEOUTS | PART_NEGOTIATED | PART_LUNS | PART_HOST,
};
static const unsigned int parts_of_host[] = {
	[3] = PART_NEGOTIATED,
	[4] = PART_NEGOTIATED | PART_LUNS,
};

void print_host_sessions(const struct cli *cli, const struct host_listing *host)
{
	const struct tree t = {.indent = "\t",
	                       .parts = parts_of_host[cli->opts.print_level],
	                       .cli = cli,
	                       .states = host->states,
	                       .state_count = host->state_count};

	print_tree(&t, host->sessions, host->session_count);
}

void print_sessions(const struct cli *cli, const struct host_session *sessions, size_t count,
                    const struct daemon_state *states, size_t state_count)
{
	const int level = cli->opts.print_level;
	struct json list = {0};

	if (cli->json) {
		list = json_open_list(json_root(cli->json), "sessions");
	} else if (level >= 1) {
		const struct tree t = {.indent = "",
		                       .parts = parts_of_session[level],
		                       .cli = cli,
		                       .states = states,
		                       .state_count = state_count};

		if (level >= 3)
			print_versions(cli);
		print_tree(&t, sessions, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (cli->json)
			json_put_session(json_add_object(list, NULL), cli, &sessions[i], level,
			                 states, state_count);
		else
			print_line(&sessions[i]);
	}
}
