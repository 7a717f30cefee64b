/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP sockets to a portal: how they are made, bound and connected, and names to addresses in a
 * child.
 *
 * The manager stays in its own network namespace.  When the interface record names another one, the
 * child of the look-up enters it and makes the sockets there, one for each address; where a socket
 * was made it stays, so that the manager can connect it.
 */
#ifndef ISCSID_CONNECT_H
#define ISCSID_CONNECT_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "iscsid/child.h"
#include "lib/base/addr.h"
#include "libiscsi-db/iscsi-db.h"

/* Addresses of one name that are tried, in the order of getaddrinfo(3). */
enum { CONNECT_ADDRESSES_MAX = CHILD_DESCRIPTORS_MAX };

/* A sentence about a way that is not there; "" when the way is not at fault. */
enum { CONNECT_FAULT_SIZE = 384 };

struct connect_address {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* Which way the connection shall take: what an interface record and the node record say. */
struct connect_path {
	char netns[256];               /* a name of ip-netns(8) or a path, "": the daemon's own */
	char netdev[IFNAMSIZ];         /* "": any */
	char source[PORTAL_HOST_SIZE]; /* a literal address, "": any */
	char hwaddress[128];           /* of the network device, "": any; netdev wins */
	char congestion[16];           /* tcp(7), TCP_CONGESTION; "": the kernel's */
	uint32_t window_size;          /* bytes, SO_RCVBUF and SO_SNDBUF; 0: the kernel's */
	uint8_t type_of_service;       /* of IPv4, traffic class of IPv6; 0: the kernel's */
};

/* What a record (of a node, or of a discovery with the keys of an interface) says of the way. */
void connect_path_of(const struct iscsi_db_record *record, struct connect_path *ret);

/*
 * A non-blocking, close-on-exec TCP socket for an address, in the caller's namespace and bound as
 * the path says.  A link-local address without a scope gets that of the path's device.  0; or a
 * negative errno, and when the path is at fault a sentence about it in fault: -ENODEV (no such
 * device), -EADDRNOTAVAIL (not our address), -EAFNOSUPPORT (source and address of different
 * families), -EINVAL (a link-local address without a device).
 */
int connect_socket(struct connect_address *to, const struct connect_path *path, int *ret_fd,
                   char fault[static CONNECT_FAULT_SIZE]);

/* Send it on its way.  1: connected; 0: writable when it is decided (connect_result()); or a
 * negative errno. */
int connect_begin(int fd, const struct connect_address *to, const struct connect_path *path);

/* 0 when the connection stands, else the negative errno it failed with. */
int connect_result(int fd);

/*
 * Look host up in a child, which goes to the path's namespace first.  done() gets 0 and the
 * addresses (at least one); -EHOSTUNREACH with a text that says why there are none; -ENODEV with
 * a sentence about the path; or another negative errno of child.h.  When the path has a namespace,
 * descriptor() gets a socket for each of the addresses, in their order.
 */
struct connect_lookup_job {
	const char *host; /* borrowed for the call, as path */
	uint16_t port;
	const struct connect_path *path;
	uint64_t deadline_usec;
	/* child.h's, whose output connect_lookup_output() reads */
	void (*done)(void *data, int result, const void *output, size_t len);
	void (*descriptor)(void *data, int fd);
	void *data;
};

int connect_lookup(struct loop *loop, const struct connect_lookup_job *job, struct child **ret);

/* The addresses in a child's output: how many, at most CONNECT_ADDRESSES_MAX. */
size_t connect_lookup_output(const void *output, size_t len,
                             struct connect_address ret[static CONNECT_ADDRESSES_MAX]);

#endif
