/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a target says without being asked, and what is done about it: RFC 7143 section 11.9.1. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "tests/unit/iscsid/house.h"

static struct session *session(struct house *h)
{
	return session_by_sid(&h->manager, SID);
}

static void wait_state(struct house *h, enum session_state state)
{
	for (int i = 0; i < TURNS_MAX && session(h)->state != state; i++)
		turn(h);
	assert_int_equal(session(h)->state, state);
}

/* The kernel hands a PDU up; what the peer makes of it is the notice. */
static void hear(struct house *h, uint8_t opcode, struct peer_notice notice)
{
	static uint8_t pdu[48];

	pdu[0] = opcode;
	peer.notice = notice;
	happen((struct nl_event){
		.type = NL_EVENT_RECV_PDU, .sid = SID, .pdu = pdu, .pdu_len = sizeof(pdu)});
	for (int i = 0; i < TURNS_MAX && peer.read != opcode; i++)
		turn(h);
	assert_int_equal(peer.read, opcode);
	peer.read = 0;
	/* the peer's answer */
	for (int i = 0; i < TURNS_MAX && session(h)->async.unread > 0; i++)
		turn(h);
	assert_int_equal(session(h)->async.unread, 0);
}

static void say(struct house *h, struct peer_notice notice)
{
	notice.kind = PEER_NOTICE_ASYNC;
	hear(h, 0x32, notice);
}

static void respond(uint8_t opcode)
{
	static uint8_t response[48];

	response[0] = opcode;
	happen((struct nl_event){.type = NL_EVENT_RECV_PDU,
	                         .sid = SID,
	                         .pdu = response,
	                         .pdu_len = sizeof(response)});
}

/* A host that can be scanned; returns what was written to its attribute. */
static const char *scanned(struct house *h)
{
	static char text[32];
	char path[160];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%d/scan", h->sysfs, HOST_NO);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static void log_in_with(struct house *h, int fd, const char *more)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	put(path, "scan", "");
	ask_login(h, fd, 1, more);
	assert_int_equal(done(h, fd), 0);
	kernel.told[0] = 0;
	put(path, "scan", "");
}

static void wait_scan(struct house *h)
{
	for (int i = 0; i < TURNS_MAX && !scanned(h)[0]; i++)
		turn(h);
	for (int i = 0; i < TURNS_MAX && session(h)->scan.child; i++)
		turn(h);
}

static const struct peer_notice luns_changed = {
	.has_sense = 1, .sense_key = 6, .asc = 0x3f, .ascq = 0x0e};

static void event_0_with_changed_luns_looks_for_them(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	say(h, luns_changed);
	wait_scan(h);
	assert_string_equal(scanned(h), "- - -");
	close(fd);
}

static void event_0_finds_nothing_new_where_scans_are_made_by_hand(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=manual\n");
	session(h)->scan.began_usec = loop_now();
	say(h, luns_changed);
	assert_true(scan_luns_empty(&session(h)->scan.wanted.find));
	assert_true(session(h)->scan.wanted.reread.all);
	assert_true(session(h)->scan.wanted.prune.all);
	close(fd);
}

/* A LUN that is there is no new one: also where scans are made by hand. */
static void event_0_with_a_changed_capacity_reads_that_lun_again(void **state)
{
	static const uint8_t codes[][2] = {{0x2a, 0x09}, {0x3f, 0x03}};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=manual\n");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		session(h)->scan.began_usec = loop_now();
		say(h, (struct peer_notice){.has_sense = 1,
		                            .sense_key = 6,
		                            .asc = codes[i][0],
		                            .ascq = codes[i][1],
		                            .lun = 3});
		assert_true(scan_luns_has(&session(h)->scan.wanted.reread, 3));
		assert_false(session(h)->scan.wanted.reread.all);
		assert_true(scan_luns_empty(&session(h)->scan.wanted.find));
		session(h)->scan.wanted = (struct scan_wish){0};
	}
	close(fd);
}

/* Two scans that nobody asked for are a second apart, whatever a target says. */
static void events_that_come_fast_are_one_scan(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	session(h)->scan.began_usec = loop_now();
	for (int i = 0; i < 5; i++)
		say(h, luns_changed);
	assert_null(session(h)->scan.child);
	assert_true(session(h)->scan.wanted.find.all);
	close(fd);
}

/* What most targets do in place of event 0; the words are scsi_lib.c's of the kernel. */
static void attend(struct house *h, const char *what)
{
	struct host_attention_event event = {.sid = SID, .lun.lun = 3};

	snprintf(event.what, sizeof(event.what), "%s", what);
	session_attention(session(h), &event);
}

static void a_unit_attention_that_tells_of_changed_luns_looks_for_them(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	attend(h, "REPORTED_LUNS_DATA_HAS_CHANGED");
	assert_true(session(h)->scan.wanted.reread.all);
	assert_true(session(h)->scan.wanted.prune.all);
	wait_scan(h);
	assert_string_equal(scanned(h), "- - -");
	close(fd);
}

