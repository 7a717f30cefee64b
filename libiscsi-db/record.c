/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record object: a value per row of the schema, and the lines that no row explains.
 *
 * Only values that differ from the built-in default take memory; a NULL value is the default.
 * Unknown lines keep their order and are written back behind the known ones.
 */
#include "libiscsi-db/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "libiscsi-db/schema.h"

enum {
	/* lines of other tools that a record keeps; more is no record but a mistake */
	UNKNOWN_LINES_MAX = 512,
	RECORD_TEXT_MAX = 1 << 20,
};

struct unknown_line {
	char *key;
	char *value;
};

/* What a record remembers of a row. */
enum mark {
	MARK_IN_TEXT = 1 << 0, /* its text had a line for it */
	MARK_ALIAS = 1 << 1,   /* under its other name */
};

struct iscsi_db_record {
	struct unknown_line *unknown;
	size_t unknown_count;
	enum iscsi_db_kind kind;
	const struct iscsi_db *read_from; /* NULL: nowhere, or it says another place now */
	uint64_t read_in;                 /* the batch of it */
	bool changed;                     /* since then */
	bool parsed;                      /* it had a text: keys that this lacked stay away */
	uint8_t *marks;                   /* by row of the schema, behind the values */
	char *values[];                   /* by row of the schema */
};

static unsigned int kind_bit(enum iscsi_db_kind kind)
{
	return 1U << kind;
}

struct iscsi_db_record *iscsi_db_record_new(enum iscsi_db_kind kind)
{
	struct iscsi_db_record *r =
		calloc(1, sizeof(*r) + schema_count * (sizeof(r->values[0]) + sizeof(r->marks[0])));

	if (!r)
		return NULL;
	r->kind = kind;
	r->marks = (uint8_t *)&r->values[schema_count];
	return r;
}

/* A value may be a secret. */
static void forget_value(char *value)
{
	if (!value)
		return;
	explicit_bzero(value, strlen(value));
	free(value);
}

struct iscsi_db_record *iscsi_db_record_free(struct iscsi_db_record *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < schema_count; i++)
		forget_value(r->values[i]);
	for (size_t i = 0; i < r->unknown_count; i++) {
		free(r->unknown[i].key);
		free(r->unknown[i].value);
	}
	free(r->unknown);
	free(r);
	return NULL;
}

enum iscsi_db_kind iscsi_db_record_kind(const struct iscsi_db_record *r)
{
	return r->kind;
}

/*
 * Keeps a line that the schema does not know; the last of several with one key counts.  0, -ENOMEM,
 * or -E2BIG when there are too many.
 */
static int keep_unknown(struct iscsi_db_record *r, const struct kv *kv)
{
	struct unknown_line line = {.value = kv_value_dup(kv)}, *grown;

	if (!line.value)
		return -ENOMEM;
	for (size_t i = 0; i < r->unknown_count; i++) {
		if (!kv_key_is(kv, r->unknown[i].key))
			continue;
		free(r->unknown[i].value);
		r->unknown[i].value = line.value;
		return 0;
	}
	if (r->unknown_count == UNKNOWN_LINES_MAX) {
		free(line.value);
		return -E2BIG;
	}
	line.key = strndup(kv->key, kv->key_len);
	grown = reallocarray(r->unknown, r->unknown_count + 1, sizeof(*grown));
	if (grown)
		r->unknown = grown;
	if (!line.key || !grown) {
		free(line.key);
		free(line.value);
		return -ENOMEM;
	}
	r->unknown[r->unknown_count++] = line;
	return 0;
}

struct iscsi_db_record *iscsi_db_record_dup(const struct iscsi_db_record *r)
{
	_cleanup_record_ struct iscsi_db_record *copy = iscsi_db_record_new(r->kind);

