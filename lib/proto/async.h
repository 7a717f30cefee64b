/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an Asynchronous Message says (RFC 7143 section 11.9).  Pure. */
#ifndef PROTO_ASYNC_H
#define PROTO_ASYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/proto/pdu.h"

struct iscsi_async {
	uint8_t event; /* enum iscsi_async_event, or any other */
	uint8_t vcode;
	uint16_t param1, param2, param3;
	uint64_t lun;   /* as Linux counts: two bytes make a level, the first one is the lowest */
	bool has_sense; /* there is sense data long enough for what follows (SPC-4 section 4.5) */
	uint8_t sense_key, asc, ascq;
};

/* pdu is one that pdu_decode() took as ISCSI_OP_ASYNC; data that is too short is no sense data. */
void iscsi_async_parse(const struct pdu *pdu, struct iscsi_async *ret);

#endif
