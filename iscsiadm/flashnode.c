/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/flashnode.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/host_request.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "iscsiadm/settings.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/flashnode.h"

static const char key_portal_type[] = "flashnode.session.portal_type";

/* ---- lists ------------------------------------------------------------------------------ */

/* What a line of the list shows. */
struct line {
	char target[HOST_VALUE_SIZE];
	char address[HOST_VALUE_SIZE];
	int port, tpgt;
};

static void note_value(void *data, const struct host_param *p, const char *value)
{
	const char *key = p->key;
	struct line *line = data;

	if (strcmp(key, "flashnode.session.targetname") == 0)
		snprintf(line->target, sizeof(line->target), "%s", value);
	else if (strcmp(key, "flashnode.conn[0].ipaddress") == 0)
		snprintf(line->address, sizeof(line->address), "%s", value);
	else if (strcmp(key, "flashnode.conn[0].port") == 0)
		num_int(value, 0, UINT16_MAX, &line->port);
	else if (strcmp(key, "flashnode.session.tpgt") == 0)
		num_int(value, 0, UINT16_MAX, &line->tpgt);
}

static const char *or_empty(const char *text)
{
	return text[0] ? text : "<empty>";
}

static void print_line(const char *transport, int index, const struct line *line)
{
	printf("%s: [%d] ", or_empty(transport), index);
	if (!line->address[0] || strchr(line->address, '.'))
		printf("%s:", or_empty(line->address));
	else
		printf("[%s]:", line->address);
	if (line->port > 0)
		printf("%d,", line->port);
	else
		printf("<empty>,");
	printf("%d %s\n", line->tpgt, or_empty(line->target));
}

static void put_line(const struct cli *cli, const char *transport, int index,
                     const struct line *line)
{
	struct json o = json_add_object(json_open_list(json_root(cli->json), "flashnodes"), NULL);

	json_add_number(o, "index", index);
	json_add_text(o, "transport", transport);
	json_add_text(o, "target", line->target);
	json_put_portal(o, line->address, line->port);
	json_add_number(o, "tpgt", line->tpgt);
}

static int list(const struct cli *cli, const struct host_info *host)
{
	_cleanup_free_ int *indexes = NULL;
	size_t count = 0;
	int r = host_flashnodes(cli->paths.sysfs, host->host_no, &indexes, &count);

	if (r < 0)
		return cli_failed(r, "flashnodes");
	for (size_t i = 0; i < count; i++) {
		struct line line = {0};

		if (host_flashnode_walk(cli->paths.sysfs, host->host_no, indexes[i], note_value,
		                        &line) < 0)
			continue;
		if (cli->json)
			put_line(cli, host->transport, indexes[i], &line);
		else
			print_line(host->transport, indexes[i], &line);
	}
	if (count > 0)
		return ISCSI_ERR_SUCCESS;
	report("No flashnodes attached to host %d.", host->host_no);
	return ISCSI_ERR_NO_OBJS_FOUND;
}

/* ---- one of them ------------------------------------------------------------------------ */

static void print_value(void *data, const struct host_param *p, const char *value)
{
	const struct cli *cli = data;
	bool masked = p->type == HOST_PARAM_SECRET && value[0] && !cli->opts.show_secrets;

	printf("%s = %s\n", p->key, masked ? "********" : or_empty(value));
}

static void put_value(void *data, const struct host_param *p, const char *value)
{
	const struct json *values = data;

	switch (p->type) {
	case HOST_PARAM_SECRET: json_add_secret(*values, p->key, value); break;
	case HOST_PARAM_NUMBER: json_add_decimal(*values, p->key, value); break;
	case HOST_PARAM_WORD:
	case HOST_PARAM_TEXT:
	case HOST_PARAM_IPV4:
	case HOST_PARAM_IPV6:
	case HOST_PARAM_ADDRESS:
	case HOST_PARAM_ISID: json_add_text(*values, p->key, value); break;
	}
}

