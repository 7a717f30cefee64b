/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsid/loop.h"
#include "lib/base/log.h"
#include "lib/base/resident.h"

enum { NICE = -10 };

int daemon_fork(void)
{
	int fds[2];
	pid_t pid;
	char ready = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		close(fds[0]);
		close(fds[1]);
		return r;
	}
	if (pid > 0) {
		close(fds[1]);
		while (read(fds[0], &ready, 1) < 0 && errno == EINTR)
			;
		_exit(ready ? 0 : 1);
	}
	close(fds[0]);
	setsid();
	return fds[1];
}

int daemon_ready(int fd)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	ssize_t n;

	if (null < 0 || chdir("/") < 0)
		return -errno;
	for (int i = 0; i <= 2; i++) {
		if (dup2(null, i) < 0)
			return -errno;
	}
	n = write(fd, "r", 1);
	close(fd);
	/* a parent that was killed does not wait */
	return n < 0 && errno != EPIPE ? -errno : 0;
}

int daemon_pid_file(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char text[16];
	int len;

	if (fd < 0)
		return -errno;
	if (lockf(fd, F_TLOCK, 0) < 0)
		return errno == EACCES ? -EAGAIN : -errno;
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (fchmod(fd, 0600) < 0 || ftruncate(fd, 0) < 0 || write(fd, text, (size_t)len) != len)
		return errno ? -errno : -EIO;
	return take_fd(&fd);
}

static void write_file(const char *path, const char *value)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		log_debug("cannot write %s to %s: %s, ignoring", value, path, strerror(errno));
}

void daemon_protect(void)
{
	struct rlimit files;

	resident_forget();
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0) {
		log_warning("cannot lock memory: %s, ignoring", strerror(errno));
	} else {
		/* what recovery will run has not been run yet: all of it is loaded now, and there
		   for the children that are forked, too */
		resident_lock_object((const void *)(uintptr_t)daemon_protect);
		resident_lock_object((const void *)(uintptr_t)recvmsg);
		loop_lock_library();
	}
	write_file("/proc/self/oom_score_adj", "-1000");
	if (setpriority(PRIO_PROCESS, 0, NICE) < 0)
		log_debug("cannot set the priority: %s, ignoring", strerror(errno));
	/* memory that is wanted while disks recover must not wait for them */
	if (prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) < 0)
		log_debug("cannot become an I/O flusher: %s, ignoring", strerror(errno));
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int daemon_drop(int uid, int gid)
{
	if (gid >= 0 && (setgroups(0, NULL) < 0 || setgid((gid_t)gid) < 0))
		return -errno;
	if (uid >= 0 && setuid((uid_t)uid) < 0)
		return -errno;
	return 0;
}
