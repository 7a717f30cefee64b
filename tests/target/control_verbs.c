/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket can do: a row a verb.  A function returns 0, or -EINVAL with a reason; it
 * changes all that it says or nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/kv.h"
#include "lib/base/num.h"
#include "tests/target/alua.h"
#include "tests/target/async.h"
#include "tests/target/conn.h"
#include "tests/target/control.h"
#include "tests/target/listener.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"
#include "tests/target/task.h"

enum { PAIRS_MAX = 16, REASON_SIZE = OPTIONS_FAULT_SIZE };

struct request {
	struct pair {
		const char *key, *value;
	} pairs[PAIRS_MAX];
	size_t count;
	struct writer *answer;
	char reason[REASON_SIZE];
	/* borrowed */
	struct server *server;
};

static int _printf_(2, 3) refuse(struct request *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(q->reason, sizeof(q->reason), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* The value of a key, NULL when it was not given. */
static const char *get(const struct request *q, const char *key)
{
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->pairs[i].key, key) == 0)
			return q->pairs[i].value;
	return NULL;
}

/* A number, 0 unless it was given. */
static int get_number(struct request *q, const char *key, uint32_t max, uint32_t *ret)
{
	const char *value = get(q, key);
	uint64_t n = 0;

	if (value && num_iscsi(value, strlen(value), max, &n) < 0)
		return refuse(q, "expected %s=N, a number from 0 to %u", key, max);
	*ret = (uint32_t)n;
	return 0;
}

static struct target *get_target(struct request *q)
{
	const char *name = get(q, "target");
	struct target *t = target_find(q->server->options->targets, name);

	if (!t)
		refuse(q, "there is no target %s", name);
	return t;
}

static struct lun *get_lun(struct request *q, struct target *t)
{
	uint32_t number;

	if (get_number(q, "lun", LUN_COUNT - 1, &number) < 0)
		return NULL;
	if (!t->scsi.luns[number])
		refuse(q, "%s has no LUN %u", t->name, number);
	return t->scsi.luns[number];
}

/* Apply an option with the value of a key. */
static int apply(struct request *q, struct target *t, const char *option, const char *key)
{
	return options_apply(q->server->options, t, option, get(q, key), q->reason);
}

/* ---- targets and LUNs --------------------------------------------------------------------- */

static int add_target(struct request *q)
{
	return apply(q, NULL, "target", "target");
}

static int remove_target(struct request *q)
{
	struct target **at = &q->server->options->targets, *t = get_target(q);

	if (!t)
		return -EINVAL;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	for (struct conn *c = q->server->conns; c; c = c->next)
		if (c->session ? c->session->target == t : strcmp(c->target_name, t->name) == 0)
			conn_close(c, "its target was removed");
	t->next = q->server->removed;
	q->server->removed = t;
	return 0;
}

static int list_targets(struct request *q)
{
	for (struct target *t = q->server->options->targets; t; t = t->next) {
		kv_put(q->answer, KV_NEWLINE, "item", "target");
		kv_put(q->answer, KV_NEWLINE, "target", t->name);
		for (size_t i = 0; i < LUN_COUNT; i++) {
			const struct lun *l = t->scsi.luns[i];

			if (!l)
				continue;
			kv_put(q->answer, KV_NEWLINE, "item", "lun");
			kv_putf(q->answer, KV_NEWLINE, "lun", "%zu", i);
			kv_putf(q->answer, KV_NEWLINE, "size", "%llu", (unsigned long long)l->size);
			kv_put(q->answer, KV_NEWLINE, "access", l->read_only ? "ro" : "rw");
		}
	}
	return 0;
}

static int add_lun(struct request *q)
{
	struct target *t = get_target(q);
	int r = t ? apply(q, t, "lun", "lun") : -EINVAL;

	if (r == 0)
		nexus_luns_changed(&t->scsi);
	return r;
}

/* The medium moves or goes: nothing of it may wait on its way out. */
static int settle(struct request *q, struct target *t)
{
	for (struct session *s = t->sessions; s; s = s->next)
		if (out_own(&s->conn->out) < 0)
			return refuse(q, "no memory");
	return 0;
}

