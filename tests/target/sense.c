/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sense data in fixed format.
 */
#include "tests/target/sense.h"

#include <string.h>

enum {
	RESPONSE_CODE_CURRENT = 0x70,
	INFORMATION_VALID = 0x80,
	HEADER_LEN = 8, /* the additional length counts from here */
};

void sense_encode(const struct sense *s, uint8_t ret[static SENSE_FIXED_LEN])
{
	memset(ret, 0, SENSE_FIXED_LEN);
	ret[0] = RESPONSE_CODE_CURRENT | (s->has_information ? INFORMATION_VALID : 0);
	ret[2] = (uint8_t)s->key;
	for (int i = 0; i < 4 && s->has_information; i++)
		ret[3 + i] = (uint8_t)(s->information >> 8 * (3 - i));
	ret[7] = SENSE_FIXED_LEN - HEADER_LEN;
	ret[12] = (uint8_t)(s->code >> 8);
	ret[13] = (uint8_t)s->code;
}
