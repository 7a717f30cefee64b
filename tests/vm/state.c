/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the test machine around one case; see state.h. */
#include "tests/vm/state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_MOUNTS = 128 };

/* Folders that are empty for each case, in the order of mounting. */
static const char *const fresh[] = {
	"/run", "/etc/iscsi", "/etc/tgt", "/etc/target", "/var/lib/iscsi", "/var/lib/target",
};
enum { FRESH = sizeof(fresh) / sizeof(fresh[0]) };

/* The mount points there were when the case began. */
static char *before[MAX_MOUNTS];
static size_t before_count;

static size_t list_mounts(char **points, size_t max)
{
	size_t n = 0;
	char line[4096], point[1024];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	while (f && n < max && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %1023s", point) == 1 &&
		    (points[n] = strdup(point)))
			n++;
	if (f)
		fclose(f);
	return n;
}

static void make_path(const char *path)
{
	char part[256];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(part, 0755);
			*p = '/';
		}
	mkdir(part, 0755);
}

int state_begin(void)
{
	for (size_t i = 0; i < FRESH; i++) {
		make_path(fresh[i]);
		if (mount("tmpfs", fresh[i], "tmpfs", 0, "mode=755") < 0)
			return -errno;
	}
	if (mkdir("/run/lock", 0755) < 0 || mkdir("/run/home", 0755) < 0)
		return -errno;
	while (before_count)
		free(before[--before_count]);
	before_count = list_mounts(before, MAX_MOUNTS);
	return 0;
}

/* A process of user space: kernel threads have no program. */
static bool read_process(const char *pid, char comm[static 64])
{
	char path[300], exe[16];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	if (readlink(path, exe, sizeof(exe)) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, comm, 63);
	if (fd >= 0)
		close(fd);
	comm[n > 0 ? n - 1 : 0] = '\0';
	return n > 0;
}

/* All processes but this one: said on fd and ended, or only counted when fd is -1. */
static int find_processes(int fd)
{
	int found = 0;
	char comm[64];
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		if (!isdigit((unsigned char)e->d_name[0]) || !strcmp(e->d_name, "1") ||
		    !read_process(e->d_name, comm))
			continue;
		found++;
		if (fd < 0)
			continue;
		dprintf(fd, "left behind: process %s (%s)\n", e->d_name, comm);
		kill(atoi(e->d_name), SIGKILL);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * A daemon that was killed cannot wait for its children: they end by themselves once they see
 * that it is gone, and get a second to do so.
 */
static int end_processes(int fd)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000000L};
	int left;

	for (int i = 0; i < 100 && find_processes(-1) > 0; i++) {
		nanosleep(&pause, NULL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	left = find_processes(fd);
	while (left && waitpid(-1, NULL, 0) > 0)
		;
	return left;
}

static bool was_there(const char *point)
{
	for (size_t i = 0; i < before_count; i++)
		if (!strcmp(before[i], point))
			return true;
	return !strcmp(point, "/sys/kernel/config"); /* shared by all cases that use LIO */
}

static int end_mounts(int fd)
{
	int left = 0;
	char *now[MAX_MOUNTS];
	size_t n = list_mounts(now, MAX_MOUNTS);

	/* the last one mounted first */
	while (n) {
		char *point = now[--n];

		if (!was_there(point)) {
			dprintf(fd, "left behind: mount %s\n", point);
			umount2(point, MNT_DETACH);
			left++;
		}
		free(point);
	}
	return left;
}

/* Entries of a kernel folder whose name starts with prefix. */
static int report_entries(int fd, const char *path, const char *prefix, const char *what)
{
	int left = 0;
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && !strncmp(e->d_name, prefix, strlen(prefix))) {
			dprintf(fd, "left behind: %s %s\n", what, e->d_name);
			left++;
		}
	if (dir)
		closedir(dir);
	return left;
}

int state_end(int fd, int *ret_dirty)
{
	int kernel = report_entries(fd, "/sys/class/iscsi_session", "", "session");
	int left;

	kernel += report_entries(fd, "/sys/kernel/config/target/iscsi", "iqn.", "LIO target");
	left = kernel + end_processes(fd);
	left += end_mounts(fd);
	for (size_t i = FRESH; i--;)
		umount2(fresh[i], MNT_DETACH);
	*ret_dirty = kernel > 0;
	return left;
}
