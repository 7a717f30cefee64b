/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sense data in both formats.
 */
#include "tests/target/sense.h"

#include <string.h>

enum {
	FIXED_CURRENT = 0x70,
	DESCRIPTOR_CURRENT = 0x72,
	INFORMATION_VALID = 0x80,
	HEADER_LEN = 8, /* the additional length counts from here */
	/* the INFORMATION descriptor, SPC-4 4.5.2.2 */
	DESCRIPTOR_INFORMATION = 0x00,
	INFORMATION_DESCRIPTOR_LEN = 12,
};

static void put_be(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static size_t encode_fixed(const struct sense *s, uint8_t *ret)
{
	ret[0] = FIXED_CURRENT;
	ret[2] = (uint8_t)s->key;
	if (s->has_information && s->information <= UINT32_MAX) {
		ret[0] |= INFORMATION_VALID;
		put_be(ret + 3, s->information, 4);
	}
	ret[7] = SENSE_FIXED_LEN - HEADER_LEN;
	put_be(ret + 12, s->code, 2);
	return SENSE_FIXED_LEN;
}

static size_t encode_descriptors(const struct sense *s, uint8_t *ret)
{
	ret[0] = DESCRIPTOR_CURRENT;
	ret[1] = (uint8_t)s->key;
	put_be(ret + 2, s->code, 2);
	if (!s->has_information)
		return SENSE_DESCRIPTOR_LEN;
	ret[7] = INFORMATION_DESCRIPTOR_LEN;
	ret[8] = DESCRIPTOR_INFORMATION;
	ret[9] = INFORMATION_DESCRIPTOR_LEN - 2;
	ret[10] = INFORMATION_VALID;
	put_be(ret + 12, s->information, 8);
	return SENSE_DESCRIPTOR_LEN + INFORMATION_DESCRIPTOR_LEN;
}

size_t sense_encode(const struct sense *s, bool descriptors, uint8_t ret[static SENSE_MAX])
{
	memset(ret, 0, SENSE_MAX);
	return descriptors ? encode_descriptors(s, ret) : encode_fixed(s, ret);
}
