/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --migrate-db: take over the records of another place.
 */
#ifndef ISCSIADM_MIGRATE_H
#define ISCSIADM_MIGRATE_H

#include "iscsiadm/cli.h"

/* Where open-iscsi keeps its records on Debian. */
#define MIGRATE_FROM_DEFAULT "/etc/iscsi"

/*
 * Copy the records below cli->opts.migrate_from into the database, saying for each what became of
 * it.  Exit code; a record that differs from the one that is here is no error.
 */
int migrate(struct cli *cli);

#endif
