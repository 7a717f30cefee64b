/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is changed, so what is written twice would seem to be missing twice: each change that was
 * told is remembered, by its path and a hash of what would be there.
 */
#include "libiscsi-db/rehearse.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hash.h"

struct told {
	uint64_t hash;
	char path[];
};

static int compare_told(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->hash > y->hash) - (x->hash < y->hash);
}

static uint64_t hash_of(enum iscsi_db_change what, const struct iscsi_db_record *after)
{
	_cleanup_free_ char *text = after ? iscsi_db_record_text(after, ISCSI_DB_FORM_FILE) : NULL;
	uint64_t hash = hash_bytes(HASH_START, &what, sizeof(what));

	return text ? hash_text(hash, text) : hash;
}

/* Without memory it is told again rather than not at all. */
static bool was_told(struct rehearsal *r, const char *path, uint64_t hash)
{
	struct told *one = malloc(sizeof(*one) + strlen(path) + 1), **found;

	if (!one)
		return false;
	one->hash = hash;
	strcpy(one->path, path);
	found = tsearch(one, &r->seen, compare_told);
	if (!found || *found != one)
		free(one);
	return found && *found != one;
}

void iscsi_db_rehearse(struct iscsi_db *db, iscsi_db_rehearsed told, void *data)
{
	rehearse_done(&db->rehearsal);
	db->rehearsal = (struct rehearsal){.told = told, .data = data};
}

bool rehearse_change(struct iscsi_db *db, enum iscsi_db_change what, const char *path,
                     const struct iscsi_db_record *before, const struct iscsi_db_record *after)
{
	struct rehearsal *r = &db->rehearsal;

	if (r->told && !was_told(r, path, hash_of(what, after)))
		r->told(r->data, what, path, before, after);
	return r->told;
}

int rehearse_delete(struct iscsi_db *db, const char *path)
{
	if (!db->rehearsal.told)
		return 0;
	if (faccessat(db->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	rehearse_change(db, ISCSI_DB_CHANGE_DELETE, path, NULL, NULL);
	return 1;
}

void rehearse_done(struct rehearsal *r)
{
	tdestroy(r->seen, free);
	r->seen = NULL;
}
