/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/repeat_child.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "iscsid/auth.h"
#include "lib/base/macros.h"
#include "lib/ipc/message.h"
#include "libiscsi-db/iscsi-db.h"

DEFINE_CLEANUP(struct iscsi_db, iscsi_db_close)
DEFINE_CLEANUP(struct iscsi_db_config, iscsi_db_config_free)
DEFINE_CLEANUP(struct iscsi_db_record, iscsi_db_record_free)
#define _cleanup_db_     _cleanup_(cleanup_iscsi_db_close)
#define _cleanup_config_ _cleanup_(cleanup_iscsi_db_config_free)
#define _cleanup_record_ _cleanup_(cleanup_iscsi_db_record_free)

/* Sessions of one record that are logged in, at most. */
enum { SESSIONS_MAX = 64 };

/* A sentence, of which the log shows the first. */
static void say(int out, const char *fmt, ...) _printf_(2, 3);

static void say(int out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdprintf(out, fmt, ap);
	va_end(ap);
}

static int give(int out, struct writer *w)
{
	int r = writer_status(w);

	if (r == 0)
		r = child_give_text(out, w->data, w->len);
	writer_done(w);
	return r;
}

/* ---- which records ---------------------------------------------------------------------- */

static int list_kind(struct iscsi_db *db, enum iscsi_db_kind kind, struct writer *w)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	size_t count = 0;
	int r = iscsi_db_discoveries(db, kind, NULL, NULL, &ids, &count);

	for (size_t i = 0; r == 0 && i < count; i++) {
		_cleanup_record_ struct iscsi_db_record *record = NULL;

		/* one that cannot be read asks for nothing */
		if (iscsi_db_discovery_read(db, &ids[i], NULL, NULL, &record) < 0 ||
		    !iscsi_db_discovery_repeats(record))
			continue;
		if (w->len >= REPEATS_MAX * sizeof(ids[i]))
			return -ENOSPC;
		writer_bytes(w, &ids[i], sizeof(ids[i]));
	}
	return r;
}

int repeat_list(const void *arg, int out)
{
	const struct repeat_job *job = (const struct repeat_job *)arg;
	struct writer w = writer_make(REPEAT_TEXT_MAX);
	_cleanup_db_ struct iscsi_db *db = NULL;
	int r = iscsi_db_open(job->manager->database, &db), given;

	if (r == 0)
		r = list_kind(db, ISCSI_DB_SENDTARGETS, &w);
	if (r == 0)
		r = list_kind(db, ISCSI_DB_ISNS, &w);
	given = give(out, &w);
	return given < 0 ? given : r;
}

/* ---- what to ask ------------------------------------------------------------------------ */

/* A request whose body are records; NULL: none. */
static int put_request(struct writer *w, const char *verb, const char *more,
                       const struct iscsi_db_record *one, const struct iscsi_db_record *other)
{
	_cleanup_free_ char *text = iscsi_db_record_text(one, ISCSI_DB_FORM_FILE);
	_cleanup_free_ char *rest = other ? iscsi_db_record_text(other, ISCSI_DB_FORM_FILE) : NULL;

	if (!text || (other && !rest))
		return -ENOMEM;
	ipc_request_begin(w, verb, 0);
	writer_str(w, more);
	writer_str(w, text);
	if (rest)
		writer_str(w, rest);
	writer_u8(w, 0);
	return 0;
}

static int put_discoveries(struct iscsi_db *db, const struct iscsi_db_record *source,
                           struct writer *w)
{
	struct iscsi_db_record **ifaces;
	size_t count;
	int r = iscsi_db_ifaces_of_tcp(db, NULL, NULL, &ifaces, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (r == 0)
			r = put_request(w, "discover", "", source, ifaces[i]);
		iscsi_db_record_free(ifaces[i]);
	}
	free(ifaces);
	return r;
}

int repeat_ask(const void *arg, int out)
{
	const struct repeat_job *job = (const struct repeat_job *)arg;
	struct writer w = writer_make(REPEAT_TEXT_MAX);
	_cleanup_db_ struct iscsi_db *db = NULL;
	_cleanup_record_ struct iscsi_db_record *source = NULL;
	char why[AUTH_WHY_SIZE];
	int r = iscsi_db_open(job->manager->database, &db);

	if (r == 0)
		r = iscsi_db_discovery_read(db, job->id, NULL, NULL, &source);
	if (r < 0)
		return r;
	if (!iscsi_db_discovery_repeats(source))
		return -ENOENT;
	if (auth_resolve(source, why) < 0) {
		say(out, "%s", why);
		return -EINVAL;
	}
	/* the next one comes soon enough */
	if (job->id->kind == ISCSI_DB_SENDTARGETS)
		r = iscsi_db_record_set(source, "discovery.sendtargets.reopen_max", "0");
	if (r == 0)
		r = put_discoveries(db, source, &w);
	if (r < 0)
		writer_done(&w);
	return r < 0 ? r : give(out, &w);
}

