/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of everything since the start, or since they were set back.
 */
#ifndef TARGET_STATS_H
#define TARGET_STATS_H

#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/iscsi.h"
#include "tests/target/fault.h"

struct stats {
	uint64_t connections; /* accepted */
	uint64_t turned_away; /* closed at once, as there were too many */
	uint64_t logins;      /* that ended in a session */
	uint64_t logins_refused;
	uint64_t pdus[FAULT_DIRECTIONS][ISCSI_OP_MASK + 1];
	uint64_t octets[FAULT_DIRECTIONS];
};

/* Append a "NAME=VALUE" line for each, of PDUs for each opcode that was met. */
void stats_put(const struct stats *s, struct writer *w);

#endif
