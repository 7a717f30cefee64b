/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node records: nodes/TARGET/ADDR,PORT,TPGT/IFACE, and the old nodes/TARGET/ADDR,PORT.
 *
 * A record is written before its link and removed before it, so that at every moment what a link
 * is missing, or points to nothing, heals at the next write or delete.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/folder.h"
#include "libiscsi-db/links.h"
#include "libiscsi-db/record.h"
#include "libiscsi-db/rehearse.h"
#include "libiscsi-db/schema.h"

/* ---- listing ---------------------------------------------------------------------------- */

struct node_walk {
	struct iscsi_db_node_id *ids;
	size_t count, cap;
	struct folder targets, portals, ifaces;
	bool static_files; /* old-style files of records made by hand, and nothing else */
	/* borrowed */
	struct iscsi_db *db;
	const struct iscsi_db_selection *sel;
	iscsi_db_problem problem;
	void *data;
};

static void walk_done(struct node_walk *w)
{
	free(w->ids);
	folder_done(&w->targets);
	folder_done(&w->portals);
	folder_done(&w->ifaces);
}

static int add_node(struct node_walk *w, const struct iscsi_db_node_id *id, const char *iface)
{
	struct iscsi_db_node_id *to;
	const char *why;

	if (!iface_name_valid(iface, strlen(iface), &why)) {
		schema_tell(w->problem, w->data, 0, "nodes/%s/%s,%u,%d/%s is left out: %s",
		            id->target, id->address, id->port, id->tpgt, iface, why);
		return 0;
	}
	if (w->sel && w->sel->iface && strcmp(w->sel->iface, iface) != 0)
		return 0;
	if (w->count == w->cap) {
		size_t cap = MAX((size_t)16, w->cap + w->cap / 2);
		struct iscsi_db_node_id *grown = reallocarray(w->ids, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		w->ids = grown;
		w->cap = cap;
	}
	to = &w->ids[w->count++];
	strcpy(to->target, id->target);
	strcpy(to->address, id->address);
	to->port = id->port;
	to->tpgt = id->tpgt;
	strcpy(to->iface, iface);
	return 0;
}

/* An old-style file does not say in its name which interface its record is for. */
static int add_plain_node(struct node_walk *w, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *r = NULL;
	char path[DB_PATH_SIZE];

	node_plain_path(id, path);
	if (store_read(w->db, ISCSI_DB_NODE, path, NULL, NULL, &r) < 0)
		return w->static_files ? 0 : add_node(w, id, "default");
	if (w->static_files && strcmp(iscsi_db_record_get(r, "node.discovery_type"), "static") != 0)
		return 0;
	return add_node(w, id, iscsi_db_record_get(r, "iface.iscsi_ifacename"));
}

static bool portal_selected(const struct iscsi_db_selection *sel, const struct iscsi_db_node_id *id)
{
	if (!sel)
		return true;
	return (!sel->address || host_equal(sel->address, id->address)) &&
	       (sel->port == 0 || sel->port == id->port);
}

static int walk_portal(struct node_walk *w, int target_fd, const struct folder_entry *entry,
                       struct iscsi_db_node_id *id)
{
	enum folder_entry_type expected;
	int r;

	if (node_portal_parse(entry->name, id) < 0) {
		schema_tell(w->problem, w->data, 0, "nodes/%s/%s is left out: it names no portal",
		            id->target, entry->name);
		return 0;
	}
	expected = id->tpgt == PORTAL_TPGT_UNKNOWN ? FOLDER_ENTRY_FILE : FOLDER_ENTRY_FOLDER;
	if (entry->type != expected) {
		schema_tell(w->problem, w->data, 0, "nodes/%s/%s is left out: it is no %s",
		            id->target, entry->name,
		            expected == FOLDER_ENTRY_FILE ? "file" : "folder");
		return 0;
	}
	if (!portal_selected(w->sel, id))
		return 0;
	if (expected == FOLDER_ENTRY_FILE)
		return add_plain_node(w, id);
	if (w->static_files)
		return 0;
	r = folder_read(target_fd, entry->name, &w->ifaces);
	if (r < 0)
		return r == -ENOENT ? 0 : r; /* gone since */
	for (size_t i = 0; i < w->ifaces.count; i++)
		if (w->ifaces.entries[i].type == FOLDER_ENTRY_FILE &&
		    add_node(w, id, w->ifaces.entries[i].name) < 0)
			return -ENOMEM;
	return 0;
}

static int walk_target(struct node_walk *w, int nodes_fd, const char *target)
{
	struct iscsi_db_node_id id;
	_cleanup_close_ int fd = -1;
	const char *why;
	int r;

	if (!iscsi_name_valid(target, strlen(target), &why)) {
		schema_tell(w->problem, w->data, 0, "nodes/%s is left out: %s", target, why);
		return 0;
	}
	strcpy(id.target, target);
	fd = openat(nodes_fd, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : folder_read_open(fd, &w->portals);
	if (r == -ENOTDIR || r == -ELOOP)
		schema_tell(w->problem, w->data, 0, "nodes/%s is left out: it is no folder",
		            target);
	if (r == -ENOTDIR || r == -ELOOP || r == -ENOENT)
		return 0;
	for (size_t i = 0; i < w->portals.count && r == 0; i++)
		r = walk_portal(w, fd, &w->portals.entries[i], &id);
	return r;
}

static int walk_all(struct node_walk *w)
{
	int root = store_root(w->db, false), r;
	_cleanup_close_ int fd = -1;

	if (root < 0)
		return root == -ENOENT ? 0 : root;
	fd = openat(root, "nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (w->sel && w->sel->target)
		return walk_target(w, fd, w->sel->target);
	r = folder_read_open(fd, &w->targets);
	for (size_t i = 0; i < w->targets.count && r == 0; i++)
		r = walk_target(w, fd, w->targets.entries[i].name);
	return r;
}

int iscsi_db_nodes(struct iscsi_db *db, const struct iscsi_db_selection *sel,
                   iscsi_db_problem problem, void *data, struct iscsi_db_node_id **ret,
                   size_t *ret_count)
{
	_cleanup_(walk_done) struct node_walk w = {
		.db = db, .sel = sel, .problem = problem, .data = data};
	int r = walk_all(&w);

	if (r < 0)
		return r;
	*ret = take_ptr(w.ids);
	*ret_count = w.count;
	return 0;
}

int iscsi_db_static_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count)
{
	static const struct link_source source = {.folder = "static"};
	_cleanup_(walk_done) struct node_walk w = {.db = db, .static_files = true};
	_cleanup_free_ struct iscsi_db_node_id *linked = NULL;
	size_t count = 0;
	int r = link_list(db, &source, &linked, &count);

	/* a record without a tag has no link, but is as much one made by hand */
	if (r == 0)
		r = walk_all(&w);
	if (r < 0)
		return r;
	if (w.count > 0) {
		struct iscsi_db_node_id *all = reallocarray(linked, count + w.count, sizeof(*all));

		if (!all)
			return -ENOMEM;
		memcpy(all + count, w.ids, w.count * sizeof(*all));
		linked = all;
	}
	*ret = take_ptr(linked);
	*ret_count = count + w.count;
	return 0;
}

int iscsi_db_firmware_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count)
{
	static const struct link_source source = {.folder = "fw"};

	return link_list(db, &source, ret, ret_count);
}

int iscsi_db_isns_nodes(struct iscsi_db *db, struct iscsi_db_node_id **ret, size_t *ret_count)
{
	static const struct link_source source = {.folder = "isns"};

	return link_list(db, &source, ret, ret_count);
}

/* ---- one record ------------------------------------------------------------------------- */

/* The folders and the file name say which record it is, whatever stands in the file. */
static int put_id(struct iscsi_db_record *r, const struct iscsi_db_node_id *id)
{
	char port[16], tpgt[16];
	const struct {
		const char *key, *value;
	} rows[] = {
		{"node.name", id->target},
		{"node.conn[0].address", id->address},
		{"node.conn[0].port", port},
		{"node.tpgt", tpgt},
		{"iface.iscsi_ifacename", id->iface},
	};
	int ret = 0;

	snprintf(port, sizeof(port), "%u", id->port);
	snprintf(tpgt, sizeof(tpgt), "%d", id->tpgt);
	for (size_t i = 0; i < ARRAY_LEN(rows) && ret == 0; i++)
		ret = iscsi_db_record_set(r, rows[i].key, rows[i].value);
	return ret;
}

int iscsi_db_node_read(struct iscsi_db *db, const struct iscsi_db_node_id *id,
                       iscsi_db_problem problem, void *data, struct iscsi_db_record **ret)
{
	_cleanup_record_ struct iscsi_db_record *rec = NULL;
	char path[DB_PATH_SIZE];
	int r;

	if (node_id_check(id, NULL) < 0)
		return -EINVAL;
	node_path(id, path);
	r = store_read(db, ISCSI_DB_NODE, path, problem, data, &rec);
	if (r == 0)
		r = put_id(rec, id);
	if (r < 0)
		return r;
	record_mark_read(rec, db);
	*ret = take_ptr(rec);
	return 0;
}

int iscsi_db_node_id_of(const struct iscsi_db_record *r, struct iscsi_db_node_id *ret)
{
	struct iscsi_db_node_id id = {0};

	if (iscsi_db_record_kind(r) != ISCSI_DB_NODE)
		return -EINVAL;
	/* the schema lets no value be longer than its field, and the check below sees to the rest
	 */
	snprintf(id.target, sizeof(id.target), "%s", iscsi_db_record_get(r, "node.name"));
	snprintf(id.address, sizeof(id.address), "%s",
	         iscsi_db_record_get(r, "node.conn[0].address"));
	snprintf(id.iface, sizeof(id.iface), "%s", iscsi_db_record_get(r, "iface.iscsi_ifacename"));
	id.port = (uint16_t)iscsi_db_record_get_int(r, "node.conn[0].port", 0);
	id.tpgt = (int32_t)iscsi_db_record_get_int(r, "node.tpgt", PORTAL_TPGT_UNKNOWN);
	if (node_id_check(&id, NULL) < 0)
		return -EINVAL;
	*ret = id;
	return 0;
}

static int set_int(struct iscsi_db_record *record, const char *key, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	return iscsi_db_record_set(record, key, text);
}

int iscsi_db_node_set_id(struct iscsi_db_record *record, const struct iscsi_db_node_id *id)
{
	int r = iscsi_db_record_set(record, "iface.iscsi_ifacename", id->iface);

	if (r == 0)
		r = iscsi_db_record_set(record, "node.name", id->target);
	if (r == 0)
		r = set_int(record, "node.tpgt", id->tpgt);
	if (r == 0)
		r = iscsi_db_record_set(record, "node.conn[0].address", id->address);
	return r < 0 ? r : set_int(record, "node.conn[0].port", id->port);
}

int iscsi_db_node_set_source(struct iscsi_db_record *record,
                             const struct iscsi_db_discovery_id *source)
{
	int r = iscsi_db_record_set(record, "node.discovery_address", source->address);

	if (r == 0)
		r = set_int(record, "node.discovery_port", source->port);
	if (r == 0)
		r = iscsi_db_record_set(record, "node.discovery_type",
		                        source->kind == ISCSI_DB_ISNS ? "isns" : "send_targets");
	return r;
}

/* Writes the file and its link; is_new: nothing is in its place. */
static int put_record(struct iscsi_db *db, const struct iscsi_db_node_id *id, const char *text,
                      const struct link_source *source, bool is_new)
{
	char folder[DB_PATH_SIZE], name[DB_PATH_SIZE];
	int r;

	node_folder_path(id, folder);
	node_file_name(id, name);
	r = store_write(db, folder, name, text);
	return r < 0 ? r : link_add(db, source, id, is_new);
}

/* A record that gets a tag takes the place of the old-style file of its portal. */
static int remove_plain_file(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	char path[DB_PATH_SIZE];
	int r;

	node_plain_path(id, path);
	r = rehearse_delete(db, path);
	if (r == 0)
		r = store_unlink(db, path);
	if (r != 0)
		return 0;
	node_target_path(id, path);
	return store_sync_folder(db, path);
}

/* What writing would find missing, at a price: a new target has no portal yet.  1: it is new. */
static int make_folders(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	char path[DB_PATH_SIZE];
	int r, target_is_new;

	node_target_path(id, path);
	target_is_new = store_make_folder(db, path);
	if (target_is_new <= 0)
		return target_is_new;
	node_folder_path(id, path);
	r = store_make_folder(db, path);
	return r < 0 ? r : 1;
}

static int add_record(struct iscsi_db *db, const struct iscsi_db_node_id *id, const char *text,
                      const struct link_source *source)
{
	char folder[DB_PATH_SIZE];
	int target_is_new = make_folders(db, id);
	int r = target_is_new < 0 ? target_is_new : put_record(db, id, text, source, true);

	if (r < 0) {
		node_folder_path(id, folder);
		store_remove_empty_folder(db, folder);
		node_target_path(id, folder);
		store_remove_empty_folder(db, folder);
	}
	if (r < 0 || target_is_new || id->tpgt == PORTAL_TPGT_UNKNOWN)
		return r;
	return remove_plain_file(db, id);
}

static int replace_record(struct iscsi_db *db, const struct iscsi_db_node_id *id, const char *text,
                          const struct link_source *source, const struct iscsi_db_record *there)
{
	struct link_source before = link_source_of(db, there);
	int r = put_record(db, id, text, source, false);

	if (r == 0 && strcmp(before.folder, source->folder) != 0)
		link_remove(db, &before, id);
	return r;
}

/* What would be added, or replaced, and what would have to go for it. */
static bool rehearses(struct iscsi_db *db, const struct iscsi_db_node_id *id, const char *path,
                      const struct iscsi_db_record *there, const struct iscsi_db_record *r)
{
	if (!rehearse_change(db, there ? ISCSI_DB_CHANGE_REPLACE : ISCSI_DB_CHANGE_ADD, path, there,
	                     r))
		return false;
	if (!there && id->tpgt != PORTAL_TPGT_UNKNOWN)
		remove_plain_file(db, id);
	return true;
}

/*
 * What cannot be read of what is in the record's place counts as nothing, and is replaced.  A
 * record of the same text is not written again: it says the same source, and needs its link only.
 */
static int write_node(struct iscsi_db *db, const struct iscsi_db_node_id *id,
                      const struct iscsi_db_record *r, iscsi_db_stays stays, void *data)
{
	_cleanup_free_ char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE), *old = NULL;
	_cleanup_record_ struct iscsi_db_record *there = NULL;
	struct link_source source = link_source_of(db, r);
	char path[DB_PATH_SIZE];
	size_t len;

	if (!text)
		return -ENOMEM;
	node_path(id, path);
	/* unless nobody else wrote since it was read: then what is there is known */
	if (!stays && !db->rehearsal.told && record_is_changed_since(r, db) &&
	    id->tpgt != PORTAL_TPGT_UNKNOWN)
		return put_record(db, id, text, &source, false);
	if (store_read_text(db, path, NULL, NULL, &old, &len) == 0 &&
	    (len != strlen(text) || memcmp(old, text, len) != 0))
		iscsi_db_record_parse(ISCSI_DB_NODE, old, len, NULL, NULL, &there);
	else if (old)
		return rehearse_change(db, ISCSI_DB_CHANGE_NONE, path, NULL, NULL)
		               ? 0
		               : link_add(db, &source, id, false);
	if (there && stays && stays(data, there)) {
		rehearse_change(db, ISCSI_DB_CHANGE_NONE, path, NULL, NULL);
		return 1;
	}
	/* without a tag, one file is for all interfaces of a portal: another one's record stays */
	if (there && id->tpgt == PORTAL_TPGT_UNKNOWN &&
	    strcmp(iscsi_db_record_get(there, "iface.iscsi_ifacename"), id->iface) != 0)
		return -EEXIST;
	if (rehearses(db, id, path, there, r))
		return 0;
	return there ? replace_record(db, id, text, &source, there)
	             : add_record(db, id, text, &source);
}

