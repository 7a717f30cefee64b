/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many system calls something takes; cmocka.h comes first. */
#ifndef UNIT_CALLS_H
#define UNIT_CALLS_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static inline _Noreturn void calls_run(bool (*run)(const void *arg), const void *arg)
{
	/* as a command has them: in a row, and none in the way */
	close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		_exit(2);
	_exit(run(arg) ? 0 : 1);
}

/* Memory is the allocator's matter, and a sanitizer's is another one. */
static inline bool calls_is_for_memory(uint64_t nr)
{
	return nr == SYS_brk || nr == SYS_mmap || nr == SYS_munmap || nr == SYS_mremap ||
	       nr == SYS_mprotect || nr == SYS_madvise;
}

/* Whether the process stands at the beginning of a call that counts. */
static inline bool calls_begins(pid_t pid)
{
	struct __ptrace_syscall_info info = {0};

	assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY && !calls_is_for_memory(info.entry.nr);
}

/* Those of a process of its own that does run(arg), which returns whether it went well. */
static inline unsigned int calls_of(bool (*run)(const void *arg), const void *arg)
{
	unsigned int calls = 0;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		calls_run(run, arg);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD), 0);
	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		calls += calls_begins(pid);
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return calls;
}

#endif
