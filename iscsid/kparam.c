/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three tables: what a record offers at login, what the kernel is told of a session, and the
 * numbers of a record that have bounds.  A value out of bounds never stops a login: it is told and
 * replaced by its default, as users of records with old mistakes in them expect.
 */
#include "iscsid/kparam.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"

/* RFC 7143 sections 13.12 to 13.14. */
enum { LENGTH_MIN = 512, LENGTH_MAX = (1 << 24) - 1 };
/* The kernel counts jiffies in an int; there are at most 1000 a second. */
enum { TIMEOUT_MAX = INT32_MAX / 1000 };
/* What iscsi_tcp makes of cmds_max: powers of two from here on. */
enum { CMDS_MIN = 16, CMDS_MAX = 2048, CMDS_DEFAULT = 128 };
enum { PING_DEFAULT = 5 };
enum { QUEUE_DEPTH_MAX = 1024, QUEUE_DEPTH_DEFAULT = 32 };

#define PING_INTERVAL "node.conn[0].timeo.noop_out_interval"
#define PING_TIMEOUT  "node.conn[0].timeo.noop_out_timeout"

struct reporter {
	/* borrowed */
	kparam_reason reason;
	void *data;
};

static void _printf_(2, 3) report(const struct reporter *to, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!to->reason)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	to->reason(to->data, text);
}

/* "iscsi.FirstBurstLength": a key as messages have always named it. */
static const char *short_name(const char *key)
{
	static const char *const prefixes[] = {"node.session.", "node.conn[0].",
	                                       "discovery.sendtargets."};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(key, prefixes[i], strlen(prefixes[i])) == 0)
			return key + strlen(prefixes[i]);
	return key;
}

static uint32_t round_down_pow2(uint32_t v)
{
	while (v & (v - 1))
		v &= v - 1;
	return v;
}

static uint32_t round_up_pow2(uint32_t v)
{
	uint32_t down = round_down_pow2(v);

	return down == v ? v : down << 1;
}

/* A number of a record and what it may be. */
struct bounded {
	const char *key;
	int64_t min, max, def;
};

static int64_t read_number(const struct iscsi_db_record *r, const struct bounded *b,
                           const struct reporter *to)
{
	int64_t v = iscsi_db_record_get_int(r, b->key, b->def);
	char value[32];

	if (v >= b->min && v <= b->max)
		return v;
	/* these lines are searched for in logs, and lengths of a connection never named the value
	 */
	snprintf(value, sizeof(value), " of %lld", (long long)v);
	report(to, "Invalid %s%s. Must be within %lld and %lld. Setting to %lld",
	       short_name(b->key), strstr(b->key, "RecvDataSegmentLength") ? "" : value,
	       (long long)b->min, (long long)b->max, (long long)b->def);
	return b->def;
}

/* ---- the offer ---------------------------------------------------------------------------- */

#define OFFER(field) offsetof(struct iscsi_offer, field)

static const struct {
	struct bounded number;
	size_t offset;
	uint32_t multiple; /* rounded down to one */
} offer_numbers[] = {
	{{"node.conn[0].iscsi.MaxRecvDataSegmentLength", LENGTH_MIN, LENGTH_MAX, 262144},
         OFFER(max_recv_data_segment_length),
         4},
	{{"node.session.iscsi.MaxBurstLength", LENGTH_MIN, LENGTH_MAX, 16776192},
         OFFER(max_burst_length),
         4},
	{{"node.session.iscsi.FirstBurstLength", LENGTH_MIN, LENGTH_MAX, 262144},
         OFFER(first_burst_length),
         4},
	{{"node.session.iscsi.MaxOutstandingR2T", 1, UINT16_MAX, 1}, OFFER(max_outstanding_r2t), 1},
	/* the kernel has one connection and starts over on every error */
	{{"node.session.iscsi.MaxConnections", 1, 1, 1}, OFFER(max_connections), 1},
	{{"node.session.iscsi.ERL", 0, 0, 0}, OFFER(error_recovery_level), 1},
	{{"node.session.iscsi.DefaultTime2Wait", 0, 3600, 2}, OFFER(default_time2wait), 1},
	{{"node.session.iscsi.DefaultTime2Retain", 0, 3600, 0}, OFFER(default_time2retain), 1},
};

