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
#include <sched.h>
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

/* Given to exit_group(2) itself: before _exit(2) a sanitizer makes calls of its own. */
enum { STATUS_FINE = 0, STATUS_WRONG = 1, STATUS_NO_JAIL = 2 };

/* Made before the jail. */
static int pair[2];
static int tcp;
static int epoll;
static pid_t victim; /* a process that waits for a signal */
static struct jail *inner;

/* The wait status of a child that runs attempt() in jail. */
static int in_jail(enum jail_kind kind, bool (*attempt)(void))
{
	struct jail *jail;
	int status;
	pid_t pid;

	assert_int_equal(jail_new(kind, &jail), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (jail_enter(jail) < 0)
			syscall(SYS_exit_group, STATUS_NO_JAIL);
		syscall(SYS_exit_group, attempt() ? STATUS_FINE : STATUS_WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	jail_free(jail);
	return status;
}

static void assert_killed(enum jail_kind kind, const char *what, bool (*attempt)(void))
{
	int status = in_jail(kind, attempt);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("%s: wait status %#x", what, status);
}

static void assert_fine(enum jail_kind kind, bool (*attempt)(void))
{
	int status = in_jail(kind, attempt);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), STATUS_FINE);
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
	return syscall(SYS_kill, victim, SIGKILL) == 0;
}

static bool try_signal(void)
{
	return syscall(SYS_kill, victim, SIGSTOP) == 0;
}

static bool try_thread(void)
{
	return syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0) >= 0;
}

static bool try_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0;
}

static bool try_wait(void)
{
	return syscall(SYS_wait4, -1, NULL, WNOHANG, NULL) >= 0;
}

static bool try_mlockall(void)
{
	return syscall(SYS_mlockall, JAIL_LOCK_FLAGS) == 0;
}

static bool try_filter(void)
{
	return syscall(SYS_seccomp, 0, 0, NULL) == 0;
}

static bool try_epoll_create(void)
{
	return syscall(SYS_epoll_create1, EPOLL_CLOEXEC) >= 0;
}

static bool try_receiving_without_close_on_exec(void)
{
	struct msghdr message = {0};

	return recvmsg(pair[1], &message, MSG_DONTWAIT) >= 0;
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

struct attempt {
	const char *what;
	bool (*attempt)(void);
};

static void whatever_reaches_outside_kills(void **state _unused_)
{
	static const enum jail_kind kinds[] = {JAIL_PEER, JAIL_NURSERY};
	static const struct attempt attempts[] = {
		{"openat", try_openat},
		{"socket", try_socket},
		{"connect", try_connect},
		{"connect by fast open", try_connect_by_fast_open},
		{"execve", try_execve},
		{"ptrace", try_ptrace},
		{"a signal", try_signal},
		{"a thread", try_thread},
		{"a user namespace", try_namespace},
		{"mprotect", try_mprotect},
		{"mmap of executable memory", try_executable_memory},
		{"mmap of a file", try_mapping_a_file},
		{"prctl", try_prctl},
		{"ioctl", try_ioctl},
		{"recvmsg without close on exec", try_receiving_without_close_on_exec},
	};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
			assert_killed(kinds[k], attempts[i].what, attempts[i].attempt);
}

static void a_peer_can_do_nothing_to_processes(void **state _unused_)
{
	static const struct attempt attempts[] = {
		{"fork", try_fork},         {"kill", try_kill},
		{"wait", try_wait},         {"epoll_create", try_epoll_create},
		{"mlockall", try_mlockall}, {"a filter", try_filter},
	};

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		assert_killed(JAIL_PEER, attempts[i].what, attempts[i].attempt);
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
	if (recvmsg(pair[1], &message, JAIL_RECV_FLAGS) != sizeof(text) ||
	    epoll_ctl(epoll, EPOLL_CTL_DEL, pair[1], NULL) < 0)
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

static void what_a_peer_does_is_left(void **state _unused_)
{
	assert_fine(JAIL_PEER, work);
}

/* What a fork of the nursery does: into the other jail too, where nothing of this is left. */
static bool become_a_peer(void)
{
	return prctl(PR_SET_NAME, "peer") == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	       close(epoll_create1(EPOLL_CLOEXEC)) == 0 && jail_enter(inner) == 0 && work();
}

static bool fork_and_kill(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		syscall(SYS_exit_group, become_a_peer() ? STATUS_FINE : STATUS_WRONG);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return false;
	pid = fork();
	if (pid == 0)
		for (;;)
			recvmsg(pair[1], &(struct msghdr){0}, JAIL_RECV_WAIT_FLAGS);
	return pid > 0 && kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid &&
	       WTERMSIG(status) == SIGKILL;
}

static void what_the_nursery_does_is_left(void **state _unused_)
{
	assert_fine(JAIL_NURSERY, fork_and_kill);
}

static bool fork_a_peer_that_forks(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (jail_enter(inner) < 0)
			syscall(SYS_exit_group, STATUS_NO_JAIL);
		syscall(SYS_exit_group, try_fork() ? STATUS_FINE : STATUS_WRONG);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGSYS;
}

static void a_peer_in_both_jails_has_what_both_allow(void **state _unused_)
{
	assert_fine(JAIL_NURSERY, fork_a_peer_that_forks);
}

static int set_up(void **state _unused_)
{
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (tcp < 0 || epoll < 0)
		return -1;
	if (jail_new(JAIL_PEER, &inner) < 0)
		return -1;
	victim = fork();
	if (victim == 0)
		for (;;)
			pause();
	return victim < 0 ? -1 : socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int tear_down(void **state _unused_)
{
	int status;

	/* nobody could end it before */
	if (kill(victim, SIGTERM) < 0 || waitpid(victim, &status, 0) != victim ||
	    WTERMSIG(status) != SIGTERM)
		return -1;
	jail_free(inner);
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
		cmocka_unit_test(a_peer_can_do_nothing_to_processes),
		cmocka_unit_test(what_a_peer_does_is_left),
		cmocka_unit_test(what_the_nursery_does_is_left),
		cmocka_unit_test(a_peer_in_both_jails_has_what_both_allow),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
