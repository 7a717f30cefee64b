/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logical unit's medium: memory, or a file.
 */
#ifndef TARGET_LUN_H
#define TARGET_LUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUN_COUNT = 256, /* numbers of a target, from 0 */
	LUN_NONE = 0xffff,
	LUN_BLOCK_SIZE = 512, /* unless configured */
	LUN_SERIAL_SIZE = 17,
};

struct lun_config {
	uint16_t number;
	uint32_t block_size; /* 512 or 4096 */
	uint64_t size;       /* bytes; for a file 0: as long as the file is */
	bool read_only;
	/* borrowed */
	const char *path; /* NULL: memory */
};

struct lun {
	uint8_t *memory; /* NULL with a file */
	int fd;          /* -1 with memory */
	uint64_t size;   /* bytes, a multiple of block_size */
	uint32_t block_size;
	uint16_t number;
	bool read_only;
	uint64_t id; /* tells this LUN from all others, the same after every start */
	char serial[LUN_SERIAL_SIZE];
};

/*
 * Open or make the medium; owner is the target's name.  A file that can only be read makes a
 * read-only LUN; one shorter than the size that was asked for grows.  Returns 0, -EINVAL (a size
 * that is no multiple of the block, or none at all), or the errno of the file or the memory.
 */
int lun_open(const struct lun_config *config, const char *owner, struct lun **ret);
struct lun *lun_free(struct lun *l);

/* Move bytes; the caller has checked the range.  0 or a negative errno. */
int lun_read(const struct lun *l, uint64_t at, void *dst, size_t len);
int lun_write(struct lun *l, uint64_t at, const void *src, size_t len);

/* All that was written is on the disk below.  0 or a negative errno. */
int lun_sync(struct lun *l);

#endif
