/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop.  One thread, level-triggered epoll; an event's pointer is a struct source, or NULL
 * for the end.  Connections are freed between rounds only.
 */
#include "tests/target/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "tests/target/conn.h"
#include "tests/target/control.h"
#include "tests/target/listener.h"
#include "tests/target/options.h"

enum {
	EVENTS = 64,
	OTHER_FILES = 512, /* descriptors for LUNs, portals and the like */
	TICK_MSEC = 1000,  /* grain of timeouts; no connection, no tick */
};

int server_watch(const struct server *s, int fd, struct source *source)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = source};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
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

int server_init(struct server *s, struct options *options, size_t *ret_failed)
{
	int r = 0;

	*s = (struct server){.epoll = -1, .options = options, .now_usec = clock_usec()};
	*ret_failed = options->portal_count;
	s->connections_max = connections_max(options);
	s->buffer = malloc(SERVER_BUFFER_SIZE);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!s->buffer || s->epoll < 0)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < options->portal_count; i++) {
		r = listener_add(s, &options->portals[i]);
		if (r < 0)
			*ret_failed = i;
	}
	if (r == 0 && options->control[0])
		r = control_new(s, options->control, &s->control);
	if (r < 0)
		server_done(s);
	return r;
}

static void free_removed(struct server *s)
{
	struct target *next;

	for (struct target *t = s->removed; t; t = next) {
		next = t->next;
		target_free(t);
	}
	s->removed = NULL;
}

void server_done(struct server *s)
{
	struct conn *next;

	for (struct conn *c = s->conns; c; c = next) {
		next = c->next;
		conn_free(c);
	}
	control_free(s->control);
	listeners_done(s);
	free_removed(s);
	free(s->buffer);
	if (s->epoll >= 0)
		close(s->epoll);
	*s = (struct server){.epoll = -1};
}

/* ---- connections -------------------------------------------------------------------------- */

struct conn *server_adopt(struct server *s, int fd)
{
	struct conn *c = conn_new(s, fd);

	if (!c)
		return NULL;
	c->watched = EPOLLIN;
	if (server_watch(s, fd, &c->source) < 0)
		return conn_free(c);
	c->next = s->conns;
	s->conns = c;
	s->conn_count++;
	if (s->options->faults.first)
		conn_tick(c);
	return c;
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
	free_removed(s);
}

/* ---- time --------------------------------------------------------------------------------- */

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
			conn_ping(c);
		else if (c->phase == CONN_ENDING && silent >= o->login_timeout * USEC_PER_SEC)
			conn_close(c, "it does not take its last answer");
	}
}

void server_wake_at(struct server *s, uint64_t usec)
{
	if (s->due_usec == 0 || usec < s->due_usec)
		s->due_usec = usec;
}

void server_tick(struct server *s)
{
	s->due_usec = 0;
	for (struct conn *c = s->conns; c; c = c->next)
		conn_tick(c);
}

/* Milliseconds until something is to be done by time alone; -1: never. */
static int patience(const struct server *s)
{
	uint64_t left = s->due_usec > s->now_usec ? s->due_usec - s->now_usec : 0;

	if (s->closed > 0)
		return 0;
	if (s->due_usec > 0)
		return (int)MIN((left + USEC_PER_MSEC - 1) / USEC_PER_MSEC, (uint64_t)TICK_MSEC);
	return s->conns ? TICK_MSEC : -1;
}

int server_run(struct server *s, int stop)
{
	uint64_t checked = clock_usec();
	int r = server_watch(s, stop, NULL);

	while (r == 0 && !s->stopping) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(s->epoll, events, EVENTS, patience(s));

		if (n < 0 && errno != EINTR)
			return -errno;
		s->now_usec = clock_usec();
		for (int i = 0; i < n; i++) {
			struct source *source = events[i].data.ptr;

			if (!source)
				return 0;
			source->ready(source, events[i].events);
		}
		if (s->due_usec > 0 && s->now_usec >= s->due_usec)
			server_tick(s);
		if (s->now_usec - checked >= TICK_MSEC * USEC_PER_MSEC) {
			checked = s->now_usec;
			check_time(s);
		}
		if (s->closed > 0 || s->removed)
			free_closed(s);
		if (s->removed_listeners)
			listeners_clean(s);
	}
	return r;
}
