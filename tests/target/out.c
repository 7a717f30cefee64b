/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outgoing queue.  A part is a run of bytes, borrowed or the next ones of the buffer; runs
 * in the buffer lie in the order of their parts.  Empty, it begins anew at its front, and gives
 * back memory that only a burst needed.
 */
#include "tests/target/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/base/macros.h"

enum {
	BUFFER_FIRST = 1024,
	BUFFER_KEPT = 65536, /* empty, no more than this is kept */
	PARTS_FIRST = 16,
	PARTS_A_CALL = 64,
};

struct out_part {
	const uint8_t *borrowed; /* NULL: in the buffer */
	size_t len;
};

void out_done(struct out *o)
{
	free(o->data);
	free(o->parts);
	*o = (struct out){0};
}

uint8_t *out_room(struct out *o, size_t len)
{
	size_t cap = MAX(o->cap, (size_t)BUFFER_FIRST);
	uint8_t *data;

	if (o->cap - o->end >= len)
		return o->data + o->end;
	if (o->start > 0) {
		memmove(o->data, o->data + o->start, o->end - o->start);
		o->end -= o->start;
		o->start = 0;
	}
	while (cap - o->end < len)
		cap *= 2;
	if (cap > o->cap) {
		data = realloc(o->data, cap);
		if (!data)
			return NULL;
		o->data = data;
		o->cap = cap;
	}
	return o->data + o->end;
}

static int add_part(struct out *o, const uint8_t *borrowed, size_t len)
{
	struct out_part *parts = o->parts;

	if (o->first_part + o->part_count == o->part_cap) {
		if (o->first_part > 0) {
			memmove(parts, parts + o->first_part, o->part_count * sizeof(*parts));
			o->first_part = 0;
		} else {
			size_t cap = MAX(o->part_cap * 2, (size_t)PARTS_FIRST);

			parts = realloc(parts, cap * sizeof(*parts));
			if (!parts)
				return -ENOMEM;
			o->parts = parts;
			o->part_cap = cap;
		}
	}
	parts[o->first_part + o->part_count++] = (struct out_part){borrowed, len};
	o->pending += len;
	return 0;
}

int out_commit(struct out *o, size_t len)
{
	struct out_part *last =
		o->part_count > 0 ? &o->parts[o->first_part + o->part_count - 1] : NULL;

	if (last && !last->borrowed) {
		last->len += len;
		o->pending += len;
	} else if (add_part(o, NULL, len) < 0) {
		return -ENOMEM;
	}
	o->end += len;
	return 0;
}

int out_add(struct out *o, const void *data, size_t len)
{
	uint8_t *room = out_room(o, len);

	if (!room)
		return -ENOMEM;
	memcpy(room, data, len);
	return out_commit(o, len);
}

int out_borrow(struct out *o, const uint8_t *data, size_t len)
{
	return add_part(o, data, len);
}

int out_own(struct out *o)
{
	struct out own = {0};
	const uint8_t *copied = o->data + o->start;

	for (size_t i = 0; i < o->part_count; i++) {
		const struct out_part *p = &o->parts[o->first_part + i];

		if (out_add(&own, p->borrowed ? p->borrowed : copied, p->len) < 0) {
			out_done(&own);
			return -ENOMEM;
		}
		copied += p->borrowed ? 0 : p->len;
	}
	out_done(o);
	*o = own;
	return 0;
}

/* n bytes are gone. */
static void consume(struct out *o, size_t n)
{
	o->pending -= n;
	while (n > 0) {
		struct out_part *p = &o->parts[o->first_part];
		size_t step = MIN(n, p->len);

		if (p->borrowed)
			p->borrowed += step;
		else
			o->start += step;
		p->len -= step;
		n -= step;
		if (p->len == 0) {
			o->first_part++;
			o->part_count--;
		}
	}
	if (o->pending > 0)
		return;
	o->start = o->end = o->first_part = o->part_count = 0;
	if (o->cap > BUFFER_KEPT) {
		free(o->data);
		o->data = NULL;
		o->cap = 0;
	}
}

int out_flush(struct out *o, int fd)
{
	while (o->pending > 0) {
		struct iovec iov[PARTS_A_CALL];
		struct msghdr msg = {.msg_iov = iov};
		const uint8_t *copied = o->data + o->start;
		ssize_t n;

		for (size_t i = 0; i < MIN(o->part_count, (size_t)PARTS_A_CALL); i++) {
			struct out_part *p = &o->parts[o->first_part + i];

			iov[i].iov_base = (void *)(uintptr_t)(p->borrowed ? p->borrowed : copied);
			iov[i].iov_len = p->len;
			copied += p->borrowed ? 0 : p->len;
			msg.msg_iovlen++;
		}
		n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		consume(o, (size_t)n);
	}
	return 0;
}
