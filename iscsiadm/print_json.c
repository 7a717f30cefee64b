/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/print_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "iscsiadm/json_members.h"
#include "lib/base/library.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"

#define LIBJSON "libjson-c.so.5"

enum { MEMBERS_MAX = 1 << 24 };

#define JSON_FUNCTIONS(X)                                                                          \
	X(json_object_new_object)                                                                  \
	X(json_object_new_array)                                                                   \
	X(json_object_new_string_len)                                                              \
	X(json_object_new_int64)                                                                   \
	X(json_object_new_uint64)                                                                  \
	X(json_object_new_boolean)                                                                 \
	X(json_object_new_double_s)                                                                \
	X(json_object_object_add)                                                                  \
	X(json_object_object_get_ex)                                                               \
	X(json_object_array_add)                                                                   \
	X(json_object_to_json_string_ext)                                                          \
	X(json_object_set_serializer)                                                              \
	X(json_object_userdata_to_json_string)                                                     \
	X(json_object_free_userdata)                                                               \
	X(json_object_put)

struct json_document {
	struct json_object *root;
	bool out_of_memory;
	JSON_FUNCTIONS(LIBRARY_POINTER)
};

static const struct library_symbol symbols[] = {
#define X(name) LIBRARY_SYMBOL(struct json_document, name)
	JSON_FUNCTIONS(X)
#undef X
};

int json_document_new(struct json_document **ret, const char **why)
{
	struct json_document *d = calloc(1, sizeof(*d));
	int r = d ? library_open(LIBJSON, symbols, ARRAY_LEN(symbols), d, why) : -ENOMEM;

	if (r == 0) {
		d->root = d->json_object_new_object();
		r = d->root ? 0 : -ENOMEM;
	}
	if (r < 0) {
		free(d);
		return r;
	}
	*ret = d;
	return 0;
}

struct json_document *json_document_free(struct json_document *d)
{
	if (d)
		d->json_object_put(d->root);
	free(d);
	return NULL;
}

struct json json_root(struct json_document *d)
{
	return (struct json){.document = d, .value = d->root};
}

int json_document_write(const struct json_document *d, enum json_form form, FILE *to)
{
	const int layout = form == JSON_LINE ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY;
	const char *text = NULL;

	if (!d->out_of_memory)
		text = d->json_object_to_json_string_ext(d->root,
		                                         layout | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return -ENOMEM;
	fputs(text, to);
	fputc('\n', to);
	return 0;
}

/* Hand value over to in.  made: whether the library could make it (a JSON null is NULL as well). */
static void add(struct json in, const char *key, struct json_object *value, bool made)
{
	struct json_document *d = in.document;
	int r = -1;

	if (in.value && made) {
		r = key ? d->json_object_object_add(in.value, key, value)
		        : d->json_object_array_add(in.value, value);
	}
	if (r < 0) {
		d->json_object_put(value);
		d->out_of_memory = true;
	}
}

static struct json add_container(struct json in, const char *key, struct json_object *value)
{
	add(in, key, value, value != NULL);
	if (in.document->out_of_memory)
		value = NULL;
	return (struct json){.document = in.document, .value = value, .level = in.level + 1};
}

struct json json_add_object(struct json in, const char *key)
{
	return add_container(in, key, in.document->json_object_new_object());
}

struct json json_add_list(struct json in, const char *key)
{
	return add_container(in, key, in.document->json_object_new_array());
}

struct json json_open_list(struct json in, const char *key)
{
	struct json list = {.document = in.document, .level = in.level + 1};

	if (in.value && in.document->json_object_object_get_ex(in.value, key, &list.value))
		return list;
	return json_add_list(in, key);
}

struct json_members json_members_of(struct json in)
{
	return (struct json_members){.text = writer_make(MEMBERS_MAX), .level = in.level + 2};
}

void json_add_members(struct json in, const char *key, struct json_members *m)
{
	struct json_document *d = in.document;
	struct json_object *value = d->json_object_new_object();
	char *text = NULL, *cut;
	size_t len;
	int r;

	json_members_end(m);
	len = m->text.len;
	r = writer_take_str(&m->text, &text);
	/* it stays until the document is written: without the room for more */
	cut = text ? realloc(text, len + 1) : NULL;
	text = cut ? cut : text;
	add(in, key, value, r == 0 && value);
	if (d->out_of_memory)
		free(text);
	else
		d->json_object_set_serializer(value, d->json_object_userdata_to_json_string, text,
		                              d->json_object_free_userdata);
}

/* text with each byte that belongs to no character replaced; NULL: no memory. */
static char *to_utf8(const char *text, size_t *ret_len)
{
	static const char replacement[] = JSON_REPLACEMENT;
	const char *p = text;
	char *clean = malloc((sizeof(replacement) - 1) * strlen(text) + 1);
	size_t len = 0;

	if (!clean)
		return NULL;
	while (*p) {
		size_t n = json_character_length(p);

		if (n > 0) {
			memcpy(clean + len, p, n);
			len += n;
			p += n;
		} else {
			memcpy(clean + len, replacement, sizeof(replacement) - 1);
			len += sizeof(replacement) - 1;
			p++;
		}
	}
	*ret_len = len;
	return clean;
}

void json_add_text(struct json in, const char *key, const char *text)
{
	_cleanup_free_ char *clean = NULL;
	struct json_object *value = NULL;
	size_t len;

	if (!text || !text[0]) {
		add(in, key, NULL, true);
		return;
	}
	clean = to_utf8(text, &len);
	if (clean)
		value = in.document->json_object_new_string_len(clean, (int)len);
	add(in, key, value, value != NULL);
}

void json_add_number(struct json in, const char *key, int64_t number)
{
	struct json_object *value = in.document->json_object_new_int64(number);

	add(in, key, value, value != NULL);
}

void json_add_unsigned(struct json in, const char *key, uint64_t number)
{
	struct json_object *value = in.document->json_object_new_uint64(number);

	add(in, key, value, value != NULL);
}

void json_add_bool(struct json in, const char *key, bool truth)
{
	struct json_object *value = in.document->json_object_new_boolean(truth);

	add(in, key, value, value != NULL);
}

void json_add_decimal(struct json in, const char *key, const char *text)
{
	int64_t number;

	if (num_parse(text, strlen(text), INT64_MIN, INT64_MAX, &number) == 0)
		json_add_number(in, key, number);
	else
		json_add_text(in, key, text);
}

void json_add_secret(struct json in, const char *key, const char *secret)
{
	char is_set[128];

	snprintf(is_set, sizeof(is_set), "%s_set", key);
	json_add_bool(in, is_set, secret[0] != '\0');
}

void json_add_seconds(struct json in, const char *key, uint64_t usec)
{
	struct json_object *value;
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 ".%06u", (uint64_t)(usec / USEC_PER_SEC),
	         (unsigned int)(usec % USEC_PER_SEC));
	value = in.document->json_object_new_double_s((double)usec / (double)USEC_PER_SEC, text);
	add(in, key, value, value != NULL);
}
