/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware addresses come from the kernel's list of links (netlink, by getifaddrs(3)) and not from
 * /sys/class/net: that shows the namespace in which it was mounted, which need not be the caller's.
 */
#include "lib/host/netdev.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netpacket/packet.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The longest is InfiniBand's (the kernel's MAX_ADDR_LEN). */
enum { ADDRESS_MAX = 32 };

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes, 0: it is no address. */
static size_t parse_address(const char *text, uint8_t bytes[static ADDRESS_MAX])
{
	for (size_t n = 0; n < ADDRESS_MAX; n++, text += 3) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			return 0;
		bytes[n] = (uint8_t)(high << 4 | low);
		if (text[2] == '\0')
			return n + 1;
		if (text[2] != ':')
			return 0;
	}
	return 0;
}

int host_netdev_of_address(const char *hwaddress, char ret[static IFNAMSIZ])
{
	uint8_t wanted[ADDRESS_MAX];
	size_t len = parse_address(hwaddress, wanted);
	struct ifaddrs *all;
	int r = -ENODEV;

	if (len == 0)
		return -EINVAL;
	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *i = all; i && r < 0; i = i->ifa_next) {
		/* where glibc keeps more bytes than sll_addr has places they follow it */
		const struct sockaddr_ll *link = (const struct sockaddr_ll *)(void *)i->ifa_addr;

		if (!link || link->sll_family != AF_PACKET || link->sll_halen != len ||
		    memcmp((const uint8_t *)link + offsetof(struct sockaddr_ll, sll_addr), wanted,
		           len) != 0)
			continue;
		snprintf(ret, IFNAMSIZ, "%s", i->ifa_name);
		r = 0;
	}
	freeifaddrs(all);
	return r;
}
