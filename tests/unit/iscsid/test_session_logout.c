/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logout ends a session in whatever state that is, within a bound, whether the kernel does what
 * it is told or falls silent.  Timers are not waited for: how long they were set for is added up.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

/* What man/iscsid.8 and systemd/iscsi.service count on. */
enum { LOGOUT_BOUND_SEC = 90 };

/* While hurrying, a timer is due at once, and its time counts. */
static struct {
	bool on;
	uint64_t usec;
} hurry;

void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	if (hurry.on)
		hurry.usec += usec;
	__real_loop_timer_set(source, hurry.on ? 0 : usec);
}

static struct session *only_session(struct house *h)
{
	assert_false(list_empty(&h->manager.sessions));
	return list_entry(h->manager.sessions.next, struct session, node);
}

static void wait_state(struct house *h, enum session_state state)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		if (!list_empty(&h->manager.sessions) && only_session(h)->state == state)
			return;
		turn(h);
	}
	fail_msg("never %s", session_state_name(state));
}

static void error(unsigned int number)
{
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = number});
}

/* ---- ways into each state -------------------------------------------------------------------- */

static int backlog[16];

/* No further connection is taken: it stays under way. */
static void fill_backlog(const struct house *h)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
	                           .sin_port = htons(h->port),
	                           .sin_addr = {htonl(INADDR_LOOPBACK)}};

	for (size_t i = 0; i < ARRAY_LEN(backlog); i++) {
		backlog[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(backlog[i], (struct sockaddr *)&addr, sizeof(addr));
	}
}

static void empty_backlog(void)
{
	for (size_t i = 0; i < ARRAY_LEN(backlog); i++) {
		if (backlog[i] > 0)
			close(backlog[i]);
		backlog[i] = 0;
	}
}

/* The states in which nothing waits cannot be met from outside. */
static void make_session(struct house *h, enum session_state state)
{
	char text[256];
	struct iscsi_db_record *record;
	struct session *s;
	const char *why;

	snprintf(text, sizeof(text),
	         "node.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"
	         "node.conn[0].port=%u\niface.iscsi_ifacename=default\n",
	         h->port);
	assert_int_equal(
		iscsi_db_record_parse(ISCSI_DB_NODE, text, strlen(text), NULL, NULL, &record), 0);
	assert_int_equal(session_new(&h->manager, record, &s, &why), 0);
	s->state = state;
}

static void reach_new(struct house *h, int fd _unused_)
{
	make_session(h, SESSION_NEW);
}

static void reach_loading(struct house *h, int fd _unused_)
{
	make_session(h, SESSION_LOADING);
}

static void reach_connecting(struct house *h, int fd)
{
	fill_backlog(h);
	ask_login(h, fd, 1, "");
	wait_state(h, SESSION_LOGIN);
}

static void reach_login(struct house *h, int fd)
{
	peer.silent = true;
	ask_login(h, fd, 1, "");
	wait_login(h);
}

static void reach_retry_wait(struct house *h, int fd)
{
	peer.answer.outcome = PEER_OUTCOME_REFUSED;
	peer.answer.status_class = 3;
	peer.answer.status_detail = 1;
	ask_login(h, fd, 1, "");
	wait_state(h, SESSION_RETRY_WAIT);
}

/* The kernel keeps whoever asks for a scan. */
static void reach_scanning(struct house *h, int fd)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/class/scsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	strcat(path, "/scan");
	assert_int_equal(mkfifo(path, 0600), 0);
	ask_login(h, fd, 1, "node.session.scan=auto\n");
	wait_told(h, "start");
	wait_state(h, SESSION_SCANNING);
	show_session(h, "ALLOCATED\n");
}

static void log_in_shown(struct house *h, int fd)
{
	peer.answer.params.default_time2wait = 0;
	ask_login(h, fd, 1, "node.session.iscsi.DefaultTime2Wait=0\n");
	assert_int_equal(done(h, fd), 0);
	show_session(h, "SCANNED\n");
}

static void reach_logged_in(struct house *h, int fd)
{
	log_in_shown(h, fd);
}

