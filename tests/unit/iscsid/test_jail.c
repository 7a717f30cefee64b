/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the code that reads a target's bytes cannot do, tried in a process of its own each. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/peer/jail.h"
#include "lib/base/macros.h"

enum { STATUS_FINE = 0, STATUS_WRONG = 1, STATUS_NO_JAIL = 2 };

/* Made before the jail. */
static int pair[2];
static int tcp;
static int epoll;

/* The wait status of a child that runs attempt() in jail. */
static int in_jail(bool (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (jail_enter() < 0)
			syscall(SYS_exit_group, STATUS_NO_JAIL);
		syscall(SYS_exit_group, attempt() ? STATUS_FINE : STATUS_WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool try_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY) >= 0;
}

static bool try_socket(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool try_connect(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};

	return syscall(SYS_connect, tcp, &address, sizeof(address)) == 0;
}

static bool try_connect_by_fast_open(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof(address)};

	return sendmsg(tcp, &message, JAIL_SEND_FLAGS | MSG_FASTOPEN) >= 0;
}

static bool try_execve(void)
{
	char *const arguments[] = {NULL};

	return syscall(SYS_execve, "/bin/true", arguments, arguments) == 0;
}

static bool try_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0;
}

static bool try_ptrace(void)
{
	return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0) == 0;
}

static bool try_kill(void)
{
	return syscall(SYS_kill, 1, 0) == 0;
}

static bool try_mprotect(void)
{
	return syscall(SYS_mprotect, 0, 4096, PROT_EXEC) == 0;
}

static bool try_executable_memory(void)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	               0) != -1;
}

static bool try_mapping_a_file(void)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0) != -1;
}

static bool try_prctl(void)
{
	return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool try_ioctl(void)
{
	return syscall(SYS_ioctl, tcp, 0, 0) == 0;
}

static void whatever_reaches_outside_kills(void **state _unused_)
{
	static const struct {
		const char *what;
		bool (*attempt)(void);
	} attempts[] = {
		{"openat", try_openat},
		{"socket", try_socket},
		{"connect", try_connect},
		{"connect by fast open", try_connect_by_fast_open},
		{"execve", try_execve},
		{"fork", try_fork},
		{"ptrace", try_ptrace},
		{"kill", try_kill},
		{"mprotect", try_mprotect},
		{"mmap of executable memory", try_executable_memory},
		{"mmap of a file", try_mapping_a_file},
		{"prctl", try_prctl},
		{"ioctl", try_ioctl},
	};

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		int status = in_jail(attempts[i].attempt);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("%s: wait status %#x", attempts[i].what, status);
	}
}

static bool work(void)
{
	char text[] = "abc";
	struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct epoll_event event = {.events = EPOLLIN};
	uint8_t noise[16];
	void *big;

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], &event) < 0)
		return false;
	if (sendmsg(pair[0], &message, JAIL_SEND_FLAGS) != sizeof(text) ||
	    sendmsg(pair[0], &message, JAIL_SEND_WAIT_FLAGS) != sizeof(text))
		return false;
	if (epoll_wait(epoll, &event, 1, -1) != 1)
		return false;
	if (recvmsg(pair[1], &message, JAIL_RECV_FLAGS) != sizeof(text))
		return false;
	/* what malloc(3) does for a large buffer that grows */
	big = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (big == MAP_FAILED)
		return false;
	big = mremap(big, 4096, 65536, MREMAP_MAYMOVE);
	if (big == MAP_FAILED || munmap(big, 65536) < 0)
		return false;
	return getrandom(noise, sizeof(noise), 0) == sizeof(noise) && close(pair[1]) == 0;
}

static void what_the_peer_does_is_left(void **state _unused_)
{
	int status = in_jail(work);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), STATUS_FINE);
}

static int set_up(void **state _unused_)
{
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (tcp < 0 || epoll < 0)
		return -1;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int tear_down(void **state _unused_)
{
	close(tcp);
	close(epoll);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_reaches_outside_kills),
		cmocka_unit_test(what_the_peer_does_is_left),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