static const struct bounded discovery_length = {
	"discovery.sendtargets.iscsi.MaxRecvDataSegmentLength", LENGTH_MIN, LENGTH_MAX, 32768};

static void set_u32(void *object, size_t offset, uint32_t value)
{
	memcpy((uint8_t *)object + offset, &value, sizeof(value));
}

/* "CRC32C,None": words in order of preference.  What is no digest does not count. */
static struct iscsi_digest_list read_digests(const struct iscsi_db_record *r, const char *key,
                                             const struct reporter *to)
{
	static const struct {
		const char *word;
		enum iscsi_digest method;
	} words[] = {{"None", ISCSI_DIGEST_NONE}, {"CRC32C", ISCSI_DIGEST_CRC32C}};
	const char *at = iscsi_db_record_get(r, key);
	struct iscsi_digest_list list = {0};
	size_t count = 0;

	while (at && *at) {
		size_t len = strcspn(at, ", ");

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (len == strlen(words[i].word) && memcmp(at, words[i].word, len) == 0 &&
			    count < ARRAY_LEN(list.method) &&
			    (count == 0 || list.method[0] != words[i].method))
				list.method[count++] = (uint8_t)words[i].method;
		at += len;
		at += strspn(at, ", ");
	}
	if (count == 0) {
		report(to, "Invalid %s. Must be None, CRC32C or both. Setting to None",
		       short_name(key));
		list.method[0] = ISCSI_DIGEST_NONE;
	}
	return list;
}

static void offer_session(const struct iscsi_db_record *r, const struct reporter *to,
                          struct iscsi_offer *o)
{
	for (size_t i = 0; i < ARRAY_LEN(offer_numbers); i++) {
		uint32_t v = (uint32_t)read_number(r, &offer_numbers[i].number, to);

		set_u32(o, offer_numbers[i].offset, v - v % offer_numbers[i].multiple);
	}
	/* the kernel keeps R2Ts in rings */
	o->max_outstanding_r2t = round_down_pow2(o->max_outstanding_r2t);
	o->initial_r2t = iscsi_db_record_get_bool(r, "node.session.iscsi.InitialR2T");
	o->immediate_data = iscsi_db_record_get_bool(r, "node.session.iscsi.ImmediateData");
	o->header_digest = read_digests(r, "node.conn[0].iscsi.HeaderDigest", to);
	o->data_digest = read_digests(r, "node.conn[0].iscsi.DataDigest", to);
	if (o->first_burst_length > o->max_burst_length) {
		report(to,
		       "iscsi.FirstBurstLength of %u is above iscsi.MaxBurstLength. Setting to %u",
		       o->first_burst_length, o->max_burst_length);
		o->first_burst_length = o->max_burst_length;
	}
}

void kparam_offer(const struct iscsi_db_record *r, kparam_reason reason, void *data,
                  struct iscsi_offer *ret)
{
	const struct reporter to = {.reason = reason, .data = data};
	/* RFC 7143 section 13: its defaults, and the order of data that the kernel insists on */
	struct iscsi_offer o = {
		.max_burst_length = 262144,
		.first_burst_length = 65536,
		.max_outstanding_r2t = 1,
		.max_connections = 1,
		.default_time2wait = 2,
		.default_time2retain = 0,
		.header_digest = {{ISCSI_DIGEST_NONE}},
		.data_digest = {{ISCSI_DIGEST_NONE}},
		.initial_r2t = true,
		.immediate_data = true,
		.data_pdu_in_order = true,
		.data_sequence_in_order = true,
	};

