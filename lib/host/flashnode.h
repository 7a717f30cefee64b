/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The targets that an adapter keeps in its flash memory ("flashnodes"), as sysfs shows them on the
 * bus iscsi_flashnode.
 */
#ifndef HOST_FLASHNODE_H
#define HOST_FLASHNODE_H

#include <stdbool.h>
#include <stddef.h>

/* The indexes of a host's flashnodes in ascending order; the caller frees.  0 or a negative errno.
 */
int host_flashnodes(const char *sysfs, int host_no, int **ret, size_t *ret_count);

enum host_flashnode_value {
	HOST_FLASHNODE_NUMBER,
	HOST_FLASHNODE_TEXT,
	HOST_FLASHNODE_SECRET,
};

/* Told of each key ("flashnode.session.targetname"), its value "" when the kernel has none. */
typedef void (*host_flashnode_take)(void *data, const char *key, const char *value,
                                    enum host_flashnode_value type);

/* Walk the values of one flashnode.  0; -ENOENT: there is none. */
int host_flashnode_walk(const char *sysfs, int host_no, int index, host_flashnode_take take,
                        void *data);

#endif
