/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "lib/ipc/message.h"

/* Clients that may wait to be accepted. */
enum { LISTEN_BACKLOG = 64 };

static int make_address(const char *path, struct sockaddr_un *ret)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	memcpy(un.sun_path, path, len);
	*ret = un;
	return 0;
}

static int connect_to(const char *path, int flags)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un un;
	int r = make_address(path, &un);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -errno;
	while (connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0)
		if (errno != EINTR)
			return -errno;
	return take_fd(&fd);
}

/* Opens the folder of path, made where it is missing, and locks it until the descriptor closes. */
static int lock_parent(const char *path)
{
	_cleanup_close_ int fd = -1;
	char folder[PATH_MAX];
	int r = file_folder(path, folder);

	if (r == 0)
		r = file_make_folders(AT_FDCWD, folder, 0700);
	if (r < 0)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Removes a socket file that nobody listens on.  -EADDRINUSE when somebody does, or when the file
 * is no socket at all. */
static int remove_stale(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	/* a listener whose queue is full says -EAGAIN: alive */
	fd = connect_to(path, SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	if (fd != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(path) < 0 ? -errno : 0;
}

int ipc_listen(const char *path)
{
	_cleanup_close_ int fd = -1, folder = -1;
	struct sockaddr_un un;
	int r = make_address(path, &un);

	if (r < 0)
		return r;
	/* between bind() and listen() a socket looks stale: no second daemon may look then */
	folder = lock_parent(path);
	if (folder < 0)
		return folder;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = remove_stale(path);
	if (r < 0)
		return r;
	/* the file gets the permissions that the socket has when it is bound: no moment without */
	if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)&un, sizeof(un)) < 0 ||
	    listen(fd, LISTEN_BACKLOG) < 0)
		return -errno;
	return take_fd(&fd);
}

int ipc_accept(int listener, uid_t *ret_uid)
{
	_cleanup_close_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	*ret_uid = cred.uid;
	return take_fd(&fd);
}

int ipc_connect(const char *path)
{
	return connect_to(path, 0);
}

int ipc_send(int fd, const void *data, size_t len)
{
	ssize_t n;

	if (len == 0 || len > IPC_MESSAGE_MAX)
		return -EMSGSIZE;
	do
		n = send(fd, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static ssize_t receive(int fd, char *buf, size_t size)
{
	ssize_t n;

	do /* MSG_TRUNC: the length that the message had, not what fitted */
		n = recv(fd, buf, size, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t ipc_recv(int fd, char *buf, size_t size)
{
	ssize_t n = receive(fd, buf, size - 1);

	/* told once when the other side closed unread: what it had sent comes behind that */
	if (n == -ECONNRESET)
		n = receive(fd, buf, size - 1);
	if (n < 0)
		return n;
	if ((size_t)n > size - 1)
		return -EMSGSIZE;
	buf[n] = '\0';
	return n;
}
