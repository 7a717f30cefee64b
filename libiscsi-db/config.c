/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsid.conf, and the files of iscsid.conf.d behind it.
 *
 * The configuration is checked against the schema once, when it is read, and kept as one template
 * record per kind: making ten thousand records from it costs no more parsing.
 */
#include "libiscsi-db/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/base/folder.h"

#define CONFIG_PATH SYSCONFDIR "/iscsi/iscsid.conf"

/* What the files of iscsid.conf.d that count end in. */
#define DROP_IN_END ".conf"

enum {
	CONFIG_SIZE_MAX = 1 << 20,
	KINDS = ISCSI_DB_IFACE + 1,
	ANY_KIND = SCHEMA_NODE | SCHEMA_SENDTARGETS | SCHEMA_ISNS | SCHEMA_IFACE | SCHEMA_CONFIG,
};

struct iscsi_db_config {
	struct iscsi_db_record *templates[KINDS];
	char *values[]; /* by row of the schema; NULL: not in the file */
};

DEFINE_CLEANUP(struct iscsi_db_config, iscsi_db_config_free)

struct iscsi_db_config *iscsi_db_config_free(struct iscsi_db_config *c)
{
	if (!c)
		return NULL;
	for (size_t kind = 0; kind < KINDS; kind++)
		iscsi_db_record_free(c->templates[kind]);
	for (size_t row = 0; row < schema_count; row++)
		free(c->values[row]);
	free(c);
	return NULL;
}

/* One file of the configuration while it is read. */
struct config_file {
	const char *path;
	iscsi_db_config_problem problem;
	void *data;
	bool strict; /* a key that nobody knows is a problem as well */
};

static void tell(void *data, unsigned int line, const char *text)
{
	const struct config_file *file = data;

	if (file->problem)
		file->problem(file->data, file->path, line, text);
}

/* Takes the value of every row that the key names: a key of several kinds has several. */
static int take_pair(struct iscsi_db_config *c, const struct kv *kv, unsigned int line,
                     struct config_file *file)
{
	bool first = true;
	int row = -1;

	for (;;) {
		int next = schema_find(ANY_KIND, kv->key, kv->key_len, (size_t)(row + 1)), r;
		char *value;

		if (next <= row) {
			if (row < 0 && file->strict)
				schema_tell(tell, file, line, "there is no key '%.*s'",
				            (int)MIN(kv->key_len, 80), kv->key);
			return 0; /* unknown, or once around */
		}
		row = next;
		/* rows of one key differ in the default only, so one of them tells what is wrong */
		r = schema_value_from_file(&schema_rows[row], kv->value, kv->value_len,
		                           first ? tell : NULL, file, line, &value);
		if (r == -ENOMEM)
			return r;
		first = false;
		if (r < 0)
			continue;
		free(c->values[row]);
		c->values[row] = value;
	}
}

static int parse_text(struct iscsi_db_config *c, const char *text, size_t len,
                      struct config_file *file)
{
	struct kv_reader in = kv_reader_make(KV_NEWLINE, text, len);
	struct kv kv;
	int r;

