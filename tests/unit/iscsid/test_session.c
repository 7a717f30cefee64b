/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions from a client's request to the kernel's commands: logins, logouts, redirects. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

static void a_login_is_built_in_the_kernel_after_the_target_said_yes(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_login(h, fd, 5, "");
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(kernel.told, "create conn bind start ");
	assert_non_null(strstr(h->answer, "\nid=5\n"));
	assert_non_null(strstr(h->answer, "\nsid=1\nhost=7\n"));
	assert_string_equal(peer.login.target_name, "iqn.2026-01.org.example:disk");
	assert_string_equal(peer.login.initiator_name, "iqn.2026-01.org.example:host");
	close(fd);
}

static void a_refused_login_leaves_no_trace_in_the_kernel(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 2;
	peer.answer.status_detail = 2;
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 24);
	assert_non_null(strstr(h->answer, "\ndetail=127.0.0.1:"));
	assert_non_null(strstr(h->answer, "\nstatus_class=2\nstatus_detail=2\n"));
	assert_string_equal(kernel.told, "");
	assert_true(list_empty(&h->manager.sessions));
	close(fd);
}

#define CHAP                                                                                       \
	"node.session.auth.authmethod=CHAP\nnode.session.auth.username=host\n"                     \
	"node.session.auth.password=aSecret4TheHost\n"

/* tgt takes 7 for SHA-1 and says 02/00 to the right answer with SHA-256. */
static void a_refused_answer_is_tried_with_the_next_algorithm_once(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 2;
	peer.answer.chap_algorithm = CHAP_SHA256;
	ask_login(h, fd, 1, CHAP "node.session.auth.chap_algs=SHA256,MD5,SHA1\n");
	assert_int_equal(done(h, fd), 19);
	assert_int_equal(peer.logins, 2);
	assert_memory_equal(peer.login.auth.algorithms.number, "\x05\0\0\0", 4);
	assert_string_equal(peer.login.auth.name, "host");
	assert_int_equal(peer.login.auth.secret.len, 15);
	assert_null(strstr(h->answer, "aSecret"));
	close(fd);
}

static void settings_that_cannot_work_are_refused_before_a_connection(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_login(h, fd, 1, CHAP "node.session.auth.password_in=aSecret4TheHost\n");
	assert_int_equal(done(h, fd), 24);
	assert_non_null(strstr(h->answer, "are the same, which proves nothing"));
	assert_int_equal(peer.logins, 0);
	close(fd);
}

/* A peer that a target has taken over must not do without the digest that the record demands. */
static void a_transport_without_a_driver_gets_12(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_login(h, fd, 1, "iface.transport_name=iser\n");
	assert_int_equal(done(h, fd), ISCSI_ERR_TRANS_NOT_FOUND);
	assert_non_null(strstr(h->answer, "transport iser"));
	assert_int_equal(peer.logins, 0);
	close(fd);
}

static void a_result_that_was_not_offered_never_reaches_the_kernel(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask_login(h, fd, 1, "node.conn[0].iscsi.HeaderDigest=CRC32C\n");
	assert_int_equal(done(h, fd), 5);
	assert_non_null(strstr(h->answer, "a HeaderDigest that cannot follow from our offer"));
	assert_string_equal(kernel.told, "");
	close(fd);
}

static void a_step_that_the_kernel_refuses_takes_all_down_again(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	kernel.batch_result = -EINVAL;
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 9);
	assert_non_null(strstr(h->answer, "START_CONN"));
	assert_string_equal(kernel.told, "create conn bind start stop-term destroy-conn destroy ");
	assert_true(list_empty(&h->manager.sessions));
	close(fd);
}

static void a_second_login_of_a_record_gets_15(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	ask_login(h, fd, 2, "");
	assert_int_equal(done(h, fd), 15);
	assert_string_equal(kernel.told, "");
	close(fd);
}

static void a_second_login_joins_one_that_is_under_way(void **state)
{
	struct house *h = (struct house *)*state;
	int first = client(h), second = client(h);

	peer.silent = true;
	ask_login(h, first, 1, "");
	wait_login(h);
	ask_login(h, second, 2, "");
	for (int i = 0; i < 20; i++)
		turn(h);
	assert_int_equal(write(peer.pair[1], "", 1), 1);
	assert_int_equal(done(h, first), 0);
	assert_int_equal(done(h, second), 0);
	assert_int_equal(peer.logins, 1);
	close(first);
	close(second);
}

