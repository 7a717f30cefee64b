/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests are one PDU each.  An answer is a stream of bytes in frames: what is taken from it is
 * one part of known size after the other, whatever the frames' bounds are, and of a value that is
 * longer than any that matters only the beginning is kept.
 */
#include "lib/proto/isns.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"

enum { STATUS_LEN = 4, ATTRIBUTE_HEAD_LEN = 8, ALIGNMENT = 4 };

/* PDUs in a row without a byte of payload that nevertheless are not the last. */
enum { EMPTY_MAX = 64 };

const char *isns_status_text(uint32_t status)
{
	static const char *const texts[] = {
#define X(number, name, text) [number] = (text),
		ISNS_STATUSES(X)
#undef X
	};

	return status < ARRAY_LEN(texts) && texts[status] ? texts[status] : "Unknown status";
}

/* ---- requests ----------------------------------------------------------------------------- */

void isns_request_begin(struct writer *w, uint16_t function, uint16_t transaction,
                        const char *source)
{
	writer_be16(w, ISNS_VERSION);
	writer_be16(w, function);
	writer_be16(w, 0); /* isns_request_end() */
	writer_be16(w, ISNS_FLAG_CLIENT | ISNS_FLAG_FIRST | ISNS_FLAG_LAST);
	writer_be16(w, transaction);
	writer_be16(w, 0); /* the sequence ID of the first PDU */
	isns_put_text(w, ISNS_TAG_NODE_NAME, source);
}

void isns_request_end(struct writer *w, size_t start)
{
	enum { LENGTH_AT = 4 };
	size_t len;

	if (writer_status(w) < 0)
		return;
	len = w->len - start - ISNS_HEADER_LEN;
	w->data[start + LENGTH_AT] = (uint8_t)(len >> 8);
	w->data[start + LENGTH_AT + 1] = (uint8_t)len;
}

void isns_put_empty(struct writer *w, uint32_t tag)
{
	writer_be32(w, tag);
	writer_be32(w, 0);
}

void isns_put_u32(struct writer *w, uint32_t tag, uint32_t value)
{
	writer_be32(w, tag);
	writer_be32(w, sizeof(value));
	writer_be32(w, value);
}

/* Section 5.3.1: the length counts the padding, of which the NUL is a part. */
void isns_put_text(struct writer *w, uint32_t tag, const char *text)
{
	size_t len = strlen(text), padding = ALIGNMENT - len % ALIGNMENT;

	writer_be32(w, tag);
	writer_be32(w, (uint32_t)(len + padding));
	writer_bytes(w, text, len);
	writer_zeros(w, padding);
}

/* ---- answers ------------------------------------------------------------------------------ */

