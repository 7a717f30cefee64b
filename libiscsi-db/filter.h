/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the portals that a discovery finds get records.
 */
#ifndef DB_FILTER_H
#define DB_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether len bytes at text are "ADDRESS/BITS", of either family. */
bool network_valid(const char *text, size_t len);

#endif
