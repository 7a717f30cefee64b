/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill-at PID STEP [all]: kill -9 a process as it enters its STEPth system call of those that
 * change something outside it (all: of all), counted from now on.  Says "ready" once it counts.
 *
 * Exit status: 0 when it was killed; 3 when SIGTERM came first: the process goes on untouched, and
 * the number that was counted is said.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/macros.h"

enum { EXIT_TOO_LATE = 3 };

static volatile sig_atomic_t ended;

static void on_term(int signal _unused_)
{
	ended = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool acts(unsigned long long nr)
{
	static const unsigned int numbers[] = {
		SYS_write,  SYS_sendto,   SYS_sendmsg, SYS_sendmmsg,  SYS_connect,  SYS_clone,
		SYS_clone3, SYS_renameat, SYS_close,   SYS_renameat2, SYS_unlinkat, SYS_mkdirat,
		SYS_rename, SYS_unlink,   SYS_mkdir,   SYS_fork,      SYS_vfork,
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (numbers[i] == nr)
			return true;
	}
	return false;
}

/* Of the system call that it enters.  This kernel knows no PTRACE_GET_SYSCALL_INFO. */
static unsigned long long number(pid_t pid)
{
	long nr;

	errno = 0;
	nr = ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.orig_rax), NULL);
	if (errno)
		die("PTRACE_PEEKUSER");
	return (unsigned long long)nr;
}

/* The next stop; false when SIGTERM came first and it is stopped for that. */
static bool next_stop(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, __WALL) < 0) {
		if (errno != EINTR)
			die("waitpid");
		if (ended) {
			ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
			if (waitpid(pid, ret_status, __WALL) < 0)
				die("waitpid");
			return false;
		}
	}
	return !ended;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_term}; /* waitpid() ends by it */
	const pid_t pid = argc > 2 ? (pid_t)atol(argv[1]) : 0;
	const long wanted = argc > 2 ? atol(argv[2]) : 0;
	const bool all = argc > 3;
	bool inside = false; /* of a system call: stops come in pairs */
	long seen = 0;
	int status;

	if (pid <= 0 || wanted <= 0) {
		fprintf(stderr, "usage: kill-at PID STEP [all]\n");
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD) < 0)
		die("PTRACE_SEIZE");
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	if (waitpid(pid, &status, __WALL) < 0)
		die("waitpid");
	printf("ready\n");
	fflush(stdout);
	do {
		int deliver = 0;

		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			fprintf(stderr, "kill-at: it ended by itself\n");
			return 1;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			inside = !inside;
			if (inside && (all || acts(number(pid))) && ++seen == wanted) {
				printf("killed at system call %llu\n", number(pid));
				kill(pid, SIGKILL);
				return 0;
			}
		} else if (status >> 16 == 0) {
			deliver = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)deliver);
	} while (next_stop(pid, &status));
	printf("%ld steps\n", seen);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return EXIT_TOO_LATE;
}
