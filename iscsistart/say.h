/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What iscsistart says on stderr. */
#ifndef ISCSISTART_SAY_H
#define ISCSISTART_SAY_H

#include "lib/base/macros.h"

/* "iscsistart: TEXT" and a newline; what was printed on stdout before goes out first. */
void say(const char *fmt, ...) _printf_(1, 2);

#endif
