/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The links that say where node records come from: one per record, in the folder of its source,
 * named after the record and pointing to its portal folder.
 */
#ifndef DB_LINKS_H
#define DB_LINKS_H

#include "libiscsi-db/paths.h"
#include "libiscsi-db/store.h"

/* The folder of a source, relative to the root; "": a source that has no links. */
struct link_source {
	char folder[DB_PATH_SIZE];
};

/* The source that a node record names. */
struct link_source link_source_of(struct iscsi_db *db, const struct iscsi_db_record *r);

/*
 * Make the link, or put right what it points to; is_new: the record is, so that the link is hardly
 * there.  A record without a tag has no link, nor has one whose link's name would be longer than a
 * file name can be.
 */
int link_add(struct iscsi_db *db, const struct link_source *source,
             const struct iscsi_db_node_id *id, bool is_new);

bool link_exists(struct iscsi_db *db, const struct link_source *source,
                 const struct iscsi_db_node_id *id);

/*
 * Find the folders that have links, into db->sources, unless they are known; what makes another
 * such folder forgets them, and so does the end of a batch.
 */
int link_find_sources(struct iscsi_db *db);

/* Remove the link.  -ENOENT: there was none. */
int link_remove(struct iscsi_db *db, const struct link_source *source,
                const struct iscsi_db_node_id *id);

/* Remove the record's link from whatever source has one.  0 or a negative errno. */
int link_remove_everywhere(struct iscsi_db *db, const struct iscsi_db_node_id *id);

/* The ids in the names of a source's links, sorted; caller frees *ret. */
int link_list(struct iscsi_db *db, const struct link_source *source, struct iscsi_db_node_id **ret,
              size_t *ret_count);

#endif
