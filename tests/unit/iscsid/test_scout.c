/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who looks for a portal that sessions wait for, and who follows when it answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iscsid/scout.h"

enum { COUNT = 4, FAR_SEC = 1000 };

static const struct portal one = {.host = "192.0.2.1", .port = 3260};
static const struct portal two = {.host = "192.0.2.2", .port = 3260};
static const struct conn_result refused_port = {.outcome = CONN_OUTCOME_UNCONNECTED,
                                                .error = ECONNREFUSED};
static const struct conn_result closed = {.outcome = CONN_OUTCOME_CLOSED};
static const struct conn_result denied = {.outcome = CONN_OUTCOME_REFUSED, .status_class = 2};

static struct manager manager;
static struct session sessions[COUNT];
static unsigned int tried; /* a bit a session */

static void on_timer(void *data)
{
	tried |= 1U << ((struct session *)data - sessions);
}

/* Four that wait for the same portal for a long time. */
static int setup(void **state)
{
	(void)state;
	memset(sessions, 0, sizeof(sessions));
	list_init(&manager.sessions);
	tried = 0;
	if (loop_new(&manager.loop) < 0)
		return -1;
	for (struct session *s = sessions; s < sessions + COUNT; s++) {
		s->manager = &manager;
		s->state = SESSION_RECOVER_WAIT;
		strcpy(s->id.iface_name, "default");
		list_append(&manager.sessions, &s->node);
		if (loop_add_timer(manager.loop, on_timer, s, &s->timer) < 0)
			return -1;
		recovery_begin(&s->recovery, &one, 0, loop_now());
		loop_timer_set(s->timer, FAR_SEC * USEC_PER_SEC);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (struct session *s = sessions; s < sessions + COUNT; s++)
		loop_source_free(s->timer);
	loop_free(manager.loop);
	return 0;
}

static unsigned int miss(struct session *s, const struct portal *at,
                         const struct conn_result *result)
{
	recovery_failed(&s->recovery, at, result, 0);
	return scout_elect(s);
}

/* Which ones are tried by now. */
static unsigned int now_tried(void)
{
	for (int i = 0; i < 10; i++)
		assert_int_equal(loop_step(manager.loop, USEC_PER_MSEC), 0);
	return tried;
}

static void one_of_those_at_a_portal_looks_for_it(void **state)
{
	(void)state;
	assert_int_equal(miss(&sessions[0], &one, &refused_port), 1);
	assert_int_equal(miss(&sessions[1], &one, &refused_port), 0);
	assert_int_equal(miss(&sessions[0], &one, &refused_port), 1);
	/* another portal, and another way to the first one */
	assert_int_equal(miss(&sessions[2], &two, &refused_port), 2);
	strcpy(sessions[3].id.iface_name, "eth1");
	assert_int_equal(miss(&sessions[3], &one, &refused_port), 3);
}

static void another_takes_the_place_of_one_that_goes(void **state)
{
	(void)state;
	miss(&sessions[0], &one, &refused_port);
	sessions[0].state = SESSION_STOPPING;
	assert_int_equal(miss(&sessions[1], &one, &refused_port), 1);
}

static void who_is_told_no_does_not_look(void **state)
{
	(void)state;
	assert_int_equal(miss(&sessions[0], &one, &refused_port), 1);
	assert_int_equal(miss(&sessions[0], &one, &denied), 0);
	assert_int_equal(miss(&sessions[1], &one, &refused_port), 1);
}

static void a_connection_brings_those_that_had_none(void **state)
{
	(void)state;
	miss(&sessions[0], &one, &refused_port);
	miss(&sessions[1], &one, &refused_port);
	miss(&sessions[2], &two, &refused_port);
	miss(&sessions[3], &one, &closed);
	scout_found(&sessions[0], false);
	assert_int_equal(now_tried(), 1U << 1);
}

static void a_login_brings_all_but_those_that_were_told_no(void **state)
{
	(void)state;
	miss(&sessions[0], &one, &closed);
	miss(&sessions[1], &one, &refused_port);
	miss(&sessions[2], &one, &closed);
	miss(&sessions[3], &one, &denied);
	scout_found(&sessions[0], true);
	assert_int_equal(now_tried(), 1U << 1 | 1U << 2);
}

static void who_is_under_way_or_has_to_wait_is_left_alone(void **state)
{
	(void)state;
	for (struct session *s = sessions; s < sessions + COUNT; s++)
		miss(s, &one, &refused_port);
	sessions[1].state = SESSION_RECONNECT;
	recovery_postpone(&sessions[2].recovery, FAR_SEC, loop_now());
	scout_found(&sessions[0], true);
	assert_int_equal(now_tried(), 1U << 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(one_of_those_at_a_portal_looks_for_it),
		TEST(another_takes_the_place_of_one_that_goes),
		TEST(who_is_told_no_does_not_look),
		TEST(a_connection_brings_those_that_had_none),
		TEST(a_login_brings_all_but_those_that_were_told_no),
		TEST(who_is_under_way_or_has_to_wait_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
