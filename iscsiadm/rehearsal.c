/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/rehearsal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iscsiadm/report.h"
#include "lib/ipc/error.h"

/* A record that would be replaced, and what is known of it so far. */
struct comparison {
	bool changed;
	bool second; /* the walk through what would be there: for keys that are not shown yet */
	/* borrowed */
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

static const char *shown_as(const char *value, enum iscsi_db_value_type type)
{
	if (value[0] == '\0')
		return "<empty>";
	return type == ISCSI_DB_VALUE_SECRET ? "********" : value;
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
	printf("would update %s: %s %s -> %s\n", c->path, key, shown_as(before, type),
	       shown_as(after, type));
}

static bool compare(const char *path, const struct iscsi_db_record *before,
                    const struct iscsi_db_record *after)
{
	struct comparison c = {.path = path, .before = before, .after = after};

	iscsi_db_record_walk(before, compare_key, &c);
	c.second = true;
	iscsi_db_record_walk(after, compare_key, &c);
	return c.changed;
}

static void tell(void *data, enum iscsi_db_change what, const char *path,
                 const struct iscsi_db_record *before, const struct iscsi_db_record *after)
{
	struct cli *cli = data;

	switch (what) {
	case ISCSI_DB_CHANGE_NONE: cli->unchanged++; break;
	case ISCSI_DB_CHANGE_ADD: printf("would add %s\n", path); break;
	case ISCSI_DB_CHANGE_DELETE: printf("would delete %s\n", path); break;
	case ISCSI_DB_CHANGE_REPLACE: cli->unchanged += !compare(path, before, after); break;
	}
}

int rehearsal_check(const struct options *o)
{
	if (!o->dry_run)
		return ISCSI_ERR_SUCCESS;
	if (!o->mode || o->login || o->logout || o->login_all || o->logout_all || o->rescan ||
	    o->reconnect || o->json || o->submode ||
	    o->ops & ~(unsigned int)(RECORD_OPS | OP_NONPERSISTENT) ||
	    (o->sid_text && o->ops & OP_NEW)) {
		report("--dry-run tries out what changes records, and nothing else.");
		return ISCSI_ERR_INVAL;
	}
	return ISCSI_ERR_SUCCESS;
}

void rehearsal_begin(struct cli *cli)
{
	if (cli->opts.dry_run)
		iscsi_db_rehearse(cli->db, tell, cli);
}

void rehearsal_end(const struct cli *cli)
{
	if (cli->opts.dry_run)
		printf("%zu unchanged\n", cli->unchanged);
}

void print_done(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->opts.dry_run)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}
