/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session whose connection breaks: how it is logged in again, and what ends that. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

/* Login Response: the first 48 bytes are all that the manager looks at the length of. */
static const uint8_t response[48] = {0x23};

static void error(unsigned int number)
{
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = number});
}

static void respond(void)
{
	happen((struct nl_event){.type = NL_EVENT_RECV_PDU,
	                         .sid = SID,
	                         .pdu = response,
	                         .pdu_len = sizeof(response)});
}

static struct session *session(struct house *h)
{
	return session_by_sid(&h->manager, SID);
}

static void wait_state(struct house *h, enum session_state state)
{
	for (int i = 0; i < TURNS_MAX && (!session(h) || session(h)->state != state); i++)
		turn(h);
	assert_int_equal(session(h)->state, state);
}

/* Without a Time2Wait, which is longer than a test should last. */
static void log_in_hasty(struct house *h, int fd, const char *more)
{
	char rest[128];

	snprintf(rest, sizeof(rest), "node.session.iscsi.DefaultTime2Wait=0\n%s", more);
	peer.answer.params.default_time2wait = 0;
	ask_login(h, fd, 1, rest);
	assert_int_equal(done(h, fd), 0);
	kernel.told[0] = 0;
}

/* Up to where the kernel has sent the login request. */
static void until_relogin(struct house *h, int fd)
{
	log_in_hasty(h, fd, "");
	error(1020);
	wait_told(h, "login");
	assert_int_equal(session(h)->state, SESSION_RELOGIN);
}

/* A logout now, whatever goes on, which takes the session apart. */
static void log_out(struct house *h, int fd)
{
	kernel.told[0] = 0;
	ask(fd, "logout", 9, "sid=1\n");
	wait_told(h, "destroy ");
	assert_string_equal(kernel.told, "stop-term destroy-conn destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	assert_null(session(h));
}

/* STOP_CONN comes before each BIND_CONN, and the login after it: the kernel owns CmdSN. */
static void a_broken_connection_is_logged_in_again_through_the_kernel(void **state)
{
	struct house *h = (struct house *)*state;
	struct peer_login first;
	int fd = client(h);

	log_in_hasty(h, fd, "");
	first = peer.login;
	error(1020);
	wait_told(h, "login");
	respond();
	wait_told(h, "start");
	wait_state(h, SESSION_LOGGED_IN);
	assert_string_equal(kernel.told, "stop-recover stop-recover bind login start ");
	/* reinstatement: RFC 7143 section 6.3.5 */
	assert_int_equal(peer.login.purpose, PEER_PURPOSE_RELOGIN);
	assert_memory_equal(peer.login.isid, first.isid, sizeof(first.isid));
	assert_int_equal(peer.login.tsih, 0);
	assert_int_equal(peer.answered, 0x23);
	close(fd);
}

/* What cloned machines see; that it is said is contest.h's matter. */
static void closes_soon_after_each_login_are_counted(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_hasty(h, fd, "");
	for (unsigned int i = 1; i <= CONTEST_DROPS; i++) {
		kernel.told[0] = 0;
		error(1020);
		wait_told(h, "login");
		assert_int_equal(session(h)->contest.drops, i);
		respond();
		wait_state(h, SESSION_LOGGED_IN);
	}
	kernel.told[0] = 0;
	error(1022);
	wait_told(h, "stop-recover");
	assert_int_equal(session(h)->contest.drops, 0);
	close(fd);
}

static void the_first_attempt_waits_as_long_as_was_agreed(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	error(1020);
	wait_told(h, "stop-recover");
	for (int i = 0; i < 50; i++)
		turn(h);
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	assert_int_equal(peer.logins, 1);
	log_out(h, fd);
	close(fd);
}

static void a_refused_relogin_is_tried_again_and_can_be_logged_out(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 2;
	peer.answer.status_detail = 3;
	kernel.told[0] = 0;
	respond();
	wait_told(h, "stop-recover");
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	log_out(h, fd);
	close(fd);
}

static void a_relogin_whose_connection_breaks_is_begun_anew(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	kernel.told[0] = 0;
	error(1020);
	wait_told(h, "login");
	respond();
	wait_told(h, "start");
	wait_state(h, SESSION_LOGGED_IN);
	assert_string_equal(kernel.told, "stop-recover stop-recover bind login start ");
	close(fd);
}

static void a_relogin_that_the_peer_took_with_it_is_begun_anew(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	kernel.told[0] = 0;
	peer.dying = true;
	respond();
	wait_told(h, "login");
	respond();
	wait_state(h, SESSION_LOGGED_IN);
	close(fd);
}

static void what_the_kernel_refuses_is_stopped_before_it_is_tried_again(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_hasty(h, fd, "");
	kernel.batch_result = -ENOTCONN;
	error(1022);
	wait_told(h, "bind stop-recover");
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	kernel.batch_result = 0;
	wait_told(h, "login");
	respond();
	wait_state(h, SESSION_LOGGED_IN);
	close(fd);
}

static void a_session_can_be_logged_out_while_it_logs_in_again(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	log_out(h, fd);
	close(fd);
}

static void a_redirect_is_followed_with_the_old_connection_stopped(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	peer.redirects = 1;
	kernel.told[0] = 0;
	respond();
	wait_told(h, "login");
	assert_string_equal(kernel.told, "stop-recover stop-recover bind login ");
	respond();
	wait_state(h, SESSION_LOGGED_IN);
	close(fd);
}

/* The portal as the target spells it. */
#define ELSEWHERE "::ffff:127.0.0.1"

static void log_in_redirected(struct house *h, int fd, uint8_t detail)
{
	peer.redirects = 1;
	peer.redirect_address = ELSEWHERE;
	peer.redirect_detail = detail;
	log_in_hasty(h, fd, "");
	assert_int_equal(peer.logins, 2);
	error(1020);
	wait_told(h, "login");
}

/* RFC 7143 section 11.13.5: 0101 and 0102. */
static void a_session_that_moved_for_now_is_recovered_at_the_record_s_portal(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_redirected(h, fd, 1);
	assert_string_equal(session(h)->recovery.at.host, "127.0.0.1");
	close(fd);
}

static void a_session_that_moved_for_good_is_recovered_there_also_after_a_restart(void **state)
{
	struct house *h = (struct house *)*state;
	struct run_state kept;
	int fd = client(h);

	log_in_redirected(h, fd, 2);
	assert_string_equal(session(h)->recovery.at.host, ELSEWHERE);
	assert_int_equal(run_state_load(h->manager.state_folder, SID, &kept), 0);
	assert_string_equal(kept.home.host, ELSEWHERE);
	/* what the record and the kernel call its portal */
	assert_string_equal(kept.portal.host, "127.0.0.1");
	close(fd);
}

static void a_move_for_good_to_where_no_login_succeeds_is_forgotten(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	until_relogin(h, fd);
	peer.redirects = 1;
	peer.redirect_address = ELSEWHERE;
	peer.redirect_detail = 2;
	kernel.told[0] = 0;
	respond();
	wait_told(h, "login");
	assert_string_equal(session(h)->recovery.at.host, ELSEWHERE);
	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 3;
	respond();
	wait_state(h, SESSION_RECOVER_WAIT);
	assert_string_equal(session(h)->recovery.at.host, "127.0.0.1");
	close(fd);
}

static void attempts_end_where_the_record_says(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_hasty(h, fd, "node.session.reopen_max=1\n");
	kernel.batch_result = -ENOTCONN;
	error(1020);
	wait_told(h, "destroy ");
	assert_int_equal(session(h)->state, SESSION_STOPPING);
	close(fd);
}

static void a_host_that_is_removed_is_not_recovered(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_hasty(h, fd, "");
	error(1018);
	wait_told(h, "destroy ");
	assert_string_equal(kernel.told, "stop-term destroy-conn destroy ");
	close(fd);
}

static bool file_is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || st.st_size == 0;
}

