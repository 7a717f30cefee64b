/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manager and the peer accept from each other: everything that is out of form is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "iscsid/peermsg.h"
#include "lib/base/macros.h"

static const struct iscsi_offer offer = {
	.max_recv_data_segment_length = 262144,
	.max_burst_length = 16776192,
	.first_burst_length = 262144,
	.max_outstanding_r2t = 1,
	.max_connections = 1,
	.default_time2wait = 2,
	.header_digest = {{ISCSI_DIGEST_NONE, 0}},
	.data_digest = {{ISCSI_DIGEST_NONE, 0}},
	.immediate_data = true,
	.data_pdu_in_order = true,
	.data_sequence_in_order = true,
};

static const struct iscsi_params params = {
	.max_recv_data_segment_length = 262144,
	.max_xmit_data_segment_length = 8192,
	.max_burst_length = 262144,
	.first_burst_length = 65536,
	.max_outstanding_r2t = 1,
	.max_connections = 1,
	.default_time2wait = 2,
	.default_time2retain = 20,
	.immediate_data = true,
	.data_pdu_in_order = true,
	.data_sequence_in_order = true,
};

static void fill(union peer_message *m, enum peer_verb verb)
{
	memset(m, 0, sizeof(*m));
	m->head.verb = verb;
	m->head.id = 7;
	switch (verb) {
	case PEER_LOGIN:
		m->head.size = sizeof(m->login);
		m->login.purpose = PEER_PURPOSE_SESSION;
		m->login.offer = offer;
		strcpy(m->login.initiator_name, "iqn.2024-01.org.example:host");
		strcpy(m->login.target_name, "iqn.2024-01.org.example:disk");
		break;
	case PEER_READ:
	case PEER_PDU:            /* has no fixed size */
	case PEER_TARGETS: break; /* fill_targets() */
	case PEER_CANCEL: m->head.size = sizeof(m->cancel); break;
	case PEER_COMPLETE: m->head.size = sizeof(m->complete); break;
	case PEER_TARGET:
		m->head.size = sizeof(m->target);
		strcpy(m->target.target_name, "iqn.2024-01.org.example:disk");
		strcpy(m->target.address, "192.0.2.1");
		m->target.port = 3260;
		m->target.tpgt = 1;
		break;
	case PEER_REFUSED_TARGET:
		m->head.size = sizeof(m->refused_target);
		strcpy(m->refused_target.text, "a name with \\x01");
		break;
	case PEER_DONE:
		m->head.size = sizeof(m->done);
		m->done.outcome = PEER_OUTCOME_DONE;
		m->done.stage = 3;
		m->done.tpgt = 1;
		m->done.tsih = 1;
		m->done.params = params;
		break;
	case PEER_NOTICE:
		m->head.size = sizeof(m->notice);
		m->notice.kind = PEER_NOTICE_ASYNC;
		break;
	case PEER_FAILED:
		m->head.size = sizeof(m->failed);
		m->failed.error = EPERM;
		strcpy(m->failed.text, "cannot change root");
		break;
	}
}

static const struct {
	enum peer_verb verb;
	bool from_peer;
} directions[] = {
	{PEER_LOGIN, false}, {PEER_CANCEL, false}, {PEER_TARGET, true}, {PEER_REFUSED_TARGET, true},
	{PEER_DONE, true},   {PEER_FAILED, true},  {PEER_NOTICE, true}, {PEER_COMPLETE, true},
};

static void every_verb_passes_in_its_own_direction_only(void **state _unused_)
{
	union peer_message m;

	for (size_t i = 0; i < ARRAY_LEN(directions); i++) {
		bool from_peer = directions[i].from_peer;
		fill(&m, directions[i].verb);
		assert_int_equal(peermsg_check(&m, m.head.size, from_peer), directions[i].verb);
		assert_int_equal(peermsg_check(&m, m.head.size, !from_peer), -EBADMSG);
	}
}

