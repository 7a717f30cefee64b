/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent reservations of a logical unit (SPC-4 5.12): who is registered with which key, and
 * who has reserved.  An I_T nexus is known by the name of its initiator port, as there is one
 * target port, so that all of it stays over sessions, and in a file over restarts.
 */
#ifndef TARGET_PR_H
#define TARGET_PR_H

#include <stdbool.h>
#include <stdint.h>

/* SPC-4 6.15.3.4 */
enum pr_type {
	PR_NONE = 0, /* no reservation */
	PR_WRITE_EXCLUSIVE = 1,
	PR_EXCLUSIVE_ACCESS = 3,
	PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY = 5,
	PR_EXCLUSIVE_ACCESS_REGISTRANTS_ONLY = 6,
	PR_WRITE_EXCLUSIVE_ALL_REGISTRANTS = 7,
	PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS = 8,
};

enum { PR_REGISTRATIONS_MAX = 256 };

struct pr_registration {
	struct pr_registration *next;
	uint64_t key;
	char port[]; /* name of the initiator port */
};

struct pr {
	struct pr_registration *registrations; /* oldest first */
	char *state;                           /* path of the file, NULL: nothing is kept */
	unsigned int count;
	uint32_t generation;
	bool aptpl; /* it stays over a loss of power */
	enum pr_type type;
	/* borrowed: one of registrations; NULL without a reservation or when all registrants hold
	 */
	struct pr_registration *holder;
};

void pr_done(struct pr *pr);

bool pr_type_valid(uint8_t type);
bool pr_type_of_all_registrants(enum pr_type type);

/* Whether registration without a reservation of its own is enough for access. */
bool pr_type_of_registrants(enum pr_type type);

/* The registration of a port, or NULL. */
struct pr_registration *pr_find(const struct pr *pr, const char *port);

/* Whether a registration (NULL: none) holds the reservation. */
bool pr_holds(const struct pr *pr, const struct pr_registration *r);

/* Whether a command of that port is stopped; it writes, or it only reads. */
bool pr_conflicts(const struct pr *pr, const char *port, bool writes);

/* A port that has none registers.  0, -ENOSPC (PR_REGISTRATIONS_MAX) or -ENOMEM. */
int pr_register(struct pr *pr, const char *port, uint64_t key);

/* Remove a registration; the reservation goes with its (last) holder. */
void pr_unregister(struct pr *pr, struct pr_registration *r);

/* Reserve for r, or release. */
void pr_reserve(struct pr *pr, struct pr_registration *r, enum pr_type type);
void pr_release(struct pr *pr);

/*
 * Read the state file (pr_file.c); one that is not there is an empty state.  Afterwards it is kept
 * up to date by pr_save().  Returns 0, -EBADMSG for a file that is no state, or a negative errno.
 */
int pr_load(struct pr *pr, const char *path);

/* Write the state file: all of it with aptpl, nothing without.  0 or a negative errno. */
int pr_save(const struct pr *pr);

#endif
