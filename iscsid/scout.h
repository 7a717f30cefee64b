/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the sessions that wait for the same portal by the same way one looks for it often, and the
 * others follow when it answers: a target is noticed soon after it is back, however long it was
 * away and however many wait for it.
 */
#ifndef ISCSID_SCOUT_H
#define ISCSID_SCOUT_H

#include <stdbool.h>

#include "iscsid/session.h"

/*
 * An attempt to recover s has failed (recovery_failed()).  How many portals are looked for when s
 * is the one that looks for its own; 0: another does, or looking would not help.  When that other
 * one ends, the next to fail takes its place.
 */
unsigned int scout_elect(struct session *s);

/*
 * The portal of s has taken its connection, or its login: others that wait for the same portal are
 * tried at once, those that a connection alone gives hope or all, but not before their Time2Wait.
 */
void scout_found(const struct session *s, bool logged_in);

#endif