static void a_size_that_is_not_the_verbs_is_refused(void **state _unused_)
{
	union peer_message m;

	for (size_t i = 0; i < ARRAY_LEN(directions); i++) {
		bool from_peer = directions[i].from_peer;
		fill(&m, directions[i].verb);
		for (size_t len = 0; len < m.head.size; len++)
			assert_int_equal(peermsg_check(&m, len, from_peer), -EBADMSG);
		assert_int_equal(peermsg_check(&m, m.head.size + 1, from_peer), -EBADMSG);
		m.head.size--;
		assert_int_equal(peermsg_check(&m, m.head.size + 1, from_peer), -EBADMSG);
		assert_int_equal(peermsg_check(&m, m.head.size, from_peer), -EBADMSG);
	}
}

static void fill_targets(union peer_message *m, size_t count)
{
	struct peer_targets all;

	fill(m, PEER_TARGET);
	for (size_t i = 0; i < PEER_TARGETS_MAX; i++)
		all.targets[i] = m->target;
	all.head = (struct peer_head){
		.verb = PEER_TARGETS,
		.size = (uint32_t)(sizeof(all.head) + count * sizeof(m->target)),
		.id = 7,
	};
	m->targets = all;
}

static void one_to_many_targets_come_together(void **state _unused_)
{
	union peer_message m;

	for (size_t count = 0; count <= PEER_TARGETS_MAX; count++) {
		fill_targets(&m, count);
		assert_int_equal(peermsg_check(&m, m.head.size, true),
		                 count ? PEER_TARGETS : -EBADMSG);
		assert_int_equal(peermsg_targets(&m.head), count);
		assert_int_equal(peermsg_check(&m, m.head.size, false), -EBADMSG);
		assert_int_equal(peermsg_check(&m, m.head.size - 1, true), -EBADMSG);
	}
}

static void one_bad_target_spoils_those_that_come_with_it(void **state _unused_)
{
	union peer_message m;

	fill_targets(&m, 3);
	m.targets.targets[2].head.id = 8;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	fill_targets(&m, 3);
	m.targets.targets[1].head.verb = PEER_DONE;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	fill_targets(&m, 3);
	m.targets.targets[1].head.verb = PEER_TARGETS;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	fill_targets(&m, 3);
	strcpy(m.targets.targets[2].target_name, "../../etc");
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
}

static void an_unknown_verb_is_refused(void **state _unused_)
{
	union peer_message m;
	static const uint32_t unknown[] = {0, 3, 15, 21, 0xffffffff};

	fill(&m, PEER_CANCEL);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		m.head.verb = unknown[i];
		assert_int_equal(peermsg_check(&m, m.head.size, false), -EBADMSG);
		assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	}
}

#define TEXT_FIELD(verb, type, member)                                                             \
	{                                                                                          \
		verb, offsetof(struct type, member), sizeof(((struct type *)NULL)->member)         \
	}

static void a_pdu_has_a_header_and_at_most_8192_bytes(void **state _unused_)
{
	union peer_message m = {.head = {.verb = PEER_PDU, .id = 1}};
	static const struct {
		size_t len;
		bool ok;
	} sizes[] = {{0, false}, {47, false}, {48, true}, {48 + 8192, true}, {48 + 8193, false}};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		m.head.size = (uint32_t)(sizeof(m.head) + sizes[i].len);
		for (int from_peer = 0; from_peer < 2; from_peer++)
			assert_int_equal(peermsg_check(&m, m.head.size, from_peer),
			                 sizes[i].ok ? PEER_PDU : -EBADMSG);
	}
	m.head.size = sizeof(m.head) + 60;
	assert_int_equal(peermsg_check(&m, sizeof(m.head) + 59, true), -EBADMSG);
	/* only the manager has PDUs of live sessions */
	m.head.verb = PEER_READ;
	assert_int_equal(peermsg_check(&m, m.head.size, false), PEER_READ);
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
}

