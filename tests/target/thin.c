/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thin LUNs: an unmapped block is a hole of the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/macros.h"
#include "tests/target/lun.h"

enum { ZEROS = 65536 };

/* For a file system without holes. */
static int write_zeros(struct lun *l, uint64_t at, uint64_t len)
{
	static const uint8_t zeros[ZEROS];
	int r = 0;

	while (len > 0 && r == 0) {
		size_t n = (size_t)MIN(len, (uint64_t)sizeof(zeros));

		r = lun_write(l, at, zeros, n);
		at += n;
		len -= n;
	}
	return r;
}

int lun_unmap(struct lun *l, uint64_t at, uint64_t len)
{
	if (len == 0)
		return 0;
	if (fallocate(l->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)len) ==
	    0)
		return 0;
	return errno == EOPNOTSUPP ? write_zeros(l, at, len) : -errno;
}

/* Where the file has a hole is for it to say; a block that is one in part counts as mapped. */
uint64_t lun_extent(const struct lun *l, uint64_t at, bool *ret_mapped)
{
	off_t data = l->thin ? lseek(l->fd, (off_t)at, SEEK_DATA) : (off_t)at;
	uint64_t end = l->size;
	off_t hole;

	if (data < 0 && errno == ENXIO)
		data = (off_t)end;
	if (data > (off_t)at) {
		end = MIN(end, (uint64_t)data - (uint64_t)data % l->block_size);
		*ret_mapped = end <= at;
		return *ret_mapped ? at + l->block_size : end;
	}
	*ret_mapped = true;
	hole = l->thin && data >= 0 ? lseek(l->fd, (off_t)at, SEEK_HOLE) : (off_t)end;
	if (hole > (off_t)at)
		end = MIN(end,
		          ((uint64_t)hole + l->block_size - 1) / l->block_size * l->block_size);
	return end;
}