static void adopt(struct house *h, const char *session_state, const char *target_state)
{
	char path[192];

	show_session(h, target_state);
	put(h->sysfs, "class/iscsi_session/session1/state", session_state);
	put(h->sysfs, "class/iscsi_session/session1/creator", "761\n");
	snprintf(path, sizeof(path), "%s/class/iscsi_connection/connection%d:0", h->sysfs, SID);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	put(path, "persistent_address", "127.0.0.1\n");
	put(path, "persistent_port", "3260\n");
	put(path, "state", "up\n");
	snprintf(path, sizeof(path), "%s/class/iscsi_transport/tcp", h->sysfs);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	manager_adopt(&h->manager);
}

static void reach_adopted(struct house *h, int fd _unused_)
{
	adopt(h, "LOGGED_IN\n", "SCANNED\n");
}

static void reach_failed(struct house *h, int fd _unused_)
{
	adopt(h, "FAILED\n", "UNBOUND\n");
}

static void reach_recover_wait(struct house *h, int fd)
{
	log_in_shown(h, fd);
	kernel.batch_result = -ENOTCONN;
	error(1020);
	wait_told(h, "bind stop-recover");
	wait_state(h, SESSION_RECOVER_WAIT);
}

static void reach_reconnect(struct house *h, int fd)
{
	log_in_shown(h, fd);
	fill_backlog(h);
	error(1020);
	wait_state(h, SESSION_RECONNECT);
}

static void reach_relogin(struct house *h, int fd)
{
	log_in_shown(h, fd);
	error(1020);
	wait_told(h, "login");
	wait_state(h, SESSION_RELOGIN);
}

static void reach_step_out(struct house *h, int fd)
{
	static const uint8_t async[48] = {0x32, 0x80};

	reach_logged_in(h, fd);
	peer.notice = (struct peer_notice){.kind = PEER_NOTICE_ASYNC, .event = 1};
	happen((struct nl_event){
		.type = NL_EVENT_RECV_PDU, .sid = SID, .pdu = async, .pdu_len = sizeof(async)});
	wait_told(h, "logout");
}

static void reach_unbinding(struct house *h, int fd)
{
	log_in_shown(h, fd);
	ask(fd, "logout", 2, "sid=1\n");
	wait_state(h, SESSION_UNBINDING);
}

static void reach_logout(struct house *h, int fd)
{
	reach_unbinding(h, fd);
	happen((struct nl_event){.type = NL_EVENT_UNBIND_SESSION, .sid = SID});
	wait_state(h, SESSION_LOGOUT);
}

static void reach_stopping(struct house *h, int fd)
{
	reach_logout(h, fd);
	error(1020);
	wait_state(h, SESSION_STOPPING);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum session_state state;
	void (*reach)(struct house *h, int fd);
	const char *told; /* by then, to a kernel that answers */
} ways[] = {
	{"new", SESSION_NEW, reach_new, ""},
	{"loading", SESSION_LOADING, reach_loading, ""},
	{"connecting", SESSION_LOGIN, reach_connecting, ""},
	{"login", SESSION_LOGIN, reach_login, ""},
	{"retry-wait", SESSION_RETRY_WAIT, reach_retry_wait, ""},
	{"scanning", SESSION_SCANNING, reach_scanning,
         "unbind logout stop-term destroy-conn destroy "},
	{"logged-in", SESSION_LOGGED_IN, reach_logged_in,
         "unbind logout stop-term destroy-conn destroy "},
	{"adopted", SESSION_LOGGED_IN, reach_adopted,
         "unbind logout stop-term destroy-conn destroy "},
	{"failed", SESSION_FAILED, reach_failed, "stop-term destroy-conn destroy "},
	{"recover-wait", SESSION_RECOVER_WAIT, reach_recover_wait,
         "stop-term destroy-conn destroy "},
	{"reconnect", SESSION_RECONNECT, reach_reconnect, "stop-term destroy-conn destroy "},
	{"relogin", SESSION_RELOGIN, reach_relogin, "stop-term destroy-conn destroy "},
	{"step-out", SESSION_STEP_OUT, reach_step_out, "stop-term destroy-conn destroy "},
	{"unbinding", SESSION_UNBINDING, reach_unbinding, "logout stop-term destroy-conn destroy "},
	{"logout", SESSION_LOGOUT, reach_logout, "stop-term destroy-conn destroy "},
	{"stopping", SESSION_STOPPING, reach_stopping, ""},
};

static void ask_logout(const struct house *h, int fd, bool in_kernel)
{
	char rest[128];

	snprintf(rest, sizeof(rest),
	         "target=iqn.2026-01.org.example:disk\naddress=127.0.0.1\nport=%u\n", h->port);
	ask(fd, "logout", 9, in_kernel ? "sid=1\n" : rest);
}

