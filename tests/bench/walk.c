/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk DB: what the system calls alone cost on this machine that a listing, or a reading, of all
 * node records needs: the floor under the figures of db.sh.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/macros.h"

enum { TURNS = 5, BUFFER_SIZE = 65536 };

static double now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void read_file(int dirfd, const char *name)
{
	char buffer[BUFFER_SIZE];
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, buffer, sizeof(buffer)) < 0)
		exit(EXIT_FAILURE);
}

static void walk(int dirfd, const char *name, int depth, bool files)
{
	_Alignas(struct dirent64) char buffer[BUFFER_SIZE];
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		exit(EXIT_FAILURE);
	while ((n = getdents64(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const struct dirent64 *)(buffer + at);

			if (d->d_name[0] != '.' && depth > 0)
				walk(fd, d->d_name, depth - 1, files);
			else if (d->d_name[0] != '.' && files)
				read_file(fd, d->d_name);
			at += d->d_reclen;
		}
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const char *title, int depth, bool files)
{
	double took[TURNS];

	for (int i = 0; i < TURNS; i++) {
		double begin = now_msec();

		walk(AT_FDCWD, "nodes", depth, files);
		took[i] = now_msec() - begin;
	}
	qsort(took, TURNS, sizeof(took[0]), by_value);
	printf("%-34s %12s %12.1f\n", title, "", took[TURNS / 2]);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0) {
		fputs("usage: walk DB\n", stderr);
		return EXIT_FAILURE;
	}
	measure("floor: names of the targets", 0, false);
	measure("floor: open and list each folder", 2, false);
	measure("floor: and read each record", 2, true);
	return EXIT_SUCCESS;
}
