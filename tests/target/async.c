/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous messages.
 */
#include "tests/target/async.h"

#include "tests/target/conn.h"
#include "tests/target/session.h"

bool async_send(struct conn *c, const struct async_message *m)
{
	struct pdu pdu = {.opcode = ISCSI_OP_ASYNC,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .lun = {(uint8_t)(m->lun >> 8), (uint8_t)m->lun},
	                  .itt = ISCSI_TAG_RESERVED,
	                  .async_event = m->event,
	                  .async_vcode = m->vcode,
	                  .param1 = m->param[0],
	                  .param2 = m->param[1],
	                  .param3 = m->param[2],
	                  .data = m->data,
	                  .data_len = (uint32_t)m->len};

	if (c->phase != CONN_FULL_FEATURE ||
	    m->len > c->session->params.max_xmit_data_segment_length)
		return false;
	conn_send(c, &pdu, CONN_STAT_NEXT);
	return true;
}
