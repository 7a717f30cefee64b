/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "iscsiadm/doctor.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"

static const char builtin_name[] = "/etc/iscsi/initiatorname.iscsi";

static const char *config_path(const struct doctor *d)
{
	return d->cli->paths.config ? d->cli->paths.config : CLI_CONFIG_FILE;
}

/* The name's file is beside the configuration. */
static void name_path(const struct doctor *d, char dst[static PATH_MAX])
{
	const char *config = config_path(d), *slash = strrchr(config, '/');
	const char *file = strrchr(builtin_name, '/') + 1;

	if (!d->cli->paths.config)
		snprintf(dst, PATH_MAX, "%s", builtin_name);
	else if (slash)
		snprintf(dst, PATH_MAX, "%.*s/%s", (int)(slash - config), config, file);
	else
		snprintf(dst, PATH_MAX, "%s", file);
}

/* Names that stand in examples: whoever copied one shares it with others. */
static bool from_an_example(const char *name)
{
	static const char *const parts[] = {"com.example", "org.example", "net.example", ":example",
	                                    "localhost.localdomain"};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (strstr(name, parts[i]))
			return true;
	}
	return false;
}

static void note_name_problem(void *data, unsigned int line, const char *text)
{
	doctor_say(data, VERDICT_PROBLEM, "give InitiatorName= a name as iscsi-iname(8) makes one",
	           "initiatorname.iscsi, line %u: %s", line, text);
}

void doctor_name(struct doctor *d)
{
	char path[PATH_MAX], name[ISCSI_NAME_SIZE], alias[256];
	int r;

	name_path(d, path);
	r = iscsi_db_initiator_name(path, note_name_problem, d, name, alias);
	if (r == -ENOENT)
		doctor_say(d, VERDICT_PROBLEM,
		           "start iscsi-init.service, which makes one, or write "
		           "InitiatorName= with what iscsi-iname(8) prints",
		           "%s has no initiator name, so nothing can be logged in", path);
	else if (r < 0 && d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot read %s: %s", path, strerror(-r));
	else if (r == 0 && from_an_example(name))
		doctor_say(d, VERDICT_PROBLEM,
		           "two hosts with one name end each other's sessions; give this one a "
		           "name of its own with iscsi-iname(8)",
		           "%s is a name from an example", name);
	else if (r == 0)
		doctor_say(d, VERDICT_OK, NULL, "%s", name);
}

static void note_config_problem(void *data, const char *file, unsigned int line, const char *text)
{
	static const char advice[] = "see iscsid.conf(5)";

	if (line > 0)
		doctor_say(data, VERDICT_PROBLEM, advice, "%s, line %u: %s", file, line, text);
	else
		doctor_say(data, VERDICT_PROBLEM, advice, "%s: %s", file, text);
}

void doctor_config(struct doctor *d)
{
	const char *path = config_path(d);
	int r = iscsi_db_config_check(path, note_config_problem, d);

	if (r < 0)
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot read %s: %s", path, strerror(-r));
	else if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%s has nothing that is not understood", path);
}

/* ---- records ---------------------------------------------------------------------------- */

/* What is read: a folder or a record, for the messages about it. */
struct reading {
	struct doctor *doctor;
	const char *what; /* NULL: the text says it */
};

static void note_problem(void *data, unsigned int line, const char *text)
{
	static const char advice[] = "discover again, or delete the record and make it anew";
	const struct reading *r = data;

	if (line > 0)
		doctor_say(r->doctor, VERDICT_NOTE, NULL, "%s, line %u: %s", r->what, line, text);
	else
		doctor_say(r->doctor, VERDICT_PROBLEM, advice, "%s%s%s", r->what ? r->what : "",
		           r->what ? ": " : "", text);
}

static bool is_set(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value && value[0];
}

/* CHAP that is configured by half. */
static void check_chap(struct doctor *d, const char *what, const struct iscsi_db_record *record)
{
	const char *method = iscsi_db_record_get(record, "node.session.auth.authmethod");
	bool chap = method && strstr(method, "CHAP");
	bool name = is_set(record, "node.session.auth.username");
	bool secret = is_set(record, "node.session.auth.password");

	if (!chap && secret)
		doctor_say(d, VERDICT_PROBLEM,
		           "set node.session.auth.authmethod to CHAP, or the secret to \"\"",
		           "%s has a CHAP secret, but its authmethod is None", what);
	else if (chap && (!name || !secret))
		doctor_say(d, VERDICT_PROBLEM, "set both, or node.session.auth.authmethod to None",
		           "%s wants CHAP, but has no %s", what,
		           name ? "node.session.auth.password" : "node.session.auth.username");
}

static void check_node(struct doctor *d, const struct iscsi_db_node_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	char what[sizeof(*id) + 32];
	struct reading reading = {.doctor = d, .what = what};
	size_t before = d->found[VERDICT_PROBLEM];
	int r;

	snprintf(what, sizeof(what), "nodes/%s/%s,%u,%d/%s", id->target, id->address, id->port,
	         id->tpgt, id->iface);
	r = iscsi_db_node_read(d->cli->db, id, note_problem, &reading, &record);
	if (r == 0)
		check_chap(d, what, record);
	else if (r != -ENOENT && d->found[VERDICT_PROBLEM] == before)
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot read %s: %s", what, strerror(-r));
}

static void check_discovery(struct doctor *d, const struct iscsi_db_discovery_id *id)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	char what[sizeof(*id) + 32];
	struct reading reading = {.doctor = d, .what = what};
	size_t before = d->found[VERDICT_PROBLEM];
	int r;

	snprintf(what, sizeof(what), "%s/%s,%u",
	         id->kind == ISCSI_DB_ISNS ? "isns" : "send_targets", id->address, id->port);
	r = iscsi_db_discovery_read(d->cli->db, id, note_problem, &reading, &record);
	if (r < 0 && r != -ENOENT && d->found[VERDICT_PROBLEM] == before)
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot read %s: %s", what, strerror(-r));
}

