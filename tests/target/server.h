/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one loop: portals that listen, connections, time.
 */
#ifndef TARGET_SERVER_H
#define TARGET_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"

struct conn;
struct options;

/* Bytes read from a socket at a time. */
enum { SERVER_BUFFER_SIZE = 256 * 1024 };

struct server {
	int epoll;
	int *listeners;
	size_t listener_count;
	struct conn *conns;
	size_t conn_count;
	size_t connections_max;
	size_t closed;     /* connections that wait to be freed */
	uint8_t *buffer;   /* what was read last; nobody keeps anything in it */
	uint64_t now_usec; /* CLOCK_MONOTONIC at the last event */
	uint16_t last_tsih;
	/* borrowed */
	const struct options *options;
};

/*
 * Listen on every portal.  Returns 0, or a negative errno with *ret_failed the number of the
 * portal that could not be opened (the count of them: something else failed); nothing listens then.
 */
int server_init(struct server *s, const struct options *options, size_t *ret_failed);
void server_done(struct server *s);

/*
 * The address and port at which listener i is reached by whoever is connected through fd: its own,
 * or for one that listens on any address that of the connection.  0, or -EAFNOSUPPORT when
 * that is of another family.
 */
int server_portal(const struct server *s, size_t i, int fd, struct portal *ret);

/* Serve until the descriptor stop becomes readable.  0 or a negative errno. */
int server_run(struct server *s, int stop);

#endif
