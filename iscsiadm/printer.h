/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts on stdout that scripts read.
 */
#ifndef ISCSIADM_PRINTER_H
#define ISCSIADM_PRINTER_H

#include "iscsiadm/cli.h"
#include "lib/host/host.h"

/* "192.0.2.1:3260,1": where a node is, into dst, which it returns. */
const char *node_portal(const struct iscsi_db_node_id *id, char dst[static PORTAL_TEXT_SIZE]);

/*
 * Nodes, a line each: "192.0.2.1:3260,1 iqn...", or as a tree (-P 1); nothing for a higher level.
 * With --json, an object each in the list "nodes".
 */
void print_nodes(const struct cli *cli, const struct iscsi_db_node_id *ids, size_t count);

/*
 * Nodes as a tree; the Target line once for neighbours of one name.  Of those that a discovery led
 * to, neighbours at one portal share the Portal line, too.
 */
void print_node_tree(const struct iscsi_db_node_id *ids, size_t count);
void print_source_tree(const struct iscsi_db_node_id *ids, size_t count);

/* "[tcp:[hw=,ip=,net_if=,iscsi_if=default] 192.0.2.1,3260,1 iqn...]": a record in a message; the
 * caller frees, NULL: no memory. */
char *node_description(const struct iscsi_db_record *record);

/*
 * A whole record, secrets as -S says; with --json, an object in the list "records", always without
 * them.  Exit code.
 */
int print_record(const struct cli *cli, const struct iscsi_db_record *record);

/* What the daemon says of a session, in the words that are printed. */
struct daemon_state {
	int sid;
	char state[32];
	char connection[32];
	int recoveries;      /* since the daemon started */
	uint64_t login_usec; /* how long the login took; 0: not known */
};

/* "192.0.2.1:3260,1": the portal that the session is for, into dst, which it returns. */
const char *session_portal(const struct host_session *s, char dst[static PORTAL_TEXT_SIZE]);

/*
 * Sessions, a line each: "tcp: [1] 192.0.2.1:3260,1 iqn... (non-flash)", or as a tree (-P 1 to 3).
 * With --json, an object each in the list "sessions".  states: what the daemon knows of them, NULL
 * when it was not asked or does not answer.
 */
void print_sessions(const struct cli *cli, const struct host_session *sessions, size_t count,
                    const struct daemon_state *states, size_t state_count);

/* What -m host says of a host. */
struct host_listing {
	struct host_info info;
	/* borrowed */
	const struct host_iface *ifaces; /* from -P 1 on */
	size_t iface_count;
	const struct host_session *sessions; /* from -P 2 on */
	size_t session_count;
	const struct daemon_state *states; /* as of print_sessions() */
	size_t state_count;
};

/*
 * A line, "tcp: [0] 192.0.2.1,[<empty>],<empty> <empty>", or a tree (-P 1 to 4).  With --json, an
 * object in the list "hosts".
 */
void print_host(const struct cli *cli, const struct host_listing *host);

/* The sessions of a host in its tree (-P 2 to 4). */
void print_host_sessions(const struct cli *cli, const struct host_listing *host);

/* The two lines that a tree of the highest level starts with. */
void print_versions(const struct cli *cli);

#endif