	if (!copy)
		return NULL;
	copy->parsed = r->parsed;
	memcpy(copy->marks, r->marks, schema_count * sizeof(r->marks[0]));
	for (size_t i = 0; i < schema_count; i++) {
		if (!r->values[i])
			continue;
		copy->values[i] = strdup(r->values[i]);
		if (!copy->values[i])
			return NULL;
	}
	for (size_t i = 0; i < r->unknown_count; i++) {
		const struct unknown_line *line = &r->unknown[i];
		struct kv kv = {.key = line->key,
		                .key_len = strlen(line->key),
		                .value = line->value,
		                .value_len = strlen(line->value)};

		if (keep_unknown(copy, &kv) < 0)
			return NULL;
	}
	return take_ptr(copy);
}

static const char *row_value(const struct iscsi_db_record *r, size_t row)
{
	return r->values[row] ? r->values[row] : schema_rows[row].def;
}

const char *iscsi_db_record_get(const struct iscsi_db_record *r, const char *key)
{
	int row = schema_find(kind_bit(r->kind), key, strlen(key), 0);

	if (row >= 0)
		return row_value(r, (size_t)row);
	for (size_t i = 0; i < r->unknown_count; i++)
		if (strcmp(r->unknown[i].key, key) == 0)
			return r->unknown[i].value;
	return NULL;
}

int64_t iscsi_db_record_get_int(const struct iscsi_db_record *r, const char *key, int64_t def)
{
	const char *text = iscsi_db_record_get(r, key);
	int64_t number;

	if (!text || num_parse(text, strlen(text), INT64_MIN, INT64_MAX, &number) < 0)
		return def;
	return number;
}

bool iscsi_db_record_get_bool(const struct iscsi_db_record *r, const char *key)
{
	const char *text = iscsi_db_record_get(r, key);

	return text && strcmp(text, "Yes") == 0;
}

void record_mark_read(struct iscsi_db_record *r, const struct iscsi_db *db)
{
	r->read_from = db->in_batch ? db : NULL;
	r->read_in = db->batches;
	r->changed = false;
}

bool record_is_changed_since(const struct iscsi_db_record *r, const struct iscsi_db *db)
{
	return db->in_batch && r->read_from == db && r->read_in == db->batches && r->changed;
}

/* Takes value over.  An empty one is the default: a file has no line for it either. */
static void put_value(struct iscsi_db_record *r, size_t row, char *value)
{
	bool is_default = value[0] == '\0' || strcmp(value, schema_rows[row].def) == 0;

	forget_value(r->values[row]);
	r->values[row] = is_default ? NULL : value;
	if (is_default)
		free(value);
}

int iscsi_db_record_set(struct iscsi_db_record *r, const char *key, const char *value)
{
	int row = schema_find(kind_bit(r->kind), key, strlen(key), 0), ret;
	char *checked;

	if (row < 0)
		return row;
	ret = schema_value(&schema_rows[row], value, strlen(value), NULL, NULL, 0, &checked);
	if (ret < 0)
		return ret;
	if (strcmp(checked, row_value(r, (size_t)row)) == 0) {
		free(checked);
		return 0;
	}
	/* what was emptied has no line in the file */
	if (checked[0] == '\0')
		r->marks[row] = 0;
	put_value(r, (size_t)row, checked);
	r->changed = true;
	if (schema_rows[row].flags & SCHEMA_LOOKUP)
		r->read_from = NULL;
	return 0;
}

int iscsi_db_record_update(struct iscsi_db_record *r, const char *key, const char *value)
{
	int row = schema_find(kind_bit(r->kind), key, strlen(key), 0);

	if (row >= 0 && (schema_rows[row].flags & SCHEMA_LOOKUP))
		return -EPERM;
	return iscsi_db_record_set(r, key, value);
}

const char *iscsi_db_key_allowed(enum iscsi_db_kind kind, const char *key)
{
	int row = schema_find(kind_bit(kind), key, strlen(key), 0);

	return row < 0 ? NULL : schema_rows[row].allowed;
}

enum iscsi_db_effect iscsi_db_key_effect(enum iscsi_db_kind kind, const char *key)
{
	int row = schema_find(kind_bit(kind), key, strlen(key), 0);

	return row < 0 ? ISCSI_DB_EFFECT_NONE : schema_rows[row].effect;
}

