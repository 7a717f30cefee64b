/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: the table of verbs, the list, and whether one's moment has come.
 */
#include "tests/target/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/target/conn.h"
#include "tests/target/fault_verb.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/wire.h"

/* clang-format off */
static const struct fault_verb verbs[] = {
	{"drop", FAULT_ARG_NONE, fault_out_drop, fault_in_drop, NULL},
	{"delay", FAULT_ARG_NUMBER, fault_out_delay, fault_in_delay, NULL},
	{"hold", FAULT_ARG_NONE, fault_out_hold, fault_in_hold, NULL},
	{"duplicate", FAULT_ARG_NONE, fault_out_duplicate, fault_in_duplicate, NULL},
	{"reorder", FAULT_ARG_NONE, fault_out_reorder, NULL, NULL},
	{"corrupt", FAULT_ARG_OPTIONAL, fault_out_corrupt, NULL, NULL},
	{"digest", FAULT_ARG_DIGEST, fault_out_digest, NULL, NULL},
	{"set", FAULT_ARG_FIELD, fault_out_set, NULL, NULL},
	{"truncate", FAULT_ARG_OPTIONAL, fault_out_truncate, NULL, NULL},
	{"close", FAULT_ARG_NONE, fault_out_close, fault_in_close, fault_timed_close},
	{"reset", FAULT_ARG_NONE, fault_out_reset, fault_in_reset, fault_timed_reset},
	{"status", FAULT_ARG_STATUS, fault_out_status, fault_in_status, NULL},
	{"sense", FAULT_ARG_SENSE, fault_out_sense, fault_in_sense, NULL},
	{"reject", FAULT_ARG_NUMBER, NULL, fault_in_reject, NULL},
	{"ignore", FAULT_ARG_NONE, NULL, fault_in_ignore, NULL},
	{"stall", FAULT_ARG_NONE, NULL, fault_in_stall, fault_timed_stall},
	{"split", FAULT_ARG_NUMBER, NULL, fault_in_split, NULL},
	{"endless", FAULT_ARG_NONE, NULL, fault_in_endless, NULL},
	{"redirect", FAULT_ARG_PORTAL, fault_out_redirect, NULL, NULL},
	{"key", FAULT_ARG_TEXT, fault_out_key, NULL, NULL},
	{"text", FAULT_ARG_TEXT, fault_out_text, NULL, NULL},
	{"raw", FAULT_ARG_TEXT, fault_out_raw, NULL, NULL},
	{"async", FAULT_ARG_NUMBER, NULL, fault_in_async, fault_timed_async},
};

#define FIELD(name, member)                                                                        \
	{                                                                                          \
		(name), offsetof(struct pdu, member), sizeof(((struct pdu *)0)->member)            \
	}

/* "length" is what the header announces; the data stay what they are. */
static const struct fault_field fields[] = {
	FIELD("opcode", opcode), FIELD("flags", flags), FIELD("length", data_len),
	FIELD("itt", itt), FIELD("ttt", ttt), FIELD("stat-sn", stat_sn),
	FIELD("exp-cmd-sn", exp_cmd_sn), FIELD("max-cmd-sn", max_cmd_sn),
	FIELD("data-sn", data_sn), FIELD("buffer-offset", buffer_offset),
	FIELD("transfer-length", transfer_len), FIELD("residual", residual),
	FIELD("response", response), FIELD("status", status), FIELD("tsih", tsih),
	FIELD("version-max", version_max), FIELD("version-active", version_min),
	FIELD("status-class", status_class), FIELD("status-detail", status_detail),
	FIELD("reason", reason), FIELD("time2wait", time2wait),
	FIELD("time2retain", time2retain), FIELD("async-event", async_event),
};
/* clang-format on */

const struct fault_verb *fault_verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

void fault_verbs_list(struct writer *w)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		writer_printf(w, " %s", verbs[i].name);
}

const struct fault_field *fault_field_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

void fault_fields_list(struct writer *w)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		writer_printf(w, " %s", fields[i].name);
}

/* ---- the list ----------------------------------------------------------------------------- */

int faults_add(struct faults *f, const char *line, size_t len, uint64_t now_usec, uint32_t *ret_id,
               char ret_why[static FAULT_WHY_SIZE])
{
	struct fault *fault = malloc(sizeof(*fault));
	struct fault **end = &f->first;
	int r;

	if (!fault) {
		snprintf(ret_why, FAULT_WHY_SIZE, "no memory");
		return -ENOMEM;
	}
	r = fault_parse(line, len, fault, ret_why);
	if (r < 0) {
		free(fault);
		return r;
	}
	fault->id = ++f->last_id;
	fault->added_usec = now_usec;
	while (*end)
		end = &(*end)->next;
	*end = fault;
	if (ret_id)
		*ret_id = fault->id;
	return 0;
}

static bool says_nothing(const char *line, size_t len)
{
	size_t blank = 0;

	while (blank < len && strchr(" \t\r", line[blank]))
		blank++;
	return blank == len || line[blank] == '#';
}

int faults_add_script(struct faults *f, const char *text, size_t len, uint64_t now_usec,
                      unsigned int *ret_line, char ret_why[static FAULT_WHY_SIZE])
{
	struct faults added = {.last_id = f->last_id};
	struct fault **end = &f->first;
	const char *stop = text + len;
	int r = 0;

	for (*ret_line = 1; text < stop && r == 0; (*ret_line)++) {
		const char *newline = memchr(text, '\n', (size_t)(stop - text));
		size_t line_len = (size_t)((newline ? newline : stop) - text);

		if (!says_nothing(text, line_len))
			r = faults_add(&added, text, line_len, now_usec, NULL, ret_why);
		text += line_len + (newline != NULL);
	}
	--*ret_line;
	if (r < 0) {
		faults_done(&added);
		return r;
	}
	while (*end)
		end = &(*end)->next;
	*end = added.first;
	f->last_id = added.last_id;
	return 0;
}

