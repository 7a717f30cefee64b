/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells when a link or an address of this network namespace came up. */
#ifndef ISCSID_NETWATCH_H
#define ISCSID_NETWATCH_H

#include "iscsid/loop.h"

struct netwatch;

/*
 * up() is called a moment after the first sign, so that an address that follows its link is there
 * too, and at most once a second.  0 or a negative errno (of a kernel without rtnetlink).
 */
int netwatch_new(struct loop *loop, void (*up)(void *data), void *data, struct netwatch **ret);
struct netwatch *netwatch_free(struct netwatch *w);

#endif
