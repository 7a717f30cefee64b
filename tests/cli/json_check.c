/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_check SCHEMA [DEFINITION]
 *
 * Reads a JSON document from standard input (with DEFINITION, one a line), checks it against the
 * schema (or "#/$defs/DEFINITION" of it), and prints it flat, a line a value: "nodes[0].tpgt = 1".
 * A value that no two runs share is printed as "...".
 *
 * The keywords of JSON Schema (2020-12) that the schema uses are known here; any other is an error,
 * so that nothing is believed to be checked that is not.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "lib/base/macros.h"

enum { PATH_SIZE = 512, LINE_SIZE_MAX = 1 << 20 };

static struct json_object *schema_root;
static bool failed;

_printf_(2, 3) static void fail(const char *path, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "json_check: %s: ", path[0] ? path : "the document");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	failed = true;
}

static void check(struct json_object *schema, struct json_object *value, const char *path);

static const char *type_of(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null: return "null";
	case json_type_boolean: return "boolean";
	case json_type_double: return "number";
	case json_type_int: return "integer";
	case json_type_object: return "object";
	case json_type_array: return "array";
	case json_type_string: return "string";
	}
	return "?";
}

static bool is_type(struct json_object *value, const char *name)
{
	const char *type = type_of(value);

	return strcmp(type, name) == 0 ||
	       (strcmp(type, "integer") == 0 && strcmp(name, "number") == 0);
}

static void check_type(struct json_object *types, struct json_object *value, const char *path)
{
	bool good = false;

	if (json_object_is_type(types, json_type_string))
		good = is_type(value, json_object_get_string(types));
	else
		for (size_t i = 0; i < json_object_array_length(types); i++)
			good = good || is_type(value, json_object_get_string(
							      json_object_array_get_idx(types, i)));
	if (!good)
		fail(path, "is of type %s, not %s", type_of(value),
		     json_object_to_json_string(types));
}

static void check_enum(struct json_object *words, struct json_object *value, const char *path)
{
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		if (json_object_equal(json_object_array_get_idx(words, i), value))
			return;
	}
	fail(path, "%s is none of %s", json_object_to_json_string(value),
	     json_object_to_json_string(words));
}

static void check_items(struct json_object *schema, struct json_object *value, const char *path)
{
	char inside[PATH_SIZE];

	for (size_t i = 0; i < json_object_array_length(value); i++) {
		snprintf(inside, sizeof(inside), "%s[%zu]", path, i);
		check(schema, json_object_array_get_idx(value, i), inside);
	}
}

static void check_properties(struct json_object *schema, struct json_object *value,
                             const char *path)
{
	struct json_object *properties = json_object_object_get(schema, "properties");
	struct json_object *others = json_object_object_get(schema, "additionalProperties");

	json_object_object_foreach(value, key, inner)
	{
		struct json_object *known = NULL;
		char inside[PATH_SIZE];

		snprintf(inside, sizeof(inside), "%s%s%s", path, path[0] ? "." : "", key);
		if (json_object_object_get_ex(properties, key, &known))
			check(known, inner, inside);
		else if (json_object_is_type(others, json_type_object))
			check(others, inner, inside);
		else
			fail(inside, "is not in the schema");
	}
}

static void check_required(struct json_object *keys, struct json_object *value, const char *path)
{
	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		const char *key = json_object_get_string(json_object_array_get_idx(keys, i));

		if (!json_object_object_get_ex(value, key, NULL))
			fail(path, "lacks \"%s\"", key);
	}
}

static struct json_object *definition(const char *name)
{
	struct json_object *all = json_object_object_get(schema_root, "$defs");
	struct json_object *found = json_object_object_get(all, name);

	if (!found) {
		fprintf(stderr, "json_check: the schema has no definition \"%s\"\n", name);
		exit(EXIT_FAILURE);
	}
	return found;
}

static void check_keyword(const char *keyword, struct json_object *argument,
                          struct json_object *schema, struct json_object *value, const char *path)
{
	static const char prefix[] = "#/$defs/";
	static const char *const notes[] = {"$schema", "$id",         "$defs",
	                                    "title",   "description", "additionalProperties"};

	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		if (strcmp(keyword, notes[i]) == 0)
			return;
	}
	if (strcmp(keyword, "type") == 0) {
		check_type(argument, value, path);
	} else if (strcmp(keyword, "enum") == 0) {
		check_enum(argument, value, path);
	} else if (strcmp(keyword, "const") == 0) {
		if (!json_object_equal(argument, value))
			fail(path, "is not %s", json_object_to_json_string(argument));
	} else if (strcmp(keyword, "items") == 0) {
		if (json_object_is_type(value, json_type_array))
			check_items(argument, value, path);
	} else if (strcmp(keyword, "properties") == 0) {
		if (json_object_is_type(value, json_type_object))
			check_properties(schema, value, path);
	} else if (strcmp(keyword, "required") == 0) {
		if (json_object_is_type(value, json_type_object))
			check_required(argument, value, path);
	} else if (strcmp(keyword, "$ref") == 0) {
		check(definition(json_object_get_string(argument) + strlen(prefix)), value, path);
	} else {
		fail(path, "the schema has a keyword that json_check does not know: %s", keyword);
	}
}

static void check(struct json_object *schema, struct json_object *value, const char *path)
{
	json_object_object_foreach(schema, keyword, argument)
	{
		check_keyword(keyword, argument, schema, value, path);
	}
}

static bool varies(const char *key)
{
	return strcmp(key, "seconds") == 0;
}

static void print_flat(struct json_object *value, const char *path)
{
	char inside[PATH_SIZE];

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, inner)
		{
			snprintf(inside, sizeof(inside), "%s%s%s", path, path[0] ? "." : "", key);
			if (varies(key))
				printf("%s = ...\n", inside);
			else
				print_flat(inner, inside);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			snprintf(inside, sizeof(inside), "%s[%zu]", path, i);
			print_flat(json_object_array_get_idx(value, i), inside);
		}
		if (json_object_array_length(value) == 0)
			printf("%s = []\n", path);
	} else {
		printf("%s = %s\n", path,
		       json_object_to_json_string_ext(
			       value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

static void take(const char *text, struct json_object *schema)
{
	enum json_tokener_error error;
	struct json_object *value = json_tokener_parse_verbose(text, &error);

	if (error != json_tokener_success) {
		fail("", "%s", json_tokener_error_desc(error));
		return;
	}
	check(schema, value, "");
	print_flat(value, "");
	json_object_put(value);
}

int main(int argc, char **argv)
{
	static char text[LINE_SIZE_MAX];
	struct json_object *schema;

	if (argc < 2 || argc > 3) {
		fputs("usage: json_check SCHEMA [DEFINITION]\n", stderr);
		return EXIT_FAILURE;
	}
	schema_root = json_object_from_file(argv[1]);
	if (!schema_root) {
		fprintf(stderr, "json_check: %s", json_util_get_last_err());
		return EXIT_FAILURE;
	}
	schema = argc == 3 ? definition(argv[2]) : schema_root;
	if (argc == 3) {
		while (fgets(text, sizeof(text), stdin))
			take(text, schema);
	} else {
		text[fread(text, 1, sizeof(text) - 1, stdin)] = '\0';
		take(text, schema);
	}
	json_object_put(schema_root);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
