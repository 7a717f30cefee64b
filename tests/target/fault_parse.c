/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault's line: [in|out] [OPCODE] [NAME=VALUE...] do VERB [ARGUMENT] [then VERB [ARGUMENT]]...
 * Words have blanks between them; in double quotes a word may hold blanks and the escapes
 * \0 \n \t \\ \" and \xNN.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/addr.h"
#include "lib/base/num.h"
#include "tests/target/fault_verb.h"

enum { SHOWN = 80, MSEC_MAX = 3600 * 1000 };

struct words {
	const char *pos, *end; /* of what is not read yet */
	struct writer word;    /* the last one */
	char *why;
};

static int _printf_(2, 3) wrong(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->why, FAULT_WHY_SIZE, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- words -------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int escape(struct words *w)
{
	static const char letters[] = "0nt\\\"", bytes[] = "\0\n\t\\\"";
	const char *letter = w->pos < w->end ? memchr(letters, *w->pos, sizeof(letters) - 1) : NULL;
	char hex[3] = "";
	char *stop;

	if (letter) {
		writer_u8(&w->word, (uint8_t)bytes[letter - letters]);
		w->pos++;
		return 0;
	}
	if (w->end - w->pos >= 3 && *w->pos == 'x') {
		memcpy(hex, w->pos + 1, 2);
		writer_u8(&w->word, (uint8_t)strtoul(hex, &stop, 16));
		w->pos += 3;
		if (stop == hex + 2)
			return 0;
	}
	return wrong(w, "expected one of \\0 \\n \\t \\\\ \\\" \\xNN behind a backslash");
}

/* The next word into w->word; 1, or 0 at the end of the line. */
static int next(struct words *w)
{
	bool quoted = false;
	int r = 0;

	writer_reset(&w->word);
	while (w->pos < w->end && is_blank(*w->pos))
		w->pos++;
	if (w->pos == w->end)
		return 0;
	while (w->pos < w->end && (quoted || !is_blank(*w->pos)) && r == 0) {
		char c = *w->pos++;

		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted)
			r = escape(w);
		else
			writer_u8(&w->word, (uint8_t)c);
	}
	if (r == 0 && quoted)
		return wrong(w, "expected a closing quote");
	writer_u8(&w->word, 0);
	w->word.len--;
	if (r == 0 && writer_status(&w->word) < 0)
		return wrong(w, "too long");
	return r < 0 ? r : 1;
}

static const char *text_of(const struct words *w)
{
	return w->word.len > 0 ? (const char *)w->word.data : "";
}

static bool is(const struct words *w, const char *text)
{
	return strcmp(text_of(w), text) == 0;
}

static int unexpected(struct words *w, const char *expected)
{
	return wrong(w, "expected %s, found \"%.*s\"", expected, SHOWN, text_of(w));
}

static int missing(struct words *w, const char *expected)
{
	return wrong(w, "expected %s at the end of the line", expected);
}

/* ---- when --------------------------------------------------------------------------------- */

const char *fault_opcode_name(uint8_t opcode, char ret[static FAULT_OPCODE_SIZE])
{
	/* the RFC's names, short where it has long ones */
	static const struct {
		uint8_t opcode;
		const char *name;
	} names[] = {{ISCSI_OP_TMF_REQ, "tmf-request"},
	             {ISCSI_OP_TMF_RSP, "tmf-response"},
	             {ISCSI_OP_DATA_OUT, "data-out"},
	             {ISCSI_OP_DATA_IN, "data-in"},
	             {ISCSI_OP_R2T, "r2t"},
	             {ISCSI_OP_ASYNC, "async"}};

	snprintf(ret, FAULT_OPCODE_SIZE, "%s", pdu_opcode_name(opcode));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].opcode == opcode)
			snprintf(ret, FAULT_OPCODE_SIZE, "%s", names[i].name);
	for (char *c = ret; *c; c++)
		*c = *c == ' ' ? '-' : *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	return ret;
}

