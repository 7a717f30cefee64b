/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery records: send_targets/ADDR,PORT/st_config and isns/ADDR,PORT/isns_config beside the
 * links to what was discovered; the oldest tools had a plain file send_targets/ADDR,PORT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/base/folder.h"
#include "libiscsi-db/links.h"
#include "libiscsi-db/rehearse.h"
#include "libiscsi-db/schema.h"

static void record_path(const struct iscsi_db_discovery_id *id, char dst[static 2 * DB_PATH_SIZE])
{
	char folder[DB_PATH_SIZE];

	discovery_folder_path(id, folder);
	snprintf(dst, 2 * DB_PATH_SIZE, "%s/%s", folder, discovery_file_name(id->kind));
}

/* "ADDR,PORT": a portal's name without a tag. */
static int parse_name(const char *name, enum iscsi_db_kind kind, struct iscsi_db_discovery_id *ret)
{
	struct iscsi_db_node_id portal = {0};

	if (node_portal_parse(name, &portal) < 0 || portal.tpgt != -1)
		return -EINVAL;
	ret->kind = kind;
	strcpy(ret->address, portal.address);
	ret->port = portal.port;
	return 0;
}

/* Whether an entry of send_targets/ or isns/ is a discovery record; its id goes into *ret. */
static bool is_discovery(int root, enum iscsi_db_kind kind, const struct folder_entry *entry,
                         iscsi_db_problem problem, void *data, struct iscsi_db_discovery_id *ret)
{
	char path[2 * DB_PATH_SIZE];

	/* links to nodes of an iSNS server without a record are in isns/ itself */
	if (entry->type == FOLDER_ENTRY_LINK)
		return false;
	if (parse_name(entry->name, kind, ret) < 0) {
		schema_tell(problem, data, 0, "%s/%s is left out: it names no portal",
		            discovery_top(kind), entry->name);
		return false;
	}
	if (entry->type == FOLDER_ENTRY_FILE)
		return kind == ISCSI_DB_SENDTARGETS;
	record_path(ret, path);
	return faccessat(root, path, F_OK, 0) == 0;
}

int iscsi_db_discoveries(struct iscsi_db *db, enum iscsi_db_kind kind, iscsi_db_problem problem,
                         void *data, struct iscsi_db_discovery_id **ret, size_t *ret_count)
{
	_cleanup_folder_ struct folder names = {0};
	struct iscsi_db_discovery_id *ids;
	int root = store_root(db, false), r;
	size_t count = 0;

	if (kind != ISCSI_DB_SENDTARGETS && kind != ISCSI_DB_ISNS)
		return -EINVAL;
	r = root < 0 ? root : folder_read(root, discovery_top(kind), &names);
	if (r < 0 && r != -ENOENT)
		return r;
	ids = calloc(names.count + 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < names.count; i++)
		if (is_discovery(root, kind, &names.entries[i], problem, data, &ids[count]))
			count++;
	*ret = ids;
	*ret_count = count;
	return 0;
}

int iscsi_db_discovery_read(struct iscsi_db *db, const struct iscsi_db_discovery_id *id,
                            iscsi_db_problem problem, void *data, struct iscsi_db_record **ret)
{
	_cleanup_record_ struct iscsi_db_record *rec = NULL;
	char path[2 * DB_PATH_SIZE], port[16];
	int r = discovery_id_check(id);

	if (r < 0)
		return r;
	record_path(id, path);
	r = store_read(db, id->kind, path, problem, data, &rec);
	if (r == -ENOENT && id->kind == ISCSI_DB_SENDTARGETS) {
		discovery_folder_path(id, path); /* the place of a plain file */
		r = store_read(db, id->kind, path, NULL, NULL, &rec);
		if (r == -EBADMSG)
			r = -ENOENT; /* a folder without a record */
	}
	if (r < 0)
		return r;
	snprintf(port, sizeof(port), "%u", id->port);
	r = iscsi_db_record_set(rec, "discovery.sendtargets.address", id->address);
	if (r == 0)
		r = iscsi_db_record_set(rec, "discovery.sendtargets.port", port);
	if (r == 0)
		*ret = take_ptr(rec);
	return r;
}

static int id_of(const struct iscsi_db_record *r, struct iscsi_db_discovery_id *ret)
{
	struct iscsi_db_discovery_id id = {.kind = iscsi_db_record_kind(r)};

	if (id.kind != ISCSI_DB_SENDTARGETS && id.kind != ISCSI_DB_ISNS)
		return -EINVAL;
	snprintf(id.address, sizeof(id.address), "%s",
	         iscsi_db_record_get(r, "discovery.sendtargets.address"));
	id.port = (uint16_t)iscsi_db_record_get_int(r, "discovery.sendtargets.port", 0);
	if (discovery_id_check(&id) < 0)
		return -EINVAL;
	*ret = id;
	return 0;
}

