/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters as text.
 */
#include "tests/target/stats.h"

#include "lib/base/kv.h"
#include "tests/target/fault_verb.h"

static const struct {
	const char *name;
	size_t at;
} rows[] = {
	{"connections", offsetof(struct stats, connections)},
	{"turned-away", offsetof(struct stats, turned_away)},
	{"logins", offsetof(struct stats, logins)},
	{"logins-refused", offsetof(struct stats, logins_refused)},
	{"octets-in", offsetof(struct stats, octets[FAULT_IN])},
	{"octets-out", offsetof(struct stats, octets[FAULT_OUT])},
};

void stats_put(const struct stats *s, struct writer *w)
{
	char name[FAULT_OPCODE_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		kv_putf(w, KV_NEWLINE, rows[i].name, "%llu",
		        *(const unsigned long long *)((const char *)s + rows[i].at));
	for (uint8_t op = 0; op <= ISCSI_OP_MASK; op++) {
		unsigned long long n = s->pdus[FAULT_IN][op] + s->pdus[FAULT_OUT][op];

		if (n > 0)
			kv_putf(w, KV_NEWLINE, fault_opcode_name(op, name), "%llu", n);
	}
}
