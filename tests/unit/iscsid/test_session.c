/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole manager with a client at its socket, but with a kernel (nl.h) and a peer process
 * (peer_process.h) that are scripted here: they take the place of the real ones when this program
 * is linked.  The kernel writes down what it is told; the portal is a real listening socket.
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
#include "iscsid/peer_process.h"
#include "iscsid/session.h"
#include "lib/base/file.h"
#include "lib/ipc/channel.h"

enum { TURNS_MAX = 3000, EVENTS_MAX = 8, SID = 1, HOST_NO = 7 };

/* ---- the scripted kernel ------------------------------------------------------------------- */

static struct {
	char told[512]; /* the commands, one word each */
	int batch_result, unbind_result, send_result;
	int events[2];                     /* a pipe: one byte an event */
	struct nl_event queue[EVENTS_MAX]; /* what the bytes stand for */
	size_t queued, taken;
} kernel;

static void told(const char *word)
{
	size_t len = strlen(kernel.told);

	snprintf(kernel.told + len, sizeof(kernel.told) - len, "%s ", word);
}

static void happen(struct nl_event event)
{
	assert_true(kernel.queued < EVENTS_MAX);
	kernel.queue[kernel.queued++] = event;
	assert_int_equal(write(kernel.events[1], "", 1), 1);
}

int nl_open(struct nl **ret)
{
	*ret = (struct nl *)&kernel;
	return pipe2(kernel.events, O_NONBLOCK | O_CLOEXEC);
}

struct nl *nl_close(struct nl *nl)
{
	if (nl) {
		close(kernel.events[0]);
		close(kernel.events[1]);
	}
	return NULL;
}

int nl_event_fd(const struct nl *nl _unused_)
{
	return kernel.events[0];
}

int nl_use_transport(struct nl *nl _unused_, const char *sysfs _unused_, const char *name _unused_)
{
	return 0;
}

int nl_create_session(struct nl *nl _unused_, uint16_t cmds_max _unused_,
                      uint16_t queue_depth _unused_, uint32_t cmd_sn, uint32_t *ret_sid,
                      uint32_t *ret_host_no)
{
	/* the CmdSN that the login carried */
	assert_int_equal(cmd_sn, 17);
	told("create");
	*ret_sid = SID;
	*ret_host_no = HOST_NO;
	return 0;
}

struct nl_batch *nl_batch_new(uint32_t sid, uint32_t cid)
{
	assert_int_equal(sid, SID);
	assert_int_equal(cid, 0);
	return (struct nl_batch *)&kernel;
}

struct nl_batch *nl_batch_free(struct nl_batch *b _unused_)
{
	return NULL;
}

void nl_batch_create_conn(struct nl_batch *b _unused_)
{
	told("conn");
}

void nl_batch_bind(struct nl_batch *b _unused_, int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	/* the connected socket, not one that the peer has closed */
	assert_int_equal(getpeername(fd, (struct sockaddr *)&addr, &len), 0);
	told("bind");
}

void nl_batch_param(struct nl_batch *b _unused_, enum nl_param param _unused_,
                    const char *value _unused_)
{
}

void nl_batch_param_u32(struct nl_batch *b _unused_, enum nl_param param, uint32_t value)
{
	if (param == NL_PARAM_EXP_STATSN)
		assert_int_equal(value, 99);
}

void nl_batch_host_param(struct nl_batch *b _unused_, uint32_t host_no _unused_,
                         enum nl_host_param param _unused_, const char *value _unused_)
{
}

void nl_batch_start(struct nl_batch *b _unused_)
{
	told("start");
}

int nl_batch_run(struct nl *nl _unused_, struct nl_batch *b _unused_, const char **ret_what)
{
	if (kernel.batch_result < 0 && ret_what)
		*ret_what = "START_CONN";
	return kernel.batch_result;
}

int nl_stop_conn(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_,
                 enum nl_stop flag)
{
	told(flag == NL_STOP_TERM ? "stop-term" : "stop-recover");
	return 0;
}

int nl_destroy_conn(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_)
{
	told("destroy-conn");
	return 0;
}

int nl_unbind_session(struct nl *nl _unused_, uint32_t sid _unused_)
{
	told("unbind");
	return kernel.unbind_result;
}

int nl_destroy_session(struct nl *nl _unused_, uint32_t sid _unused_)
{
	told("destroy");
	return 0;
}

int nl_send_pdu(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_,
                const uint8_t bhs[static 48], const void *data _unused_, size_t len)
{
	/* RFC 7143 section 11.14: Logout Request, immediate; F bit and reason 0 */
	assert_int_equal(bhs[0], 0x46);
	assert_int_equal(bhs[1], 0x80);
	assert_int_equal(len, 0);
	told("logout");
	return kernel.send_result;
}

int nl_event_next(struct nl *nl _unused_, struct nl_event *ret)
{
	char byte;

	if (read(kernel.events[0], &byte, 1) != 1)
		return 0;
	*ret = kernel.queue[kernel.taken++];
	return 1;
}

/* ---- the scripted peer --------------------------------------------------------------------- */

static struct {
	struct peer_config config;
	struct peer_done answer; /* to every login */
	struct peer_login login; /* the last one */
	unsigned int logins;
	bool silent; /* takes logins and says nothing */
	int pair[2];
} peer;

struct peer *peer_new(const struct peer_config *config)
{
	peer.config = *config;
	return (struct peer *)&peer;
}

struct peer *peer_free(struct peer *p _unused_)
{
	close(peer.pair[0]);
	close(peer.pair[1]);
	return NULL;
}

int peer_start(struct peer *p _unused_)
{
	return pipe2(peer.pair, O_NONBLOCK | O_CLOEXEC);
}

bool peer_running(const struct peer *p _unused_)
{
	return true;
}

int peer_fd(const struct peer *p _unused_)
{
	return peer.pair[0];
}

void peer_handle(struct peer *p _unused_)
{
	char byte;

	while (read(peer.pair[0], &byte, 1) == 1) {
		peer.answer.head.id = peer.login.head.id;
		peer.config.callbacks.done(peer.config.data, &peer.answer);
	}
}

bool peer_wants_write(const struct peer *p _unused_)
{
	return false;
}

void peer_flush(struct peer *p _unused_)
{
}

int peer_send_login(struct peer *p _unused_, const struct peer_login *login, int fd _unused_)
{
	peer.login = *login;
	peer.logins++;
	return peer.silent || write(peer.pair[1], "", 1) == 1 ? 0 : -errno;
}

int peer_send_cancel(struct peer *p _unused_, uint64_t id _unused_)
{
	return 0;
}

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
	                   .max_outstanding_r2t = 1},
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
		TEST(a_step_that_the_kernel_refuses_takes_all_down_again),
		TEST(a_second_login_of_a_record_gets_15),
		TEST(a_second_login_joins_one_that_is_under_way),
		TEST(nobody_left_to_wait_ends_a_login),
		TEST(a_login_without_waiting_goes_on_alone),
		TEST(a_logout_takes_its_steps_in_order),
		TEST(a_broken_connection_is_stopped_and_can_be_logged_out),
		TEST(a_logout_ends_a_login_that_is_under_way),
		TEST(a_logout_of_an_unknown_session_gets_2),
		TEST(a_closed_port_is_tried_until_the_time_is_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
