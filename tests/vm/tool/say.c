/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say PORT FILE [TO BYTES]: a server that says what is in the file to each who connects, one after
 * the other, and then hears what they say until they close; or, but for the first BYTES of it,
 * brings it to port TO and what comes from there back.  Prints "ready".
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

static int loopback(const char *port, struct sockaddr_in *ret)
{
	uint32_t number;

	if (num_u32(port, 1, UINT16_MAX, &number) < 0)
		return -1;
	*ret = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int listen_at(const char *port)
{
	struct sockaddr_in addr;
	const int on = 1;
	int fd = loopback(port, &addr);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0)
		return -1;
	return fd;
}

/* What one has said goes to the other.  False: it has closed, or the other one has. */
static bool pass_on(int from, int to)
{
	char buf[4096];
	ssize_t n = recv(from, buf, sizeof(buf), 0);

	return n > 0 && (to < 0 || send(to, buf, (size_t)n, MSG_NOSIGNAL) == n);
}

/* Hear so many bytes and no more. */
static bool hear(int from, const char *bytes)
{
	uint32_t left;
	char c;

	if (num_u32(bytes, 0, UINT16_MAX, &left) < 0)
		return false;
	while (left > 0 && recv(from, &c, 1, 0) == 1)
		left--;
	return left == 0;
}

static void relay(int client, const char *port, const char *bytes)
{
	struct sockaddr_in addr;
	_cleanup_close_ int server = loopback(port, &addr);
	struct pollfd both[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
	bool open =
		hear(client, bytes) && connect(server, (struct sockaddr *)&addr, sizeof(addr)) == 0;

	while (open && poll(both, ARRAY_LEN(both), -1) > 0) {
		if (both[0].revents)
			open = pass_on(client, server);
		if (open && both[1].revents)
			open = pass_on(server, client);
	}
}

static void say(int to, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (send(to, buf, (size_t)n, MSG_NOSIGNAL) != n)
			return;
}

int main(int argc, char **argv)
{
	int fd, client;

	if (argc != 3 && argc != 5)
		return EXIT_FAILURE;
	fd = listen_at(argv[1]);
	if (fd < 0) {
		perror("say");
		return EXIT_FAILURE;
	}
	puts("ready");
	fflush(stdout);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		say(client, argv[2]);
		if (argc == 5)
			relay(client, argv[3], argv[4]);
		while (pass_on(client, -1))
			;
		close(client);
	}
	return EXIT_FAILURE;
}
