/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The targets that an adapter keeps in its flash memory ("flashnodes"), as sysfs shows them on the
 * bus iscsi_flashnode.
 */
#ifndef HOST_FLASHNODE_H
#define HOST_FLASHNODE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/param.h"

/* The indexes of a host's flashnodes in ascending order; the caller frees.  0 or a negative errno.
 */
int host_flashnodes(const char *sysfs, int host_no, int **ret, size_t *ret_count);

/* The parameter of this key ("flashnode.session.targetname"); NULL: there is none. */
const struct host_param *host_flashnode_param(const char *key);

/* The parameters one by one; NULL behind the last. */
const struct host_param *host_flashnode_nth(size_t i);

/* Told of each parameter and its value, "" when the kernel has none. */
typedef void (*host_flashnode_take)(void *data, const struct host_param *p, const char *value);

/* Walk the values of one flashnode.  0; -ENOENT: there is none. */
int host_flashnode_walk(const char *sysfs, int host_no, int index, host_flashnode_take take,
                        void *data);

#endif
