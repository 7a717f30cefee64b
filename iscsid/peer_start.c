/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child between fork and exec.  It does one step after the other, and none may fail but those
 * that are said to: a peer with more rights than it should have is worse than none.  No mount
 * namespace is made: the copies of the host's mounts in it would keep devices busy that somebody
 * wants to unmount and log out of.  A root folder that was removed is empty for ever
 * and works in containers too.
 */
#include "iscsid/peer_start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "iscsid/peermsg.h"
#include "lib/base/macros.h"

/* peer_image.S */
extern const uint8_t peer_image[];
extern const uint8_t peer_image_end[];

enum { NOBODY = 65534, STDIO_COUNT = 3, IMAGE_FD = PEER_CONTROL_FD + 1 };
/* Descriptors beside one for each login: standard ones, the pair, epoll. */
enum { DESCRIPTORS_SPARE = 16 };

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

struct peer_identity peer_identity_look_up(void)
{
	static const char *const users[] = {"iscsid", "nobody"};

	for (size_t i = 0; i < ARRAY_LEN(users); i++) {
		const struct passwd *user = getpwnam(users[i]);
		if (user && user->pw_uid != 0 && user->pw_gid != 0)
			return (struct peer_identity){.uid = user->pw_uid, .gid = user->pw_gid};
	}
	return (struct peer_identity){.uid = NOBODY, .gid = NOBODY};
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* What was read of the program in this process's own file is not needed a second time. */
static void forget_embedded(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)peer_image + page - 1) / page * page;
	uintptr_t last = (uintptr_t)peer_image_end / page * page;

	/* locked pages stay: then it costs memory, nothing else */
	if (first < last)
		madvise((void *)first, last - first, MADV_DONTNEED);
}

int peer_image_open(struct peer_image *ret)
{
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	size_t len = (size_t)(peer_image_end - peer_image);
	_cleanup_close_ int fd = memfd_create("iscsid-peer", flags | MFD_EXEC);
	void *pages;
	int r;

	if (fd < 0 && errno == EINVAL) /* a kernel before 6.3: it may always be run */
		fd = memfd_create("iscsid-peer", flags);
	if (fd < 0)
		return -errno;
	r = write_all(fd, peer_image, len);
	if (r < 0)
		return r;
	forget_embedded();
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	/* a memory file can be swapped out, to a disk that may be the one to recover */
	pages = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (pages == MAP_FAILED)
		return -errno;
	mlock(pages, len);
	*ret = (struct peer_image){.fd = take_fd(&fd), .pages = pages, .len = len};
	return 0;
}

void peer_image_close(struct peer_image *image)
{
	if (image->fd < 0)
		return;
	munmap(image->pages, image->len);
	close(take_fd(&image->fd));
}

/* No signal stays blocked or ignored by what the manager does; its terminal is not the peer's. */
static int reset_signals(const struct peer_start *start _unused_)
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

/* All that is left open: nothing as standard input and output, the pair, the program. */
static int take_descriptors(const struct peer_start *start)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	int image, control;

	if (nothing < 0)
		return -errno;
	image = fcntl(start->image, F_DUPFD_CLOEXEC, IMAGE_FD + 1);
	control = fcntl(start->control, F_DUPFD_CLOEXEC, IMAGE_FD + 1);
	if (image < 0 || control < 0)
		return -errno;
	for (int fd = 0; fd < STDIO_COUNT; fd++) {
		/* dup2(2) onto itself would keep the close-on-exec flag */
		if (fd == nothing ? fcntl(fd, F_SETFD, 0) < 0 : dup2(nothing, fd) < 0)
			return -errno;
	}
	if (dup2(control, PEER_CONTROL_FD) < 0 || dup3(image, IMAGE_FD, O_CLOEXEC) < 0)
		return -errno;
	/* everything of ours closes on exec anyway; a kernel before 5.9 lacks this call */
	close_range(IMAGE_FD + 1, UINT_MAX, 0);
	return 0;
}

/*
 * An empty network and nothing of System V's: the sockets that it gets stay in the namespace they
 * were made in.  Where the system does not allow that, the filter still bars every new socket.
 */
static int leave_namespaces(const struct peer_start *start _unused_)
{
	unshare(CLONE_NEWNET);
	unshare(CLONE_NEWIPC);
	return 0;
}

static int enter_empty_root(const struct peer_start *start)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/peer.XXXXXX", start->run_dir);

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

static int set_limits(const struct peer_start *start _unused_)
{
	static const struct {
		int resource;
		rlim_t most;
	} limits[] = {
		{RLIMIT_CORE, 0},
		{RLIMIT_FSIZE, 0},
		{RLIMIT_NOFILE, PEER_LOGINS_MAX + DESCRIPTORS_SPARE},
		{RLIMIT_DATA, PEER_MEMORY_MAX},
		{RLIMIT_MEMLOCK, 2 * PEER_MEMORY_MAX}, /* the program counts too */
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		int r = limit(limits[i].resource, limits[i].most);
		if (r < 0)
			return r;
	}
	return 0;
}

static int drop_identity(const struct peer_start *start)
{
	const struct peer_identity *id = &start->identity;

	/* ends with EINVAL behind the last one; without CAP_SETPCAP nothing happens, and
	 * no_new_privs keeps the process from ever getting what the set would allow */
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (setgroups(0, NULL) < 0 || setresgid(id->gid, id->gid, id->gid) < 0 ||
	    setresuid(id->uid, id->uid, id->uid) < 0)
		return -errno;
	return 0;
}

static int drop_capabilities(const struct peer_start *start _unused_)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capset, &head, none) < 0)
		return -errno;
	/* the peer ends when its pair is closed; this ends one that does not want to.  Here,
	 * since a change of user resets it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int run_program(const struct peer_start *start _unused_)
{
	static char name[] = "iscsid-peer";
	char *const arguments[] = {name, NULL};
	char *const environment[] = {NULL};

	execveat(IMAGE_FD, "", arguments, environment, AT_EMPTY_PATH);
	return -errno;
}

struct step {
	const char *what; /* "cannot ..." */
	int (*run)(const struct peer_start *start);
	bool root_only;
};

static const struct step steps[] = {
	{"reset signals", reset_signals, false},
	{"take its descriptors", take_descriptors, false},
	{"leave the namespaces", leave_namespaces, true},
	{"enter an empty root folder", enter_empty_root, true},
	{"set its limits", set_limits, false},
	{"change to its own user", drop_identity, true},
	{"give up all capabilities", drop_capabilities, false},
	{"run its program", run_program, false},
};

static void report_failure(int control, const char *what, int error)
{
	struct peer_failed failed = {
		.head = {.verb = PEER_FAILED, .size = sizeof(failed)},
		.error = error,
	};

	snprintf(failed.text, sizeof(failed.text), "cannot %s", what);
	send(control, &failed, sizeof(failed), MSG_NOSIGNAL);
}

static _Noreturn void child(const struct peer_start *start)
{
	bool root = geteuid() == 0;
	int control = start->control;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int r = root || !steps[i].root_only ? steps[i].run(start) : 0;
		if (steps[i].run == take_descriptors && r == 0)
			control = PEER_CONTROL_FD;
		if (r < 0) {
			report_failure(control, steps[i].what, -r);
			break;
		}
	}
	_exit(EXIT_FAILURE);
}

pid_t peer_start_process(const struct peer_start *start)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		child(start);
	return pid;
}
