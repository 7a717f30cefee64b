/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/login.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "iscsiadm/daemon.h"
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

/* One request and the name of its object, "[iface: ..., target: ..., portal: ADDR,PORT]". */
struct job {
	char *object;
};

/*
 * Requests of one verb whose results are printed in order, each as soon as all before it are
 * there: words differ, the walk does not.
 */
struct batch {
	struct client_request *requests;
	struct job *jobs;
	size_t count;
	size_t printed;
	const char *success; /* "Login to", "Logout of"; NULL: nothing is said */
	const char *failure; /* "Could not login to", "Could not logout of" */
	int rc;
};

static int batch_init(struct batch *b, size_t max, const char *success, const char *failure)
{
	*b = (struct batch){.success = success, .failure = failure};
	b->requests = calloc(max, sizeof(*b->requests));
	b->jobs = calloc(max, sizeof(*b->jobs));
	if (b->requests && b->jobs)
		return 0;
	free(b->requests);
	free(b->jobs);
	return -ENOMEM;
}

static void batch_done(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		client_request_done(&b->requests[i]);
		free(b->jobs[i].object);
	}
	free(b->requests);
	free(b->jobs);
}

static void batch_print(struct batch *b)
{
	for (; b->printed < b->count && b->requests[b->printed].done; b->printed++) {
		const struct client_request *r = &b->requests[b->printed];

		if (r->error == ISCSI_ERR_SUCCESS) {
			if (b->success)
				printf("%s %s successful.\n", b->success,
				       b->jobs[b->printed].object);
			continue;
		}
		b->rc = first_error(b->rc, (int)r->error);
		report("%s %s.", b->failure, b->jobs[b->printed].object);
		report("initiator reported error (%d - %s)", (int)r->error,
		       iscsi_err_text((int)r->error));
		if (r->detail)
			report("%s", r->detail);
	}
	fflush(stdout);
}

static void note_answer(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	if (!m || m->reply == IPC_REPLY_DONE)
		batch_print(data);
}

/* Send what was collected; without a daemon each request fails the same way. */
static void batch_run(struct cli *cli, struct batch *b)
{
	int rc;

	fflush(stdout);
	rc = daemon_connect(cli);
	if (rc == ISCSI_ERR_SUCCESS) {
		client_run(cli->client, b->requests, b->count, note_answer, b);
		return;
	}
	for (size_t i = 0; i < b->count; i++) {
		b->requests[i].done = true;
		b->requests[i].error = (enum iscsi_err)rc;
	}
	batch_print(b);
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

/* The body of a login is the record as it would stand in its file. */
static int login_body(const struct cli *cli, const struct iscsi_db_record *record,
                      struct client_request *request)
{
	_cleanup_free_ char *text = iscsi_db_record_text(record, ISCSI_DB_FORM_FILE);
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	if (!text)
		return -ENOMEM;
	kv_put(&w, KV_NEWLINE, "wait", cli->opts.no_wait ? "No" : "Yes");
	writer_str(&w, text);
	explicit_bzero(text, strlen(text));
	request->verb = "login";
	return client_body_take(request, &w);
}

/* How many sessions to make for the record; none is said on stderr. */
static unsigned int sessions_wanted(const struct cli *cli, const struct iscsi_db_record *record,
                                    const struct iscsi_db_node_id *id, enum login_mode mode)
{
	int64_t asked = iscsi_db_record_get_int(record, "node.session.nr_sessions", 1);
	unsigned int present = sessions_of(cli, id);
	unsigned int wanted = asked > 0 && asked <= UINT16_MAX ? (unsigned int)asked : 1;

	if (mode == LOGIN_ADDITIONAL)
		return 1;
	if (present < wanted)
		return wanted - present;
	report("%s: %u session%s requested, but %u already present.", id->iface, wanted,
	       wanted == 1 ? "" : "s", present);
	return 0;
}

static size_t total_wanted(const struct login_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		int64_t asked =
			iscsi_db_record_get_int(list->records[i], "node.session.nr_sessions", 1);

		n += asked > 0 && asked <= UINT16_MAX ? (size_t)asked : 1;
	}
	return n;
}