static void a_text_without_end_is_refused(void **state _unused_)
{
	static const struct {
		enum peer_verb verb;
		size_t offset, size;
	} texts[] = {
		TEXT_FIELD(PEER_LOGIN, peer_login, initiator_name),
		TEXT_FIELD(PEER_LOGIN, peer_login, initiator_alias),
		TEXT_FIELD(PEER_LOGIN, peer_login, target_name),
		TEXT_FIELD(PEER_LOGIN, peer_login, auth.name),
		TEXT_FIELD(PEER_LOGIN, peer_login, auth.target_name),
		TEXT_FIELD(PEER_TARGET, peer_target, target_name),
		TEXT_FIELD(PEER_TARGET, peer_target, address),
		TEXT_FIELD(PEER_REFUSED_TARGET, peer_refused_target, text),
		TEXT_FIELD(PEER_DONE, peer_done, target_alias),
		TEXT_FIELD(PEER_DONE, peer_done, address),
		TEXT_FIELD(PEER_DONE, peer_done, text),
		TEXT_FIELD(PEER_FAILED, peer_failed, text),
	};
	union peer_message m;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		fill(&m, texts[i].verb);
		memset((char *)&m + texts[i].offset, 'a', texts[i].size);
		assert_int_equal(peermsg_check(&m, m.head.size, texts[i].verb >= PEER_TARGET),
		                 -EBADMSG);
	}
}

/* One field of a good message takes another value; bytes are those of the host. */
struct change {
	enum peer_verb verb;
	size_t offset, size;
	int64_t value;
	bool ok;
};

#define CHANGE(verb, type, member, value, ok)                                                      \
	{                                                                                          \
		verb, offsetof(struct type, member), sizeof(((struct type *)NULL)->member), value, \
			ok                                                                         \
	}

static void check_changes(const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct change *c = &changes[i];
		union peer_message m;
		uint8_t u8 = (uint8_t)c->value;
		uint16_t u16 = (uint16_t)c->value;
		uint32_t u32 = (uint32_t)c->value;
		const void *bytes = c->size == 1 ? (void *)&u8 : c->size == 2 ? (void *)&u16 : &u32;

		fill(&m, c->verb);
		memcpy((char *)&m + c->offset, bytes, c->size);
		if ((peermsg_check(&m, m.head.size, c->verb >= PEER_TARGET) > 0) != c->ok)
			fail_msg("row %zu: offset %zu, value %lld", i, c->offset,
			         (long long)c->value);
	}
}

