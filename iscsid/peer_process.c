/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pair's manager end is non-blocking and the manager never waits for the peer: what does not
 * fit into the socket waits in a bounded queue.  The peer may wait for the manager.
 */
#include "iscsid/peer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "iscsid/peer_start.h"
#include "lib/base/macros.h"

/* Messages taken by one peer_handle(), so that others get their turn. */
enum { HANDLE_MAX = 64 };
enum { WHY_SIZE = 512 };

struct queued {
	struct queued *next;
	int fd; /* to go with it, -1: none */
	union {
		struct peer_head head;
		struct peer_login login;
		struct peer_cancel cancel;
	} message;
};

struct peer {
	char *run_dir;
	struct queued *queue;
	struct queued **queue_end;
	size_t queue_len;
	struct peer_image image;
	int control;
	pid_t pid; /* -1: none runs */
	struct peer_identity identity;
	struct peer_callbacks callbacks;
	/* borrowed */
	void *data;
};

static struct queued *queued_free(struct queued *q)
{
	if (q->fd >= 0)
		close(q->fd);
	explicit_bzero(&q->message, sizeof(q->message)); /* a login has secrets */
	free(q);
	return NULL;
}

static struct queued *queue_unlink(struct peer *peer, struct queued **at)
{
	struct queued *q = *at;

	*at = q->next;
	if (peer->queue_end == &q->next)
		peer->queue_end = at;
	peer->queue_len--;
	return q;
}

static void queue_append(struct peer *peer, struct queued *q)
{
	*peer->queue_end = q;
	peer->queue_end = &q->next;
	peer->queue_len++;
}

struct peer *peer_new(const struct peer_config *config)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->queue_end = &peer->queue;
	peer->image.fd = peer->control = peer->pid = -1;
	peer->callbacks = config->callbacks;
	peer->data = config->data;
	peer->run_dir = strdup(config->run_dir);
	if (!peer->run_dir)
		return peer_free(peer);
	peer->identity = peer_identity_look_up();
	return peer;
}

/* Kill and reap what runs, drop what waits; the descriptor stays.  Returns the status of
 * waitpid(2). */
static int end(struct peer *peer)
{
	int status = 0;

	/* the number is that of our child until it is waited for, dead or not */
	kill(peer->pid, SIGKILL);
	while (waitpid(peer->pid, &status, 0) < 0 && errno == EINTR)
		;
	peer->pid = -1;
	while (peer->queue)
		queued_free(queue_unlink(peer, &peer->queue));
	return status;
}

/* The peer is of no use any more; why is NULL when it just ended. */
static void died(struct peer *peer, const char *why)
{
	/* open until its watcher was told: a child on its way to exec may hold a copy, and then
	 * only a descriptor that is open can be taken out of an epoll set */
	_cleanup_close_ int control = take_fd(&peer->control);
	char text[WHY_SIZE];
	int status = end(peer);

	if (why)
		snprintf(text, sizeof(text), "%s", why);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed by signal %d (%s)", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "ended with status %d", WEXITSTATUS(status));
	peer->callbacks.died(peer->data, text);
}

struct peer *peer_free(struct peer *peer)
{
	if (!peer)
		return NULL;
	if (peer->pid > 0)
		end(peer);
	cleanup_close(&peer->control);
	peer_image_close(&peer->image);
	free(peer->run_dir);
	free(peer);
	return NULL;
}

int peer_start(struct peer *peer)
{
	struct peer_start start = {.identity = peer->identity, .run_dir = peer->run_dir};
	int pair[2];
	pid_t pid;

	if (peer->pid > 0)
		return -EALREADY;
	if (peer->image.fd < 0) {
		int r = peer_image_open(&peer->image);
		if (r < 0)
			return r;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	/* of this end only: the peer's sends wait until the manager has read */
	if (fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0) {
		int error = errno;
		close(pair[0]);
		close(pair[1]);
		return -error;
	}
	start.image = peer->image.fd;
	start.control = pair[1];
	pid = peer_start_process(&start);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return pid;
	}
	peer->pid = pid;
	peer->control = pair[0];
	return 0;
}

bool peer_running(const struct peer *peer)
{
	return peer->pid > 0;
}

pid_t peer_pid(const struct peer *peer)
{
	return peer->pid;
}

int peer_fd(const struct peer *peer)
{
	return peer->control;
}

bool peer_wants_write(const struct peer *peer)
{
	return peer->queue != NULL;
}

