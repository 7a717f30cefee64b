/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals, and connections that come there.
 */
#include "tests/target/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "tests/target/conn.h"
#include "tests/target/server.h"

enum { BACKLOG = 1024 };

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
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* for all accepted ones */
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

int listener_address(const struct listener *l, int fd, struct portal *ret)
{
	struct sockaddr_storage addr = {0}, local = {0};
	socklen_t len = sizeof(addr), local_len = sizeof(local);
	struct portal portal = {.tpgt = PORTAL_TPGT_UNKNOWN};

	if (getsockname(l->fd, (struct sockaddr *)&addr, &len) < 0)
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

/* One at a time: the loop comes back as long as there are more. */
static void accept_one(struct source *source, uint32_t events _unused_)
{
	struct listener *l = (struct listener *)source;
	struct server *s = l->server;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (s->conn_count < s->connections_max) {
		server_adopt(s, fd);
		return;
	}
	log_info("more than %zu connections: one is turned away", s->connections_max);
	s->stats.turned_away++;
	close(fd);
}

static struct listener *listener_free(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	return NULL;
}

static bool is_same(const struct portal *a, const struct portal *b)
{
	return a->port == b->port && host_equal(a->host, b->host);
}

int listener_add(struct server *s, const struct portal *portal)
{
	struct listener **end = &s->listeners, *l;
	int r;

	for (; *end; end = &(*end)->next)
		if (portal->port != 0 && is_same(&(*end)->portal, portal))
			return -EEXIST;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->source.ready = accept_one;
	l->server = s;
	l->portal = *portal;
	r = listen_on(portal, &l->fd);
	if (r < 0) {
		free(l);
		return r;
	}
	r = server_watch(s, l->fd, &l->source);
	if (r < 0) {
		listener_free(l);
		return r;
	}
	*end = l;
	return 0;
}

int listener_remove(struct server *s, const struct portal *portal)
{
	for (struct listener **at = &s->listeners; *at; at = &(*at)->next) {
		struct listener *l = *at;
		struct portal actual;

		if (!is_same(&l->portal, portal) &&
		    !(listener_address(l, -1, &actual) == 0 && is_same(&actual, portal)))
			continue;
		*at = l->next;
		/* an event for it may be under way: it is freed between rounds */
		close(take_fd(&l->fd));
		l->next = s->removed_listeners;
		s->removed_listeners = l;
		return 0;
	}
	return -ENOENT;
}

static void free_list(struct listener **list)
{
	struct listener *next;

	for (struct listener *l = *list; l; l = next) {
		next = l->next;
		listener_free(l);
	}
	*list = NULL;
}

void listeners_clean(struct server *s)
{
	free_list(&s->removed_listeners);
}

void listeners_done(struct server *s)
{
	free_list(&s->removed_listeners);
	free_list(&s->listeners);
}
