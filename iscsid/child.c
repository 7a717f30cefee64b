/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children with a deadline.  A child that was killed may stay for as long as the kernel holds it (a
 * scan of a stalled target): its struct stays with it, forgotten by everybody, until it is reaped.
 */
#include "iscsid/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/log.h"

struct child {
	struct loop_source *ended;
	struct loop_source *deadline;
	int out; /* what it says comes here */
	pid_t pid;
	void (*done)(void *data, int result, const void *output, size_t len); /* NULL: forgotten */
	void (*descriptor)(void *data, int fd);
	/* borrowed */
	void *data;
};

static void child_free(struct child *c)
{
	loop_source_free(c->ended);
	loop_source_free(c->deadline);
	if (c->out >= 0)
		close(c->out);
	free(c);
}

/* Kill it; from now on only the reaping is left. */
static void child_forget(struct child *c)
{
	kill(c->pid, SIGKILL);
	c->done = NULL;
	c->deadline = loop_source_free(c->deadline);
	close(take_fd(&c->out));
}

/* What came in one message beside its bytes. */
static void take_descriptors(struct child *c, struct msghdr *message, int fds[static 1],
                             size_t *count)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
		int fd;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS ||
		    h->cmsg_len != CMSG_LEN(sizeof(fd)))
			continue;
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
		if (c->descriptor && *count < CHILD_DESCRIPTORS_MAX)
			fds[(*count)++] = fd;
		else
			close(fd);
	}
}

/* What is there without waiting: the bytes that are for done(). */
static size_t read_output(struct child *c, char *buf, size_t size, int fds[static 1],
                          size_t *ret_fds)
{
	size_t len = 0;

	for (;;) {
		union {
			struct cmsghdr head;
			char room[CMSG_SPACE(sizeof(int))];
		} control;
		char mark;
		struct iovec parts[] = {{buf + len, size - len}, {&mark, 1}};
		struct msghdr message = {
			.msg_iov = len < size ? &parts[0] : &parts[1],
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control.room),
		};
		ssize_t n = recvmsg(c->out, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return len;
		take_descriptors(c, &message, fds, ret_fds);
		/* a descriptor comes with the last byte, which says nothing */
		if (len < size)
			len += (size_t)n - (message.msg_controllen > 0);
	}
}

int child_give(int out, int fd)
{
	char mark = 0;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_level = SOL_SOCKET,
	                      .cmsg_type = SCM_RIGHTS,
	                      .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec part = {&mark, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(out, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int child_give_text(int out, const void *text, size_t len)
{
	_cleanup_close_ int fd = memfd_create("iscsid-text", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : file_write(fd, text, len);

	return r < 0 ? r : child_give(out, fd);
}

int child_take_text(int fd, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return -EFBIG;
	len = (size_t)st.st_size;
	text = (char *)malloc(len + 1);
	if (!text)
		return -ENOMEM;
	if (pread(fd, text, len, 0) != (ssize_t)len)
		return -EIO;
	text[len] = '\0';
	*ret = take_ptr(text);
	*ret_len = len;
	return 0;
}

/* Whoever waits is told, and what it said until now; then c is not theirs any more. */
static void tell(struct child *c, int result, void (*release)(struct child *c))
{
	void (*done)(void *, int, const void *, size_t) = c->done;
	void (*descriptor)(void *, int) = c->descriptor;
	void *data = c->data;
	char output[CHILD_OUTPUT_MAX];
	int fds[CHILD_DESCRIPTORS_MAX];
	size_t fd_count = 0;
	size_t len = read_output(c, output, sizeof(output), fds, &fd_count);

	release(c);
	for (size_t i = 0; i < fd_count; i++)
		descriptor(data, fds[i]);
	done(data, result, output, len);
}

static void on_ended(void *data, const siginfo_t *info)
{
	struct child *c = (struct child *)data;

	if (c->done)
		tell(c, info->si_code == CLD_EXITED ? -info->si_status : -ECHILD, child_free);
	else
		child_free(c);
}

static void on_deadline(void *data)
{
	struct child *c = (struct child *)data;

	/* first, so that it does not go on talking */
	kill(c->pid, SIGKILL);
	tell(c, -ETIMEDOUT, child_forget);
}

_Noreturn static void child_main(const struct child_job *job, int out, pid_t parent)
{
	sigset_t none;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(ECHILD);
	log_set_sink(NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* nothing of the parent's must be held open by a child that the kernel does not let go */
	if (out != 3 && dup3(out, 3, O_CLOEXEC) < 0)
		_exit(errno);
	close_range(4, UINT_MAX, 0);
	r = job->run(job->arg, 3);
	_exit(r < 0 && r >= -255 ? -r : r != 0 ? EIO : 0);
}

int child_start(struct loop *loop, const struct child_job *job, struct child **ret)
{
	_cleanup_close_ int write_end = -1;
	struct child *c;
	pid_t self = getpid();
	int fds[2], r;

	/* a socket, for descriptors pass through no pipe */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	write_end = fds[1];
	c = (struct child *)calloc(1, sizeof(*c));
	if (!c) {
		close(fds[0]);
		return -ENOMEM;
	}
	c->out = fds[0];
	c->done = job->done;
	c->descriptor = job->descriptor;
	c->data = job->data;
	r = loop_add_timer(loop, on_deadline, c, &c->deadline);
	if (r < 0) {
		child_free(c);
		return r;
	}
	c->pid = fork();
	if (c->pid == 0)
		child_main(job, write_end, self);
	r = c->pid < 0 ? -errno : loop_add_child(loop, c->pid, on_ended, c, &c->ended);
	if (r < 0) {
		if (c->pid > 0) {
			kill(c->pid, SIGKILL);
			waitpid(c->pid, NULL, 0);
		}
		child_free(c);
		return r;
	}
	loop_timer_set(c->deadline, job->deadline_usec);
	*ret = c;
	return 0;
}

struct child *child_cancel(struct child *child)
{
	if (child)
		child_forget(child);
	return NULL;
}
