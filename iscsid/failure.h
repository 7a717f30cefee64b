/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a record could not be logged in last, in a file a record in a folder in memory
 * (/run/iscsid/failure): key=value lines for whoever wants to know it later, also over a restart of
 * the daemon.  A login that succeeds takes its record's file away.
 */
#ifndef ISCSID_FAILURE_H
#define ISCSID_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/name.h"
#include "lib/ipc/error.h"

struct failure {
	/* of the record */
	char target_name[ISCSI_NAME_SIZE];
	char address[PORTAL_HOST_SIZE];
	uint16_t port;
	char iface_name[65];
	/* what happened */
	uint64_t when_sec; /* since 1970 */
	uint32_t attempt;  /* of the login, from 1 */
	bool given_up;     /* no further attempt follows */
	uint16_t error;    /* enum iscsi_err */
	uint16_t status;   /* RFC 7143 section 11.13.5, class and detail; 0: none came */
	char text[1024];   /* peer, stage, what was wrong, what to do */
};

/* Write it (the folder is made when missing).  Control characters become '?'.  0 or a negative
 * errno. */
int failure_save(const char *folder, const struct failure *failure);

/* What is kept of the record that key's first four members name.  0, -ENOENT, or another negative
 * errno (-EBADMSG: not a whole failure). */
int failure_load(const char *folder, const struct failure *key, struct failure *ret);

/* Told of a failure, which is borrowed for the call. */
typedef void (*failure_told)(void *data, const struct failure *failure);

/* Tell all that are kept; a file that holds no whole failure is passed over.  0 or a negative
 * errno. */
int failure_walk(const char *folder, failure_told told, void *data);

/* Forget it; nothing happens when nothing is kept. */
void failure_remove(const char *folder, const struct failure *key);

#endif