/* Ask for a login whose scan takes its time: nobody reads from the other end of path. */
static void begin_slow_scan(struct house *h, int fd, char path[static 128])
{
	snprintf(path, 128, "%s/class/scsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	strcat(path, "/scan");
	assert_int_equal(mkfifo(path, 0600), 0);
	peer.answer.params.default_time2wait = 0;
	ask_login(h, fd, 1, "node.session.iscsi.DefaultTime2Wait=0\nnode.session.scan=auto\n");
	wait_state(h, SESSION_SCANNING);
}

/* Now it ends, and the login with it. */
static void end_slow_scan(struct house *h, int fd, const char *path)
{
	int scan = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	assert_true(scan >= 0);
	assert_int_equal(done(h, fd), 0);
	close(scan);
}

/* The login has succeeded by then, and its scan goes on when the kernel lets it. */
static void a_connection_that_breaks_during_the_first_scan_is_recovered(void **state)
{
	struct house *h = (struct house *)*state;
	char path[128];
	int fd = client(h);

	begin_slow_scan(h, fd, path);
	error(1020);
	wait_told(h, "login");
	respond();
	wait_state(h, SESSION_SCANNING);
	end_slow_scan(h, fd, path);
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void a_scan_that_ends_without_a_connection_is_done_again(void **state)
{
	struct house *h = (struct house *)*state;
	char path[128];
	int fd = client(h);

	begin_slow_scan(h, fd, path);
	error(1020);
	wait_told(h, "login");
	end_slow_scan(h, fd, path);
	assert_int_equal(unlink(path), 0);
	*strrchr(path, '/') = '\0';
	put(path, "scan", "");
	strcat(path, "/scan");
	respond();
	wait_state(h, SESSION_LOGGED_IN);
	for (int i = 0; i < TURNS_MAX && file_is_empty(path); i++)
		turn(h);
	assert_false(file_is_empty(path));
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_broken_connection_is_logged_in_again_through_the_kernel),
		TEST(closes_soon_after_each_login_are_counted),
		TEST(the_first_attempt_waits_as_long_as_was_agreed),
		TEST(a_refused_relogin_is_tried_again_and_can_be_logged_out),
		TEST(a_relogin_whose_connection_breaks_is_begun_anew),
		TEST(a_relogin_that_the_peer_took_with_it_is_begun_anew),
		TEST(what_the_kernel_refuses_is_stopped_before_it_is_tried_again),
		TEST(a_session_can_be_logged_out_while_it_logs_in_again),
		TEST(a_redirect_is_followed_with_the_old_connection_stopped),
		TEST(a_session_that_moved_for_now_is_recovered_at_the_record_s_portal),
		TEST(a_session_that_moved_for_good_is_recovered_there_also_after_a_restart),
		TEST(a_move_for_good_to_where_no_login_succeeds_is_forgotten),
		TEST(attempts_end_where_the_record_says),
		TEST(a_host_that_is_removed_is_not_recovered),
		TEST(a_connection_that_breaks_during_the_first_scan_is_recovered),
		TEST(a_scan_that_ends_without_a_connection_is_done_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
