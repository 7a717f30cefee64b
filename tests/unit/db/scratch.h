/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A database below a new temporary folder for each test, and a look at what is in it.
 */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

#define SCRATCH_TARGET "iqn.2001-04.com.example:x"

struct scratch {
	struct iscsi_db *db;
	int fd; /* the root */
	char top[64], root[80], lock_folder[80];
	unsigned int problems;
	char problem[4096]; /* the problems told, one a line */
};

static inline void scratch_tell(void *data, unsigned int line, const char *text)
{
	struct scratch *s = data;
	size_t used = strlen(s->problem);

	s->problems++;
	snprintf(s->problem + used, sizeof(s->problem) - used, "%u: %s\n", line, text);
}

static inline int scratch_make(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	strcpy(s->top, "/tmp/test-db-XXXXXX");
	if (!mkdtemp(s->top))
		return -1;
	snprintf(s->root, sizeof(s->root), "%s/root", s->top);
	snprintf(s->lock_folder, sizeof(s->lock_folder), "%s/lock", s->top);
	if (mkdir(s->root, 0700) < 0)
		return -1;
	s->fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0 || iscsi_db_open(s->root, &s->db) < 0 ||
	    iscsi_db_set_lock_folder(s->db, s->lock_folder) < 0)
		return -1;
	*state = s;
	return 0;
}

static inline int scratch_remove_one(const char *path, const struct stat *st _unused_,
                                     int type _unused_, struct FTW *ftw _unused_)
{
	return remove(path);
}

static inline int scratch_drop(void **state)
{
	struct scratch *s = *state;

	iscsi_db_close(s->db);
	close(s->fd);
	nftw(s->top, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

/* Whether something is at a path below the root, with exactly this type and permissions. */
static inline int scratch_is(const struct scratch *s, const char *path, mode_t mode)
{
	struct stat st;

	return fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode == mode;
}

static inline int scratch_has(const struct scratch *s, const char *path)
{
	struct stat st;

	return fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What a link points to; static text. */
static inline const char *scratch_link(const struct scratch *s, const char *path)
{
	static char target[512];
	ssize_t n = readlinkat(s->fd, path, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return target;
}

/* Make a file with its folders, as another tool or a mishap would. */
static inline void scratch_put(const struct scratch *s, const char *path, const void *data,
                               size_t len)
{
	char part[512];
	int fd;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		mkdirat(s->fd, part, 0700);
	}
	fd = openat(s->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

static inline struct iscsi_db_node_id scratch_id(const char *address, uint16_t port, int32_t tpgt,
                                                 const char *iface)
{
	struct iscsi_db_node_id id = {.target = SCRATCH_TARGET, .port = port, .tpgt = tpgt};

	snprintf(id.address, sizeof(id.address), "%s", address);
	snprintf(id.iface, sizeof(id.iface), "%s", iface);
	return id;
}

/* A node record with that id; key and value may be NULL. */
static inline struct iscsi_db_record *scratch_node(const struct iscsi_db_node_id *id,
                                                   const char *key, const char *value)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);
	char number[16];

	iscsi_db_record_set(r, "node.name", id->target);
	iscsi_db_record_set(r, "node.conn[0].address", id->address);
	snprintf(number, sizeof(number), "%u", id->port);
	iscsi_db_record_set(r, "node.conn[0].port", number);
	snprintf(number, sizeof(number), "%d", id->tpgt);
	iscsi_db_record_set(r, "node.tpgt", number);
	iscsi_db_record_set(r, "iface.iscsi_ifacename", id->iface);
	if (key)
		iscsi_db_record_set(r, key, value);
	return r;
}

#endif
