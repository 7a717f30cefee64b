/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery records that ask the daemon to repeat their discovery (use_discoveryd), which it does
 * not do: whoever counts on it must hear so.
 */
#ifndef ISCSID_REPEAT_H
#define ISCSID_REPEAT_H

#include "iscsid/child.h"

/*
 * Log a warning for each such record of the database (NULL: the built-in place), once they have
 * been read by a child, which *ret is until then; NULL afterwards and when none was started.
 */
void repeat_warn(struct loop *loop, const char *database, struct child **ret);

#endif