static int remove_lun(struct request *q)
{
	struct target *t = get_target(q);
	struct lun *l = t ? get_lun(q, t) : NULL;
	uint16_t number;

	if (!l || settle(q, t) < 0)
		return -EINVAL;
	number = l->number;
	for (struct session *s = t->sessions; s; s = s->next)
		task_abort_lun(s, number);
	t->scsi.luns[number] = lun_free(l);
	nexus_luns_changed(&t->scsi);
	return 0;
}

static int resize_lun(struct request *q)
{
	struct target *t = get_target(q);
	struct lun *l = t ? get_lun(q, t) : NULL;
	uint64_t size;
	int r;

	if (!l)
		return -EINVAL;
	if (options_parse_size(get(q, "size"), &size) < 0)
		return refuse(q, "expected size=BYTES with an optional K, M, G or T");
	if (settle(q, t) < 0)
		return -EINVAL;
	r = lun_resize(l, size);
	if (r == -EINVAL)
		return refuse(q, "the size is no multiple of the block of %u bytes, or 0",
		              l->block_size);
	if (r < 0)
		return refuse(q, "%s", strerror(-r));
	nexus_attention_all(&t->scsi, l->number, SENSE_CAPACITY_CHANGED, NULL);
	return 0;
}

static int set_alua(struct request *q)
{
	static const struct {
		const char *name;
		enum alua_state state;
	} states[] = {{"optimized", ALUA_OPTIMIZED},
	              {"non-optimized", ALUA_NON_OPTIMIZED},
	              {"standby", ALUA_STANDBY},
	              {"unavailable", ALUA_UNAVAILABLE},
	              {"transitioning", ALUA_TRANSITIONING}};
	struct target *t = get_target(q);

	for (size_t i = 0; t && i < ARRAY_LEN(states); i++) {
		if (strcmp(states[i].name, get(q, "state")) != 0)
			continue;
		alua_set_state(&t->scsi, states[i].state);
		return 0;
	}
	return t ? refuse(q, "expected state=optimized, non-optimized, standby, unavailable or "
	                     "transitioning")
	         : -EINVAL;
}

/* ---- portals and accounts ----------------------------------------------------------------- */

static int get_portal(struct request *q, struct portal *ret)
{
	if (options_parse_portal(get(q, "portal"), ret) < 0)
		return refuse(q, "expected portal=ADDRESS[:PORT]");
	return 0;
}

static int add_portal(struct request *q)
{
	struct portal portal;
	int r = get_portal(q, &portal);

	if (r == 0) {
		r = listener_add(q->server, &portal);
		if (r < 0)
			return refuse(q, "cannot listen on %s: %s", get(q, "portal"), strerror(-r));
	}
	return r;
}

static int remove_portal(struct request *q)
{
	struct portal portal;
	int r = get_portal(q, &portal);

	return r == 0 && listener_remove(q->server, &portal) < 0
	               ? refuse(q, "there is no portal %s", get(q, "portal"))
	               : r;
}

static int list_portals(struct request *q)
{
	for (const struct listener *l = q->server->listeners; l; l = l->next) {
		char text[PORTAL_TEXT_SIZE];
		struct portal portal;

		if (listener_address(l, -1, &portal) < 0)
			continue;
		portal.tpgt = TARGET_TPGT;
		kv_put(q->answer, KV_NEWLINE, "item", "portal");
		kv_put(q->answer, KV_NEWLINE, "portal", portal_format(&portal, text));
	}
	return 0;
}

/* With target= the accounts of a target, without those of discovery. */
static int add_account(struct request *q)
{
	struct target *t = get(q, "target") ? get_target(q) : NULL;
	bool mutual = get(q, "mutual") && strcmp(get(q, "mutual"), "yes") == 0;

	if (get(q, "target"))
		return t ? apply(q, t, mutual ? "mutual" : "account", "account") : -EINVAL;
	return apply(q, NULL, mutual ? "discovery-mutual" : "discovery-account", "account");
}

static int remove_account(struct request *q)
{
	struct target *t = get(q, "target") ? get_target(q) : NULL;
	struct accounts *a = t ? &t->accounts : &q->server->options->discovery;

	if (get(q, "target") && !t)
		return -EINVAL;
	return accounts_remove(a, get(q, "user")) ? 0 : refuse(q, "there is no such account");
}

static int set_option(struct request *q)
{
	struct target *t = get(q, "target") ? get_target(q) : NULL;

	return get(q, "target") && !t ? -EINVAL : apply(q, t, get(q, "option"), "value");
}

/* ---- sessions ----------------------------------------------------------------------------- */

