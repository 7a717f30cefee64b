/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/report.h"
#include "lib/ipc/error.h"

struct tally {
	size_t copied, same, kept, refused;
	/* borrowed */
	const char *from;
};

static void note(void *data, enum iscsi_db_migration what, const char *path, const char *why)
{
	struct tally *tally = data;

	switch (what) {
	case ISCSI_DB_MIGRATION_COPIED:
		tally->copied++;
		printf("%s: copied\n", path);
		break;
	case ISCSI_DB_MIGRATION_SAME:
		tally->same++;
		printf("%s: identical\n", path);
		break;
	case ISCSI_DB_MIGRATION_KEPT:
		tally->kept++;
		printf("%s: different, left as it is here\n", path);
		break;
	case ISCSI_DB_MIGRATION_REFUSED:
		tally->refused++;
		report("%s/%s%s%s, not copied", tally->from, path, path[0] ? ": " : "", why);
		break;
	}
}

static int failed(struct cli *cli, int error, const char *from)
{
	const char *root = iscsi_db_root(cli->db);

	if (error == -ENOENT) {
		report("There are no records in %s.", from);
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	if (error == -EINVAL) {
		report("%s is the record database itself.", from);
		return ISCSI_ERR_INVAL;
	}
	report("Could not copy all records from %s to %s: %s. What was copied is whole; repeat the "
	       "command to go on.",
	       from, root, strerror(-error));
	return ISCSI_ERR_IDBM;
}

int migrate(struct cli *cli)
{
	struct tally tally = {.from = cli->opts.migrate_from};
	int r = iscsi_db_migrate(cli->db, tally.from, note, &tally);

	if (r < 0)
		return failed(cli, r, tally.from);
	printf("%zu records copied from %s to %s, %zu identical, %zu different, %zu not copied\n",
	       tally.copied, tally.from, iscsi_db_root(cli->db), tally.same, tally.kept,
	       tally.refused);
	return tally.refused > 0 ? ISCSI_ERR_IDBM : ISCSI_ERR_SUCCESS;
}
