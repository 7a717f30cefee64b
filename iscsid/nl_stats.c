/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/nl_stats.h"

#include <errno.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "lib/base/macros.h"

/* The kernel's structure, members in the order and width in which they lie there.  The names are
 * those of the iSCSI MIB that people know from open-iscsi. */
static const struct {
	const char *name;
	size_t width;
} counters[] = {
	{"txdata_octets", 8}, {"rxdata_octets", 8}, {"noptx_pdus", 4},  {"scsicmd_pdus", 4},
	{"tmfcmd_pdus", 4},   {"login_pdus", 4},    {"text_pdus", 4},   {"dataout_pdus", 4},
	{"logout_pdus", 4},   {"snack_pdus", 4},    {"noprx_pdus", 4},  {"scsirsp_pdus", 4},
	{"tmfrsp_pdus", 4},   {"textrsp_pdus", 4},  {"datain_pdus", 4}, {"logoutrsp_pdus", 4},
	{"r2t_pdus", 4},      {"async_pdus", 4},    {"rjt_pdus", 4},    {"digest_err", 4},
	{"timeout_err", 4},
};

/* Host order, as all of netlink. */
static uint64_t take_number(struct cursor *c, size_t width)
{
	uint32_t v32 = 0;
	uint64_t v64 = 0;

	if (width == sizeof(v64)) {
		cursor_copy(c, &v64, sizeof(v64));
		return v64;
	}
	cursor_copy(c, &v32, sizeof(v32));
	return v32;
}

static size_t fixed_size(void)
{
	size_t size = 0;

	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		size += counters[i].width;
	return size;
}

int nl_stats_read(const void *payload, size_t len, nl_stats_take take, void *data)
{
	struct cursor c = cursor_make(payload, len);
	uint32_t count;

	/* how many counters of the driver follow stands behind the fixed ones */
	if (cursor_skip(&c, fixed_size()) < 0 || cursor_copy(&c, &count, sizeof(count)) < 0)
		return -EPROTO;
	if (count > NL_STATS_CUSTOM_MAX ||
	    cursor_left(&c) < count * (size_t)(NL_STATS_NAME_SIZE + sizeof(uint64_t)))
		return -EPROTO;
	c = cursor_make(payload, len);
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		take(data, false, counters[i].name, take_number(&c, counters[i].width));
	cursor_skip(&c, sizeof(count));
	for (uint32_t i = 0; i < count; i++) {
		char name[NL_STATS_NAME_SIZE];

		cursor_copy(&c, name, sizeof(name));
		name[sizeof(name) - 1] = '\0';
		take(data, true, name, take_number(&c, sizeof(uint64_t)));
	}
	return 0;
}
