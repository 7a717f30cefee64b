/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets.
 */
#include "tests/target/target.h"

#include <stdlib.h>
#include <string.h>

struct target *target_new(const char *name)
{
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->name = strdup(name);
	t->scsi.name = t->name;
	return t->name ? t : target_free(t);
}

struct target *target_free(struct target *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < LUN_COUNT; i++)
		lun_free(t->scsi.luns[i]);
	accounts_done(&t->accounts);
	free(t->name);
	free(t);
	return NULL;
}

struct target *target_find(struct target *first, const char *name)
{
	while (first && strcmp(first->name, name) != 0)
		first = first->next;
	return first;
}
