/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/recovery.h"

#include <errno.h>

enum { ANY = -1 };

/* Each portal that is looked for makes the looking at all of them slower by this. */
enum { SCOUT_SHARE_MSEC = 20 };

/* The first row that fits counts. */
static const struct row {
	enum conn_outcome outcome;
	int error;        /* errno */
	int status_class; /* RFC 7143 section 11.13.5 */
	uint32_t first_msec;
	uint32_t patience; /* so many before the wait grows */
	uint32_t cap_msec;
	uint32_t scout_msec; /* of the one that looks for all others at the same portal; 0: each
	                        for itself */
} rows[] = {
	{CONN_OUTCOME_UNCONNECTED, ECONNREFUSED, ANY, 150, 4, 5000, 200},
	{CONN_OUTCOME_UNCONNECTED, ANY, ANY, 250, 4, 5000, 250},
	{CONN_OUTCOME_NO_WAY, ANY, ANY, 250, 4, 5000, 0},
	/* the target says no, and no haste will change that */
	{CONN_OUTCOME_REFUSED, ANY, 2, 2000, 1, 60000, 0},
	{CONN_OUTCOME_AUTH_FAILED, ANY, ANY, 2000, 1, 60000, 0},
	{CONN_OUTCOME_REFUSED, ANY, ANY, 250, 4, 5000, 1000},
	{CONN_OUTCOME_CLOSED, ANY, ANY, 150, 8, 5000, 1000},
	{CONN_OUTCOME_LOST, ANY, ANY, 100, 8, 5000, 0},
	{CONN_OUTCOMES, ANY, ANY, 500, 1, 5000, 0},
};

static bool fits(int wanted, int value)
{
	return wanted == ANY || wanted == value;
}

static unsigned int kind_of(const struct conn_result *result)
{
	unsigned int i = 0;

	while (i < ARRAY_LEN(rows) - 1 &&
	       !(rows[i].outcome == result->outcome && fits(rows[i].error, result->error) &&
	         fits(rows[i].status_class, result->status_class)))
		i++;
	return i;
}

/* Doubled for each failure beyond the row's patience, up to its cap. */
static uint64_t wait_usec(const struct recovery *r)
{
	const struct row *row = &rows[r->kind];
	uint32_t msec = row->first_msec;

	for (unsigned int n = row->patience; n < r->failures && msec < row->cap_msec; n++)
		msec *= 2;
	return MIN(msec, row->cap_msec) * USEC_PER_MSEC;
}

uint64_t recovery_begin(struct recovery *r, const struct portal *portal, uint32_t time2wait_sec,
                        uint64_t now_usec)
{
	const uint64_t time2wait = time2wait_sec * USEC_PER_SEC;
	const bool healthy =
		!r->ended_usec || now_usec - r->ended_usec >= RECOVERY_HEALTHY_SEC * USEC_PER_SEC;

	r->kind = ARRAY_LEN(rows) - 1;
	r->failures = healthy ? 0 : r->failures + 1;
	r->attempts = 0;
	r->redirects = 0;
	r->at = *portal;
	r->not_before_usec = now_usec + time2wait;
	return healthy ? time2wait : MAX(time2wait, wait_usec(r));
}

uint64_t recovery_failed(struct recovery *r, const struct portal *portal,
                         const struct conn_result *result, uint32_t dice)
{
	const unsigned int kind = kind_of(result);
	uint64_t wait;

	r->failures = kind == r->kind ? r->failures + 1 : 1;
	r->kind = kind;
	r->redirects = 0;
	r->at = *portal;
	wait = wait_usec(r);
	/* not all sessions of a target at the same moment: up to a quarter less */
	return wait - wait / 4 * (dice % 256) / 256;
}

bool recovery_is_scouted(const struct recovery *r)
{
	return rows[r->kind].scout_msec > 0;
}

bool recovery_is_unconnected(const struct recovery *r)
{
	return rows[r->kind].outcome == CONN_OUTCOME_UNCONNECTED;
}

uint64_t recovery_scout(const struct recovery *r, unsigned int scouts)
{
	const struct row *row = &rows[r->kind];
	uint32_t msec = MAX(row->scout_msec, scouts * SCOUT_SHARE_MSEC);

	return MIN(msec, row->cap_msec) * USEC_PER_MSEC;
}

bool recovery_worth_telling(const struct recovery *r)
{
	return (r->failures & (r->failures - 1)) == 0;
}

uint64_t recovery_postpone(struct recovery *r, uint32_t time2wait_sec, uint64_t now_usec)
{
	r->not_before_usec = now_usec + time2wait_sec * USEC_PER_SEC;
	return recovery_rest(r, now_usec);
}

uint64_t recovery_rest(const struct recovery *r, uint64_t now_usec)
{
	return now_usec < r->not_before_usec ? r->not_before_usec - now_usec : 0;
}