static bool parse_opcode(const struct words *w, struct fault *f)
{
	enum { FROM_TARGET = 0x20 };
	char name[FAULT_OPCODE_SIZE];

	for (uint8_t op = 0; op <= ISCSI_OP_MASK; op++) {
		if (!pdu_opcode_known(op) || !is(w, fault_opcode_name(op, name)))
			continue;
		f->opcode = op;
		f->direction = op & FROM_TARGET ? FAULT_OUT : FAULT_IN;
		return true;
	}
	return false;
}

static int number(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t n;

	if (num_iscsi(text, strlen(text), max, &n) < 0 || n < min)
		return -EINVAL;
	*ret = n;
	return 0;
}

static int parse_nth(struct fault *f, const char *value)
{
	char first[SHOWN];
	const char *dash = strchrnul(value, '-');
	int r;

	snprintf(first, sizeof(first), "%.*s", (int)(dash - value), value);
	r = number(first, 1, INT64_MAX, &f->first);
	f->last = *dash ? UINT64_MAX : f->first;
	if (r == 0 && *dash && dash[1])
		r = number(dash + 1, f->first, INT64_MAX, &f->last);
	return r;
}

static int parse_stage(struct fault *f, const char *value)
{
	f->stage = strcmp(value, "security") == 0      ? ISCSI_STAGE_SECURITY
	           : strcmp(value, "operational") == 0 ? ISCSI_STAGE_OPERATIONAL
	                                               : -1;
	return f->stage < 0 ? -EINVAL : 0;
}

static int parse_cdb(struct fault *f, const char *value)
{
	uint64_t n;
	int r = number(value, 0, UINT8_MAX, &n);

	if (r == 0)
		f->cdb = (int)n;
	return r;
}

static int parse_byte(struct fault *f, const char *value)
{
	f->has_byte = true;
	return number(value, 0, INT64_MAX, &f->byte);
}

static int msec(const char *value, uint64_t *ret_usec)
{
	int r = number(value, 0, MSEC_MAX, ret_usec);

	*ret_usec *= USEC_PER_MSEC;
	return r;
}

static int parse_time(struct fault *f, const char *value)
{
	f->has_time = true;
	return msec(value, &f->time_usec);
}

static int parse_after(struct fault *f, const char *value)
{
	return msec(value, &f->after_usec);
}

static int parse_times(struct fault *f, const char *value)
{
	return number(value, 1, INT64_MAX, &f->times);
}

static int parse_chance(struct fault *f, const char *value)
{
	uint64_t n = 0;
	int r = number(value, 1, 100, &n);

	f->chance = (uint32_t)n;
	return r;
}

static int parse_seed(struct fault *f, const char *value)
{
	return number(value, 0, INT64_MAX, &f->random);
}

static int parse_connection(struct fault *f, const char *value)
{
	return number(value, 1, INT64_MAX, &f->connection);
}

static int parse_name(char *dst, const char *value)
{
	const char *why;

	if (!iscsi_name_valid(value, strlen(value), &why))
		return -EINVAL;
	snprintf(dst, ISCSI_NAME_SIZE, "%s", value);
	return 0;
}

static int parse_target(struct fault *f, const char *value)
{
	return parse_name(f->target, value);
}

static int parse_initiator(struct fault *f, const char *value)
{
	return parse_name(f->initiator, value);
}

static const struct {
	const char *name;
	int (*parse)(struct fault *f, const char *value);
	const char *expected;
} conditions[] = {
	{"nth", parse_nth, "nth=N, nth=N-M or nth=N-, from 1"},
	{"stage", parse_stage, "stage=security or stage=operational"},
	{"cdb", parse_cdb, "cdb=N, an operation code"},
	{"byte", parse_byte, "byte=N, from 0"},
	{"time", parse_time, "time=MILLISECONDS, at most an hour"},
	{"after", parse_after, "after=MILLISECONDS, at most an hour"},
	{"times", parse_times, "times=N, from 1"},
	{"chance", parse_chance, "chance=PERCENT, from 1 to 100"},
	{"seed", parse_seed, "seed=N"},
	{"connection", parse_connection, "connection=N, from 1"},
	{"target", parse_target, "target=NAME, an iSCSI name"},
	{"initiator", parse_initiator, "initiator=NAME, an iSCSI name"},
};

