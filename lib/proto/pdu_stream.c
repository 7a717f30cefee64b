/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intake of PDUs from a byte stream.  A PDU comes in two parts: the header (basic header, AHS,
 * header digest) into a fixed array, then the body (data, padding, data digest) into a buffer
 * that is kept from PDU to PDU and grows by doubling as bytes arrive.  A PDU that lies whole in
 * the caller's bytes is used where it lies.
 * Invariants: head_have <= head_len, body_have <= body_cap, body_have <= body_len.
 */
#include "lib/proto/pdu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/proto/crc32c.h"

enum {
	HEAD_MAX = ISCSI_BHS_LEN + ISCSI_AHS_MAX + CRC32C_LEN,
	BODY_FIRST_CAP = 8192 + CRC32C_LEN,
	FAULT_SIZE = 96,
};

struct pdu_stream {
	uint8_t *body;
	size_t body_cap;
	size_t body_have;
	size_t body_len; /* known once the header is complete */
	size_t head_have;
	size_t head_len; /* ISCSI_BHS_LEN until that much is there */
	uint32_t max_data;
	bool header_digest;
	bool data_digest;
	bool take_unknown;
	char fault[FAULT_SIZE];
	struct pdu pdu; /* being taken in */
	uint8_t head[HEAD_MAX];
};

struct pdu_stream *pdu_stream_new(uint32_t max_data)
{
	struct pdu_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pdu_stream_set_max_data(s, max_data);
	s->head_len = ISCSI_BHS_LEN;
	return s;
}

struct pdu_stream *pdu_stream_free(struct pdu_stream *s)
{
	if (s)
		free(s->body);
	free(s);
	return NULL;
}

void pdu_stream_set_max_data(struct pdu_stream *s, uint32_t max_data)
{
	s->max_data = MIN(MAX(max_data, (uint32_t)ISCSI_DEFAULT_MAX_RECV),
	                  (uint32_t)ISCSI_DATA_SEGMENT_MAX);
}

void pdu_stream_set_digests(struct pdu_stream *s, bool header, bool data)
{
	s->header_digest = header;
	s->data_digest = data;
}

void pdu_stream_take_unknown(struct pdu_stream *s)
{
	s->take_unknown = true;
}

bool pdu_stream_idle(const struct pdu_stream *s)
{
	return s->head_have == 0;
}

const char *pdu_stream_fault(const struct pdu_stream *s)
{
	return s->fault;
}

static bool digest_right(const uint8_t *data, size_t len, const uint8_t *digest)
{
	uint8_t right[CRC32C_LEN];

	crc32c_put(crc32c(0, data, len), right);
	return memcmp(right, digest, sizeof(right)) == 0;
}

/* Bytes of the header part that a basic header announces. */
static size_t head_len(const struct pdu_stream *s, const struct pdu *pdu)
{
	return ISCSI_BHS_LEN + (size_t)pdu->ahs_words * 4 + (s->header_digest ? CRC32C_LEN : 0);
}

/* The same for the body; a PDU without data has no data digest either (11.2.3). */
static size_t body_len(const struct pdu_stream *s, const struct pdu *pdu)
{
	if (pdu->data_len == 0)
		return 0;
	return pdu->data_len + pdu_padding(pdu->data_len) + (s->data_digest ? CRC32C_LEN : 0);
}

/* Whether what the basic header says can be true.  0, or -EBADMSG with a fault. */
static int head_judge(struct pdu_stream *s, const struct pdu *pdu)
{
	if (!s->take_unknown && !pdu_opcode_known(pdu->opcode)) {
		snprintf(s->fault, sizeof(s->fault), "opcode 0x%02x is not one of RFC 7143",
		         pdu->opcode);
		return -EBADMSG;
	}
	if (pdu->data_len > s->max_data) {
		snprintf(s->fault, sizeof(s->fault),
		         "DataSegmentLength %u of a %s is beyond the limit of %u", pdu->data_len,
		         pdu_opcode_name(pdu->opcode), s->max_data);
		return -EBADMSG;
	}
	return 0;
}

/*
 * The basic header is there.  Behind a header digest it is believed only once that was checked,
 * else at once: so garbage is named as such, and not waited for.
 */
static int head_begin(struct pdu_stream *s, const uint8_t *head, struct pdu *pdu)
{
	pdu_decode(head, pdu);
	return s->header_digest ? 0 : head_judge(s, pdu);
}

