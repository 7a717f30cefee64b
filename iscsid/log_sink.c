/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/*
 * Whoever reads the log may wait for the very disk that this daemon is to bring back: nothing here
 * waits for it.  What does not fit is lost, and how much it was is said when there is room again.
 */
static unsigned int lost;

/* A pipe or terminal is opened once more, not to block: others write to it, too. */
static int stderr_fd = STDERR_FILENO;

/* Only the beginning of the last line was taken: the next one begins anew. */
static bool torn;

enum { LINE_SIZE = 2048 };

/* 0; -EAGAIN when there is no room for all of it; or another negative errno. */
static int put(int fd, const char *text, size_t len)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	ssize_t n;

	if (poll(&p, 1, 0) != 1)
		return -EAGAIN;
	n = send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno == ENOTSOCK)
		n = p.revents & POLLOUT ? write(fd, text, len) : 0;
	if (n < 0)
		return -errno;
	torn = n > 0 && n < (ssize_t)len;
	return n == (ssize_t)len ? 0 : -EAGAIN;
}

/* A line with what goes in front of it and behind it. */
static int put_line(int fd, const char *front, const char *text, const char *end)
{
	char line[LINE_SIZE];
	int len = snprintf(line, sizeof(line), "%s%s%s%s", torn ? end : "", front, text, end);

	if (len >= (int)sizeof(line)) {
		len = (int)sizeof(line) - 1;
		line[len - 1] = end[0] ? end[0] : line[len - 1];
	}
	return put(fd, line, (size_t)len);
}

/* As put() returns. */
static int put_or_lose(int fd, const char *front, const char *text, const char *end)
{
	char note[64];
	int r = 0;

	if (lost > 0) {
		snprintf(note, sizeof(note), "%u messages could not be written and are lost", lost);
		r = put_line(fd, front, note, end);
	}
	if (r == 0) {
		lost = 0;
		r = put_line(fd, front, text, end);
	}
	lost += r < 0;
	return r;
}

static void to_stderr(enum log_level level _unused_, const char *text)
{
	put_or_lose(stderr_fd, "iscsid: ", text, "\n");
}

/* sd-daemon(3): the journal reads the level in front, and knows the program's name. */
static void to_journal(enum log_level level, const char *text)
{
	char front[8];

	snprintf(front, sizeof(front), "<%d>", (int)level);
	put_or_lose(stderr_fd, front, text, "\n");
}

/* Another open file of the same pipe or terminal, so that those who share the first one do not see
 * it changed. */
static int open_again(int fd)
{
	char path[32];
	struct stat st;

	if (fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void close_stderr(void)
{
	if (stderr_fd != STDERR_FILENO)
		close(stderr_fd);
	stderr_fd = STDERR_FILENO;
}

static void open_stderr(void)
{
	int fd = open_again(STDERR_FILENO);

	close_stderr();
	if (fd >= 0)
		stderr_fd = fd;
}

/* systemd.exec(5): whether stderr is the stream that JOURNAL_STREAM names. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

/* As syslog(3) makes them, which waits. */
static int syslog_fd = -1;

static void open_syslog(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

	if (syslog_fd >= 0)
		close(syslog_fd);
	syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (syslog_fd >= 0 &&
	    connect(syslog_fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(syslog_fd);
		syslog_fd = -1;
	}
}

/* RFC 3164 section 4.1, without a host name; our levels are syslog's. */
static void to_syslog(enum log_level level, const char *text)
{
	time_t now = time(NULL);
	char front[64], date[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(date, sizeof(date), "%b %e %T", &tm);
	snprintf(front, sizeof(front), "<%d>%s iscsid[%d]: ", (int)level | LOG_DAEMON, date,
	         (int)getpid());
	if (syslog_fd >= 0 && put_or_lose(syslog_fd, front, text, "") != -ECONNREFUSED)
		return;
	/* the logger was not there, or is another one by now */
	open_syslog();
	if (syslog_fd >= 0) {
		lost -= lost > 0;
		put_or_lose(syslog_fd, front, text, "");
	}
}

static void to_both(enum log_level level, const char *text)
{
	to_syslog(level, text);
	if (level <= LOG_LEVEL_ERROR)
		to_stderr(level, text);
}

void log_sink_open(enum log_place place, int debug)
{
	log_set_level(debug > 0 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	/* whoever reads to the end must not wait for a daemon that does not write there any more */
	if (place == LOG_PLACE_SYSLOG)
		close_stderr();
	else
		open_stderr();
	switch (place) {
	case LOG_PLACE_STDERR: log_set_sink(stderr_is_journal() ? to_journal : to_stderr); break;
	case LOG_PLACE_BOTH: log_set_sink(to_both); break;
	case LOG_PLACE_SYSLOG: log_set_sink(to_syslog); break;
	}
}
