/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon repeats the discoveries whose records say so; what is new gets records and sessions.
 */
#include "tests/unit/iscsid/repeat_scene.h"

static void records_with_yes_are_repeated_and_no_others(void **state)
{
	struct house *h = (struct house *)*state;
	char name[64];

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.2", "No", INTERVAL_SEC);
	write_source(h, ISCSI_DB_ISNS, "127.0.0.1", "Yes", INTERVAL_SEC);
	write_source(h, ISCSI_DB_ISNS, "127.0.0.3", "No", INTERVAL_SEC);
	start(h);
	wait_logins(h, 2);
	assert_int_equal(said("is repeated, as its record says"), 2);
	snprintf(name, sizeof(name), "discovery send_targets/127.0.0.1,%u is", h->port);
	assert_int_equal(said(name), 1);
	snprintf(name, sizeof(name), "discovery isns/127.0.0.1,%u is", h->port);
	assert_int_equal(said(name), 1);
}

static void only_so_many_are_made_at_once(void **state)
{
	struct house *h = (struct house *)*state;
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(h->port)};
	int portals[REPEATS_AT_ONCE + 1];
	char address[16];

	for (int i = 0; i <= REPEATS_AT_ONCE; i++) {
		snprintf(address, sizeof(address), "127.0.1.%d", i + 1);
		write_source(h, ISCSI_DB_SENDTARGETS, address, "Yes", INTERVAL_SEC);
		place.sin_addr.s_addr = inet_addr(address);
		portals[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(portals[i], (struct sockaddr *)&place, sizeof(place)), 0);
		assert_int_equal(listen(portals[i], 1), 0);
	}
	start(h);
	wait_logins(h, REPEATS_AT_ONCE);
	for (int i = 0; i < 100; i++)
		turn(h);
	assert_int_equal(peer.logins, REPEATS_AT_ONCE);
	tell_end();
	wait_logins(h, REPEATS_AT_ONCE + 1);
	for (size_t i = 0; i < ARRAY_LEN(portals); i++)
		close(portals[i]);
}

static void without_a_database_nothing_is_said(void **state)
{
	struct house *h = (struct house *)*state;

	start(h);
	for (int i = 0; i < 100; i++)
		turn(h);
	assert_string_equal(scene.log, "");
	assert_int_equal(peer.logins, 0);
}

static void a_database_that_cannot_be_read_is_told_of(void **state)
{
	struct house *h = (struct house *)*state;

	assert_int_equal(file_make_folders(AT_FDCWD, h->database, 0700), 0);
	put(h->database, "send_targets", "");
	start(h);
	for (int i = 0; i < TURNS_MAX && !scene.log[0]; i++)
		turn(h);
	assert_int_equal(said("cannot read all discovery records: Not a directory"), 1);
}

static void what_is_found_gets_a_record_and_a_session(void **state)
{
	struct house *h = (struct house *)*state;
	struct iscsi_db_node_id id = disk_id(h);
	struct iscsi_db_record *record;
	struct session *s = find_disk(h);
	struct run_state kept;
	char name[64];

	snprintf(name, sizeof(name), "send_targets/127.0.0.1,%u", h->port);
	assert_string_equal(s->id.asker, name);
	assert_int_equal(iscsi_db_node_read(scene.db, &id, NULL, NULL, &record), 0);
	assert_string_equal(iscsi_db_record_get(record, "node.discovery_type"), "send_targets");
	assert_string_equal(iscsi_db_record_get(record, "node.discovery_address"), "127.0.0.1");
	iscsi_db_record_free(record);
	/* for a daemon that is started again */
	assert_int_equal(run_state_load(h->manager.state_folder, SID, &kept), 0);
	assert_string_equal(kept.asker, name);
	/* it has its session */
	poll_again(h);
	tell_target(h, DISK);
	tell_end();
	wait_due(h);
	assert_int_equal(peer.logins, 3);
}

static void a_record_that_is_there_is_used_as_it_is(void **state)
{
	struct house *h = (struct house *)*state;
	struct iscsi_db_node_id id = disk_id(h);
	struct iscsi_db_record *record = iscsi_db_record_new(ISCSI_DB_NODE);
	struct session *s;

	iscsi_db_node_set_id(record, &id);
	iscsi_db_record_set(record, "node.session.timeo.replacement_timeout", "7");
	assert_int_equal(iscsi_db_node_write(scene.db, record), 0);
	iscsi_db_record_free(record);
	s = find_disk(h);
	assert_string_equal(
		iscsi_db_record_get(s->record, "node.session.timeo.replacement_timeout"), "7");
	assert_int_equal(iscsi_db_node_read(scene.db, &id, NULL, NULL, &record), 0);
	assert_string_equal(iscsi_db_record_get(record, "node.session.timeo.replacement_timeout"),
	                    "7");
	iscsi_db_record_free(record);
}

