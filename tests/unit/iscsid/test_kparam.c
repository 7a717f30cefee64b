/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in, offers and netlink requests out.  Requests are read back from their bytes: the
 * number of a parameter is at offset 40 of each, its text at offset 72.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "iscsid/kparam.h"
#include "lib/base/macros.h"

struct reasons {
	unsigned int count;
	char last[256];
};

static void note(void *data, const char *text)
{
	struct reasons *r = data;

	r->count++;
	snprintf(r->last, sizeof(r->last), "%s", text);
}

/* A node record whose text has these lines; ranges are not the database's business here. */
static struct iscsi_db_record *record(const char *lines)
{
	static const char base[] = "node.name = iqn.2001-04.com.example:disk\n"
				   "node.tpgt = 3\n"
				   "node.conn[0].address = 192.0.2.1\n"
				   "node.conn[0].port = 3261\n"
				   "iface.iscsi_ifacename = blue\n";
	struct iscsi_db_record *r = NULL;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", base, lines);
	assert_int_equal(iscsi_db_record_parse(ISCSI_DB_NODE, text, strlen(text), NULL, NULL, &r),
	                 0);
	return r;
}

/* ---- the offer ---------------------------------------------------------------------------- */

/* The values of iscsid.conf(5) as shipped. */
static void an_untouched_record_offers_the_defaults(void **state _unused_)
{
	struct iscsi_db_record *r = record("");
	struct reasons reasons = {0};
	struct iscsi_offer o;

	kparam_offer(r, note, &reasons, &o);
	assert_int_equal(reasons.count, 0);
	assert_int_equal(o.max_recv_data_segment_length, 262144);
	assert_int_equal(o.max_burst_length, 16776192);
	assert_int_equal(o.first_burst_length, 262144);
	assert_int_equal(o.max_outstanding_r2t, 1);
	assert_int_equal(o.max_connections, 1);
	assert_int_equal(o.error_recovery_level, 0);
	assert_int_equal(o.default_time2wait, 2);
	assert_int_equal(o.default_time2retain, 0);
	assert_int_equal(o.header_digest.method[0], ISCSI_DIGEST_NONE);
	assert_int_equal(o.header_digest.method[1], 0);
	assert_int_equal(o.data_digest.method[0], ISCSI_DIGEST_NONE);
	assert_false(o.initial_r2t);
	assert_true(o.immediate_data);
	assert_true(o.data_pdu_in_order);
	assert_true(o.data_sequence_in_order);
	iscsi_db_record_free(r);
}

static void numbers_are_made_legal(void **state _unused_)
{
	static const struct {
		const char *line;
		size_t offset;
		uint32_t value;
	} rows[] = {
#define ROW(field, line, value) {(line), offsetof(struct iscsi_offer, field), (value)}
		ROW(max_recv_data_segment_length,
	            "node.conn[0].iscsi.MaxRecvDataSegmentLength = 512\n", 512),
		ROW(max_recv_data_segment_length,
	            "node.conn[0].iscsi.MaxRecvDataSegmentLength = 16777215\n", 16777212),
		ROW(max_burst_length, "node.session.iscsi.MaxBurstLength = 300003\n", 300000),
		ROW(first_burst_length, "node.session.iscsi.FirstBurstLength = 513\n", 512),
		ROW(max_outstanding_r2t, "node.session.iscsi.MaxOutstandingR2T = 8\n", 8),
		ROW(max_outstanding_r2t, "node.session.iscsi.MaxOutstandingR2T = 7\n", 4),
		ROW(max_outstanding_r2t, "node.session.iscsi.MaxOutstandingR2T = 65535\n", 32768),
		ROW(default_time2wait, "node.session.iscsi.DefaultTime2Wait = 3600\n", 3600),
		ROW(default_time2retain, "node.session.iscsi.DefaultTime2Retain = 20\n", 20),
#undef ROW
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = record(rows[i].line);
		struct reasons reasons = {0};
		struct iscsi_offer o;
		uint32_t v;

		kparam_offer(r, note, &reasons, &o);
		memcpy(&v, (const uint8_t *)&o + rows[i].offset, sizeof(v));
		if (v != rows[i].value)
			fail_msg("%s gave %u", rows[i].line, v);
		assert_int_equal(reasons.count, 0);
		iscsi_db_record_free(r);
	}
}