static void a_unit_attention_that_tells_of_one_lun_reads_that_one_again(void **state)
{
	static const char *const words[] = {"INQUIRY_DATA_HAS_CHANGED",
	                                    "CAPACITY_DATA_HAS_CHANGED"};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=manual\n");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		session(h)->scan.began_usec = loop_now();
		attend(h, words[i]);
		assert_true(scan_luns_has(&session(h)->scan.wanted.reread, 3));
		assert_false(session(h)->scan.wanted.reread.all);
		assert_true(scan_luns_empty(&session(h)->scan.wanted.find));
		session(h)->scan.wanted = (struct scan_wish){0};
	}
	close(fd);
}

static void other_unit_attentions_and_those_of_a_session_that_leaves_do_nothing(void **state)
{
	static const char *const words[] = {"MODE_PARAMETERS_CHANGED",
	                                    "ASYMMETRIC_ACCESS_STATE_CHANGED",
	                                    "POWER_ON_RESET_OCCURRED", ""};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		attend(h, words[i]);
	show_session(h, "SCANNED\n");
	ask(fd, "logout", 2, "sid=1\n");
	wait_told(h, "unbind ");
	attend(h, "REPORTED_LUNS_DATA_HAS_CHANGED");
	assert_true(scan_luns_empty(&session(h)->scan.wanted.reread));
	assert_string_equal(scanned(h), "");
	close(fd);
}

/* Each scan makes such a target tell it again. */
static void a_target_whose_luns_always_change_is_scanned_less_and_less(void **state)
{
	struct house *h = (struct house *)*state;
	struct session_scan *scan;
	unsigned int scans = 0;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	scan = &session(h)->scan;
	/* in the time of sixteen scans at the usual pace; what is due is begun as if it were */
	for (int second = 0; second < 16; second++) {
		attend(h, "REPORTED_LUNS_DATA_HAS_CHANGED");
		for (int i = 0; i < TURNS_MAX && scan->child; i++)
			turn(h);
		scan->began_usec -= USEC_PER_SEC;
		attend(h, "REPORTED_LUNS_DATA_HAS_CHANGED");
		for (int i = 0; i < 20 && !scan->child; i++)
			turn(h);
		scans += scan->child != NULL;
	}
	assert_in_range(scans, 9, 12);
	/* a client has it at once all the same */
	for (int i = 0; i < TURNS_MAX && scan->child; i++)
		turn(h);
	ask(fd, "rescan", 2, "sid=1\n");
	assert_int_equal(done(h, fd), 0);
	assert_int_equal(scan->in_row, 0);
	close(fd);
}

static void event_0_without_sense_data_or_with_other_does_nothing(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with(h, fd, "node.session.scan=auto\n");
	say(h, (struct peer_notice){.asc = 0x3f, .ascq = 0x0e});
	say(h, (struct peer_notice){.has_sense = 1, .asc = 0x29});
	assert_null(session(h)->scan.child);
	assert_true(scan_luns_empty(&session(h)->scan.wanted.find));
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void event_1_is_a_logout_and_a_login_with_the_luns_kept(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 1, .param3 = 10});
	wait_told(h, "logout");
	assert_int_equal(session(h)->state, SESSION_STEP_OUT);
	respond(0x26);
	wait_told(h, "login");
	respond(0x23);
	wait_state(h, SESSION_LOGGED_IN);
	assert_string_equal(kernel.told, "logout stop-recover stop-recover bind login start ");
	close(fd);
}

static void a_session_can_be_logged_out_while_it_steps_out(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 1});
	wait_told(h, "logout");
	ask(fd, "logout", 2, "sid=1\n");
	wait_told(h, "destroy ");
	happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
	assert_int_equal(done(h, fd), 0);
	close(fd);
}

static void a_logout_request_that_cannot_be_sent_is_a_lost_connection(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	kernel.send_result = -EPERM;
	say(h, (struct peer_notice){.event = 1});
	wait_told(h, "stop-recover");
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	close(fd);
}

/* Parameter2 is the time to wait, and is obeyed also where none was agreed at login. */
static void events_2_and_3_recover_after_the_time_that_they_say(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	for (uint8_t event = 2; event <= 3; event++) {
		peer.answer.params.default_time2wait = 0;
		if (event == 2) {
			ask_login(h, fd, 1, "node.session.iscsi.DefaultTime2Wait=0\n");
			assert_int_equal(done(h, fd), 0);
		}
		kernel.told[0] = 0;
		say(h, (struct peer_notice){.event = event, .param2 = 5, .param3 = 60});
		assert_string_equal(kernel.told, "stop-recover ");
		assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
		assert_in_range(recovery_rest(&session(h)->recovery, loop_now()), 4 * USEC_PER_SEC,
		                5 * USEC_PER_SEC);
		session(h)->recovery.not_before_usec = 0;
		session_event(session(h), SESSION_NETWORK_UP, NULL);
		wait_told(h, "login");
		respond(0x23);
		wait_state(h, SESSION_LOGGED_IN);
	}
	close(fd);
}

