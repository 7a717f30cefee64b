/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bringing a network device up as firmware had it, before there is anything else that could. */
#ifndef HOST_NETSETUP_H
#define HOST_NETSETUP_H

#include <net/if.h>

#include "lib/host/boot.h"

/* The device that nic means, the VLAN's not counted.  0, or -ENODEV. */
int host_net_device(const struct boot_nic *nic, char ret[static IFNAMSIZ]);

/*
 * Bring device up with nic's address, on its VLAN where it has one, and make a way to the address
 * target through the gateway where that is not on the same network.  What is there already stays.
 * 0 or a negative errno, -EINVAL also for an address without a network mask; *ret_what (static
 * text) says what failed: "set the address".
 */
int host_net_setup(const char *device, const struct boot_nic *nic, const char *target,
                   const char **ret_what);

#endif
