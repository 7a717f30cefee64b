/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "lib/base/macros.h"

struct jail {
	size_t len; /* instructions */
	struct sock_filter program[BPF_MAXINSNS];
};

/* A system call that is left, and what one or two of its arguments must be. */
struct permission {
	int call;
	unsigned int argument_count;
	struct scmp_arg_cmp arguments[2];
};

/* what fork(3) of glibc asks for; s390 has the flags second */
#define FORK_FLAGS (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD)
#ifdef __s390__
#define CLONE_FLAGS_ARE(flags) SCMP_A1(SCMP_CMP_EQ, flags, 0)
#else
#define CLONE_FLAGS_ARE(flags) SCMP_A0(SCMP_CMP_EQ, flags, 0)
#endif

#define ONE(argument)    .argument_count = 1, .arguments = {argument}
#define FLAGS_ARE(flags) ONE(SCMP_A2(SCMP_CMP_EQ, flags, 0))
#define FIRST_IS(value)  ONE(SCMP_A0(SCMP_CMP_EQ, value, 0))
#define SECOND_IS(value) ONE(SCMP_A1(SCMP_CMP_EQ, value, 0))
#define FIRST_TWO_ARE(a, b)                                                                        \
	.argument_count = 2, .arguments = {                                                        \
				     SCMP_A0(SCMP_CMP_EQ, a, 0),                                   \
				     SCMP_A1(SCMP_CMP_EQ, b, 0),                                   \
	}
#define ANONYMOUS_NOT_EXECUTABLE                                                                   \
	.argument_count = 2, .arguments = {                                                        \
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),                    \
				     SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS),    \
	}

static const struct permission both[] = {
	{.call = SCMP_SYS(recvmsg), FLAGS_ARE(JAIL_RECV_FLAGS)},
	{.call = SCMP_SYS(sendmsg), FLAGS_ARE(JAIL_SEND_FLAGS)},
	{.call = SCMP_SYS(sendmsg), FLAGS_ARE(JAIL_SEND_WAIT_FLAGS)},
	{.call = SCMP_SYS(epoll_ctl)},
	{.call = SCMP_SYS(epoll_wait)},
	{.call = SCMP_SYS(epoll_pwait)}, /* what epoll_wait(3) calls on newer architectures */
	{.call = SCMP_SYS(close)},
	{.call = SCMP_SYS(brk)},
	{.call = SCMP_SYS(mmap), ANONYMOUS_NOT_EXECUTABLE},
	{.call = SCMP_SYS(mmap2), ANONYMOUS_NOT_EXECUTABLE}, /* where a word has 32 bits */
	{.call = SCMP_SYS(mremap)},
	{.call = SCMP_SYS(munmap)},
	{.call = SCMP_SYS(getrandom)}, /* malloc(3) */
	{.call = SCMP_SYS(exit_group)},
	{.call = SCMP_SYS(restart_syscall)}, /* the kernel's own, after SIGSTOP and SIGCONT */
};

static const struct permission nursery_only[] = {
	{.call = SCMP_SYS(recvmsg), FLAGS_ARE(JAIL_RECV_WAIT_FLAGS)},
	{.call = SCMP_SYS(clone), ONE(CLONE_FLAGS_ARE(FORK_FLAGS))},
	{.call = SCMP_SYS(clone), ONE(CLONE_FLAGS_ARE(JAIL_SIBLING_FLAGS))},
	{.call = SCMP_SYS(kill), SECOND_IS(SIGKILL)},
	{.call = SCMP_SYS(wait4)},
	{.call = SCMP_SYS(waitid)}, /* where there is no wait4 */
	/* fork(3), in the child; newer ones block signals meanwhile */
	{.call = SCMP_SYS(set_robust_list)},
	{.call = SCMP_SYS(rt_sigprocmask)},
	/* a peer, until it is in its jail */
	{.call = SCMP_SYS(epoll_create1)},
	{.call = SCMP_SYS(mlock)},
	{.call = SCMP_SYS(mlockall), FIRST_IS(JAIL_LOCK_FLAGS)},
	{.call = SCMP_SYS(prctl), FIRST_IS(PR_SET_NAME)},
	{.call = SCMP_SYS(prctl), FIRST_TWO_ARE(PR_SET_PDEATHSIG, SIGKILL)},
	{.call = SCMP_SYS(prctl), FIRST_TWO_ARE(PR_SET_NO_NEW_PRIVS, 1)},
	{.call = SCMP_SYS(prctl), FIRST_TWO_ARE(PR_SET_DUMPABLE, 0)},
	{.call = SCMP_SYS(seccomp), FIRST_IS(SECCOMP_SET_MODE_FILTER)},
};

static int permit(scmp_filter_ctx filter, const struct permission *permissions, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct permission *p = &permissions[i];
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, p->call, p->argument_count,
		                           p->arguments);
		if (r == -EDOM) /* no such call on this architecture */
			r = 0;
	}
	return r;
}

/* The library writes the program into a descriptor only.  A pipe has room for the longest. */
static int compile(scmp_filter_ctx filter, struct jail *jail)
{
	int pipe[2], r;
	ssize_t n = 0;

	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	r = seccomp_export_bpf(filter, pipe[1]);
	if (r == 0) {
		n = read(pipe[0], jail->program, sizeof(jail->program));
		r = n < 0 ? -errno : 0;
	}
	close(pipe[0]);
	close(pipe[1]);
	jail->len = (size_t)n / sizeof(jail->program[0]);
	return r;
}

int jail_new(enum jail_kind kind, struct jail **ret)
{
	_cleanup_free_ struct jail *jail = (struct jail *)calloc(1, sizeof(*jail));
	scmp_filter_ctx filter;
	int r;

	if (!jail)
		return -ENOMEM;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = permit(filter, both, ARRAY_LEN(both));
	if (r == 0 && kind == JAIL_NURSERY)
		r = permit(filter, nursery_only, ARRAY_LEN(nursery_only));
	if (r == 0)
		r = compile(filter, jail);
	seccomp_release(filter);
	if (r < 0)
		return r;
	*ret = take_ptr(jail);
	return 0;
}

struct jail *jail_free(struct jail *jail)
{
	free(jail);
	return NULL;
}

int jail_enter(const struct jail *jail)
{
	struct sock_fprog program = {
		.len = (unsigned short)jail->len,
		.filter = (struct sock_filter *)(uintptr_t)jail->program,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}
