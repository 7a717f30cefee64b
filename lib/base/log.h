/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to whoever runs the program.  The program chooses where they go; libraries of ours
 * never log above LOG_LEVEL_DEBUG but return reasons.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

#include "lib/base/macros.h"

/* The numbers of syslog(3), so that a sink can hand them on. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Takes one message without a newline; text is borrowed for the call. */
typedef void (*log_sink)(enum log_level level, const char *text);

/* Where messages go from now on; NULL (as at start) drops them. */
void log_set_sink(log_sink sink);

/* Messages less urgent than level are dropped before they are formatted; at start LOG_LEVEL_INFO.
 */
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* Format and hand over one message of at most 1023 bytes (the rest is cut).  errno is kept. */
void log_message(enum log_level level, const char *fmt, ...) _printf_(2, 3);

#define log_error(...)   log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_message(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
