/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel counts of a connection: the payload of GET_STATS (struct iscsi_stats of
 * scsi/iscsi_if.h) taken apart.  Pure.
 */
#ifndef ISCSID_NL_STATS_H
#define ISCSID_NL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most counters that a driver adds of its own, and the longest name of one, with its NUL. */
enum { NL_STATS_CUSTOM_MAX = 32, NL_STATS_NAME_SIZE = 64 };

/* The longest payload. */
enum { NL_STATS_SIZE = 96 + NL_STATS_CUSTOM_MAX * (NL_STATS_NAME_SIZE + 8) };

/* Told of each counter, in the kernel's order.  custom: it is the driver's own.  name is borrowed
 * for the call. */
typedef void (*nl_stats_take)(void *data, bool custom, const char *name, uint64_t value);

/* Walk len bytes of payload.  0; -EPROTO when they end too early, and nothing was told then. */
int nl_stats_read(const void *payload, size_t len, nl_stats_take take, void *data);

#endif