/* The kernel's word that the connection is gone overtakes what the peer has to read. */
static void event_2_that_is_read_after_the_connection_went_is_obeyed_too(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = 1020});
	wait_state(h, SESSION_RECOVER_WAIT);
	say(h, (struct peer_notice){.event = 2, .param2 = 50});
	assert_int_equal(session(h)->state, SESSION_RECOVER_WAIT);
	assert_in_range(recovery_rest(&session(h)->recovery, loop_now()), 49 * USEC_PER_SEC,
	                50 * USEC_PER_SEC);
	close(fd);
}

static void event_2_for_another_connection_is_ignored(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 2, .param1 = 1});
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void event_4_is_answered_with_a_text_request(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 4, .param3 = 10});
	assert_string_equal(kernel.told, "text ");
	hear(h, 0x24, (struct peer_notice){.kind = PEER_NOTICE_TEXT_END});
	assert_false(session(h)->async.negotiating);
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void event_4_with_values_to_negotiate_is_a_new_login(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 4, .param3 = 10});
	hear(h, 0x24, (struct peer_notice){.kind = PEER_NOTICE_TEXT_KEYS});
	assert_string_equal(kernel.told, "text logout ");
	assert_int_equal(session(h)->state, SESSION_STEP_OUT);
	close(fd);
}

static void event_4_without_an_answer_in_time_is_a_new_login(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	say(h, (struct peer_notice){.event = 4, .param3 = 1});
	wait_told(h, "text logout ");
	assert_int_equal(session(h)->state, SESSION_STEP_OUT);
	close(fd);
}

static unsigned int lines;

static void count_line(enum log_level level, const char *text _unused_)
{
	lines += level != LOG_LEVEL_DEBUG;
}

/* A target that floods does not flood the log. */
static void messages_beyond_those_that_can_wait_are_one_line_of_the_log(void **state)
{
	static const uint8_t pdu[48] = {0x32};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	peer.notice = (struct peer_notice){.kind = PEER_NOTICE_TEXT_END};
	lines = 0;
	log_set_sink(count_line);
	for (int flood = 0; flood < 3; flood++) {
		for (int i = 0; i < 100; i++)
			session_hear(session(h), pdu, sizeof(pdu));
		for (int i = 0; i < TURNS_MAX && session(h)->async.unread > 0; i++)
			turn(h);
		assert_int_equal(session(h)->async.unread, 0);
	}
	log_set_sink(NULL);
	assert_int_equal(lines, 1);
	close(fd);
}

static void event_4_over_and_over_is_one_line_of_the_log(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	lines = 0;
	log_set_sink(count_line);
	for (int i = 0; i < 3; i++) {
		say(h, (struct peer_notice){.event = 4, .param3 = 10});
		hear(h, 0x24, (struct peer_notice){.kind = PEER_NOTICE_TEXT_END});
	}
	log_set_sink(NULL);
	assert_string_equal(kernel.told, "text text text ");
	assert_int_equal(lines, 1);
	close(fd);
}

/* RFC 7144 section 5: 5 is said to those who asked for it; 255 is the vendor's. */
static void other_events_change_nothing(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	for (int event = 5; event <= 255; event += 50)
		say(h, (struct peer_notice){.event = (uint8_t)event, .param1 = 1});
	hear(h, 0x32, (struct peer_notice){.kind = PEER_NOTICE_BROKEN});
	assert_string_equal(kernel.told, "");
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

/* What the peer took with it is not waited for. */
static void messages_are_read_again_by_the_next_peer(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	peer.dying = true;
	say(h, (struct peer_notice){.event = 1});
	assert_int_equal(session(h)->state, SESSION_LOGGED_IN);
	say(h, (struct peer_notice){.event = 1});
	assert_int_equal(session(h)->state, SESSION_STEP_OUT);
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(event_0_with_changed_luns_looks_for_them),
		TEST(event_0_finds_nothing_new_where_scans_are_made_by_hand),
		TEST(event_0_with_a_changed_capacity_reads_that_lun_again),
		TEST(events_that_come_fast_are_one_scan),
		TEST(a_unit_attention_that_tells_of_changed_luns_looks_for_them),
		TEST(a_unit_attention_that_tells_of_one_lun_reads_that_one_again),
		TEST(other_unit_attentions_and_those_of_a_session_that_leaves_do_nothing),
		TEST(a_target_whose_luns_always_change_is_scanned_less_and_less),
		TEST(event_0_without_sense_data_or_with_other_does_nothing),
		TEST(event_1_is_a_logout_and_a_login_with_the_luns_kept),
		TEST(a_session_can_be_logged_out_while_it_steps_out),
		TEST(a_logout_request_that_cannot_be_sent_is_a_lost_connection),
		TEST(events_2_and_3_recover_after_the_time_that_they_say),
		TEST(event_2_that_is_read_after_the_connection_went_is_obeyed_too),
		TEST(event_2_for_another_connection_is_ignored),
		TEST(event_4_is_answered_with_a_text_request),
		TEST(event_4_with_values_to_negotiate_is_a_new_login),
		TEST(event_4_without_an_answer_in_time_is_a_new_login),
		TEST(event_4_over_and_over_is_one_line_of_the_log),
		TEST(messages_beyond_those_that_can_wait_are_one_line_of_the_log),
		TEST(other_events_change_nothing),
		TEST(messages_are_read_again_by_the_next_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
