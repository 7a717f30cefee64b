/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsistart/say.h"

#include <stdarg.h>
#include <stdio.h>

void say(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("iscsistart: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
