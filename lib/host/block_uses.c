/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A walk from a disk upwards: its partitions, the devices that hold it (sysfs knows dm, md and
 * bcache), loop devices over it, and at the end the mounts and swaps.  Every device is met once in
 * a walk, so that it ends whatever sysfs says.
 */
#include "lib/host/block.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "lib/base/quote.h"
#include "lib/host/block_device.h"
#include "lib/host/block_tables.h"

enum { FOLDER_SIZE = 128, PATH_SIZE = 512, USES_MAX = 1024, SHOWN_MAX = 3 };

struct loop_device {
	char name[BLOCK_NAME_SIZE];
	char *backing; /* owned: a device or a file */
};

struct host_block {
	struct sysfs_reader reader;
	char (*pools)[FOLDER_SIZE]; /* owned: of each btrfs, the folder of its devices */
	size_t pool_count;
	struct block_tables tables;
	struct loop_device *loops;
	size_t loop_count;
	/* borrowed */
	const char *sysfs;
};

/* How a walk got to a device. */
enum edge {
	EDGE_NONE,  /* the disk itself, or a part of it */
	EDGE_CLAIM, /* somebody made it of what is below */
};

struct walk {
	char (*met)[BLOCK_NAME_SIZE]; /* owned: the devices so far */
	size_t met_count;
	struct host_uses uses; /* owned */
	/* borrowed */
	struct host_block *block;
	const int *leaving;
	size_t leaving_count;
	int sid;
};

/* Whether a device is used: 0, 1 or a negative errno. */
static int walk_device(struct walk *w, const char *name, enum edge edge, const char *below);

static char *join(const char *below, const char *text)
{
	char label[QUOTE_SIZE], *chain;

	quote_bytes(label, sizeof(label), text, strlen(text));
	return asprintf(&chain, "%s%s%s", below, below[0] ? " -> " : "", label) < 0 ? NULL : chain;
}

