/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where open-iscsi's iscsiadm looks for its daemon: an abstract socket, over which it sends a C
 * struct whose size changes between releases, and then waits for one of 2464 bytes without limit.
 * Who comes here with an old program in a container, say, is told at once that it does not fit, and
 * a daemon of open-iscsi cannot start beside this one.
 */
#ifndef ISCSID_OLD_DOOR_H
#define ISCSID_OLD_DOOR_H

#include "iscsid/loop.h"

#define OLD_DOOR_NAME "ISCSIADM_ABSTRACT_NAMESPACE"

enum {
	OLD_DOOR_ANSWER_SIZE = 2464, /* the same in 2.0.876 to 2.1.11 */
	OLD_DOOR_CLIENTS = 8,        /* at once; a further one takes the place of the oldest */
};

struct old_door;

/*
 * Listen at name in the abstract namespace.  0; -EADDRINUSE when another daemon does; or another
 * negative errno.
 */
int old_door_new(struct loop *loop, const char *name, struct old_door **ret);
struct old_door *old_door_free(struct old_door *d);

#endif
