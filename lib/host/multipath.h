/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of dm-multipath. */
#ifndef HOST_MULTIPATH_H
#define HOST_MULTIPATH_H

#include <stdbool.h>

/* Whether a disk of session sid is a path of a map, below sysfs (NULL: "/sys"). */
bool host_session_is_path(const char *sysfs, int sid);

#endif
