/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/session_ops.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "iscsiadm/batch.h"
#include "iscsiadm/counters.h"
#include "iscsiadm/daemon.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/devices.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"

int session_list_select(struct cli *cli, struct session_list *ret)
{
	struct session_list list = {0};
	int rc = cli_sessions(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	list.sessions = calloc(cli->session_count + 1, sizeof(*list.sessions));
	if (!list.sessions)
		return cli_failed(-ENOMEM, "sessions");
	for (size_t i = 0; i < cli->session_count; i++) {
		if (select_session(cli, &cli->sessions[i]))
			list.sessions[list.count++] = &cli->sessions[i];
	}
	*ret = list;
	return ISCSI_ERR_SUCCESS;
}

void session_list_done(struct session_list *list)
{
	free(list->sessions);
	*list = (struct session_list){0};
}

/* What can be done to sessions. */
struct action {
	const char *verb;
	const char *begin;   /* what is said of each beforehand; NULL: nothing */
	const char *success; /* what is said of each afterwards; NULL: nothing */
	const char *failure; /* "Could not rescan session" */
	/* Further key=value lines of the request about s; NULL: none.  0 or -ENOMEM. */
	int (*fields)(struct cli *cli, const struct host_session *s, struct writer *w);
	void (*answer)(struct batch *b, size_t i, const struct ipc_message *m);
};

/* The counters as the daemon names them: "snmp.txdata_octets". */
static const struct {
	const char *prefix, *heading, *key;
} stats_groups[] = {{"snmp.", "iSCSI SNMP:", "snmp"}, {"extended.", "iSCSI Extended:", "extended"}};

static void put_stats(struct json in, const struct ipc_message *m)
{
	struct json stats = json_add_object(in, "stats");

	for (size_t g = 0; g < ARRAY_LEN(stats_groups); g++)
		counters_put(stats, stats_groups[g].key, m, stats_groups[g].prefix);
}

static void print_stats(struct batch *b, size_t i, const struct ipc_message *m)
{
	if (m->reply != IPC_REPLY_DONE || b->requests[i].error != ISCSI_ERR_SUCCESS)
		return;
	if (b->cli->json) {
		put_stats(b->results[i], m);
		return;
	}
	printf("Stats for session %s\n", b->objects[i]);
	for (size_t g = 0; g < ARRAY_LEN(stats_groups); g++) {
		puts(stats_groups[g].heading);
		counters_print(m, stats_groups[g].prefix);
	}
}

static int put_luns(struct cli *cli, const struct host_session *s _unused_, struct writer *w)
{
	for (size_t i = 0; i < cli->opts.lun_count; i++)
		kv_putf(w, KV_NEWLINE, "lun", "%" PRIu64, cli->opts.luns[i]);
	return 0;
}

/* The daemon's words for what it found (lib/ipc/message.h, verb "rescan"). */
static const struct {
	const char *change, *text;
} changes[] = {
	{"replaced", "is another disk now; it was removed and the other one added"},
	{"replaced-in-use",
         "is another disk now; it was removed, though in use, and the other one added"},
	{"removed", "is gone from the target; it was removed"},
	{"gone-in-use",
         "is gone from the target, but in use: it stays until it is not and is rescanned"},
};

static void print_change(struct batch *b, size_t i, const struct ipc_message *m)
{
	char lun[32], disk[HOST_DISK_SIZE], change[32];
	struct json json;

	if (m->reply != IPC_REPLY_ITEM)
		return;
	ipc_message_copy(m, "lun", lun, sizeof(lun));
	ipc_message_copy(m, "disk", disk, sizeof(disk));
	ipc_message_copy(m, "change", change, sizeof(change));
	if (b->cli->json) {
		json = json_add_object(json_open_list(b->results[i], "changes"), NULL);
		json_add_unsigned(json, "lun", strtoull(lun, NULL, 10));
		json_add_text(json, "disk", disk);
		json_add_text(json, "change", change);
		return;
	}
	for (size_t c = 0; c < ARRAY_LEN(changes); c++) {
		if (strcmp(changes[c].change, change) == 0)
			printf("LUN %s (%s) of session %s %s.\n", lun, disk[0] ? disk : "no disk",
			       b->objects[i], changes[c].text);
	}
}

static const struct action rescan = {
	.verb = "rescan",
	.begin = "Rescanning session",
	.failure = "Could not rescan session",
	.fields = put_luns,
	.answer = print_change,
};

static const struct action stats = {
	.verb = "stats",
	.failure = "Could not read the statistics of session",
	.answer = print_stats,
};

/* The record as it is now; a session that has none is logged in by what the daemon has of it. */
static int put_record(struct cli *cli, const struct host_session *s, struct writer *w)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	_cleanup_free_ char *text = NULL;
	size_t count = 0;

	if (select_session_nodes(cli, s, &ids, &count) != ISCSI_ERR_SUCCESS)
		return 0;
	for (size_t i = 0; i < count && !record; i++)
		record = select_read(cli, &ids[i]);
	if (!record)
		return 0;
	text = iscsi_db_record_text(record, ISCSI_DB_FORM_FILE);
	if (!text)
		return -ENOMEM;
	writer_str(w, text);
	explicit_bzero(text, strlen(text));
	return 0;
}

