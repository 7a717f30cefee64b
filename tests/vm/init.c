/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PID 1 of the test machine: a User-Mode Linux whose root is the host's file system, read only.
 *
 * It lays the fetched packages and a tmpfs over that root, enters it, runs the command or the
 * cases that the control folder names, one after the other, and powers off.  What a case wrote is
 * lost with the machine.  Anything a case leaves behind (see state.c) fails that case.  stdout of
 * what runs is tty1, its stderr tty2: descriptors that the host gave the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/vm/state.h"

/* ---- what the host asks for ----------------------------------------------------------------- */

enum { MAX_WORDS = 256 };

struct words {
	char *at[MAX_WORDS + 1];
	size_t count;
};

/* The control folder's "job": NUL-terminated key=value, in order; "env" is put into ours. */
struct job {
	const char *fetched; /* the folder to lay over the root */
	const char *cwd;
	int limit_s;          /* for each case */
	struct words command; /* one command, or ... */
	struct words cases;   /* ... shell files, each in a fresh state */
};

static void die(const char *what)
{
	dprintf(STDERR_FILENO, "init: %s: %s\n", what, strerror(errno));
	sync();
	reboot(RB_POWER_OFF);
	_exit(125);
}

static void add_word(struct words *w, char *word)
{
	if (w->count == MAX_WORDS) {
		errno = E2BIG;
		die("job");
	}
	w->at[w->count++] = word;
}

static char *read_whole(int dirfd, const char *name, size_t *ret_len)
{
	struct stat st;
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	char *text;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(name);
	text = malloc((size_t)st.st_size + 1);
	n = text ? read(fd, text, (size_t)st.st_size) : -1;
	if (n < 0)
		die(name);
	text[n] = '\0';
	*ret_len = (size_t)n;
	close(fd);
	return text;
}

static void job_read(struct job *j, int ctl)
{
	size_t len;
	char *text = read_whole(ctl, "job", &len);

	for (char *p = text; p < text + len; p += strlen(p) + 1) {
		char *value = strchr(p, '=');
		size_t key_len = value ? (size_t)(value++ - p) : 0;

		if (!key_len)
			continue;
#define IS(key) (key_len == sizeof(key) - 1 && !memcmp(p, key, key_len))
		if (IS("fetched"))
			j->fetched = value;
		else if (IS("cwd"))
			j->cwd = value;
		else if (IS("limit"))
			j->limit_s = atoi(value);
		else if (IS("env"))
			putenv(value);
		else if (IS("word"))
			add_word(&j->command, value);
		else if (IS("case"))
			add_word(&j->cases, value);
#undef IS
	}
}

/* ---- the root ------------------------------------------------------------------------------- */

static void mount_or_die(const char *type, const char *where, const char *options)
{
	if (mount(type, where, type, 0, options) < 0)
		die(where);
}

static void make_dir(const char *path)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die(path);
}

static void load_overlayfs(const char *fetched)
{
	char path[PATH_MAX];
	struct utsname u;
	int fd;

	uname(&u);
	snprintf(path, sizeof(path), "%s/usr/lib/uml/modules/%s/kernel/fs/overlayfs/overlay.ko",
	         fetched, u.release);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
		die(path);
	close(fd);
}

/*
 * Build the new root at /mnt and enter it.  The fetched tree is a hostfs of its own: overlayfs
 * refuses a lower layer that lies inside another one of the same file system.
 */
static void enter_root(const char *fetched)
{
	load_overlayfs(fetched);
	make_dir("/mnt/up");
	make_dir("/mnt/work");
	make_dir("/mnt/root");
	make_dir("/mnt/fetched");
	mount_or_die("hostfs", "/mnt/fetched", fetched);
	mount_or_die("overlay", "/mnt/root",
	             "lowerdir=/mnt/fetched:/,upperdir=/mnt/up,workdir=/mnt/work");
	if (chdir("/mnt/root") < 0 || syscall(SYS_pivot_root, ".", "mnt") < 0 || chdir("/") < 0)
		die("pivot_root");
	/* the overlay keeps what lies below it */
	if (umount2("/mnt", MNT_DETACH) < 0)
		die("umount /mnt");
}

/* The kernel's own file systems, instead of the host's that hostfs would show. */
static void mount_kernel_fs(void)
{
	mount_or_die("proc", "/proc", NULL);
	mount_or_die("sysfs", "/sys", NULL);
	mount_or_die("devtmpfs", "/dev", "mode=755");
	make_dir("/dev/pts");
	make_dir("/dev/shm");
	mount_or_die("devpts", "/dev/pts", "mode=620,ptmxmode=666");
	mount_or_die("tmpfs", "/dev/shm", "mode=1777");
	if (symlink("/proc/self/fd", "/dev/fd") < 0 || symlink("fd/0", "/dev/stdin") < 0 ||
	    symlink("fd/1", "/dev/stdout") < 0 || symlink("fd/2", "/dev/stderr") < 0)
		die("/dev");
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void set_up_machine(void)
{
	char from[128], to[128];
	struct utsname u;
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		die("lo");
	close(fd);
	uname(&u);
	snprintf(from, sizeof(from), "/usr/lib/uml/modules/%s", u.release);
	snprintf(to, sizeof(to), "/lib/modules/%s", u.release);
	make_dir("/lib/modules");
	if (symlink(from, to) < 0 && errno != EEXIST)
		die(to);
	if (sethostname("vm", 2) < 0)
		die("hostname");
	/* no server of names is asked, whatever the host has */
	write_text("/etc/hosts", "127.0.0.1 localhost vm\n::1 localhost\n");
	write_text("/etc/nsswitch.conf", "hosts: files\n");
	write_text("/proc/sys/kernel/panic_on_oops", "1");
}

/* ---- running -------------------------------------------------------------------------------- */

static int open_tty(const char *path)
{
	struct termios t;
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &t) < 0)
		die(path);
	cfmakeraw(&t);
	if (tcsetattr(fd, TCSANOW, &t) < 0)
		die(path);
	return fd;
}

