/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may log in by CHAP, and as whom we answer.
 */
#ifndef TARGET_ACCOUNT_H
#define TARGET_ACCOUNT_H

#include <stdbool.h>

#include "lib/base/secret.h"
#include "lib/proto/chap.h"

struct account {
	struct account *next;
	char user[CHAP_NAME_SIZE];
	struct secret secret;
};

/* Of a target, or of discovery.  Without a first one nobody is asked. */
struct accounts {
	struct account *first;
	struct account own; /* with which we answer a challenge; user "": we cannot */
};

/* The account of that user, or NULL. */
const struct account *accounts_find(const struct accounts *a, const char *user);

/* Add one.  0; -EEXIST, -ENAMETOOLONG (user or secret) or -ENOMEM. */
int accounts_add(struct accounts *a, const char *user, const char *secret);

/* Remove one; false: there is none. */
bool accounts_remove(struct accounts *a, const char *user);

/* Fill one.  0, or -ENAMETOOLONG. */
int account_set(struct account *a, const char *user, const char *secret);

void accounts_done(struct accounts *a);

#endif
