/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one loop: portals that listen, connections, clients of the control socket, time.
 */
#ifndef TARGET_SERVER_H
#define TARGET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/target/source.h"
#include "tests/target/stats.h"

struct conn;
struct control;
struct listener;
struct options;
struct target;

/* Bytes read from a socket at a time. */
enum { SERVER_BUFFER_SIZE = 256 * 1024 };

struct server {
	int epoll;
	struct listener *listeners, *removed_listeners;
	struct conn *conns;
	struct control *control; /* NULL: no control socket */
	struct target *removed;  /* released as soon as their sessions are */
	size_t conn_count;
	size_t connections_max;
	size_t session_count;
	size_t closed;        /* connections that wait to be freed */
	uint8_t *buffer;      /* what was read last; nobody keeps anything in it */
	uint64_t now_usec;    /* CLOCK_MONOTONIC at the last event */
	uint64_t due_usec;    /* something of a connection is to be done then; 0: nothing */
	uint64_t last_number; /* of a connection */
	uint16_t last_tsih;
	bool stopping;
	struct stats stats;
	/* borrowed */
	struct options *options;
};

/*
 * Listen on every portal, and on the control socket if there is to be one.  Returns 0, or a
 * negative errno with *ret_failed the number of the portal that could not be opened (the count of
 * them: the control socket, or something else); nothing listens then.
 */
int server_init(struct server *s, struct options *options, size_t *ret_failed);
void server_done(struct server *s);

/* Serve until the descriptor stop becomes readable, or stopping is set.  0 or a negative errno. */
int server_run(struct server *s, int stop);

/* Have source->ready() called when there is something to read from fd.  0 or a negative errno. */
int server_watch(const struct server *s, int fd, struct source *source);

/* A connection came; fd is taken over.  NULL: no memory. */
struct conn *server_adopt(struct server *s, int fd);

/* Call conn_tick() for every connection at that moment, at the latest. */
void server_wake_at(struct server *s, uint64_t usec);

/* The same right now. */
void server_tick(struct server *s);

#endif
