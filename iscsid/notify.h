/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes between the daemon and the service manager that may have started it. */
#ifndef ISCSID_NOTIFY_H
#define ISCSID_NOTIFY_H

#include "lib/base/macros.h"

/* Tell a state as in sd_notify(3), one assignment a line.  Nobody there to hear it is no error. */
void notify_state(const char *fmt, ...) _printf_(1, 2);

/*
 * The one listening socket that was passed, close-on-exec; -ENOENT when none was, -EINVAL when
 * several were or it is no SOCK_SEQPACKET listener.
 */
int notify_listener(void);

#endif