static int parse_condition(struct words *w, struct fault *f)
{
	const char *text = text_of(w), *equals = strchr(text, '=');

	for (size_t i = 0; equals && i < ARRAY_LEN(conditions); i++) {
		size_t len = strlen(conditions[i].name);

		if ((size_t)(equals - text) != len || memcmp(text, conditions[i].name, len) != 0)
			continue;
		return conditions[i].parse(f, equals + 1) < 0
		               ? unexpected(w, conditions[i].expected)
		               : 0;
	}
	return unexpected(w, "in, out, a PDU's name such as login-response, NAME=VALUE with one of "
	                     "nth stage cdb byte time after times chance seed connection target "
	                     "initiator, or do");
}

static int parse_when(struct words *w, struct fault *f)
{
	int r;

	while ((r = next(w)) > 0 && !is(w, "do")) {
		if (is(w, "in"))
			f->direction = FAULT_IN;
		else if (is(w, "out"))
			f->direction = FAULT_OUT;
		else if (!parse_opcode(w, f) && parse_condition(w, f) < 0)
			return -EINVAL;
	}
	return r == 0 ? missing(w, "do and what to do") : MIN(r, 0);
}

/* ---- do ----------------------------------------------------------------------------------- */

static int parse_number(struct words *w, struct fault_action *a)
{
	if (number(text_of(w), 0, INT64_MAX, &a->number) < 0)
		return unexpected(w, "a number");
	return 0;
}

static int parse_field(struct words *w, struct fault_action *a)
{
	struct writer names = writer_make(FAULT_WHY_SIZE);
	const char *text;
	int r;

	a->field = fault_field_find(text_of(w));
	if (!a->field) {
		writer_str(&names, "a field:");
		fault_fields_list(&names);
		writer_u8(&names, 0);
		r = unexpected(w, names.data ? (const char *)names.data : "a field");
		writer_done(&names);
		return r;
	}
	r = next(w);
	if (r <= 0)
		return r < 0 ? r : missing(w, "a value");
	text = text_of(w);
	a->sign = *text == '+' || *text == '-' ? *text++ : 0;
	if (number(text, 0, UINT32_MAX, &a->number) < 0)
		return unexpected(w, "N, +N or -N, decimal or 0x and hexadecimal");
	return 0;
}

static int parse_digest(struct words *w, struct fault_action *a)
{
	a->number = is(w, "data");
	return a->number || is(w, "header") ? 0 : unexpected(w, "header or data");
}

/* Numbers with slashes between them, a byte each in the result, the first one highest. */
static int slashed(struct words *w, int base, int count, const char *expected,
                   struct fault_action *a)
{
	const char *at = text_of(w);

	for (int i = 0; i < count; i++) {
		char *stop;
		unsigned long n = strtoul(at, &stop, base);

		if (stop == at || n > UINT8_MAX || *stop != (i + 1 < count ? '/' : '\0'))
			return unexpected(w, expected);
		a->number = a->number << 8 | n;
		at = stop + 1;
	}
	return 0;
}

static int parse_status(struct words *w, struct fault_action *a)
{
	return slashed(w, 10, 2, "CLASS/DETAIL in decimal, e.g. 3/1 (RFC 7143 11.13.5)", a);
}

static int parse_sense(struct words *w, struct fault_action *a)
{
	return slashed(w, 16, 3, "KEY/ASC/ASCQ in hexadecimal, e.g. 3/11/00 (SPC-4 4.5)", a);
}

static int parse_text(struct words *w, struct fault_action *a)
{
	a->bytes = malloc(w->word.len + 1);
	if (!a->bytes)
		return wrong(w, "no memory");
	memcpy(a->bytes, w->word.data, w->word.len + 1);
	a->len = w->word.len;
	return 0;
}

static int parse_portal(struct words *w, struct fault_action *a)
{
	struct portal portal;
	const char *before;
	int r;

	if (portal_parse(text_of(w), w->word.len, ISCSI_PORT, &portal) < 0)
		return unexpected(w, "ADDRESS[:PORT]");
	r = parse_text(w, a);
	before = w->pos;
	if (r == 0 && next(w) > 0 && is(w, "permanent"))
		a->number = 1;
	else
		w->pos = before;
	return r;
}

