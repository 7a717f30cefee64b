/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --help prints, made of the tables of modes and options.
 */
#ifndef ISCSIADM_HELP_H
#define ISCSIADM_HELP_H

#include "iscsiadm/options.h"

/* On stdout.  modes ends with a row without a name. */
void help_print(const struct mode *modes);

#endif
