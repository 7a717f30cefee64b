/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/repeat.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

/* The records may be on a disk that waits for this daemon. */
enum { READ_DEADLINE_SEC = 120 };

/* Where a record is, below the root of the database. */
enum { PLACE_SIZE = sizeof(struct iscsi_db_discovery_id) + 32 };

/* Says where the record is, when it asks for it.  -ENOSPC: there is no room for one more. */
static int look_at(struct iscsi_db *db, const struct iscsi_db_discovery_id *id, size_t *room,
                   int out)
{
	struct iscsi_db_record *record;
	char place[PLACE_SIZE];
	bool repeats;
	size_t len;

	/* one that cannot be read asks for nothing */
	if (iscsi_db_discovery_read(db, id, NULL, NULL, &record) < 0)
		return 0;
	repeats = iscsi_db_discovery_repeats(record);
	iscsi_db_record_free(record);
	if (!repeats)
		return 0;
	len = (size_t)snprintf(place, sizeof(place), "%s/%s,%u\n",
	                       id->kind == ISCSI_DB_ISNS ? "isns" : "send_targets", id->address,
	                       id->port);
	if (len > *room)
		return -ENOSPC;
	*room -= len;
	return write(out, place, len) < 0 ? -errno : 0;
}

/* Runs in the child: a place a line on out. */
static int read_run(const void *arg, int out)
{
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_SENDTARGETS, ISCSI_DB_ISNS};
	size_t room = CHILD_OUTPUT_MAX;
	struct iscsi_db *db;
	int r = iscsi_db_open((const char *)arg, &db);

	if (r < 0)
		return r;
	for (size_t k = 0; k < ARRAY_LEN(kinds) && r == 0; k++) {
		_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
		size_t count = 0;

		r = iscsi_db_discoveries(db, kinds[k], NULL, NULL, &ids, &count);
		for (size_t i = 0; i < count && r == 0; i++)
			r = look_at(db, &ids[i], &room, out);
	}
	iscsi_db_close(db);
	return r;
}

static void on_read(void *data, int result, const void *output, size_t len)
{
	struct child **self = (struct child **)data;
	const char *text = (const char *)output, *end;

	*self = NULL;
	for (; len > 0 && (end = (const char *)memchr(text, '\n', len)); text = end + 1) {
		log_warning("discovery record %.*s says use_discoveryd = Yes, but iscsid does not "
		            "repeat discoveries: have a timer run iscsiadm -m discoverydb -D with "
		            "it, and set the key to No",
		            (int)(end - text), text);
		len -= (size_t)(end - text) + 1;
	}
	if (result == -ENOSPC)
		log_warning("more discovery records say so; iscsiadm -m doctor names them");
	else if (result < 0)
		log_warning("cannot read all discovery records: %s, ignoring", strerror(-result));
}

void repeat_warn(struct loop *loop, const char *database, struct child **ret)
{
	const struct child_job job = {
		.run = read_run,
		.arg = database,
		.deadline_usec = READ_DEADLINE_SEC * USEC_PER_SEC,
		.done = on_read,
		.data = ret,
	};
	int r;

	*ret = NULL;
	r = child_start(loop, &job, ret);
	if (r < 0)
		log_warning("cannot read the discovery records: %s, ignoring", strerror(-r));
}