/* One more use, unless it is known: a mount may be in both tables.  1 or a negative errno. */
static int add_use(struct walk *w, enum host_use_kind kind, const char *below, const char *text)
{
	_cleanup_free_ char *chain = join(below, text);
	struct host_use *grown;

	if (!chain)
		return -ENOMEM;
	for (size_t i = 0; i < w->uses.count; i++) {
		if (strcmp(w->uses.uses[i].chain, chain) == 0)
			return 1;
	}
	if (w->uses.count == USES_MAX)
		return 1;
	grown = (struct host_use *)reallocarray(w->uses.uses, w->uses.count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[w->uses.count++] = (struct host_use){.chain = take_ptr(chain), .kind = kind};
	w->uses.uses = grown;
	return 1;
}

/* True at the second meeting.  -ENOMEM. */
static int meet(struct walk *w, const char *name)
{
	char(*grown)[BLOCK_NAME_SIZE];

	for (size_t i = 0; i < w->met_count; i++) {
		if (strcmp(w->met[i], name) == 0)
			return 1;
	}
	grown = reallocarray(w->met, w->met_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	w->met = grown;
	snprintf(grown[w->met_count++], BLOCK_NAME_SIZE, "%s", name);
	return 0;
}

/* ---- paths to a multipath map -------------------------------------------------------------- */

static bool stays(const struct walk *w, int sid)
{
	if (sid == w->sid)
		return false;
	for (size_t i = 0; i < w->leaving_count; i++) {
		if (w->leaving[i] == sid)
			return false;
	}
	return true;
}

/* Whether a map goes on without the sessions that go. */
static bool has_path_left(struct walk *w, const struct block_device *map)
{
	struct sysfs_reader *reader = &w->block->reader;
	_cleanup_folder_ struct folder slaves = {0};
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/slaves", map->name);
	sysfs_read_folder(reader, path, &slaves);
	for (size_t i = 0; i < slaves.count; i++) {
		const char *name = slaves.entries[i].name;

		if (stays(w, block_device_session(reader, name)) &&
		    block_device_is_live(reader, name))
			return true;
	}
	return false;
}

/* ---- what is on a device --------------------------------------------------------------------- */

/* The mount that a file lies in: the longest that leads there, of those the last. */
static const struct block_mount *mount_of(const struct block_tables *t, const char *path)
{
	const struct block_mount *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < t->mount_count; i++) {
		const char *target = t->mounts[i].target;
		size_t len = strlen(target);

		if (len > 0 && target[len - 1] == '/')
			len--;
		if (strncmp(path, target, len) == 0 && path[len] == '/' && len >= longest) {
			found = &t->mounts[i];
			longest = len;
		}
	}
	return found;
}

/* Swap files and loop devices over files in a mount. */
static int add_files(struct walk *w, const struct block_mount *m, const char *below)
{
	const struct block_tables *t = &w->block->tables;
	int r = 0;

	for (size_t i = 0; i < t->swap_count && r >= 0; i++) {
		char text[QUOTE_SIZE];

		if (mount_of(t, t->swaps[i]) != m || strncmp(t->swaps[i], "/dev/", 5) == 0)
			continue;
		snprintf(text, sizeof(text), "swap on %s", t->swaps[i]);
		r = add_use(w, HOST_USE_SWAP, below, text);
	}
	for (size_t i = 0; i < w->block->loop_count && r >= 0; i++) {
		const struct loop_device *l = &w->block->loops[i];

		if (mount_of(t, l->backing) == m)
			r = walk_device(w, l->name, EDGE_CLAIM, below);
	}
	return r;
}

static int add_mount(struct walk *w, const struct block_mount *m, const char *below)
{
	_cleanup_free_ char *chain = join(below, m->target);
	bool root = strcmp(m->target, "/") == 0;
	int r = chain ? add_use(w, root ? HOST_USE_ROOT : HOST_USE_MOUNT, below, m->target)
	              : -ENOMEM;

	return r < 0 ? r : MIN(add_files(w, m, chain), 1);
}

/* The folder of the btrfs that the device is one of several of; NULL: none. */
static const char *find_pool(const struct walk *w, const struct block_device *d)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < w->block->pool_count; i++) {
		const char *folder = w->block->pools[i];

		snprintf(path, sizeof(path), "%s/%s", folder, d->name);
		if (sysfs_has(&w->block->reader, path))
			return folder;
	}
	return NULL;
}

/* Whether a mount has one of the devices of a btrfs as its source. */
static bool is_of_pool(struct walk *w, const struct block_mount *m, const char *folder)
{
	_cleanup_folder_ struct folder devices = {0};

	if (!folder || strncmp(m->source, "/dev/", 5) != 0)
		return false;
	sysfs_read_folder(&w->block->reader, folder, &devices);
	for (size_t i = 0; i < devices.count; i++) {
		struct block_device d;

		block_device_read(&w->block->reader, devices.entries[i].name, &d);
		if (block_device_is_at(&d, m->source))
			return true;
	}
	return false;
}

static int add_mounts(struct walk *w, const struct block_device *d, const char *below)
{
	const struct block_tables *t = &w->block->tables;
	const char *pool = find_pool(w, d);
	int used = 0;

	for (size_t i = 0; i < t->mount_count && used >= 0; i++) {
		const struct block_mount *m = &t->mounts[i];
		int r;

		if ((m->devno != d->devno || d->devno == 0) && !block_device_is_at(d, m->source) &&
		    !is_of_pool(w, m, pool))
			continue;
		r = add_mount(w, m, below);
		used = r < 0 ? r : 1;
	}
	return used;
}

/*
 * A file system without a mount that is seen here has been mounted in another namespace, or was
 * detached while it was in use: what sysfs has of it tells.
 */
static int add_hidden_mount(struct walk *w, const struct block_device *d, const char *below)
{
	static const char *const types[] = {"ext4", "xfs", "f2fs", "btrfs"};
	char path[PATH_SIZE], text[64];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		bool is_pool = strcmp(types[i], "btrfs") == 0;

		snprintf(path, sizeof(path), "fs/%s/%s", types[i], d->name);
		if (is_pool ? !find_pool(w, d) : !sysfs_has(&w->block->reader, path))
			continue;
		snprintf(text, sizeof(text), "%s, mounted out of sight", types[i]);
		return add_use(w, HOST_USE_MOUNT, below, text);
	}
	return 0;
}

