/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By ioctl(2), see netdevice(7): few words, and in every kernel that has the network at all.
 */
#include "lib/host/netsetup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/sockios.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/base/macros.h"
#include "lib/host/netdev.h"

/* An address of either family in network order. */
struct ip {
	int family; /* AF_UNSPEC: none */
	size_t len;
	uint8_t bytes[16];
};

/* What is to be set up. */
struct setup {
	struct ip address, gateway, target;
	unsigned int prefix_len;
	char device[IFNAMSIZ];
	int vlan; /* 0: none */
	int fd;   /* a socket of the address's family */
};

static struct ip ip_parse(const char *text)
{
	struct ip ip = {.family = AF_UNSPEC};

	if (inet_pton(AF_INET, text, ip.bytes) == 1) {
		ip.family = AF_INET;
		ip.len = 4;
	} else if (inet_pton(AF_INET6, text, ip.bytes) == 1) {
		ip.family = AF_INET6;
		ip.len = 16;
	}
	return ip;
}

/* The leading ones of a mask. */
static unsigned int mask_length(const struct ip *mask)
{
	unsigned int n = 0;

	while (n < 8 * mask->len && mask->bytes[n / 8] & (0x80 >> n % 8))
		n++;
	return n;
}

static bool same_network(const struct ip *a, const struct ip *b, unsigned int prefix_len)
{
	if (a->family != b->family)
		return false;
	for (unsigned int n = 0; n < prefix_len; n++) {
		if ((a->bytes[n / 8] ^ b->bytes[n / 8]) & (0x80 >> n % 8))
			return false;
	}
	return true;
}

static struct sockaddr_in in4(const struct ip *ip)
{
	struct sockaddr_in a = {.sin_family = AF_INET};

	memcpy(&a.sin_addr, ip->bytes, sizeof(a.sin_addr));
	return a;
}

static struct ifreq request_for(const struct setup *s)
{
	struct ifreq r = {0};

	memcpy(r.ifr_name, s->device, IFNAMSIZ);
	return r;
}

static int ask(const struct setup *s, unsigned long what, void *argument)
{
	return ioctl(s->fd, what, argument) < 0 ? -errno : 0;
}

static int bring_up(struct setup *s)
{
	struct ifreq r = request_for(s);
	int error = ask(s, SIOCGIFFLAGS, &r);

	if (error < 0 || r.ifr_flags & IFF_UP)
		return error;
	r.ifr_flags |= IFF_UP;
	return ask(s, SIOCSIFFLAGS, &r);
}

