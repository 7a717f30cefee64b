/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients that watch are told, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

enum { MONITOR_ID = 77 };

/* A client that watches: what it has been told when others have been answered is in its socket. */
static int watch(struct house *h)
{
	int fd = client(h);

	ask(fd, "monitor", MONITOR_ID, "");
	while (list_empty(&h->manager.events.watchers))
		turn(h);
	return fd;
}

/* The next message of fd into h->answer; false: there is none yet. */
static bool receive(struct house *h, int fd)
{
	ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));

	assert_true(n > 0 || n == -EAGAIN);
	if (n > 0)
		h->answer[n] = '\0';
	return n > 0;
}

static void expect_event(struct house *h, int fd, const char *name)
{
	char line[64];

	snprintf(line, sizeof(line), "\nevent=%s\n", name);
	for (int i = 0; i < TURNS_MAX; i++) {
		if (receive(h, fd)) {
			assert_non_null(strstr(h->answer, "\nreply=item\n"));
			assert_non_null(strstr(h->answer, "\nid=77\n"));
			assert_non_null(strstr(h->answer, line));
			return;
		}
		turn(h);
	}
	fail_msg("no event %s", name);
}

static void expect_line(const struct house *h, const char *line)
{
	if (!strstr(h->answer, line))
		fail_msg("no \"%s\" in: %s", line, h->answer);
}

static void error(unsigned int number)
{
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = number});
}

static void log_in_hasty(struct house *h, int fd)
{
	peer.answer.params.default_time2wait = 0;
	ask_login(h, fd, 1, "node.session.iscsi.DefaultTime2Wait=0\n");
	assert_int_equal(done(h, fd), 0);
	kernel.told[0] = 0;
}

static void a_session_is_told_of_from_login_to_logout(void **state)
{
	static const uint8_t response[48] = {0x23};
	struct house *h = (struct house *)*state;
	int fd = client(h), watcher = watch(h);

	log_in_hasty(h, fd);
	expect_event(h, watcher, "up");
	expect_line(h, "\nsid=1\ntarget=iqn.2026-01.org.example:disk\naddress=127.0.0.1\nport=");
	expect_line(h, "\niface=default\n");
	expect_line(h, "\ntime=");
	error(1020);
	expect_event(h, watcher, "down");
	expect_line(h, "\ndetail=ISCSI_ERR_TCP_CONN_CLOSE: TCP connection closed\n");
	expect_event(h, watcher, "recovering");
	expect_line(h, "\nattempt=1\n");
	wait_told(h, "login");
	happen((struct nl_event){.type = NL_EVENT_RECV_PDU,
	                         .sid = SID,
	                         .pdu = response,
	                         .pdu_len = sizeof(response)});
	expect_event(h, watcher, "recovered");
	error(1020);
	expect_event(h, watcher, "down");
	ask(fd, "logout", 9, "sid=1\n");
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	expect_event(h, watcher, "logged-out");
	close(fd);
	close(watcher);
}

static void a_login_that_fails_is_told_with_the_reason(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h), watcher = watch(h);

	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 2;
	peer.answer.status_detail = 2;
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 24);
	expect_event(h, watcher, "login-failed");
	expect_line(h, "\nerror=24\ndetail=127.0.0.1:");
	assert_null(strstr(h->answer, "\nsid="));
	close(fd);
	close(watcher);
}

static void disks_are_told_with_their_lun(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h), watcher = watch(h);
	const struct session *s;

	log_in(h, fd);
	expect_event(h, watcher, "up");
	s = session_by_sid(&h->manager, SID);
	events_disk(&h->manager.events, s, true, 3, "sdb");
	expect_event(h, watcher, "disk-added");
	expect_line(h, "\nlun=3\ndisk=sdb\n");
	events_disk(&h->manager.events, s, false, 3, "sdb");
	expect_event(h, watcher, "disk-removed");
	close(fd);
	close(watcher);
}

static void what_happened_is_counted(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	ask(fd, "counters", 3, "");
	assert_int_equal(done(h, fd), 0);
	expect_line(h, "\nseen.up=1\nseen.down=0\n");
	expect_line(h, "\nlogin.usec=");
	expect_line(h, "\nlogin.le.inf=1\n");
	ask(fd, "sessions", 4, "sid=1\n");
	while (!receive(h, fd))
		turn(h);
	expect_line(h, "\nrecoveries=0\nlogin_usec=");
	close(fd);
}

/* The others and the daemon go on as if it were not there. */
static void a_client_that_does_not_keep_up_is_told_so_and_left(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h), watcher = watch(h), other;
	const struct session *s;
	unsigned int told = 0;

	log_in(h, fd);
	s = session_by_sid(&h->manager, SID);
	for (int i = 0; i < 100000 && !list_empty(&h->manager.events.watchers); i++, told++)
		events_disk(&h->manager.events, s, true, 3, "sdb");
	assert_true(list_empty(&h->manager.events.watchers));
	other = watch(h);
	events_disk(&h->manager.events, s, true, 4, "sdc");
	expect_event(h, other, "disk-added");
	/* what had been told before is there still, then the end */
	expect_event(h, watcher, "up");
	for (unsigned int i = 1; i < told; i++)
		expect_event(h, watcher, "disk-added");
	assert_int_equal(done(h, watcher), ISCSI_ERR_AGAIN);
	expect_line(h, "\nreply=done\n");
	close(fd);
	close(watcher);
	close(other);
}

static void a_client_that_goes_away_is_forgotten(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	close(watch(h));
	for (int i = 0; i < TURNS_MAX && !list_empty(&h->manager.events.watchers); i++)
		turn(h);
	assert_true(list_empty(&h->manager.events.watchers));
	log_in(h, fd);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_is_told_of_from_login_to_logout, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(a_login_that_fails_is_told_with_the_reason, setup,
	                                        teardown),
		cmocka_unit_test_setup_teardown(disks_are_told_with_their_lun, setup, teardown),
		cmocka_unit_test_setup_teardown(what_happened_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_client_that_does_not_keep_up_is_told_so_and_left,
	                                        setup, teardown),
		cmocka_unit_test_setup_teardown(a_client_that_goes_away_is_forgotten, setup,
	                                        teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
