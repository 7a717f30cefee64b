/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP sockets to a portal: how they are made, and names to addresses in a child. */
#ifndef ISCSID_CONNECT_H
#define ISCSID_CONNECT_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "iscsid/child.h"
#include "lib/base/addr.h"

/* Addresses of one name that are tried, in the order of getaddrinfo(3). */
enum { CONNECT_ADDRESSES_MAX = 16 };

struct connect_address {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* Which way the connection shall take: what an interface record and the node record say. */
struct connect_path {
	char netdev[IFNAMSIZ];         /* "": any */
	char source[PORTAL_HOST_SIZE]; /* a literal address, "": any */
	char hwaddress[32];            /* of the network device, "": any; netdev wins */
	uint32_t window_size;          /* bytes, SO_RCVBUF and SO_SNDBUF; 0: the kernel's */
};

/*
 * A non-blocking, close-on-exec TCP socket on its way to the address.  1: connected; 0: on its
 * way, writable when it is decided (connect_result()); or a negative errno (-ENODEV: no such
 * network device).  *ret_fd is set for 0 and 1.
 */
int connect_start(const struct connect_address *to, const struct connect_path *path, int *ret_fd);

/* 0 when the connection stands, else the negative errno it failed with. */
int connect_result(int fd);

/*
 * Look host up in a child.  done() gets 0 and the addresses (at least one), or
 * -EHOSTUNREACH with a text that says why, or another negative errno of child.h.
 */
struct connect_lookup_job {
	const char *host; /* borrowed for the call */
	uint16_t port;
	uint64_t deadline_usec;
	/* child.h's, whose output connect_lookup_output() reads */
	void (*done)(void *data, int result, const void *output, size_t len);
	void *data;
};

int connect_lookup(struct loop *loop, const struct connect_lookup_job *job, struct child **ret);

/* The addresses in a child's output: how many, at most CONNECT_ADDRESSES_MAX. */
size_t connect_lookup_output(const void *output, size_t len,
                             struct connect_address ret[static CONNECT_ADDRESSES_MAX]);

#endif
