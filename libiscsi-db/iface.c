/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface records: ifaces/NAME, and the two that every system has without a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/folder.h"
#include "libiscsi-db/paths.h"
#include "libiscsi-db/rehearse.h"
#include "libiscsi-db/schema.h"
#include "libiscsi-db/store.h"

/* A template that packages install into the folder. */
#define EXAMPLE_NAME "iface.example"

enum { IFACE_NAME_SIZE = 65 };

static const struct {
	const char *name, *transport;
} built_in[] = {
	{"default", "tcp"},
	{"iser", "iser"},
};

/* The transport of a built-in record, NULL for any other name. */
static const char *built_in_transport(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		if (strcmp(name, built_in[i].name) == 0)
			return built_in[i].transport;
	return NULL;
}

static int check_stored_name(const char *name)
{
	const char *why;

	if (!iface_name_valid(name, strlen(name), &why))
		return -EINVAL;
	return built_in_transport(name) ? -EPERM : 0;
}

int iscsi_db_ifaces(struct iscsi_db *db, char (**ret)[IFACE_NAME_SIZE], size_t *ret_count)
{
	_cleanup_folder_ struct folder names = {0};
	char(*list)[IFACE_NAME_SIZE];
	int root = store_root(db, false);
	int r = root < 0 ? root : folder_read(root, IFACES_FOLDER, &names);
	size_t count = 0;

	if (r < 0 && r != -ENOENT)
		return r;
	list = calloc(names.count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < names.count; i++)
		if (names.entries[i].type == FOLDER_ENTRY_FILE &&
		    strcmp(names.entries[i].name, EXAMPLE_NAME) != 0 &&
		    check_stored_name(names.entries[i].name) == 0)
			strcpy(list[count++], names.entries[i].name);
	*ret = list;
	*ret_count = count;
	return 0;
}

int iscsi_db_iface_read(struct iscsi_db *db, const char *name, iscsi_db_problem problem, void *data,
                        struct iscsi_db_record **ret)
{
	_cleanup_record_ struct iscsi_db_record *rec = NULL;
	const char *transport = built_in_transport(name);
	char path[DB_PATH_SIZE];
	int r;

	if (transport) {
		rec = iscsi_db_record_new(ISCSI_DB_IFACE);
		r = rec ? iscsi_db_record_set(rec, "iface.transport_name", transport) : -ENOMEM;
	} else {
		r = check_stored_name(name);
		if (r < 0)
			return r;
		snprintf(path, sizeof(path), IFACES_FOLDER "/%s", name);
		r = store_read(db, ISCSI_DB_IFACE, path, problem, data, &rec);
	}
	if (r == 0)
		r = iscsi_db_record_set(rec, "iface.iscsi_ifacename", name);
	if (r == 0)
		*ret = take_ptr(rec);
	return r;
}

/* Whose text says which record it is about. */
struct named_problem {
	iscsi_db_problem problem;
	/* borrowed */
	void *data;
	const char *name;
};

static void tell_named(void *data, unsigned int line, const char *text)
{
	const struct named_problem *named = data;

	schema_tell(named->problem, named->data, line, IFACES_FOLDER "/%s: %s", named->name, text);
}

/* Those of transport tcp among the named ones; no memory is the only error. */
static int read_tcp(struct iscsi_db *db, char (*names)[IFACE_NAME_SIZE], size_t count,
                    struct named_problem *named, struct iscsi_db_record **ret, size_t *ret_count)
{
	for (size_t i = 0; i < count; i++) {
		struct iscsi_db_record *record;
		int r;

		named->name = names[i];
		r = iscsi_db_iface_read(db, names[i], tell_named, named, &record);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		if (strcmp(iscsi_db_record_get(record, "iface.transport_name"), "tcp") == 0)
			ret[(*ret_count)++] = record;
		else
			iscsi_db_record_free(record);
	}
	return 0;
}

int iscsi_db_ifaces_of_tcp(struct iscsi_db *db, iscsi_db_problem problem, void *data,
                           struct iscsi_db_record ***ret, size_t *ret_count)
{
	_cleanup_free_ char(*names)[IFACE_NAME_SIZE] = NULL;
	struct named_problem named = {.problem = problem, .data = data};
	struct iscsi_db_record **records;
	size_t count = 0, used = 0;
	int r = iscsi_db_ifaces(db, &names, &count);

	if (r < 0)
		return r;
	records = calloc(count + 1, sizeof(struct iscsi_db_record *));
	r = records ? read_tcp(db, names, count, &named, records, &used) : -ENOMEM;
	if (r == 0 && used == 0) {
		r = iscsi_db_iface_read(db, built_in[0].name, NULL, NULL, &records[0]);
		used += r == 0;
	}
	if (r < 0) {
		for (size_t i = 0; i < used; i++)
			iscsi_db_record_free(records[i]);
		free(records);
		return r;
	}
	*ret = records;
	*ret_count = used;
	return 0;
}

int iscsi_db_iface_write(struct iscsi_db *db, const struct iscsi_db_record *r)
{
	const char *name;
	int ret;

	if (iscsi_db_record_kind(r) != ISCSI_DB_IFACE)
		return -EINVAL;
	name = iscsi_db_record_get(r, "iface.iscsi_ifacename");
	ret = check_stored_name(name);
	if (ret == 0)
		ret = store_begin(db, true);
	if (ret < 0)
		return ret;
	ret = store_write_record(db, IFACES_FOLDER, name, r);
	store_end(db);
	return ret;
}

int iscsi_db_iface_delete(struct iscsi_db *db, const char *name)
{
	char path[DB_PATH_SIZE];
	int r = check_stored_name(name);

	if (r == 0)
		r = store_begin(db, false);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), IFACES_FOLDER "/%s", name);
	r = rehearse_delete(db, path);
	if (r == 0) {
		r = store_unlink(db, path);
		if (r == 0)
			r = store_sync_folder(db, IFACES_FOLDER);
	}
	store_end(db);
	return MIN(r, 0);
}
