/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request of the control socket in the hands of its verb.
 */
#ifndef TARGET_CONTROL_REQUEST_H
#define TARGET_CONTROL_REQUEST_H

#include "lib/base/kv.h"
#include "tests/target/options.h"

struct server;

enum { PAIRS_MAX = 16, REASON_SIZE = OPTIONS_FAULT_SIZE };

struct request {
	struct pair {
		const char *key, *value;
	} pairs[PAIRS_MAX];
	size_t count;
	struct writer *answer;
	char reason[REASON_SIZE];
	/* borrowed */
	struct server *server;
};

/* Say why not.  -EINVAL. */
int control_refuse(struct request *q, const char *fmt, ...) _printf_(2, 3);

/* The value of a key, NULL when it was not given. */
const char *control_get(const struct request *q, const char *key);

/* A number up to max, 0 unless it was given.  0 or -EINVAL. */
int control_number(struct request *q, const char *key, uint32_t max, uint32_t *ret);

/* The target that target= names, or NULL with the reason. */
struct target *control_target(struct request *q);

/*
 * The verbs: 0, or -EINVAL with a reason.  Each changes all that it says, or nothing.
 * Targets, LUNs, portals, accounts (control_targets.c); sessions, faults, counters
 * (control_sessions.c).
 */
int control_add_target(struct request *q);
int control_remove_target(struct request *q);
int control_list_targets(struct request *q);
int control_add_lun(struct request *q);
int control_remove_lun(struct request *q);
int control_resize_lun(struct request *q);
int control_set_alua(struct request *q);
int control_add_portal(struct request *q);
int control_remove_portal(struct request *q);
int control_list_portals(struct request *q);
int control_add_account(struct request *q);
int control_remove_account(struct request *q);
int control_set_option(struct request *q);
int control_list_sessions(struct request *q);
int control_drop(struct request *q);
int control_async(struct request *q);
int control_add_fault(struct request *q);
int control_remove_fault(struct request *q);
int control_list_faults(struct request *q);
int control_release(struct request *q);
int control_counters(struct request *q);
int control_reset_counters(struct request *q);
int control_stop(struct request *q);

#endif
