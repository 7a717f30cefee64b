/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>

enum { LOG_TEXT_SIZE = 1024 };

static log_sink current_sink;
static enum log_level current_level = LOG_LEVEL_INFO;

void log_set_sink(log_sink sink)
{
	current_sink = sink;
}

void log_set_level(enum log_level level)
{
	current_level = level;
}

bool log_enabled(enum log_level level)
{
	return current_sink && level <= current_level;
}

void log_message(enum log_level level, const char *fmt, ...)
{
	char text[LOG_TEXT_SIZE];
	int saved = errno;
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	current_sink(level, text);
	errno = saved;
}
