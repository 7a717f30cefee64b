/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/unattended.h"

#include "iscsid/session.h"

enum {
	QUIET_USEC = 20 * (int)USEC_PER_MSEC,   /* so long without a request: there are no more */
	LATEST_USEC = 500 * (int)USEC_PER_MSEC, /* after the first request */
	STARTS_PER_TURN = 16,                   /* then others have theirs */
};

static void on_timer(void *data)
{
	struct manager *m = (struct manager *)data;
	unsigned int starts = 0;

	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (s->state != SESSION_NEW)
			continue;
		if (++starts > STARTS_PER_TURN) {
			loop_timer_set(m->unattended.timer, 0);
			return;
		}
		session_event(s, SESSION_START, NULL);
	}
	m->unattended.latest_usec = 0;
}

int unattended_init(struct manager *m)
{
	return loop_add_timer(m->loop, on_timer, m, &m->unattended.timer);
}

void unattended_done(struct manager *m)
{
	m->unattended.timer = loop_source_free(m->unattended.timer);
}

void unattended_add(struct session *s)
{
	struct unattended *u = &s->manager->unattended;
	uint64_t now = loop_now();

	if (!u->latest_usec)
		u->latest_usec = now + LATEST_USEC;
	/* to set a timer that is due would put it off */
	if (now + QUIET_USEC < u->latest_usec)
		loop_timer_set(u->timer, QUIET_USEC);
}
