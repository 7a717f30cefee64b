/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a record remembers of where it came from.
 *
 * Within a batch nobody else writes, so a record that was read in it and then changed need not be
 * compared with what is in its place.
 */
#ifndef DB_RECORD_H
#define DB_RECORD_H

#include "libiscsi-db/store.h"

/* The record was just read from its place in db. */
void record_mark_read(struct iscsi_db_record *r, const struct iscsi_db *db);

/*
 * Whether it was read from its place in the batch that db is in now, and only then changed, in
 * values that neither say where it is nor where it was discovered.
 */
bool record_is_changed_since(const struct iscsi_db_record *r, const struct iscsi_db *db);

#endif