static const struct action reconnect = {
	.verb = "reconnect",
	.begin = "Reconnecting session",
	.success = "Reconnect of",
	.failure = "Could not reconnect session",
	.fields = put_record,
};

static const struct action *action_of(const struct options *o)
{
	if (o->rescan)
		return &rescan;
	if (o->reconnect)
		return &reconnect;
	return o->stats ? &stats : NULL;
}

bool session_action_wanted(const struct options *o)
{
	return action_of(o) != NULL;
}

static int add(struct cli *cli, struct batch *b, const struct action *a,
               const struct host_session *s)
{
	struct writer fields = writer_make(IPC_MESSAGE_MAX);
	_cleanup_free_ char *text = NULL;
	int r = a->fields ? a->fields(cli, s, &fields) : 0;

	if (r == 0)
		r = writer_take_str(&fields, &text);
	writer_done(&fields);
	if (r == 0)
		r = batch_add_session(b, a->verb, s, text);
	if (text)
		explicit_bzero(text, strlen(text)); /* a record has secrets */
	if (r == 0 && a->begin && !cli->json)
		printf("%s %s\n", a->begin, b->objects[b->count - 1]);
	return r;
}

static int run(struct cli *cli, const struct action *a, const struct session_list *list)
{
	struct batch b;
	int rc, r = batch_init(cli, &b, list->count, a->success, a->failure);

	if (r < 0)
		return cli_failed(r, a->verb);
	b.answer = a->answer;
	for (size_t i = 0; i < list->count && r == 0; i++)
		r = add(cli, &b, a, list->sessions[i]);
	if (r == 0)
		batch_run(cli, &b);
	rc = r < 0 ? cli_failed(r, a->verb) : b.rc;
	batch_done(&b);
	return rc;
}

static int wait_for_devices(struct cli *cli, const struct session_list *list)
{
	_cleanup_free_ int *sids = calloc(list->count, sizeof(*sids));

	if (!sids)
		return cli_failed(-ENOMEM, "sessions");
	for (size_t i = 0; i < list->count; i++)
		sids[i] = list->sessions[i]->sid;
	return devices_wait(cli, sids, list->count);
}

int session_action(struct cli *cli, const struct session_list *list)
{
	int rc;

	if (list->count == 0) {
		report("No session found.");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	rc = daemon_connect(cli);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = run(cli, action_of(&cli->opts), list);
	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not execute operation on all sessions: %s", iscsi_err_text(rc));
	if (cli->opts.wait_devices >= 0)
		rc = first_error(rc, wait_for_devices(cli, list));
	return rc;
}

static enum iscsi_db_effect effect_of(const struct setting *setting)
{
	return iscsi_db_key_effect(ISCSI_DB_NODE, setting->name);
}

/* Whether the daemon is told: what only a reconnect brings may come by a recovery as well. */
static bool is_taken(const struct setting *setting)
{
	enum iscsi_db_effect effect = effect_of(setting);

	return effect == ISCSI_DB_EFFECT_LIVE || effect == ISCSI_DB_EFFECT_RECONNECT;
}

static void say_reconnect(const char *name, size_t len)
{
	printf("%.*s takes effect with --reconnect.\n", (int)len, name);
}

/* What is usually taken at once, but not this time. */
static void print_late(struct batch *b _unused_, size_t i _unused_, const struct ipc_message *m)
{
	struct kv key;

	if (m->reply == IPC_REPLY_ITEM && ipc_message_get(m, "reconnect", &key) == 1)
		say_reconnect(key.value, key.value_len);
}

static int put_settings(struct cli *cli, const struct host_session *s _unused_, struct writer *w)
{
	for (size_t i = 0; i < cli->opts.setting_count; i++) {
		const struct setting *setting = &cli->opts.settings[i];

		if (is_taken(setting))
			kv_put(w, KV_NEWLINE, setting->name, setting->value);
	}
	return 0;
}

static const struct action update = {
	.verb = "update",
	.failure = "The record is changed, but not the settings of session",
	.fields = put_settings,
	.answer = print_late,
};

int session_update(struct cli *cli, const struct host_session *s)
{
	const struct session_list one = {.sessions = &s, .count = 1};
	int rc = ISCSI_ERR_SUCCESS;
	bool taken = false;

	for (size_t i = 0; i < cli->opts.setting_count; i++)
		taken = taken || is_taken(&cli->opts.settings[i]);
	if (taken)
		rc = run(cli, &update, &one);
	for (size_t i = 0; i < cli->opts.setting_count && rc == ISCSI_ERR_SUCCESS; i++) {
		const char *name = cli->opts.settings[i].name;

		switch (effect_of(&cli->opts.settings[i])) {
		case ISCSI_DB_EFFECT_RECONNECT: say_reconnect(name, strlen(name)); break;
		case ISCSI_DB_EFFECT_LOGIN:
			printf("%s takes effect with the next login.\n", name);
			break;
		case ISCSI_DB_EFFECT_LIVE:
		case ISCSI_DB_EFFECT_NONE: break;
		}
	}
	return rc;
}
