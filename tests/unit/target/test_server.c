/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop, over real sockets: who is turned away, who is sent away, and the control socket.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/pdu.h"
#include "tests/target/listener.h"
#include "tests/target/options.h"
#include "tests/target/server.h"

enum { PATIENCE_MSEC = 10000, CONNECTIONS = 4 };

struct fixture {
	struct options options;
	struct portal portal;
	char control[64];
	pid_t pid;
	int stop;
};

/* The target's process: says where it listens, then serves until stop ends. */
static int serve(struct fixture *f, int ready, int stop)
{
	struct server s;
	size_t failed;
	int r = server_init(&s, &f->options, &failed);

	if (r < 0)
		return r;
	r = listener_address(s.listeners, -1, &f->portal);
	if (r == 0 && write(ready, &f->portal, sizeof(f->portal)) != sizeof(f->portal))
		r = -EIO;
	close(ready);
	if (r == 0)
		r = server_run(&s, stop);
	server_done(&s);
	return r;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	char fault[OPTIONS_FAULT_SIZE] = "";
	const char *const args[] = {
		"target", "--portal",  "127.0.0.1:0", "--login-timeout", "1", "--max-connections",
		"4",      "--control", f->control};
	int ready[2], stop[2];

	snprintf(f->control, sizeof(f->control), "/tmp/test_server.%d", (int)getpid());
	assert_int_equal(
		options_parse(ARRAY_LEN(args), (char **)(uintptr_t)args, &f->options, fault), 0);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stop), 0);
	f->pid = fork();
	if (f->pid == 0) {
		close(stop[1]);
		_exit(serve(f, ready[1], stop[0]) < 0);
	}
	close(ready[1]);
	close(stop[0]);
	f->stop = stop[1];
	assert_int_equal(read(ready[0], &f->portal, sizeof(f->portal)), sizeof(f->portal));
	close(ready[0]);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	int status;

	close(f->stop);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(f->control, F_OK), -1);
	options_done(&f->options);
	return 0;
}

static int connect_to(const struct fixture *f)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int fd;

	assert_int_equal(addr_from_literal(f->portal.host, f->portal.port, &addr, &len), 0);
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, len), 0);
	return fd;
}

/* Waits for the end of the connection; false when it does not come. */
static bool ends(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&p, 1, PATIENCE_MSEC) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void idle_logins_end(void **state)
{
	struct fixture *f = *state;
	int idle = connect_to(f), half = connect_to(f);
	uint8_t bhs[ISCSI_BHS_LEN];

	pdu_encode(&(struct pdu){.opcode = ISCSI_OP_LOGIN_REQ, .data_len = 100}, bhs);
	assert_int_equal(send(half, bhs, sizeof(bhs), MSG_NOSIGNAL), sizeof(bhs));
	assert_true(ends(idle));
	assert_true(ends(half));
	close(idle);
	close(half);
}

static void a_flood_of_connections_is_turned_away(void **state)
{
	struct fixture *f = *state;
	int fds[CONNECTIONS + 3];
	struct pollfd first;

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = connect_to(f);
	for (size_t i = CONNECTIONS; i < ARRAY_LEN(fds); i++)
		assert_true(ends(fds[i]));
	first = (struct pollfd){.fd = fds[0], .events = POLLIN};
	assert_int_equal(poll(&first, 1, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* The answer to one message; several together are cut at size. */
static void ask(int fd, const char *request, char *answer, size_t size)
{
	size_t len = 0;

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	do {
		ssize_t n = recv(fd, answer + len, size - len - 1, 0);

		assert_true(n > 0);
		len += (size_t)n;
		answer[len] = '\0';
	} while (!strstr(answer, "\ndone=") && strncmp(answer, "done=", 5) != 0);
}

static void the_control_socket_answers_again_and_again(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct fixture *f = *state;
	static char answer[1 << 20];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", f->control);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ask(fd, "verb=dance\n", answer, sizeof(answer));
	assert_string_equal(answer, "reason=no such verb; help lists them\ndone=failed\n");
	for (int i = 0; i < 600; i++) {
		char request[128];

		snprintf(request, sizeof(request),
		         "verb=add-fault\nline=r2t target=iqn.2001-04.com.example:a-long-name-%d "
		         "do delay 1\n",
		         i);
		ask(fd, request, answer, sizeof(answer));
		assert_non_null(strstr(answer, "done=ok\n"));
	}
	/* more than one message */
	ask(fd, "verb=list-faults\n", answer, sizeof(answer));
	assert_true(strlen(answer) > 32768);
	assert_non_null(strstr(answer, "fault=600\n"));
	ask(fd, "verb=add-portal\nportal=127.0.0.1:0\n", answer, sizeof(answer));
	ask(fd, "verb=list-portals\n", answer, sizeof(answer));
	assert_int_equal(strncmp(answer, "item=portal\nportal=127.0.0.1:", 29), 0);
	assert_non_null(strstr(answer + 29, "item=portal\n"));
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(idle_logins_end),
		TEST(a_flood_of_connections_is_turned_away),
		TEST(the_control_socket_answers_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
