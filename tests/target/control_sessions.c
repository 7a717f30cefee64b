/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs of the control socket for what goes on: sessions, faults, counters.
 */
#include <errno.h>
#include <string.h>

#include "tests/target/async.h"
#include "tests/target/conn.h"
#include "tests/target/control.h"
#include "tests/target/control_request.h"
#include "tests/target/server.h"
#include "tests/target/session.h"

/* ---- sessions ----------------------------------------------------------------------------- */

int control_list_sessions(struct request *q)
{
	for (const struct conn *c = q->server->conns; c; c = c->next) {
		const struct session *s = c->session;

		if (!s || c->phase == CONN_CLOSED)
			continue;
		kv_put(q->answer, KV_NEWLINE, "item", "session");
		kv_putf(q->answer, KV_NEWLINE, "session", "%u", s->tsih);
		kv_putf(q->answer, KV_NEWLINE, "connection", "%llu", (unsigned long long)c->number);
		kv_put(q->answer, KV_NEWLINE, "initiator", s->initiator_name);
		kv_putf(q->answer, KV_NEWLINE, "isid", "%02x%02x%02x%02x%02x%02x", s->isid[0],
		        s->isid[1], s->isid[2], s->isid[3], s->isid[4], s->isid[5]);
		kv_put(q->answer, KV_NEWLINE, "target",
		       s->target ? s->target->name : "(discovery)");
		kv_putf(q->answer, KV_NEWLINE, "tasks", "%u", s->task_count + s->immediate_count);
	}
	return 0;
}

/* Whether session=, which is a TSIH or "all" (also when it was not given), means c's. */
static bool is_meant(const struct conn *c, const char *session, uint32_t tsih)
{
	return c->session && c->phase != CONN_CLOSED &&
	       (!session || strcmp(session, "all") == 0 || c->session->tsih == tsih);
}

static int get_session(struct request *q, const char **ret, uint32_t *ret_tsih)
{
	*ret = control_get(q, "session");
	*ret_tsih = 0;
	if (!*ret || strcmp(*ret, "all") == 0)
		return 0;
	return control_number(q, "session", UINT16_MAX, ret_tsih);
}

static int met(struct request *q, size_t count)
{
	kv_putf(q->answer, KV_NEWLINE, "sessions", "%zu", count);
	return count > 0 ? 0 : control_refuse(q, "no such session");
}

int control_drop(struct request *q)
{
	bool reset = control_get(q, "how") && strcmp(control_get(q, "how"), "reset") == 0;
	const char *session;
	size_t count = 0;
	uint32_t tsih;

	if (get_session(q, &session, &tsih) < 0)
		return -EINVAL;
	for (struct conn *c = q->server->conns; c; c = c->next) {
		if (!is_meant(c, session, tsih))
			continue;
		c->reset = reset;
		conn_close(c, "dropped on command");
		count++;
	}
	return met(q, count);
}

/* "70 00 05" or 700005 */
static int parse_hex(const char *text, struct writer *w)
{
	unsigned int byte;
	int n;

	for (; *text; text += n)
		if (sscanf(text, " %2x%n", &byte, &n) == 1)
			writer_u8(w, (uint8_t)byte);
		else
			return -EINVAL;
	return writer_status(w);
}

static int send_to(struct request *q, const struct async_message *m)
{
	const char *session;
	size_t count = 0;
	uint32_t tsih;

	if (get_session(q, &session, &tsih) < 0)
		return -EINVAL;
	for (struct conn *c = q->server->conns; c; c = c->next) {
		if (!is_meant(c, session, tsih) || !async_send(c, m))
			continue;
		conn_push(c);
		count++;
	}
	return met(q, count);
}

int control_async(struct request *q)
{
	static const char *const params[] = {"param1", "param2", "param3"};
	struct writer data = writer_make(CONTROL_REQUEST_MAX);
	struct async_message m = {.event = 0};
	uint32_t n;
	int r = control_number(q, "event", UINT8_MAX, &n);

	m.event = (uint8_t)n;
	if (r == 0)
		r = control_number(q, "vcode", UINT8_MAX, &n);
	m.vcode = (uint8_t)n;
	if (r == 0)
		r = control_number(q, "lun", LUN_COUNT - 1, &n);
	m.lun = (uint16_t)n;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(params); i++) {
		r = control_number(q, params[i], UINT16_MAX, &n);
		m.param[i] = (uint16_t)n;
	}
	if (r == 0 && control_get(q, "data") && parse_hex(control_get(q, "data"), &data) < 0)
		r = control_refuse(q, "expected data=BYTES in hexadecimal");
	m.data = data.data;
	m.len = data.len;
	if (r == 0)
		r = send_to(q, &m);
	writer_done(&data);
	return r;
}

/* ---- faults and counters ------------------------------------------------------------------ */

int control_add_fault(struct request *q)
{
	const char *line = control_get(q, "line");
	char why[FAULT_WHY_SIZE];
	uint32_t id;

	if (faults_add(&q->server->options->faults, line, strlen(line), q->server->now_usec, &id,
	               why) < 0)
		return control_refuse(q, "%s", why);
	kv_putf(q->answer, KV_NEWLINE, "fault", "%u", id);
	server_tick(q->server);
	return 0;
}

int control_remove_fault(struct request *q)
{
	uint32_t id;

	if (strcmp(control_get(q, "fault"), "all") == 0) {
		faults_done(&q->server->options->faults);
		return 0;
	}
	if (control_number(q, "fault", UINT32_MAX, &id) < 0)
		return -EINVAL;
	return faults_remove(&q->server->options->faults, id) ? 0
	                                                      : control_refuse(q, "no such fault");
}

int control_list_faults(struct request *q)
{
	for (const struct fault *f = q->server->options->faults.first; f; f = f->next) {
		kv_put(q->answer, KV_NEWLINE, "item", "fault");
		kv_putf(q->answer, KV_NEWLINE, "fault", "%u", f->id);
		kv_putf(q->answer, KV_NEWLINE, "hits", "%llu", (unsigned long long)f->hits);
		kv_put(q->answer, KV_NEWLINE, "line", f->line);
	}
	return 0;
}

int control_release(struct request *q)
{
	for (struct conn *c = q->server->conns; c; c = c->next)
		if (c->phase != CONN_CLOSED)
			conn_release(c);
	return 0;
}

int control_counters(struct request *q)
{
	kv_putf(q->answer, KV_NEWLINE, "sessions", "%zu", q->server->session_count);
	stats_put(&q->server->stats, q->answer);
	return 0;
}

int control_reset_counters(struct request *q)
{
	q->server->stats = (struct stats){0};
	return 0;
}

int control_stop(struct request *q)
{
	q->server->stopping = true;
	return 0;
}
