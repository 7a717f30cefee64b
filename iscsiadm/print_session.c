/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions as text, the flat list and the tree, or as parts of the JSON document.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
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

static void print_heading(const char *title, size_t stars)
{
	static const char line[] = "************************";

	printf("\t\t%.*s\n\t\t%s:\n\t\t%.*s\n", (int)stars, line, title, (int)stars, line);
}

static const struct daemon_state *state_of(const struct host_session *s,
                                           const struct daemon_state *states, size_t count)
{
	static const struct daemon_state unknown = {.state = "Unknown", .connection = "Unknown"};

	for (size_t i = 0; i < count; i++) {
		if (states[i].sid == s->sid)
			return &states[i];
	}
	return &unknown;
}

static void print_interface(const struct host_session *s, const struct daemon_state *daemon)
{
	print_heading("Interface", 10);
	printf("\t\tIface Name: %s\n", or_default(s->iface_name));
	printf("\t\tIface Transport: %s\n", or_empty(s->transport));
	printf("\t\tIface Initiatorname: %s\n", or_empty(s->initiator_name));
	if (!s->local_address[0])
		printf("\t\tIface IPaddress: [default]\n");
	else if (strchr(s->local_address, '.'))
		printf("\t\tIface IPaddress: %s\n", s->local_address);
	else
		printf("\t\tIface IPaddress: [%s]\n", s->local_address);
	printf("\t\tIface HWaddress: %s\n", or_default(s->hwaddress));
	printf("\t\tIface Netdev: %s\n", or_default(s->netdev));
	printf("\t\tSID: %d\n", s->sid);
	printf("\t\tiSCSI Connection State: %s\n", daemon->connection);
	printf("\t\tiSCSI Session State: %s\n", s->session_state[0] ? s->session_state : "Unknown");
	printf("\t\tInternal iscsid Session State: %s\n", daemon->state);
}

static void print_timeout(const char *name, int seconds)
{
	if (seconds >= 0)
		printf("\t\t%s: %d\n", name, seconds);
	else
		printf("\t\t%s: <empty>\n", name);
}

static void print_timeouts(const struct host_session *s)
{
	print_heading("Timeouts", 9);
	printf("\t\tRecovery Timeout: %s\n", or_empty(s->recovery_tmo));
	print_timeout("Target Reset Timeout", s->tgt_reset_tmo);
	print_timeout("LUN Reset Timeout", s->lu_reset_tmo);
	print_timeout("Abort Timeout", s->abort_tmo);
}

static void print_chap(const struct host_session *s, bool clear)
{
	static const char mask[] = "********";

	print_heading("CHAP", 5);
	printf("\t\tusername: %s\n", or_empty(s->username));
	printf("\t\tpassword: %s\n", clear ? or_empty(s->password) : mask);
	printf("\t\tusername_in: %s\n", or_empty(s->username_in));
	/* the label of the fourth line is part of what scripts have learnt to read */
	if (clear)
		printf("\t\tpassword: %s\n", or_empty(s->password_in));
	else
		printf("\t\tpassword_in: %s\n", mask);
}

static void print_number(const char *name, int value)
{
	if (value >= 0)
		printf("\t\t%s: %d\n", name, value);
}

static void print_choice(const char *name, int value, const char *on, const char *off)
{
	if (value >= 0)
		printf("\t\t%s: %s\n", name, value ? on : off);
}

static void print_negotiated(const struct host_session *s)
{
	print_heading("Negotiated iSCSI params", 24);
	print_choice("HeaderDigest", s->header_digest, "CRC32C", "None");
	print_choice("DataDigest", s->data_digest, "CRC32C", "None");
	print_number("MaxRecvDataSegmentLength", s->max_recv_dlength);
	print_number("MaxXmitDataSegmentLength", s->max_xmit_dlength);
	print_number("FirstBurstLength", s->first_burst_len);
	print_number("MaxBurstLength", s->max_burst_len);
	print_choice("ImmediateData", s->immediate_data, "Yes", "No");
	print_choice("InitialR2T", s->initial_r2t, "Yes", "No");
	print_number("MaxOutstandingR2T", s->max_outstanding_r2t);
}

static void print_disks(const struct cli *cli, const struct host_session *s)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	char state[32] = "";
	size_t count = 0;

	print_heading("Attached SCSI devices", 24);
	if (host_state(cli->paths.sysfs, s->host_no, state, sizeof(state)) < 0)
		snprintf(state, sizeof(state), "unknown");
	printf("\t\tHost Number: %d\tState: %s\n", s->host_no, state);
	if (host_session_luns(cli->paths.sysfs, s, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		printf("\t\tscsi%d Channel %02d Id %d Lun: %" PRIu64 "\n", s->host_no,
		       luns[i].channel, luns[i].id, luns[i].lun);
		if (luns[i].disk[0])
			printf("\t\t\tAttached scsi disk %s\t\tState: %s\n", luns[i].disk,
			       luns[i].state);
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

static void print_portals(const struct host_session *s)
{
	char portal[PORTAL_TEXT_SIZE];

	printf("\tCurrent Portal: %s\n",
	       portal_text(current_host(s), current_port(s), s->tpgt, portal));
	printf("\tPersistent Portal: %s\n", session_portal(s, portal));
}

static void print_tree(const struct cli *cli, const struct host_session *sessions, size_t count,
                       const struct daemon_state *states, size_t state_count)
{
	const struct host_session *previous = NULL;
	const int level = cli->opts.print_level;

	if (level >= 3) {
		char version[64];

		host_transport_version(cli->paths.sysfs, version, sizeof(version));
		printf("iSCSI Transport Class version %s\nversion %s\n", version, VERSION);
	}
	for (size_t i = 0; i < count; i++) {
		const struct host_session *s = &sessions[i];
		bool same_target = previous && strcmp(previous->target_name, s->target_name) == 0;

		if (!same_target)
			printf("Target: %s (%s)\n", or_empty(s->target_name), flash(s));
		if (same_target && strcmp(current_host(previous), current_host(s)) == 0 &&
		    current_port(previous) == current_port(s))
			putchar('\n');
		else
			print_portals(s);
		print_interface(s, state_of(s, states, state_count));
		if (level >= 2) {
			print_timeouts(s);
			print_chap(s, cli->opts.show_secrets);
			print_negotiated(s);
		}
		if (level >= 3)
			print_disks(cli, s);
		previous = s;
	}
}

void print_sessions(const struct cli *cli, const struct host_session *sessions, size_t count,
                    const struct daemon_state *states, size_t state_count)
{
	struct json list = {0};

	if (cli->json) {
		list = json_open_list(json_root(cli->json), "sessions");
	} else if (cli->opts.print_level >= 1) {
		print_tree(cli, sessions, count, states, state_count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (cli->json)
			json_put_session(json_add_object(list, NULL), cli, &sessions[i],
			                 cli->opts.print_level, states, state_count);
		else
			print_line(&sessions[i]);
	}
}