static const struct {
	int (*parse)(struct words *w, struct fault_action *a);
	const char *expected;
} arguments[] = {
	[FAULT_ARG_NONE] = {NULL, NULL},
	[FAULT_ARG_NUMBER] = {parse_number, "a number"},
	[FAULT_ARG_OPTIONAL] = {parse_number, NULL},
	[FAULT_ARG_FIELD] = {parse_field, "a field and a value"},
	[FAULT_ARG_DIGEST] = {parse_digest, "header or data"},
	[FAULT_ARG_STATUS] = {parse_status, "CLASS/DETAIL"},
	[FAULT_ARG_SENSE] = {parse_sense, "KEY/ASC/ASCQ"},
	[FAULT_ARG_PORTAL] = {parse_portal, "ADDRESS[:PORT]"},
	[FAULT_ARG_TEXT] = {parse_text, "a text"},
};

static bool possible(const struct fault *f, const struct fault_verb *verb)
{
	if (f->has_time)
		return verb->timed;
	return f->direction == FAULT_IN ? verb->in != NULL : verb->out != NULL;
}

static int parse_verb(struct words *w, const struct fault *f, struct fault_action *a)
{
	struct writer names = writer_make(FAULT_WHY_SIZE);
	int r = 0;

	a->verb = fault_verb_find(text_of(w));
	if (!a->verb) {
		writer_str(&names, "one of");
		fault_verbs_list(&names);
		writer_u8(&names, 0);
		r = unexpected(w, names.data ? (const char *)names.data : "a verb");
	} else if (!possible(f, a->verb)) {
		r = wrong(w, "%s can be done %s", a->verb->name,
		          f->has_time    ? "with a PDU only, not at time="
		          : a->verb->out ? "with outgoing PDUs only"
		                         : "with incoming PDUs only");
	}
	writer_done(&names);
	return r;
}

/* One verb with its argument, then "then" or the end: 1 or 0. */
static int parse_action(struct words *w, struct fault *f)
{
	struct fault_action *a = &f->actions[f->action_count];
	enum fault_argument kind;
	int r = next(w);

	if (r <= 0)
		return r < 0 ? r : missing(w, "what to do");
	if (parse_verb(w, f, a) < 0)
		return -EINVAL;
	f->action_count++;
	kind = a->verb->argument;
	r = next(w);
	if (kind != FAULT_ARG_NONE && r > 0 && !(kind == FAULT_ARG_OPTIONAL && is(w, "then"))) {
		a->given = true;
		if (arguments[kind].parse(w, a) < 0)
			return -EINVAL;
		r = next(w);
	} else if (r == 0 && arguments[kind].expected) {
		return missing(w, arguments[kind].expected);
	}
	if (r <= 0)
		return r;
	if (!is(w, "then"))
		return unexpected(w, "then or the end of the line");
	return f->action_count < FAULT_ACTIONS_MAX
	               ? 1
	               : wrong(w, "expected at most %d verbs", FAULT_ACTIONS_MAX);
}

int fault_parse(const char *line, size_t len, struct fault *ret,
                char ret_why[static FAULT_WHY_SIZE])
{
	struct words w = {.pos = line, .end = line + len, .why = ret_why};
	struct fault f = {.opcode = FAULT_ANY_OPCODE,
	                  .stage = -1,
	                  .cdb = -1,
	                  .last = UINT64_MAX,
	                  .chance = 100};
	int r;

	w.word = writer_make(FAULT_LINE_MAX);
	r = parse_when(&w, &f);
	if (r == 0)
		do
			r = parse_action(&w, &f);
		while (r > 0);
	writer_done(&w.word);
	if (r == 0) {
		f.line = strndup(line, len);
		if (!f.line)
			r = -ENOMEM;
	}
	if (r < 0)
		fault_done(&f);
	else
		*ret = f;
	return r;
}

void fault_done(struct fault *f)
{
	for (size_t i = 0; i < f->action_count; i++)
		free(f->actions[i].bytes);
	free(f->line);
}
