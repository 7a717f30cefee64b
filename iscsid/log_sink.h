/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the daemon's messages go. */
#ifndef ISCSID_LOG_SINK_H
#define ISCSID_LOG_SINK_H

#include "lib/base/log.h"

enum log_place {
	LOG_PLACE_STDERR, /* "iscsid: text" */
	LOG_PLACE_BOTH,   /* syslog, and errors on stderr: while a daemon starts */
	LOG_PLACE_SYSLOG,
};

/* From now on there; debug above 0 also lets debug messages through. */
void log_sink_open(enum log_place place, int debug);

#endif