/* 0 or a negative errno. */
static int check_nodes(struct doctor *d, size_t *ret_count)
{
	const struct iscsi_db_selection all = {0};
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	struct reading reading = {.doctor = d};
	int r = iscsi_db_nodes(d->cli->db, &all, note_problem, &reading, &ids, ret_count);

	for (size_t i = 0; r == 0 && i < *ret_count; i++)
		check_node(d, &ids[i]);
	return r;
}

static int check_discoveries(struct doctor *d, enum iscsi_db_kind kind)
{
	_cleanup_free_ struct iscsi_db_discovery_id *ids = NULL;
	struct reading reading = {.doctor = d};
	size_t count = 0;
	int r = iscsi_db_discoveries(d->cli->db, kind, note_problem, &reading, &ids, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		check_discovery(d, &ids[i]);
	return r;
}

void doctor_records(struct doctor *d)
{
	size_t count = 0;
	int r = check_nodes(d, &count);

	if (r == 0)
		r = check_discoveries(d, ISCSI_DB_SENDTARGETS);
	if (r == 0)
		r = check_discoveries(d, ISCSI_DB_ISNS);
	if (r < 0) {
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot read %s: %s",
		           iscsi_db_root(d->cli->db), strerror(-r));
		return;
	}
	if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%zu node records in %s", count,
		           iscsi_db_root(d->cli->db));
}

/* ---- permissions ------------------------------------------------------------------------ */

/* nftw(3) hands no data through. */
static struct {
	size_t others_read, others_write;
	char read_example[PATH_MAX], write_example[PATH_MAX];
} walk;

static int look_at(const char *path, const struct stat *st, int type, struct FTW *place _unused_)
{
	if (type == FTW_SL)
		return 0;
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		if (walk.others_write++ == 0)
			snprintf(walk.write_example, PATH_MAX, "%s", path);
	} else if (type == FTW_F && st->st_mode & (S_IRGRP | S_IROTH)) {
		if (walk.others_read++ == 0)
			snprintf(walk.read_example, PATH_MAX, "%s", path);
	}
	return 0;
}

/* A folder above that lets nobody in is as good as each file. */
static bool is_closed(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !(st.st_mode & (S_IXGRP | S_IXOTH | S_IWGRP | S_IWOTH));
}

void doctor_permissions(struct doctor *d)
{
	const char *root = iscsi_db_root(d->cli->db);

	memset(&walk, 0, sizeof(walk));
	if (!is_closed(root) && nftw(root, look_at, 16, FTW_PHYS) < 0 && errno != ENOENT) {
		doctor_say(d, VERDICT_PROBLEM, NULL, "cannot look through %s: %s", root,
		           strerror(errno));
		return;
	}
	if (walk.others_write > 0)
		doctor_say(d, VERDICT_PROBLEM, "chmod -R go-rwx it",
		           "other users can change %zu files and folders, such as %s",
		           walk.others_write, walk.write_example);
	if (walk.others_read > 0)
		doctor_say(d, VERDICT_PROBLEM, "records may have secrets: chmod -R go-rwx it",
		           "other users can read %zu files, such as %s", walk.others_read,
		           walk.read_example);
	if (d->found[VERDICT_PROBLEM] == 0)
		doctor_say(d, VERDICT_OK, NULL, "%s is for its owner only", root);
}