static void nobody_left_to_wait_ends_a_login(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = true;
	ask_login(h, fd, 1, "");
	wait_login(h);
	close(fd);
	for (int i = 0; i < TURNS_MAX && !list_empty(&h->manager.sessions); i++)
		turn(h);
	assert_true(list_empty(&h->manager.sessions));
}

static void a_login_without_waiting_goes_on_alone(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = true;
	ask_login(h, fd, 1, "wait=No\n");
	assert_int_equal(done(h, fd), 0);
	close(fd);
	wait_login(h);
	assert_int_equal(write(peer.pair[1], "", 1), 1);
	wait_told(h, "start");
	assert_non_null(session_by_sid(&h->manager, SID));
	assert_string_equal(kernel.told, "create conn bind start ");
}

/* Whether a connection waits at the portal. */
static bool somebody_connects(const struct house *h)
{
	struct pollfd p = {.fd = h->portal, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void logins_without_a_wait_are_all_answered_before_one_begins(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = true;
	for (unsigned int id = 1; id <= 6; id++)
		ask_login(h, fd, id, "node.session.nr_sessions=6\nwait=No\n");
	for (int i = 0; i < 6; i++) {
		assert_int_equal(done(h, fd), 0);
		assert_false(somebody_connects(h));
	}
	for (int i = 0; i < TURNS_MAX && peer.logins < 6; i++)
		turn(h);
	assert_int_equal(peer.logins, 6);
	close(fd);
}

static void requests_without_end_do_not_keep_a_login_from_its_begin(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	for (unsigned int id = 1; id <= TURNS_MAX && !somebody_connects(h); id++) {
		ask_login(h, fd, id, "node.session.nr_sessions=5000\nwait=No\n");
		assert_int_equal(done(h, fd), 0);
		usleep(1000);
	}
	assert_true(somebody_connects(h));
	close(fd);
}

/* An unknown handle and a value that it does not take are one errno for the kernel. */
static void a_module_that_was_unloaded_is_told_from_a_refusal(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	kernel.create_result = -EINVAL;
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), ISCSI_ERR_INTERNAL);
	assert_string_equal(kernel.told, "create ");
	kernel.transport_result = -ENOENT;
	ask_login(h, fd, 2, "");
	assert_int_equal(done(h, fd), ISCSI_ERR_TRANS_NOT_FOUND);
	assert_string_equal(kernel.told, "create create ");
	close(fd);
}

static void a_logout_takes_its_steps_in_order(void **state)
{
	static const uint8_t response[48] = {0x26, 0x80};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	show_session(h, "SCANNED\n");
	ask(fd, "logout", 2, "sid=1\n");
	wait_told(h, "unbind");
	happen((struct nl_event){.type = NL_EVENT_UNBIND_SESSION, .sid = SID});
	wait_told(h, "logout");
	happen((struct nl_event){.type = NL_EVENT_RECV_PDU,
	                         .sid = SID,
	                         .pdu = response,
	                         .pdu_len = sizeof(response)});
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(kernel.told, "unbind logout stop-term destroy-conn destroy ");
	assert_true(list_empty(&h->manager.sessions));
	close(fd);
}

static void a_broken_connection_is_stopped_and_can_be_logged_out(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = 1020});
	wait_told(h, "stop-recover");
	/* neither unbind nor a logout request can work then */
	ask(fd, "logout", 2, "sid=1\n");
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(kernel.told, "stop-recover stop-term destroy-conn destroy ");
	close(fd);
}

static void a_connection_that_broke_unheard_does_not_hold_up_a_logout(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	show_session(h, "SCANNED\n");
	ask(fd, "logout", 2, "sid=1\n");
	wait_told(h, "unbind");
	put(h->sysfs, "class/iscsi_session/session1/state", "FAILED\n");
	happen((struct nl_event){.type = NL_EVENT_OVERFLOW});
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(kernel.told, "unbind stop-term destroy-conn destroy ");
	close(fd);
}

/* No descriptor is left, or as many as before. */
static void starve_of_descriptors(bool starve)
{
	static struct rlimit before;
	struct rlimit none;

	if (starve) {
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
		none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	} else {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	}
}

