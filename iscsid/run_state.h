/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel does not keep of a session, in a file a session in a folder in memory
 * (/run/iscsid/session/SID), so that a daemon that starts anew can recover and log out what
 * another one logged in.
 */
#ifndef ISCSID_RUN_STATE_H
#define ISCSID_RUN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/isid.h"
#include "lib/base/addr.h"
#include "lib/base/name.h"

/* "send_targets/" or "isns/", host, port. */
enum { RUN_STATE_ASKER_SIZE = PORTAL_HOST_SIZE + 32 };

/* logout_timeout of a session whose record is not known: the built-in default. */
enum { RUN_STATE_LOGOUT_TIMEOUT = 15 };

struct run_state {
	char target_name[ISCSI_NAME_SIZE];
	struct portal portal; /* of the record; its tpgt is what the target said, if it did (the
	                         kernel has that, it is not saved) */
	struct portal home;   /* where to recover it: portal, or where that has moved for good */
	char home_address[PORTAL_HOST_SIZE]; /* that the name of home led to; "": not known */
	char iface_name[65];
	uint8_t isid[ISID_SIZE];
	uint16_t tsih;
	uint32_t time2wait;               /* seconds, negotiated */
	uint32_t time2retain;             /* seconds, negotiated */
	uint32_t logout_timeout;          /* seconds, of the record */
	bool scan;                        /* its LUNs are looked for without being asked */
	char asker[RUN_STATE_ASKER_SIZE]; /* of the daemon's own, that wanted it; "": a client */
};

/* Write, read, remove the file of sid in folder (made when missing).  0 or a negative errno
 * (-EBADMSG: not a whole state). */
int run_state_save(const char *folder, uint32_t sid, const struct run_state *state);
int run_state_load(const char *folder, uint32_t sid, struct run_state *ret);
void run_state_remove(const char *folder, uint32_t sid);

/* Remove the files in folder of the sids that are not wanted: whoever logged those sessions out did
 * not live to do it, and the numbers may come again. */
void run_state_prune(const char *folder, bool (*wanted)(void *data, uint32_t sid), void *data);

#endif
