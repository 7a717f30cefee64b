/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client asks for the discovery of an iSNS server: one done on every path, and before it what
 * open-iscsi says.
 */
#include "tests/unit/iscsid/house.h"

/* All answers up to the done, one after the other; the error of the done. */
static int answers(struct house *h, int fd, struct writer *all)
{
	const char *error = NULL;

	for (int i = 0; i < TURNS_MAX && !error;) {
		ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));

		if (n == -EAGAIN) {
			turn(h);
			i++;
			continue;
		}
		assert_true(n > 0);
		h->answer[n] = 0;
		writer_str(all, h->answer);
		if (strstr(h->answer, "\nreply=done\n"))
			error = strstr(h->answer, "\nerror=");
	}
	writer_u8(all, 0);
	assert_non_null(error);
	return atoi(error + strlen("\nerror="));
}

static void discover(const struct house *h, int fd, const char *more)
{
	char record[512];

	snprintf(record, sizeof(record),
	         "discovery.type=isns\ndiscovery.sendtargets.address=127.0.0.1\n"
	         "discovery.sendtargets.port=%u\niface.iscsi_ifacename=default\n%s",
	         h->port, more);
	ask(fd, "discover", 1, record);
}

/* The peer's end of the query, and what the client hears: its error, and words of its answers. */
static void expect(struct house *h, const struct peer_done *end, int error,
                   const char *const words[])
{
	struct writer all = writer_make(1 << 16);
	int fd = client(h);

	peer.answer = *end;
	discover(h, fd, "");
	assert_int_equal(answers(h, fd, &all), error);
	for (size_t i = 0; words[i]; i++)
		if (!strstr((const char *)all.data, words[i]))
			fail_msg("no \"%s\" in: %s", words[i], (const char *)all.data);
	assert_int_equal(peer.login.purpose, PEER_PURPOSE_ISNS);
	assert_int_equal(peer.logins, 1); /* no second attempt */
	writer_done(&all);
	close(fd);
}

static void a_query_that_is_answered_is_done(void **state)
{
	struct house *h = (struct house *)*state;

	expect(h, &(struct peer_done){.outcome = PEER_OUTCOME_ANSWERED, .tpgt = -1}, 0,
	       (const char *const[]){"reply=done\nid=1\nerror=0\n", NULL});
	assert_string_equal(peer.login.initiator_name, "iqn.2026-01.org.example:host");
}

static void targets_are_items(void **state)
{
	struct house *h = (struct house *)*state;
	struct peer_target t = {.target_name = "iqn.2026-01.org.example:a",
	                        .address = "192.0.2.1",
	                        .port = 3260,
	                        .tpgt = 1};
	struct writer all = writer_make(1 << 16);
	int fd = client(h);

	peer.silent = true;
	discover(h, fd, "");
	wait_login(h);
	t.head.id = peer.login.head.id;
	peer.config.callbacks.target(peer.config.data, &t);
	peer.answer = (struct peer_done){
		.head.id = t.head.id, .outcome = PEER_OUTCOME_ANSWERED, .tpgt = -1};
	peer.config.callbacks.done(peer.config.data, &peer.answer);
	assert_int_equal(answers(h, fd, &all), 0);
	assert_non_null(strstr((const char *)all.data,
	                       "target=iqn.2026-01.org.example:a\naddress=192.0.2.1\nport=3260\n"
	                       "tpgt=1\n"));
	writer_done(&all);
	close(fd);
}

/* Not just dropped: it is told why. */
static void a_list_that_comes_faster_than_it_is_read_ends_with_an_error(void **state)
{
	struct house *h = (struct house *)*state;
	struct peer_target t = {.target_name = "iqn.2026-01.org.example:a", .tpgt = -1};
	struct peer_refused_target refused = {.text = "a name"};
	struct writer all = writer_make(CONTROL_QUEUE_MAX);
	int fd = client(h);

	peer.silent = true;
	discover(h, fd, "");
	wait_login(h);
	t.head.id = refused.head.id = peer.login.head.id;
	for (int i = 0; i < 1000000 && !list_empty(&h->manager.discoveries); i++) {
		peer.config.callbacks.target(peer.config.data, &t);
		peer.config.callbacks.refused_target(peer.config.data, &refused);
	}
	assert_true(list_empty(&h->manager.discoveries));
	assert_int_equal(answers(h, fd, &all), 29);
	assert_non_null(strstr((const char *)all.data, "comes faster than it is read"));
	writer_done(&all);
	close(fd);
}