static void the_first_burst_is_not_above_the_longest(void **state _unused_)
{
	struct iscsi_db_record *r = record("node.session.iscsi.FirstBurstLength = 65536\n"
	                                   "node.session.iscsi.MaxBurstLength = 8192\n");
	struct reasons reasons = {0};
	struct iscsi_offer o;

	kparam_offer(r, note, &reasons, &o);
	assert_int_equal(o.first_burst_length, 8192);
	assert_int_equal(o.max_burst_length, 8192);
	assert_int_equal(reasons.count, 1);
	kparam_offer(r, NULL, NULL, &o); /* nobody listens */
	assert_int_equal(o.first_burst_length, 8192);
	iscsi_db_record_free(r);
}

static void digests_are_offered_in_the_records_order(void **state _unused_)
{
	static const struct {
		const char *value;
		uint8_t first, second;
	} rows[] = {
		{"None", ISCSI_DIGEST_NONE, 0},
		{"CRC32C", ISCSI_DIGEST_CRC32C, 0},
		{"CRC32C,None", ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE},
		{"None,CRC32C", ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[200];
		struct iscsi_db_record *r;
		struct iscsi_offer o;

		snprintf(line, sizeof(line),
		         "node.conn[0].iscsi.HeaderDigest = %s\n"
		         "node.conn[0].iscsi.DataDigest = %s\n",
		         rows[i].value, rows[ARRAY_LEN(rows) - 1 - i].value);
		r = record(line);
		kparam_offer(r, NULL, NULL, &o);
		assert_int_equal(o.header_digest.method[0], rows[i].first);
		assert_int_equal(o.header_digest.method[1], rows[i].second);
		assert_int_equal(o.data_digest.method[0], rows[ARRAY_LEN(rows) - 1 - i].first);
		iscsi_db_record_free(r);
	}
}

static void truths_come_from_the_record(void **state _unused_)
{
	struct iscsi_db_record *r = record("node.session.iscsi.InitialR2T = Yes\n"
	                                   "node.session.iscsi.ImmediateData = No\n");
	struct iscsi_offer o;

	kparam_offer(r, NULL, NULL, &o);
	assert_true(o.initial_r2t);
	assert_false(o.immediate_data);
	iscsi_db_record_free(r);
}

static void discovery_offers_its_own_length(void **state _unused_)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);
	struct iscsi_offer o;

	kparam_offer(r, NULL, NULL, &o);
	assert_int_equal(o.max_recv_data_segment_length, 32768);
	assert_int_equal(o.header_digest.method[0], ISCSI_DIGEST_NONE);
	assert_int_equal(iscsi_db_record_set(r,
	                                     "discovery.sendtargets.iscsi.MaxRecvDataSegmentLength",
	                                     "65539"),
	                 0);
	kparam_offer(r, NULL, NULL, &o);
	assert_int_equal(o.max_recv_data_segment_length, 65536);
	iscsi_db_record_free(r);
}

