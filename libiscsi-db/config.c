/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsid.conf and initiatorname.iscsi.
 *
 * The configuration is checked against the schema once, when it is read, and kept as one template
 * record per kind: making ten thousand records from it costs no more parsing.
 */
#include "libiscsi-db/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"

#define CONFIG_PATH    "/etc/iscsi/iscsid.conf"
#define INITIATOR_PATH "/etc/iscsi/initiatorname.iscsi"

enum {
	CONFIG_SIZE_MAX = 1 << 20,
	INITIATOR_SIZE_MAX = 1 << 16,
	ALIAS_SIZE = 256,
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

/* Takes the value of every row that the key names: a key of several kinds has several. */
static int take_pair(struct iscsi_db_config *c, const struct kv *kv, unsigned int line,
                     iscsi_db_problem problem, void *data)
{
	bool first = true;
	int row = -1;

	for (;;) {
		int next = schema_find(ANY_KIND, kv->key, kv->key_len, (size_t)(row + 1)), r;
		char *value;

		if (next <= row)
			return 0; /* unknown, or once around */
		row = next;
		/* rows of one key differ in the default only, so one of them tells what is wrong */
		r = schema_value_from_file(&schema_rows[row], kv->value, kv->value_len,
		                           first ? problem : NULL, data, line, &value);
		if (r == -ENOMEM)
			return r;
		first = false;
		if (r < 0)
			continue;
		free(c->values[row]);
		c->values[row] = value;
	}
}

static int parse_config(struct iscsi_db_config *c, const char *text, size_t len,
                        iscsi_db_problem problem, void *data)
{
	struct kv_reader in = kv_reader_make(KV_NEWLINE, text, len);
	struct kv kv;
	int r;

	while ((r = kv_next(&in, &kv)) != 0) {
		if (r < 0)
			schema_tell(problem, data, in.line, "'%.*s' is no 'key = value'",
			            (int)MIN(kv.key_len, 80), kv.key);
		else if (take_pair(c, &kv, in.line, problem, data) < 0)
			return -ENOMEM;
	}
	return 0;
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

int iscsi_db_config_read(const char *path, iscsi_db_problem problem, void *data,
                         struct iscsi_db_config **ret)
{
	_cleanup_(cleanup_iscsi_db_config_free) struct iscsi_db_config *c =
		calloc(1, sizeof(*c) + schema_count * sizeof(c->values[0]));
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r;

	if (!c)
		return -ENOMEM;
	r = file_read(AT_FDCWD, path ? path : CONFIG_PATH, CONFIG_SIZE_MAX, &text, &len);
	if (r < 0 && r != -ENOENT)
		return r;
	if (text)
		r = parse_config(c, text, len, problem, data);
	if (r == 0 || r == -ENOENT)
		r = make_templates(c);
	if (r == 0)
		*ret = take_ptr(c);
	return r;
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

int iscsi_db_initiator_name(const char *path, iscsi_db_problem problem, void *data,
                            char ret_name[static ISCSI_NAME_SIZE],
                            char ret_alias[static ALIAS_SIZE])
{
	char name[ISCSI_NAME_SIZE] = "", alias[ALIAS_SIZE] = "";
	_cleanup_free_ char *text = NULL;
	struct kv_reader in;
	const char *why;
	struct kv kv;
	size_t len;
	int r;

	r = file_read(AT_FDCWD, path ? path : INITIATOR_PATH, INITIATOR_SIZE_MAX, &text, &len);
	if (r < 0)
		return r;
	in = kv_reader_make(KV_NEWLINE, text, len);
	while ((r = kv_next(&in, &kv)) != 0) {
		if (r < 0) {
			schema_tell(problem, data, in.line, "'%.*s' is no 'key = value'",
			            (int)MIN(kv.key_len, 80), kv.key);
		} else if (kv_key_is(&kv, "InitiatorName")) {
			if (kv.value_len == 0)
				continue;
			if (!iscsi_name_valid(kv.value, kv.value_len, &why)) {
				schema_tell(problem, data, in.line,
				            "'%.*s' cannot be the InitiatorName: %s",
				            (int)MIN(kv.value_len, 2 * ISCSI_NAME_MAX), kv.value,
				            why);
				return -EINVAL;
			}
			kv_value_copy(&kv, name, sizeof(name));
		} else if (kv_key_is(&kv, "InitiatorAlias") &&
		           kv_value_copy(&kv, alias, sizeof(alias)) < 0) {
			schema_tell(problem, data, in.line,
			            "the InitiatorAlias is longer than %d bytes and is ignored",
			            ALIAS_SIZE - 1);
		}
	}
	if (name[0] == '\0')
		return -ENOENT;
	strcpy(ret_name, name);
	strcpy(ret_alias, alias);
	return 0;
}
