/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libiscsi-db/links.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/addr.h"
#include "lib/base/macros.h"
#include "lib/base/folder.h"

/* The sources that have one folder for all their links. */
static const char *const plain_sources[] = {"static", "fw", "isns"};

/* The sources with a folder per discovery address. */
static const char *const address_sources[] = {"send_targets", "isns"};

static bool is_folder(struct iscsi_db *db, const char *path)
{
	int root = store_root(db, false);
	_cleanup_close_ int fd =
		root < 0 ? -1 : openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0;
}

struct link_source link_source_of(struct iscsi_db *db, const struct iscsi_db_record *r)
{
	const char *type = iscsi_db_record_get(r, "node.discovery_type");
	const char *address = iscsi_db_record_get(r, "node.discovery_address");
	struct iscsi_db_discovery_id id = {
		.kind = strcmp(type, "isns") == 0 ? ISCSI_DB_ISNS : ISCSI_DB_SENDTARGETS,
		.port = (uint16_t)iscsi_db_record_get_int(r, "node.discovery_port", 0),
	};
	struct link_source source = {0};

	if (strcmp(type, "static") == 0 || strcmp(type, "fw") == 0) {
		snprintf(source.folder, sizeof(source.folder), "%s", type);
		return source;
	}
	if (strcmp(type, "isns") != 0 && strcmp(type, "send_targets") != 0)
		return source;
	snprintf(id.address, sizeof(id.address), "%s", address);
	if (discovery_id_check(&id) == 0)
		discovery_folder_path(&id, source.folder);
	/* a query without a record of its own leaves its links in the upper folder */
	if (id.kind == ISCSI_DB_ISNS && !is_folder(db, source.folder))
		snprintf(source.folder, sizeof(source.folder), "isns");
	return source;
}

/* The link's path below the root; false: it can have none. */
static bool link_path(const struct link_source *source, const struct iscsi_db_node_id *id,
                      char dst[static 2 * DB_PATH_SIZE])
{
	char *name = stpcpy(dst, source->folder);

	*name++ = '/';
	node_link_name(id, name);
	return id->tpgt != PORTAL_TPGT_UNKNOWN && strlen(name) <= NAME_MAX;
}

static bool points_to(int root, const char *path, const char *target)
{
	char there[PATH_MAX];
	ssize_t n = readlinkat(root, path, there, sizeof(there));

	return n >= 0 && (size_t)n == strlen(target) && memcmp(there, target, (size_t)n) == 0;
}

/* Whether there was something to do: 1, 0 or a negative errno. */
static int make_link(struct iscsi_db *db, const char *folder, const char *path, const char *target)
{
	int root = store_root(db, true), r;

	if (root < 0)
		return root;
	if (symlinkat(target, root, path) == 0)
		return 1;
	if (errno == EEXIST && points_to(root, path, target))
		return 0;
	if (errno == EEXIST)
		r = unlinkat(root, path, 0) < 0 ? -errno : 0;
	else
		r = errno == ENOENT ? store_make_folder(db, folder) : -errno;
	if (r < 0)
		return r;
	return symlinkat(target, root, path) < 0 ? -errno : 1;
}

int link_remove(struct iscsi_db *db, const struct link_source *source,
                const struct iscsi_db_node_id *id)
{
	char path[2 * DB_PATH_SIZE];
	int r;

	if (source->folder[0] == '\0' || !link_path(source, id, path))
		return -ENOENT;
	r = store_unlink(db, path);
	return r < 0 ? r : store_sync_folder(db, source->folder);
}

/* A query before the iSNS server had a record left its link in the upper folder. */
static void remove_unrecorded(struct iscsi_db *db, const struct link_source *source,
                              const struct iscsi_db_node_id *id)
{
	static const struct link_source upper = {.folder = "isns"};

	if (strncmp(source->folder, "isns/", strlen("isns/")) == 0)
		link_remove(db, &upper, id);
}

int link_add(struct iscsi_db *db, const struct link_source *source,
             const struct iscsi_db_node_id *id, bool is_new)
{
	char path[2 * DB_PATH_SIZE], folder[DB_PATH_SIZE];
	_cleanup_free_ char *target = NULL;
	int r;

	if (source->folder[0] == '\0' || !link_path(source, id, path))
		return 0;
	node_folder_path(id, folder);
	if (asprintf(&target, "%s/%s", db->root, folder) < 0) {
		target = NULL;
		return -ENOMEM;
	}
	r = store_root(db, false);
	if (is_new || !points_to(r, path, target))
		r = make_link(db, source->folder, path, target);
	else
		r = 0;
	if (r >= 0)
		remove_unrecorded(db, source, id);
	return r <= 0 ? r : store_sync_folder(db, source->folder);
}

bool link_exists(struct iscsi_db *db, const struct link_source *source,
                 const struct iscsi_db_node_id *id)
{
	char path[2 * DB_PATH_SIZE], target[1];
	int root = store_root(db, false);

	return root >= 0 && link_path(source, id, path) &&
	       readlinkat(root, path, target, sizeof(target)) >= 0;
}

static int add_source(struct iscsi_db *db, const char *top, const char *name)
{
	struct link_source *grown = reallocarray(db->sources, db->source_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	db->sources = grown;
	snprintf(grown[db->source_count++].folder, sizeof(grown->folder), "%s%s%s", top,
	         name[0] ? "/" : "", name);
	return 0;
}

int link_find_sources(struct iscsi_db *db)
{
	_cleanup_folder_ struct folder names = {0};
	int root = store_root(db, false), r = 0;

	if (root < 0)
		return root;
	if (db->sources)
		return 0;
	db->sources = calloc(1, sizeof(*db->sources));
	if (!db->sources)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_LEN(plain_sources) && r == 0; i++)
		if (faccessat(root, plain_sources[i], F_OK, 0) == 0)
			r = add_source(db, plain_sources[i], "");
	for (size_t i = 0; i < ARRAY_LEN(address_sources) && r == 0; i++) {
		if (folder_read(root, address_sources[i], &names) < 0)
			continue;
		for (size_t k = 0; k < names.count && r == 0; k++)
			if (names.entries[k].type == FOLDER_ENTRY_FOLDER)
				r = add_source(db, address_sources[i], names.entries[k].name);
	}
	return r;
}

int link_remove_everywhere(struct iscsi_db *db, const struct iscsi_db_node_id *id)
{
	int r;

	if (!db->in_batch)
		store_forget_sources(db);
	r = link_find_sources(db);
	for (size_t i = 0; i < db->source_count && r == 0; i++) {
		r = link_remove(db, &db->sources[i], id);
		if (r == -ENOENT || r == -ENOTDIR)
			r = 0;
	}
	return r;
}

int link_list(struct iscsi_db *db, const struct link_source *source, struct iscsi_db_node_id **ret,
              size_t *ret_count)
{
	_cleanup_folder_ struct folder names = {0};
	struct iscsi_db_node_id *ids;
	int root = store_root(db, false), r;
	size_t count = 0;

	r = root < 0 ? root : folder_read(root, source->folder, &names);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		return r;
	ids = calloc(names.count + 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < names.count; i++)
		if (names.entries[i].type == FOLDER_ENTRY_LINK &&
		    node_link_parse(names.entries[i].name, &ids[count]) == 0)
			count++;
	*ret = ids;
	*ret_count = count;
	return 0;
}
