/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media.  A file is read and written, never mapped: a full or shortened file below is then an
 * error of one command and not a signal.
 */
#include "tests/target/lun.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/macros.h"

enum {
	PAGE = 4096, /* a file system's block, most often; the least that can be a hole */
};

/* Memory can grow to this at least. */
#define MEMORY_ROOM (4ULL << 30)

/* FNV-1a, 64 bits: names become identifiers that stay. */
static uint64_t hash(const char *owner, uint16_t number)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (const char *c = owner; *c; c++)
		h = (h ^ (uint8_t)*c) * 0x100000001b3ULL;
	h = (h ^ (number & 0xff)) * 0x100000001b3ULL;
	return (h ^ (number >> 8)) * 0x100000001b3ULL;
}

/*
 * Address space is set aside for growing, since queued PDUs point into the memory: it cannot move.
 */
static int open_memory(struct lun *l)
{
	size_t room = MAX(l->size, (uint64_t)MEMORY_ROOM);
	void *p = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	l->memory = p;
	l->room = room;
	return mprotect(p, l->size, PROT_READ | PROT_WRITE) < 0 ? -errno : 0;
}

static int open_thin_memory(struct lun *l)
{
	l->fd = memfd_create("lun", MFD_CLOEXEC);
	return l->fd < 0 || ftruncate(l->fd, (off_t)l->size) < 0 ? -errno : 0;
}

static int open_file(struct lun *l, const char *path)
{
	struct stat st;

	l->fd = l->read_only ? -1 : open(path, O_RDWR | O_CLOEXEC);
	if (l->fd < 0) {
		l->read_only = true;
		l->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTBLK;
	if (l->size == 0)
		l->size = (uint64_t)st.st_size - (uint64_t)st.st_size % l->block_size;
	if (l->size > (uint64_t)st.st_size && ftruncate(l->fd, (off_t)l->size) < 0)
		return -errno;
	return 0;
}

static bool size_valid(const struct lun *l, uint64_t size)
{
	return size > 0 && size % l->block_size == 0 && size <= INT64_MAX;
}

static int open_medium(struct lun *l, const struct lun_config *config)
{
	int r = config->path ? open_file(l, config->path) : 0;

	if (r == 0 && !size_valid(l, l->size))
		r = -EINVAL;
	if (r == 0 && !config->path)
		r = l->thin ? open_thin_memory(l) : open_memory(l);
	if (r == 0 && config->pr_state)
		r = pr_load(&l->pr, config->pr_state);
	return r;
}

/* With a serial number of its own it is the same disk wherever it is offered. */
static void identify(struct lun *l, const struct lun_config *config, const char *owner)
{
	l->id = config->serial ? hash(config->serial, 0) : hash(owner, config->number);
	if (config->serial)
		snprintf(l->serial, sizeof(l->serial), "%s", config->serial);
	else
		snprintf(l->serial, sizeof(l->serial), "%016llx", (unsigned long long)l->id);
}

int lun_open(const struct lun_config *config, const char *owner, struct lun **ret)
{
	struct lun *l = calloc(1, sizeof(*l));
	int r = -ENOMEM;

	if (!l)
		return r;
	l->fd = -1;
	l->number = config->number;
	l->block_size = config->block_size;
	l->physical_size = MAX(config->physical_size, config->block_size);
	l->granule = MAX((uint32_t)PAGE, l->physical_size);
	l->size = config->size;
	l->read_only = config->read_only;
	l->thin = config->thin;
	l->removable = config->removable;
	l->loaded = true;
	identify(l, config, owner);
	r = open_medium(l, config);
	if (r < 0) {
		lun_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

struct lun *lun_free(struct lun *l)
{
	if (!l)
		return NULL;
	if (l->memory)
		munmap(l->memory, l->room);
	if (l->fd >= 0)
		close(l->fd);
	pr_done(&l->pr);
	free(l);
	return NULL;
}

/* What is cut off reads as zeros when it comes back. */
static int resize_memory(struct lun *l, uint64_t size)
{
	if (size > l->room)
		return -ENOMEM;
	if (mprotect(l->memory, size, PROT_READ | PROT_WRITE) < 0)
		return -errno;
	if (size < l->size) {
		size_t kept = (size_t)(size + PAGE - 1) / PAGE * PAGE;

		memset(l->memory + size, 0, MIN(kept, l->size) - size);
		if (kept < l->size)
			madvise(l->memory + kept, l->size - kept, MADV_DONTNEED);
	}
	return 0;
}

int lun_resize(struct lun *l, uint64_t size)
{
	int r = 0;

	if (!size_valid(l, size))
		return -EINVAL;
	if (l->memory)
		r = resize_memory(l, size);
	else if (size > l->size && !l->read_only && ftruncate(l->fd, (off_t)size) < 0)
		r = -errno;
	if (r == 0)
		l->size = size;
	return r;
}

void lun_reset(struct lun *l)
{
	l->reserved_by = NULL;
	l->descriptor_sense = false;
	l->software_protect = false;
}

void lun_forget_nexus(struct lun *l, const struct nexus *n)
{
	if (l->reserved_by == n)
		l->reserved_by = NULL;
}

int lun_read(const struct lun *l, uint64_t at, void *dst, size_t len)
{
	if (l->memory) {
		memcpy(dst, l->memory + at, len);
		return 0;
	}
	while (len > 0) {
		ssize_t n = pread(l->fd, dst, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO; /* the file was cut */
		dst = (char *)dst + n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int lun_write(struct lun *l, uint64_t at, const void *src, size_t len)
{
	if (l->memory) {
		memcpy(l->memory + at, src, len);
		return 0;
	}
	while (len > 0) {
		ssize_t n = pwrite(l->fd, src, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		src = (const char *)src + n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int lun_sync(struct lun *l)
{
	return l->fd >= 0 && fdatasync(l->fd) < 0 ? -errno : 0;
}