static void write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

/* Copy what is there.  false at the end of the stream. */
static bool relay(int from, int to)
{
	char buffer[16384];
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		write_all(to, buffer, (size_t)n);
	return n < 0 && errno == EAGAIN;
}

static uint64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void child_exec(char **argv, const char *cwd, int out, int err)
{
	sigset_t none;
	int in = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(125);
	if (chdir(cwd) < 0)
		dprintf(2, "init: %s: %s\n", cwd, strerror(errno));
	else
		execvp(argv[0], argv);
	dprintf(2, "init: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Reap whatever ended.  true and *ret_status when pid was among it. */
static bool reap(pid_t pid, int *ret_status)
{
	bool found = false;
	int status;

	for (pid_t p; (p = waitpid(-1, &status, WNOHANG)) > 0;)
		if (p == pid) {
			*ret_status =
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			found = true;
		}
	return found;
}

/* Run argv until it ends: its exit status, 128 + signal, or 124 when limit_s (0: none) ran out. */
static int run(const struct job *j, char **argv, int sigchld, int out_fd, int err_fd)
{
	int out[2], err[2], status = -1;
	uint64_t end = now_usec() + (uint64_t)j->limit_s * 1000000;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		child_exec(argv, j->cwd, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	struct pollfd fds[] = {
		{.fd = out[0], .events = POLLIN},
		{.fd = err[0], .events = POLLIN},
		{.fd = sigchld, .events = POLLIN},
	};
	while (status < 0) {
		uint64_t now = now_usec();
		struct signalfd_siginfo info;

		if (j->limit_s && now >= end) {
			kill(-pid, SIGKILL);
			status = 124;
			break;
		}
		poll(fds, 3, j->limit_s ? (int)((end - now) / 1000) + 1 : -1);
		if (fds[0].fd >= 0 && fds[0].revents && !relay(out[0], out_fd))
			fds[0].fd = -1;
		if (fds[1].fd >= 0 && fds[1].revents && !relay(err[0], err_fd))
			fds[1].fd = -1;
		if (fds[2].revents && read(sigchld, &info, sizeof(info)) > 0)
			reap(pid, &status);
	}
	relay(out[0], out_fd);
	relay(err[0], err_fd);
	close(out[0]);
	close(err[0]);
	return status;
}

static const char *case_name(char *path)
{
	char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Each case between two marks in the output that the host takes apart; ends early when the
 * machine cannot be used any more. */
static void run_cases(const struct job *j, int sigchld, int out_fd)
{
	for (size_t i = 0; i < j->cases.count; i++) {
		char shell[] = "/bin/sh";
		char *argv[] = {shell, j->cases.at[i], NULL};
		const char *name = case_name(j->cases.at[i]);
		uint64_t begin = now_usec();
		int status, dirty;

		dprintf(out_fd, "@begin %s\n", name);
		if (state_begin() < 0)
			die("state");
		status = run(j, argv, sigchld, out_fd, out_fd);
		if (status == 124)
			dprintf(out_fd, "not done within %d s\n", j->limit_s);
		if (state_end(out_fd, &dirty) && status == 0)
			status = 1;
		dprintf(out_fd, "@end %s %d %llu\n", name, status,
		        (unsigned long long)(now_usec() - begin) / 1000);
		if (dirty)
			break;
	}
}

static void write_status(int ctl, int status)
{
	int fd = openat(ctl, "status", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "%d\n", status) < 0 || fsync(fd) < 0)
		die("status");
	close(fd);
}

int main(void)
{
	const char *folder = getenv("vm_ctl"); /* the kernel hands on what it does not know */
	struct job job = {.cwd = "/"};
	int ctl, sigchld, out_fd, err_fd, status = 0, dirty;
	sigset_t set;

	/* this kernel mounts devtmpfs on /dev by itself */
	for (int fd = 0; fd < 3; fd++) {
		close(fd);
		if (open("/dev/console", O_RDWR) != fd)
			die("/dev/console");
	}
	mount_or_die("tmpfs", "/mnt", "mode=755");
	make_dir("/mnt/ctl");
	mount_or_die("hostfs", "/mnt/ctl", folder);
	ctl = open("/mnt/ctl", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctl < 0)
		die("control folder");
	clearenv();
	job_read(&job, ctl);
	if (!job.fetched || (!job.command.count && !job.cases.count))
		die("job");
	enter_root(job.fetched);
	mount_kernel_fs();
	set_up_machine();
	out_fd = open_tty("/dev/tty1");
	err_fd = open_tty("/dev/tty2");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigchld = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sigchld < 0)
		die("signalfd");
	if (job.cases.count) {
		run_cases(&job, sigchld, out_fd);
	} else {
		if (state_begin() < 0)
			die("state");
		status = run(&job, job.command.at, sigchld, out_fd, err_fd);
		if (state_end(err_fd, &dirty) && status == 0)
			status = 1;
	}
	tcdrain(out_fd);
	tcdrain(err_fd);
	write_status(ctl, status);
	reboot(RB_POWER_OFF);
	die("power off");
}
