/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients of the control socket.  One request at a time each: the next is read when the answer is
 * gone, so that a client that does not read costs its own answer and no more.
 */
#include "tests/target/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/base/macros.h"
#include "tests/target/server.h"

enum { CLIENTS_MAX = 64, BACKLOG = 16 };

struct client {
	struct source source; /* first: what epoll knows of it */
	struct client *next;
	int fd;
	struct writer answer;
	size_t sent;
	/* borrowed */
	struct control *control;
};

struct control {
	struct source source; /* first: what epoll knows of it */
	struct client *clients;
	size_t client_count;
	int fd;
	struct sockaddr_un addr;
	char request[CONTROL_REQUEST_MAX];
	/* borrowed */
	struct server *server;
};

static void client_free(struct client *client)
{
	struct client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->client_count--;
	close(client->fd);
	writer_done(&client->answer);
	free(client);
}

/* Bytes of the next message: whole lines. */
static size_t message_len(const struct client *client)
{
	const uint8_t *begin = client->answer.data + client->sent;
	size_t left = client->answer.len - client->sent;
	const uint8_t *newline;

	if (left <= CONTROL_MESSAGE_MAX)
		return left;
	newline = memrchr(begin, '\n', CONTROL_MESSAGE_MAX);
	return newline ? (size_t)(newline - begin) + 1 : CONTROL_MESSAGE_MAX;
}

/* Returns false when the client is gone. */
static bool send_answer(struct client *client)
{
	struct epoll_event e = {.data.ptr = &client->source};

	while (client->sent < client->answer.len) {
		ssize_t n = send(client->fd, client->answer.data + client->sent,
		                 message_len(client), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			return false;
		client->sent += n > 0 ? (size_t)n : 0;
	}
	e.events = client->sent < client->answer.len ? EPOLLOUT : EPOLLIN;
	return epoll_ctl(client->control->server->epoll, EPOLL_CTL_MOD, client->fd, &e) == 0;
}

static bool take_request(struct client *client)
{
	struct control *c = client->control;
	ssize_t n = recv(client->fd, c->request, sizeof(c->request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	writer_reset(&client->answer);
	client->sent = 0;
	if ((size_t)n > sizeof(c->request))
		writer_str(&client->answer, "reason=the request is too long\ndone=failed\n");
	else
		control_run(c->server, c->request, (size_t)n, &client->answer);
	return writer_status(&client->answer) == 0 && send_answer(client);
}

static void client_ready(struct source *source, uint32_t events)
{
	struct client *client = (struct client *)source;
	bool stays;

	if (events & EPOLLOUT)
		stays = send_answer(client);
	else
		stays = take_request(client);
	if (!stays)
		client_free(client);
}

static void accept_client(struct source *source, uint32_t events _unused_)
{
	struct control *c = (struct control *)source;
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;

	if (fd < 0)
		return;
	client = c->client_count < CLIENTS_MAX ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		close(fd);
		return;
	}
	client->source.ready = client_ready;
	client->control = c;
	client->fd = fd;
	client->answer = writer_make(CONTROL_ANSWER_MAX);
	client->next = c->clients;
	c->clients = client;
	c->client_count++;
	if (server_watch(c->server, fd, &client->source) < 0)
		client_free(client);
}

/* A socket file that nobody listens at is left from one that was killed. */
static void remove_stale(const struct sockaddr_un *addr)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct stat st;

	if (lstat(addr->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode) || fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 && errno == ECONNREFUSED)
		unlink(addr->sun_path);
}

int control_new(struct server *s, const char *path, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	mode_t mask;
	int r;

	if (!c)
		return -ENOMEM;
	c->server = s;
	c->source.ready = accept_client;
	c->addr.sun_family = AF_UNIX;
	snprintf(c->addr.sun_path, sizeof(c->addr.sun_path), "%s", path);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0) {
		r = -errno;
		free(c);
		return r;
	}
	remove_stale(&c->addr);
	mask = umask(S_IRWXG | S_IRWXO);
	r = bind(c->fd, (struct sockaddr *)&c->addr, sizeof(c->addr)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		c->addr.sun_path[0] = '\0'; /* not ours to remove */
	else if (listen(c->fd, BACKLOG) < 0)
		r = -errno;
	if (r == 0)
		r = server_watch(s, c->fd, &c->source);
	if (r < 0)
		control_free(c);
	else
		*ret = c;
	return r;
}

struct control *control_free(struct control *c)
{
	if (!c)
		return NULL;
	while (c->clients)
		client_free(c->clients);
	close(c->fd);
	if (c->addr.sun_path[0])
		unlink(c->addr.sun_path);
	free(c);
	return NULL;
}
