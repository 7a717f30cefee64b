/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/host_ops.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/counters.h"
#include "iscsiadm/daemon.h"
#include "iscsiadm/flashnode.h"
#include "iscsiadm/host_request.h"
#include "iscsiadm/print_json.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/host/host.h"

/* ---- CHAP ------------------------------------------------------------------------------- */

/* The keys of an entry; an entry has either a secret of ours or one of the target. */
static const char *const username_keys[] = {"host.auth.username", "host.auth.username_in"};
static const char *const password_keys[] = {"host.auth.password", "host.auth.password_in"};

enum { CHAP_INDEX_MAX = 2048 };

static void put_chap(const struct cli *cli, int index, const char *username, bool in, bool is_set)
{
	struct json record = json_add_object(json_open_list(json_root(cli->json), "records"), NULL);
	struct json values;
	char key[64];

	json_add_text(record, "kind", "chap");
	values = json_add_object(record, "values");
	json_add_number(values, "host.auth.tbl_idx", index);
	json_add_text(values, username_keys[in], username);
	snprintf(key, sizeof(key), "%s_set", password_keys[in]);
	json_add_bool(values, key, is_set);
}

static void print_chap(struct cli *cli, const struct ipc_message *m)
{
	char username[256], password[256];
	bool in;
	int index;

	if (ipc_message_get_int(m, "index", 0, UINT16_MAX, 0, &index) < 0)
		return;
	in = ipc_message_is(m, "type", "in");
	ipc_message_copy(m, "username", username, sizeof(username));
	if (cli->json) {
		put_chap(cli, index, username, in, ipc_message_is(m, "password_set", "Yes"));
		return;
	}
	ipc_message_copy(m, "password", password, sizeof(password));
	printf("# BEGIN RECORD " VERSION "\n");
	printf("host.auth.tbl_idx = %d\n", index);
	printf("%s = %s\n", username_keys[in], username);
	printf("%s = %s\n", password_keys[in], cli->opts.show_secrets ? password : "********");
	printf("# END RECORD\n");
	explicit_bzero(password, sizeof(password));
}

static int show_chap(struct cli *cli, int host_no)
{
	struct host_request r = host_request_make(cli, "chap", host_no);

	host_request_put(&r, "op", "show");
	if (cli->opts.show_secrets && !cli->json)
		host_request_put(&r, "secrets", "Yes");
	r.item = print_chap;
	if (host_request_run(&r) == ISCSI_ERR_SUCCESS || !r.refused)
		return r.rc;
	report("get_chap_info failed. errno=0");
	return ISCSI_ERR_UNKNOWN;
}

/* What is said after the kernel has refused a change. */
static int chap_failed(const struct host_request *r, const char *what, int index)
{
	if (!r->refused)
		return r->rc;
	report("%s", what);
	if (r->refused != -EBUSY)
		return ISCSI_ERR_UNKNOWN;
	report("CHAP index %d is in use.", index);
	return ISCSI_ERR_BUSY;
}

static int check_chap_index(int index)
{
	if (index >= 0 && index <= CHAP_INDEX_MAX)
		return ISCSI_ERR_SUCCESS;
	report("Invalid chap table index.");
	return ISCSI_ERR_INVAL;
}

static const char *setting_of(const struct options *o, const char *key)
{
	const char *value = NULL;

	for (size_t i = 0; i < o->setting_count; i++) {
		if (strcmp(o->settings[i].name, key) == 0)
			value = o->settings[i].value;
	}
	return value;
}

/* Whether name and secret are given: of the target (in), or ours. */
static bool has_pair(const struct options *o, bool in)
{
	return setting_of(o, username_keys[in]) && setting_of(o, password_keys[in]);
}

static int check_pair(const struct options *o)
{
	if (o->setting_count == 0)
		report("Chap username/password not provided.");
	else if (!has_pair(o, false) && !has_pair(o, true))
		report("Invalid username/password pair passed. Unable to determine the type of "
		       "chap entry");
	else if (o->setting_count > 2)
		report("Only one pair of username/password can be passed.");
	else
		return ISCSI_ERR_SUCCESS;
	return ISCSI_ERR_INVAL;
}

