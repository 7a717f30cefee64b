/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/isid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hash.h"

/* RFC 7143 section 11.12.5: the two high bits of byte 0 are 00; open-iscsi's OUI, which targets
 * know. */
static const uint8_t oui[3] = {0x00, 0x02, 0x3d};

void isid_choose(const struct isid_key *key, uint8_t ret[static ISID_SIZE])
{
	const uint8_t rest[] = {key->discovery, (uint8_t)(key->slot >> 24),
	                        (uint8_t)(key->slot >> 16), (uint8_t)(key->slot >> 8),
	                        (uint8_t)key->slot};
	uint64_t h = HASH_START;

	h = hash_text(h, key->initiator_name);
	h = hash_text(h, key->iface_name);
	h = hash_bytes(h, rest, sizeof(rest));
	h ^= h >> 24 ^ h >> 48;
	memcpy(ret, oui, sizeof(oui));
	ret[3] = (uint8_t)(h >> 16);
	ret[4] = (uint8_t)(h >> 8);
	ret[5] = (uint8_t)h;
}

void isid_format(const uint8_t isid[static ISID_SIZE], char dst[static ISID_TEXT_SIZE])
{
	snprintf(dst, ISID_TEXT_SIZE, "%02x%02x%02x%02x%02x%02x", isid[0], isid[1], isid[2],
	         isid[3], isid[4], isid[5]);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int isid_parse(const char *text, uint8_t ret[static ISID_SIZE])
{
	uint8_t isid[ISID_SIZE];

	if (strlen(text) != 2 * ISID_SIZE)
		return -EINVAL;
	for (size_t i = 0; i < ISID_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		isid[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(ret, isid, sizeof(isid));
	return 0;
}