	while ((r = kv_next(&in, &kv)) != 0) {
		if (r < 0)
			schema_tell(tell, file, in.line, "'%.*s' is no 'key = value'",
			            (int)MIN(kv.key_len, 80), kv.key);
		else if (take_pair(c, &kv, in.line, file) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* 0 also when there is no such file. */
static int parse_file(struct iscsi_db_config *c, struct config_file *file)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = file_read(AT_FDCWD, file->path, CONFIG_SIZE_MAX, &text, &len);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return parse_text(c, text, len, file);
}

static bool is_drop_in(const struct folder_entry *entry)
{
	size_t len = strlen(entry->name);

	return len > strlen(DROP_IN_END) &&
	       strcmp(entry->name + len - strlen(DROP_IN_END), DROP_IN_END) == 0 &&
	       (entry->type == FOLDER_ENTRY_FILE || entry->type == FOLDER_ENTRY_LINK);
}

/* The files of the folder beside the main one, in the order of their names.  One that cannot be
 * read is told: the others count. */
static int parse_drop_ins(struct iscsi_db_config *c, const struct config_file *main_file)
{
	_cleanup_folder_ struct folder names = {0};
	_cleanup_free_ char *folder = NULL;
	int r = 0;

	if (asprintf(&folder, "%s.d", main_file->path) < 0) {
		folder = NULL;
		return -ENOMEM;
	}
	if (folder_read(AT_FDCWD, folder, &names) < 0)
		return 0;
	for (size_t i = 0; i < names.count && r != -ENOMEM; i++) {
		char path[PATH_MAX];
		struct config_file file = *main_file;

		if (!is_drop_in(&names.entries[i]))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, names.entries[i].name);
		file.path = path;
		r = parse_file(c, &file);
		if (r < 0)
			schema_tell(tell, &file, 0, "it cannot be read: %s", strerror(-r));
	}
	return r == -ENOMEM ? r : 0;
}

static int make_templates(struct iscsi_db_config *c)
{
	for (size_t kind = 0; kind < KINDS; kind++) {
		c->templates[kind] = iscsi_db_record_new((enum iscsi_db_kind)kind);
		if (!c->templates[kind])
			return -ENOMEM;
		for (size_t row = 0; row < schema_count; row++) {
			const struct schema_row *s = &schema_rows[row];

			if (!c->values[row] || !(s->kinds & 1U << kind) ||
			    (s->flags & (SCHEMA_LOOKUP | SCHEMA_NO_CONF)))
				continue;
			if (iscsi_db_record_set(c->templates[kind], s->name, c->values[row]) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static int read_all(struct config_file *file, struct iscsi_db_config **ret)
{
	_cleanup_(cleanup_iscsi_db_config_free) struct iscsi_db_config *c =
		calloc(1, sizeof(*c) + schema_count * sizeof(c->values[0]));
	int r;

	if (!c)
		return -ENOMEM;
	r = parse_file(c, file);
	if (r == 0)
		r = parse_drop_ins(c, file);
	if (r == 0)
		r = make_templates(c);
	if (r == 0)
		*ret = take_ptr(c);
	return r;
}

int iscsi_db_config_read(const char *path, iscsi_db_config_problem problem, void *data,
                         struct iscsi_db_config **ret)
{
	struct config_file file = {
		.path = path ? path : CONFIG_PATH, .problem = problem, .data = data};

	return read_all(&file, ret);
}

int iscsi_db_config_check(const char *path, iscsi_db_config_problem problem, void *data)
{
	_cleanup_(cleanup_iscsi_db_config_free) struct iscsi_db_config *c = NULL;
	struct config_file file = {.path = path ? path : CONFIG_PATH,
	                           .problem = problem,
	                           .data = data,
	                           .strict = true};

	return read_all(&file, &c);
}

const char *iscsi_db_config_get(const struct iscsi_db_config *c, const char *key)
{
	int row = schema_find(ANY_KIND, key, strlen(key), 0);

	return row < 0 ? NULL : c->values[row];
}

struct iscsi_db_record *iscsi_db_config_record(const struct iscsi_db_config *c,
                                               enum iscsi_db_kind kind)
{
	return iscsi_db_record_dup(c->templates[kind]);
}

/* Copy what an interface record has set into a node record. */
static int copy_iface(struct iscsi_db_record *record, const struct iscsi_db_record *iface)
{
	_cleanup_free_ char *text = iscsi_db_record_text(iface, ISCSI_DB_FORM_FILE);
	struct kv_reader reader;
	struct kv kv;

	if (!text)
		return -ENOMEM;
	reader = kv_reader_make(KV_NEWLINE, text, strlen(text));
	while (kv_next(&reader, &kv) == 1) {
		_cleanup_free_ char *key = strndup(kv.key, kv.key_len);
		_cleanup_free_ char *value = kv_value_dup(&kv);

		if (!key || !value)
			return -ENOMEM;
		/* a key of a newer version has no place here */
		if (iscsi_db_record_set(record, key, value) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

struct iscsi_db_record *iscsi_db_config_node(const struct iscsi_db_config *c,
                                             const struct iscsi_db_record *iface)
{
	struct iscsi_db_record *record = iscsi_db_config_record(c, ISCSI_DB_NODE);

	if (record && iface && copy_iface(record, iface) < 0)
		record = iscsi_db_record_free(record);
	return record;
}
