/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intake of PDUs however the bytes come, and what is no PDU.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/proto/pdu.h"

enum { MAX_DATA = 8192, BIG_DATA = 65536 };

DEFINE_CLEANUP(struct pdu_stream, pdu_stream_free)
#define _cleanup_stream_ _cleanup_(cleanup_pdu_stream_free)

/* A text request of the given lengths; bytes of data count up. */
static void put_pdu(struct writer *w, uint8_t ahs_words, uint32_t data_len)
{
	static uint8_t ahs[ISCSI_AHS_MAX], data[BIG_DATA];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	memset(ahs, 0xa5, sizeof(ahs));
	pdu_write(w, &(struct pdu){.opcode = ISCSI_OP_TEXT_REQ,
	                           .itt = 0x01020304,
	                           .ahs_words = ahs_words,
	                           .ahs = ahs,
	                           .data_len = data_len,
	                           .data = data});
}

static void assert_pdu(const struct pdu *pdu, uint8_t ahs_words, uint32_t data_len)
{
	assert_int_equal(pdu->opcode, ISCSI_OP_TEXT_REQ);
	assert_int_equal(pdu->itt, 0x01020304);
	assert_int_equal(pdu->ahs_words, ahs_words);
	assert_int_equal(pdu->data_len, data_len);
	assert_true((pdu->ahs != NULL) == (ahs_words > 0));
	assert_true((pdu->data != NULL) == (data_len > 0));
	for (size_t i = 0; i < (size_t)ahs_words * 4; i++)
		assert_int_equal(pdu->ahs[i], 0xa5);
	for (size_t i = 0; i < data_len; i++)
		assert_int_equal(pdu->data[i], (uint8_t)(i * 7));
}

/* Give up to chunk bytes at a time; the result of the last call, bytes not used in *left. */
static int feed(struct pdu_stream *s, const uint8_t *data, size_t len, size_t chunk,
                struct pdu *ret, size_t *left)
{
	int r = 0;

	while (r == 0 && len > 0) {
		size_t n;
		void *buf;

		assert_int_equal(pdu_stream_want(s, &buf, &n), 0);
		assert_true(n > 0);
		n = MIN(MIN(n, chunk), len);
		memcpy(buf, data, n);
		data += n;
		len -= n;
		r = pdu_stream_got(s, n, ret);
	}
	*left = len;
	return r;
}

static const struct {
	uint8_t ahs_words;
	uint32_t data_len;
} shapes[] = {{0, 0}, {0, 1}, {0, 4}, {1, 0}, {2, 3}, {255, 0}, {255, 8191}, {0, 8192}};

static void a_pdu_comes_in_pieces_of_any_size(void **state _unused_)
{
	static const size_t chunks[] = {1, 2, 7, 48, 4096, SIZE_MAX};

	for (size_t c = 0; c < ARRAY_LEN(chunks); c++) {
		_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);

		for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
			struct writer w = writer_make(BIG_DATA);
			struct pdu pdu;
			size_t left;

			put_pdu(&w, shapes[i].ahs_words, shapes[i].data_len);
			assert_true(pdu_stream_idle(s));
			assert_int_equal(feed(s, w.data, w.len, chunks[c], &pdu, &left), 1);
			assert_int_equal(left, 0);
			assert_pdu(&pdu, shapes[i].ahs_words, shapes[i].data_len);
			assert_string_equal(pdu_stream_fault(s), "");
			writer_done(&w);
		}
	}
}

static void it_never_asks_for_more_than_the_pdu(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
	struct writer w = writer_make(BIG_DATA);
	struct pdu pdu;
	size_t left;

	put_pdu(&w, 1, 5);
	put_pdu(&w, 0, 0);
	assert_int_equal(feed(s, w.data, w.len, SIZE_MAX, &pdu, &left), 1);
	assert_int_equal(left, ISCSI_BHS_LEN);
	assert_true(pdu_stream_idle(s));
	assert_int_equal(feed(s, w.data + w.len - left, 1, 1, &pdu, &left), 0);
	assert_false(pdu_stream_idle(s));
	writer_done(&w);
}