static void a_session_that_cannot_be_seen_is_not_taken_for_gone(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	show_session(h, "SCANNED\n");
	starve_of_descriptors(true);
	happen((struct nl_event){.type = NL_EVENT_OVERFLOW});
	while (kernel.taken < kernel.queued)
		turn(h);
	starve_of_descriptors(false);
	assert_false(list_empty(&h->manager.sessions));
	/* what was lost is found out as soon as it can be */
	put(h->sysfs, "class/iscsi_session/session1/state", "FAILED\n");
	wait_told(h, "stop-recover");
	close(fd);
}

static void a_session_destroyed_by_others_during_its_scan_says_so(void **state)
{
	struct house *h = (struct house *)*state;
	char path[128];
	int fd = client(h);

	/* a scan that takes its time: nobody reads from the other end */
	snprintf(path, sizeof(path), "%s/class/scsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	strcat(path, "/scan");
	assert_int_equal(mkfifo(path, 0600), 0);
	ask_login(h, fd, 1, "node.session.scan=auto\n");
	wait_told(h, "start");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 4);
	assert_non_null(strstr(h->answer, "\ndetail=session 1 was taken apart"));
	close(fd);
}

static void a_logout_ends_a_login_that_is_under_way(void **state)
{
	struct house *h = (struct house *)*state;
	int login = client(h), logout = client(h);
	char rest[128];

	peer.silent = true;
	ask_login(h, login, 1, "");
	wait_login(h);
	snprintf(rest, sizeof(rest),
	         "target=iqn.2026-01.org.example:disk\naddress=127.0.0.1\nport=%u\n", h->port);
	ask(logout, "logout", 2, rest);
	assert_int_equal(done(h, logout), 0);
	assert_int_equal(done(h, login), 5);
	assert_string_equal(kernel.told, "");
	close(login);
	close(logout);
}

static void a_logout_of_an_unknown_session_gets_2(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	ask(fd, "logout", 1, "sid=99\n");
	assert_int_equal(done(h, fd), 2);
	close(fd);
}

static void redirects_are_followed_and_the_record_s_portal_stays(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.redirects = CONN_REDIRECTS_MAX;
	log_in(h, fd);
	assert_int_equal(peer.logins, CONN_REDIRECTS_MAX + 1);
	assert_non_null(strstr(h->answer, "\nportal=127.0.0.1,"));
	close(fd);
}

static void a_chain_of_redirects_has_an_end(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.redirects = CONN_REDIRECTS_MAX + 1;
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 5);
	assert_non_null(
		strstr(h->answer, "redirects once more after 8 redirects in a row, in a circle"));
	close(fd);
}

/* The next answer, whatever it is. */
static const char *answer(struct house *h, int fd)
{
	ssize_t n = -EAGAIN;

	for (int i = 0; i < TURNS_MAX && n == -EAGAIN; i++) {
		n = ipc_recv(fd, h->answer, sizeof(h->answer));
		if (n == -EAGAIN)
			turn(h);
	}
	assert_true(n > 0);
	h->answer[n] = 0;
	return h->answer;
}

/* Zones are the target's words for its own devices (RFC 4007 section 6). */
static void an_address_with_a_zone_of_the_target_s_is_left_out_and_the_others_are_not(void **state)
{
	static const char *const told[] = {"fe80::2%ens3", "fe80::2", "192.0.2.1", ""};
	static const char *const words[] = {"\nrefused=address fe80::2%ens3 of target iqn.",
	                                    "\naddress=fe80::2\n", "\naddress=192.0.2.1\n",
	                                    "\naddress=127.0.0.1\n"};
	struct house *h = (struct house *)*state;
	struct peer_target t = {.target_name = "iqn.2026-01.org.example:a", .port = 3260};
	char record[256];
	int fd = client(h);

	peer.silent = true;
	snprintf(record, sizeof(record),
	         "discovery.type=sendtargets\ndiscovery.sendtargets.address=127.0.0.1\n"
	         "discovery.sendtargets.port=%u\n",
	         h->port);
	ask(fd, "discover", 1, record);
	wait_login(h);
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		snprintf(t.address, sizeof(t.address), "%s", told[i]);
		t.head.id = peer.login.head.id;
		peer.config.callbacks.target(peer.config.data, &t);
		assert_non_null(strstr(answer(h, fd), words[i]));
	}
	close(fd);
}

static void a_login_that_the_peer_took_with_it_is_tried_again(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.dying = true;
	log_in(h, fd);
	assert_int_equal(peer.logins, 2);
	close(fd);
}

