/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/rehearsal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/json_objects.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

/* A record that would be replaced, and what is known of it so far. */
struct comparison {
	bool changed;
	bool second; /* the walk through what would be there: for keys that are not shown yet */
	/* borrowed */
	const struct cli *cli;
	const char *path;
	const struct iscsi_db_record *before, *after;
};

/* A key that is looked for among those that a record shows. */
struct wanted {
	const char *key;
	bool shown;
};

static void look_for(void *data, const char *key, const char *value _unused_,
                     enum iscsi_db_value_type type _unused_)
{
	struct wanted *w = data;

	w->shown = w->shown || strcmp(w->key, key) == 0;
}

static bool shows(const struct iscsi_db_record *record, const char *key)
{
	struct wanted w = {.key = key};

	iscsi_db_record_walk(record, look_for, &w);
	return w.shown;
}

static const char *masked(const char *value, enum iscsi_db_value_type type)
{
	return value[0] && type == ISCSI_DB_VALUE_SECRET ? "********" : value;
}

static const char *shown_as(const char *value, enum iscsi_db_value_type type)
{
	return value[0] ? masked(value, type) : "<empty>";
}

/* With --json: an object of the list "changes". */
static struct json add_change(const struct cli *cli, const char *what, const char *path)
{
	struct json list = json_open_list(json_root(cli->json), "changes");
	struct json change = json_add_object(list, NULL);

	json_add_text(change, "change", what);
	json_add_text(change, "record", path);
	return change;
}

static const char *text_of(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value ? value : "";
}

static void compare_key(void *data, const char *key, const char *value _unused_,
                        enum iscsi_db_value_type type)
{
	struct comparison *c = data;
	const char *before = text_of(c->before, key), *after = text_of(c->after, key);

	if (strcmp(before, after) == 0 || (c->second && shows(c->before, key)))
		return;
	c->changed = true;
	if (c->cli->json) {
		struct json change = add_change(c->cli, "update", c->path);

		json_add_text(change, "key", key);
		json_add_text(change, "before", masked(before, type));
		json_add_text(change, "after", masked(after, type));
		return;
	}
	printf("would update %s: %s %s -> %s\n", c->path, key, shown_as(before, type),
	       shown_as(after, type));
}

static bool compare(const struct cli *cli, const char *path, const struct iscsi_db_record *before,
                    const struct iscsi_db_record *after)
{
	struct comparison c = {.cli = cli, .path = path, .before = before, .after = after};

	iscsi_db_record_walk(before, compare_key, &c);
	c.second = true;
	iscsi_db_record_walk(after, compare_key, &c);
	return c.changed;
}

static void tell_whole(const struct cli *cli, const char *what, const char *path)
{
	if (cli->json)
		add_change(cli, what, path);
	else
		printf("would %s %s\n", what, path);
}

static void tell(void *data, enum iscsi_db_change what, const char *path,
                 const struct iscsi_db_record *before, const struct iscsi_db_record *after)
{
	struct cli *cli = data;

	switch (what) {
	case ISCSI_DB_CHANGE_NONE: cli->unchanged++; break;
	case ISCSI_DB_CHANGE_ADD: tell_whole(cli, "add", path); break;
	case ISCSI_DB_CHANGE_DELETE: tell_whole(cli, "delete", path); break;
	case ISCSI_DB_CHANGE_REPLACE: cli->unchanged += !compare(cli, path, before, after); break;
	}
}

void rehearsal_begin(struct cli *cli)
{
	if (cli->opts.dry_run)
		iscsi_db_rehearse(cli->db, tell, cli);
}

void rehearsal_end(const struct cli *cli)
{
	if (cli->opts.dry_run && cli->json)
		json_add_number(json_root(cli->json), "unchanged", (int64_t)cli->unchanged);
	else if (cli->opts.dry_run)
		printf("%zu unchanged\n", cli->unchanged);
}

void print_done(const struct cli *cli, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	if (cli->opts.dry_run)
		return;
	va_start(ap, fmt);
	n = cli->json ? vasprintf(&text, fmt, ap) : vprintf(fmt, ap);
	va_end(ap);
	if (!cli->json)
		return;
	if (n < 0)
		text = NULL;
	for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		json_add_text(json_open_list(json_root(cli->json), "messages"), NULL, line);
	}
}
