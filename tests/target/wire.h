/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDUs as bytes of a connection: with the digests that it has agreed on.
 */
#ifndef TARGET_WIRE_H
#define TARGET_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/proto/crc32c.h"
#include "lib/proto/pdu.h"

struct conn;

enum {
	WIRE_HEAD_MAX = ISCSI_BHS_LEN + CRC32C_LEN,
	WIRE_TAIL_MAX = 3 + CRC32C_LEN,
};

/* Bytes in front of the data of a PDU without AHS. */
size_t wire_head_len(const struct conn *c);

/* All bytes of a PDU, digests included. */
size_t wire_len(const struct conn *c, const struct pdu *pdu);

/* Write the header (and its digest): wire_head_len() bytes. */
void wire_put_head(const struct conn *c, const struct pdu *pdu, uint8_t *ret);

/* The same for a header that is encoded already: its digest. */
void wire_seal_head(const struct conn *c, uint8_t *head);

/* Padding and digest behind len bytes at data; returns how many bytes that makes. */
size_t wire_put_tail(const struct conn *c, const uint8_t *data, uint32_t len, uint8_t *ret);

#endif
