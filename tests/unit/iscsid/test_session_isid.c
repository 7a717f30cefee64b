/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ISIDs the sessions of one host have, RFC 7143 sections 6.3.5 and 10.1.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "iscsid/session_fsm.h"
#include "lib/base/macros.h"

#define DISK  "iqn.2026-01.org.example:disk"
#define OTHER "iqn.2026-01.org.example:other"

enum { SESSIONS_MAX = 4 };

/* Sessions that have a name and a record; their objects are never driven. */
struct host {
	struct manager manager;
	struct session sessions[SESSIONS_MAX];
	size_t count;
};

static int setup(void **state)
{
	static struct host host;

	memset(&host, 0, sizeof(host));
	list_init(&host.manager.sessions);
	snprintf(host.manager.initiator_name, sizeof(host.manager.initiator_name),
	         "iqn.2026-01.org.example:host");
	*state = &host;
	return 0;
}

static int teardown(void **state)
{
	struct host *h = (struct host *)*state;

	for (size_t i = 0; i < h->count; i++)
		iscsi_db_record_free(h->sessions[i].record);
	return 0;
}

/* One more session, to a portal of group tpgt of the target; its ISID, borrowed. */
static const uint8_t *log_in(struct host *h, const char *target, int32_t tpgt, const char *iface)
{
	struct session *s = &h->sessions[h->count++];

	assert_true(h->count <= SESSIONS_MAX);
	s->manager = &h->manager;
	s->record = iscsi_db_record_new(ISCSI_DB_NODE);
	assert_non_null(s->record);
	snprintf(s->id.target_name, sizeof(s->id.target_name), "%s", target);
	snprintf(s->id.iface_name, sizeof(s->id.iface_name), "%s", iface);
	list_append(&h->manager.sessions, &s->node);
	session_choose_isid(s, tpgt);
	return s->id.isid;
}

static void log_out(struct host *h, size_t i)
{
	list_remove(&h->sessions[i].node);
	list_init(&h->sessions[i].node);
}

static void portals_of_one_group_have_isids_of_their_own(void **state)
{
	struct host *h = (struct host *)*state;
	const uint8_t *a = log_in(h, DISK, 1, "default"), *b = log_in(h, DISK, 1, "default");

	assert_memory_not_equal(a, b, ISID_SIZE);
}

static void portal_groups_and_targets_share_an_isid(void **state)
{
	struct host *h = (struct host *)*state;
	const uint8_t *a = log_in(h, DISK, 1, "default");

	assert_memory_equal(a, log_in(h, DISK, 2, "default"), ISID_SIZE);
	assert_memory_equal(a, log_in(h, OTHER, 1, "default"), ISID_SIZE);
}

static void a_group_that_is_not_known_may_be_any(void **state)
{
	struct host *h = (struct host *)*state;
	const uint8_t *a = log_in(h, DISK, PORTAL_TPGT_UNKNOWN, "default");
	const uint8_t *b = log_in(h, DISK, PORTAL_TPGT_UNKNOWN, "default");
	const uint8_t *c = log_in(h, DISK, 1, "default");

	assert_memory_not_equal(a, b, ISID_SIZE);
	assert_memory_not_equal(a, c, ISID_SIZE);
	assert_memory_not_equal(b, c, ISID_SIZE);
}

static void interfaces_are_initiator_ports_of_their_own(void **state)
{
	struct host *h = (struct host *)*state;
	const uint8_t *a = log_in(h, DISK, 1, "one");

	assert_memory_not_equal(a, log_in(h, DISK, 2, "two"), ISID_SIZE);
}

/* What a target keeps for an initiator port is found again by the same logins in any order. */
static void a_slot_that_is_free_again_is_used_again(void **state)
{
	struct host *h = (struct host *)*state;
	uint8_t first[ISID_SIZE], second[ISID_SIZE];

	memcpy(first, log_in(h, DISK, 1, "default"), ISID_SIZE);
	memcpy(second, log_in(h, DISK, 1, "default"), ISID_SIZE);
	log_out(h, 0);
	assert_memory_equal(log_in(h, DISK, 1, "default"), first, ISID_SIZE);
	log_out(h, 1);
	assert_memory_equal(log_in(h, DISK, 1, "default"), second, ISID_SIZE);
}

static void an_isid_is_kept_for_life(void **state)
{
	struct host *h = (struct host *)*state;
	uint8_t before[ISID_SIZE];

	log_in(h, DISK, 1, "default");
	memcpy(before, log_in(h, DISK, 1, "default"), ISID_SIZE);
	log_out(h, 0);
	session_choose_isid(&h->sessions[1], 1);
	assert_memory_equal(h->sessions[1].id.isid, before, ISID_SIZE);
}

static void a_redirect_to_another_session_s_group_does_not_end_that_one(void **state)
{
	struct host *h = (struct host *)*state;
	const struct portal from = {.host = "192.0.2.1", .port = 3260}, to = from;
	const struct conn_move move = {.from = &from, .to = &to};
	const uint8_t *a = log_in(h, DISK, 1, "default"), *b = log_in(h, DISK, 2, "default");

	assert_memory_equal(a, b, ISID_SIZE);
	session_redirected(&h->sessions[1], &move);
	assert_memory_not_equal(a, b, ISID_SIZE);
}

/* For a target that does not tell its groups apart. */
static void an_isid_of_its_own_is_shared_with_no_other_group(void **state)
{
	struct host *h = (struct host *)*state;

	log_in(h, DISK, 1, "default");
	log_in(h, OTHER, 1, "default");
	assert_false(session_shares_isid(&h->sessions[0]));
	log_in(h, DISK, 2, "default");
	assert_true(session_shares_isid(&h->sessions[0]));
	session_choose_isid(&h->sessions[0], PORTAL_TPGT_UNKNOWN);
	assert_false(session_shares_isid(&h->sessions[0]));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(portals_of_one_group_have_isids_of_their_own),
		TEST(portal_groups_and_targets_share_an_isid),
		TEST(a_group_that_is_not_known_may_be_any),
		TEST(interfaces_are_initiator_ports_of_their_own),
		TEST(a_slot_that_is_free_again_is_used_again),
		TEST(an_isid_is_kept_for_life),
		TEST(a_redirect_to_another_session_s_group_does_not_end_that_one),
		TEST(an_isid_of_its_own_is_shared_with_no_other_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