static int add_swaps(struct walk *w, const struct block_device *d, const char *below)
{
	const struct block_tables *t = &w->block->tables;
	int used = 0;

	for (size_t i = 0; i < t->swap_count && used >= 0; i++) {
		if (block_device_is_at(d, t->swaps[i]))
			used = add_use(w, HOST_USE_SWAP, below, "swap");
	}
	return used;
}

static int add_loops(struct walk *w, const struct block_device *d, const char *below)
{
	int used = 0;

	for (size_t i = 0; i < w->block->loop_count && used >= 0; i++) {
		const struct loop_device *l = &w->block->loops[i];

		if (block_device_is_at(d, l->backing))
			used = walk_device(w, l->name, EDGE_CLAIM, below);
	}
	return used;
}

static int add_partitions(struct walk *w, const struct block_device *d, const char *below)
{
	_cleanup_folder_ struct folder folder = {0};
	char path[PATH_SIZE];
	int used = 0;

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s", d->name);
	sysfs_read_folder(&w->block->reader, path, &folder);
	for (size_t i = 0; i < folder.count && used >= 0; i++) {
		const char *name = folder.entries[i].name;
		int r;

		if (strncmp(name, d->name, strlen(d->name)) != 0)
			continue;
		snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/%s/partition", d->name, name);
		if (!sysfs_has(&w->block->reader, path))
			continue;
		r = walk_device(w, name, EDGE_NONE, below);
		used = r < 0 ? r : MAX(used, r);
	}
	return used;
}

static int add_holders(struct walk *w, const struct block_device *d, const char *below)
{
	_cleanup_folder_ struct folder holders = {0};
	char path[PATH_SIZE];
	int used = 0;

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/holders", d->name);
	sysfs_read_folder(&w->block->reader, path, &holders);
	for (size_t i = 0; i < holders.count && used >= 0; i++) {
		int r = walk_device(w, holders.entries[i].name, EDGE_CLAIM, below);

		used = r < 0 ? r : MAX(used, r);
	}
	return used;
}

/* What can be on a device. */
typedef int add_users(struct walk *w, const struct block_device *d, const char *below);

static int add_all(struct walk *w, const struct block_device *d, const char *chain)
{
	static add_users *const kinds[] = {add_mounts, add_swaps, add_loops, add_partitions,
	                                   add_holders};
	int used = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && used >= 0; i++) {
		int r = kinds[i](w, d, chain);

		used = r < 0 ? r : MAX(used, r);
	}
	return used != 0 ? used : add_hidden_mount(w, d, chain);
}

static int walk_device(struct walk *w, const char *name, enum edge edge, const char *below)
{
	_cleanup_free_ char *chain = NULL;
	char label[BLOCK_LABEL_SIZE];
	struct block_device d;
	int r = meet(w, name);

	if (r != 0)
		return r;
	block_device_read(&w->block->reader, name, &d);
	if (block_device_is_multipath(&d)) {
		edge = EDGE_NONE;
		if (has_path_left(w, &d))
			return 0;
	}
	block_device_label(&d, label);
	chain = join(below, label);
	r = chain ? add_all(w, &d, chain) : -ENOMEM;
	if (r == 0 && edge == EDGE_CLAIM)
		r = add_use(w, HOST_USE_DEVICE, below, label);
	return r;
}

/* ---- the public functions -------------------------------------------------------------------- */

static int compare_uses(const void *a, const void *b)
{
	const struct host_use *x = a, *y = b;

	return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
	                          : strcmp(x->chain, y->chain);
}

void host_uses_done(struct host_uses *u)
{
	for (size_t i = 0; i < u->count; i++)
		free(u->uses[i].chain);
	free(u->uses);
	*u = (struct host_uses){0};
}

