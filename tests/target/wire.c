/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDUs as bytes.  Nothing that this target sends has an AHS.
 */
#include "tests/target/wire.h"

#include <string.h>

#include "tests/target/conn.h"

size_t wire_head_len(const struct conn *c)
{
	return ISCSI_BHS_LEN + (c->header_digest ? CRC32C_LEN : 0);
}

size_t wire_len(const struct conn *c, const struct pdu *pdu)
{
	size_t len = wire_head_len(c) + pdu->ahs_words * 4 + pdu->data_len;

	if (pdu->data_len > 0)
		len += pdu_padding(pdu->data_len) + (c->data_digest ? CRC32C_LEN : 0);
	return len;
}

void wire_seal_head(const struct conn *c, uint8_t *head)
{
	if (c->header_digest)
		crc32c_put(crc32c(0, head, ISCSI_BHS_LEN), head + ISCSI_BHS_LEN);
}

void wire_put_head(const struct conn *c, const struct pdu *pdu, uint8_t *ret)
{
	pdu_encode(pdu, ret);
	wire_seal_head(c, ret);
}

size_t wire_put_tail(const struct conn *c, const uint8_t *data, uint32_t len, uint8_t *ret)
{
	size_t padding = pdu_padding(len);

	memset(ret, 0, padding);
	if (!c->data_digest || len == 0)
		return padding;
	crc32c_put(crc32c(crc32c(0, data, len), ret, padding), ret + padding);
	return padding + CRC32C_LEN;
}
