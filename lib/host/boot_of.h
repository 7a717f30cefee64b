/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenFirmware's way to name what it boots from. */
#ifndef HOST_BOOT_OF_H
#define HOST_BOOT_OF_H

#include "lib/host/boot_field.h"

/*
 * Parse a boot path, len bytes at text (as a property has it: a NUL ends it):
 *
 *	DEVICE:[WORD,...]iscsi[,WORD|KEY=VALUE]...
 *
 * with the keys itname (this initiator), iname (the target), siaddr, iport, ilun, ciaddr,
 * subnet-mask, giaddr, isid, ichapid and ichappw (this side's), chapid and chappw (the target's).
 * Fills path (made before with boot_path_make()) and tells r what cannot be used.  Returns the
 * length of DEVICE, the path of the network device's node; 0: it is no iSCSI boot path.
 */
size_t boot_of_parse(const struct boot_reading *r, const char *text, size_t len,
                     struct boot_path *path);

/* Add the paths of the device tree below sysfs (NULL: /sys).  0 or -ENOMEM. */
int boot_of_read(struct boot_reading *r, const char *sysfs);

#endif