static void numbers_of_a_result_stay_within_the_rfcs_bounds(void **state _unused_)
{
	/* bounds of RFC 7143 sections 13.12 to 13.20 */
	static const struct change changes[] = {
		CHANGE(PEER_DONE, peer_done, outcome, 0, false),
		CHANGE(PEER_DONE, peer_done, outcome, 8, true),
		CHANGE(PEER_DONE, peer_done, outcome, 10, false),
		CHANGE(PEER_DONE, peer_done, chap_algorithm, 8, true),
		CHANGE(PEER_DONE, peer_done, chap_algorithm, 9, false),
		CHANGE(PEER_DONE, peer_done, error, -1, false),
		CHANGE(PEER_DONE, peer_done, error, 4096, false),
		CHANGE(PEER_DONE, peer_done, error, ECONNRESET, true),
		CHANGE(PEER_DONE, peer_done, stage, 2, false),
		CHANGE(PEER_DONE, peer_done, stage, 4, false),
		CHANGE(PEER_DONE, peer_done, tpgt, -1, true),
		CHANGE(PEER_DONE, peer_done, tpgt, -2, false),
		CHANGE(PEER_DONE, peer_done, tpgt, 65535, true),
		CHANGE(PEER_DONE, peer_done, tpgt, 65536, false),
		CHANGE(PEER_DONE, peer_done, params.max_recv_data_segment_length, 511, false),
		CHANGE(PEER_DONE, peer_done, params.max_recv_data_segment_length, 512, true),
		CHANGE(PEER_DONE, peer_done, params.max_xmit_data_segment_length, 511, false),
		CHANGE(PEER_DONE, peer_done, params.max_xmit_data_segment_length, 16777215, true),
		CHANGE(PEER_DONE, peer_done, params.max_xmit_data_segment_length, 16777216, false),
		CHANGE(PEER_DONE, peer_done, params.max_burst_length, 65535, false),
		CHANGE(PEER_DONE, peer_done, params.max_burst_length, 65536, true),
		CHANGE(PEER_DONE, peer_done, params.max_burst_length, 16777216, false),
		CHANGE(PEER_DONE, peer_done, params.first_burst_length, 511, false),
		CHANGE(PEER_DONE, peer_done, params.first_burst_length, 262144, true),
		CHANGE(PEER_DONE, peer_done, params.first_burst_length, 262145, false),
		CHANGE(PEER_DONE, peer_done, params.max_outstanding_r2t, 0, false),
		CHANGE(PEER_DONE, peer_done, params.max_outstanding_r2t, 65536, false),
		CHANGE(PEER_DONE, peer_done, params.max_connections, 0, false),
		CHANGE(PEER_DONE, peer_done, params.error_recovery_level, 2, true),
		CHANGE(PEER_DONE, peer_done, params.error_recovery_level, 3, false),
		CHANGE(PEER_DONE, peer_done, params.default_time2wait, 3600, true),
		CHANGE(PEER_DONE, peer_done, params.default_time2wait, 3601, false),
		CHANGE(PEER_DONE, peer_done, params.default_time2retain, -1, false),
		CHANGE(PEER_TARGET, peer_target, tpgt, 65536, false),
		CHANGE(PEER_TARGET, peer_target, tpgt, -1, true),
		CHANGE(PEER_TARGET, peer_target, port, 0, false),
		CHANGE(PEER_FAILED, peer_failed, error, -5, false),
		CHANGE(PEER_NOTICE, peer_notice, kind, 0, false),
		CHANGE(PEER_NOTICE, peer_notice, kind, 4, true),
		CHANGE(PEER_NOTICE, peer_notice, kind, 5, false),
		CHANGE(PEER_NOTICE, peer_notice, has_sense, 2, false),
		CHANGE(PEER_NOTICE, peer_notice, sense_key, 15, true),
		CHANGE(PEER_NOTICE, peer_notice, sense_key, 16, false),
		CHANGE(PEER_LOGIN, peer_login, purpose, 0, false),
		CHANGE(PEER_LOGIN, peer_login, purpose, 4, true),
		CHANGE(PEER_LOGIN, peer_login, purpose, 5, false),
		CHANGE(PEER_LOGIN, peer_login, offer.max_recv_data_segment_length, 511, false),
		CHANGE(PEER_LOGIN, peer_login, auth.algorithms.number[0], 7, true),
		CHANGE(PEER_LOGIN, peer_login, auth.algorithms.number[3], 9, false),
		CHANGE(PEER_LOGIN, peer_login, offer.max_outstanding_r2t, 0, false),
		CHANGE(PEER_LOGIN, peer_login, offer.header_digest.method[0], 3, false),
	};

	check_changes(changes, ARRAY_LEN(changes));
}

static void a_flag_is_nought_or_one(void **state _unused_)
{
	static const struct change changes[] = {
		CHANGE(PEER_DONE, peer_done, params.header_digest, 1, true),
		CHANGE(PEER_DONE, peer_done, params.header_digest, 2, false),
		CHANGE(PEER_DONE, peer_done, params.data_digest, 255, false),
		CHANGE(PEER_DONE, peer_done, params.initial_r2t, 2, false),
		CHANGE(PEER_DONE, peer_done, params.immediate_data, 2, false),
		CHANGE(PEER_DONE, peer_done, params.data_pdu_in_order, 2, false),
		CHANGE(PEER_DONE, peer_done, params.data_sequence_in_order, 2, false),
		CHANGE(PEER_LOGIN, peer_login, offer.initial_r2t, 2, false),
		CHANGE(PEER_LOGIN, peer_login, offer.data_sequence_in_order, 2, false),
	};

	check_changes(changes, ARRAY_LEN(changes));
}