static void a_login_that_is_refused_is_tried_at_the_next_time_and_logged_once(void **state)
{
	struct house *h = (struct house *)*state;
	struct peer_done refusal = {.outcome = PEER_OUTCOME_REFUSED,
	                            .status_class = 2,
	                            .status_detail = 2,
	                            .text = "no entry"};

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	start(h);
	wait_logins(h, 1);
	for (unsigned int i = 1; i <= 3; i++) {
		tell_target(h, DISK);
		tell_end();
		wait_logins(h, 2 * i);
		refusal.head.id = peer.login.head.id;
		peer.config.callbacks.done(peer.config.data, &refusal);
		assert_true(list_empty(&h->manager.sessions));
		poll_again(h);
	}
	assert_int_equal(said("given up"), 1);
	assert_int_equal(said("login rejected"), 1);
	assert_int_equal(said("no entry"), 2);
}

/* A target that was found at a port where nobody listens. */
static void tell_closed(const char *name)
{
	struct peer_target t = {
		.head.id = peer.login.head.id, .address = "127.0.0.1", .port = 1, .tpgt = 1};

	snprintf(t.target_name, sizeof(t.target_name), "%s", name);
	peer.config.callbacks.target(peer.config.data, &t);
}

static void a_portal_that_takes_no_connection_gets_no_record_if_it_shall_not(void **state)
{
	struct house *h = (struct house *)*state;

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	set_filter("discovery.sendtargets.filter.reachable", "Yes");
	start(h);
	wait_logins(h, 1);
	tell_closed(TARGET_A);
	tell_target(h, DISK);
	tell_end();
	let_in(h, 2);
	wait_due(h);
	only_disk_has_a_record();
	/* but it was found */
	strcpy(session_by_sid(&h->manager, SID)->id.target_name, TARGET_A);
	session_by_sid(&h->manager, SID)->id.portal.port = 1;
	poll_again(h);
	tell_closed(TARGET_A);
	tell_end();
	wait_due(h);
	assert_int_equal(session_by_sid(&h->manager, SID)->missed, 0);
}

static void a_record_that_does_not_say_so_any_more_ends_it(void **state)
{
	struct house *h = (struct house *)*state;

	find_disk(h);
	wait_due(h);
	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "No", INTERVAL_SEC);
	__real_loop_timer_set(scene.due, 0);
	for (int i = 0; i < TURNS_MAX && !said("is not repeated any more"); i++)
		turn(h);
	assert_int_equal(said("is not repeated any more"), 1);
	assert_int_equal(peer.logins, 2);
	assert_non_null(session_by_sid(&h->manager, SID));
}

static void the_interval_is_the_records(void **state _unused_)
{
	static const struct {
		enum iscsi_db_kind kind;
		const char *key, *value;
		unsigned int sec;
	} rows[] = {
		{ISCSI_DB_SENDTARGETS, "discovery.sendtargets.discoveryd_poll_inval", "5", 5},
		{ISCSI_DB_SENDTARGETS, "discovery.sendtargets.discoveryd_poll_inval", "0", 0},
		{ISCSI_DB_SENDTARGETS, "discovery.sendtargets.discoveryd_poll_inval", "-1", 30},
		{ISCSI_DB_SENDTARGETS, NULL, NULL, 30},
		{ISCSI_DB_ISNS, "discovery.isns.discoveryd_poll_inval", "86400", 86400},
		{ISCSI_DB_ISNS, "discovery.isns.discoveryd_poll_inval", "0", 0},
		{ISCSI_DB_ISNS, "discovery.isns.discoveryd_poll_inval", "-1", 30},
		{ISCSI_DB_ISNS, NULL, NULL, 30},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(rows[i].kind);

		if (rows[i].key)
			assert_int_equal(iscsi_db_record_set(r, rows[i].key, rows[i].value), 0);
		assert_int_equal(repeat_interval_usec(r), rows[i].sec * USEC_PER_SEC);
		iscsi_db_record_free(r);
	}
}

static void one_without_an_interval_is_made_until_it_succeeds(void **state)
{
	struct house *h = (struct house *)*state;

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", 0);
	start(h);
	wait_logins(h, 1);
	tell_target(h, DISK);
	tell_end();
	let_in(h, 2);
	assert_int_equal(said("it has succeeded, and its interval is 0"), 1);
	assert_int_equal(peer.logins, 2);
}

static void the_end_comes_at_any_time(void **state)
{
	struct house *h = (struct house *)*state;
	const unsigned int steps[] = {0, 1, 2, 3, 5, 8, 13, 21, 34};

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		start(h);
		for (unsigned int k = 0; k < steps[i]; k++)
			turn(h);
		scene.repeats = repeats_free(scene.repeats);
	}
	assert_true(list_empty(&h->manager.discoveries));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(records_with_yes_are_repeated_and_no_others),
		TEST(only_so_many_are_made_at_once),
		TEST(without_a_database_nothing_is_said),
		TEST(a_database_that_cannot_be_read_is_told_of),
		TEST(what_is_found_gets_a_record_and_a_session),
		TEST(a_record_that_is_there_is_used_as_it_is),
		TEST(a_login_that_is_refused_is_tried_at_the_next_time_and_logged_once),
		TEST(a_portal_that_takes_no_connection_gets_no_record_if_it_shall_not),
		TEST(a_record_that_does_not_say_so_any_more_ends_it),
		cmocka_unit_test(the_interval_is_the_records),
		TEST(one_without_an_interval_is_made_until_it_succeeds),
		TEST(the_end_comes_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
