/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asymmetric logical unit access (SPC-4 5.11).  The portals of a target are one target port group
 * of one port, so that a target has one state for all its LUNs.
 */
#ifndef TARGET_ALUA_H
#define TARGET_ALUA_H

#include <stdint.h>

struct scsi_target;

/* SPC-4 6.37; those that a state can be set to */
enum alua_state {
	ALUA_OPTIMIZED = 0x0,
	ALUA_NON_OPTIMIZED = 0x1,
	ALUA_STANDBY = 0x2,
	ALUA_UNAVAILABLE = 0x3,
	ALUA_TRANSITIONING = 0xf,
};

/* Who changed the state last: the STATUS CODE of REPORT TARGET PORT GROUPS. */
enum alua_cause {
	ALUA_CAUSE_NONE = 0,
	ALUA_CAUSE_COMMAND = 1,
	ALUA_CAUSE_IMPLICIT = 2,
};

struct alua {
	enum alua_state state;
	enum alua_cause cause;
};

enum { ALUA_GROUP = 1, ALUA_PORT = 1 };

/*
 * The state of all LUNs of t becomes another, not by a command: every nexus gets the unit attention
 * "asymmetric access state changed".  The same state again changes nothing.
 */
void alua_set_state(struct scsi_target *t, enum alua_state state);

#endif
