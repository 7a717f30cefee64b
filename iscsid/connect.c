/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "lib/host/netdev.h"

static void copy_text(const struct iscsi_db_record *record, const char *key, char *dst, size_t size)
{
	const char *v = iscsi_db_record_get(record, key);

	snprintf(dst, size, "%s", v ? v : "");
}

static uint32_t number_of(const struct iscsi_db_record *record, const char *key, uint32_t max)
{
	int64_t v = iscsi_db_record_get_int(record, key, 0);

	return v < 0 || v > max ? 0 : (uint32_t)v;
}

void connect_path_of(const struct iscsi_db_record *record, struct connect_path *ret)
{
	struct connect_path p = {
		.window_size = number_of(record, "node.conn[0].tcp.window_size", INT32_MAX),
		.type_of_service =
			(uint8_t)number_of(record, "node.conn[0].tcp.type_of_service", UINT8_MAX),
	};

	copy_text(record, "iface.netns", p.netns, sizeof(p.netns));
	copy_text(record, "iface.net_ifacename", p.netdev, sizeof(p.netdev));
	copy_text(record, "iface.ipaddress", p.source, sizeof(p.source));
	copy_text(record, "iface.hwaddress", p.hwaddress, sizeof(p.hwaddress));
	copy_text(record, "node.conn[0].tcp.congestion_control", p.congestion,
	          sizeof(p.congestion));
	*ret = p;
}

/* The device that the path names, "" for none. */
static int find_netdev(const struct connect_path *path, char ret[static IFNAMSIZ],
                       char fault[static CONNECT_FAULT_SIZE])
{
	int r;

	snprintf(ret, IFNAMSIZ, "%s", path->netdev);
	if (ret[0] || !path->hwaddress[0])
		return 0;
	r = host_netdev_of_address(path->hwaddress, ret);
	if (r < 0)
		snprintf(fault, CONNECT_FAULT_SIZE,
		         "no network device has the hardware address %s (iface.hwaddress)",
		         path->hwaddress);
	return r;
}

static int bind_device(int fd, const char *netdev, char fault[static CONNECT_FAULT_SIZE])
{
	int r;

	if (!netdev[0] ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, netdev, (socklen_t)strlen(netdev)) == 0)
		return 0;
	r = -errno;
	if (r == -ENODEV)
		snprintf(fault, CONNECT_FAULT_SIZE,
		         "there is no network device %s (iface.net_ifacename)", netdev);
	else
		snprintf(fault, CONNECT_FAULT_SIZE, "cannot bind to network device %s: %s", netdev,
		         strerror(-r));
	return r;
}

/* The zone that an address has, or a bound device, is where a link-local one means something. */
static int set_scope(struct connect_address *a, const char *netdev,
                     char fault[static CONNECT_FAULT_SIZE])
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->addr;

	if (a->addr.ss_family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) ||
	    in6->sin6_scope_id != 0)
		return 0;
	if (!netdev[0]) {
		snprintf(fault, CONNECT_FAULT_SIZE,
		         "a link-local address needs a network device: \"%%eth0\" behind it or "
		         "iface.net_ifacename");
		return -EINVAL;
	}
	in6->sin6_scope_id = if_nametoindex(netdev);
	return in6->sin6_scope_id ? 0 : -ENODEV;
}

static int bind_source(int fd, const struct connect_address *to, const char *source,
                       const char *netdev, char fault[static CONNECT_FAULT_SIZE])
{
	struct connect_address from;
	int r;

	if (!source[0])
		return 0;
	r = addr_from_literal(source, 0, &from.addr, &from.len);
	if (r == 0 && from.addr.ss_family != to->addr.ss_family)
		r = -EAFNOSUPPORT;
	if (r == 0)
		r = set_scope(&from, netdev, fault);
	if (r == 0 && bind(fd, (const struct sockaddr *)&from.addr, from.len) < 0)
		r = -errno;
	if (r < 0 && !fault[0])
		snprintf(fault, CONNECT_FAULT_SIZE, "cannot use the source address %s: %s", source,
		         r == -EAFNOSUPPORT ? "the portal's is of another family" : strerror(-r));
	return r;
}

int connect_socket(struct connect_address *to, const struct connect_path *path, int *ret_fd,
                   char fault[static CONNECT_FAULT_SIZE])
{
	_cleanup_close_ int fd = -1;
	char netdev[IFNAMSIZ];
	int r;

	fault[0] = '\0';
	fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	r = find_netdev(path, netdev, fault);
	if (r == 0)
		r = bind_device(fd, netdev, fault);
	if (r == 0)
		r = set_scope(to, netdev, fault);
	if (r == 0)
		r = bind_source(fd, to, path->source, netdev, fault);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

/* What the record wishes for; a wish that the kernel does not grant stops nothing. */
static void set_options(int fd, int family, const struct connect_path *path)
{
	int size = (int)path->window_size, tos = path->type_of_service;

	/* before connect(2), since the window's scale is said with the first segment */
	if (size > 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
	if (tos > 0 && family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	else if (tos > 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	if (path->congestion[0] && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, path->congestion,
	                                      (socklen_t)strlen(path->congestion)) < 0)
		log_warning("congestion control %s is not to be had: %s, using the kernel's choice",
		            path->congestion, strerror(errno));
}

int connect_begin(int fd, const struct connect_address *to, const struct connect_path *path)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return -errno;
	set_options(fd, to->addr.ss_family, path);
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len) == 0)
		return 1;
	return errno == EINPROGRESS ? 0 : -errno;
}

int connect_result(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}
