/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent reservations: registrations and the rules of the types.
 */
#include "tests/target/pr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"

/* SPC-4 table 67 and 6.15.3.4 */
static const struct {
	bool valid;
	bool stops_reads; /* exclusive access, not write exclusive */
	bool registrants; /* all that are registered have access */
	bool all_hold;
} types[] = {
	[PR_WRITE_EXCLUSIVE] = {true, false, false, false},
	[PR_EXCLUSIVE_ACCESS] = {true, true, false, false},
	[PR_WRITE_EXCLUSIVE_REGISTRANTS_ONLY] = {true, false, true, false},
	[PR_EXCLUSIVE_ACCESS_REGISTRANTS_ONLY] = {true, true, true, false},
	[PR_WRITE_EXCLUSIVE_ALL_REGISTRANTS] = {true, false, true, true},
	[PR_EXCLUSIVE_ACCESS_ALL_REGISTRANTS] = {true, true, true, true},
};

void pr_done(struct pr *pr)
{
	while (pr->registrations)
		pr_unregister(pr, pr->registrations);
	free(pr->state);
	*pr = (struct pr){0};
}

bool pr_type_valid(uint8_t type)
{
	return type < ARRAY_LEN(types) && types[type].valid;
}

bool pr_type_of_all_registrants(enum pr_type type)
{
	return types[type].all_hold;
}

bool pr_type_of_registrants(enum pr_type type)
{
	return types[type].registrants;
}

struct pr_registration *pr_find(const struct pr *pr, const char *port)
{
	struct pr_registration *r = pr->registrations;

	while (r && strcmp(r->port, port) != 0)
		r = r->next;
	return r;
}

bool pr_holds(const struct pr *pr, const struct pr_registration *r)
{
	return r && pr->type != PR_NONE && (types[pr->type].all_hold || pr->holder == r);
}

bool pr_conflicts(const struct pr *pr, const char *port, bool writes)
{
	const struct pr_registration *r;

	if (pr->type == PR_NONE || (!writes && !types[pr->type].stops_reads))
		return false;
	r = pr_find(pr, port);
	return types[pr->type].registrants ? !r : !pr_holds(pr, r);
}

int pr_register(struct pr *pr, const char *port, uint64_t key)
{
	struct pr_registration **end = &pr->registrations;
	size_t size = strlen(port) + 1;
	struct pr_registration *r;

	if (pr->count == PR_REGISTRATIONS_MAX)
		return -ENOSPC;
	r = malloc(sizeof(*r) + size);
	if (!r)
		return -ENOMEM;
	r->next = NULL;
	r->key = key;
	memcpy(r->port, port, size);
	while (*end)
		end = &(*end)->next;
	*end = r;
	pr->count++;
	return 0;
}

void pr_unregister(struct pr *pr, struct pr_registration *r)
{
	struct pr_registration **at = &pr->registrations;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	pr->count--;
	if (pr->holder == r || !pr->registrations)
		pr_release(pr);
	free(r);
}

void pr_reserve(struct pr *pr, struct pr_registration *r, enum pr_type type)
{
	pr->type = type;
	pr->holder = types[type].all_hold ? NULL : r;
}

void pr_release(struct pr *pr)
{
	pr->type = PR_NONE;
	pr->holder = NULL;
}
