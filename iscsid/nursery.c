/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program is run from a memory file that nobody can change.  It is made anew each time, which
 * is rare: what is kept meanwhile is only what the nursery has mapped.  A nursery is trusted to
 * tell the number of the spare one, but not with which processes the manager kills.
 */
#include "iscsid/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

/* peer_image.S */
extern const uint8_t peer_image[];
extern const uint8_t peer_image_end[];

enum { NOBODY = 65534 };

/* Spare ones that end by themselves, one after the other: then there is none for a while. */
enum { SPARES_MAX = 3 };

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

static int open_image(int *ret)
{
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	_cleanup_close_ int fd = memfd_create("iscsid-peer", flags | MFD_EXEC);
	int r;

	if (fd < 0 && errno == EINVAL) /* a kernel before 6.3: it may always be run */
		fd = memfd_create("iscsid-peer", flags);
	if (fd < 0)
		return -errno;
	r = file_write(fd, peer_image, (size_t)(peer_image_end - peer_image));
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
	/* a cache of pieces that are free would keep the pages around them from being given back */
	static char no_cache[] = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0";
	char *const environment[] = {no_cache, NULL};

	snprintf(uid, sizeof(uid), "%u", (unsigned int)id.uid);
	snprintf(gid, sizeof(gid), "%u", (unsigned int)id.gid);
	image = fcntl(image, F_DUPFD_CLOEXEC, NURSERY_CONTROL_FD + 1);
	/* dup2(2) onto itself would keep the close-on-exec flag */
	if (image >= 0 && (control == NURSERY_CONTROL_FD ? fcntl(control, F_SETFD, 0)
	                                                 : dup2(control, NURSERY_CONTROL_FD)) >= 0)
		execveat(image, "", arguments, environment, AT_EMPTY_PATH);
	_exit(EXIT_FAILURE);
}

static int watch(const struct nursery *n, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(n->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Closing would not end the watch while a child that was just forked has the socket too. */
static void unwatch_and_close(const struct nursery *n, int *fd)
{
	epoll_ctl(n->epoll, EPOLL_CTL_DEL, *fd, NULL);
	close(take_fd(fd));
}

/* A child of ours: then the number is its own until it is waited for, dead or not. */
static bool is_child(pid_t pid)
{
	siginfo_t info;

	return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static int kill_and_reap(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void spare_end(struct nursery *n)
{
	if (n->spare.pid > 0)
		kill_and_reap(n->spare.pid);
	n->spare.pid = -1;
	if (n->spare.control >= 0)
		unwatch_and_close(n, &n->spare.control);
}

static int send_message(int control, enum nursery_verb verb, uint64_t id, int fd)
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
	return sendmsg(control, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Without one the program is run again some day. */
static void ask_for_spare(struct nursery *n)
{
	_cleanup_close_ int its = -1;
	int pair[2];

	if (n->spare.control >= 0 || n->spare.asked >= SPARES_MAX ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	its = pair[1];
	n->spare.control = pair[0];
	n->spare.id++;
	n->spare.asked++;
	if (watch(n, n->spare.control) < 0 ||
	    send_message(n->control, NURSERY_SPARE, n->spare.id, its) < 0)
		spare_end(n);
}

static void spare_forked(struct nursery *n, const struct nursery_message *m)
{
	if (!is_child(m->number) || m->number == n->pid)
		return;
	if (n->spare.control >= 0 && n->spare.pid < 0 && n->spare.id == m->id)
		n->spare.pid = m->number;
	else /* it had ended before it was told */
		kill_and_reap(m->number);
}

/* It says nothing, but to those whose first one it is. */
static bool spare_has_ended(const struct nursery *n)
{
	char byte;

	return n->spare.control >= 0 && recv(n->spare.control, &byte, 1, MSG_DONTWAIT) >= 0;
}

void nursery_init(struct nursery *n, int epoll)
{
	*n = (struct nursery){.pid = -1, .control = -1, .spare = {.pid = -1, .control = -1}};
	n->epoll = epoll;
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
	r = watch(n, ours);
	if (r < 0)
		return r;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_program(image, its, run_dir);
	n->pid = pid;
	n->control = take_fd(&ours);
	return 0;
}

int nursery_ask(struct nursery *n, enum nursery_verb verb, uint64_t id, int fd)
{
	int r = send_message(n->control, verb, id, fd);

	if (r == 0 && verb == NURSERY_START) {
		n->spare.asked = 0;
		ask_for_spare(n);
	}
	return r;
}

static int next_message(const struct nursery *n, struct nursery_message *ret)
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

int nursery_next(struct nursery *n, struct nursery_message *ret)
{
	struct nursery_message m;
	int r;

	while ((r = next_message(n, &m)) == 1 && m.verb == NURSERY_SPARED)
		spare_forked(n, &m);
	if (r == 0 && spare_has_ended(n)) {
		spare_end(n);
		ask_for_spare(n);
	}
	if (r == 1)
		*ret = m;
	return r;
}

int nursery_end(struct nursery *n)
{
	int status = kill_and_reap(n->pid);

	unwatch_and_close(n, &n->control);
	if (n->spare.pid < 0)
		spare_end(n);
	n->pid = n->spare.pid;
	n->control = take_fd(&n->spare.control);
	n->spare.pid = -1;
	return status;
}
