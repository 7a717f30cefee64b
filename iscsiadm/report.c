/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/report.h"

#include <ctype.h>
#include <stdarg.h>

#include "lib/base/log.h"

/* The levels of -d that make a message of this urgency visible. */
enum { DEBUG_NOTICE = 1, DEBUG_INFO = 4, DEBUG_DEBUG = 8 };

void report(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("iscsiadm: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void report_foreign(const char *text, size_t len)
{
	fflush(stdout);
	fputs("iscsiadm: ", stderr);
	for (size_t i = 0; i < len; i++)
		fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], stderr);
	fputc('\n', stderr);
}

void report_problem(void *data, unsigned int line, const char *text)
{
	const char *what = data;

	if (line > 0)
		log_notice("%s%sline %u: %s, ignoring", what ? what : "", what ? ": " : "", line,
		           text);
	else
		log_notice("%s%s%s, ignoring", what ? what : "", what ? ": " : "", text);
}

void report_config_problem(void *data _unused_, const char *file, unsigned int line,
                           const char *text)
{
	if (line > 0)
		log_warning("%s, line %u: %s, ignoring", file, line, text);
	else
		log_warning("%s: %s, ignoring", file, text);
}

static void log_to_stderr(enum log_level level _unused_, const char *text)
{
	report("%s", text);
}

void report_init(int debug)
{
	log_set_sink(log_to_stderr);
	if (debug >= DEBUG_DEBUG)
		log_set_level(LOG_LEVEL_DEBUG);
	else if (debug >= DEBUG_INFO)
		log_set_level(LOG_LEVEL_INFO);
	else if (debug >= DEBUG_NOTICE)
		log_set_level(LOG_LEVEL_NOTICE);
	else
		log_set_level(LOG_LEVEL_WARNING);
}