static int list_sessions(struct request *q)
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
	*ret = get(q, "session");
	*ret_tsih = 0;
	if (!*ret || strcmp(*ret, "all") == 0)
		return 0;
	return get_number(q, "session", UINT16_MAX, ret_tsih);
}

static int met(struct request *q, size_t count)
{
	kv_putf(q->answer, KV_NEWLINE, "sessions", "%zu", count);
	return count > 0 ? 0 : refuse(q, "no such session");
}

static int drop(struct request *q)
{
	bool reset = get(q, "how") && strcmp(get(q, "how"), "reset") == 0;
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

static int async(struct request *q)
{
	static const char *const params[] = {"param1", "param2", "param3"};
	struct writer data = writer_make(CONTROL_REQUEST_MAX);
	struct async_message m = {.event = 0};
	uint32_t n;
	int r = get_number(q, "event", UINT8_MAX, &n);

	m.event = (uint8_t)n;
	if (r == 0)
		r = get_number(q, "vcode", UINT8_MAX, &n);
	m.vcode = (uint8_t)n;
	if (r == 0)
		r = get_number(q, "lun", LUN_COUNT - 1, &n);
	m.lun = (uint16_t)n;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(params); i++) {
		r = get_number(q, params[i], UINT16_MAX, &n);
		m.param[i] = (uint16_t)n;
	}
	if (r == 0 && get(q, "data") && parse_hex(get(q, "data"), &data) < 0)
		r = refuse(q, "expected data=BYTES in hexadecimal");
	m.data = data.data;
	m.len = data.len;
	if (r == 0)
		r = send_to(q, &m);
	writer_done(&data);
	return r;
}

/* ---- faults and counters ------------------------------------------------------------------ */

static int add_fault(struct request *q)
{
	const char *line = get(q, "line");
	char why[FAULT_WHY_SIZE];
	uint32_t id;

	if (faults_add(&q->server->options->faults, line, strlen(line), q->server->now_usec, &id,
	               why) < 0)
		return refuse(q, "%s", why);
	kv_putf(q->answer, KV_NEWLINE, "fault", "%u", id);
	server_tick(q->server);
	return 0;
}

static int remove_fault(struct request *q)
{
	uint32_t id;

	if (strcmp(get(q, "fault"), "all") == 0) {
		faults_done(&q->server->options->faults);
		return 0;
	}
	if (get_number(q, "fault", UINT32_MAX, &id) < 0)
		return -EINVAL;
	return faults_remove(&q->server->options->faults, id) ? 0 : refuse(q, "no such fault");
}

static int list_faults(struct request *q)
{
	for (const struct fault *f = q->server->options->faults.first; f; f = f->next) {
		kv_put(q->answer, KV_NEWLINE, "item", "fault");
		kv_putf(q->answer, KV_NEWLINE, "fault", "%u", f->id);
		kv_putf(q->answer, KV_NEWLINE, "hits", "%llu", (unsigned long long)f->hits);
		kv_put(q->answer, KV_NEWLINE, "line", f->line);
	}
	return 0;
}

static int release(struct request *q)
{
	for (struct conn *c = q->server->conns; c; c = c->next)
		if (c->phase != CONN_CLOSED)
			conn_release(c);
	return 0;
}

static int counters(struct request *q)
{
	kv_putf(q->answer, KV_NEWLINE, "sessions", "%zu", q->server->session_count);
	stats_put(&q->server->stats, q->answer);
	return 0;
}

static int reset_counters(struct request *q)
{
	q->server->stats = (struct stats){0};
	return 0;
}

static int stop(struct request *q)
{
	q->server->stopping = true;
	return 0;
}

/* ---- the table ---------------------------------------------------------------------------- */

static int help(struct request *q);

