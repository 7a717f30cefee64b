/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -N: the network cards that firmware uses. */
#ifndef ISCSISTART_NETWORK_H
#define ISCSISTART_NETWORK_H

#include "lib/host/boot.h"

/* Bring up each card once for every target behind it.  Exit code; failures are on stderr, and the
 * others are still tried. */
int network_setup(const struct boot_path *paths, size_t count);

#endif
