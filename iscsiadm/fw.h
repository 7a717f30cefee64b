/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine's firmware boots from: -m fw, and the discovery of type fw. */
#ifndef ISCSIADM_FW_H
#define ISCSIADM_FW_H

#include "iscsiadm/cli.h"

/*
 * Print the paths of the firmware as a discovery prints what it found, make node records of them as
 * -o says, and log in with -l.  Exit code, everything said on stderr.
 */
int fw_discover(struct cli *cli);

#endif
