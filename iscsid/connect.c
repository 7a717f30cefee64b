/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

/* The network device with a hardware address: open-iscsi's records may name one that way. */
static int netdev_of_hwaddress(const char *hwaddress, char ret[static IFNAMSIZ])
{
	struct if_nameindex *all = if_nameindex();
	int r = -ENODEV;

	if (!all)
		return -errno;
	for (const struct if_nameindex *i = all; i->if_index && r < 0; i++) {
		char path[64], address[64];

		snprintf(path, sizeof(path), "/sys/class/net/%s/address", i->if_name);
		if (file_read_line(AT_FDCWD, path, address, sizeof(address)) > 0 &&
		    strcasecmp(address, hwaddress) == 0) {
			snprintf(ret, IFNAMSIZ, "%s", i->if_name);
			r = 0;
		}
	}
	if_freenameindex(all);
	return r;
}

static int bind_path(int fd, const struct connect_address *to, const struct connect_path *path)
{
	char netdev[IFNAMSIZ];
	struct sockaddr_storage source;
	socklen_t len;
	int r;

	snprintf(netdev, sizeof(netdev), "%s", path->netdev);
	if (!netdev[0] && path->hwaddress[0]) {
		r = netdev_of_hwaddress(path->hwaddress, netdev);
		if (r < 0)
			return r;
	}
	if (netdev[0] &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, netdev, (socklen_t)strlen(netdev)) < 0)
		return -errno;
	if (!path->source[0])
		return 0;
	r = addr_from_literal(path->source, 0, &source, &len);
	if (r < 0)
		return r;
	if (source.ss_family != to->addr.ss_family)
		return -EAFNOSUPPORT;
	return bind(fd, (const struct sockaddr *)&source, len) < 0 ? -errno : 0;
}

int connect_start(const struct connect_address *to, const struct connect_path *path, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	int on = 1, size = (int)MIN(path->window_size, (uint32_t)INT32_MAX), r;

	fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return -errno;
	/* both are wishes, which the kernel cuts to its limits; before connect(2), for the scale */
	if (size > 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
	r = bind_path(fd, to, path);
	if (r < 0)
		return r;
	r = connect(fd, (const struct sockaddr *)&to->addr, to->len);
	if (r < 0 && errno != EINPROGRESS)
		return -errno;
	*ret_fd = take_fd(&fd);
	return r == 0;
}

int connect_result(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

/* Runs in the child: structs connect_address, or the text of what went wrong. */
static int lookup_run(const void *arg, int out)
{
	const struct connect_lookup_job *job = (const struct connect_lookup_job *)arg;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char port[8];
	int r;

	snprintf(port, sizeof(port), "%u", job->port);
	r = getaddrinfo(job->host, port, &hints, &list);
	if (r != 0) {
		const char *why = r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r);

		return write(out, why, strlen(why)) < 0 ? -errno : -EHOSTUNREACH;
	}
	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		struct connect_address a = {.len = i->ai_addrlen};

		if (i->ai_addrlen > sizeof(a.addr))
			continue;
		memcpy(&a.addr, i->ai_addr, i->ai_addrlen);
		if (write(out, &a, sizeof(a)) < 0)
			return -errno;
	}
	return 0;
}

int connect_lookup(struct loop *loop, const struct connect_lookup_job *job, struct child **ret)
{
	const struct child_job child = {
		.run = lookup_run,
		.arg = job,
		.deadline_usec = job->deadline_usec,
		.done = job->done,
		.data = job->data,
	};

	return child_start(loop, &child, ret);
}

size_t connect_lookup_output(const void *output, size_t len,
                             struct connect_address ret[static CONNECT_ADDRESSES_MAX])
{
	size_t n = MIN(len / sizeof(*ret), (size_t)CONNECT_ADDRESSES_MAX);

	if (n)
		memcpy(ret, output, n * sizeof(*ret));
	return n;
}
