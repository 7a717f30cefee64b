/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket can do: a row a verb.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "lib/base/num.h"
#include "tests/target/control.h"
#include "tests/target/control_request.h"
#include "tests/target/server.h"

int control_refuse(struct request *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(q->reason, sizeof(q->reason), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

const char *control_get(const struct request *q, const char *key)
{
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->pairs[i].key, key) == 0)
			return q->pairs[i].value;
	return NULL;
}

int control_number(struct request *q, const char *key, uint32_t max, uint32_t *ret)
{
	const char *value = control_get(q, key);
	uint64_t n = 0;

	if (value && num_iscsi(value, strlen(value), max, &n) < 0)
		return control_refuse(q, "expected %s=N, a number from 0 to %u", key, max);
	*ret = (uint32_t)n;
	return 0;
}

struct target *control_target(struct request *q)
{
	const char *name = control_get(q, "target");
	struct target *t = target_find(q->server->options->targets, name);

	if (!t)
		control_refuse(q, "there is no target %s", name);
	return t;
}

/* ---- the table ---------------------------------------------------------------------------- */

static int help(struct request *q);

static const struct {
	const char *name;
	int (*run)(struct request *q);
	const char *keys; /* each with a blank before it; "!" behind one that must be there */
} verbs[] = {
	{"help", help, ""},
	{"add-target", control_add_target, " target!"},
	{"remove-target", control_remove_target, " target!"},
	{"list-targets", control_list_targets, ""},
	{"add-lun", control_add_lun, " target! lun!"},
	{"remove-lun", control_remove_lun, " target! lun!"},
	{"resize-lun", control_resize_lun, " target! lun! size!"},
	{"alua", control_set_alua, " target! state!"},
	{"add-portal", control_add_portal, " portal!"},
	{"remove-portal", control_remove_portal, " portal!"},
	{"list-portals", control_list_portals, ""},
	{"add-account", control_add_account, " account! target mutual"},
	{"remove-account", control_remove_account, " user! target"},
	{"set", control_set_option, " option! value! target"},
	{"list-sessions", control_list_sessions, ""},
	{"drop", control_drop, " session how"},
	{"async", control_async, " event! session vcode lun param1 param2 param3 data"},
	{"add-fault", control_add_fault, " line!"},
	{"remove-fault", control_remove_fault, " fault!"},
	{"list-faults", control_list_faults, ""},
	{"release", control_release, ""},
	{"counters", control_counters, ""},
	{"reset-counters", control_reset_counters, ""},
	{"stop", control_stop, ""},
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
			return control_refuse(q, "%.64s is not a key of this verb, which takes%s",
			                      q->pairs[i].key, keys[0] ? keys : " none");
	snprintf(copy, sizeof(copy), "%s", keys);
	while ((word = strsep(&rest, " "))) {
		size_t len = strlen(word);

		if (len == 0 || word[len - 1] != '!')
			continue;
		word[len - 1] = '\0';
		if (!control_get(q, word))
			return control_refuse(q, "%s= is missing", word);
	}
	return 0;
}

static int run(struct request *q)
{
	const char *verb = control_get(q, "verb");

	for (size_t i = 0; verb && i < ARRAY_LEN(verbs); i++) {
		int r;

		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		r = check_keys(q, verbs[i].keys);
		return r < 0 ? r : verbs[i].run(q);
	}
	return control_refuse(q, verb ? "no such verb; help lists them" : "verb= is missing");
}

/* Each pair becomes two strings in text, which has room for a NUL behind each of its bytes. */
static int parse(struct request *q, const char *request, size_t len, struct writer *text)
{
	struct kv_reader r = kv_reader_make(KV_NEWLINE, request, len);
	size_t at[2 * PAIRS_MAX];
	struct kv kv;
	int n;

	if (memchr(request, '\0', len))
		return control_refuse(q, "expected text, found a NUL");
	while ((n = kv_next(&r, &kv)) > 0) {
		if (q->count == PAIRS_MAX)
			return control_refuse(q, "more than %d lines", PAIRS_MAX);
		at[2 * q->count] = text->len;
		writer_bytes(text, kv.key, kv.key_len);
		writer_u8(text, 0);
		at[2 * q->count + 1] = text->len;
		writer_bytes(text, kv.value, kv.value_len);
		writer_u8(text, 0);
		q->count++;
	}
	if (n < 0)
		return control_refuse(q, "line %u is not of the form KEY=VALUE", r.line);
	if (writer_status(text) < 0)
		return control_refuse(q, "no memory");
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
