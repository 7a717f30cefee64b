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
#include "iscsiadm/rescan.h"
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
	/* How it is done to request i, about s, where no daemon runs; NULL: it takes a daemon. */
	void (*alone)(struct batch *b, size_t i, const struct host_session *s);
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

static const struct action rescan = {
	.verb = "rescan",
	.begin = "Rescanning session",
	.failure = "Could not rescan session",
	.fields = put_luns,
	.answer = rescan_print_answer,
	.alone = rescan_alone,
};

static const struct action stats = {
	.verb = "stats",
	.failure = "Could not read the statistics of session",
	.answer = print_stats,
};

/* The record as it is now; a session that has none is logged in by what the daemon has of it. */
static int put_record(struct cli *cli, const struct host_session *s, struct writer *w)
{
	_cleanup_record_ struct iscsi_db_record *record = select_session_record(cli, s);
	_cleanup_free_ char *text = NULL;

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

static void run_alone(struct batch *b, const struct action *a, const struct session_list *list)
{
	batch_begin(b);
	for (size_t i = 0; i < b->count; i++) {
		a->alone(b, i, list->sessions[i]);
		batch_note_outcome(b, i);
	}
	batch_end(b);
}

static int run(struct cli *cli, const struct action *a, const struct session_list *list, bool alone)
{
	struct batch b;
	int rc, r = batch_init(cli, &b, list->count, a->success, a->failure);

	if (r < 0)
		return cli_failed(r, a->verb);
	b.answer = a->answer;
	for (size_t i = 0; i < list->count && r == 0; i++)
		r = add(cli, &b, a, list->sessions[i]);
	if (r == 0 && alone)
		run_alone(&b, a, list);
	else if (r == 0)
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

static bool no_daemon(struct cli *cli)
{
	int r = daemon_connect_quietly(cli);

	return r == -ECONNREFUSED || r == -ENOENT;
}

int session_action(struct cli *cli, const struct session_list *list)
{
	const struct action *a = action_of(&cli->opts);
	int rc = ISCSI_ERR_SUCCESS;
	bool alone;

	if (list->count == 0) {
		report("No session found.");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	alone = a->alone && no_daemon(cli);
	if (!alone)
		rc = daemon_connect(cli);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = run(cli, a, list, alone);
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
		rc = run(cli, &update, &one, false);
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
