/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's statistics of a connection. */
#include <errno.h>
#include <string.h>

#include "iscsid/nl_stats.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	unsigned int fixed, custom;
};

static void take(void *data, bool custom, const char *name, uint64_t value)
{
	struct seen *seen = data;

	(void)value;
	MUST(strlen(name) < NL_STATS_NAME_SIZE);
	MUST(custom || name[0]);
	MUST(custom || seen->custom == 0); /* the kernel's order */
	seen->custom += custom;
	seen->fixed += !custom;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {0};
	int r = nl_stats_read(data, size, take, &seen);

	if (r < 0) {
		MUST(r == -EPROTO && seen.fixed == 0 && seen.custom == 0);
		return 0;
	}
	MUST(seen.fixed == 21); /* struct iscsi_stats, without custom_length */
	MUST(seen.custom <= NL_STATS_CUSTOM_MAX);
	return 0;
}
