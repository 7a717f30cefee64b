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

#include "lib/base/file.h"
#include "lib/base/macros.h"

#define LOCK_NAME "lock"
#define LINK_NAME "lock.write"

enum {
	LOCK_TIMEOUT_SEC = 30,
	/* open-iscsi holds its link for the length of one record operation */
	LINK_STALE_SEC = 30,
	PAUSE_FIRST_MSEC = 1,
	PAUSE_MAX_MSEC = 16,
};

/* Waiting for something that the kernel cannot wake us for within a time limit. */
struct wait {
	uint64_t deadline_usec;
	unsigned int pause_msec;
};

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

static int wait_a_little(struct wait *w)
{
	struct timespec pause = {.tv_nsec = (long)w->pause_msec * 1000000};

	if (now_usec() >= w->deadline_usec)
		return -ETIMEDOUT;
	nanosleep(&pause, NULL);
	w->pause_msec = MIN(2 * w->pause_msec, (unsigned int)PAUSE_MAX_MSEC);
	return 0;
}

/* Opens and locks the file; the name must still be that file's once the lock is ours. */
static int take_file(int dirfd, struct wait *w, int *ret_fd, struct stat *ret_st)
{
	for (;;) {
		_cleanup_close_ int fd =
			openat(dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		struct stat there, ours;
		int r;

		if (fd < 0)
			return -errno;
		while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			if (errno != EWOULDBLOCK && errno != EINTR)
				return -errno;
			r = wait_a_little(w);
			if (r < 0)
				return r;
		}
		if (fstat(fd, &ours) < 0)
			return -errno;
		if (fstatat(dirfd, LOCK_NAME, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		    there.st_ino == ours.st_ino && there.st_dev == ours.st_dev) {
			*ret_st = ours;
			*ret_fd = take_fd(&fd);
			return 0;
		}
	}
}

/*
 * Whether the file in the link's place bars nobody any more.  open-iscsi's is a link to the lock
 * file, and making it set the change time; ours is a file of its own, and since the lock is ours
 * now, whoever made that one is dead.
 */
static bool link_is_stale(const struct stat *link, const struct stat *lock)
{
	struct timespec now;

	if (link->st_ino != lock->st_ino)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - link->st_ctim.tv_sec > LINK_STALE_SEC;
}

static int take_link(int dirfd, struct wait *w, const struct stat *lock)
{
	for (;;) {
		_cleanup_close_ int fd =
			openat(dirfd, LINK_NAME,
		               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		struct stat st;
		int r;

		if (fd >= 0) {
			/* for people only: who is it? */
			dprintf(fd, "%d\n", (int)getpid());
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
		if (fstatat(dirfd, LINK_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENOENT)
				return -errno;
			continue;
		}
		if (link_is_stale(&st, lock)) {
			if (unlinkat(dirfd, LINK_NAME, 0) < 0 && errno != ENOENT)
				return -errno;
			continue;
		}
		r = wait_a_little(w);
		if (r < 0)
			return r;
	}
}

/* Only the folder itself is ours; one that the system lacks above it is for everybody. */
static int make_folder(const char *folder)
{
	const char *slash = strrchr(folder, '/');
	_cleanup_free_ char *parent =
		slash && slash > folder ? strndup(folder, (size_t)(slash - folder)) : NULL;

	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT || !parent)
		return -errno;
	if (file_make_folders(AT_FDCWD, parent, 0755) == 0 && mkdir(folder, 0700) == 0)
		return 0;
	return errno == EEXIST ? 0 : -errno;
}

/*
 * Opens the folder.  /run/lock may be everybody's to write: in a folder that another user made
 * there, or behind a link, that user would decide who waits for whom and what is overwritten.
 */
static int open_folder(const char *folder, int *ret)
{
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	/* a link is no folder */
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & S_IWOTH)
		return -EPERM;
	*ret = take_fd(&fd);
	return 0;
}

int lock_take(const char *folder, int *ret_fd)
{
	struct wait w = {.deadline_usec = now_usec() + LOCK_TIMEOUT_SEC * USEC_PER_SEC,
	                 .pause_msec = PAUSE_FIRST_MSEC};
	_cleanup_close_ int dirfd = -1, fd = -1;
	struct stat st = {0};
	int r;

	r = make_folder(folder);
	if (r < 0)
		return r;
	r = open_folder(folder, &dirfd);
	if (r < 0)
		return r;
	r = take_file(dirfd, &w, &fd, &st);
	if (r == 0)
		r = take_link(dirfd, &w, &st);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

void lock_release(const char *folder, int fd)
{
	_cleanup_close_ int dirfd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dirfd >= 0)
		unlinkat(dirfd, LINK_NAME, 0);
	close(fd);
}