static const struct {
	const char *name;
	int (*run)(struct request *q);
	const char *keys; /* each with a blank before it; "!" behind one that must be there */
} verbs[] = {
	{"help", help, ""},
	{"add-target", add_target, " target!"},
	{"remove-target", remove_target, " target!"},
	{"list-targets", list_targets, ""},
	{"add-lun", add_lun, " target! lun!"},
	{"remove-lun", remove_lun, " target! lun!"},
	{"resize-lun", resize_lun, " target! lun! size!"},
	{"alua", set_alua, " target! state!"},
	{"add-portal", add_portal, " portal!"},
	{"remove-portal", remove_portal, " portal!"},
	{"list-portals", list_portals, ""},
	{"add-account", add_account, " account! target mutual"},
	{"remove-account", remove_account, " user! target"},
	{"set", set_option, " option! value! target"},
	{"list-sessions", list_sessions, ""},
	{"drop", drop, " session how"},
	{"async", async, " event! session vcode lun param1 param2 param3 data"},
	{"add-fault", add_fault, " line!"},
	{"remove-fault", remove_fault, " fault!"},
	{"list-faults", list_faults, ""},
	{"release", release, ""},
	{"counters", counters, ""},
	{"reset-counters", reset_counters, ""},
	{"stop", stop, ""},
};

static int help(struct request *q)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		kv_put(q->answer, KV_NEWLINE, "item", verbs[i].name);
		if (verbs[i].keys[0])
			kv_put(q->answer, KV_NEWLINE, "keys", verbs[i].keys + 1);
	}
	return 0;
}

/* Whether the list has the key, and with "!" when that is asked for. */
static bool has_key(const char *keys, const char *key, bool required)
{
	size_t len = strlen(key);

	for (const char *at = strstr(keys, key); at; at = strstr(at + 1, key))
		if (at[-1] == ' ' && (at[len] == '!' || (!required && strchr(" ", at[len]))))
			return true;
	return false;
}

/* Every key is known, and none that must be there is missing. */
static int check_keys(struct request *q, const char *keys)
{
	char copy[128], *rest = copy, *word;

	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->pairs[i].key, "verb") != 0 && !has_key(keys, q->pairs[i].key, false))
			return refuse(q, "%.64s is not a key of this verb, which takes%s",
			              q->pairs[i].key, keys[0] ? keys : " none");
	snprintf(copy, sizeof(copy), "%s", keys);
	while ((word = strsep(&rest, " "))) {
		size_t len = strlen(word);

		if (len == 0 || word[len - 1] != '!')
			continue;
		word[len - 1] = '\0';
		if (!get(q, word))
			return refuse(q, "%s= is missing", word);
	}
	return 0;
}

static int run(struct request *q)
{
	const char *verb = get(q, "verb");

	for (size_t i = 0; verb && i < ARRAY_LEN(verbs); i++) {
		int r;

		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		r = check_keys(q, verbs[i].keys);
		return r < 0 ? r : verbs[i].run(q);
	}
	return refuse(q, verb ? "no such verb; help lists them" : "verb= is missing");
}

/* Each pair becomes two strings in text, which has room for a NUL behind each of its bytes. */
static int parse(struct request *q, const char *request, size_t len, struct writer *text)
{
	struct kv_reader r = kv_reader_make(KV_NEWLINE, request, len);
	size_t at[2 * PAIRS_MAX];
	struct kv kv;
	int n;

	if (memchr(request, '\0', len))
		return refuse(q, "expected text, found a NUL");
	while ((n = kv_next(&r, &kv)) > 0) {
		if (q->count == PAIRS_MAX)
			return refuse(q, "more than %d lines", PAIRS_MAX);
		at[2 * q->count] = text->len;
		writer_bytes(text, kv.key, kv.key_len);
		writer_u8(text, 0);
		at[2 * q->count + 1] = text->len;
		writer_bytes(text, kv.value, kv.value_len);
		writer_u8(text, 0);
		q->count++;
	}
	if (n < 0)
		return refuse(q, "line %u is not of the form KEY=VALUE", r.line);
	if (writer_status(text) < 0)
		return refuse(q, "no memory");
	for (size_t i = 0; i < q->count; i++)
		q->pairs[i] = (struct pair){(const char *)text->data + at[2 * i],
		                            (const char *)text->data + at[2 * i + 1]};
	return 0;
}

void control_run(struct server *s, const char *request, size_t len, struct writer *w)
{
	struct writer text = writer_make(2 * CONTROL_REQUEST_MAX);
	struct request q = {.server = s, .answer = w};
	int r = parse(&q, request, len, &text);

	if (r == 0)
		r = run(&q);
	if (r < 0) {
		for (char *c = q.reason; *c; c++)
			if (*c == '\n')
				*c = ' ';
		kv_put(w, KV_NEWLINE, "reason", q.reason);
	}
	kv_put(w, KV_NEWLINE, "done", r < 0 ? "failed" : "ok");
	writer_done(&text);
}
