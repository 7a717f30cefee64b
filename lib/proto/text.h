/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iSCSI text (RFC 7143 sections 6.1 and 6.2) for either side: key=value pairs that end in NUL, over
 * one or more PDUs.  A sequence of PDUs is one text: all but the last have the C bit, and a pair
 * may be split between them at any byte.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/base/kv.h"
#include "lib/proto/iscsi.h"

/* A sentence without full stop about what is wrong with a text: printable ASCII. */
enum { TEXT_FAULT_SIZE = 224 };

/* A text on its way in.  text_in_make(), then text_in_add() per PDU, then text_in_reader(). */
struct text_in {
	struct writer text;
};

/* An empty text of at most max bytes.  Release with text_in_done(). */
struct text_in text_in_make(size_t max);
void text_in_done(struct text_in *t);

/* Append one PDU's data.  Returns 0, -EMSGSIZE when max is passed, or -ENOMEM. */
int text_in_add(struct text_in *t, const void *data, size_t len);

/* Walk what came so far; pairs are borrowed until the next call on t. */
struct kv_reader text_in_reader(const struct text_in *t);

/* Forget what came, keep the memory: the next text starts. */
void text_in_reset(struct text_in *t);

/*
 * The next pair, checked: the key is a label (RFC 7143 6.1) of at most ISCSI_KEY_NAME_MAX bytes,
 * the value has at most value_max bytes (ISCSI_TEXT_VALUE_MAX unless a key allows more) and no
 * control characters.  Returns 1 with *ret filled, 0 at the end, or -EBADMSG with fault filled (and
 * the reader behind what was wrong).
 */
int text_next(struct kv_reader *r, size_t value_max, struct kv *ret,
              char fault[static TEXT_FAULT_SIZE]);

/* Append one pair, RFC 7143 6.1. */
void text_put(struct writer *w, const char *key, const char *value);
void text_put_number(struct writer *w, const char *key, uint32_t value);

/* A text on its way out: build it in .text, then take it off in pieces. */
struct text_out {
	struct writer text;
	size_t sent;
};

struct text_out text_out_make(size_t max);
void text_out_done(struct text_out *t);

/* Everything was taken off (also when nothing was ever put in). */
static inline bool text_out_empty(const struct text_out *t)
{
	return t->sent == t->text.len;
}

/*
 * Take off the next at most max bytes, borrowed until t changes; *ret_len may be 0.  Returns true
 * when more follows: the PDU needs its C bit.  When all is off, the text is empty and can be built
 * anew; the borrowed bytes stay until then.
 */
bool text_out_take(struct text_out *t, size_t max, const uint8_t **ret, size_t *ret_len);

#endif
