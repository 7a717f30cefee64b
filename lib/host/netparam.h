/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of an adapter's interface, as interface records call them.
 */
#ifndef HOST_NETPARAM_H
#define HOST_NETPARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/param.h"

struct host_netparam {
	struct host_param param; /* its key: of the record ("iface.mtu"), but for iface.vlan_tag */
	int version;             /* of IP, 4 or 6; 0: of either */
	bool address;            /* part of how an interface gets its addresses */
	bool iscsi;              /* of iSCSI (enum iscsi_iface_param), not the network's */
};

/* All of them in the order in which a driver is told. */
const struct host_netparam *host_netparams(size_t *ret_count);

/* The one of this key for an interface of IP's version; NULL: there is none. */
const struct host_netparam *host_netparam(int version, const char *key);

#endif