static int show(const struct cli *cli, int host_no, int index)
{
	const char *sysfs = cli->paths.sysfs;
	struct json record, values;
	struct line line = {0};
	int r = host_flashnode_walk(sysfs, host_no, index, note_value, &line);

	if (r < 0) {
		report("Could not read info for flashnode %d of host %d, %s", index, host_no,
		       strerror(-r));
		return ISCSI_ERR_SYSFS_LOOKUP;
	}
	if (cli->json) {
		record = json_add_object(json_open_list(json_root(cli->json), "records"), NULL);
		json_add_text(record, "kind", "flashnode");
		values = json_add_object(record, "values");
		host_flashnode_walk(sysfs, host_no, index, put_value, &values);
		return ISCSI_ERR_SUCCESS;
	}
	puts("# BEGIN RECORD " VERSION);
	host_flashnode_walk(sysfs, host_no, index, print_value, (void *)(uintptr_t)cli);
	puts("# END RECORD");
	return ISCSI_ERR_SUCCESS;
}

/* ---- what the adapter does -------------------------------------------------------------- */

static int new (struct cli *cli, int host_no)
{
	const char *type = cli->opts.portal_type ? cli->opts.portal_type : "";
	struct host_request r;

	if (strcmp(type, "ipv4") != 0 && strcmp(type, "ipv6") != 0) {
		report("Invalid type mentioned for flashnode");
		return ISCSI_ERR_INVAL;
	}
	print_done(cli, "Create new flashnode for host %d.\n", host_no);
	r = host_request_make(cli, "flashnode", host_no);
	host_request_put(&r, "op", "new");
	host_request_put(&r, "portal_type", type);
	if (host_request_run(&r) == ISCSI_ERR_SUCCESS) {
		print_done(cli, "New flashnode for host %d added at index %d.\n", host_no, r.index);
		return ISCSI_ERR_SUCCESS;
	}
	report("Creation of flashnode for host %d failed.", host_no);
	return r.refused ? ISCSI_ERR_UNKNOWN : r.rc;
}

/* What is done to one flashnode; the texts are open-iscsi's. */
static const struct action {
	enum op op;
	const char *name; /* for the daemon */
	const char *begin, *noun;
	int done_already; /* the errno that says so; 0: none does */
	enum iscsi_err already, failed;
} actions[] = {
	{OP_UPDATE, "update", "Update", "Update for", 0, ISCSI_ERR_SUCCESS, ISCSI_ERR_UNKNOWN},
	{OP_DELETE, "delete", "Delete", "Deletion of", 0, ISCSI_ERR_SUCCESS, ISCSI_ERR_UNKNOWN},
	{OP_LOGIN, "login", "Login to", "Login to", -EPERM, ISCSI_ERR_SESS_EXISTS, ISCSI_ERR_LOGIN},
	{OP_LOGOUT, "logout", "Logout", "Logout of", -ESRCH, ISCSI_ERR_SESS_NOT_FOUND,
         ISCSI_ERR_LOGOUT},
};

static void say_success(const struct cli *cli, const struct action *a, int index, int host_no)
{
	if (a->op == OP_DELETE)
		print_done(cli, "Flashnode %d of host %d deleted.\n", index, host_no);
	else
		print_done(cli, "%s flashnode %d of host %d successful.\n", a->noun, index,
		           host_no);
}

static void say_already(const struct cli *cli, enum op op, int index, int host_no)
{
	print_done(cli, "Flashnode %d of host %d %s logged in.\n", index, host_no,
	           op == OP_LOGIN ? "already" : "not");
}

static int failed(const struct action *a, int index, int host_no, int rc)
{
	report("%s flashnode %d of host %d failed.", a->noun, index, host_no);
	return rc;
}

/* ---- settings --------------------------------------------------------------------------- */

/* Which addresses the flashnode has: of what the update says itself, or else of the adapter. */
struct family {
	char type[16]; /* "ipv4", "ipv6" or "" */
};

static void note_family(void *data, const struct host_param *p, const char *value)
{
	struct family *family = data;

	if (strcmp(p->key, key_portal_type) == 0)
		snprintf(family->type, sizeof(family->type), "%s", value);
}

static int refuse_setting(const struct setting *s, const struct host_param *p, int error)
{
	const char *value = p->type == HOST_PARAM_SECRET ? "********" : s->value;
	char allowed[HOST_PARAM_ALLOWED_SIZE];

	if (error == -ERANGE)
		report("value '%s' for parameter name '%s' is out of range (%s)", value, s->name,
		       host_param_allowed(p, allowed));
	else
		report("unknown value format '%s' for parameter name '%s' (%s)", value, s->name,
		       host_param_allowed(p, allowed));
	return ISCSI_ERR_INVAL;
}