static void many_pdus_are_taken_from_bytes_cut_anywhere(void **state _unused_)
{
	struct writer w = writer_make(BIG_DATA);

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		put_pdu(&w, shapes[i].ahs_words, shapes[i].data_len);
	for (size_t cut = 0; cut <= w.len; cut += cut < 400 ? 1 : 97) {
		_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
		struct cursor in = cursor_make(w.data, cut);
		bool second = false;
		struct pdu pdu;
		size_t i = 0;

		while (i < ARRAY_LEN(shapes)) {
			int r = pdu_stream_take(s, &in, &pdu);

			if (r == 0) {
				assert_false(second);
				assert_int_equal(cursor_left(&in), 0);
				in = cursor_make(w.data + cut, w.len - cut);
				second = true;
				continue;
			}
			assert_int_equal(r, 1);
			assert_pdu(&pdu, shapes[i].ahs_words, shapes[i].data_len);
			i++;
		}
		assert_int_equal(cursor_left(&in), 0);
		assert_true(pdu_stream_idle(s));
	}
	writer_done(&w);
}

static void a_whole_pdu_is_used_where_it_lies(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
	struct writer w = writer_make(BIG_DATA);
	struct cursor in;
	struct pdu pdu;

	put_pdu(&w, 0, 100);
	in = cursor_make(w.data, w.len);
	assert_int_equal(pdu_stream_take(s, &in, &pdu), 1);
	assert_ptr_equal(pdu.data, w.data + ISCSI_BHS_LEN);
	writer_done(&w);
}

static void an_unknown_opcode_is_no_pdu(void **state _unused_)
{
	for (unsigned int op = 0; op <= ISCSI_OP_MASK; op++) {
		_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
		uint8_t bhs[ISCSI_BHS_LEN] = {(uint8_t)op};
		struct pdu pdu;
		size_t left;

		assert_int_equal(feed(s, bhs, sizeof(bhs), 1, &pdu, &left),
		                 pdu_opcode_known((uint8_t)op) ? 1 : -EBADMSG);
		if (op == 0x08)
			assert_string_equal(pdu_stream_fault(s),
			                    "opcode 0x08 is not one of RFC 7143");
	}
}

static void an_unknown_opcode_is_taken_where_it_was_asked_for(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
	uint8_t bytes[ISCSI_BHS_LEN + 4] = {[0] = 0x2f, [7] = 3, [16] = 0xaa, [48] = 'a'};
	struct cursor in = cursor_make(bytes, sizeof(bytes));
	struct pdu pdu;

	pdu_stream_take_unknown(s);
	assert_int_equal(pdu_stream_take(s, &in, &pdu), 1);
	assert_int_equal(pdu.opcode, 0x2f);
	assert_int_equal(pdu.itt, 0xaa000000);
	assert_int_equal(pdu.data_len, 3);
	assert_int_equal(pdu.data[0], 'a');
}

static void data_beyond_the_limit_is_refused_by_the_header_alone(void **state _unused_)
{
	static const struct {
		uint32_t limit;
		uint32_t data_len;
		int expected;
	} cases[] = {
		{8192, 0, 1},        {8192, 8192, 0},         {8192, 8193, -EBADMSG},
		{0, 8192, 0},        {0, 8193, -EBADMSG},     {8192, 0xffffff, -EBADMSG},
		{262144, 262144, 0}, {0xffffff, 0xffffff, 0}, {262144, 262145, -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(cases[i].limit);
		uint8_t bhs[ISCSI_BHS_LEN];
		struct pdu pdu = {.opcode = ISCSI_OP_LOGIN_RSP, .data_len = cases[i].data_len};
		struct cursor in = cursor_make(bhs, sizeof(bhs));

		pdu_encode(&pdu, bhs);
		assert_int_equal(pdu_stream_take(s, &in, &pdu), cases[i].expected);
	}
}

static void the_fault_names_length_and_limit(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(8192);
	uint8_t bhs[ISCSI_BHS_LEN] = {0x23, 0, 0, 0, 0, 0xff, 0xff, 0xff};
	struct pdu pdu;
	size_t left;

	assert_int_equal(feed(s, bhs, sizeof(bhs), 48, &pdu, &left), -EBADMSG);
	assert_string_equal(
		pdu_stream_fault(s),
		"DataSegmentLength 16777215 of a Login Response is beyond the limit of 8192");
}

static void memory_grows_with_what_comes(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(ISCSI_DATA_SEGMENT_MAX);
	uint8_t bhs[ISCSI_BHS_LEN] = {0x24, 0, 0, 0, 0, 0xff, 0xff, 0xff};
	struct pdu pdu;
	size_t n, left;
	void *buf;

	assert_int_equal(feed(s, bhs, sizeof(bhs), 48, &pdu, &left), 0);
	assert_int_equal(pdu_stream_want(s, &buf, &n), 0);
	assert_in_range(n, 1, 16384);
}

static void limits_may_change_between_pdus(void **state _unused_)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
	struct writer w = writer_make(2 * BIG_DATA);
	struct cursor in;
	struct pdu pdu;

	put_pdu(&w, 0, BIG_DATA);
	pdu_stream_set_max_data(s, BIG_DATA);
	in = cursor_make(w.data, w.len - 1);
	assert_int_equal(pdu_stream_take(s, &in, &pdu), 0);
	in = cursor_make(w.data + w.len - 1, 1);
	assert_int_equal(pdu_stream_take(s, &in, &pdu), 1);
	assert_pdu(&pdu, 0, BIG_DATA);
	pdu_stream_set_max_data(s, MAX_DATA);
	in = cursor_make(w.data, w.len);
	assert_int_equal(pdu_stream_take(s, &in, &pdu), -EBADMSG);
	writer_done(&w);
}