	if (iscsi_db_record_kind(r) == ISCSI_DB_NODE) {
		offer_session(r, &to, &o);
	} else {
		uint32_t v = (uint32_t)read_number(r, &discovery_length, &to);

		o.max_recv_data_segment_length = v - v % 4;
	}
	*ret = o;
}

void kparam_queue(const struct iscsi_db_record *r, kparam_reason reason, void *data,
                  uint16_t *ret_cmds_max, uint16_t *ret_queue_depth)
{
	static const struct bounded cmds_row = {"node.session.cmds_max", 2, CMDS_MAX, CMDS_DEFAULT};
	static const struct bounded depth_row = {"node.session.queue_depth", 1, QUEUE_DEPTH_MAX,
	                                         QUEUE_DEPTH_DEFAULT};
	const struct reporter to = {.reason = reason, .data = data};
	uint32_t asked = (uint32_t)read_number(r, &cmds_row, &to);
	uint32_t cmds = MAX(round_down_pow2(asked), (uint32_t)CMDS_MIN);
	uint32_t depth = (uint32_t)read_number(r, &depth_row, &to);

	if (cmds != asked)
		report(&to,
		       "Invalid cmds_max of %u. Must be a power of 2 from %d on. Setting to %u",
		       asked, CMDS_MIN, cmds);
	*ret_cmds_max = (uint16_t)cmds;
	*ret_queue_depth = (uint16_t)MIN(depth, cmds);
}

/* ---- the kernel's parameters -------------------------------------------------------------- */

struct row;

/* What a row's function works with. */
struct context {
	char scratch[32]; /* where numbers become text */
	/* borrowed */
	const struct kparam_session *session;
	const struct reporter *to;
};

/* The text of a row's value; NULL: the kernel is not told. */
typedef const char *(*row_value)(struct context *c, const struct row *row);

struct row {
	enum nl_param param;
	row_value value;
	struct bounded record; /* where it comes from a record; else all is 0 */
	size_t offset;         /* where it is a member of struct iscsi_params */
};

static const char *as_text(struct context *c, int64_t v)
{
	snprintf(c->scratch, sizeof(c->scratch), "%lld", (long long)v);
	return c->scratch;
}

static const char *record_text(struct context *c, const struct row *row)
{
	return iscsi_db_record_get(c->session->record, row->record.key);
}

static const char *record_number(struct context *c, const struct row *row)
{
	return as_text(c, read_number(c->session->record, &row->record, c->to));
}

static const char *record_bool(struct context *c, const struct row *row)
{
	return as_text(c, iscsi_db_record_get_bool(c->session->record, row->record.key));
}

/* Any negative replacement time-out means for ever, which the kernel calls -1. */
static const char *recovery_timeout(struct context *c, const struct row *row)
{
	if (iscsi_db_record_get_int(c->session->record, row->record.key, row->record.def) < 0)
		return "-1";
	return record_number(c, row);
}

/* Without an interval there shall be no pings; the kernel would take a time-out alone for 5 s. */
static const char *ping_timeout(struct context *c, const struct row *row)
{
	if (iscsi_db_record_get_int(c->session->record, PING_INTERVAL, PING_DEFAULT) == 0)
		return "0";
	return record_number(c, row);
}

/* The kernel keeps secrets for whoever logs in again: only those that were used. */
static const char *secret_text(struct context *c, const struct row *row)
{
	const char *method =
		iscsi_db_record_get(c->session->record, "node.session.auth.authmethod");

	return method && strcmp(method, "CHAP") == 0 ? record_text(c, row) : NULL;
}

static const char *initiator_name(struct context *c, const struct row *row _unused_)
{
	return c->session->initiator_name;
}

static const char *params_u32(struct context *c, const struct row *row)
{
	uint32_t v;

	memcpy(&v, (const uint8_t *)&c->session->params + row->offset, sizeof(v));
	return as_text(c, v);
}

static const char *params_bool(struct context *c, const struct row *row)
{
	bool v;

	memcpy(&v, (const uint8_t *)&c->session->params + row->offset, sizeof(v));
	return v ? "1" : "0";
}

