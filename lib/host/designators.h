/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPD page 83h (SPC-4 section 7.8.6): which logical unit a device is. */
#ifndef HOST_DESIGNATORS_H
#define HOST_DESIGNATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether two pages, each with its header, are of different logical units: of the most telling kind
 * of designator that both have, they have none in common.  A page that gained or lost a kind, as
 * after a new firmware, is still the same unit's; so is one that cannot be read.
 */
bool designators_differ(const void *a, size_t a_len, const void *b, size_t b_len);

#endif
