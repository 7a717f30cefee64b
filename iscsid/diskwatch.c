/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/diskwatch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <linux/netlink.h>

enum {
	KERNEL_GROUP = 1,     /* group 2 is udev's */
	MESSAGE_SIZE = 8192,  /* the kernel's UEVENT_BUFFER_SIZE is 2048, and there is a head */
	QUEUE_SIZE = 4 << 20, /* many sessions that log in at once; the kernel takes what is used */
};

struct diskwatch {
	struct loop_source *socket;
	int fd;
	/* borrowed */
	const struct diskwatch_callbacks *callbacks;
	void *data;
};

void diskwatch_read(struct diskwatch *w)
{
	struct host_attention_event attention;
	struct host_disk_event event;
	struct sockaddr_nl sender;
	char message[MESSAGE_SIZE];
	bool lost = false;

	while (w) {
		socklen_t len = sizeof(sender);
		ssize_t n = recvfrom(w->fd, message, sizeof(message), MSG_DONTWAIT,
		                     (struct sockaddr *)&sender, &len);

		if (n < 0 && errno == ENOBUFS)
			lost = true;
		else if (n < 0 && errno != EINTR)
			break;
		/* other programs may send to the group, too */
		if (n <= 0 || sender.nl_pid != 0)
			continue;
		if (host_uevent_disk(message, (size_t)n, &event))
			w->callbacks->changed(w->data, &event);
		else if (host_uevent_attention(message, (size_t)n, &attention))
			w->callbacks->attention(w->data, &attention);
	}
	if (lost)
		w->callbacks->lost(w->data);
}

static void on_socket(void *data, uint32_t events _unused_)
{
	diskwatch_read((struct diskwatch *)data);
}

int diskwatch_new(struct loop *loop, const struct diskwatch_callbacks *callbacks, void *data,
                  struct diskwatch **ret)
{
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
	const int size = QUEUE_SIZE;
	struct diskwatch *w = (struct diskwatch *)calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return -ENOMEM;
	w->callbacks = callbacks;
	w->data = data;
	w->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (w->fd < 0 || bind(w->fd, (const struct sockaddr *)&self, sizeof(self)) < 0)
		r = -errno;
	/* without the privilege it stays shorter */
	if (r == 0)
		setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (r == 0)
		r = loop_add_fd(loop, w->fd, EPOLLIN, on_socket, w, &w->socket);
	if (r < 0) {
		diskwatch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

struct diskwatch *diskwatch_free(struct diskwatch *w)
{
	if (!w)
		return NULL;
	loop_source_free(w->socket);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return NULL;
}
