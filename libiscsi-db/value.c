/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking a key up in the schema table, and checking a value against its row.
 */
#include "libiscsi-db/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "libiscsi-db/filter.h"
#include "libiscsi-db/secret.h"

enum { TELL_SIZE = 1024, TEXT_MAX = 255 };

/* Between the words that a row allows; a word itself may have a comma, but no blank behind it. */
static const char words_separator[] = ", ";

void schema_tell(iscsi_db_problem problem, void *data, unsigned int line, const char *fmt, ...)
{
	char text[TELL_SIZE];
	va_list ap;

	if (!problem)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* what came from a file may not steer the terminal it is shown on */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	problem(data, line, text);
}

static bool row_is(const struct schema_row *row, const char *name, size_t len)
{
	if (row->name_len == len && memcmp(row->name, name, len) == 0)
		return true;
	return row->alias && strlen(row->alias) == len && memcmp(row->alias, name, len) == 0;
}

/* The rows by a hash of their names and aliases: lists of entries, which are numbered from 1. */
static uint16_t lists[256];
static struct {
	uint16_t row, next;
} entries[2 * SCHEMA_ROWS_MAX + 1];

static uint16_t *list_of(const char *name, size_t len)
{
	return &lists[hash_bytes(HASH_START, name, len) % ARRAY_LEN(lists)];
}

static void enter(size_t entry, size_t row, const char *name)
{
	uint16_t *list = list_of(name, strlen(name));

	entries[entry].row = (uint16_t)row;
	entries[entry].next = *list;
	*list = (uint16_t)entry;
}

/* From the last row, so that each list has them in their order. */
__attribute__((constructor)) static void enter_rows(void)
{
	size_t entry = 0;

	for (size_t row = schema_count; row-- > 0;) {
		enter(++entry, row, schema_rows[row].name);
		if (schema_rows[row].alias)
			enter(++entry, row, schema_rows[row].alias);
	}
}

int schema_find(unsigned int kinds, const char *name, size_t len, size_t hint)
{
	int first = -ENOENT;

	if (hint < schema_count && schema_rows[hint].kinds & kinds &&
	    row_is(&schema_rows[hint], name, len))
		return (int)hint;
	for (uint16_t i = *list_of(name, len); i > 0; i = entries[i].next) {
		size_t row = entries[i].row;

		if (!(schema_rows[row].kinds & kinds) || !row_is(&schema_rows[row], name, len))
			continue;
		if (row >= hint)
			return (int)row;
		if (first < 0)
			first = (int)row;
	}
	return first;
}

/* The words of a list one by one: the next of at most *len bytes at *text, NULL behind the last. */
static const char *next_word(const char **text, size_t *len, const char *separators,
                             size_t *ret_len)
{
	const char *word;
	size_t n = 0;

	while (*len > 0 && strchr(separators, **text)) {
		(*text)++;
		(*len)--;
	}
	if (*len == 0)
		return NULL;
	word = *text;
	while (n < *len && word[n] && !strchr(separators, word[n]))
		n++;
	if (n == 0)
		n = 1; /* a NUL byte: no separator, and no word either */
	*text += n;
	*len -= n;
	*ret_len = n;
	return word;
}

/* The place of a word among those allowed, -1 if it is none of them. */
static int word_index(const char *allowed, const char *word, size_t len)
{
	for (int i = 0;; i++) {
		const char *end = strstr(allowed, words_separator);
		size_t n = end ? (size_t)(end - allowed) : strlen(allowed);

		if (n == len && memcmp(allowed, word, len) == 0)
			return i;
		if (!end)
			return -1;
		allowed = end + strlen(words_separator);
	}
}

static int list_value(const struct schema_row *row, const char *value, size_t len,
                      iscsi_db_problem problem, void *data, unsigned int line, char **ret)
{
	_cleanup_free_ char *list = malloc(len + 1);
	unsigned int seen = 0;
	const char *word;
	size_t n, at = 0;

	if (!list)
		return -ENOMEM;
	while ((word = next_word(&value, &len, ", \t", &n))) {
		int i = word_index(row->allowed, word, n);

		if (i < 0) {
			schema_tell(problem, data, line, "Ignoring unknown value '%.*s' for '%s'",
			            (int)n, word, row->name);
			continue;
		}
		if (seen & 1U << i) {
			schema_tell(problem, data, line, "Ignoring repeated value '%.*s' for '%s'",
			            (int)n, word, row->name);
			continue;
		}
		seen |= 1U << i;
		if (at > 0)
			list[at++] = ',';
		memcpy(list + at, word, n);
		at += n;
	}
	/* nothing left is the default, as users of open-iscsi know it */
	list[at] = '\0';
	*ret = take_ptr(list);
	return 0;
}

