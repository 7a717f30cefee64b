/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes that are only tried out: told in place of being made.
 */
#ifndef DB_REHEARSE_H
#define DB_REHEARSE_H

#include "libiscsi-db/store.h"

/*
 * Whether a change is only tried out, and so not to be made; then it was told, unless the same was
 * told of the same path before.
 */
bool rehearse_change(struct iscsi_db *db, enum iscsi_db_change what, const char *path,
                     const struct iscsi_db_record *before, const struct iscsi_db_record *after);

/* The same for a deletion.  1: it was told; 0: it is to be made; -ENOENT: there is nothing. */
int rehearse_delete(struct iscsi_db *db, const char *path);

/* Forget what was told. */
void rehearse_done(struct rehearsal *rehearsal);

#endif
