/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program is run from a memory file that nobody can change.  It is made anew each time, which
 * is rare: what is kept meanwhile is only what the nursery has mapped.
 */
#include "iscsid/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/base/macros.h"

/* peer_image.S */
extern const uint8_t peer_image[];
extern const uint8_t peer_image_end[];

enum { NOBODY = 65534 };

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

struct peer_identity peer_identity_look_up(void)
{
	static const char *const users[] = {"iscsid", "nobody"};

	for (size_t i = 0; i < ARRAY_LEN(users); i++) {
		const struct passwd *user = getpwnam(users[i]);
		if (user && user->pw_uid != 0 && user->pw_gid != 0)
			return (struct peer_identity){.uid = user->pw_uid, .gid = user->pw_gid};
	}
	return (struct peer_identity){.uid = NOBODY, .gid = NOBODY};
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int open_image(int *ret)
{
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	_cleanup_close_ int fd = memfd_create("iscsid-peer", flags | MFD_EXEC);
	int r;

	if (fd < 0 && errno == EINVAL) /* a kernel before 6.3: it may always be run */
		fd = memfd_create("iscsid-peer", flags);
	if (fd < 0)
		return -errno;
	r = write_all(fd, peer_image, (size_t)(peer_image_end - peer_image));
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	*ret = take_fd(&fd);
	return 0;
}

/* All the rest is done by the program itself, iscsid/peer/confine.c. */
static _Noreturn void run_program(int image, int control, const char *run_dir)
{
	/* here: the modules that look names up are large, and may ask a network */
	struct peer_identity id = peer_identity_look_up();
	static char name[] = "iscsid-peer";
	char uid[16], gid[16];
	char *const arguments[] = {name, uid, gid, (char *)(uintptr_t)run_dir, NULL};
	char *const environment[] = {NULL};

	snprintf(uid, sizeof(uid), "%u", (unsigned int)id.uid);
	snprintf(gid, sizeof(gid), "%u", (unsigned int)id.gid);
	image = fcntl(image, F_DUPFD_CLOEXEC, NURSERY_CONTROL_FD + 1);
	/* dup2(2) onto itself would keep the close-on-exec flag */
	if (image >= 0 && (control == NURSERY_CONTROL_FD ? fcntl(control, F_SETFD, 0)
	                                                 : dup2(control, NURSERY_CONTROL_FD)) >= 0)
		execveat(image, "", arguments, environment, AT_EMPTY_PATH);
	_exit(EXIT_FAILURE);
}

int nursery_start(struct nursery *n, const char *run_dir)
{
	_cleanup_close_ int image = -1, ours = -1, its = -1;
	int pair[2];
	pid_t pid;
	int r = open_image(&image);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	its = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_program(image, its, run_dir);
	*n = (struct nursery){.pid = pid, .control = take_fd(&ours)};
	return 0;
}

int nursery_ask(const struct nursery *n, enum nursery_verb verb, uint64_t id, int fd)
{
	struct nursery_message m = {.verb = verb, .id = id};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} rights = {.head = {.cmsg_level = SOL_SOCKET,
	                     .cmsg_type = SCM_RIGHTS,
	                     .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec part = {.iov_base = &m, .iov_len = sizeof(m)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&rights.head), &fd, sizeof(fd));
		message.msg_control = &rights;
		message.msg_controllen = sizeof(rights.room);
	}
	return sendmsg(n->control, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int nursery_next(const struct nursery *n, struct nursery_message *ret)
{
	struct nursery_message m;
	ssize_t len;

	/* it left some of our messages unread: that is told once, and before what it said */
	do
		len = recv(n->control, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);
	while (len < 0 && errno == ECONNRESET);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len <= 0)
		return -ESHUTDOWN;
	if (!nursery_message_ok(&m, (size_t)len, true))
		return -EPROTO;
	*ret = m;
	return 1;
}

int nursery_end(struct nursery *n)
{
	int status = 0;

	/* the number is that of our child until it is waited for, dead or not */
	kill(n->pid, SIGKILL);
	while (waitpid(n->pid, &status, 0) < 0 && errno == EINTR)
		;
	n->pid = -1;
	close(take_fd(&n->control));
	return status;
}
