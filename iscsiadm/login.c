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

/*
 * Requests of one verb whose results are printed as they come: one that takes its time must not
 * hide that others are up.  Words differ, the walk does not.
 */
struct batch {
	struct client_request *requests;
	char **objects; /* owned: "[iface: ..., target: ..., portal: ADDR,PORT]" */
	size_t count;
	const char *success; /* "Login to", "Logout of"; NULL: nothing is said */
	const char *failure; /* "Could not login to", "Could not logout of" */
	int rc;
};

static int batch_init(struct batch *b, size_t max, const char *success, const char *failure)
{
	*b = (struct batch){.success = success, .failure = failure};
	b->requests = calloc(max + 1, sizeof(*b->requests));
	b->objects = calloc(max + 1, sizeof(char *));
	if (b->requests && b->objects)
		return 0;
	free(b->requests);
	free(b->objects);
	return -ENOMEM;
}

static void batch_done(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		client_request_done(&b->requests[i]);
		free(b->objects[i]);
	}
	free(b->requests);
	free(b->objects);
}

static void print_result(const struct batch *b, const struct client_request *r)
{
	const char *object = b->objects[r - b->requests];

	if (r->error == ISCSI_ERR_SUCCESS) {
		if (b->success)
			printf("%s %s successful.\n", b->success, object);
		fflush(stdout);
		return;
	}
	report("%s %s.", b->failure, object);
	report("initiator reported error (%d - %s)", (int)r->error, iscsi_err_text((int)r->error));
	if (r->detail)
		report_foreign(r->detail, strlen(r->detail));
}

static void note_answer(void *data, struct client_request *r, const struct ipc_message *m)
{
	if (!m || m->reply == IPC_REPLY_DONE)
		print_result(data, r);
}

/* Send what was collected; without a daemon each request fails the same way. */
static void batch_run(struct cli *cli, struct batch *b)
{
	int rc;

	fflush(stdout);
	rc = daemon_connect(cli);
	if (rc == ISCSI_ERR_SUCCESS) {
		client_run(cli->client, b->requests, b->count, CLIENT_WAITS, note_answer, b);
	} else {
		for (size_t i = 0; i < b->count; i++) {
			b->requests[i].error = (enum iscsi_err)rc;
			print_result(b, &b->requests[i]);
		}
	}
	for (size_t i = 0; i < b->count; i++)
		b->rc = first_error(b->rc, (int)b->requests[i].error);
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
	if (cli->opts.fail_fast)
		kv_put(&w, KV_NEWLINE, "fail_fast", "Yes");
	writer_str(&w, text);
	explicit_bzero(text, strlen(text));
	request->verb = "login";
	return client_body_take(request, &w);
}

/* How many sessions the record asks for. */
static unsigned int sessions_asked(const struct iscsi_db_record *record)
{
	int64_t n = iscsi_db_record_get_int(record, "node.session.nr_sessions", 1);

	return n > 0 && n <= UINT16_MAX ? (unsigned int)n : 1;
}

static int add_login(struct cli *cli, struct batch *b, const struct iscsi_db_record *record)
{
	_cleanup_free_ char *object = record_object(record);
	int r = object ? login_body(cli, record, &b->requests[b->count]) : -ENOMEM;

	if (r < 0)
		return r;
	printf("Logging in to %s%s\n", object, sessions_asked(record) > 1 ? " (multiple)" : "");
	b->objects[b->count++] = take_ptr(object);
	return 0;
}

/* Add the logins that are missing for a record; none is an error as well. */
static void add_logins(struct cli *cli, struct batch *b, const struct iscsi_db_record *record)
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
		b->rc = first_error(b->rc, ISCSI_ERR_SESS_EXISTS);
	}
	for (; present < asked && r == 0; present++)
		r = add_login(cli, b, record);
	if (r < 0)
		b->rc = first_error(b->rc, cli_failed(r, id.target));
}

int login_records(struct cli *cli, const struct login_list *list)
{
	struct batch b;
	size_t max = 0;
	int rc = cli_sessions(cli);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	for (size_t i = 0; i < list->count; i++)
		max += sessions_asked(list->records[i]);
	/* what was not waited for was not seen to succeed */
	if (batch_init(&b, max, cli->opts.no_wait ? NULL : "Login to", "Could not login to") < 0)
		return cli_failed(-ENOMEM, "login");
	for (size_t i = 0; i < list->count; i++)
		add_logins(cli, &b, list->records[i]);
	if (b.count > 0)
		batch_run(cli, &b);
	rc = b.rc;
	batch_done(&b);
	return rc;
}

int login_records_verdict(struct cli *cli, const struct login_list *list)
{
	int rc = login_records(cli, list);

	if (rc != ISCSI_ERR_SUCCESS)
		report("Could not log into all portals");
	return rc;
}

static const char *or_empty(const char *text)
{
	return text[0] ? text : "<empty>";
}

static char *session_object(const struct host_session *s)
{
	char *text;

	if (asprintf(&text, "[sid: %d, target: %s, portal: %s,%d]", s->sid,
	             or_empty(s->target_name), or_empty(s->persistent_address),
	             MAX(s->persistent_port, 0)) < 0)
		return NULL;
	return text;
}

/* A session that is not in the kernel yet is known by what it is to become. */
static void put_session(struct writer *w, const struct host_session *s)
{
	if (s->sid > 0) {
		kv_putf(w, KV_NEWLINE, "sid", "%d", s->sid);
		return;
	}
	kv_put(w, KV_NEWLINE, "target", s->target_name);
	kv_put(w, KV_NEWLINE, "address", s->persistent_address);
	kv_putf(w, KV_NEWLINE, "port", "%d", s->persistent_port);
	kv_put(w, KV_NEWLINE, "iface", s->iface_name);
}

static int add_logout(struct batch *b, const struct host_session *s)
{
	_cleanup_free_ char *object = session_object(s);
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	int r;

	if (!object)
		return -ENOMEM;
	put_session(&w, s);
	b->requests[b->count].verb = "logout";
	r = client_body_take(&b->requests[b->count], &w);
	if (r < 0)
		return r;
	printf("Logging out of session %s\n", object);
	b->objects[b->count++] = take_ptr(object);
	return 0;
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
	for (size_t i = 0; i < count && r == 0; i++)
		r = add_logout(&b, sessions[i]);
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
