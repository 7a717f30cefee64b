/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which ISID a session has among this host's others: what isid.h says of slots.
 */
#include "iscsid/session_fsm.h"

#include <string.h>

static const uint8_t none[ISID_SIZE];

static bool shares_isid(const struct session *a, const struct session *b)
{
	return a != b && strcmp(a->id.target_name, b->id.target_name) == 0 &&
	       memcmp(a->id.isid, b->id.isid, ISID_SIZE) == 0;
}

/* A group that nobody knows may be any. */
static bool may_share_group(const struct session *a, const struct session *b)
{
	const int32_t x = a->id.portal.tpgt, y = b->id.portal.tpgt;

	return x == y || x == PORTAL_TPGT_UNKNOWN || y == PORTAL_TPGT_UNKNOWN;
}

static bool has_rival(const struct session *s)
{
	list_for_each (n, &s->manager->sessions) {
		const struct session *other = list_entry(n, struct session, node);

		if (shares_isid(s, other) && may_share_group(s, other))
			return true;
	}
	return false;
}

bool session_shares_isid(const struct session *s)
{
	list_for_each (n, &s->manager->sessions) {
		if (shares_isid(s, list_entry(n, struct session, node)))
			return true;
	}
	return false;
}

int32_t session_record_tpgt(const struct session *s)
{
	int64_t tpgt = iscsi_db_record_get_int(s->record, "node.tpgt", PORTAL_TPGT_UNKNOWN);

	return tpgt >= 0 && tpgt <= UINT16_MAX ? (int32_t)tpgt : s->id.portal.tpgt;
}

void session_choose_isid(struct session *s, int32_t tpgt)
{
	struct isid_key key = {
		.initiator_name = session_initiator_name(s),
		.iface_name = s->id.iface_name,
	};

	s->id.portal.tpgt = tpgt;
	if (memcmp(s->id.isid, none, ISID_SIZE) != 0 && !has_rival(s))
		return;
	isid_choose(&key, s->id.isid);
	while (has_rival(s)) {
		key.slot++;
		isid_choose(&key, s->id.isid);
	}
}
