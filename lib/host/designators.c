/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/designators.h"

#include <string.h>

#include "lib/base/cursor.h"

enum {
	PAGE_HEADER_LEN = 4,
	CODE_SET_MASK = 0x0f,
	ASSOCIATION_MASK = 0x30, /* 0: the logical unit; else the port, or the target */
	TYPE_MASK = 0x0f,
};

/* SPC-4 table 589, the most telling first: vendors keep what is registered unique. */
static const uint8_t kinds[] = {
	0x3, /* NAA */
	0x2, /* EUI-64 */
	0x8, /* SCSI name string */
	0x1, /* T10 vendor ID */
};

struct designator {
	uint8_t code_set;
	uint8_t len;
	const uint8_t *bytes; /* borrowed */
};

static struct cursor open_page(const void *page, size_t len)
{
	struct cursor c = cursor_make(page, len);

	if (cursor_skip(&c, PAGE_HEADER_LEN) < 0)
		return cursor_make(NULL, 0);
	return c;
}

/* The next designator of the logical unit that is of a kind. */
static bool next(struct cursor *c, uint8_t kind, struct designator *ret)
{
	struct designator d;
	uint8_t type;

	while (cursor_u8(c, &d.code_set) == 0 && cursor_u8(c, &type) == 0 &&
	       cursor_skip(c, 1) == 0 && cursor_u8(c, &d.len) == 0 &&
	       cursor_bytes(c, d.len, &d.bytes) == 0) {
		if (type & ASSOCIATION_MASK || (type & TYPE_MASK) != kind || d.len == 0)
			continue;
		d.code_set &= CODE_SET_MASK;
		*ret = d;
		return true;
	}
	return false;
}

static bool contains(struct cursor page, uint8_t kind, const struct designator *wanted)
{
	struct designator d;

	while (next(&page, kind, &d)) {
		if (d.code_set == wanted->code_set && d.len == wanted->len &&
		    memcmp(d.bytes, wanted->bytes, d.len) == 0)
			return true;
	}
	return false;
}

bool designators_differ(const void *a, size_t a_len, const void *b, size_t b_len)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct cursor one = open_page(a, a_len), other = open_page(b, b_len), copy = other;
		struct designator d;

		if (!next(&copy, kinds[i], &d) || !next(&one, kinds[i], &d))
			continue;
		do {
			if (contains(other, kinds[i], &d))
				return false;
		} while (next(&one, kinds[i], &d));
		return true;
	}
	return false;
}
