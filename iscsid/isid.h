/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initiator session identifiers (RFC 7143 section 11.12.5).  The same record gets the same one
 * again, also after a restart, so that a target recognises the session (section 6.3.5).
 */
#ifndef ISCSID_ISID_H
#define ISCSID_ISID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISID_SIZE = 6, ISID_TEXT_SIZE = 2 * ISID_SIZE + 1 };

/* What makes a session this one and no other. */
struct isid_key {
	const char *initiator_name;
	const char *iface_name;
	const char *target_name;
	const char *address;
	uint16_t port;
	unsigned int slot; /* of several sessions of one record: 0, 1, ... */
};

/* Type 00 (OUI format), OUI 00023d, and a qualifier from the key. */
void isid_choose(const struct isid_key *key, uint8_t ret[static ISID_SIZE]);

/* The next one: the qualifier one higher, after the highest the lowest. */
void isid_next(uint8_t isid[static ISID_SIZE]);

/* As hexadecimal digits, and back: 0 or -EINVAL. */
void isid_format(const uint8_t isid[static ISID_SIZE], char dst[static ISID_TEXT_SIZE]);
int isid_parse(const char *text, uint8_t ret[static ISID_SIZE]);

#endif
