/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each test has a folder of its own, with a real socket in it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/message.h"

struct place {
	char folder[64];
	char path[96];
	char deep[96];
	char buf[IPC_MESSAGE_MAX + 1];
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	strcpy(p->folder, "/tmp/test-channel.XXXXXX");
	if (!mkdtemp(p->folder)) {
		free(p);
		return -1;
	}
	snprintf(p->path, sizeof(p->path), "%s/control", p->folder);
	snprintf(p->deep, sizeof(p->deep), "%s/run/iscsid", p->folder);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char parent[96];

	unlink(p->path);
	snprintf(parent, sizeof(parent), "%s/run", p->folder);
	rmdir(p->deep);
	rmdir(parent);
	if (rmdir(p->folder) < 0)
		return -1;
	free(p);
	return 0;
}

static int listen_at(const char *path)
{
	int fd = ipc_listen(path);

	assert_true(fd >= 0);
	return fd;
}

/* Both ends of one connection; the listener is closed again. */
static void connect_pair(const struct place *p, int *ret_client, int *ret_server)
{
	int listener = listen_at(p->path);
	uid_t uid;

	*ret_client = ipc_connect(p->path);
	assert_true(*ret_client >= 0);
	*ret_server = ipc_accept(listener, &uid);
	assert_true(*ret_server >= 0);
	close(listener);
}

static void only_root_or_the_owner_may_connect(void **state)
{
	struct place *p = *state;
	mode_t old = umask(0);
	int fd = listen_at(p->path);
	struct stat st;

	umask(old);
	assert_int_equal(stat(p->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

static void missing_folders_are_made_private(void **state)
{
	struct place *p = *state;
	char path[128];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/control", p->deep);
	fd = listen_at(path);
	assert_int_equal(stat(p->deep, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	close(fd);
	unlink(path);
}

static void descriptors_close_on_exec_and_do_not_block(void **state)
{
	struct place *p = *state;
	int fds[3];
	uid_t uid;

	fds[0] = listen_at(p->path);
	assert_int_equal(ipc_accept(fds[0], &uid), -EAGAIN);
	fds[1] = ipc_connect(p->path);
	fds[2] = ipc_accept(fds[0], &uid);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		assert_true(fds[i] >= 0);
		assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
	}
	assert_true(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fds[2], F_GETFL) & O_NONBLOCK);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

static void a_socket_left_behind_is_replaced(void **state)
{
	struct place *p = *state;
	int fd = listen_at(p->path), client;

	close(fd); /* as a killed daemon leaves it */
	assert_int_equal(ipc_connect(p->path), -ECONNREFUSED);
	fd = listen_at(p->path);
	client = ipc_connect(p->path);
	assert_true(client >= 0);
	close(client);
	close(fd);
}

static void a_living_listener_keeps_its_socket(void **state)
{
	struct place *p = *state;
	int fd = listen_at(p->path), client;

	assert_int_equal(ipc_listen(p->path), -EADDRINUSE);
	client = ipc_connect(p->path);
	assert_true(client >= 0);
	close(client);
	close(fd);
}

static void a_listener_with_a_full_queue_counts_as_living(void **state)
{
	struct place *p = *state;
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), clients[4], n = 0;

	strcpy(un.sun_path, p->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 0), 0);
	do {
		clients[n] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	} while (connect(clients[n++], (struct sockaddr *)&un, sizeof(un)) == 0 && n < 4);
	assert_true(n < 4); /* the last one found the queue full */
	assert_int_equal(ipc_listen(p->path), -EADDRINUSE);
	while (n > 0)
		close(clients[--n]);
	close(fd);
}

static void a_file_that_is_no_socket_is_not_removed(void **state)
{
	struct place *p = *state;
	int fd = open(p->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	close(fd);
	assert_int_equal(ipc_listen(p->path), -EADDRINUSE);
	assert_int_equal(access(p->path, F_OK), 0);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	struct place *p = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/%0110d", p->folder, 0);
	assert_int_equal(ipc_listen(path), -ENAMETOOLONG);
	assert_int_equal(ipc_connect(path), -ENAMETOOLONG);
	assert_int_equal(ipc_listen(""), -EINVAL);
}

static void without_a_daemon_the_reason_is_told(void **state)
{
	struct place *p = *state;

	assert_int_equal(ipc_connect(p->path), -ENOENT);
}

static void the_peers_user_is_known(void **state)
{
	struct place *p = *state;
	int listener = listen_at(p->path), client = ipc_connect(p->path), server;
	uid_t uid = (uid_t)-1;

	server = ipc_accept(listener, &uid);
	assert_true(server >= 0);
	assert_int_equal(uid, geteuid());
	close(server);
	close(client);
	close(listener);
}

static void messages_keep_their_bounds_and_get_a_nul(void **state)
{
	struct place *p = *state;
	int client, server;

	connect_pair(p, &client, &server);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), -EAGAIN);
	assert_int_equal(ipc_send(client, "proto=1\n", 8), 0);
	assert_int_equal(ipc_send(client, "x", 1), 0);
	memset(p->buf, 'z', sizeof(p->buf));
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), 8);
	assert_string_equal(p->buf, "proto=1\n");
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), 1);
	assert_string_equal(p->buf, "x");
	close(client);
	close(server);
}