static void a_refused_query_says_the_server_s_status(void **state)
{
	expect((struct house *)*state,
	       &(struct peer_done){.outcome = PEER_OUTCOME_ISNS_REFUSED,
	                           .tpgt = -1,
	                           .isns_function = 2,
	                           .isns_status = 9},
	       25,
	       (const char *const[]){"text=iSNS discovery failed: No such entry\n",
	                             "refused the query with status 9: No such entry; a "
	                             "discovery domain of the server has to show",
	                             NULL});
}

static void a_refused_registration_is_another_error(void **state)
{
	expect((struct house *)*state,
	       &(struct peer_done){.outcome = PEER_OUTCOME_ISNS_REFUSED,
	                           .tpgt = -1,
	                           .isns_function = 1,
	                           .isns_status = 3},
	       26,
	       (const char *const[]){"text=Could not register iqn.2026-01.org.example:host with "
	                             "iSNS server: Invalid registration.\n",
	                             "refused the registration with status 3", NULL});
}

static void rubbish_is_a_format_error(void **state)
{
	expect((struct house *)*state,
	       &(struct peer_done){
		       .outcome = PEER_OUTCOME_PROTOCOL, .tpgt = -1, .text = "no answer of iSNS"},
	       25,
	       (const char *const[]){"text=iSNS discovery failed: Message format error\n",
	                             "failed: no answer of iSNS; check that the port is an iSNS "
	                             "server's",
	                             NULL});
}

static void a_server_that_closes_is_an_internal_error(void **state)
{
	expect((struct house *)*state,
	       &(struct peer_done){.outcome = PEER_OUTCOME_CLOSED, .tpgt = -1}, 25,
	       (const char *const[]){"text=iSNS discovery failed: Internal error\n",
	                             "closed the connection unanswered", NULL});
}

static void nobody_there_is_an_internal_error(void **state)
{
	struct house *h = (struct house *)*state;
	struct writer all = writer_make(1 << 16);
	int fd = client(h);

	close(h->portal);
	discover(h, fd, "");
	assert_int_equal(answers(h, fd, &all), 25);
	assert_non_null(
		strstr((const char *)all.data, "text=iSNS discovery failed: Internal error\n"));
	assert_non_null(strstr((const char *)all.data,
	                       "Connection refused; check that an iSNS server listens there"));
	assert_int_equal(peer.logins, 0);
	writer_done(&all);
	close(fd);
}

static void a_process_that_dies_ends_the_query(void **state)
{
	peer.dying = true;
	expect((struct house *)*state, &(struct peer_done){0}, 25,
	       (const char *const[]){"text=iSNS discovery failed: Internal error\n",
	                             "was lost with its process: killed by signal 9", NULL});
}

static void a_client_that_vanishes_takes_its_query_along(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = true;
	discover(h, fd, "");
	wait_login(h);
	assert_false(list_empty(&h->manager.discoveries));
	close(fd);
	for (int i = 0; i < TURNS_MAX && !list_empty(&h->manager.discoveries); i++)
		turn(h);
	assert_true(list_empty(&h->manager.discoveries));
}

static void the_interface_s_initiator_name_asks(void **state)
{
	struct house *h = (struct house *)*state;
	struct writer all = writer_make(1 << 16);
	int fd = client(h);

	peer.answer = (struct peer_done){.outcome = PEER_OUTCOME_ANSWERED, .tpgt = -1};
	discover(h, fd, "iface.initiatorname=iqn.2026-01.org.example:other\n");
	assert_int_equal(answers(h, fd, &all), 0);
	assert_string_equal(peer.login.initiator_name, "iqn.2026-01.org.example:other");
	writer_done(&all);
	close(fd);
}

static void a_record_without_an_address_is_refused(void **state)
{
	struct house *h = (struct house *)*state;
	struct writer all = writer_make(1 << 16);
	int fd = client(h);

	ask(fd, "discover", 1, "discovery.type=isns\n");
	assert_int_equal(answers(h, fd, &all), 7);
	writer_done(&all);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_query_that_is_answered_is_done),
		TEST(targets_are_items),
		TEST(a_list_that_comes_faster_than_it_is_read_ends_with_an_error),
		TEST(a_refused_query_says_the_server_s_status),
		TEST(a_refused_registration_is_another_error),
		TEST(rubbish_is_a_format_error),
		TEST(a_server_that_closes_is_an_internal_error),
		TEST(nobody_there_is_an_internal_error),
		TEST(a_process_that_dies_ends_the_query),
		TEST(a_client_that_vanishes_takes_its_query_along),
		TEST(the_interface_s_initiator_name_asks),
		TEST(a_record_without_an_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