/* Makes the record's folder where a plain file of the same name is, which has its last record. */
static int write_in_place_of_file(struct iscsi_db *db, const struct iscsi_db_discovery_id *id,
                                  const struct iscsi_db_record *r)
{
	/* not in the root: send_targets may be a file system of its own */
	static const char aside[] = "send_targets/.new-source";
	char folder[DB_PATH_SIZE];
	int ret, root = store_root(db, true);

	discovery_folder_path(id, folder);
	/* the plain file, when a change like this was cut short */
	store_unlink(db, aside);
	ret = store_write_record(db, aside, discovery_file_name(id->kind), r);
	if (ret < 0)
		return ret;
	/* the two change places at once: there is no moment without a record */
	if (renameat2(root, aside, root, folder, RENAME_EXCHANGE) < 0)
		return -errno;
	ret = store_unlink(db, aside);
	return ret < 0 ? ret : store_sync_folder(db, discovery_top(id->kind));
}

int iscsi_db_discovery_write(struct iscsi_db *db, const struct iscsi_db_record *r)
{
	struct iscsi_db_discovery_id id;
	char folder[DB_PATH_SIZE];
	int ret = id_of(r, &id);

	if (ret == 0)
		ret = store_begin(db, true);
	if (ret < 0)
		return ret;
	discovery_folder_path(&id, folder);
	ret = store_write_record(db, folder, discovery_file_name(id.kind), r);
	if (ret == -ENOTDIR)
		ret = write_in_place_of_file(db, &id, r);
	store_end(db);
	return ret;
}

bool iscsi_db_discovery_repeats(const struct iscsi_db_record *source)
{
	return iscsi_db_record_get_bool(source, iscsi_db_record_kind(source) == ISCSI_DB_ISNS
	                                                ? "discovery.isns.use_discoveryd"
	                                                : "discovery.sendtargets.use_discoveryd");
}

int iscsi_db_discovery_nodes(struct iscsi_db *db, const struct iscsi_db_discovery_id *id,
                             struct iscsi_db_node_id **ret, size_t *ret_count)
{
	struct link_source source;
	int r = discovery_id_check(id);

	if (r < 0)
		return r;
	discovery_folder_path(id, source.folder);
	return link_list(db, &source, ret, ret_count);
}

/* Removes the links and the node records they name. */
static int delete_linked(struct iscsi_db *db, const struct link_source *source)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;
	int r = link_list(db, source, &ids, &count);

	for (size_t i = 0; i < count && r == 0; i++) {
		r = iscsi_db_node_delete(db, &ids[i]);
		if (r != -ENOENT)
			continue;
		/* the link would have gone with its record, which was gone before */
		if (!db->rehearsal.told)
			link_remove(db, source, &ids[i]);
		r = 0;
	}
	return r;
}

/* The record goes last, so that a deletion that was cut short can be done again. */
static int delete_discovery(struct iscsi_db *db, const struct iscsi_db_discovery_id *id)
{
	struct link_source source;
	char path[2 * DB_PATH_SIZE];
	int root = store_root(db, false), r;

	if (root < 0)
		return root;
	discovery_folder_path(id, source.folder);
	record_path(id, path);
	if (faccessat(root, path, F_OK, 0) < 0) {
		/* a plain file, or nothing */
		r = rehearse_delete(db, source.folder);
		if (r != 0)
			return MIN(r, 0);
		if (id->kind != ISCSI_DB_SENDTARGETS || store_unlink(db, source.folder) < 0)
			return -ENOENT;
		return store_sync_folder(db, discovery_top(id->kind));
	}
	r = delete_linked(db, &source);
	if (r == 0)
		r = rehearse_delete(db, path);
	if (r == 0)
		r = store_unlink(db, path);
	if (r != 0 || db->rehearsal.told)
		return MIN(r, 0);
	return store_remove_empty_folder(db, source.folder)
	               ? store_sync_folder(db, discovery_top(id->kind))
	               : store_sync_folder(db, source.folder);
}

int iscsi_db_discovery_delete(struct iscsi_db *db, const struct iscsi_db_discovery_id *id)
{
	int r = discovery_id_check(id), end;

	if (r == 0)
		r = MIN(store_root(db, false), 0);
	/* with all its node records, it is a batch of its own */
	if (r == 0)
		r = iscsi_db_batch_begin(db);
	if (r < 0)
		return r;
	r = delete_discovery(db, id);
	end = iscsi_db_batch_end(db);
	return r < 0 ? r : end;
}