/* Until the second logout waits with the first. */
static void wait_joined(struct house *h)
{
	const struct list_node *logouts = &only_session(h)->logouts;

	for (int i = 0; i < TURNS_MAX && logouts->next->next == logouts; i++)
		turn(h);
	assert_ptr_not_equal(logouts->next->next, logouts);
}

/* What a logout waits for in the state that it is in. */
static void end_step(enum session_state state)
{
	struct nl_event event = {.sid = SID, .type = NL_EVENT_DESTROY_SESSION};

	if (state == SESSION_UNBINDING)
		event.type = NL_EVENT_UNBIND_SESSION;
	else if (state == SESSION_LOGOUT)
		event.type = NL_EVENT_CONN_ERROR;
	happen(event);
}

/* A kernel that does what it is told, and a target that answers. */
static void obey(void)
{
	static const uint8_t response[48] = {0x26, 0x80};
	static const struct {
		const char *command;
		struct nl_event event;
	} rows[] = {
		{"unbind ", {.type = NL_EVENT_UNBIND_SESSION, .sid = SID}},
		{"logout ",
	         {.type = NL_EVENT_RECV_PDU, .sid = SID, .pdu = response, .pdu_len = 48}},
		{"destroy ", {.type = NL_EVENT_DESTROY_SESSION, .sid = SID}},
	};
	static char *seen;

	if (kernel.told[0] == '\0')
		seen = kernel.told;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *at = strstr(seen, rows[i].command);

		if (at) {
			seen = at + strlen(rows[i].command);
			happen(rows[i].event);
		}
	}
}

/* Serve until the logout is answered; its error. */
static int run_logout(struct house *h, int fd, bool obeys)
{
	ssize_t n = -EAGAIN;
	const char *error;

	for (int i = 0; i < TURNS_MAX && n == -EAGAIN; i++) {
		if (obeys)
			obey();
		turn(h);
		n = ipc_recv(fd, h->answer, sizeof(h->answer));
	}
	assert_true(n > 0);
	h->answer[n] = '\0';
	error = strstr(h->answer, "\nerror=");
	assert_non_null(error);
	return atoi(error + strlen("\nerror="));
}

/* Bring a session into the state of a row; the client that is to log it out. */
static int begin(struct house *h, size_t row, int *ret_other)
{
	int other = client(h), fd = client(h);

	print_message("  %s\n", ways[row].name);
	ways[row].reach(h, other);
	assert_int_equal(only_session(h)->state, ways[row].state);
	/* what has been told so far is no part of the logout */
	kernel.told[0] = '\0';
	obey();
	*ret_other = other;
	return fd;
}

static void end(void **state, int fd, int other)
{
	hurry.on = false;
	empty_backlog();
	close(fd);
	close(other);
	assert_int_equal(teardown(state), 0);
}

static void each_state_of_the_machine_has_a_row(void **state _unused_)
{
	for (unsigned int s = SESSION_NEW; s < SESSION_GONE; s <<= 1) {
		bool found = false;

		for (size_t i = 0; i < ARRAY_LEN(ways); i++)
			found = found || ways[i].state == s;
		if (!found)
			fail_msg("no row for %s", session_state_name((enum session_state)s));
	}
}

static void a_logout_ends_a_session_in_any_state(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct house *h;
		int fd, other;

		assert_int_equal(setup(state), 0);
		h = (struct house *)*state;
		fd = begin(h, i, &other);
		ask_logout(h, fd, only_session(h)->sid != 0);
		if (ways[i].state & SESSION_LEAVING) {
			wait_joined(h);
			end_step(ways[i].state);
		}
		assert_int_equal(run_logout(h, fd, true), 0);
		assert_string_equal(kernel.told, ways[i].told);
		assert_true(list_empty(&h->manager.sessions));
		end(state, fd, other);
	}
}

