/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins that nobody waits for.  They begin when no more of them are asked for: a command that asks
 * for many without waiting has its answers before the first login competes with it.
 */
#ifndef ISCSID_UNATTENDED_H
#define ISCSID_UNATTENDED_H

#include <stdint.h>

#include "iscsid/loop.h"

struct manager;
struct session;

struct unattended {
	struct loop_source *timer;
	uint64_t latest_usec; /* when they begin although more are asked for; 0: none waits */
};

/* 0 or a negative errno. */
int unattended_init(struct manager *m);
void unattended_done(struct manager *m);

/* SESSION_START will be delivered to s, which is SESSION_NEW. */
void unattended_add(struct session *s);

#endif
