/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices, of the network namespace that the caller is in. */
#ifndef HOST_NETDEV_H
#define HOST_NETDEV_H

#include <net/if.h>

/*
 * The name of the device with a hardware address, written as pairs of hexadecimal digits with
 * colons between them.  0, -ENODEV (none has it), -EINVAL (it is no address), or a negative errno.
 */
int host_netdev_of_address(const char *hwaddress, char ret[static IFNAMSIZ]);

#endif
