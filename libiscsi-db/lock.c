/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libiscsi-db/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/macros.h"

#define LOCK_NAME "lock"
#define LINK_NAME "lock.write"

/* What is locked where the root folder itself cannot be. */
#define FILE_NAME ".lock"

enum {
	LOCK_TIMEOUT_SEC = 30,
	/* open-iscsi's tools give up after 30 s of waiting; it is less, so that ours need not */
	LINK_STALE_SEC = 25,
	PAUSE_FIRST_MSEC = 1,
	PAUSE_MAX_MSEC = 16,
};

/* Waiting for something that the kernel cannot wake us for within a time limit. */
struct wait {
	uint64_t deadline_usec;
	unsigned int pause_msec;
};

static int wait_a_little(struct wait *w)
{
	struct timespec pause = {.tv_nsec = (long)w->pause_msec * 1000000};

	if (clock_usec() >= w->deadline_usec)
		return -ETIMEDOUT;
	nanosleep(&pause, NULL);
	w->pause_msec = MIN(2 * w->pause_msec, (unsigned int)PAUSE_MAX_MSEC);
	return 0;
}

static int wait_for(int fd, struct wait *w)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		r = wait_a_little(w);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A network file system locks only what is open for writing, which a folder cannot be. */
static int take_root(int root, struct wait *w, int *ret)
{
	_cleanup_close_ int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : wait_for(fd, w);

	if (r == -EBADF) {
		close(fd);
		fd = openat(root, FILE_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = fd < 0 ? -errno : wait_for(fd, w);
	}
	if (r == 0)
		*ret = take_fd(&fd);
	return r;
}

bool lock_link_is_stale(const struct stat *link, const struct stat *lock, time_t now)
{
	const time_t made = link->st_ctim.tv_sec;
	const time_t apart = now < made ? made - now : now - made;

	return link->st_ino == lock->st_ino && apart > LINK_STALE_SEC;
}

/* Whether a file of ours in the link's place has outlived its maker, which kept it locked. */
static bool maker_is_dead(int dirfd)
{
	_cleanup_close_ int fd =
		openat(dirfd, LINK_NAME, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Makes the file in the link's place.  -EEXIST: there is one. */
static int make_link(int dirfd, int *ret)
{
	int fd = openat(dirfd, LINK_NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	flock(fd, LOCK_EX);
	/* for people only: who is it? */
	dprintf(fd, "%d\n", (int)getpid());
	*ret = fd;
	return 0;
}

static int take_link(int dirfd, struct wait *w, int *ret)
{
	struct stat lock, link;
	int r;

	for (;;) {
		bool stale;

		/* without it, no tool of open-iscsi has been here */
		if (fstatat(dirfd, LOCK_NAME, &lock, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 0 : -errno;
		r = make_link(dirfd, ret);
		if (r != -EEXIST)
			return r;
		if (fstatat(dirfd, LINK_NAME, &link, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENOENT)
				return -errno;
			continue;
		}
		stale = link.st_ino == lock.st_ino ? lock_link_is_stale(&link, &lock, time(NULL))
		                                   : maker_is_dead(dirfd);
		if (stale) {
			if (unlinkat(dirfd, LINK_NAME, 0) < 0 && errno != ENOENT)
				return -errno;
			continue;
		}
		r = wait_a_little(w);
		if (r < 0)
			return r;
	}
}

/*
 * Opens the folder of open-iscsi's lock; -1: there is none.  /run/lock may be everybody's to write:
 * a folder that another user made there, or a link, says nothing, and decides over nobody.
 */
static int open_folder(const char *folder)
{
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & S_IWOTH)
		return -1;
	return take_fd(&fd);
}

int lock_take(int root, const char *folder, struct lock *ret)
{
	struct wait w = {.deadline_usec = clock_usec() + LOCK_TIMEOUT_SEC * USEC_PER_SEC,
	                 .pause_msec = PAUSE_FIRST_MSEC};
	_cleanup_close_ int dirfd = -1, fd = -1;
	int r = take_root(root, &w, &fd), link = -1;

	if (r < 0)
		return r;
	dirfd = open_folder(folder);
	if (dirfd >= 0)
		r = take_link(dirfd, &w, &link);
	if (r == 0)
		*ret = (struct lock){.fd = take_fd(&fd), .link = link};
	return r;
}

void lock_release(const char *folder, struct lock *l)
{
	struct stat ours, there;

	if (l->link >= 0) {
		_cleanup_close_ int dirfd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

		/* only what is still there of ours */
		if (fstat(l->link, &ours) == 0 &&
		    fstatat(dirfd, LINK_NAME, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		    ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
			unlinkat(dirfd, LINK_NAME, 0);
		close(l->link);
	}
	if (l->fd >= 0)
		close(l->fd);
	*l = LOCK_NONE;
}
