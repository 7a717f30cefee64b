/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop.  One thread, level-triggered epoll; an event's pointer is a connection, a listener's
 * place in s->listeners, or NULL for the end.  Connections are freed between rounds only.
 */
#include "tests/target/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "tests/target/conn.h"
#include "tests/target/options.h"

enum {
	BACKLOG = 1024,
	EVENTS = 64,
	OTHER_FILES = 512, /* descriptors for LUNs, portals and the like */
	TICK_MSEC = 1000,  /* grain of timeouts; no connection, no tick */
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

static int watch(const struct server *s, int fd, void *ptr)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = ptr};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* ---- portals ------------------------------------------------------------------------------ */

static int listen_on(const struct portal *p, int *ret)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_storage addr;
	socklen_t len;
	int on = 1;
	int r = addr_from_literal(p->host, p->port, &addr, &len);

	if (r < 0)
		return r;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret = take_fd(&fd);
	return 0;
}

static bool is_wildcard(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ((const struct sockaddr_in *)addr)->sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)addr)->sin6_addr);
}

int server_portal(const struct server *s, size_t i, int fd, struct portal *ret)
{
	struct sockaddr_storage addr = {0}, local = {0};
	socklen_t len = sizeof(addr), local_len = sizeof(local);
	struct portal portal = {.tpgt = PORTAL_TPGT_UNKNOWN};

	if (getsockname(s->listeners[i], (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	portal.port = addr.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&addr)->sin_port)
	                                        : ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
	if (fd >= 0 && is_wildcard(&addr)) {
		if (getsockname(fd, (struct sockaddr *)&local, &local_len) < 0)
			return -errno;
		if (local.ss_family != addr.ss_family)
			return -EAFNOSUPPORT;
		addr = local;
		len = local_len;
	}
	if (getnameinfo((struct sockaddr *)&addr, len, portal.host, sizeof(portal.host), NULL, 0,
	                NI_NUMERICHOST) != 0)
		return -EAFNOSUPPORT;
	*ret = portal;
	return 0;
}

/*
 * As many connections as were asked for, or as descriptors allow: accept() must never fail for
 * want of one, or the listener would be ready for ever.
 */
static size_t connections_max(const struct options *options)
{
	rlim_t wanted = options->connections_max + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return options->connections_max;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = MIN(wanted, limit.rlim_max);
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= wanted)
		return options->connections_max;
	return limit.rlim_cur > OTHER_FILES ? limit.rlim_cur - OTHER_FILES : 1;
}

int server_init(struct server *s, const struct options *options, size_t *ret_failed)
{
	int r = 0;

	*s = (struct server){.epoll = -1, .options = options, .now_usec = now()};
	*ret_failed = options->portal_count;
	s->connections_max = connections_max(options);
	s->buffer = malloc(SERVER_BUFFER_SIZE);
	s->listeners = calloc(options->portal_count, sizeof(*s->listeners));
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!s->buffer || !s->listeners || s->epoll < 0)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < options->portal_count; i++) {
		r = listen_on(&options->portals[i], &s->listeners[i]);
		if (r < 0) {
			*ret_failed = i;
			break;
		}
		s->listener_count++;
		r = watch(s, s->listeners[i], &s->listeners[i]);
	}
	if (r < 0)
		server_done(s);
	return r;
}

void server_done(struct server *s)
{
	struct conn *next;

	for (struct conn *c = s->conns; c; c = next) {
		next = c->next;
		conn_free(c);
	}
	for (size_t i = 0; i < s->listener_count; i++)
		close(s->listeners[i]);
	free(s->listeners);
	free(s->buffer);
	if (s->epoll >= 0)
		close(s->epoll);
	*s = (struct server){.epoll = -1};
}

/* ---- connections -------------------------------------------------------------------------- */

static void accept_all(struct server *s, int listener)
{
	int on = 1;

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct conn *c;

		if (fd < 0)
			return;
		if (s->conn_count >= s->connections_max) {
			log_info("more than %zu connections: one is turned away",
			         s->connections_max);
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		c = conn_new(s, fd);
		if (!c)
			return;
		c->watched = EPOLLIN;
		if (watch(s, fd, c) < 0) {
			conn_free(c);
			return;
		}
		c->next = s->conns;
		s->conns = c;
		s->conn_count++;
	}
}

static void free_closed(struct server *s)
{
	struct conn **at = &s->conns;

	while (*at) {
		struct conn *c = *at;

		if (c->phase != CONN_CLOSED) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		conn_free(c);
		s->conn_count--;
	}
	s->closed = 0;
}

/* ---- time --------------------------------------------------------------------------------- */

static void ping(struct conn *c)
{
	/* a Target Transfer Tag asks for an answer (RFC 7143 11.19) */
	struct pdu nop = {.opcode = ISCSI_OP_NOP_IN,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = ISCSI_TAG_RESERVED,
	                  .ttt = 1};

	c->pinged = true;
	c->heard_usec = c->server->now_usec;
	conn_send(c, &nop, CONN_STAT_CURRENT);
	conn_push(c);
}

static void check_time(struct server *s)
{
	const struct options *o = s->options;

	for (struct conn *c = s->conns; c; c = c->next) {
		uint64_t silent = s->now_usec - c->heard_usec;
		uint64_t open = s->now_usec - c->opened_usec;
		bool late = silent >= o->ping_interval * USEC_PER_SEC && o->ping_interval > 0;

		if (c->phase == CONN_LOGIN && open >= o->login_timeout * USEC_PER_SEC)
			conn_close(c, "it did not log in in time");
		else if (c->phase == CONN_FULL_FEATURE && late && c->pinged)
			conn_close(c, "it does not answer a ping");
		else if (c->phase == CONN_FULL_FEATURE && late)
			ping(c);
		else if (c->phase == CONN_ENDING && silent >= o->login_timeout * USEC_PER_SEC)
			conn_close(c, "it does not take its last answer");
	}
}

static void serve(struct server *s, const struct epoll_event *e)
{
	uintptr_t ptr = (uintptr_t)e->data.ptr;
	uintptr_t listeners = (uintptr_t)s->listeners;
	struct conn *c = e->data.ptr;

	if (ptr >= listeners && ptr < listeners + s->listener_count * sizeof(*s->listeners)) {
		accept_all(s, *(int *)e->data.ptr);
		return;
	}
	if (c->phase == CONN_CLOSED)
		return;
	if (e->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		conn_readable(c);
	else
		conn_push(c);
}

int server_run(struct server *s, int stop)
{
	uint64_t checked = now();
	int r = watch(s, stop, NULL);

	while (r == 0) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(s->epoll, events, EVENTS, s->conns ? TICK_MSEC : -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		s->now_usec = now();
		for (int i = 0; i < n; i++) {
			if (!events[i].data.ptr)
				return 0;
			serve(s, &events[i]);
		}
		if (s->now_usec - checked >= TICK_MSEC * USEC_PER_MSEC) {
			checked = s->now_usec;
			check_time(s);
		}
		if (s->closed > 0)
			free_closed(s);
	}
	return r;
}