bool faults_remove(struct faults *f, uint32_t id)
{
	for (struct fault **at = &f->first; *at; at = &(*at)->next) {
		struct fault *fault = *at;

		if (fault->id != id)
			continue;
		*at = fault->next;
		fault_done(fault);
		free(fault);
		return true;
	}
	return false;
}

void faults_done(struct faults *f)
{
	while (f->first)
		faults_remove(f, f->first->id);
}

/* ---- whose moment it is ------------------------------------------------------------------- */

/* SplitMix64: small, and the same everywhere for the same seed. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static bool is_about(const struct fault *f, const struct conn *c)
{
	if (f->connection != 0 && f->connection != c->number)
		return false;
	if (f->initiator[0] && strcmp(f->initiator, c->initiator_name) != 0)
		return false;
	if (f->target[0] && strcmp(f->target, c->target_name) != 0)
		return false;
	return f->times == 0 || f->hits < f->times;
}

static bool stage_is(const struct fault *f, const struct pdu *pdu)
{
	if (f->stage < 0)
		return true;
	return (pdu->opcode == ISCSI_OP_LOGIN_REQ || pdu->opcode == ISCSI_OP_LOGIN_RSP) &&
	       (pdu->flags & ISCSI_LOGIN_CSG_MASK) >> ISCSI_LOGIN_CSG_SHIFT == f->stage;
}

static bool cdb_is(const struct fault *f, const struct pdu *pdu)
{
	return f->cdb < 0 || (pdu->opcode == ISCSI_OP_SCSI_CMD && pdu->cdb[0] == f->cdb);
}

/* Whether f meets the PDU, which is counted already and lies at begin of the direction's bytes. */
static bool meets(struct fault *f, const struct conn *c, enum fault_direction direction,
                  const struct pdu *pdu, uint64_t begin)
{
	uint64_t nth = f->opcode == FAULT_ANY_OPCODE ? c->pdus_all[direction]
	                                             : c->pdus[direction][pdu->opcode];

	if (f->has_time || f->direction != direction || !is_about(f, c) || !stage_is(f, pdu) ||
	    !cdb_is(f, pdu))
		return false;
	if (f->opcode != FAULT_ANY_OPCODE && f->opcode != pdu->opcode)
		return false;
	if (nth < f->first || nth > f->last)
		return false;
	if (f->has_byte && (f->byte < begin || f->byte >= begin + wire_len(c, pdu)))
		return false;
	if (c->server->now_usec - c->opened_usec < f->after_usec)
		return false;
	if (f->chance < 100 && random_next(&f->random) % 100 >= f->chance)
		return false;
	f->hits++;
	return true;
}

void fault_send(struct conn *c, const struct pdu *pdu)
{
	struct fault_frame frame = {
		.pdu = *pdu, .copies = 1, .conn = c, .begin = c->bytes[FAULT_OUT]};

	for (struct fault *f = c->server->options->faults.first; f; f = f->next) {
		if (!meets(f, c, FAULT_OUT, pdu, frame.begin))
			continue;
		frame.fault = f;
		for (size_t i = 0; i < f->action_count; i++)
			f->actions[i].verb->out(&frame, &f->actions[i]);
	}
	fault_frame_send(&frame);
}

bool fault_receive(struct conn *c, const struct pdu *pdu)
{
	struct fault_intake in = {.conn = c, .pdu = pdu};
	uint64_t begin = c->bytes[FAULT_IN] - wire_len(c, pdu);

	for (struct fault *f = c->server->options->faults.first; f; f = f->next) {
		if (!meets(f, c, FAULT_IN, pdu, begin))
			continue;
		in.fault = f;
		for (size_t i = 0; i < f->action_count; i++)
			f->actions[i].verb->in(&in, &f->actions[i]);
	}
	if (in.end != FAULT_GO_ON) {
		c->reset = in.end == FAULT_RESET;
		conn_end(c);
		return false;
	}
	if (in.drop)
		return false;
	if (in.hold || in.delay_usec > 0) {
		conn_keep(c, pdu, in.hold ? CONN_HELD : c->server->now_usec + in.delay_usec,
		          in.duplicate);
		return false;
	}
	if (in.duplicate)
		conn_take(c, pdu);
	return true;
}

/* ---- time --------------------------------------------------------------------------------- */

static uint64_t moment(const struct fault *f, const struct conn *c)
{
	return MAX(c->opened_usec, f->added_usec) + f->time_usec;
}

void fault_tick(struct conn *c, uint64_t since_usec, uint64_t now_usec)
{
	for (struct fault *f = c->server->options->faults.first; f; f = f->next) {
		if (!f->has_time || !is_about(f, c) || moment(f, c) <= since_usec ||
		    moment(f, c) > now_usec)
			continue;
		f->hits++;
		for (size_t i = 0; i < f->action_count; i++)
			f->actions[i].verb->timed(c, &f->actions[i]);
	}
}

uint64_t fault_due(const struct conn *c, uint64_t now_usec)
{
	uint64_t due = 0;

	for (const struct fault *f = c->server->options->faults.first; f; f = f->next) {
		uint64_t at = moment(f, c);

		if (f->has_time && at > now_usec && is_about(f, c) && (due == 0 || at < due))
			due = at;
	}
	return due;
}
