/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

ssize_t receive_message(int fd, void *buf, size_t size, int flags, int *ret_fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {.iov_base = buf, .iov_len = size};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t n = recvmsg(fd, &message, flags);
	struct cmsghdr *head;

	*ret_fd = -1;
	if (n < 0)
		return -errno;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(*ret_fd)))
		memcpy(ret_fd, CMSG_DATA(head), sizeof(*ret_fd));
	return n;
}
