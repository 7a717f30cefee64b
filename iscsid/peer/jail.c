/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/jail.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/base/macros.h"

/* A system call that is left, and what one or two of its arguments must be. */
struct permission {
	int call;
	unsigned int argument_count;
	struct scmp_arg_cmp arguments[2];
};

#define FLAGS_ARE(flags) .argument_count = 1, .arguments = {SCMP_A2(SCMP_CMP_EQ, flags, 0)}
#define ANONYMOUS_NOT_EXECUTABLE                                                                   \
	.argument_count = 2, .arguments = {                                                        \
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),                    \
				     SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS),    \
	}

static const struct permission permissions[] = {
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

int jail_enter(void)
{
	scmp_filter_ctx filter;
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(permissions); i++) {
		const struct permission *p = &permissions[i];
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, p->call, p->argument_count,
		                           p->arguments);
		if (r == -EDOM) /* no such call on this architecture */
			r = 0;
	}
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}