/* From now on the device is the one of the VLAN, which gets the kernel's name for it: eth0.5. */
static int add_vlan(struct setup *s)
{
	struct vlan_ioctl_args v = {.cmd = ADD_VLAN_CMD, .u.VID = s->vlan};
	char name[2 * IFNAMSIZ];
	int error;

	if (s->vlan == 0)
		return 0;
	if (snprintf(name, sizeof(name), "%s.%d", s->device, s->vlan) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	memcpy(v.device1, s->device, IFNAMSIZ);
	error = ask(s, SIOCSIFVLAN, &v);
	if (error < 0 && error != -EEXIST)
		return error;
	snprintf(s->device, sizeof(s->device), "%.15s", name);
	return bring_up(s);
}

static int add_address4(const struct setup *s)
{
	const struct sockaddr_in address = in4(&s->address);
	struct ip mask = {AF_INET, 4, {0}};
	struct sockaddr_in mask_address;
	struct ifreq r = request_for(s);
	int error;

	/* setting one would take the other and its routes away */
	if (ask(s, SIOCGIFADDR, &r) == 0)
		return 0;
	r = request_for(s);
	memcpy(&r.ifr_addr, &address, sizeof(address));
	error = ask(s, SIOCSIFADDR, &r);
	if (error < 0)
		return error;
	for (unsigned int n = 0; n < s->prefix_len; n++)
		mask.bytes[n / 8] |= 0x80 >> n % 8;
	mask_address = in4(&mask);
	r = request_for(s);
	memcpy(&r.ifr_netmask, &mask_address, sizeof(mask_address));
	return ask(s, SIOCSIFNETMASK, &r);
}

static int device_index(const struct setup *s, int *ret)
{
	struct ifreq r = request_for(s);
	int error = ask(s, SIOCGIFINDEX, &r);

	if (error == 0)
		*ret = r.ifr_ifindex;
	return error;
}

static int add_address(struct setup *s)
{
	struct in6_ifreq r = {.ifr6_prefixlen = s->prefix_len};
	int error;

	if (s->address.family == AF_INET)
		return add_address4(s);
	memcpy(&r.ifr6_addr, s->address.bytes, sizeof(r.ifr6_addr));
	error = device_index(s, &r.ifr6_ifindex);
	if (error == 0)
		error = ask(s, SIOCSIFADDR, &r);
	return error == -EEXIST ? 0 : error;
}

/* To the one target only: what else the machine talks to is for the system to say later. */
static int add_route(struct setup *s)
{
	struct in6_rtmsg r6 = {.rtmsg_dst_len = 128,
	                       .rtmsg_metric = 1,
	                       .rtmsg_flags = RTF_UP | RTF_HOST | RTF_GATEWAY};
	struct rtentry r4 = {.rt_flags = RTF_UP | RTF_HOST | RTF_GATEWAY, .rt_dev = s->device};
	int error;

	if (s->gateway.family != s->address.family || s->target.family != s->address.family ||
	    same_network(&s->address, &s->target, s->prefix_len))
		return 0;
	if (s->address.family == AF_INET) {
		const struct sockaddr_in target = in4(&s->target), gateway = in4(&s->gateway);

		memcpy(&r4.rt_dst, &target, sizeof(target));
		memcpy(&r4.rt_gateway, &gateway, sizeof(gateway));
		error = ask(s, SIOCADDRT, &r4);
	} else {
		memcpy(&r6.rtmsg_dst, s->target.bytes, sizeof(r6.rtmsg_dst));
		memcpy(&r6.rtmsg_gateway, s->gateway.bytes, sizeof(r6.rtmsg_gateway));
		error = device_index(s, &r6.rtmsg_ifindex);
		if (error == 0)
			error = ask(s, SIOCADDRT, &r6);
	}
	return error == -EEXIST ? 0 : error;
}

static const struct {
	const char *what;
	int (*run)(struct setup *s);
} steps[] = {
	{"bring it up", bring_up},
	{"make its VLAN", add_vlan},
	{"set its address", add_address},
	{"make a route to the target", add_route},
};

static int prepare(const char *device, const struct boot_nic *nic, const char *target,
                   struct setup *ret)
{
	const struct ip mask = ip_parse(nic->subnet_mask);
	struct setup s = {
		.address = ip_parse(nic->address),
		.gateway = ip_parse(nic->gateway),
		.target = ip_parse(target),
		.vlan = MAX(nic->vlan, 0),
	};

	snprintf(s.device, sizeof(s.device), "%s", device);
	if (mask.family != AF_UNSPEC && mask.family == s.address.family)
		s.prefix_len = mask_length(&mask);
	else if (nic->prefix_len > 0)
		s.prefix_len = (unsigned int)nic->prefix_len;
	if (s.address.family == AF_UNSPEC || s.prefix_len == 0 || s.prefix_len > 8 * s.address.len)
		return -EINVAL;
	s.fd = socket(s.address.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s.fd < 0)
		return -errno;
	*ret = s;
	return 0;
}

int host_net_device(const struct boot_nic *nic, char ret[static IFNAMSIZ])
{
	if (nic->netdev[0]) {
		memcpy(ret, nic->netdev, IFNAMSIZ);
		return 0;
	}
	return host_netdev_of_address(nic->hwaddress, ret) < 0 ? -ENODEV : 0;
}

int host_net_setup(const char *device, const struct boot_nic *nic, const char *target,
                   const char **ret_what)
{
	struct setup s;
	int error;

	*ret_what = "use what firmware says of its address";
	error = prepare(device, nic, target, &s);
	if (error < 0)
		return error;
	for (size_t i = 0; i < ARRAY_LEN(steps) && error == 0; i++) {
		*ret_what = steps[i].what;
		error = steps[i].run(&s);
	}
	close(s.fd);
	return error;
}