static int check_setting(const struct setting *s, const struct family *family)
{
	const struct host_param *p = host_flashnode_param(s->name);
	struct host_param_value value = {0};
	bool is_ipv6;
	int r;

	if (!p) {
		report("Cannot modify %s. Invalid param name.", s->name);
		return ISCSI_ERR_INVAL;
	}
	r = host_param_encode(p, s->value, &value);
	is_ipv6 = value.len > 4;
	explicit_bzero(&value, sizeof(value)); /* it may be a secret */
	if (r < 0)
		return refuse_setting(s, p, r);
	if (p->type != HOST_PARAM_ADDRESS || !family->type[0] ||
	    is_ipv6 == (strcmp(family->type, "ipv6") == 0))
		return ISCSI_ERR_SUCCESS;
	report("'%s' for parameter name '%s' is no address of a flashnode of type %s", s->value,
	       s->name, family->type);
	return ISCSI_ERR_INVAL;
}

/* Every setting is checked before the adapter hears of any: what it takes it keeps. */
static int check_settings(struct cli *cli, int host_no, int index)
{
	const struct options *o = &cli->opts;
	struct family family = {""};
	int r, rc = ISCSI_ERR_SUCCESS;

	if (!settings_given(o)) {
		report("update requires name and value");
		return ISCSI_ERR_INVAL;
	}
	r = host_flashnode_walk(cli->paths.sysfs, host_no, index, note_family, &family);
	if (r < 0) {
		report("Could not read info for flashnode %d, %s", index, strerror(-r));
		return ISCSI_ERR_SYSFS_LOOKUP;
	}
	for (size_t i = 0; i < o->setting_count; i++) {
		if (strcmp(o->settings[i].name, key_portal_type) == 0)
			snprintf(family.type, sizeof(family.type), "%s", o->settings[i].value);
	}
	for (size_t i = 0; i < o->setting_count && rc == ISCSI_ERR_SUCCESS; i++)
		rc = check_setting(&o->settings[i], &family);
	return rc;
}

/* ---- one of them, through the daemon ---------------------------------------------------- */

static int act(struct cli *cli, const struct action *a, int host_no, int index)
{
	const struct options *o = &cli->opts;
	const bool update = a->op == OP_UPDATE;
	struct host_request r;
	int rc = update ? check_settings(cli, host_no, index) : ISCSI_ERR_SUCCESS;

	if (rc != ISCSI_ERR_SUCCESS)
		return failed(a, index, host_no, rc);
	print_done(cli, "%s flashnode %d.\n", a->begin, index);
	r = host_request_make(cli, "flashnode", host_no);
	host_request_put(&r, "op", a->name);
	host_request_put_number(&r, "index", index);
	for (size_t i = 0; update && i < o->setting_count; i++)
		host_request_put(&r, o->settings[i].name, o->settings[i].value);
	if (host_request_run(&r) == ISCSI_ERR_SUCCESS) {
		say_success(cli, a, index, host_no);
		return ISCSI_ERR_SUCCESS;
	}
	if (r.refused && r.refused == a->done_already) {
		say_already(cli, a->op, index, host_no);
		return (int)a->already;
	}
	return failed(a, index, host_no, r.refused ? (int)a->failed : r.rc);
}

static const struct action *action_of(unsigned int ops)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (ops == (unsigned int)actions[i].op)
			return &actions[i];
	}
	return NULL;
}

int flashnode_check(const struct options *o)
{
	if (!action_of(o->ops) || o->index >= 0)
		return ISCSI_ERR_SUCCESS;
	report("Invalid flashnode index");
	return ISCSI_ERR_INVAL;
}

int flashnode(struct cli *cli, const struct host_info *host)
{
	const struct options *o = &cli->opts;
	const struct action *a = action_of(o->ops);

	if (o->ops == OP_NEW)
		return new (cli, host->host_no);
	if (o->ops == 0 || o->ops == OP_SHOW)
		return o->index < 0 ? list(cli, host) : show(cli, host->host_no, o->index);
	if (a)
		return act(cli, a, host->host_no, o->index);
	report("Invalid operation");
	return ISCSI_ERR_INVAL;
}
