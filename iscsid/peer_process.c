/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two pairs: one to the nursery, which forks peers, and one to each peer.  Both are non-blocking
 * here, and the manager never waits for either process: what does not fit into the peer's socket
 * waits in a bounded queue.  The peer may wait for the manager.
 */
#include "iscsid/peer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "iscsid/nursery.h"
#include "lib/base/macros.h"

/* Messages taken by one peer_handle(), so that others get their turn. */
enum { HANDLE_MAX = 64 };
enum { WHY_SIZE = 512 };

/* While the kernel has no memory for a message; its socket has room, and would say so for ever. */
enum { STARVED_PAUSE_NSEC = 10 * 1000 * 1000 };

struct queued {
	struct queued *next;
	int fd; /* to go with it, -1: none */
	union {
		struct peer_head head;
		struct peer_login login;
		struct peer_cancel cancel;
		struct peer_pdu pdu;
	} message;
};

struct peer {
	char *run_dir;
	struct queued *queue;
	struct queued **queue_end;
	size_t queue_len;
	struct nursery nursery;
	int epoll;
	int timer;      /* runs while starved */
	int control;    /* -1: no peer runs */
	pid_t pid;      /* -1: not known (yet) */
	uint64_t start; /* the number of this start, as the nursery knows it */
	bool starved;   /* the kernel had no memory for the first of the queue */
	bool heard;     /* it has said something since peer_listens() */
	struct peer_callbacks callbacks;
	/* borrowed */
	void *data;
};