/* Digests from the examples of RFC 7143 appendix A.4: a read command, 32 bytes of zeros. */
static const uint8_t read_command[ISCSI_BHS_LEN + 4] = {
	0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,
	0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x56, 0x3a, 0x96, 0xd9};

static const uint8_t text_with_zeros[ISCSI_BHS_LEN + 32 + 4] = {
	[0] = 0x04, [7] = 32, [80] = 0xaa, [81] = 0x36, [82] = 0x91, [83] = 0x8a};

static int feed_damaged(const uint8_t *bytes, size_t len, size_t damaged, bool header, bool data,
                        size_t chunk, const char *fault)
{
	_cleanup_stream_ struct pdu_stream *s = pdu_stream_new(MAX_DATA);
	uint8_t copy[128];
	struct pdu pdu;
	size_t left;
	int r;

	memcpy(copy, bytes, len);
	if (damaged < len)
		copy[damaged] ^= 0x10;
	pdu_stream_set_digests(s, header, data);
	if (chunk > 0) {
		r = feed(s, copy, len, chunk, &pdu, &left);
	} else {
		struct cursor in = cursor_make(copy, len);

		r = pdu_stream_take(s, &in, &pdu);
	}
	assert_string_equal(pdu_stream_fault(s), r < 0 ? fault : "");
	return r;
}

static void a_header_digest_is_checked(void **state _unused_)
{
	static const char fault[] = "the header digest is wrong";

	for (size_t chunk = 0; chunk < 2; chunk++) {
		assert_int_equal(feed_damaged(read_command, 52, SIZE_MAX, true, true, chunk, fault),
		                 1);
		for (size_t at = 0; at < 52; at++) {
			/* a damaged TotalAHSLength makes it wait for more */
			if (at != 4)
				assert_int_equal(feed_damaged(read_command, 52, at, true, true,
				                              chunk, fault),
				                 -EBADMSG);
		}
	}
}

static void a_data_digest_is_checked(void **state _unused_)
{
	static const char fault[] = "the data digest of a Text Request is wrong";

	for (size_t chunk = 0; chunk < 2; chunk++) {
		assert_int_equal(
			feed_damaged(text_with_zeros, 84, SIZE_MAX, false, true, chunk, fault), 1);
		for (size_t at = ISCSI_BHS_LEN; at < 84; at++)
			assert_int_equal(
				feed_damaged(text_with_zeros, 84, at, false, true, chunk, fault),
				-EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pdu_comes_in_pieces_of_any_size),
		cmocka_unit_test(it_never_asks_for_more_than_the_pdu),
		cmocka_unit_test(many_pdus_are_taken_from_bytes_cut_anywhere),
		cmocka_unit_test(a_whole_pdu_is_used_where_it_lies),
		cmocka_unit_test(an_unknown_opcode_is_no_pdu),
		cmocka_unit_test(an_unknown_opcode_is_taken_where_it_was_asked_for),
		cmocka_unit_test(data_beyond_the_limit_is_refused_by_the_header_alone),
		cmocka_unit_test(the_fault_names_length_and_limit),
		cmocka_unit_test(memory_grows_with_what_comes),
		cmocka_unit_test(limits_may_change_between_pdus),
		cmocka_unit_test(a_header_digest_is_checked),
		cmocka_unit_test(a_data_digest_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