/* Add the logins that a record asks for.  0, -EEXIST when there are none, or -ENOMEM. */
static int add_logins(struct cli *cli, struct batch *b, const struct iscsi_db_record *record,
                      enum login_mode mode)
{
	bool multiple = mode == LOGIN_ADDITIONAL ||
	                iscsi_db_record_get_int(record, "node.session.nr_sessions", 1) > 1;
	struct iscsi_db_node_id id;
	unsigned int wanted;
	int r = iscsi_db_node_id_of(record, &id);

	if (r < 0)
		return r;
	wanted = sessions_wanted(cli, record, &id, mode);
	for (unsigned int i = 0; i < wanted; i++) {
		struct client_request *request = &b->requests[b->count];

		b->jobs[b->count].object = record_object(record);
		if (!b->jobs[b->count].object)
			return -ENOMEM;
		r = login_body(cli, record, request);
		b->count++;
		if (r < 0)
			return r;
		printf("Logging in to %s%s\n", b->jobs[b->count - 1].object,
		       multiple ? " (multiple)" : "");
	}
	return wanted > 0 ? 0 : -EEXIST;
}

int login_records(struct cli *cli, const struct login_list *list, enum login_mode mode)
{
	struct batch b;
	int rc, r = 0;

	rc = cli_sessions(cli);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (batch_init(&b, MAX(total_wanted(list), 1), "Login to", "Could not login to") < 0)
		return cli_failed(-ENOMEM, "login");
	for (size_t i = 0; i < list->count && r != -ENOMEM; i++) {
		r = add_logins(cli, &b, list->records[i], mode);
		if (r == -EEXIST)
			b.rc = first_error(b.rc, ISCSI_ERR_SESS_EXISTS);
		else if (r < 0)
			b.rc = first_error(b.rc, cli_failed(r, "login"));
	}
	if (b.count > 0 && r != -ENOMEM) {
		if (cli->opts.no_wait)
			b.success = NULL;
		batch_run(cli, &b);
	}
	rc = b.rc;
	batch_done(&b);
	return rc;
}

int login_records_verdict(struct cli *cli, const struct login_list *list, enum login_mode mode)
{
	int rc = login_records(cli, list, mode);

	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not log into all portals");
	return rc;
}

static char *session_object(const struct host_session *s)
{
	char *text;

	if (asprintf(&text, "[sid: %d, target: %s, portal: %s,%d]", s->sid, s->target_name,
	             s->persistent_address, s->persistent_port) < 0)
		return NULL;
	return text;
}

static int add_logout(struct batch *b, const struct host_session *s)
{
	struct client_request *request = &b->requests[b->count];
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	b->jobs[b->count].object = session_object(s);
	if (!b->jobs[b->count].object)
		return -ENOMEM;
	request->verb = "logout";
	kv_putf(&w, KV_NEWLINE, "sid", "%d", s->sid);
	b->count++;
	return client_body_take(request, &w);
}

int logout_sessions(struct cli *cli, const struct host_session *const *sessions, size_t count)
{
	struct batch b;
	int rc, r = 0;

	if (count == 0) {
		report("No matching sessions found");
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	if (batch_init(&b, count, "Logout of", "Could not logout of") < 0)
		return cli_failed(-ENOMEM, "logout");
	for (size_t i = 0; i < count && r == 0; i++) {
		r = add_logout(&b, sessions[i]);
		if (r == 0)
			printf("Logging out of session %s\n", b.jobs[i].object);
	}
	if (r < 0) {
		batch_done(&b);
		return cli_failed(r, "logout");
	}
	batch_run(cli, &b);
	if (b.rc != ISCSI_ERR_SUCCESS)
		report("Could not logout of all requested sessions");
	rc = b.rc;
	batch_done(&b);
	return rc;
}