/*
 * What a line of a file can hold: no control characters, and no blanks around it, which reading
 * cuts off.  In a secret they may be meant, and are refused rather than lost.
 */
static int text_value(const struct schema_row *row, const char *value, size_t len, char **ret)
{
	for (; len > 0 && *value == ' ' && !(row->flags & SCHEMA_SECRET); len--)
		value++;
	while (len > 0 && value[len - 1] == ' ' && !(row->flags & SCHEMA_SECRET))
		len--;
	if (len > (size_t)row->max)
		return -ERANGE;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return -EINVAL;
	if (len > 0 && (value[0] == ' ' || value[len - 1] == ' '))
		return -EINVAL;
	*ret = strndup(value, len);
	if (!*ret)
		return -ENOMEM;
	if ((row->flags & SCHEMA_SECRET) && !secret_valid(*ret)) {
		free(*ret);
		return -EINVAL;
	}
	return 0;
}

/* Whether a text that is a number has the one form that all of its spellings are brought to. */
static bool is_plain_number(const char *text, size_t len)
{
	size_t sign = text[0] == '-';

	return text[sign] != '0' || (len == 1 && !sign);
}

static int number_value(const struct schema_row *row, const char *value, size_t len, char **ret)
{
	int64_t number;
	char *text;
	int r = num_parse(value, len, row->min, row->max, &number);

	if (r < 0)
		return r;
	if (is_plain_number(value, len))
		text = strndup(value, len);
	else if (asprintf(&text, "%lld", (long long)number) < 0)
		text = NULL;
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

/* Items that are checked one by one and joined by commas; any that is wrong spoils them all. */
static int items_value(const struct schema_row *row, const char *value, size_t len, char **ret)
{
	_cleanup_free_ char *list = malloc(len + 1);
	const char *item;
	size_t n, at = 0;

	if (!list)
		return -ENOMEM;
	while ((item = next_word(&value, &len, ", \t", &n))) {
		int64_t number;

		if (row->type == SCHEMA_NETWORKS
		            ? !network_valid(item, n)
		            : num_parse(item, n, row->min, row->max, &number) < 0)
			return -EINVAL;
		if (at > 0)
			list[at++] = ',';
		memcpy(list + at, item, n);
		at += n;
	}
	if (at > TEXT_MAX)
		return -ERANGE;
	list[at] = '\0';
	*ret = take_ptr(list);
	return 0;
}

int schema_value(const struct schema_row *row, const char *value, size_t len,
                 iscsi_db_problem problem, void *data, unsigned int line, char **ret)
{
	switch (row->type) {
	case SCHEMA_TEXT: return text_value(row, value, len, ret);
	case SCHEMA_NUMBER: return number_value(row, value, len, ret);
	case SCHEMA_WORD:
		if (word_index(row->allowed, value, len) < 0)
			return -EINVAL;
		*ret = strndup(value, len);
		return *ret ? 0 : -ENOMEM;
	case SCHEMA_LIST: return list_value(row, value, len, problem, data, line, ret);
	case SCHEMA_NETWORKS:
	case SCHEMA_NUMBERS: return items_value(row, value, len, ret);
	}
	return -EINVAL;
}

/* The bytes of a number that something behind a blank follows; 0: it is not of that form. */
static size_t number_before_blank(const char *value, size_t len)
{
	size_t n = len > 0 && value[0] == '-';

	while (n < len && value[n] >= '0' && value[n] <= '9')
		n++;
	return n < len && (value[n] == ' ' || value[n] == '\t') ? n : 0;
}

int schema_value_from_file(const struct schema_row *row, const char *value, size_t len,
                           iscsi_db_problem problem, void *data, unsigned int line, char **ret)
{
	size_t number = row->type == SCHEMA_NUMBER ? number_before_blank(value, len) : 0;
	int r;

	if (number > 0) {
		schema_tell(problem, data, line, "%s: '%.*s' behind the number is ignored",
		            row->name, (int)MIN(len - number, TELL_SIZE), value + number);
		len = number;
	}
	r = schema_value(row, value, len, problem, data, line, ret);
	if (r == -EINVAL || r == -ERANGE)
		schema_tell(problem, data, line, "%s: '%.*s' is not one of the values allowed: %s",
		            row->name, row->flags & SCHEMA_SECRET ? 0 : (int)MIN(len, TELL_SIZE),
		            value, row->allowed);
	return r;
}