int iscsi_db_node_write_unless(struct iscsi_db *db, const struct iscsi_db_record *r,
                               iscsi_db_stays stays, void *data)
{
	struct iscsi_db_node_id id;
	int ret = iscsi_db_node_id_of(r, &id);

	if (ret == 0)
		ret = store_begin(db, true);
	if (ret < 0)
		return ret;
	ret = write_node(db, &id, r, stays, data);
	store_end(db);
	return ret;
}

int iscsi_db_node_write(struct iscsi_db *db, const struct iscsi_db_record *r)
{
	return iscsi_db_node_write_unless(db, r, NULL, NULL);
}

/* Removes the folders of a record that have become empty; what is left is made durable. */
static int remove_folders(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	char portal[DB_PATH_SIZE], target[DB_PATH_SIZE];

	node_folder_path(id, portal);
	node_target_path(id, target);
	if (id->tpgt != PORTAL_TPGT_UNKNOWN && !store_remove_empty_folder(db, portal))
		return store_sync_folder(db, portal);
	if (!store_remove_empty_folder(db, target))
		return store_sync_folder(db, target);
	return store_sync_folder(db, "nodes");
}

static int delete_node(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	char path[DB_PATH_SIZE];
	int ret;

	node_path(id, path);
	ret = rehearse_delete(db, path);
	if (ret != 0)
		return MIN(ret, 0);
	ret = store_unlink(db, path);
	if (ret < 0)
		return ret;
	/* the record need not be read for its source, which it may lie about or not say */
	ret = link_remove_everywhere(db, id);
	return ret < 0 ? ret : remove_folders(db, id);
}

int iscsi_db_node_delete(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	int r = node_id_check(id, NULL);

	if (r == 0)
		r = store_begin(db, false);
	if (r < 0)
		return r;
	r = delete_node(db, id);
	store_end(db);
	return r;
}
