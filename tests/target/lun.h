/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logical unit: its medium (memory, or a file), and the state that all nexuses share.
 */
#ifndef TARGET_LUN_H
#define TARGET_LUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/target/pr.h"

struct nexus;

enum {
	LUN_COUNT = 256, /* numbers of a target, from 0 */
	LUN_NONE = 0xffff,
	LUN_BLOCK_SIZE = 512, /* unless configured */
	LUN_BLOCK_MAX = 4096,
	LUN_PHYSICAL_MAX = 65536,
	LUN_SERIAL_SIZE = 17,
};

struct lun_config {
	uint16_t number;
	uint32_t block_size;    /* 512 or 4096 */
	uint32_t physical_size; /* bytes of a physical block; 0: as block_size */
	uint64_t size;          /* bytes; for a file 0: as long as the file is */
	bool read_only;
	bool thin;      /* blocks can be unmapped */
	bool removable; /* the medium can be ejected */
	/* borrowed */
	const char *serial;   /* less than LUN_SERIAL_SIZE; NULL: made of target and number */
	const char *path;     /* NULL: memory */
	const char *pr_state; /* file that keeps persistent reservations, NULL: none */
};

struct lun {
	uint8_t *memory; /* NULL with a file */
	size_t room;     /* bytes of address space that memory may grow to */
	int fd;          /* -1 with memory */
	struct pr pr;
	uint64_t size;       /* bytes, a multiple of block_size */
	uint32_t block_size; /* a power of 2, as the next two */
	uint32_t physical_size;
	uint32_t granule; /* bytes that a thin LUN maps at once */
	uint16_t number;
	bool read_only;
	bool thin;
	bool removable;
	bool loaded;           /* there is a medium */
	bool descriptor_sense; /* mode page 0a: D_SENSE and SWP */
	bool software_protect;
	uint64_t id; /* tells this disk from all others, the same after every start */
	char serial[LUN_SERIAL_SIZE];
	/* borrowed */
	const struct nexus *reserved_by; /* RESERVE(6), NULL: nobody */
};

/*
 * Open or make the medium; owner is the target's name.  A file that can only be read makes a
 * read-only LUN; one shorter than the size that was asked for grows.  Thin memory is a file without
 * a name.  Returns 0, -EINVAL (a size that is no multiple of the block, or none at all), -EBADMSG
 * (pr_state holds something else), or the errno of the file or the memory.
 */
int lun_open(const struct lun_config *config, const char *owner, struct lun **ret);
struct lun *lun_free(struct lun *l);

/*
 * Another size in bytes, with the medium in use.  Returns 0, -EINVAL (no multiple of the block, or
 * 0), -ENOMEM (memory has no room to grow), or the errno of the file.
 */
int lun_resize(struct lun *l, uint64_t size);

/* As after power on, but for the medium and what persistent reservations keep. */
void lun_reset(struct lun *l);

/* A nexus is gone: what it held of this LUN alone is free. */
void lun_forget_nexus(struct lun *l, const struct nexus *n);

/* Move bytes; the caller has checked the range.  0 or a negative errno. */
int lun_read(const struct lun *l, uint64_t at, void *dst, size_t len);
int lun_write(struct lun *l, uint64_t at, const void *src, size_t len);

/* All that was written is on the disk below.  0 or a negative errno. */
int lun_sync(struct lun *l);

/* ---- thin LUNs (thin.c) ---- */

/* len bytes from at on become zeros, and whole granules of them free.  0 or a negative errno. */
int lun_unmap(struct lun *l, uint64_t at, uint64_t len);

/*
 * Whether the block at the byte at, which is below size, is mapped, and up to which byte those
 * behind it are like it: a multiple of block_size above at.
 */
uint64_t lun_extent(const struct lun *l, uint64_t at, bool *ret_mapped);

#endif
