/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making, changing and deleting node records; used by node and session mode.
 */
#ifndef ISCSIADM_NODE_OPS_H
#define ISCSIADM_NODE_OPS_H

#include "iscsiadm/cli.h"

/* Each acts on what -T, -p and -I select and returns an exit code; that nothing was selected
 * (NO_OBJS_FOUND) is left to the caller to say, everything else is said on stderr. */
int node_new(struct cli *cli);
int node_update(struct cli *cli);
int node_delete(struct cli *cli);

/* The same for given records. */
int node_update_ids(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count);
int node_delete_ids(struct cli *cli, const struct iscsi_db_node_id *ids, size_t count);

/*
 * What a new node record starts from: the configuration and an interface record (NULL: default);
 * and a copy of it that has the place of id.  The caller frees; NULL: it was said on stderr why.
 */
struct iscsi_db_record *node_prototype(struct cli *cli, const struct iscsi_db_record *iface);
struct iscsi_db_record *node_record_from(const struct iscsi_db_record *prototype,
                                         const struct iscsi_db_node_id *id);

/*
 * Write what a discovery found for the place of id, unless the record there stays: with keep any,
 * else one that a session uses or that stays() says so of.  Or remove what it found no more, unless
 * a session uses it.  Exit code; errors are said on stderr.
 */
int node_write_found(struct cli *cli, const struct iscsi_db_node_id *id,
                     const struct iscsi_db_record *record, bool keep,
                     bool (*stays)(const struct iscsi_db_record *there));
int node_delete_stale(struct cli *cli, const struct iscsi_db_node_id *id);

/* Say on stderr that a session keeps the record from being removed or reset (what). */
void node_report_in_use(const struct iscsi_db_node_id *id, const char *what);

#endif