/* The target's limit, or a smaller one that the record sets (0: none). */
static const char *max_xmit(struct context *c, const struct row *row)
{
	uint32_t v = c->session->params.max_xmit_data_segment_length;
	int64_t limit = read_number(c->session->record, &row->record, c->to);

	if (limit >= LENGTH_MIN && limit < v)
		v = (uint32_t)limit - (uint32_t)limit % 4;
	return as_text(c, v);
}

/* A target may have answered with less than was offered, and no power of two: the kernel has to
 * take as many R2Ts as were agreed on. */
static const char *max_r2t(struct context *c, const struct row *row _unused_)
{
	return as_text(c, round_up_pow2(MAX(c->session->params.max_outstanding_r2t, 1U)));
}

/* A target may lower MaxBurstLength alone; START_CONN insists on the order. */
static const char *first_burst(struct context *c, const struct row *row _unused_)
{
	return as_text(
		c, MIN(c->session->params.first_burst_length, c->session->params.max_burst_length));
}

static const char *exp_stat_sn(struct context *c, const struct row *row _unused_)
{
	return as_text(c, c->session->exp_stat_sn);
}

static const char *tpgt(struct context *c, const struct row *row)
{
	int64_t v = c->session->tpgt;

	if (v < 0)
		v = read_number(c->session->record, &row->record, c->to);
	return v < 0 ? NULL : as_text(c, v);
}

static const char *normal_session(struct context *c _unused_, const struct row *row _unused_)
{
	return "0";
}

#define FROM_RECORD(key, min, max, def) {(key), (min), (max), (def)}, 0
#define FROM_TEXT(key)                  {(key), 0, 0, 0}, 0
#define FROM_PARAMS(field)              {0}, offsetof(struct iscsi_params, field)
#define FROM_SESSION                    {0}, 0
#define ERR_TIMEO                       "node.session.err_timeo."