static int head_finish(struct pdu_stream *s, const uint8_t *head, struct pdu *pdu)
{
	size_t len = ISCSI_BHS_LEN + (size_t)pdu->ahs_words * 4;

	pdu->ahs = pdu->ahs_words > 0 ? head + ISCSI_BHS_LEN : NULL;
	if (!s->header_digest)
		return 0;
	if (!digest_right(head, len, head + len)) {
		snprintf(s->fault, sizeof(s->fault), "the header digest is wrong");
		return -EBADMSG;
	}
	return head_judge(s, pdu);
}

static int body_finish(struct pdu_stream *s, const uint8_t *body, struct pdu *pdu)
{
	size_t len = pdu->data_len + pdu_padding(pdu->data_len);

	if (pdu->data_len == 0)
		return 0;
	pdu->data = body;
	if (!s->data_digest || digest_right(body, len, body + len))
		return 0;
	snprintf(s->fault, sizeof(s->fault), "the data digest of a %s is wrong",
	         pdu_opcode_name(pdu->opcode));
	return -EBADMSG;
}

/* Room for more of the body: what came so far, doubled, but no more than the PDU has. */
static int body_grow(struct pdu_stream *s)
{
	size_t cap = MAX(s->body_cap * 2, (size_t)BODY_FIRST_CAP);
	uint8_t *body = realloc(s->body, cap);

	if (!body)
		return -ENOMEM;
	s->body = body;
	s->body_cap = cap;
	return 0;
}

int pdu_stream_want(struct pdu_stream *s, void **ret_buf, size_t *ret_len)
{
	if (s->head_have < s->head_len) {
		*ret_buf = s->head + s->head_have;
		*ret_len = s->head_len - s->head_have;
		return 0;
	}
	if (s->body_have == s->body_cap && body_grow(s) < 0)
		return -ENOMEM;
	*ret_buf = s->body + s->body_have;
	*ret_len = MIN(s->body_cap, s->body_len) - s->body_have;
	return 0;
}

/* The PDU is complete: hand it out and stand before the next one. */
static int pdu_complete(struct pdu_stream *s, struct pdu *ret)
{
	int r = body_finish(s, s->body, &s->pdu);

	if (r < 0)
		return r;
	*ret = s->pdu;
	s->head_have = 0;
	s->head_len = ISCSI_BHS_LEN;
	s->body_have = 0;
	return 1;
}

int pdu_stream_got(struct pdu_stream *s, size_t n, struct pdu *ret)
{
	int r;

	if (s->head_have == s->head_len) {
		s->body_have += n;
		return s->body_have == s->body_len ? pdu_complete(s, ret) : 0;
	}
	s->head_have += n;
	if (s->head_have == ISCSI_BHS_LEN) {
		r = head_begin(s, s->head, &s->pdu);
		if (r < 0)
			return r;
		s->head_len = head_len(s, &s->pdu);
	}
	if (s->head_have < s->head_len)
		return 0;
	r = head_finish(s, s->head, &s->pdu);
	if (r < 0)
		return r;
	s->body_len = body_len(s, &s->pdu);
	return s->body_len == 0 ? pdu_complete(s, ret) : 0;
}

/* A whole PDU at the front of in, used where it lies.  1, 0 when it is not whole, or -EBADMSG. */
static int take_in_place(struct pdu_stream *s, struct cursor *in, struct pdu *ret)
{
	struct cursor c = *in;
	const uint8_t *head, *body;
	struct pdu pdu;
	int r;

	if (cursor_left(&c) < ISCSI_BHS_LEN)
		return 0;
	r = head_begin(s, c.pos, &pdu);
	if (r < 0)
		return r;
	if (cursor_bytes(&c, head_len(s, &pdu), &head) < 0)
		return 0;
	r = head_finish(s, head, &pdu);
	if (r < 0)
		return r;
	if (cursor_bytes(&c, body_len(s, &pdu), &body) < 0)
		return 0;
	r = body_finish(s, body, &pdu);
	if (r < 0)
		return r;
	*ret = pdu;
	*in = c;
	return 1;
}

int pdu_stream_take(struct pdu_stream *s, struct cursor *in, struct pdu *ret)
{
	int r = pdu_stream_idle(s) ? take_in_place(s, in, ret) : 0;

	while (r == 0 && cursor_left(in) > 0) {
		size_t len;
		void *buf;

		r = pdu_stream_want(s, &buf, &len);
		if (r < 0)
			break;
		len = MIN(len, cursor_left(in));
		cursor_copy(in, buf, len);
		r = pdu_stream_got(s, len, ret);
	}
	return r;
}
