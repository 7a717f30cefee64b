/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a repeated discovery finds no more is logged out: on whole answers alone, and only what the
 * daemon has logged in itself.
 */
#include "tests/unit/iscsid/repeat_scene.h"

/* One discovery more, which finds nothing. */
static void miss_it(struct house *h)
{
	poll_again(h);
	tell_end();
	wait_due(h);
}

/* Until the daemon has looked what uses the disk. */
static void wait_looked(struct house *h, const struct session *s)
{
	for (int i = 0; i < TURNS_MAX && s->check; i++)
		turn(h);
}

static void what_is_missed_twice_in_a_row_is_logged_out(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	show_disk(h, false);
	kernel.told[0] = '\0';
	poll_again(h);
	tell_end();
	poll_again(h);
	tell_target(h, DISK);
	tell_end();
	miss_it(h);
	assert_null(s->check);
	assert_string_equal(kernel.told, "");
	poll_again(h);
	tell_end();
	wait_told(h, "unbind");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	for (int i = 0; i < TURNS_MAX && !list_empty(&h->manager.sessions); i++)
		turn(h);
	assert_int_equal(said("does not find it any more"), 1);
	assert_int_equal(said(DISK ": logged out, as discovery send_targets/127.0.0.1"), 1);
}

static void what_is_in_use_stays_and_that_is_logged_once(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	show_disk(h, true);
	kernel.told[0] = '\0';
	for (int i = 0; i < 4; i++) {
		miss_it(h);
		wait_looked(h, s);
	}
	assert_string_equal(kernel.told, "");
	assert_int_equal(said("does not find it any more; it stays logged in: in use: sda -> /srv"),
	                 1);
	assert_int_equal(said("iscsid.safe_logout"), 0);
}

static void an_answer_that_is_not_whole_changes_nothing(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);
	struct iscsi_db_node_id id = disk_id(h);
	struct iscsi_db_record *record;

	show_disk(h, false);
	kernel.told[0] = '\0';
	strcpy(id.target, TARGET_A);
	for (int i = 0; i < 4; i++) {
		poll_again(h);
		tell_target(h, TARGET_A);
		tell_failure("it broke off");
		wait_due(h);
	}
	assert_int_equal(s->missed, 0);
	assert_string_equal(kernel.told, "");
	assert_int_equal(iscsi_db_node_read(scene.db, &id, NULL, NULL, &record), -ENOENT);
	assert_int_equal(said("it broke off"), 1);
	poll_again(h);
	tell_target(h, DISK);
	tell_end();
	wait_due(h);
	assert_int_equal(said("all is well again"), 1);
}

static void what_was_left_out_of_an_answer_may_be_what_is_missed(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	show_disk(h, false);
	for (int i = 0; i < 4; i++) {
		struct peer_refused_target t = {.text = "no name at all"};

		poll_again(h);
		t.head.id = peer.login.head.id;
		peer.config.callbacks.refused_target(peer.config.data, &t);
		tell_end();
		wait_due(h);
	}
	assert_int_equal(s->missed, 0);
	assert_int_equal(said("no name at all"), 1);
}

/* The same session, but for what keeps it. */
static void keep_missing(struct house *h, struct session *s)
{
	show_disk(h, false);
	kernel.told[0] = '\0';
	for (int i = 0; i < 4; i++)
		miss_it(h);
	assert_null(s->check);
	assert_string_equal(kernel.told, "");
	assert_int_equal(said("does not find it any more"), 0);
}

static void what_a_client_has_logged_in_stays(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	s->id.asker[0] = '\0';
	keep_missing(h, s);
}

static void what_another_discovery_has_logged_in_stays(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	strcpy(s->id.asker, "send_targets/127.0.0.2,3260");
	keep_missing(h, s);
}

static void what_the_machine_boots_from_stays(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s = find_disk(h);

	iscsi_db_record_set(s->record, "node.startup", "onboot");
	keep_missing(h, s);
}

static void what_the_filters_take_out_was_not_found(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s;

	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	set_filter("discovery.sendtargets.filter.tpgts", "1");
	start(h);
	wait_logins(h, 1);
	tell_target(h, DISK);
	tell_end();
	s = let_in(h, 2);
	wait_due(h);
	set_filter("discovery.sendtargets.filter.tpgts", "2");
	poll_again(h);
	tell_target(h, DISK);
	tell_target(h, TARGET_A);
	tell_end();
	wait_due(h);
	assert_int_equal(s->missed, 1);
	only_disk_has_a_record();
}

static void each_interface_is_asked_through_and_counts_for_itself(void **state)
{
	struct house *h = (struct house *)*state;
	struct session *s;

	write_iface("if1");
	s = find_disk(h);
	assert_string_equal(s->id.iface_name, "if1");
	wait_due(h);
	write_iface("if0");
	for (int i = 0; i < 3; i++) {
		struct peer_login first;
		unsigned int before = peer.logins;

		/* if0 is told that there is nothing, if1 nothing at all */
		__real_loop_timer_set(scene.due, 0);
		scene.due = NULL;
		wait_logins(h, before + 1);
		first = peer.login;
		wait_logins(h, before + 2);
		tell_failure("it broke off");
		peer.login = first;
		tell_end();
		wait_due(h);
	}
	assert_int_equal(s->missed, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_missed_twice_in_a_row_is_logged_out),
		TEST(what_is_in_use_stays_and_that_is_logged_once),
		TEST(an_answer_that_is_not_whole_changes_nothing),
		TEST(what_was_left_out_of_an_answer_may_be_what_is_missed),
		TEST(what_a_client_has_logged_in_stays),
		TEST(what_another_discovery_has_logged_in_stays),
		TEST(what_the_machine_boots_from_stays),
		TEST(what_the_filters_take_out_was_not_found),
		TEST(each_interface_is_asked_through_and_counts_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