/* In the order in which they are sent: who it is, time-outs, secrets, what was negotiated. */
static const struct row rows[] = {
	{NL_PARAM_TARGET_NAME, record_text, FROM_TEXT("node.name")},
	{NL_PARAM_INITIATOR_NAME, initiator_name, FROM_SESSION},
	{NL_PARAM_IFACE_NAME, record_text, FROM_TEXT("iface.iscsi_ifacename")},
	{NL_PARAM_PERSISTENT_ADDRESS, record_text, FROM_TEXT("node.conn[0].address")},
	{NL_PARAM_PERSISTENT_PORT, record_number,
         FROM_RECORD("node.conn[0].port", 1, UINT16_MAX, 3260)},
	{NL_PARAM_DISCOVERY_SESS, normal_session, FROM_SESSION},
	{NL_PARAM_SESS_RECOVERY_TMO, recovery_timeout,
         FROM_RECORD("node.session.timeo.replacement_timeout", 0, TIMEOUT_MAX, 120)},
	{NL_PARAM_FAST_ABORT, record_bool, FROM_TEXT("node.session.iscsi.FastAbort")},
	{NL_PARAM_ABORT_TMO, record_number,
         FROM_RECORD(ERR_TIMEO "abort_timeout", 0, TIMEOUT_MAX, 15)},
	{NL_PARAM_LU_RESET_TMO, record_number,
         FROM_RECORD(ERR_TIMEO "lu_reset_timeout", 0, TIMEOUT_MAX, 30)},
	{NL_PARAM_TGT_RESET_TMO, record_number,
         FROM_RECORD(ERR_TIMEO "tgt_reset_timeout", 0, TIMEOUT_MAX, 30)},
	{NL_PARAM_PING_TMO, ping_timeout, FROM_RECORD(PING_TIMEOUT, 0, TIMEOUT_MAX, PING_DEFAULT)},
	{NL_PARAM_RECV_TMO, record_number,
         FROM_RECORD(PING_INTERVAL, 0, TIMEOUT_MAX, PING_DEFAULT)},
	{NL_PARAM_USERNAME, secret_text, FROM_TEXT("node.session.auth.username")},
	{NL_PARAM_PASSWORD, secret_text, FROM_TEXT("node.session.auth.password")},
	{NL_PARAM_USERNAME_IN, secret_text, FROM_TEXT("node.session.auth.username_in")},
	{NL_PARAM_PASSWORD_IN, secret_text, FROM_TEXT("node.session.auth.password_in")},
	{NL_PARAM_MAX_RECV_DLENGTH, params_u32, FROM_PARAMS(max_recv_data_segment_length)},
	{NL_PARAM_MAX_XMIT_DLENGTH, max_xmit,
         FROM_RECORD("node.conn[0].iscsi.MaxXmitDataSegmentLength", 0, LENGTH_MAX, 0)},
	{NL_PARAM_HDRDGST_EN, params_bool, FROM_PARAMS(header_digest)},
	{NL_PARAM_DATADGST_EN, params_bool, FROM_PARAMS(data_digest)},
	{NL_PARAM_INITIAL_R2T_EN, params_bool, FROM_PARAMS(initial_r2t)},
	{NL_PARAM_MAX_R2T, max_r2t, FROM_SESSION},
	{NL_PARAM_IMM_DATA_EN, params_bool, FROM_PARAMS(immediate_data)},
	{NL_PARAM_FIRST_BURST, first_burst, FROM_SESSION},
	{NL_PARAM_MAX_BURST, params_u32, FROM_PARAMS(max_burst_length)},
	{NL_PARAM_PDU_INORDER_EN, params_bool, FROM_PARAMS(data_pdu_in_order)},
	{NL_PARAM_DATASEQ_INORDER_EN, params_bool, FROM_PARAMS(data_sequence_in_order)},
	{NL_PARAM_ERL, params_u32, FROM_PARAMS(error_recovery_level)},
	{NL_PARAM_EXP_STATSN, exp_stat_sn, FROM_SESSION},
	{NL_PARAM_TPGT, tpgt, FROM_RECORD("node.tpgt", -1, UINT16_MAX, -1)},
};

void kparam_add_session(struct nl_batch *b, const struct kparam_session *s, kparam_reason reason,
                        void *data)
{
	const struct reporter to = {.reason = reason, .data = data};
	struct context c = {.session = s, .to = &to};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *value = rows[i].value(&c, &rows[i]);

		if (value && *value)
			nl_batch_param(b, rows[i].param, value);
	}
}

void kparam_add_live(struct nl_batch *b, const struct iscsi_db_record *r, kparam_reason reason,
                     void *data)
{
	const struct reporter to = {.reason = reason, .data = data};
	const struct kparam_session s = {.record = r};
	struct context c = {.session = &s, .to = &to};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *key = rows[i].record.key;

		if (key && iscsi_db_key_effect(ISCSI_DB_NODE, key) == ISCSI_DB_EFFECT_LIVE)
			nl_batch_param(b, rows[i].param, rows[i].value(&c, &rows[i]));
	}
}

bool kparam_pings(const struct iscsi_db_record *r)
{
	return iscsi_db_record_get_int(r, PING_INTERVAL, PING_DEFAULT) > 0 &&
	       iscsi_db_record_get_int(r, PING_TIMEOUT, PING_DEFAULT) > 0;
}

void kparam_add_host(struct nl_batch *b, const struct iscsi_db_record *r, uint32_t host_no)
{
	static const struct {
		enum nl_host_param param;
		const char *key;
	} host_rows[] = {
		{NL_HOST_PARAM_NETDEV_NAME, "iface.net_ifacename"},
		{NL_HOST_PARAM_HWADDRESS, "iface.hwaddress"},
	};

	for (size_t i = 0; i < ARRAY_LEN(host_rows); i++) {
		const char *value = iscsi_db_record_get(r, host_rows[i].key);

		if (value && *value)
			nl_batch_host_param(b, host_no, host_rows[i].param, value);
	}
}