int host_block_uses(struct host_block *b, int sid, const int *leaving, size_t leaving_count,
                    struct host_uses *ret)
{
	struct walk w = {
		.block = b, .leaving = leaving, .leaving_count = leaving_count, .sid = sid};
	const struct host_session s = {.sid = sid};
	_cleanup_free_ struct host_lun *luns = NULL;
	size_t count = 0;
	int r = host_session_luns(b->sysfs, &s, &luns, &count);

	for (size_t i = 0; i < count && r >= 0; i++) {
		if (luns[i].disk[0])
			r = walk_device(&w, luns[i].disk, EDGE_NONE, "");
	}
	if (r >= 0)
		r = b->reader.exhausted;
	free(w.met);
	if (r < 0) {
		host_uses_done(&w.uses);
		return r;
	}
	if (w.uses.count > 0)
		qsort(w.uses.uses, w.uses.count, sizeof(*w.uses.uses), compare_uses);
	*ret = w.uses;
	return 0;
}

void host_uses_text(const struct host_uses *u, char *dst, size_t size)
{
	size_t len = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < u->count && len < size; i++) {
		if (i == SHOWN_MAX) {
			snprintf(dst + len, size - len, " and %zu more", u->count - i);
			return;
		}
		len += (size_t)snprintf(dst + len, size - len, "%s%s", i ? ", " : "",
		                        u->uses[i].chain);
	}
}

static int add_loop(struct host_block *b, int number, const char *backing)
{
	struct loop_device *grown =
		(struct loop_device *)reallocarray(b->loops, b->loop_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	b->loops = grown;
	grown += b->loop_count;
	snprintf(grown->name, sizeof(grown->name), "loop%d", number);
	grown->backing = strdup(backing);
	if (!grown->backing)
		return -ENOMEM;
	b->loop_count++;
	return 0;
}

static int read_loops(struct host_block *b)
{
	char path[PATH_SIZE], backing[SYSFS_ATTRIBUTE_SIZE];
	_cleanup_folder_ struct folder devices = {0};
	int number, r = 0;

	sysfs_read_folder(&b->reader, BLOCK_DEVICES, &devices);
	for (size_t i = 0; i < devices.count && r == 0; i++) {
		const char *name = devices.entries[i].name;

		if (!sysfs_number_behind(name, "loop", &number))
			continue;
		snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/loop/backing_file", name);
		if (sysfs_read_text(&b->reader, path, backing, sizeof(backing)) > 0)
			r = add_loop(b, number, backing);
	}
	return r < 0 ? r : b->reader.exhausted;
}

/* Each btrfs that is mounted somewhere: once for all disks that will be looked at. */
static int read_pools(struct host_block *b)
{
	_cleanup_folder_ struct folder all = {0};

	sysfs_read_folder(&b->reader, "fs/btrfs", &all);
	for (size_t i = 0; i < all.count; i++) {
		const char *name = all.entries[i].name;
		char(*grown)[FOLDER_SIZE];

		/* beside them lies what this kernel's btrfs can do */
		if (strcmp(name, "features") == 0)
			continue;
		grown = reallocarray(b->pools, b->pool_count + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		b->pools = grown;
		snprintf(grown[b->pool_count++], FOLDER_SIZE, "fs/btrfs/%.64s/devices", name);
	}
	return b->reader.exhausted;
}

struct host_block *host_block_free(struct host_block *b)
{
	if (!b)
		return NULL;
	for (size_t i = 0; i < b->loop_count; i++)
		free(b->loops[i].backing);
	free(b->loops);
	free(b->pools);
	block_tables_done(&b->tables);
	sysfs_reader_done(&b->reader);
	free(b);
	return NULL;
}

int host_block_open(const char *sysfs, const char *proc, struct host_block **ret)
{
	struct host_block *b = (struct host_block *)calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	b->sysfs = sysfs;
	r = sysfs_reader_init(&b->reader, sysfs);
	if (r < 0) {
		free(b);
		return r;
	}
	r = block_tables_read(proc ? proc : "/proc", &b->tables);
	if (r == 0)
		r = read_loops(b);
	if (r == 0)
		r = read_pools(b);
	if (r < 0) {
		host_block_free(b);
		return r;
	}
	*ret = b;
	return 0;
}