static void the_largest_message_passes(void **state)
{
	struct place *p = *state;
	static char big[IPC_MESSAGE_MAX];
	int client, server;

	memset(big, 'a', sizeof(big));
	connect_pair(p, &client, &server);
	assert_int_equal(ipc_send(client, big, sizeof(big)), 0);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), IPC_MESSAGE_MAX);
	assert_int_equal(strlen(p->buf), IPC_MESSAGE_MAX);
	close(client);
	close(server);
}

static void a_message_over_the_limit_is_refused_at_both_ends(void **state)
{
	struct place *p = *state;
	static char big[IPC_MESSAGE_MAX + 1];
	int client, server;

	memset(big, 'a', sizeof(big));
	connect_pair(p, &client, &server);
	assert_int_equal(ipc_send(client, big, sizeof(big)), -EMSGSIZE);
	/* a client that does not keep to the limit */
	assert_int_equal(send(client, big, sizeof(big), 0), sizeof(big));
	assert_int_equal(ipc_send(client, "next", 4), 0);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), -EMSGSIZE);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), 4);
	assert_string_equal(p->buf, "next");
	close(client);
	close(server);
}

static void a_closed_peer_is_an_end_and_no_signal(void **state)
{
	struct place *p = *state;
	int client, server;

	connect_pair(p, &client, &server);
	assert_int_equal(ipc_send(client, "last", 4), 0);
	close(client);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), 4);
	assert_int_equal(ipc_recv(server, p->buf, sizeof(p->buf)), 0);
	assert_int_equal(ipc_send(server, "answer", 6), -EPIPE);
	close(server);
}

/* unix(7): whoever has sent what was not read learns of the close by ECONNRESET, once. */
static void what_was_sent_before_a_close_is_read_to_the_end(void **state)
{
	struct place *p = *state;
	int client, server;

	connect_pair(p, &client, &server);
	assert_int_equal(ipc_send(client, "unread", 6), 0);
	assert_int_equal(ipc_send(server, "one", 3), 0);
	assert_int_equal(ipc_send(server, "two", 3), 0);
	close(server);
	assert_int_equal(ipc_recv(client, p->buf, sizeof(p->buf)), 3);
	assert_string_equal(p->buf, "one");
	assert_int_equal(ipc_recv(client, p->buf, sizeof(p->buf)), 3);
	assert_string_equal(p->buf, "two");
	assert_int_equal(ipc_recv(client, p->buf, sizeof(p->buf)), 0);
	close(client);
}

static void an_empty_message_cannot_be_sent(void **state)
{
	struct place *p = *state;
	int client, server;

	/* the receiver would take it for the end */
	connect_pair(p, &client, &server);
	assert_int_equal(ipc_send(client, "", 0), -EMSGSIZE);
	close(client);
	close(server);
}

static void a_full_queue_is_told_and_not_waited_for(void **state)
{
	struct place *p = *state;
	static char big[IPC_MESSAGE_MAX];
	int client, server, r, n = 0;

	connect_pair(p, &client, &server);
	do
		r = ipc_send(server, big, sizeof(big));
	while (r == 0 && n++ < 1000);
	assert_int_equal(r, -EAGAIN);
	close(client);
	close(server);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_root_or_the_owner_may_connect),
		TEST(missing_folders_are_made_private),
		TEST(descriptors_close_on_exec_and_do_not_block),
		TEST(a_socket_left_behind_is_replaced),
		TEST(a_living_listener_keeps_its_socket),
		TEST(a_listener_with_a_full_queue_counts_as_living),
		TEST(a_file_that_is_no_socket_is_not_removed),
		TEST(a_path_that_does_not_fit_is_refused),
		TEST(without_a_daemon_the_reason_is_told),
		TEST(the_peers_user_is_known),
		TEST(messages_keep_their_bounds_and_get_a_nul),
		TEST(the_largest_message_passes),
		TEST(a_message_over_the_limit_is_refused_at_both_ends),
		TEST(a_closed_peer_is_an_end_and_no_signal),
		TEST(what_was_sent_before_a_close_is_read_to_the_end),
		TEST(an_empty_message_cannot_be_sent),
		TEST(a_full_queue_is_told_and_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
