/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/log_sink.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static void to_stderr(enum log_level level _unused_, const char *text)
{
	fprintf(stderr, "iscsid: %s\n", text);
}

/* sd-daemon(3): the journal reads the level in front, and knows the program's name. */
static void to_journal(enum log_level level, const char *text)
{
	fprintf(stderr, "<%d>%s\n", (int)level, text);
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

static void to_syslog(enum log_level level, const char *text)
{
	/* our levels are syslog's */
	syslog((int)level, "%s", text);
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
	if (place != LOG_PLACE_STDERR)
		openlog("iscsid", LOG_PID, LOG_DAEMON);
	switch (place) {
	case LOG_PLACE_STDERR: log_set_sink(stderr_is_journal() ? to_journal : to_stderr); break;
	case LOG_PLACE_BOTH: log_set_sink(to_both); break;
	case LOG_PLACE_SYSLOG: log_set_sink(to_syslog); break;
	}
}