/* Commands are taken, and nothing comes of them: a target that is dead, a removal that is stuck. */
static void a_silent_kernel_does_not_hold_up_a_logout(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct house *h;
		int fd, other, wanted;

		if (ways[i].state == SESSION_STOPPING)
			continue; /* its timer was set by the logout that it is in */
		assert_int_equal(setup(state), 0);
		h = (struct house *)*state;
		fd = begin(h, i, &other);
		wanted = only_session(h)->sid ? ISCSI_ERR_INTERNAL : ISCSI_ERR_SUCCESS;
		hurry.on = true;
		hurry.usec = 0;
		/* the timer that is armed already */
		if (ways[i].state & (SESSION_UNBINDING | SESSION_LOGOUT))
			session_event(only_session(h), SESSION_TIMEOUT, NULL);
		ask_logout(h, fd, only_session(h)->sid != 0);
		assert_int_equal(run_logout(h, fd, false), wanted);
		assert_true(hurry.usec <= LOGOUT_BOUND_SEC * USEC_PER_SEC);
		if (wanted != ISCSI_ERR_SUCCESS) {
			/* when the kernel is through after all, that is the end */
			assert_int_equal(only_session(h)->state, SESSION_FAILED);
			happen((struct nl_event){.type = NL_EVENT_DESTROY_SESSION, .sid = SID});
			for (int t = 0; t < TURNS_MAX && !list_empty(&h->manager.sessions); t++)
				turn(h);
		}
		assert_true(list_empty(&h->manager.sessions));
		end(state, fd, other);
	}
}

/* ---- iscsid.safe_logout ---------------------------------------------------------------------- */

static void log_in_with_disk(struct house *h, int fd, bool mounted)
{
	log_in_shown(h, fd);
	kernel.told[0] = '\0';
	h->manager.safe_logout = true;
	show_disk(h, mounted);
}

static void a_logout_of_a_session_in_use_is_refused_with_what_uses_it(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_disk(h, fd, true);
	ask(fd, "logout", 2, "sid=1\n");
	ask(fd, "logout", 3, "sid=1\n");
	assert_int_equal(done(h, fd), 28);
	assert_non_null(strstr(h->answer, "\ndetail=in use: sda -> /srv\n"));
	assert_int_equal(done(h, fd), 28);
	assert_string_equal(kernel.told, "");
	assert_int_equal(only_session(h)->state, SESSION_LOGGED_IN);
	close(fd);
}

static void a_session_that_is_not_in_use_is_logged_out(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_disk(h, fd, false);
	ask(fd, "logout", 2, "sid=1\n");
	obey();
	assert_int_equal(run_logout(h, fd, true), 0);
	close(fd);
}

static void force_takes_a_session_in_use(void **state)
{
	struct house *h = (struct house *)*state;
	int waiting = client(h), fd = client(h);

	log_in_with_disk(h, fd, true);
	ask(waiting, "logout", 2, "sid=1\n");
	ask(fd, "logout", 3, "sid=1\nforce=Yes\n");
	obey();
	assert_int_equal(run_logout(h, fd, true), 0);
	/* who was waiting to hear gets an answer as well */
	assert_int_equal(done(h, waiting), 0);
	close(waiting);
	close(fd);
}

static void what_cannot_be_looked_at_counts_as_in_use(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_disk(h, fd, false);
	h->manager.proc = "/nowhere";
	ask(fd, "logout", 2, "sid=1\n");
	assert_int_equal(done(h, fd), 28);
	assert_non_null(strstr(h->answer, "cannot see what uses its disks: No such file"));
	close(fd);
}

/* A mount table that keeps whoever reads it. */
static void a_look_that_hangs_ends_in_time(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);
	char path[192];

	log_in_with_disk(h, fd, false);
	snprintf(path, sizeof(path), "%s/self/mountinfo", h->manager.proc);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	hurry.on = true;
	hurry.usec = 0;
	ask(fd, "logout", 2, "sid=1\n");
	assert_int_equal(done(h, fd), 28);
	hurry.on = false;
	assert_true(hurry.usec <= 10 * USEC_PER_SEC);
	assert_non_null(strstr(h->answer, "cannot see what uses its disks: Connection timed out"));
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_of_the_machine_has_a_row),
		cmocka_unit_test(a_logout_ends_a_session_in_any_state),
		cmocka_unit_test(a_silent_kernel_does_not_hold_up_a_logout),
		TEST(a_logout_of_a_session_in_use_is_refused_with_what_uses_it),
		TEST(a_session_that_is_not_in_use_is_logged_out),
		TEST(force_takes_a_session_in_use),
		TEST(what_cannot_be_looked_at_counts_as_in_use),
		TEST(a_look_that_hangs_ends_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
