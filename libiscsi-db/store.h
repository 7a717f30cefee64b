/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nodes, discovery and interface records share: the database object, the batch of writes
 * that a lock and a sync enclose, and record files below the root.
 *
 * Paths are relative to the root.  Whoever makes one has validated the names in it (paths.h).
 */
#ifndef DB_STORE_H
#define DB_STORE_H

#include <stdint.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"
#include "libiscsi-db/lock.h"

DEFINE_CLEANUP(struct iscsi_db_record, iscsi_db_record_free)
#define _cleanup_record_ _cleanup_(cleanup_iscsi_db_record_free)

struct rehearsal {
	void *seen; /* a tsearch(3) tree: what was told */
	/* borrowed */
	iscsi_db_rehearsed told; /* NULL: what is written is written */
	void *data;
};

struct iscsi_db {
	char *root;
	char *lock_folder; /* open-iscsi's */
	struct lock lock;
	int root_fd;        /* -1 until the root is there */
	unsigned int depth; /* of batches within batches; the outermost has the lock */
	bool in_batch;      /* the caller's own batch: sync at its end */
	uint64_t batches;   /* how many there were, this one included */
	bool unsynced;
	/* the folders with links, as far as they are known in this batch; NULL: not yet */
	struct link_source *sources;
	size_t source_count;
	struct rehearsal rehearsal;
};

/* The root as a descriptor that stays the database's; -ENOENT when it is not there (nor made). */
int store_root(struct iscsi_db *db, bool make);

/* Around each writing call: take the lock unless a batch has it.  -ENOENT: no root, nor made. */
int store_begin(struct iscsi_db *db, bool make);
void store_end(struct iscsi_db *db);

/* Forget which folders have links: there is one more, or others may write now. */
void store_forget_sources(struct iscsi_db *db);

/* The bytes of a record file.  -ENOENT, -EBADMSG (no regular file, or far too long; told). */
int store_read_text(struct iscsi_db *db, const char *path, iscsi_db_problem problem, void *data,
                    char **ret, size_t *ret_len);

/* A record from its file; -EBADMSG also when it is empty, torn or no record. */
int store_read(struct iscsi_db *db, enum iscsi_db_kind kind, const char *path,
               iscsi_db_problem problem, void *data, struct iscsi_db_record **ret);

/* Make a folder with its missing parents.  1: it is new; 0: it was there; or a negative errno. */
int store_make_folder(struct iscsi_db *db, const char *path);

/* Replace the file name in folder (made if missing) by text; durable at the end of the batch. */
int store_write(struct iscsi_db *db, const char *folder, const char *name, const char *text);

/* Write a record so, unless the file is the same already. */
int store_write_record(struct iscsi_db *db, const char *folder, const char *name,
                       const struct iscsi_db_record *r);

/* Remove a file or link.  -ENOENT: none; -EISDIR: a folder. */
int store_unlink(struct iscsi_db *db, const char *path);

/*
 * Remove a folder if nothing is in it but what writers that were killed left behind.  Whether it
 * is gone.
 */
bool store_remove_empty_folder(struct iscsi_db *db, const char *path);

/* Outside a batch: see to it that what changed below a folder is on disk before going on. */
int store_sync_folder(struct iscsi_db *db, const char *path);

#endif
