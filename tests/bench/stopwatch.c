/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stopwatch COMMAND...: runs it with its output thrown away and prints how many milliseconds it
 * took and how many KiB of memory it had at most.  Fails when the command does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	double begin = now_msec();
	struct rusage used;
	int status;
	pid_t pid;

	if (argc < 2)
		return EXIT_FAILURE;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
			execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return EXIT_FAILURE;
	printf("%.1f %ld\n", now_msec() - begin, used.ru_maxrss);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "stopwatch: %s failed\n", argv[1]);
	return EXIT_FAILURE;
}