static void a_hostile_text_is_refused(void **state _unused_)
{
	static const struct {
		enum peer_verb verb;
		size_t offset;
		const char *text;
		bool ok;
	} texts[] = {
		{PEER_TARGET, offsetof(struct peer_target, target_name), "", false},
		{PEER_TARGET, offsetof(struct peer_target, target_name), "../../etc/passwd", false},
		{PEER_TARGET, offsetof(struct peer_target, target_name), "iqn.2024-01.a:b/../c",
	         false},
		{PEER_TARGET, offsetof(struct peer_target, target_name), "iqn.2024-01.a:b\nc",
	         false},
		{PEER_TARGET, offsetof(struct peer_target, address), "", true},
		{PEER_TARGET, offsetof(struct peer_target, address), "fe80::1", true},
		{PEER_TARGET, offsetof(struct peer_target, address), "a/b", false},
		{PEER_TARGET, offsetof(struct peer_target, address), "a b", false},
		{PEER_TARGET, offsetof(struct peer_target, address), "a,1", false},
		{PEER_REFUSED_TARGET, offsetof(struct peer_refused_target, text), "\033[2J", false},
		{PEER_DONE, offsetof(struct peer_done, text), "two\nlines", false},
		{PEER_DONE, offsetof(struct peer_done, text), "\xc3\xa4", false},
		{PEER_DONE, offsetof(struct peer_done, target_alias), "\xc3\xa4", true},
		{PEER_DONE, offsetof(struct peer_done, target_alias), "a\033b", false},
		{PEER_FAILED, offsetof(struct peer_failed, text), "a\tb", false},
		{PEER_LOGIN, offsetof(struct peer_login, initiator_alias), "a\nb", false},
	};
	union peer_message m;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		fill(&m, texts[i].verb);
		strcpy((char *)&m + texts[i].offset, texts[i].text);
		if ((peermsg_check(&m, m.head.size, texts[i].verb >= PEER_TARGET) > 0) !=
		    texts[i].ok)
			fail_msg("row %zu: \"%s\"", i, texts[i].text);
	}
}

static void an_outcome_brings_what_it_needs(void **state _unused_)
{
	union peer_message m;

	fill(&m, PEER_DONE);
	m.done.outcome = PEER_OUTCOME_REDIRECTED;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	strcpy(m.done.address, "192.0.2.9");
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	m.done.port = 3260;
	assert_int_equal(peermsg_check(&m, m.head.size, true), PEER_DONE);

	m.done.outcome = PEER_OUTCOME_REFUSED;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	m.done.status_class = 2;
	assert_int_equal(peermsg_check(&m, m.head.size, true), PEER_DONE);

	m.done.outcome = PEER_OUTCOME_ISNS_REFUSED;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
	m.done.isns_status = 9;
	assert_int_equal(peermsg_check(&m, m.head.size, true), PEER_DONE);

	/* a login that failed has no parameters to check, nor has a query */
	m.done.params = (struct iscsi_params){0};
	assert_int_equal(peermsg_check(&m, m.head.size, true), PEER_DONE);
	m.done.outcome = PEER_OUTCOME_ANSWERED;
	assert_int_equal(peermsg_check(&m, m.head.size, true), PEER_DONE);
	m.done.outcome = PEER_OUTCOME_DONE;
	assert_int_equal(peermsg_check(&m, m.head.size, true), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_passes_in_its_own_direction_only),
		cmocka_unit_test(a_size_that_is_not_the_verbs_is_refused),
		cmocka_unit_test(one_to_many_targets_come_together),
		cmocka_unit_test(one_bad_target_spoils_those_that_come_with_it),
		cmocka_unit_test(an_unknown_verb_is_refused),
		cmocka_unit_test(a_pdu_has_a_header_and_at_most_8192_bytes),
		cmocka_unit_test(a_text_without_end_is_refused),
		cmocka_unit_test(numbers_of_a_result_stay_within_the_rfcs_bounds),
		cmocka_unit_test(a_flag_is_nought_or_one),
		cmocka_unit_test(a_hostile_text_is_refused),
		cmocka_unit_test(an_outcome_brings_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