static void queue_sizes_are_what_the_kernel_takes(void **state _unused_)
{
	static const struct {
		const char *lines;
		uint16_t cmds, depth;
		unsigned int reasons;
	} rows[] = {
		{"", 128, 32, 0},
		{"node.session.cmds_max = 2048\nnode.session.queue_depth = 1024\n", 2048, 1024, 0},
		{"node.session.cmds_max = 16\nnode.session.queue_depth = 32\n", 16, 16, 0},
		{"node.session.cmds_max = 2\nnode.session.queue_depth = 1\n", 16, 1, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = record(rows[i].lines);
		struct reasons reasons = {0};
		uint16_t cmds, depth;

		kparam_queue(r, note, &reasons, &cmds, &depth);
		assert_int_equal(cmds, rows[i].cmds);
		assert_int_equal(depth, rows[i].depth);
		assert_int_equal(reasons.count, rows[i].reasons);
		iscsi_db_record_free(r);
	}
}

/* ---- parameters --------------------------------------------------------------------------- */

static uint32_t read_u32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The text that the batch sends for a parameter (type 16) or host parameter (26); NULL: none. */
static const char *sent(const struct nl_batch *b, uint32_t type, uint32_t param)
{
	size_t len;
	const uint8_t *at = nl_batch_bytes(b, &len), *end = at + len;

	while (at < end) {
		if (read_u32(at + 16) == type && read_u32(at + (type == 26 ? 36 : 40)) == param)
			return (const char *)at + 72;
		at += (read_u32(at) + 3) & ~3U;
	}
	return NULL;
}

/* What a target agreed to, in odd values that a mix-up would show. */
static struct kparam_session session(const struct iscsi_db_record *r)
{
	return (struct kparam_session){
		.exp_stat_sn = 4000000001,
		.tpgt = 5,
		.params =
			{
				.max_recv_data_segment_length = 262144,
				.max_xmit_data_segment_length = 65536,
				.max_burst_length = 1048576,
				.first_burst_length = 8192,
				.max_outstanding_r2t = 4,
				.max_connections = 1,
				.header_digest = true,
				.data_digest = false,
				.initial_r2t = false,
				.immediate_data = true,
				.data_pdu_in_order = true,
				.data_sequence_in_order = true,
			},
		.record = r,
		.initiator_name = "iqn.1993-08.org.debian:01:test",
	};
}

static void check_sent(const char *lines, const struct kparam_session *change, uint32_t param,
                       const char *value)
{
	struct iscsi_db_record *r = record(lines);
	struct kparam_session s = session(r);
	struct nl_batch *b = nl_batch_new(7, 0);
	const char *got;

	if (change) {
		s = *change;
		s.record = r;
	}
	kparam_add_session(b, &s, NULL, NULL);
	got = sent(b, 16, param);
	if (!value)
		assert_null(got);
	else if (!got || strcmp(got, value) != 0)
		fail_msg("parameter %u: %s instead of %s", param, got ? got : "nothing", value);
	nl_batch_free(b);
	iscsi_db_record_free(r);
}

/* Numbers of enum iscsi_param in the kernel. */
static void every_parameter_has_its_number_and_text(void **state _unused_)
{
	static const struct {
		uint32_t param;
		const char *value;
	} rows[] = {
		{0, "262144"},
		{1, "65536"},
		{2, "1"},
		{3, "0"},
		{4, "0"},
		{5, "4"},
		{6, "1"},
		{7, "8192"},
		{8, "1048576"},
		{9, "1"},
		{10, "1"},
		{11, "0"},
		{14, "4000000001"},
		{15, "iqn.2001-04.com.example:disk"},
		{16, "5"},
		{17, "192.0.2.1"},
		{18, "3261"},
		{19, "120"},
		{22, NULL},
		{23, NULL},
		{24, NULL},
		{25, NULL},
		{26, "1"},
		{27, "15"},
		{28, "30"},
		{30, "5"},
		{31, "5"},
		{32, "blue"},
		{33, NULL},
		{34, "iqn.1993-08.org.debian:01:test"},
		{35, "30"},
		{43, "0"},
		/* iscsi_tcp says ENOSYS to markers */
		{12, NULL},
		{13, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_sent("", NULL, rows[i].param, rows[i].value);
}

static void a_record_changes_what_it_names(void **state _unused_)
{
	static const struct {
		const char *lines;
		uint32_t param;
		const char *value;
	} rows[] = {
		{"node.session.timeo.replacement_timeout = 0\n", 19, "0"},
		{"node.session.timeo.replacement_timeout = 86400\n", 19, "86400"},
		{"node.session.timeo.replacement_timeout = -1\n", 19, "-1"},
		{"node.session.timeo.replacement_timeout = -7\n", 19, "-1"},
		{"node.session.iscsi.FastAbort = No\n", 26, "0"},
		{"node.session.err_timeo.abort_timeout = 16\n", 27, "16"},
		{"node.session.err_timeo.lu_reset_timeout = 31\n", 28, "31"},
		{"node.session.err_timeo.tgt_reset_timeout = 32\n", 35, "32"},
		{"node.conn[0].timeo.noop_out_interval = 6\n", 31, "6"},
		{"node.conn[0].timeo.noop_out_timeout = 7\n", 30, "7"},
		/* no interval, no pings: a time-out alone would be an interval of 5 s */
		{"node.conn[0].timeo.noop_out_interval = 0\n", 31, "0"},
		{"node.conn[0].timeo.noop_out_interval = 0\n", 30, "0"},
		{"node.conn[0].iscsi.MaxXmitDataSegmentLength = 4099\n", 1, "4096"},
		{"node.conn[0].iscsi.MaxXmitDataSegmentLength = 131072\n", 1, "65536"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_sent(rows[i].lines, NULL, rows[i].param, rows[i].value);
}

#define SECRETS                                                                                    \
	"node.session.auth.username = me\nnode.session.auth.password = secret-of-me\n"             \
	"node.session.auth.username_in = you\n"

static void secrets_that_were_used_are_kept_by_the_kernel(void **state _unused_)
{
	static const char chap[] = "node.session.auth.authmethod = CHAP\n" SECRETS;

	check_sent(chap, NULL, 22, "me");
	check_sent(chap, NULL, 24, "secret-of-me");
	check_sent(chap, NULL, 23, "you");
	check_sent(chap, NULL, 25, NULL);
}

static void secrets_that_were_not_used_stay_here(void **state _unused_)
{
	static const char none[] = "node.session.auth.authmethod = None\n" SECRETS;

	for (uint32_t param = 22; param <= 25; param++)
		check_sent(none, NULL, param, NULL);
}

static void the_kernel_can_hold_what_was_agreed_on(void **state _unused_)
{
	struct kparam_session s = session(NULL);

	s.params.max_outstanding_r2t = 3; /* the kernel takes powers of two */
	check_sent("", &s, 5, "4");
	s.params.max_outstanding_r2t = 1;
	check_sent("", &s, 5, "1");
	s.params.max_burst_length = 4096; /* START_CONN refuses a longer first burst */
	s.params.first_burst_length = 65536;
	check_sent("", &s, 7, "4096");
	check_sent("", &s, 8, "4096");
}

static void a_target_without_tag_leaves_the_records(void **state _unused_)
{
	struct kparam_session s = session(NULL);

	s.tpgt = -1;
	check_sent("", &s, 16, "3");
	check_sent("node.tpgt = -1\n", &s, 16, NULL);
	s.tpgt = 0;
	check_sent("", &s, 16, "0");
}

static void the_host_gets_what_the_interface_names(void **state _unused_)
{
	struct iscsi_db_record *r = record("");
	struct nl_batch *b = nl_batch_new(7, 0);

	kparam_add_host(b, r, 4);
	assert_null(sent(b, 26, 2));
	assert_null(sent(b, 26, 0));
	iscsi_db_record_free(r);
	r = record("iface.net_ifacename = eth1\niface.hwaddress = 02:00:00:00:00:01\n");
	kparam_add_host(b, r, 4);
	assert_string_equal(sent(b, 26, 2), "eth1");
	assert_string_equal(sent(b, 26, 0), "02:00:00:00:00:01");
	nl_batch_free(b);
	iscsi_db_record_free(r);
}

/* Only these does the kernel take of a connection that is up without a new login. */
static void a_session_that_runs_is_told_its_time_outs_and_nothing_else(void **state _unused_)
{
	static const uint32_t live[] = {19, 26, 27, 28, 30, 31, 35};
	struct iscsi_db_record *r = record("node.session.timeo.replacement_timeout = -1\n"
	                                   "node.session.err_timeo.abort_timeout = 11\n"
	                                   "node.session.auth.authmethod = CHAP\n"
	                                   "node.session.auth.password = secretsecret1\n");
	struct nl_batch *b = nl_batch_new(7, 0);
	size_t next = 0;

	kparam_add_live(b, r, NULL, NULL);
	for (uint32_t param = 0; param < 72; param++) {
		bool wanted = next < ARRAY_LEN(live) && live[next] == param;

		if (wanted != (sent(b, 16, param) != NULL))
			fail_msg("parameter %u", param);
		next += wanted;
	}
	assert_string_equal(sent(b, 16, 19), "-1");
	assert_string_equal(sent(b, 16, 27), "11");
	nl_batch_free(b);
	iscsi_db_record_free(r);
}

static void pings_need_an_interval_and_a_time_out(void **state _unused_)
{
	static const struct {
		const char *lines;
		bool pings;
	} rows[] = {
		{"", true},
		{"node.conn[0].timeo.noop_out_interval = 0\n", false},
		{"node.conn[0].timeo.noop_out_timeout = 0\n", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = record(rows[i].lines);

		assert_int_equal(kparam_pings(r), rows[i].pings);
		iscsi_db_record_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_record_offers_the_defaults),
		cmocka_unit_test(numbers_are_made_legal),
		cmocka_unit_test(the_first_burst_is_not_above_the_longest),
		cmocka_unit_test(digests_are_offered_in_the_records_order),
		cmocka_unit_test(truths_come_from_the_record),
		cmocka_unit_test(discovery_offers_its_own_length),
		cmocka_unit_test(queue_sizes_are_what_the_kernel_takes),
		cmocka_unit_test(a_session_that_runs_is_told_its_time_outs_and_nothing_else),
		cmocka_unit_test(pings_need_an_interval_and_a_time_out),
		cmocka_unit_test(every_parameter_has_its_number_and_text),
		cmocka_unit_test(a_record_changes_what_it_names),
		cmocka_unit_test(secrets_that_were_used_are_kept_by_the_kernel),
		cmocka_unit_test(secrets_that_were_not_used_stay_here),
		cmocka_unit_test(the_kernel_can_hold_what_was_agreed_on),
		cmocka_unit_test(a_target_without_tag_leaves_the_records),
		cmocka_unit_test(the_host_gets_what_the_interface_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
