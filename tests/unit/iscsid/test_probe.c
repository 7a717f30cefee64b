/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether portals take a connection, in the whole manager. */
#include "tests/unit/iscsid/house.h"

#include "iscsid/probe.h"

static void ask_probe(const struct house *h, int fd, unsigned int id, const char *more)
{
	char text[256];

	snprintf(text, sizeof(text), "address=127.0.0.1\nport=%u\niface.iscsi_ifacename=x\n%s",
	         h->port, more);
	ask(fd, "probe", id, text);
}

static void close_portal(struct house *h)
{
	close(h->portal);
	h->portal = -1;
}

static void a_portal_that_listens_is_reached_without_a_login(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_probe(h, fd, 1, "");
	assert_int_equal(done(h, fd), ISCSI_ERR_SUCCESS);
	assert_int_equal(peer.logins, 0);
	assert_int_equal(h->manager.probes_count, 0);
	close(fd);
}

static void a_portal_that_refuses_is_not_reached(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	close_portal(h);
	ask_probe(h, fd, 1, "");
	assert_int_equal(done(h, fd), ISCSI_ERR_TRANS);
	assert_non_null(strstr(h->answer, "Connection refused"));
	close(fd);
}

static void the_way_is_the_interface_record_s(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_probe(h, fd, 1, "iface.net_ifacename=nosuchdev\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_TRANS);
	assert_non_null(strstr(h->answer, "nosuchdev"));
	close(fd);
}

static void a_probe_of_no_portal_is_refused(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask(fd, "probe", 1, "port=3260\niface.iscsi_ifacename=x\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_INVAL);
	ask(fd, "probe", 2, "address=a b\nport=3260\niface.iscsi_ifacename=x\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_INVAL);
	close(fd);
}

/* Nobody accepts: when the portal's queue is full, it is silent. */
enum { MANY = PROBES_MAX + 44 };

static void many_probes_take_turns_and_all_are_answered(void **state)
{
	struct house *h = (struct house *)*state;
	unsigned int most = 0, silent = 0;
	int fd = client(h);

	for (unsigned int i = 1; i <= MANY; i++) {
		ask_probe(h, fd, i, "");
		turn(h);
		most = MAX(most, h->manager.probes_count);
	}
	assert_int_equal(most, PROBES_MAX);
	for (unsigned int i = 1; i <= MANY; i++)
		silent += done(h, fd) == ISCSI_ERR_TRANS;
	assert_true(silent > 0);
	assert_int_equal(h->manager.probes_count, 0);
	close(fd);
}

static void a_client_that_goes_away_lets_the_next_one_s_probes_in(void **state)
{
	struct house *h = (struct house *)*state;
	int first = client(h), second = client(h);

	for (unsigned int i = 1; i <= MANY; i++) {
		ask_probe(h, first, i, "");
		turn(h);
	}
	assert_int_equal(h->manager.probes_count, PROBES_MAX);
	ask_probe(h, second, 1, "iface.net_ifacename=nosuchdev\n");
	close(first);
	assert_int_equal(done(h, second), ISCSI_ERR_TRANS);
	assert_non_null(strstr(h->answer, "nosuchdev"));
	assert_true(list_empty(&h->manager.probes_waiting));
	assert_int_equal(h->manager.probes_count, 0);
	close(second);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_portal_that_listens_is_reached_without_a_login),
		TEST(a_portal_that_refuses_is_not_reached),
		TEST(the_way_is_the_interface_record_s),
		TEST(a_probe_of_no_portal_is_refused),
		TEST(many_probes_take_turns_and_all_are_answered),
		TEST(a_client_that_goes_away_lets_the_next_one_s_probes_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
