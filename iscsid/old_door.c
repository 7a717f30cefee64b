/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/old_door.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/ipc/error.h"

enum {
	HEARD_MAX = 64 * 1024,                     /* of one caller: no request is a third of it */
	ACCEPT_PAUSE_USEC = 1 * (int)USEC_PER_SEC, /* after an accept that failed */
};

struct caller {
	struct loop_source *source; /* NULL: the place is free */
	int fd;
	size_t heard; /* bytes */
	bool answered;
	/* borrowed */
	struct old_door *door;
};

struct old_door {
	struct caller callers[OLD_DOOR_CLIENTS];
	struct loop_source *source;
	struct loop_source *accept_again;
	int listener;
	unsigned int next; /* of the places: the oldest */
	bool told;         /* of a call */
	/* borrowed */
	struct loop *loop;
};

static void drop(struct caller *c)
{
	if (!c->source)
		return;
	c->source = loop_source_free(c->source);
	close(c->fd);
}

/*
 * The head of a request and of an answer: a number of what is asked, then in an answer the error,
 * both as the machine has its ints.  The rest is nothing that an error has.
 */
static void answer(struct caller *c, int32_t command)
{
	struct {
		int32_t command, error;
		char rest[OLD_DOOR_ANSWER_SIZE - 2 * sizeof(int32_t)];
	} a = {.command = command, .error = ISCSI_ERR_INVALID_MGMT_REQ};

	/* anybody may call: once is enough */
	if (!c->door->told)
		log_notice("a program of open-iscsi asks for something; use the iscsiadm that came "
		           "with this iscsid");
	c->door->told = true;
	/* it fits into the empty queue of the socket, or the caller has none */
	if (send(c->fd, &a, sizeof(a), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("old door: %s", strerror(errno));
	c->answered = true;
}

/* Its request is read to the end, whatever its size: a close before that would cost it the answer.
 */
static void on_caller(void *data, uint32_t events _unused_)
{
	struct caller *c = (struct caller *)data;
	union {
		int32_t command;
		char bytes[4096];
	} request;
	ssize_t n = recv(c->fd, &request, sizeof(request), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	c->heard += n > 0 ? (size_t)n : 0;
	if (n <= 0 || c->heard > HEARD_MAX ||
	    (!c->answered && n < (ssize_t)sizeof(request.command)))
		drop(c);
	else if (!c->answered)
		answer(c, request.command);
}

static void on_accept_again(void *data)
{
	loop_source_events(((struct old_door *)data)->source, EPOLLIN);
}

/* Out of descriptors or memory: the listener would be ready again at once. */
static void pause_accepting(struct old_door *d)
{
	loop_source_events(d->source, 0);
	loop_timer_set(d->accept_again, ACCEPT_PAUSE_USEC);
}

static void on_listener(void *data, uint32_t events _unused_)
{
	struct old_door *d = (struct old_door *)data;
	struct caller *c = &d->callers[d->next];
	int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			pause_accepting(d);
		return;
	}
	drop(c);
	*c = (struct caller){.fd = fd, .door = d};
	if (loop_add_fd(d->loop, fd, EPOLLIN, on_caller, c, &c->source) < 0) {
		close(fd);
		return;
	}
	d->next = (d->next + 1) % OLD_DOOR_CLIENTS;
}

static int listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	int fd, r;

	if (len + 1 > sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path + 1, name, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
	    listen(fd, OLD_DOOR_CLIENTS) == 0)
		return fd;
	r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

int old_door_new(struct loop *loop, const char *name, struct old_door **ret)
{
	struct old_door *d = (struct old_door *)calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->loop = loop;
	d->listener = listen_at(name);
	r = d->listener < 0 ? d->listener
	                    : loop_add_fd(loop, d->listener, EPOLLIN, on_listener, d, &d->source);
	if (r == 0)
		r = loop_add_timer(loop, on_accept_again, d, &d->accept_again);
	if (r < 0) {
		old_door_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

struct old_door *old_door_free(struct old_door *d)
{
	if (!d)
		return NULL;
	for (size_t i = 0; i < OLD_DOOR_CLIENTS; i++)
		drop(&d->callers[i]);
	loop_source_free(d->source);
	loop_source_free(d->accept_again);
	if (d->listener >= 0)
		close(d->listener);
	free(d);
	return NULL;
}
