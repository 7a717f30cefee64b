/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlink datagram, as an event and as the reply to every command. */
#include <errno.h>

#include "iscsid/nl_message.h"
#include "lib/base/macros.h"
#include "tests/fuzz/fuzz.h"

static void check_event(const uint8_t *data, size_t size)
{
	struct nl_event e;

	if (nl_message_event(data, size, &e) == 0)
		return;
	MUST(size >= NL_MESSAGE_HEAD);
	MUST((e.type >= NL_EVENT_RECV_PDU && e.type <= NL_EVENT_CREATE_SESSION) ||
	     e.type == NL_EVENT_PING_COMP);
	MUST(e.type == NL_EVENT_PING_COMP || (e.ping_id == 0 && e.ping_status == 0));
	MUST((e.type == NL_EVENT_RECV_PDU) == (e.pdu != NULL));
	if (e.pdu) {
		MUST(e.pdu_len >= NL_PDU_HEAD && e.pdu_len <= size - NL_MESSAGE_HEAD);
		MUST(e.pdu == data + NL_MESSAGE_HEAD);
	}
	MUST(nl_conn_error_text(e.error) != NULL);
}

static void check_replies(const uint8_t *data, size_t size)
{
	static const enum nl_command commands[] = {
		NL_COMMAND_CREATE_SESSION, NL_COMMAND_CREATE_CONN,    NL_COMMAND_BIND_CONN,
		NL_COMMAND_SET_PARAM,      NL_COMMAND_START_CONN,     NL_COMMAND_STOP_CONN,
		NL_COMMAND_SEND_PDU,       NL_COMMAND_SET_HOST_PARAM, NL_COMMAND_UNBIND_SESSION,
		NL_COMMAND_NEW_FLASHNODE,  NL_COMMAND_PING,           NL_COMMAND_SET_IFACE_PARAMS,
	};
	unsigned int taken = 0;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct nl_reply reply;
		int r = nl_message_reply(data, size, commands[i], &reply);

		MUST(r == 0 || r == -EPROTO);
		if (r < 0)
			continue;
		taken++;
		MUST(reply.error <= 0 && reply.error > -4096);
		if (commands[i] != NL_COMMAND_CREATE_SESSION || reply.error < 0)
			MUST(reply.sid == 0 && reply.host_no == 0);
		if (commands[i] != NL_COMMAND_NEW_FLASHNODE || reply.error < 0)
			MUST(reply.index == 0);
	}
	MUST(taken <= 1); /* nothing answers two commands */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_event(data, size);
	check_replies(data, size);
	return 0;
}
