/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes on their way to a socket: copied ones in one buffer, borrowed ones where they lie.
 */
#ifndef TARGET_OUT_H
#define TARGET_OUT_H

#include <stddef.h>
#include <stdint.h>

struct out_part;

struct out {
	uint8_t *data; /* the copied bytes from start to end are still to be sent */
	struct out_part *parts;
	size_t start, end, cap;
	size_t first_part, part_count, part_cap;
	size_t pending; /* bytes in all */
};

/* Release what it holds; it is empty then.  A zeroed struct out is empty, too. */
void out_done(struct out *o);

/* Room for len more bytes, valid until the next call on o; nothing is queued yet.  NULL: no memory.
 */
uint8_t *out_room(struct out *o, size_t len);

/* Queue the first len bytes of the room that was given last.  0 or -ENOMEM. */
int out_commit(struct out *o, size_t len);

/* Queue a copy.  0 or -ENOMEM. */
int out_add(struct out *o, const void *data, size_t len);

/* Queue bytes that stay where they are until they are sent.  0 or -ENOMEM. */
int out_borrow(struct out *o, const uint8_t *data, size_t len);

/* Copy what is borrowed: its owner changes it.  0 or -ENOMEM, with all as it was. */
int out_own(struct out *o);

/* Send what the socket takes.  Returns 0 (pending says how much is left) or a negative errno. */
int out_flush(struct out *o, int fd);

#endif