_printf_(2, 3) static int fail(struct isns_answer *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->fault, sizeof(a->fault), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

void isns_answer_expect(struct isns_answer *a, uint16_t function, uint16_t transaction)
{
	*a = (struct isns_answer){.function = function, .transaction = transaction};
}

/* Take what there is of a part of whole bytes, of which the first ISNS_VALUE_KEPT are kept.  True:
 * it is whole. */
static bool take_part(struct isns_answer *a, struct cursor *in, size_t whole)
{
	size_t n = MIN(MIN(whole - a->part_len, a->payload_left), cursor_left(in));
	size_t kept = MIN(n, sizeof(a->part) - a->part_kept);

	cursor_copy(in, a->part + a->part_kept, kept);
	cursor_skip(in, n - kept);
	a->part_kept += kept;
	a->part_len += n;
	a->payload_left -= n;
	return a->part_len == whole;
}

/* The part is used up, the next begins; returns a cursor on what was kept. */
static struct cursor use_part(struct isns_answer *a)
{
	struct cursor c = cursor_make(a->part, a->part_kept);

	a->part_len = a->part_kept = 0;
	return c;
}

static int check_header(struct isns_answer *a, uint16_t version, uint16_t function, uint16_t flags,
                        uint16_t transaction)
{
	bool first = flags & ISNS_FLAG_FIRST;

	if (version != ISNS_VERSION)
		return fail(a, "the answer is of version %u of the protocol, not %d", version,
		            ISNS_VERSION);
	if (transaction != a->transaction)
		return fail(a, "the answer is to transaction %u, not %u", transaction,
		            a->transaction);
	if (function != (a->function | ISNS_RESPONSE))
		return fail(a, "the answer is of function 0x%04x, not 0x%04x", function,
		            a->function | ISNS_RESPONSE);
	if (flags & ISNS_FLAG_AUTHENTICATED)
		return fail(a, "the answer is signed, which was not asked for");
	if (first != (a->sequence == 0))
		return fail(a, "PDU %u of the answer %s to be its first", a->sequence,
		            first ? "claims" : "does not claim");
	return 0;
}

/* A PDU begins, when its header is whole.  0 or -EBADMSG. */
static int take_header(struct isns_answer *a, struct cursor *in)
{
	size_t n = MIN(sizeof(a->header) - a->header_len, cursor_left(in));
	struct cursor c = cursor_make(a->header, sizeof(a->header));
	uint16_t version, function, len, flags, transaction, sequence;
	int r;

	cursor_copy(in, a->header + a->header_len, n);
	a->header_len += n;
	if (a->header_len < sizeof(a->header))
		return 0;
	a->header_len = 0;
	if (cursor_be16(&c, &version) < 0 || cursor_be16(&c, &function) < 0 ||
	    cursor_be16(&c, &len) < 0 || cursor_be16(&c, &flags) < 0 ||
	    cursor_be16(&c, &transaction) < 0 || cursor_be16(&c, &sequence) < 0)
		return fail(a, "the header of a PDU is not whole");
	r = check_header(a, version, function, flags, transaction);
	if (r < 0)
		return r;
	if (sequence != a->sequence)
		return fail(a, "PDU %u of the answer comes where PDU %u should", sequence,
		            a->sequence);
	a->total += ISNS_HEADER_LEN + (size_t)len;
	if (a->total > ISNS_ANSWER_MAX)
		return fail(a, "the answer has no end: more than %d MiB", ISNS_ANSWER_MAX >> 20);
	a->empty = len > 0 ? 0 : a->empty + 1;
	a->last = flags & ISNS_FLAG_LAST;
	if (a->empty > EMPTY_MAX && !a->last)
		return fail(a, "%d PDUs without a byte, and still no end announced", EMPTY_MAX);
	a->sequence++;
	a->payload_left = len;
	a->in_pdu = true;
	return 0;
}

/* The head of an attribute came.  0 or -EBADMSG. */
static int take_head(struct isns_answer *a)
{
	struct cursor c = use_part(a);

	if (cursor_be32(&c, &a->tag) < 0 || cursor_be32(&c, &a->value_len) < 0)
		return fail(a, "the head of an attribute is not whole");
	if (a->value_len % ALIGNMENT)
		return fail(a, "attribute %u has %u bytes, which is no multiple of %d", a->tag,
		            a->value_len, ALIGNMENT);
	if (a->value_len > ISNS_ANSWER_MAX || (a->last && a->value_len > a->payload_left))
		return fail(a, "attribute %u of %u bytes goes beyond the end of the answer", a->tag,
		            a->value_len);
	a->in_value = true;
	return 0;
}

/* The last PDU is used up.  1 or -EBADMSG. */
static int take_end(struct isns_answer *a, struct isns_item *ret)
{
	if (!a->has_status)
		return fail(a, "the answer ends before its status");
	if (a->part_len > 0 || a->in_value)
		return fail(a, "the answer ends within an attribute");
	*ret = (struct isns_item){.kind = ISNS_ITEM_END, .status = a->status};
	return 1;
}

/* The next item of the PDU's payload: 1, 0 when its bytes, or all, are used up, or -EBADMSG. */
static int take_item(struct isns_answer *a, struct cursor *in, struct isns_item *ret)
{
	struct cursor c;
	int r;

	if (!a->has_status) {
		if (!take_part(a, in, STATUS_LEN))
			return 0;
		c = use_part(a);
		a->has_status = cursor_be32(&c, &a->status) == 0;
		*ret = (struct isns_item){.kind = ISNS_ITEM_STATUS, .status = a->status};
		return 1;
	}
	if (!a->in_value) {
		if (!take_part(a, in, ATTRIBUTE_HEAD_LEN))
			return 0;
		r = take_head(a);
		if (r < 0)
			return r;
	}
	if (!take_part(a, in, a->value_len))
		return 0;
	a->in_value = false;
	c = use_part(a);
	*ret = (struct isns_item){
		.kind = ISNS_ITEM_ATTRIBUTE, .tag = a->tag, .len = a->value_len, .value = c.pos};
	return 1;
}

/* Of an answer that refuses no attribute counts. */
static void drop_payload(struct isns_answer *a, struct cursor *in)
{
	size_t n = MIN(a->payload_left, cursor_left(in));

	if (cursor_skip(in, n) == 0)
		a->payload_left -= n;
}

int isns_answer_next(struct isns_answer *a, struct cursor *in, struct isns_item *ret)
{
	int r;

	for (;;) {
		if (!a->in_pdu) {
			r = take_header(a, in);
		} else if (a->status != ISNS_STATUS_SUCCESS) {
			drop_payload(a, in);
			r = 0;
		} else {
			r = take_item(a, in, ret);
		}
		if (r != 0)
			return r;
		if (a->in_pdu && a->payload_left == 0) {
			a->in_pdu = false;
			if (a->last)
				return take_end(a, ret);
		}
		if (cursor_left(in) == 0)
			return 0;
	}
}

int isns_item_u32(const struct isns_item *item, uint32_t *ret)
{
	struct cursor c = cursor_make(item->value, MIN(item->len, (uint32_t)ISNS_VALUE_KEPT));

	return item->len == sizeof(*ret) ? cursor_be32(&c, ret) : -EBADMSG;
}

int isns_item_address(const struct isns_item *item, uint8_t ret[static ISNS_ADDRESS_LEN])
{
	struct cursor c = cursor_make(item->value, MIN(item->len, (uint32_t)ISNS_VALUE_KEPT));

	return item->len == ISNS_ADDRESS_LEN ? cursor_copy(&c, ret, ISNS_ADDRESS_LEN) : -EBADMSG;
}

size_t isns_item_text(const struct isns_item *item, const char **ret)
{
	*ret = (const char *)item->value;
	return strnlen(*ret, MIN(item->len, (uint32_t)ISNS_VALUE_KEPT));
}