static void failed(struct peer *peer, const struct peer_failed *message)
{
	char text[WHY_SIZE];

	if (message->error)
		snprintf(text, sizeof(text), "%s: %s", message->text, strerror(message->error));
	else
		snprintf(text, sizeof(text), "%s", message->text);
	died(peer, text);
}

/* A callback may end the process, but not the message. */
static void targets(struct peer *peer, const struct peer_targets *m)
{
	for (size_t i = 0; i < peermsg_targets(&m->head); i++)
		peer->callbacks.target(peer->data, &m->targets[i]);
}

static void dispatch(struct peer *peer, const union peer_message *m, size_t len)
{
	int verb = peermsg_check(m, len, true);

	if (verb < 0) {
		died(peer, "killed: it sent a message out of form");
		return;
	}
	switch ((enum peer_verb)verb) {
	case PEER_TARGET: peer->callbacks.target(peer->data, &m->target); break;
	case PEER_TARGETS: targets(peer, &m->targets); break;
	case PEER_REFUSED_TARGET:
		peer->callbacks.refused_target(peer->data, &m->refused_target);
		break;
	case PEER_DONE: peer->callbacks.done(peer->data, &m->done); break;
	case PEER_FAILED: failed(peer, &m->failed); break;
	case PEER_LOGIN:
	case PEER_CANCEL: break; /* barred by peermsg_check() */
	}
}

void peer_handle(struct peer *peer)
{
	pid_t pid = peer->pid;

	/* a callback may end the process and start another one: that one has its own turn */
	for (int i = 0; i < HANDLE_MAX && peer->pid > 0 && peer->pid == pid; i++) {
		union peer_message m;
		/* without room for control data: descriptors that a hostile peer sends are dropped
		 * by the kernel.  MSG_TRUNC: a longer message shows its length */
		ssize_t n = recv(peer->control, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);

		if (n > 0)
			dispatch(peer, &m, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else
			died(peer, NULL);
	}
}

/* 0, -EAGAIN when it has to wait, or another negative errno. */
static int send_message(struct peer *peer, const struct peer_head *head, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec data = {.iov_base = (void *)(uintptr_t)head, .iov_len = head->size};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	if (fd >= 0) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
	}
	if (sendmsg(peer->control, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	switch (errno) {
	case EINTR:
	case ENOBUFS:
	case ENOMEM:
	case ETOOMANYREFS: /* descriptors on their way: it takes some when it reads */
		return -EAGAIN;
	}
	return -errno;
}

void peer_flush(struct peer *peer)
{
	while (peer->queue) {
		struct queued *q = peer->queue;
		int r = send_message(peer, &q->message.head, q->fd);

		if (r < 0)
			return; /* of an end, peer_handle() reads */
		queued_free(queue_unlink(peer, &peer->queue));
	}
}

/* Send now, or later; an end that is already gone is told by peer_handle(). */
static int post(struct peer *peer, const struct peer_head *head, int fd)
{
	struct queued *q;
	int r = peer->queue ? -EAGAIN : send_message(peer, head, fd);

	if (r != -EAGAIN)
		return r == -EPIPE || r == -ECONNRESET ? 0 : r;
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	memcpy(&q->message, head, head->size);
	q->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && q->fd < 0) {
		r = -errno;
		queued_free(q);
		return r;
	}
	queue_append(peer, q);
	return 0;
}

int peer_send_login(struct peer *peer, const struct peer_login *login, int fd)
{
	struct peer_login message;
	int r = -EBADMSG;

	if (peer->pid < 0)
		return -ENOTCONN;
	if (peer->queue_len >= PEER_QUEUE_MAX)
		return -ENOBUFS;
	message = *login;
	message.head.verb = PEER_LOGIN;
	message.head.size = sizeof(message);
	if (peermsg_check(&message, sizeof(message), false) >= 0)
		r = post(peer, &message.head, fd);
	explicit_bzero(&message.auth, sizeof(message.auth));
	return r;
}

int peer_send_cancel(struct peer *peer, uint64_t id)
{
	struct peer_cancel message = {
		.head = {.verb = PEER_CANCEL, .size = sizeof(message), .id = id},
	};

	if (peer->pid < 0)
		return -ENOTCONN;
	for (struct queued **at = &peer->queue; *at; at = &(*at)->next) {
		if ((*at)->message.head.id == id && (*at)->message.head.verb == PEER_LOGIN) {
			queued_free(queue_unlink(peer, at));
			return 0;
		}
	}
	return post(peer, &message.head, -1);
}
