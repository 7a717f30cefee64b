/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole manager with a client at its socket, but with a kernel (nl.h) and a peer process
 * (peer_process.h) that are scripted: they take the place of the real ones when this program is
 * linked.  The portal is a real listening socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/manager.h"
#include "iscsid/session.h"
#include "lib/base/file.h"
#include "lib/ipc/channel.h"
#include "tests/unit/iscsid/fake_nl.h"
#include "tests/unit/iscsid/fake_peer.h"

enum { TURNS_MAX = 5000 };

/* ---- the house ----------------------------------------------------------------------------- */

struct house {
	struct loop *loop;
	struct manager manager;
	char folder[64], path[96], sysfs[96];
	int portal; /* listens */
	uint16_t port;
	char answer[IPC_MESSAGE_MAX + 1];
};

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* What sysfs shows of the session that the kernel has made. */
static void show_session(const struct house *h, const char *target_state)
{
	char folder[192], link[192];

	snprintf(folder, sizeof(folder), "%s/devices/host%d/session%d/iscsi_session/session%d",
	         h->sysfs, HOST_NO, SID, SID);
	assert_int_equal(file_make_folders(AT_FDCWD, folder, 0700), 0);
	snprintf(link, sizeof(link), "%s/class/iscsi_session", h->sysfs);
	assert_int_equal(file_make_folders(AT_FDCWD, link, 0700), 0);
	snprintf(link, sizeof(link), "%s/class/iscsi_session/session%d", h->sysfs, SID);
	assert_int_equal(symlink(folder, link), 0);
	put(folder, "targetname", "iqn.2026-01.org.example:disk\n");
	put(folder, "state", "LOGGED_IN\n");
	put(folder, "target_state", target_state);
}

static int setup(void **state)
{
	struct house *h = (struct house *)calloc(1, sizeof(*h));
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(any);
	struct manager_config config = {.config_path = "/etc/iscsi/iscsid.conf",
	                                .initiator_name = "iqn.2026-01.org.example:host",
	                                .initiator_alias = ""};
	const char *what;

	memset(&kernel, 0, sizeof(kernel));
	memset(&peer, 0, sizeof(peer));
	peer.answer = (struct peer_done){
		.outcome = PEER_OUTCOME_DONE,
		.cmd_sn = 17,
		.exp_stat_sn = 99,
		.tpgt = 1,
		.tsih = 3,
		.params = {.max_recv_data_segment_length = 262144,
	                   .max_xmit_data_segment_length = 8192,
	                   .max_burst_length = 65536,
	                   .first_burst_length = 8192,
	                   .max_outstanding_r2t = 1,
	                   .max_connections = 1,
	                   .default_time2wait = 2,
	                   .data_pdu_in_order = true,
	                   .data_sequence_in_order = true},
	};
	strcpy(h->folder, "/tmp/test-session.XXXXXX");
	if (!mkdtemp(h->folder))
		return -1;
	snprintf(h->path, sizeof(h->path), "%s/control", h->folder);
	snprintf(h->sysfs, sizeof(h->sysfs), "%s/sysfs", h->folder);
	h->portal = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(h->portal, (struct sockaddr *)&any, len) < 0 || listen(h->portal, 8) < 0 ||
	    getsockname(h->portal, (struct sockaddr *)&any, &len) < 0)
		return -1;
	h->port = ntohs(any.sin_port);
	peer.redirect_port = h->port;
	config.listener = ipc_listen(h->path);
	config.run_dir = h->folder;
	config.sysfs = h->sysfs;
	if (loop_new(&h->loop) < 0 || manager_init(&h->manager, h->loop, &config, &what) < 0)
		return -1;
	*state = h;
	return 0;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int teardown(void **state)
{
	struct house *h = (struct house *)*state;
	int r;

	manager_done(&h->manager);
	loop_free(h->loop);
	close(h->portal);
	r = nftw(h->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(h);
	return r;
}

static void turn(struct house *h)
{
	assert_int_equal(loop_step(h->loop, USEC_PER_MSEC), 0);
}

static void wait_told(struct house *h, const char *word)
{
	for (int i = 0; i < TURNS_MAX && !strstr(kernel.told, word); i++)
		turn(h);
	assert_non_null(strstr(kernel.told, word));
}

static void wait_login(struct house *h)
{
	for (int i = 0; i < TURNS_MAX && peer.logins == 0; i++)
		turn(h);
	assert_int_equal(peer.logins, 1);
}

static int client(const struct house *h)
{
	int fd = ipc_connect(h->path);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void ask(int fd, const char *verb, unsigned int id, const char *rest)
{
	char text[1024];
	int len = snprintf(text, sizeof(text), "proto=1\nverb=%s\nid=%u\n%s", verb, id, rest);

	assert_int_equal(ipc_send(fd, text, (size_t)len), 0);
}

static void ask_login(const struct house *h, int fd, unsigned int id, const char *more)
{
	char record[512];

	snprintf(record, sizeof(record),
	         "node.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"
	         "node.conn[0].port=%u\nnode.session.scan=manual\n%s",
	         h->port, more);
	ask(fd, "login", id, record);
}

/* The error of the next answer, which is a done. */
static int done(struct house *h, int fd)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));
		const char *error;

		if (n == -EAGAIN) {
			turn(h);
			continue;
		}
		assert_true(n > 0);
		h->answer[n] = 0;
		error = strstr(h->answer, "\nerror=");
		assert_non_null(error);
		return atoi(error + strlen("\nerror="));
	}
	fail_msg("no answer");
	return -1;
}

static void log_in(struct house *h, int fd)
{
	ask_login(h, fd, 1, "");
	assert_int_equal(done(h, fd), 0);
	kernel.told[0] = 0;
}

/* ---- tests --------------------------------------------------------------------------------- */

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
	assert_string_equal(kernel.told, "");
	assert_true(list_empty(&h->manager.sessions));
	close(fd);
}

/* A peer that a target has taken over must not do without the digest that the record demands. */
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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_login_is_built_in_the_kernel_after_the_target_said_yes),
		TEST(a_refused_login_leaves_no_trace_in_the_kernel),
		TEST(a_result_that_was_not_offered_never_reaches_the_kernel),
		TEST(a_step_that_the_kernel_refuses_takes_all_down_again),
		TEST(a_second_login_of_a_record_gets_15),
		TEST(a_second_login_joins_one_that_is_under_way),
		TEST(nobody_left_to_wait_ends_a_login),
		TEST(a_login_without_waiting_goes_on_alone),
		TEST(a_logout_takes_its_steps_in_order),
		TEST(a_broken_connection_is_stopped_and_can_be_logged_out),
		TEST(a_connection_that_broke_unheard_does_not_hold_up_a_logout),
		TEST(a_session_destroyed_by_others_during_its_scan_says_so),
		TEST(a_logout_ends_a_login_that_is_under_way),
		TEST(a_logout_of_an_unknown_session_gets_2),
		TEST(redirects_are_followed_and_the_record_s_portal_stays),
		TEST(a_chain_of_redirects_has_an_end),
		TEST(an_address_with_a_zone_of_the_target_s_is_left_out_and_the_others_are_not),
		TEST(a_login_that_the_peer_took_with_it_is_tried_again),
		TEST(a_closed_port_is_tried_until_the_time_is_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