/* ---- what was found --------------------------------------------------------------------- */

/* Makes records of what was found; that of one interface after the other. */
struct maker {
	struct iscsi_db *db;
	struct iscsi_db_config *config;
	struct iscsi_db_record *prototype;
	/* borrowed */
	const struct iscsi_db_discovery_id *source;
	const char *iface; /* of the prototype; NULL: there is none */
};

static int make_prototype(struct maker *m, const char *iface_name)
{
	_cleanup_record_ struct iscsi_db_record *iface = NULL;
	int r = iscsi_db_iface_read(m->db, iface_name, NULL, NULL, &iface);

	if (r < 0)
		return r;
	m->prototype = iscsi_db_record_free(m->prototype);
	m->iface = NULL;
	m->prototype = iscsi_db_config_node(m->config, iface);
	if (!m->prototype)
		return -ENOMEM;
	m->iface = iface_name;
	return iscsi_db_node_set_source(m->prototype, m->source);
}

static int make(struct maker *m, const struct iscsi_db_node_id *id, struct iscsi_db_record **ret)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int r = 0;

	if (!m->iface || strcmp(m->iface, id->iface) != 0)
		r = make_prototype(m, id->iface);
	if (r < 0)
		return r;
	record = iscsi_db_record_dup(m->prototype);
	r = record ? iscsi_db_node_set_id(record, id) : -ENOMEM;
	if (r == 0)
		*ret = take_ptr(record);
	return r;
}

static bool stays(void *data _unused_, const struct iscsi_db_record *there _unused_)
{
	return true;
}

static int write_one(struct maker *m, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int r = make(m, id, &record);

	return r < 0 ? r : iscsi_db_node_write_unless(m->db, record, stays, NULL);
}

static void write_all(struct maker *m, const struct found *found, int out)
{
	int r = iscsi_db_batch_begin(m->db), end;

	if (r < 0) {
		say(out, "its records cannot be written: %s", strerror(-r));
		return;
	}
	for (size_t i = 0; i < found->count && r >= 0; i++)
		r = write_one(m, &found->all[i].id);
	end = iscsi_db_batch_end(m->db);
	r = r < 0 ? r : end;
	if (r < 0)
		say(out, "not all of its records can be written: %s", strerror(-r));
}

/* By the record that is there, else by what would be there. */
static int put_login(struct maker *m, const struct iscsi_db_node_id *id, struct writer *w, int out)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	char why[AUTH_WHY_SIZE];
	int64_t sessions;
	int r = iscsi_db_node_read(m->db, id, NULL, NULL, &record);

	if (r < 0)
		r = make(m, id, &record);
	if (r < 0)
		return r;
	if (auth_resolve(record, why) < 0) {
		say(out, "cannot log in to %s: %s", id->target, why);
		return 0;
	}
	sessions = MIN(iscsi_db_record_get_int(record, "node.session.nr_sessions", 1),
	               (int64_t)SESSIONS_MAX);
	do
		r = put_request(w, "login", "wait=No\n", record, NULL);
	while (r == 0 && --sessions > 0);
	return r;
}

static int put_logins(struct maker *m, const struct found *found, struct writer *w, int out)
{
	int r = 0;

	/* the rest has its turn when these have their sessions */
	for (size_t i = 0; i < found->count && r == 0 && w->len < REPEAT_TEXT_MAX / 2; i++)
		r = put_login(m, &found->all[i].id, w, out);
	return r;
}

int repeat_write(const void *arg, int out)
{
	const struct repeat_job *job = (const struct repeat_job *)arg;
	struct writer w = writer_make(REPEAT_TEXT_MAX);
	_cleanup_db_ struct iscsi_db *db = NULL;
	_cleanup_config_ struct iscsi_db_config *config = NULL;
	struct maker m = {.source = job->id};
	int r = iscsi_db_open(job->manager->database, &db);

	if (r == 0)
		r = iscsi_db_config_read(job->manager->config_path, NULL, NULL, &config);
	if (r < 0)
		return r;
	m.db = db;
	m.config = config;
	write_all(&m, job->found, out);
	r = put_logins(&m, job->found, &w, out);
	iscsi_db_record_free(m.prototype);
	if (r < 0)
		writer_done(&w);
	return r < 0 ? r : give(out, &w);
}
