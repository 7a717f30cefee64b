/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * It has no state but the process id of its one child, and waits for nothing but the manager's next
 * message and, shortly, for the end of a child that it has killed.  The other nursery is no child
 * of this one, which may end before it.
 */
#include "iscsid/peer/nursery_loop.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "iscsid/nurserymsg.h"
#include "iscsid/peer/engine.h"
#include "iscsid/peer/memory.h"
#include "iscsid/peer/receive.h"
#include "lib/base/macros.h"

struct nursery {
	int control; /* where the manager is */
	pid_t child; /* -1: none */
	uint64_t id; /* of its START */
	/* borrowed */
	const struct nursery_config *config;
};

static int reply(int control, const struct nursery_message *m)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	do
		n = sendmsg(control, &message, JAIL_SEND_WAIT_FLAGS);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

void nursery_failed(int control, const char *what, int error)
{
	struct nursery_message m = {.verb = NURSERY_FAILED, .number = error};

	snprintf(m.text, sizeof(m.text), "cannot %s", what);
	reply(control, &m);
}

static _Noreturn void peer(int control, const struct nursery *n)
{
	const struct nursery_config *config = n->config;
	struct report report = {.control = control};
	struct engine *engine;
	int r;

	prctl(PR_SET_NAME, "iscsid-peer");
	/* it ends when its pair is closed; this ends one that does not want to */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	close(n->control);
	r = engine_new(control, config->digests, &engine);
	if (r < 0) {
		report_failed(&report, "cannot make its event loop", -r);
		_exit(EXIT_FAILURE);
	}
	if (config->lock_memory)
		memory_lock_process();
	r = jail_enter(config->peer_jail);
	if (r < 0) {
		report_failed(&report, "cannot enter its jail", -r);
		_exit(EXIT_FAILURE);
	}
	r = engine_run(engine);
	if (r < 0)
		report_failed(&report, "cannot go on", -r);
	engine_free(engine);
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int stop(struct nursery *n)
{
	struct nursery_message m = {.verb = NURSERY_ENDED, .id = n->id};
	int status = 0;

	if (n->child < 0)
		return 0;
	/* the number is that of our child until it is waited for, dead or not */
	kill(n->child, SIGKILL);
	while (waitpid(n->child, &status, 0) < 0 && errno == EINTR)
		;
	n->child = -1;
	m.number = status;
	return reply(n->control, &m);
}

/* pair: what came, -1: nothing; it is the new peer's alone, so that its end can be seen. */
static int start(struct nursery *n, uint64_t id, int pair)
{
	struct nursery_message m = {.verb = NURSERY_STARTED, .id = id};
	int error;

	n->id = id;
	n->child = pair < 0 ? -1 : fork();
	if (n->child == 0)
		peer(pair, n);
	error = pair < 0 ? EMFILE : errno;
	if (pair >= 0)
		close(pair);
	m.number = n->child;
	if (n->child < 0) {
		m.verb = NURSERY_FAILED;
		m.number = error;
		snprintf(m.text, sizeof(m.text), "cannot fork");
	}
	return reply(n->control, &m);
}

/* fork(3) makes no sibling; what it does beside the call is for threads. */
static pid_t fork_sibling(void)
{
#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, JAIL_SIBLING_FLAGS, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, JAIL_SIBLING_FLAGS, 0, 0, 0, 0);
#endif
}

/* control: what came, -1: nothing.  The other one, too, goes on with its loop behind this. */
static int spare(struct nursery *n, uint64_t id, int control)
{
	struct nursery_message m = {.verb = NURSERY_SPARED, .id = id};

	if (control < 0)
		return 0;
	m.number = fork_sibling();
	if (m.number != 0) {
		/* if there is none, its end of the pair says so */
		close(control);
		return m.number < 0 ? 0 : reply(n->control, &m);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	close(n->control);
	n->control = control;
	n->child = -1;
	if (n->config->lock_memory)
		memory_lock_again(n->config->digests);
	return 0;
}

/* 0, -ESHUTDOWN when the manager has hung up, or another negative errno. */
static int serve_one(struct nursery *n)
{
	struct nursery_message m;
	int fd, r;
	ssize_t len = receive_message(n->control, &m, sizeof(m), JAIL_RECV_WAIT_FLAGS, &fd);

	if (len == -EINTR)
		return 0;
	if (len <= 0)
		return -ESHUTDOWN;
	if (!nursery_message_ok(&m, (size_t)len, false))
		r = -EPROTO;
	else if (m.verb == NURSERY_SPARE)
		return spare(n, m.id, fd);
	else
		r = stop(n);
	if (r == 0 && m.verb == NURSERY_START)
		return start(n, m.id, fd);
	if (fd >= 0)
		close(fd);
	return r;
}

int nursery_loop(const struct nursery_config *config)
{
	struct nursery n = {.control = config->control, .child = -1, .config = config};
	int r = 0;

	while (r == 0)
		r = serve_one(&n);
	stop(&n);
	return r == -ESHUTDOWN || r == -EPIPE ? 0 : r;
}
