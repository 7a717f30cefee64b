/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of folders, files and links in the database, made from ids and read back.
 *
 * This is the only door from a name to a path: what is made here has passed iscsi_name_valid(),
 * host_valid() and iface_name_valid(), so it cannot leave its folder.
 */
#ifndef DB_PATHS_H
#define DB_PATHS_H

#include "libiscsi-db/iscsi-db.h"

/* Where interface records are, one file each. */
#define IFACES_FOLDER "ifaces"

/* Room for every path below the root: a target (223), two portals (253 + 2 * 6) and an iface. */
enum { DB_PATH_SIZE = 1100 };

/* -EINVAL when a part of the id cannot be part of a path (a reason in *ret_why if not NULL). */
int node_id_check(const struct iscsi_db_node_id *id, const char **ret_why);
int discovery_id_check(const struct iscsi_db_discovery_id *id);

/* "nodes/T", the folder of all records of a target; id is checked.  Returns the end of dst. */
char *node_target_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);

/* "nodes/T/ADDR,PORT,TPGT" with "IFACE", or the old "nodes/T" with "ADDR,PORT"; id is checked.  The
 * first returns the end of dst. */
char *node_folder_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);
void node_file_name(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);
void node_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);

/* "nodes/T/ADDR,PORT": where an old-style file of the same portal is. */
void node_plain_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);

/*
 * "ADDR,PORT,TPGT" or "ADDR,PORT" (tag -1) exactly as this code writes it, into the id's portal
 * fields.  -EINVAL: it is not that.
 */
int node_portal_parse(const char *name, struct iscsi_db_node_id *id);

/* "T,ADDR,PORT,TPGT,IFACE", the name of a link to a node record, and back.  -EINVAL. */
void node_link_name(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE]);
int node_link_parse(const char *name, struct iscsi_db_node_id *ret);

/* "send_targets" or "isns", and the name of the record file in a folder of it. */
const char *discovery_top(enum iscsi_db_kind kind);
const char *discovery_file_name(enum iscsi_db_kind kind);

/* "send_targets/ADDR,PORT" or "isns/ADDR,PORT"; id is checked. */
void discovery_folder_path(const struct iscsi_db_discovery_id *id, char dst[static DB_PATH_SIZE]);

#endif
