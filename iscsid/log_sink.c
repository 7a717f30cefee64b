/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/log_sink.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

static void to_stderr(enum log_level level _unused_, const char *text)
{
	fprintf(stderr, "iscsid: %s\n", text);
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
	case LOG_PLACE_STDERR: log_set_sink(to_stderr); break;
	case LOG_PLACE_BOTH: log_set_sink(to_both); break;
	case LOG_PLACE_SYSLOG: log_set_sink(to_syslog); break;
	}
}