static void a_closed_port_is_tried_until_the_time_is_up(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	/* nobody listens there any more */
	close(h->portal);
	ask_login(h, fd, 1,
	          "node.conn[0].timeo.login_timeout=1\n"
	          "node.session.initial_login_retry_max=1\n");
	assert_int_equal(done(h, fd), 8);
	assert_non_null(strstr(h->answer, "Connection refused"));
	assert_int_equal(peer.logins, 0);
	h->portal = -1;
	close(fd);
}

static struct session *only_session(struct house *h)
{
	assert_false(list_empty(&h->manager.sessions));
	return list_entry(h->manager.sessions.next, struct session, node);
}

/* --fail-fast is each request's own: who joins a login is not bound to the patience of the first.
 */
static void a_hasty_login_that_joins_a_patient_one_is_answered_at_once(void **state)
{
	struct house *h = (struct house *)*state;
	int patient = client(h), hasty = client(h);

	close(h->portal);
	ask_login(h, patient, 1, "");
	for (int i = 0; i < TURNS_MAX && (list_empty(&h->manager.sessions) ||
	                                  only_session(h)->state != SESSION_RETRY_WAIT);
	     i++)
		turn(h);
	ask_login(h, hasty, 1, "fail_fast=Yes\n");
	assert_int_equal(done(h, hasty), 8);
	assert_non_null(strstr(h->answer, "Connection refused"));
	assert_non_null(strstr(h->answer, "no other one was wanted"));
	assert_int_equal(only_session(h)->state, SESSION_RETRY_WAIT);
	assert_int_equal(ipc_recv(patient, h->answer, sizeof(h->answer)), -EAGAIN);
	h->portal = -1;
	close(patient);
	close(hasty);
}

static void a_patient_login_that_joins_a_hasty_one_goes_on(void **state)
{
	struct house *h = (struct house *)*state;
	int hasty = client(h), patient = client(h);

	close(h->portal);
	ask_login(h, hasty, 1, "fail_fast=Yes\n");
	ask_login(h, patient, 1, "");
	assert_int_equal(done(h, hasty), 8);
	assert_int_equal(only_session(h)->state, SESSION_RETRY_WAIT);
	h->portal = -1;
	close(patient);
	close(hasty);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_login_is_built_in_the_kernel_after_the_target_said_yes),
		TEST(a_refused_login_leaves_no_trace_in_the_kernel),
		TEST(a_refused_answer_is_tried_with_the_next_algorithm_once),
		TEST(settings_that_cannot_work_are_refused_before_a_connection),
		TEST(a_transport_without_a_driver_gets_12),
		TEST(a_result_that_was_not_offered_never_reaches_the_kernel),
		TEST(a_step_that_the_kernel_refuses_takes_all_down_again),
		TEST(a_second_login_of_a_record_gets_15),
		TEST(a_second_login_joins_one_that_is_under_way),
		TEST(nobody_left_to_wait_ends_a_login),
		TEST(a_login_without_waiting_goes_on_alone),
		TEST(logins_without_a_wait_are_all_answered_before_one_begins),
		TEST(requests_without_end_do_not_keep_a_login_from_its_begin),
		TEST(a_module_that_was_unloaded_is_told_from_a_refusal),
		TEST(a_logout_takes_its_steps_in_order),
		TEST(a_broken_connection_is_stopped_and_can_be_logged_out),
		TEST(a_connection_that_broke_unheard_does_not_hold_up_a_logout),
		TEST(a_session_that_cannot_be_seen_is_not_taken_for_gone),
		TEST(a_session_destroyed_by_others_during_its_scan_says_so),
		TEST(a_logout_ends_a_login_that_is_under_way),
		TEST(a_logout_of_an_unknown_session_gets_2),
		TEST(redirects_are_followed_and_the_record_s_portal_stays),
		TEST(a_chain_of_redirects_has_an_end),
		TEST(an_address_with_a_zone_of_the_target_s_is_left_out_and_the_others_are_not),
		TEST(a_login_that_the_peer_took_with_it_is_tried_again),
		TEST(a_closed_port_is_tried_until_the_time_is_up),
		TEST(a_hasty_login_that_joins_a_patient_one_is_answered_at_once),
		TEST(a_patient_login_that_joins_a_hasty_one_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
