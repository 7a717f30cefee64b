/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libiscsi-db/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "libiscsi-db/lock.h"
#include "libiscsi-db/rehearse.h"
#include "libiscsi-db/schema.h"

#define ROOT_DEFAULT        STATEDIR "/iscsi"
#define LOCK_FOLDER_DEFAULT "/run/lock/iscsi"

/* What is being written, until it is whole and takes its place. */
#define TEMPORARY_NAME ".new"

enum {
	FOLDER_MODE = 0700,
	FILE_MODE = 0600,
	/* a node record has about 3 KiB */
	RECORD_FILE_MAX = 1 << 18,
};

DEFINE_CLEANUP(struct iscsi_db, iscsi_db_close)

static char *absolute_path(const char *path)
{
	_cleanup_free_ char *here = NULL;
	char *full;

	if (path[0] == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	return here && asprintf(&full, "%s/%s", here, path) >= 0 ? full : NULL;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat sa, sb;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* Where open-iscsi's tools have their lock for a database, "" for one that is none of theirs. */
static const char *foreign_lock_folder(const char *root)
{
	static const char *const homes[] = {ROOT_DEFAULT, "/var/lib/iscsi", "/etc/iscsi"};

	for (size_t i = 0; i < ARRAY_LEN(homes); i++)
		if (same_folder(root, homes[i]))
			return LOCK_FOLDER_DEFAULT;
	return "";
}

int iscsi_db_open(const char *root, struct iscsi_db **ret)
{
	_cleanup_(cleanup_iscsi_db_close) struct iscsi_db *db = calloc(1, sizeof(*db));

	if (!db)
		return -ENOMEM;
	db->root_fd = -1;
	db->lock = LOCK_NONE;
	db->root = absolute_path(root ? root : ROOT_DEFAULT);
	db->lock_folder = db->root ? strdup(foreign_lock_folder(db->root)) : NULL;
	if (!db->lock_folder)
		return -ENOMEM;
	*ret = take_ptr(db);
	return 0;
}

struct iscsi_db *iscsi_db_close(struct iscsi_db *db)
{
	if (!db)
		return NULL;
	lock_release(db->lock_folder, &db->lock);
	if (db->root_fd >= 0)
		close(db->root_fd);
	store_forget_sources(db);
	rehearse_done(&db->rehearsal);
	free(db->root);
	free(db->lock_folder);
	free(db);
	return NULL;
}

const char *iscsi_db_root(const struct iscsi_db *db)
{
	return db->root;
}

const char *iscsi_db_lock_folder(const struct iscsi_db *db)
{
	return db->lock_folder;
}

int iscsi_db_set_lock_folder(struct iscsi_db *db, const char *path)
{
	char *copy = path ? absolute_path(path) : strdup(foreign_lock_folder(db->root));

	if (!copy)
		return -ENOMEM;
	free(db->lock_folder);
	db->lock_folder = copy;
	return 0;
}

int store_root(struct iscsi_db *db, bool make)
{
	int r;

	if (db->root_fd >= 0)
		return db->root_fd;
	if (make) {
		r = file_make_folders(AT_FDCWD, db->root, FOLDER_MODE);
		if (r < 0)
			return r;
	}
	r = open(db->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r < 0)
		return -errno;
	db->root_fd = r;
	return r;
}

void store_forget_sources(struct iscsi_db *db)
{
	free(db->sources);
	db->sources = NULL;
	db->source_count = 0;
}

/* ---- batches ---------------------------------------------------------------------------- */

int store_begin(struct iscsi_db *db, bool make)
{
	int root, r;

	if (db->depth == 0) {
		root = store_root(db, make && !db->rehearsal.told);
		if (db->rehearsal.told)
			r = root == -ENOENT && make ? 0 : MIN(root, 0);
		else
			r = root < 0 ? root : lock_take(root, db->lock_folder, &db->lock);
		if (r < 0)
			return r;
	}
	db->depth++;
	return 0;
}

void store_end(struct iscsi_db *db)
{
	if (--db->depth > 0)
		return;
	lock_release(db->lock_folder, &db->lock);
}

int iscsi_db_batch_begin(struct iscsi_db *db)
{
	int r = store_begin(db, true);

	if (r == 0 && !db->in_batch) {
		db->in_batch = true;
		db->batches++;
	}
	return r;
}

int iscsi_db_batch_end(struct iscsi_db *db)
{
	store_end(db);
	if (db->depth > 0)
		return 0;
	db->in_batch = false;
	store_forget_sources(db);
	if (!db->unsynced)
		return 0;
	/* the others need not wait for the disk: they see what is written already */
	db->unsynced = false;
	return syncfs(db->root_fd) < 0 ? -errno : 0;
}

int store_sync_folder(struct iscsi_db *db, const char *path)
{
	_cleanup_close_ int fd = -1;

	if (db->in_batch) {
		db->unsynced = true;
		return 0;
	}
	fd = openat(db->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

/* ---- reading ---------------------------------------------------------------------------- */

int store_read_text(struct iscsi_db *db, const char *path, iscsi_db_problem problem, void *data,
                    char **ret, size_t *ret_len)
{
	int root = store_root(db, false);
	int r = root < 0 ? root : file_read(root, path, RECORD_FILE_MAX, ret, ret_len);

	if (r == -EFBIG)
		schema_tell(problem, data, 0, "the file has more than %d bytes: this is no record",
		            RECORD_FILE_MAX);
	else if (r == -EISDIR || r == -EINVAL)
		schema_tell(problem, data, 0, "there is no regular file: this is no record");
	else
		return r == -ENOTDIR ? -ENOENT : r;
	return -EBADMSG;
}

int store_read(struct iscsi_db *db, enum iscsi_db_kind kind, const char *path,
               iscsi_db_problem problem, void *data, struct iscsi_db_record **ret)
{
	_cleanup_free_ char *text = NULL;
	const char *why = NULL;
	size_t len;
	int r = store_read_text(db, path, problem, data, &text, &len);

	if (r < 0)
		return r;
	/* older tools write in place: what has a beginning without an end is half a record */
	if (len == 0)
		why = "the file is empty";
	else if (memmem(text, len, "# BEGIN RECORD", 14) && !memmem(text, len, "# END RECORD", 12))
		why = "the file ends in the middle of the record";
	if (why) {
		schema_tell(problem, data, 0, "%s", why);
		return -EBADMSG;
	}
	return iscsi_db_record_parse(kind, text, len, problem, data, ret);
}

/* ---- writing ---------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* NULL: no memory.  "." is the root. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
}

/* A new folder is durable when its parent is. */
static int make_one_folder(struct iscsi_db *db, int root, const char *path, const char *parent)
{
	int r;

	if (mkdirat(root, path, FOLDER_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (!is_below(path, "nodes"))
		store_forget_sources(db);
	r = store_sync_folder(db, parent);
	return r < 0 ? r : 1;
}

int store_make_folder(struct iscsi_db *db, const char *path)
{
	_cleanup_free_ char *parent = parent_of(path);
	int root = store_root(db, true), r;

	if (!parent)
		return -ENOMEM;
	if (root < 0)
		return root;
	r = make_one_folder(db, root, path, parent);
	if (r != -ENOENT || strcmp(parent, ".") == 0)
		return r;
	r = store_make_folder(db, parent);
	return r < 0 ? r : make_one_folder(db, root, path, parent);
}

/* Makes the temporary file anew: whose, and what, was left there nobody knows. */
static int open_temporary(int root)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(root, TEMPORARY_NAME, flags, FILE_MODE);

	if (fd < 0 && errno == EEXIST && unlinkat(root, TEMPORARY_NAME, 0) == 0)
		fd = openat(root, TEMPORARY_NAME, flags, FILE_MODE);
	return fd < 0 ? -errno : fd;
}

/*
 * Writes text into the one temporary file, which the lock makes ours.  It is in the root: beside
 * the record, open-iscsi's tools would take one that a killed writer left for a record as well.
 */
static int write_temporary(struct iscsi_db *db, const char *text, size_t len)
{
	_cleanup_close_ int fd = open_temporary(db->root_fd);
	int r = fd < 0 ? fd : file_write(fd, text, len);

	if (r == 0 && !db->in_batch && fsync(fd) < 0)
		r = -errno;
	return r;
}

static int rename_temporary(struct iscsi_db *db, const char *path)
{
	int root = db->root_fd;

	return renameat(root, TEMPORARY_NAME, root, path) < 0 ? -errno : 0;
}

static int replace(struct iscsi_db *db, const char *folder, const char *path, const char *text)
{
	int r = write_temporary(db, text, strlen(text));

	if (r == 0)
		r = rename_temporary(db, path);
	if (r == -ENOENT) {
		r = store_make_folder(db, folder);
		if (r >= 0)
			r = rename_temporary(db, path);
	}
	if (r < 0)
		unlinkat(db->root_fd, TEMPORARY_NAME, 0);
	return r;
}

/* The same where a part of the database is a file system of its own. */
static int replace_in_place(struct iscsi_db *db, const char *folder, const char *name,
                            const char *text)
{
	_cleanup_close_ int fd = openat(db->root_fd, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* the sync at the end of a batch is for the root's file system */
	return file_replace(fd, name, text, strlen(text), FILE_MODE, true);
}

int store_write(struct iscsi_db *db, const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];
	int r;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	r = replace(db, folder, path, text);
	if (r == -EXDEV)
		return replace_in_place(db, folder, name, text);
	return r < 0 ? r : store_sync_folder(db, folder);
}

/* old: the text that is there, NULL for none. */
static bool rehearses_write(struct iscsi_db *db, const char *path, const char *old,
                            const struct iscsi_db_record *r)
{
	_cleanup_record_ struct iscsi_db_record *there = NULL;

	if (!db->rehearsal.told)
		return false;
	if (old)
		iscsi_db_record_parse(iscsi_db_record_kind(r), old, strlen(old), NULL, NULL,
		                      &there);
	return rehearse_change(db, there ? ISCSI_DB_CHANGE_REPLACE : ISCSI_DB_CHANGE_ADD, path,
	                       there, r);
}

int store_write_record(struct iscsi_db *db, const char *folder, const char *name,
                       const struct iscsi_db_record *r)
{
	_cleanup_free_ char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE), *old = NULL;
	char path[PATH_MAX];
	size_t len;

	if (!text)
		return -ENOMEM;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	if (store_read_text(db, path, NULL, NULL, &old, &len) == 0 && len == strlen(text) &&
	    memcmp(old, text, len) == 0) {
		rehearse_change(db, ISCSI_DB_CHANGE_NONE, path, NULL, NULL);
		return 0;
	}
	if (rehearses_write(db, path, old, r))
		return 0;
	return store_write(db, folder, name, text);
}

int store_unlink(struct iscsi_db *db, const char *path)
{
	int root = store_root(db, false);

	if (root < 0)
		return root;
	if (unlinkat(root, path, 0) < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	db->unsynced = db->in_batch;
	return 0;
}

/*
 * Removes the temporary files in a folder.  Nobody is writing one: the lock is ours.  Whether
 * there were any.
 */
static bool remove_leftovers(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	bool any = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((d = readdir(dir)))
		if (d->d_name[0] == '.' && strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 && unlinkat(fd, d->d_name, 0) == 0)
			any = true;
	closedir(dir);
	return any;
}

/* A folder counts its folders among its links; where it does not (btrfs), it has one. */
static bool has_folders(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink > 2;
}

bool store_remove_empty_folder(struct iscsi_db *db, const char *path)
{
	int root = store_root(db, false);

	if (root < 0)
		return false;
	if (unlinkat(root, path, AT_REMOVEDIR) < 0 &&
	    (errno != ENOTEMPTY || has_folders(root, path) || !remove_leftovers(root, path) ||
	     unlinkat(root, path, AT_REMOVEDIR) < 0))
		return false;
	db->unsynced = db->in_batch;
	return true;
}