bool iscsi_db_key_secret(enum iscsi_db_kind kind, const char *key)
{
	int row = schema_find(kind_bit(kind), key, strlen(key), 0);

	return row >= 0 && (schema_rows[row].flags & SCHEMA_SECRET);
}

int iscsi_db_value_check(enum iscsi_db_kind kind, const char *key, const char *value,
                         iscsi_db_problem problem, void *data)
{
	int row = schema_find(kind_bit(kind), key, strlen(key), 0), ret;
	char *checked;

	if (row < 0)
		return row;
	ret = schema_value(&schema_rows[row], value, strlen(value), problem, data, 0, &checked);
	if (ret == 0)
		free(checked);
	return ret;
}

/* Whether the file form would have a line; empty values have none. */
static bool has_lines(const struct iscsi_db_record *r)
{
	for (size_t row = 0; row < schema_count; row++)
		if (r->marks[row] && row_value(r, row)[0])
			return true;
	return r->unknown_count > 0;
}

int iscsi_db_record_parse(enum iscsi_db_kind kind, const char *text, size_t len,
                          iscsi_db_problem problem, void *data, struct iscsi_db_record **ret)
{
	_cleanup_record_ struct iscsi_db_record *rec = iscsi_db_record_new(kind);
	struct kv_reader in = kv_reader_make(KV_NEWLINE, text, len);
	size_t hint = 0, taken = 0;
	struct kv kv;
	int r;

	if (!rec)
		return -ENOMEM;
	if (len > 0 && memchr(text, '\0', len)) {
		schema_tell(problem, data, 0, "there is a NUL byte in it: this is no record");
		return -EBADMSG;
	}
	while ((r = kv_next(&in, &kv)) != 0) {
		char *value;
		int row;

		if (r < 0) {
			schema_tell(problem, data, in.line, "'%.*s' is no 'key = value'",
			            (int)MIN(kv.key_len, 80), kv.key);
			continue;
		}
		row = schema_find(kind_bit(kind), kv.key, kv.key_len, hint);
		if (row < 0) {
			r = keep_unknown(rec, &kv);
			if (r == -E2BIG)
				schema_tell(problem, data, in.line,
				            "more than %d unknown lines, '%.*s' is dropped",
				            UNKNOWN_LINES_MAX, (int)MIN(kv.key_len, 80), kv.key);
		} else if (!rec->values[row] && kv_value_is(&kv, schema_rows[row].def)) {
			/* most lines of most records are as they always are */
			r = 0;
		} else {
			r = schema_value_from_file(&schema_rows[row], kv.value, kv.value_len,
			                           problem, data, in.line, &value);
			if (r == 0)
				put_value(rec, (size_t)row, value);
		}
		if (row >= 0) {
			hint = (size_t)row + 1;
			rec->marks[row] = MARK_IN_TEXT;
			if (!kv_key_is(&kv, schema_rows[row].name))
				rec->marks[row] |= MARK_ALIAS;
		}
		if (r == -ENOMEM)
			return r;
		if (r == 0)
			taken++;
	}
	rec->parsed = true;
	if (taken == 0 || !has_lines(rec)) {
		schema_tell(problem, data, 0, "there is no valid line in it: this is no record");
		return -EBADMSG;
	}
	*ret = take_ptr(rec);
	return 0;
}

/* The part of an interface that its record has not: its name alone says which. */
static unsigned int other_family(const struct iscsi_db_record *r)
{
	const char *name = iscsi_db_record_get(r, "iface.iscsi_ifacename");

	return name && strstr(name, "ipv6") ? SCHEMA_V4 : SCHEMA_V6;
}

/* Whether a row of the record's kind is printed; without is what rows at their default lack. */
static bool row_shown(const struct iscsi_db_record *r, size_t row, enum iscsi_db_form form,
                      unsigned int without)
{
	const struct schema_row *s = &schema_rows[row];

	if (!(s->kinds & kind_bit(r->kind)))
		return false;
	if (form == ISCSI_DB_FORM_FILE && row_value(r, row)[0] == '\0')
		return false;
	/* a record of another version is written back with the keys that it had */
	if (form == ISCSI_DB_FORM_FILE && r->parsed)
		return r->values[row] || r->marks[row] & MARK_IN_TEXT;
	return r->values[row] || !(s->flags & without);
}

