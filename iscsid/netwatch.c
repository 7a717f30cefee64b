/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/netwatch.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

enum { SETTLE_MSEC = 30, MESSAGES_SIZE = 16 << 10 };

struct netwatch {
	struct loop_source *socket;
	struct loop_source *timer;
	int fd;
	bool waiting; /* the timer is armed */
	uint64_t told_usec;
	/* borrowed */
	void (*up)(void *data);
	void *data;
};

static void on_timer(void *data)
{
	struct netwatch *w = (struct netwatch *)data;

	w->waiting = false;
	w->told_usec = loop_now();
	w->up(w->data);
}

static void tell_soon(struct netwatch *w)
{
	uint64_t wait = SETTLE_MSEC * USEC_PER_MSEC, now = loop_now();

	if (w->waiting)
		return;
	if (w->told_usec && now < w->told_usec + USEC_PER_SEC)
		wait = MAX(wait, w->told_usec + USEC_PER_SEC - now);
	w->waiting = true;
	loop_timer_set(w->timer, wait);
}

/* rtnetlink(7).  A link that got its carrier has no bit in ifi_change. */
static bool is_up(struct nlmsghdr *m)
{
	const struct ifinfomsg *link = (const struct ifinfomsg *)NLMSG_DATA(m);
	const struct ifaddrmsg *address = (const struct ifaddrmsg *)NLMSG_DATA(m);

	if (m->nlmsg_type == RTM_NEWLINK && m->nlmsg_len >= NLMSG_LENGTH(sizeof(*link)))
		return link->ifi_flags & IFF_RUNNING && !(link->ifi_flags & IFF_LOOPBACK);
	if (m->nlmsg_type == RTM_NEWADDR && m->nlmsg_len >= NLMSG_LENGTH(sizeof(*address)))
		return !(address->ifa_flags & IFA_F_TENTATIVE);
	return false;
}

static void on_socket(void *data, uint32_t events _unused_)
{
	struct netwatch *w = (struct netwatch *)data;
	_Alignas(struct nlmsghdr) char buf[MESSAGES_SIZE];
	ssize_t n;

	while ((n = recv(w->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		unsigned int left = (unsigned int)n;

		for (struct nlmsghdr *m = (struct nlmsghdr *)buf; NLMSG_OK(m, left);
		     m = NLMSG_NEXT(m, left)) {
			if (is_up(m))
				tell_soon(w);
		}
	}
	/* what was lost may have been one */
	if (n < 0 && errno == ENOBUFS)
		tell_soon(w);
}

int netwatch_new(struct loop *loop, void (*up)(void *data), void *data, struct netwatch **ret)
{
	const struct sockaddr_nl self = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	struct netwatch *w = (struct netwatch *)calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return -ENOMEM;
	w->up = up;
	w->data = data;
	w->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (w->fd < 0 || bind(w->fd, (const struct sockaddr *)&self, sizeof(self)) < 0)
		r = -errno;
	if (r == 0)
		r = loop_add_fd(loop, w->fd, EPOLLIN, on_socket, w, &w->socket);
	if (r == 0)
		r = loop_add_timer(loop, on_timer, w, &w->timer);
	if (r < 0) {
		netwatch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

struct netwatch *netwatch_free(struct netwatch *w)
{
	if (!w)
		return NULL;
	loop_source_free(w->socket);
	loop_source_free(w->timer);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return NULL;
}
