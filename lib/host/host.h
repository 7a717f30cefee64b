/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sysfs says of iSCSI hosts and of the network interfaces that an adapter with a stack of its
 * own has.  The root of sysfs is a parameter; what vanishes while it is read was not there.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stddef.h>

#include "lib/host/sysfs.h"

enum { HOST_VALUE_SIZE = 256, HOST_TRANSPORT_SIZE = 32 };

/* Texts are "" where the kernel has none. */
struct host_info {
	int host_no;
	char state[32]; /* "running" */
	char transport[HOST_TRANSPORT_SIZE];
	char initiator_name[HOST_VALUE_SIZE];
	char address[HOST_VALUE_SIZE];
	char hwaddress[HOST_VALUE_SIZE];
	char netdev[HOST_VALUE_SIZE];
	char port_state[32];
	char port_speed[32];
};

/* All iSCSI hosts by number; the caller frees.  Without any *ret is NULL.  0 or a negative errno.
 */
int host_list(const char *sysfs, struct host_info **ret, size_t *ret_count);

/*
 * One host; -ENOENT when there is no iSCSI host of that number.
 */
int host_read(const char *sysfs, int host_no, struct host_info *ret);

/* An interface of an adapter: an iscsi_iface of the kernel. */
struct host_iface {
	char name[64]; /* "ipv4-iface-3-0": version, host, number */
	int version;   /* 4 or 6 */
	int number;
	char address[HOST_VALUE_SIZE];
	/* IPv4 */
	char gateway[HOST_VALUE_SIZE];
	char subnet[HOST_VALUE_SIZE];
	char bootproto[32];
	/* IPv6 */
	char address_autocfg[32];
	char link_local[HOST_VALUE_SIZE];
	char link_local_autocfg[32];
	char router[HOST_VALUE_SIZE];
	/* -1: the kernel does not tell */
	int port;
	int mtu;
	int vlan_id;
	int vlan_priority;
};

/* The interfaces of a host, IPv4 first, then by number; as host_list(). */
int host_ifaces(const char *sysfs, int host_no, struct host_iface **ret, size_t *ret_count);

/* The name of a host's transport, "tcp", into dst; "" when it is not known. */
void host_transport(struct sysfs_reader *r, int host_no, char dst[static HOST_TRANSPORT_SIZE]);

#endif