static struct queued *queued_free(struct queued *q)
{
	if (q->fd >= 0)
		close(q->fd);
	explicit_bzero(q, sizeof(*q)); /* a login has secrets */
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

static int watch(const struct peer *peer, int fd, int operation)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (fd == peer->control && peer->queue && !peer->starved)
		event.events |= EPOLLOUT;
	return epoll_ctl(peer->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* Try the first of the queue again after a pause, or not any more. */
static void set_starved(struct peer *peer, bool starved)
{
	const struct itimerspec pause = {.it_value.tv_nsec = starved ? STARVED_PAUSE_NSEC : 0};

	if (starved || peer->starved)
		timerfd_settime(peer->timer, 0, &pause, NULL);
	peer->starved = starved;
}

struct peer *peer_new(const struct peer_config *config)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->queue_end = &peer->queue;
	peer->control = peer->pid = -1;
	peer->callbacks = config->callbacks;
	peer->data = config->data;
	peer->run_dir = strdup(config->run_dir);
	peer->epoll = epoll_create1(EPOLL_CLOEXEC);
	peer->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	nursery_init(&peer->nursery, peer->epoll);
	if (!peer->run_dir || watch(peer, peer->timer, EPOLL_CTL_ADD) < 0)
		return peer_free(peer);
	return peer;
}

/* Closing would not end the watch while a child that was just forked has the socket too. */
static void unwatch_and_close(struct peer *peer, int *fd)
{
	epoll_ctl(peer->epoll, EPOLL_CTL_DEL, *fd, NULL);
	close(take_fd(fd));
}

/* Hang up, drop what waits, and have the process killed. */
static void end(struct peer *peer)
{
	unwatch_and_close(peer, &peer->control);
	peer->pid = -1;
	while (peer->queue)
		queued_free(queue_unlink(peer, &peer->queue));
	set_starved(peer, false);
	/* one that cannot be asked is replaced at the next start */
	if (peer->nursery.pid > 0)
		nursery_ask(&peer->nursery, NURSERY_STOP, peer->start, -1);
}

static void died(struct peer *peer, const char *why)
{
	end(peer);
	peer->callbacks.died(peer->data, why);
}

struct peer *peer_free(struct peer *peer)
{
	if (!peer)
		return NULL;
	if (peer->control >= 0)
		end(peer);
	while (peer->nursery.pid > 0)
		nursery_end(&peer->nursery);
	if (peer->epoll >= 0)
		close(peer->epoll);
	if (peer->timer >= 0)
		close(peer->timer);
	free(peer->run_dir);
	free(peer);
	return NULL;
}

/*
 * Have the nursery fork; the next one, if it takes no message, and a fresh one, if there is none.
 * A want of memory is not the nursery's fault, and a fresh one would want more.
 */
static int start_with(struct peer *peer, int pair)
{
	int r;

	while (peer->nursery.pid > 0) {
		r = nursery_ask(&peer->nursery, NURSERY_START, peer->start, pair);
		if (r == 0 || r == -ENOBUFS || r == -ENOMEM)
			return r;
		nursery_end(&peer->nursery);
	}
	r = nursery_start(&peer->nursery, peer->run_dir);
	return r < 0 ? r : nursery_ask(&peer->nursery, NURSERY_START, peer->start, pair);
}

int peer_start(struct peer *peer)
{
	_cleanup_close_ int its = -1;
	int pair[2], r;

	if (peer->control >= 0)
		return -EALREADY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	peer->control = pair[0];
	its = pair[1];
	peer->start++;
	r = watch(peer, peer->control, EPOLL_CTL_ADD);
	/* of this end only: the peer's sends wait until the manager has read */
	if (r == 0 && fcntl(peer->control, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	if (r == 0)
		r = start_with(peer, its);
	if (r < 0)
		unwatch_and_close(peer, &peer->control);
	return r;
}

bool peer_running(const struct peer *peer)
{
	return peer->control >= 0;
}

pid_t peer_pid(const struct peer *peer)
{
	return peer->pid;
}

size_t peer_queued(const struct peer *peer)
{
	return peer->queue_len;
}

bool peer_listens(struct peer *peer)
{
	const bool heard = peer->heard;
	int unread = 0;

	peer->heard = false;
	/* one that is not there yet may wait for the loader, or for the system's name services */
	if (heard || !peer_running(peer) || peer->pid < 0)
		return true;
	/* of a Unix socket: what the other end has not read */
	return ioctl(peer->control, SIOCOUTQ, &unread) < 0 || unread == 0;
}

void peer_give_up(struct peer *peer, const char *why)
{
	if (peer_running(peer))
		died(peer, why);
}

int peer_fd(const struct peer *peer)
{
	return peer->epoll;
}

static void how_it_ended(int status, const char *who, char dst[static WHY_SIZE])
{
	if (WIFSIGNALED(status))
		snprintf(dst, WHY_SIZE, "%s was killed by signal %d (%s)", who, WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(dst, WHY_SIZE, "%s ended with status %d", who, WEXITSTATUS(status));
}

/* why NULL: it just ended. */
static void nursery_gone(struct peer *peer, const char *why)
{
	char text[WHY_SIZE];
	int status = nursery_end(&peer->nursery);

	if (why)
		snprintf(text, sizeof(text), "%s", why);
	else
		how_it_ended(status, "its parent", text);
	if (peer_running(peer))
		died(peer, text);
	else
		peer->callbacks.ended(peer->data, text);
}

static void with_error(char dst[static WHY_SIZE], const char *text, int error)
{
	snprintf(dst, WHY_SIZE, "%s%s%s", text, error ? ": " : "", error ? strerror(error) : "");
}

static void dispatch_nursery(struct peer *peer, const struct nursery_message *m)
{
	bool current = peer_running(peer) && m->id == peer->start;
	char text[WHY_SIZE];

	switch ((enum nursery_verb)m->verb) {
	case NURSERY_STARTED:
		if (current)
			peer->pid = m->number;
		break;
	case NURSERY_ENDED:
		how_it_ended(m->number, "it", text);
		peer->callbacks.ended(peer->data, text);
		break;
	case NURSERY_FAILED:
		with_error(text, m->text, m->number);
		if (m->id == 0)
			nursery_gone(peer, text);
		else if (current)
			died(peer, text);
		break;
	case NURSERY_SPARED: break; /* nursery.c's own */
	case NURSERY_START:
	case NURSERY_STOP:
	case NURSERY_SPARE: break; /* barred by nursery_message_ok() */
	}
}

/* First: it may say why the peer has hung up. */
static void handle_nursery(struct peer *peer)
{
	while (peer->nursery.pid > 0) {
		struct nursery_message m;
		int r = nursery_next(&peer->nursery, &m);

		if (r == 0)
			return;
		if (r > 0)
			dispatch_nursery(peer, &m);
		else
			nursery_gone(peer,
			             r == -EPROTO ? "its parent sent a message out of form" : NULL);
	}
}

static void failed(struct peer *peer, const struct peer_failed *message)
{
	char text[WHY_SIZE];

	with_error(text, message->text, message->error);
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
	case PEER_COMPLETE: peer->callbacks.complete(peer->data, &m->complete); break;
	case PEER_PDU: peer->callbacks.pdu(peer->data, &m->pdu); break;
	case PEER_DONE: peer->callbacks.done(peer->data, &m->done); break;
	case PEER_FAILED: failed(peer, &m->failed); break;
	case PEER_NOTICE: peer->callbacks.notice(peer->data, &m->notice); break;
	case PEER_LOGIN:
	case PEER_READ:
	case PEER_CANCEL: break; /* barred by peermsg_check() */
	}
}

/* A callback may end the process and start another one: that one has its own turn. */
static void handle_messages(struct peer *peer)
{
	uint64_t start = peer->start;

	for (int i = 0; i < HANDLE_MAX && peer_running(peer) && peer->start == start; i++) {
		union peer_message m;
		/* without room for control data: descriptors that a hostile peer sends are dropped
		 * by the kernel.  MSG_TRUNC: a longer message shows its length */
		ssize_t n = recv(peer->control, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);

		peer->heard |= n > 0;
		if (n > 0)
			dispatch(peer, &m, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else if (n == 0 || errno != ECONNRESET)
			died(peer, "it hung up");
		/* it left some of our messages unread: told once, and before what it said */
	}
}

/* 0; -EAGAIN when it has to wait for room, -ENOBUFS for memory; or another negative errno. */
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
	case EINTR: return -EAGAIN;
	case ENOMEM:
	case ETOOMANYREFS: /* descriptors on their way: it takes some when it reads */
		return -ENOBUFS;
	}
	return -errno;
}

static bool pause_is_over(const struct peer *peer)
{
	uint64_t times;

	return read(peer->timer, &times, sizeof(times)) == (ssize_t)sizeof(times);
}

static void flush_queue(struct peer *peer)
{
	char why[WHY_SIZE];
	int r = 0;

	if (!peer->queue || (peer->starved && !pause_is_over(peer)))
		return;
	while (peer->queue && r == 0) {
		struct queued *q = peer->queue;

		r = send_message(peer, &q->message.head, q->fd);
		if (r == 0)
			queued_free(queue_unlink(peer, &peer->queue));
	}
	set_starved(peer, r == -ENOBUFS);
	watch(peer, peer->control, EPOLL_CTL_MOD);
	/* of an end, handle_messages() reads */
	if (r == 0 || r == -EAGAIN || r == -ENOBUFS || r == -EPIPE || r == -ECONNRESET)
		return;
	with_error(why, "killed: it cannot be told what to do", -r);
	died(peer, why);
}

void peer_handle(struct peer *peer)
{
	handle_nursery(peer);
	flush_queue(peer);
	handle_messages(peer);
}

/* Send now, or later; an end that is already gone is told by peer_handle(). */
static int post(struct peer *peer, const struct peer_head *head, int fd)
{
	struct queued *q;
	int r = peer->queue ? -EAGAIN : send_message(peer, head, fd);

	if (r != -EAGAIN && r != -ENOBUFS)
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
	if (r == -ENOBUFS)
		set_starved(peer, true);
	if (peer->queue_len == 1)
		watch(peer, peer->control, EPOLL_CTL_MOD);
	return 0;
}

int peer_send_login(struct peer *peer, const struct peer_login *login, int fd)
{
	struct peer_login message;
	int r = -EBADMSG;

	if (!peer_running(peer))
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

static int send_pdu(struct peer *peer, enum peer_verb verb, uint64_t id, const uint8_t *bytes,
                    size_t len)
{
	struct peer_pdu message;

	if (!peer_running(peer))
		return -ENOTCONN;
	if (peer->queue_len >= PEER_QUEUE_MAX)
		return -ENOBUFS;
	if (len > sizeof(message.bytes))
		return -EBADMSG;
	message.head = (struct peer_head){
		.verb = verb, .size = (uint32_t)(sizeof(message.head) + len), .id = id};
	memcpy(message.bytes, bytes, len);
	if (peermsg_check(&message, message.head.size, false) < 0)
		return -EBADMSG;
	return post(peer, &message.head, -1);
}

int peer_send_pdu(struct peer *peer, uint64_t id, const uint8_t *bytes, size_t len)
{
	return send_pdu(peer, PEER_PDU, id, bytes, len);
}

int peer_send_read(struct peer *peer, uint64_t id, const uint8_t *bytes, size_t len)
{
	return send_pdu(peer, PEER_READ, id, bytes, len);
}

int peer_send_cancel(struct peer *peer, uint64_t id)
{
	struct peer_cancel message = {
		.head = {.verb = PEER_CANCEL, .size = sizeof(message), .id = id},
	};

	if (!peer_running(peer))
		return -ENOTCONN;
	for (struct queued **at = &peer->queue; *at; at = &(*at)->next) {
		if ((*at)->message.head.id == id && (*at)->message.head.verb == PEER_LOGIN) {
			queued_free(queue_unlink(peer, at));
			if (!peer->queue) {
				set_starved(peer, false);
				watch(peer, peer->control, EPOLL_CTL_MOD);
			}
			return 0;
		}
	}
	return post(peer, &message.head, -1);
}
