/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target: its name, its logical units, how it meets logins, and the sessions it has.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdint.h>

#include "lib/base/addr.h"
#include "tests/target/account.h"
#include "tests/target/nexus.h"

/* All portals of ours are one group. */
enum { TARGET_TPGT = 1 };

struct session;

struct target {
	struct target *next;
	char *name;
	struct scsi_target scsi;
	uint16_t refuse;        /* enum iscsi_login_status, 0: logins are welcome */
	struct portal redirect; /* host "": no redirection */
	bool redirect_permanent;
	struct accounts accounts;
	/* borrowed: each belongs to its connection */
	struct session *sessions;
};

/* NULL: no memory. */
struct target *target_new(const char *name);
struct target *target_free(struct target *t);

/* The target of that name below first, or NULL. */
struct target *target_find(struct target *first, const char *name);

#endif
