/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules. */
#ifndef HOST_MODULE_H
#define HOST_MODULE_H

/*
 * Make sure that a module is there: loaded, built in, or loaded now through libkmod.  May
 * block: the daemon calls it in a child or before it serves.  0, -ENOENT, -ELIBACC (no
 * libkmod on this machine), or a negative errno.
 */
int host_module_load(const char *name);

/* Whether it is loaded, built in, or could be loaded.  0, -ENOENT, or as above. */
int host_module_find(const char *name);

#endif