static void put_line(struct writer *w, const char *key, size_t key_len, const char *value)
{
	static const char equals[] = {' ', '=', ' '};
	size_t value_len = strlen(value);
	char *at = writer_extend(w, key_len + sizeof(equals) + value_len + 1);

	if (!at)
		return;
	at = mempcpy(at, key, key_len);
	at = mempcpy(at, equals, sizeof(equals));
	at = mempcpy(at, value, value_len);
	*at = '\n';
}

static void put_row(const struct iscsi_db_record *r, size_t row, enum iscsi_db_form form,
                    unsigned int without, struct writer *w)
{
	const char *value = row_value(r, row);

	if (!row_shown(r, row, form, without))
		return;
	if (form != ISCSI_DB_FORM_FILE && value[0] == '\0')
		value = "<empty>";
	else if (form == ISCSI_DB_FORM_SHOW && (schema_rows[row].flags & SCHEMA_SECRET))
		value = "********";
	if (form == ISCSI_DB_FORM_FILE && r->marks[row] & MARK_ALIAS)
		put_line(w, schema_rows[row].alias, strlen(schema_rows[row].alias), value);
	else
		put_line(w, schema_rows[row].name, schema_rows[row].name_len, value);
}

/* The rows with a place of their own in a node record's file, in the order of these places. */
static void put_placed_rows(const struct iscsi_db_record *r, size_t first, unsigned int without,
                            struct writer *w)
{
	unsigned int place = 0;
	size_t next = first;

	while (next < schema_count) {
		place++;
		for (next = first; next < schema_count; next++)
			if (schema_rows[next].file_place == place)
				break;
		if (next < schema_count)
			put_row(r, next, ISCSI_DB_FORM_FILE, without, w);
	}
}

char *iscsi_db_record_text(const struct iscsi_db_record *r, enum iscsi_db_form form)
{
	bool placed = form == ISCSI_DB_FORM_FILE && r->kind == ISCSI_DB_NODE, placed_done = false;
	unsigned int without = SCHEMA_WHEN_SET | other_family(r);
	struct writer w = writer_make(RECORD_TEXT_MAX);
	char *text = NULL;

	writer_str(&w, "# BEGIN RECORD " VERSION "\n");
	for (size_t row = 0; row < schema_count; row++) {
		if (!placed || schema_rows[row].file_place == 0) {
			put_row(r, row, form, without, &w);
		} else if (!placed_done) {
			placed_done = true;
			put_placed_rows(r, row, without, &w);
		}
	}
	for (size_t i = 0; i < r->unknown_count; i++) {
		put_line(&w, r->unknown[i].key, strlen(r->unknown[i].key), r->unknown[i].value);
	}
	writer_str(&w, "# END RECORD\n");
	writer_take_str(&w, &text);
	return text;
}

static enum iscsi_db_value_type type_of(const struct schema_row *row)
{
	if (row->flags & SCHEMA_SECRET)
		return ISCSI_DB_VALUE_SECRET;
	return row->type == SCHEMA_NUMBER ? ISCSI_DB_VALUE_NUMBER : ISCSI_DB_VALUE_TEXT;
}

void iscsi_db_record_walk(const struct iscsi_db_record *r, iscsi_db_value tell, void *data)
{
	unsigned int without = SCHEMA_WHEN_SET | other_family(r);

	for (size_t row = 0; row < schema_count; row++) {
		if (row_shown(r, row, ISCSI_DB_FORM_SHOW, without))
			tell(data, schema_rows[row].name, row_value(r, row),
			     type_of(&schema_rows[row]));
	}
	for (size_t i = 0; i < r->unknown_count; i++)
		tell(data, r->unknown[i].key, r->unknown[i].value, ISCSI_DB_VALUE_TEXT);
}
