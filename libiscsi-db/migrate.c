/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking over the records of another place, such as /etc/iscsi where open-iscsi kept them.
 *
 * Nothing there is touched, and nothing here is overwritten: what is in a record's place already
 * either is the same or stays and is told.  So it can be cut short and repeated at will.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/macros.h"
#include "libiscsi-db/links.h"
#include "libiscsi-db/schema.h"

DEFINE_CLEANUP(struct iscsi_db, iscsi_db_close)

struct migration {
	struct iscsi_db *from, *to;
	iscsi_db_migrated tell;
	void *data;
	/* what was wrong with the file that is being looked at */
	char why[256];
};

static void tell(const struct migration *m, enum iscsi_db_migration what, const char *path)
{
	if (m->tell)
		m->tell(m->data, what, path, what == ISCSI_DB_MIGRATION_REFUSED ? m->why : "");
}

/* The last reason is the one that counts: those before it were no hindrance. */
static void note_why(void *data, unsigned int line _unused_, const char *text)
{
	struct migration *m = data;

	snprintf(m->why, sizeof(m->why), "%s", text);
}

static void tell_stray(void *data, unsigned int line, const char *text)
{
	struct migration *m = data;

	note_why(m, line, text);
	tell(m, ISCSI_DB_MIGRATION_REFUSED, "");
}

/* Whether the record at path is there afterwards as it was: 1, 0 or a negative errno. */
static int copy_record(struct migration *m, enum iscsi_db_kind kind, const char *from_path,
                       const char *folder, const char *name)
{
	_cleanup_free_ char *text = NULL, *there = NULL;
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	char path[2 * DB_PATH_SIZE];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(m->why, sizeof(m->why), "it cannot be read");
	if (store_read_text(m->from, from_path, note_why, m, &text, &len) < 0 ||
	    store_read(m->from, kind, from_path, note_why, m, &record) < 0) {
		tell(m, ISCSI_DB_MIGRATION_REFUSED, from_path);
		return 0;
	}
	r = store_read_text(m->to, path, note_why, m, &there, &len);
	if (r == -ENOENT) {
		r = store_write(m->to, folder, name, text);
		if (r == 0)
			tell(m, ISCSI_DB_MIGRATION_COPIED, path);
		return r < 0 ? r : 1;
	}
	if (r == 0 && strcmp(text, there) == 0) {
		tell(m, ISCSI_DB_MIGRATION_SAME, path);
		return 1;
	}
	tell(m, ISCSI_DB_MIGRATION_KEPT, path);
	return 0;
}

/* Gives a record that was taken over the links that it had. */
static int copy_links(struct migration *m, const struct iscsi_db_node_id *id)
{
	int r = link_find_sources(m->from);

	for (size_t i = 0; i < m->from->source_count && r == 0; i++)
		if (link_exists(m->from, &m->from->sources[i], id))
			r = link_add(m->to, &m->from->sources[i], id, true);
	return r;
}

static int copy_nodes(struct migration *m)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;
	int r = iscsi_db_nodes(m->from, NULL, tell_stray, m, &ids, &count);

	for (size_t i = 0; i < count && r == 0; i++) {
		char path[DB_PATH_SIZE], folder[DB_PATH_SIZE], name[DB_PATH_SIZE];

		node_path(&ids[i], path);
		node_folder_path(&ids[i], folder);
		node_file_name(&ids[i], name);
		r = copy_record(m, ISCSI_DB_NODE, path, folder, name);
		if (r > 0)
			r = copy_links(m, &ids[i]);
	}
	return r;
}

static int copy_discoveries(struct migration *m, enum iscsi_db_kind kind)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t count = 0;
	int r = iscsi_db_discoveries(m->from, kind, tell_stray, m, &ids, &count);

	for (size_t i = 0; i < count && r >= 0; i++) {
		const char *name = discovery_file_name(kind);
		char path[2 * DB_PATH_SIZE], folder[DB_PATH_SIZE];
		struct stat st;

		discovery_folder_path(&ids[i], folder);
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		/* the oldest tools had a plain file in the place of the folder */
		if (fstatat(m->from->root_fd, folder, &st, 0) == 0 && S_ISREG(st.st_mode))
			snprintf(path, sizeof(path), "%s", folder);
		r = copy_record(m, kind, path, folder, name);
	}
	return r < 0 ? r : 0;
}

static int copy_ifaces(struct migration *m)
{
	_cleanup_free_ char(*names)[65] = NULL;
	size_t count = 0;
	int r = iscsi_db_ifaces(m->from, &names, &count);

	for (size_t i = 0; i < count && r >= 0; i++) {
		char path[DB_PATH_SIZE];

		snprintf(path, sizeof(path), IFACES_FOLDER "/%s", names[i]);
		r = copy_record(m, ISCSI_DB_IFACE, path, IFACES_FOLDER, names[i]);
	}
	return r < 0 ? r : 0;
}

/* Discovery records before nodes: an iSNS query's links go to another place without its record. */
static int copy_all(struct migration *m)
{
	int r = copy_ifaces(m);

	if (r == 0)
		r = copy_discoveries(m, ISCSI_DB_SENDTARGETS);
	if (r == 0)
		r = copy_discoveries(m, ISCSI_DB_ISNS);
	return r == 0 ? copy_nodes(m) : r;
}

/* 0, -ENOENT: there is no database, -EINVAL: it is our own. */
static int check_source(struct migration *m)
{
	static const char *const parts[] = {"nodes", "send_targets", "isns", IFACES_FOLDER};
	struct stat from, to;
	int root = store_root(m->from, false);

	if (root < 0)
		return root;
	if (fstat(root, &from) < 0 || fstat(m->to->root_fd, &to) < 0)
		return -errno;
	if (from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (faccessat(root, parts[i], F_OK, 0) == 0)
			return 0;
	return -ENOENT;
}

int iscsi_db_migrate(struct iscsi_db *db, const char *from, iscsi_db_migrated told, void *data)
{
	_cleanup_(cleanup_iscsi_db_close) struct iscsi_db *source = NULL;
	struct migration m = {.to = db, .tell = told, .data = data};
	int r = iscsi_db_open(from, &source), synced;

	if (r == 0)
		r = store_root(source, false);
	if (r >= 0)
		r = iscsi_db_batch_begin(db);
	if (r < 0)
		return r;
	m.from = source;
	r = check_source(&m);
	if (r == 0)
		r = copy_all(&m);
	synced = iscsi_db_batch_end(db);
	return r < 0 ? r : synced;
}
