/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A datagram between the daemon's two processes: the first byte chooses who is said to have sent
 * it, the second the verb, so that its fields are reached; the rest fills the message.
 */
#include <string.h>

#include "iscsid/peermsg.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "tests/fuzz/fuzz.h"

static const struct {
	enum peer_verb verb;
	uint32_t size;
} verbs[] = {
	{PEER_LOGIN, sizeof(struct peer_login)},
	{PEER_CANCEL, sizeof(struct peer_cancel)},
	{PEER_TARGET, sizeof(struct peer_target)},
	{PEER_REFUSED_TARGET, sizeof(struct peer_refused_target)},
	{PEER_DONE, sizeof(struct peer_done)},
	{PEER_FAILED, sizeof(struct peer_failed)},
	{PEER_PDU, sizeof(struct peer_pdu)},
	{PEER_TARGETS, sizeof(struct peer_targets)},
	{PEER_READ, sizeof(struct peer_pdu)},
	{PEER_NOTICE, sizeof(struct peer_notice)},
	{PEER_COMPLETE, sizeof(struct peer_complete)},
};

static void check_target(const struct peer_target *t)
{
	const char *why;

	MUST(iscsi_name_valid(t->target_name, strlen(t->target_name), &why));
	MUST(!t->address[0] || (host_valid(t->address) && t->port));
}

/* What passed may become a path, a kernel parameter or a line of the log. */
static void check(const union peer_message *m)
{
	switch ((enum peer_verb)m->head.verb) {
	case PEER_LOGIN:
		MUST(strlen(m->login.initiator_name) < sizeof(m->login.initiator_name));
		MUST(strlen(m->login.target_name) < sizeof(m->login.target_name));
		break;
	case PEER_COMPLETE:
	case PEER_CANCEL: break;
	case PEER_READ:
	case PEER_PDU: MUST(peermsg_pdu_len(&m->head) <= PEER_PDU_MAX); break;
	case PEER_TARGET: check_target(&m->target); break;
	case PEER_TARGETS:
		MUST(peermsg_targets(&m->head) <= PEER_TARGETS_MAX);
		for (size_t i = 0; i < peermsg_targets(&m->head); i++)
			check_target(&m->targets.targets[i]);
		break;
	case PEER_REFUSED_TARGET: must_be_printable(m->refused_target.text); break;
	case PEER_DONE:
		must_be_printable(m->done.text);
		if (m->done.outcome == PEER_OUTCOME_REDIRECTED)
			MUST(host_valid(m->done.address) && m->done.port);
		if (m->done.outcome == PEER_OUTCOME_ISNS_REFUSED)
			MUST(m->done.isns_status != 0);
		if (m->done.outcome == PEER_OUTCOME_DONE)
			MUST(m->done.params.first_burst_length <= m->done.params.max_burst_length);
		break;
	case PEER_NOTICE: MUST(m->notice.has_sense <= 1 && m->notice.sense_key <= 15); break;
	case PEER_FAILED: must_be_printable(m->failed.text); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union peer_message m = {0};
	bool from_peer;
	size_t len, i;
	int verb;

	if (size < 2)
		return 0;
	from_peer = data[0] & 1;
	i = data[1] % (ARRAY_LEN(verbs) + 1);
	data += 2;
	size -= 2;
	len = MIN(size, sizeof(m));
	memcpy(&m, data, len);
	if (i < ARRAY_LEN(verbs)) {
		m.head.verb = verbs[i].verb;
		m.head.size = verbs[i].size;
		len = verbs[i].size;
	}
	verb = peermsg_check(&m, len, from_peer);
	if (verb < 0)
		return 0;
	MUST((uint32_t)verb == m.head.verb && len == m.head.size);
	/* PDUs go both ways */
	MUST(verb == PEER_PDU || from_peer == (verb >= PEER_TARGET));
	check(&m);
	return 0;
}
