/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts.
 */
#include "tests/target/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct account *accounts_find(const struct accounts *a, const char *user)
{
	const struct account *account = a->first;

	while (account && strcmp(account->user, user) != 0)
		account = account->next;
	return account;
}

int account_set(struct account *a, const char *user, const char *secret)
{
	if (strlen(user) >= sizeof(a->user))
		return -ENAMETOOLONG;
	snprintf(a->user, sizeof(a->user), "%s", user);
	return secret_set(&a->secret, secret, strlen(secret));
}

static struct account *account_free(struct account *a)
{
	secret_wipe(&a->secret);
	free(a);
	return NULL;
}

int accounts_add(struct accounts *a, const char *user, const char *secret)
{
	struct account *account;
	int r;

	if (accounts_find(a, user))
		return -EEXIST;
	account = calloc(1, sizeof(*account));
	if (!account)
		return -ENOMEM;
	r = account_set(account, user, secret);
	if (r < 0) {
		account_free(account);
		return r;
	}
	account->next = a->first;
	a->first = account;
	return 0;
}

bool accounts_remove(struct accounts *a, const char *user)
{
	for (struct account **at = &a->first; *at; at = &(*at)->next) {
		struct account *account = *at;

		if (strcmp(account->user, user) != 0)
			continue;
		*at = account->next;
		account_free(account);
		return true;
	}
	return false;
}

void accounts_done(struct accounts *a)
{
	struct account *next;

	for (struct account *account = a->first; account; account = next) {
		next = account->next;
		account_free(account);
	}
	a->first = NULL;
	secret_wipe(&a->own.secret);
}
