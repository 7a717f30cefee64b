/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/notice.h"

#include "lib/proto/async.h"
#include "lib/proto/pdu.h"

static void read_async(const struct pdu *pdu, struct peer_notice *n)
{
	struct iscsi_async a;

	iscsi_async_parse(pdu, &a);
	n->kind = PEER_NOTICE_ASYNC;
	n->event = a.event;
	n->vcode = a.vcode;
	n->param1 = a.param1;
	n->param2 = a.param2;
	n->param3 = a.param3;
	n->lun = a.lun;
	n->has_sense = a.has_sense;
	n->sense_key = a.sense_key;
	n->asc = a.asc;
	n->ascq = a.ascq;
}

/* 11.11: without keys, final, it is the end of an exchange in which nothing was to be said. */
static void read_text(const struct pdu *pdu, struct peer_notice *n)
{
	n->kind = pdu->flags & ISCSI_FLAG_FINAL && pdu->data_len == 0 ? PEER_NOTICE_TEXT_END
	                                                              : PEER_NOTICE_TEXT_KEYS;
}

void notice_read(const uint8_t *bytes, size_t len, struct peer_notice *ret)
{
	struct peer_notice n = {.kind = PEER_NOTICE_BROKEN};
	struct pdu pdu;

	if (pdu_decode(bytes, &pdu) == 0 && pdu.ahs_words == 0 &&
	    pdu.data_len <= len - ISCSI_BHS_LEN) {
		pdu.data = pdu.data_len ? bytes + ISCSI_BHS_LEN : NULL;
		if (pdu.opcode == ISCSI_OP_ASYNC)
			read_async(&pdu, &n);
		else if (pdu.opcode == ISCSI_OP_TEXT_RSP)
			read_text(&pdu, &n);
	}
	*ret = n;
}
