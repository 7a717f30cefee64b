/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step after the other, and none may fail but those that are said to: a process with more
 * rights than it should have is worse than none.  No mount namespace is made: the copies of the
 * host's mounts in it would keep devices busy that somebody wants to unmount and log out of.  A
 * root folder that was removed is empty for ever and works in containers too.
 */
#include "iscsid/peer/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "iscsid/peermsg.h"
#include "lib/base/macros.h"

enum { STDIO_COUNT = 3 };
/* Descriptors beside one for each login: standard ones, the pair, epoll. */
enum { DESCRIPTORS_SPARE = 16 };

/* No signal stays blocked or ignored by what the manager does; its terminal is not the peer's. */
static int reset_signals(const struct confinement *c _unused_)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -errno;
	setsid();
	return 0;
}

static int close_descriptors(const struct confinement *c)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0)
		return -errno;
	for (int fd = 0; fd < STDIO_COUNT; fd++)
		if (fd != nothing && dup2(nothing, fd) < 0)
			return -errno;
	if (nothing >= STDIO_COUNT)
		close(nothing);
	/* everything of ours closes on exec anyway; a kernel before 5.9 lacks this call */
	close_range((unsigned int)c->control + 1, UINT_MAX, 0);
	return 0;
}

/*
 * An empty network and nothing of System V's: the sockets that it gets stay in the namespace they
 * were made in.  Where the system does not allow that, the filter still bars every new socket.
 */
static int leave_namespaces(const struct confinement *c _unused_)
{
	unshare(CLONE_NEWNET);
	unshare(CLONE_NEWIPC);
	return 0;
}

static int enter_empty_root(const struct confinement *c)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/peer.XXXXXX", c->run_dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (!mkdtemp(path))
		return -errno;
	if (chdir(path) < 0) {
		int error = errno;
		rmdir(path);
		return -error;
	}
	if (rmdir(path) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

static int limit(int resource, rlim_t most)
{
	struct rlimit now, wanted = {.rlim_cur = most, .rlim_max = most};

	if (setrlimit((__rlimit_resource_t)resource, &wanted) == 0)
		return 0;
	if (errno != EPERM || getrlimit((__rlimit_resource_t)resource, &now) < 0)
		return -errno;
	/* without CAP_SYS_RESOURCE it only goes down */
	wanted.rlim_cur = wanted.rlim_max = MIN(most, now.rlim_max);
	return setrlimit((__rlimit_resource_t)resource, &wanted) < 0 ? -errno : 0;
}

static int set_limits(const struct confinement *c _unused_)
{
	static const struct {
		int resource;
		rlim_t most;
	} limits[] = {
		{RLIMIT_CORE, 0},
		{RLIMIT_FSIZE, 0},
		{RLIMIT_NOFILE, PEER_LOGINS_MAX + DESCRIPTORS_SPARE},
		{RLIMIT_DATA, PEER_MEMORY_MAX},
		{RLIMIT_MEMLOCK, 2 * PEER_MEMORY_MAX}, /* the program and its libraries count too */
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		int r = limit(limits[i].resource, limits[i].most);
		if (r < 0)
			return r;
	}
	return 0;
}

static int drop_identity(const struct confinement *c)
{
	/* ends with EINVAL behind the last one; without CAP_SETPCAP nothing happens, and
	 * no_new_privs keeps the process from ever getting what the set would allow */
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (setgroups(0, NULL) < 0 || setresgid(c->gid, c->gid, c->gid) < 0 ||
	    setresuid(c->uid, c->uid, c->uid) < 0)
		return -errno;
	return 0;
}

static int drop_capabilities(const struct confinement *c _unused_)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capset, &head, none) < 0)
		return -errno;
	/* the process ends when its pair is closed; this ends one that does not want to.  Here,
	 * since a change of user resets it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static const struct step {
	const char *what; /* "cannot ..." */
	int (*run)(const struct confinement *c);
	bool root_only;
} steps[] = {
	{"reset signals", reset_signals, false},
	{"close its descriptors", close_descriptors, false},
	{"leave the namespaces", leave_namespaces, true},
	{"enter an empty root folder", enter_empty_root, true},
	{"set its limits", set_limits, false},
	{"change to its own user", drop_identity, true},
	{"give up all capabilities", drop_capabilities, false},
};

int confine(const struct confinement *c, const char **ret_what)
{
	bool root = geteuid() == 0;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int r = root || !steps[i].root_only ? steps[i].run(c) : 0;
		if (r < 0) {
			*ret_what = steps[i].what;
			return r;
		}
	}
	return 0;
}
