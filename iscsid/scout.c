/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/scout.h"

#include <string.h>

static bool same_way(const struct session *a, const struct session *b)
{
	return portal_equal(&a->recovery.at, &b->recovery.at) &&
	       strcmp(a->id.iface_name, b->id.iface_name) == 0;
}

unsigned int scout_elect(struct session *s)
{
	unsigned int scouts = 1;

	s->scout = false;
	if (!recovery_is_scouted(&s->recovery))
		return 0;
	list_for_each (n, &s->manager->sessions) {
		const struct session *other = list_entry(n, struct session, node);

		if (!other->scout || !(other->state & SESSION_RECOVERING))
			continue;
		if (same_way(s, other))
			return 0;
		scouts++;
	}
	s->scout = true;
	return scouts;
}

void scout_found(const struct session *s, bool logged_in)
{
	uint64_t now = loop_now();

	list_for_each (n, &s->manager->sessions) {
		struct session *other = list_entry(n, struct session, node);

		if (other == s || other->state != SESSION_RECOVER_WAIT || !same_way(s, other))
			continue;
		if (recovery_is_unconnected(&other->recovery) ||
		    (logged_in && recovery_is_scouted(&other->recovery)))
			loop_timer_set(other->timer, recovery_rest(&other->recovery, now));
	}
}