static int set_chap(struct cli *cli, int host_no)
{
	const struct options *o = &cli->opts;
	const bool in = has_pair(o, true);
	struct host_request r = host_request_make(cli, "chap", host_no);

	host_request_put(&r, "op", "set");
	host_request_put_number(&r, "index", o->index);
	host_request_put(&r, "type", in ? "in" : "out");
	host_request_put(&r, "username", setting_of(o, username_keys[in]));
	host_request_put(&r, "password", setting_of(o, password_keys[in]));
	return host_request_run(&r) ? chap_failed(&r, "CHAP setting failed", o->index) : r.rc;
}

static int delete_chap(struct cli *cli, int host_no)
{
	const int index = cli->opts.index;
	struct host_request r = host_request_make(cli, "chap", host_no);

	print_done(cli, "Deleting CHAP index: %d\n", index);
	host_request_put(&r, "op", "delete");
	host_request_put_number(&r, "index", index);
	return host_request_run(&r) ? chap_failed(&r, "CHAP Delete failed.", index) : r.rc;
}

/* What the line lacks is said whether there is such a host or not. */
static int check_chap(const struct options *o)
{
	int rc = ISCSI_ERR_SUCCESS;

	switch (o->ops) {
	case 0: report("CHAP mode requires host no and valid operation"); return ISCSI_ERR_INVAL;
	case OP_NEW:
	case OP_UPDATE: rc = check_pair(o); break;
	case OP_DELETE: break;
	default: return rc;
	}
	return rc ? rc : check_chap_index(o->index);
}

static int chap(struct cli *cli, const struct host_info *host)
{
	const int host_no = host->host_no;

	switch (cli->opts.ops) {
	case OP_SHOW: return show_chap(cli, host_no);
	case OP_NEW:
	case OP_UPDATE: return set_chap(cli, host_no);
	case OP_DELETE: return delete_chap(cli, host_no);
	}
	report("Invalid operation.");
	return ISCSI_ERR_INVAL;
}

/* ---- counters --------------------------------------------------------------------------- */

static void print_stats(struct cli *cli, const struct ipc_message *m)
{
	struct kv_reader pairs = ipc_message_pairs(m);
	struct json stats;
	struct kv kv;

	if (cli->json) {
		stats = json_add_object(json_root(cli->json), "host_stats");
		counters_put(stats, "counters", m, "snmp.");
		counters_put(stats, "extended", m, "extended.");
		return;
	}
	puts("Host Statistics:");
	counters_print(m, "snmp.");
	if (!counters_next(&pairs, "extended.", &kv))
		return;
	puts("iSCSI Extended:");
	counters_print(m, "extended.");
}

static int stats(struct cli *cli, const struct host_info *host)
{
	struct host_request r = host_request_make(cli, "hoststats", host->host_no);

	r.item = print_stats;
	if (host_request_run(&r) == ISCSI_ERR_SUCCESS || !r.refused)
		return r.rc;
	report("get_host_stats failed. errno=0");
	return ISCSI_ERR_UNKNOWN;
}

/* ---- the submodes ----------------------------------------------------------------------- */

static const struct submode {
	const char *word;
	int (*check)(const struct options *o); /* before the host is looked at; NULL: nothing */
	int (*run)(struct cli *cli, const struct host_info *host);
} submodes[] = {
	{"chap", check_chap, chap},
	{"flashnode", flashnode_check, flashnode},
	{"stats", NULL, stats},
};

static const struct submode *submode_of(const struct options *o)
{
	for (size_t i = 0; i < ARRAY_LEN(submodes); i++) {
		if (strcmp(o->submode, submodes[i].word) == 0)
			return &submodes[i];
	}
	return NULL;
}

int host_submode(struct cli *cli, int host_no)
{
	const struct submode *submode = submode_of(&cli->opts);
	struct host_info info;
	int rc;

	if (!submode) {
		report("host mode: option '-C' takes chap, flashnode or stats, not '%s'.",
		       cli->opts.submode);
		return ISCSI_ERR_INVAL;
	}
	rc = submode->check ? submode->check(&cli->opts) : ISCSI_ERR_SUCCESS;
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (host_read(cli->paths.sysfs, host_no, &info) < 0) {
		report("Could not read proc_name for host%d rc 5.", host_no);
		report("Could not match hostno %d to transport.", host_no);
		return ISCSI_ERR_TRANS_NOT_FOUND;
	}
	return submode->run(cli, &info);
}
