/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which records and sessions a command means: -T exactly, -p by address and port, -I by name.
 */
#ifndef ISCSIADM_SELECT_H
#define ISCSIADM_SELECT_H

#include "iscsiadm/cli.h"

/* How the host of -p is compared. */
enum match {
	MATCH_TEXT, /* the same text or an equal literal address: what changes or deletes */
	MATCH_NAME, /* also whatever the name resolves to: what logs in, out, or shows */
};

/*
 * The ids of the node records that -T, -p and -I select, sorted by target, portal, iface.  The
 * caller frees *ret.  Exit code: 0 with at least one, NO_OBJS_FOUND (nothing is said) or another
 * error (said on stderr).
 */
int select_nodes(struct cli *cli, enum match match, struct iscsi_db_node_id **ret,
                 size_t *ret_count);

/* The same for the records that a session may have been made from. */
int select_session_nodes(struct cli *cli, const struct host_session *s,
                         struct iscsi_db_node_id **ret, size_t *ret_count);

/* Read the record of id: 0, -ENOENT when it is gone, or another negative errno when it is broken;
 * what is broken is said with -d 1 only. */
int select_try_read(struct cli *cli, const struct iscsi_db_node_id *id,
                    struct iscsi_db_record **ret);

/* The same; NULL for any failure. */
struct iscsi_db_record *select_read(struct cli *cli, const struct iscsi_db_node_id *id);

/* The first of them that can be read; NULL: none, and nothing is said. */
struct iscsi_db_record *select_session_record(struct cli *cli, const struct host_session *s);

/* Whether -T, -p and -I select the session. */
bool select_session(struct cli *cli, const struct host_session *s);

/*
 * The number of the host that -H names, by its number or a MAC; 0 without -H.  Only a MAC says that
 * there is one.  Exit code; what is wrong is said on stderr.
 */
int select_host(const struct cli *cli, int *ret_host_no);

/* Whether the session was made from the record. */
bool session_is_of(const struct host_session *s, const struct iscsi_db_node_id *id);

/* How many of the snapshot's sessions are of the record (cli_sessions() was called). */
unsigned int sessions_of(const struct cli *cli, const struct iscsi_db_node_id *id);

#endif
