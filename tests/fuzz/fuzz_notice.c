/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PDU of a live session, as the kernel hands it up: whatever the peer makes of it, the daemon
 * takes.
 */
#include <string.h>

#include "iscsid/peer/notice.h"
#include "iscsid/peermsg.h"
#include "lib/proto/pdu.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union peer_message m = {0};
	uint8_t *exact;

	if (size < ISCSI_BHS_LEN)
		return 0;
	/* a copy of its own: reading beyond it is seen */
	exact = malloc(size);
	MUST(exact != NULL);
	memcpy(exact, data, size);
	notice_read(exact, size, &m.notice);
	free(exact);
	m.head.verb = PEER_NOTICE;
	m.head.size = sizeof(m.notice);
	MUST(peermsg_check(&m, sizeof(m.notice), true) == PEER_NOTICE);
	return 0;
}
