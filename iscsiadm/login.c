/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/login.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "iscsiadm/batch.h"
#include "iscsiadm/devices.h"
#include "iscsiadm/in_use.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/login_request.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/base/macros.h"

int login_list_add(struct login_list *list, struct iscsi_db_record *record)
{
	struct iscsi_db_record **grown;

	grown = realloc(list->records, (list->count + 1) * sizeof(struct iscsi_db_record *));
	if (!grown) {
		iscsi_db_record_free(record);
		return -ENOMEM;
	}
	grown[list->count++] = record;
	list->records = grown;
	return 0;
}

void login_list_done(struct login_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		iscsi_db_record_free(list->records[i]);
	free(list->records);
	*list = (struct login_list){0};
}

static const char *text_of(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value ? value : "";
}

static char *record_object(const struct iscsi_db_record *record)
{
	char *text;

	if (asprintf(&text, "[iface: %s, target: %s, portal: %s,%" PRId64 "]",
	             text_of(record, "iface.iscsi_ifacename"), text_of(record, "node.name"),
	             text_of(record, "node.conn[0].address"),
	             iscsi_db_record_get_int(record, "node.conn[0].port", ISCSI_PORT)) < 0)
		return NULL;
	return text;
}

/* How many sessions the record asks for. */
static unsigned int sessions_asked(const struct iscsi_db_record *record)
{
	int64_t n = iscsi_db_record_get_int(record, "node.session.nr_sessions", 1);

	return n > 0 && n <= UINT16_MAX ? (unsigned int)n : 1;
}

static int add_login(struct cli *cli, struct batch *b, const struct iscsi_db_record *record,
                     const struct iscsi_db_node_id *id)
{
	_cleanup_free_ char *object = record_object(record);
	int r = object ? login_request(record, !cli->opts.no_wait, cli->opts.fail_fast,
	                               &b->requests[b->count])
	               : -ENOMEM;

	if (r < 0)
		return r;
	if (cli->json)
		json_put_node(batch_result(b, "login"), id);
	else
		printf("Logging in to %s%s\n", object,
		       sessions_asked(record) > 1 ? " (multiple)" : "");
	b->objects[b->count++] = take_ptr(object);
	return 0;
}

/* Add the logins that are missing for a record; none is an error unless that is good. */
static void add_logins(struct cli *cli, struct batch *b, const struct iscsi_db_record *record,
                       bool present_is_good)
{
	unsigned int asked = sessions_asked(record), present;
	struct iscsi_db_node_id id;
	int r = iscsi_db_node_id_of(record, &id);

	if (r < 0) {
		b->rc = first_error(b->rc, cli_failed(r, "login"));
		return;
	}
	present = sessions_of(cli, &id);
	if (present >= asked) {
		report("%s: %u session%s requested, but %u already present.", id.iface, asked,
		       asked == 1 ? "" : "s", present);
		if (!present_is_good)
			b->rc = first_error(b->rc, ISCSI_ERR_SESS_EXISTS);
	}
	for (; present < asked && r == 0; present++)
		r = add_login(cli, b, record, &id);
	if (r < 0)
		b->rc = first_error(b->rc, cli_failed(r, id.target));
}

/* The disks of what was logged in. */
static int wait_for_devices(struct cli *cli, const struct batch *b)
{
	_cleanup_free_ int *sids = calloc(b->count + 1, sizeof(*sids));
	size_t n = 0;

	if (!sids)
		return cli_failed(-ENOMEM, "login");
	for (size_t i = 0; i < b->count; i++) {
		if (b->requests[i].error == ISCSI_ERR_SUCCESS && b->requests[i].sid > 0)
			sids[n++] = b->requests[i].sid;
	}
	return devices_wait(cli, sids, n);
}

/* Exit code of the logins; that of the wait for their disks, if it was wanted, in *ret_devices. */
static int log_in(struct cli *cli, const struct login_list *list, int *ret_devices)
{
	struct batch b;
	size_t max = 0;
	int rc = cli_sessions(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < list->count; i++)
		max += sessions_asked(list->records[i]);
	/* what was not waited for was not seen to succeed */
	if (batch_init(cli, &b, max, cli->opts.no_wait ? NULL : "Login to", "Could not login to") <
	    0)
		return cli_failed(-ENOMEM, "login");
	for (size_t i = 0; i < list->count; i++)
		add_logins(cli, &b, list->records[i], list->present_is_good);
	if (b.count > 0)
		batch_run(cli, &b);
	rc = b.rc;
	*ret_devices = cli->opts.wait_devices >= 0 ? wait_for_devices(cli, &b) : ISCSI_ERR_SUCCESS;
	batch_done(&b);
	return rc;
}

int login_records(struct cli *cli, const struct login_list *list)
{
	int devices = ISCSI_ERR_SUCCESS, rc = log_in(cli, list, &devices);

	return first_error(rc, devices);
}

int login_records_verdict(struct cli *cli, const struct login_list *list)
{
	int devices = ISCSI_ERR_SUCCESS, rc = log_in(cli, list, &devices);

	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not log into all portals");
	return first_error(rc, devices);
}

/* One target after the other, in the order of their first sessions, as open-iscsi goes about it. */
static void keep_targets_together(const struct host_session **sessions, size_t count)
{
	size_t done = 0;

	while (done < count) {
		const char *target = sessions[done++]->target_name;

		for (size_t i = done; i < count; i++) {
			const struct host_session *s = sessions[i];

			if (strcmp(s->target_name, target) != 0)
				continue;
			memmove(&sessions[done + 1], &sessions[done],
			        (i - done) * sizeof(struct host_session *));
			sessions[done++] = s;
		}
	}
}

/* Exit code: the first error. */
static int run_logouts(struct cli *cli, const struct host_session *const *sessions, size_t count)
{
	const char *fields = cli->opts.force ? "force=Yes\n" : NULL;
	struct batch b;
	int rc, r = 0;

	if (batch_init(cli, &b, count, "Logout of", "Could not logout of") < 0)
		return cli_failed(-ENOMEM, "logout");
	for (size_t i = 0; i < count && r == 0; i++) {
		r = batch_add_session(&b, "logout", sessions[i], fields);
		if (r == 0 && !cli->json)
			printf("Logging out of session %s\n", b.objects[i]);
	}
	if (r < 0) {
		batch_done(&b);
		return cli_failed(r, "logout");
	}
	batch_run(cli, &b);
	rc = b.rc;
	batch_done(&b);
	return rc;
}

int logout_sessions(struct cli *cli, const struct host_session **sessions, size_t count,
                    enum logout_scope scope)
{
	int rc = ISCSI_ERR_SUCCESS, in_use = ISCSI_ERR_SUCCESS;

	if (count == 0) {
		report("No matching sessions found");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	keep_targets_together(sessions, count);
	if (scope == LOGOUT_BULK && !cli->opts.force)
		in_use = in_use_take_out(cli, sessions, &count);
	if (count > 0)
		rc = run_logouts(cli, sessions, count);
	rc = first_error(rc, in_use);
	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not logout of all requested sessions");
	return rc;
}
