/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iSNSP on the wire.  Bytes are typed from the figures of RFC 4171: the header of section 5.1, the
 * attribute of section 5.3, the status of section 5.4.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/isns.h"

#define NUMBER_16(n) (uint8_t)((n) >> 8), (uint8_t)(n)
#define NUMBER_32(n) 0, 0, NUMBER_16(n)
#define HEADER(function, len, flags, transaction, sequence)                                        \
	0, 1, NUMBER_16(function), NUMBER_16(len), NUMBER_16(flags), NUMBER_16(transaction),       \
		NUMBER_16(sequence)
/* the server's flags: of the only PDU, the first, one in the middle, the last */
enum { ONLY = 0x4c00, FIRST = 0x4400, MIDDLE = 0x4000, LAST = 0x4800 };
enum { QUERY_RESPONSE = 0x8002 };
#define SUCCESS   NUMBER_32(0)
#define DELIMITER NUMBER_32(0), NUMBER_32(0)

/* clang-format off */
static const uint8_t attribute_query[] = {
	/* version 1, DevAttrQry, 72 bytes, client first last, transaction, sequence 0 */
	0x00, 0x01, 0x00, 0x02, 0x00, 0x48, 0x8c, 0x00, 0x12, 0x34, 0x00, 0x00,
	/* iSCSI name, 24 bytes with the NUL and what fills them up to a multiple of 4 */
	0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x18,
	'i', 'q', 'n', '.', '2', '0', '0', '1', '-', '0', '4', '.',
	'c', 'o', 'm', '.', 'e', 'x', ':', 'a', 'b', 0x00, 0x00, 0x00,
	/* node type: target */
	0x00, 0x00, 0x00, 0x21, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01,
	/* delimiter */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	/* the tag of a portal group is wanted, and a name of 3 letters is there */
	0x00, 0x00, 0x00, 0x33, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x04, 'a', 'b', 'c', 0x00,
};
/* clang-format on */

static void a_request_is_one_pdu_with_its_source(void **state)
{
	struct writer w = writer_make(4096);

	(void)state;
	writer_u8(&w, 0xee); /* what stands before stays */
	isns_request_begin(&w, ISNS_DEV_ATTR_QRY, 0x1234, "iqn.2001-04.com.ex:ab");
	isns_put_u32(&w, ISNS_TAG_NODE_TYPE, ISNS_NODE_TARGET);
	isns_put_empty(&w, ISNS_TAG_DELIMITER);
	isns_put_empty(&w, ISNS_TAG_GROUP_TAG);
	isns_put_text(&w, ISNS_TAG_GROUP_NAME, "abc");
	isns_request_end(&w, 1);
	assert_int_equal(writer_status(&w), 0);
	assert_int_equal(w.len, 1 + sizeof(attribute_query));
	assert_memory_equal(w.data + 1, attribute_query, sizeof(attribute_query));
	writer_done(&w);
}

static void a_text_is_filled_up_with_at_least_its_nul(void **state)
{
	static const struct {
		const char *text;
		uint8_t len;
	} rows[] = {{"", 4}, {"a", 4}, {"abc", 4}, {"abcd", 8}, {"abcdefg", 8}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct writer w = writer_make(4096);
		const uint8_t head[] = {0, 0, 0, 32, 0, 0, 0, rows[i].len};
		static const uint8_t zeros[8];
		size_t n = strlen(rows[i].text);

		isns_put_text(&w, ISNS_TAG_NODE_NAME, rows[i].text);
		assert_int_equal(w.len, sizeof(head) + rows[i].len);
		assert_memory_equal(w.data, head, sizeof(head));
		assert_memory_equal(w.data + sizeof(head), rows[i].text, n);
		assert_memory_equal(w.data + sizeof(head) + n, zeros, rows[i].len - n);
		writer_done(&w);
	}
}

/* Section 5.4: 0 to 23, of which 4 is reserved. */
static void every_status_has_a_text(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= 23; i++) {
		if (i == 4)
			assert_string_equal(isns_status_text(i), "Unknown status");
		else
			assert_string_not_equal(isns_status_text(i), "Unknown status");
	}
	assert_string_equal(isns_status_text(0), "Success");
	assert_string_equal(isns_status_text(6), "Source unknown");
	assert_string_equal(isns_status_text(9), "No such entry");
	assert_string_equal(isns_status_text(11), "Internal error");
	assert_string_equal(isns_status_text(23), "Registration feature not supported");
	assert_string_equal(isns_status_text(24), "Unknown status");
	assert_string_equal(isns_status_text(UINT32_MAX), "Unknown status");
}

/* ---- answers ------------------------------------------------------------------------------ */

/* What the answer to transaction 7, given in pieces, holds: "status S", "tag: bytes in hex", "end",
 * "! fault". */
static void list(const uint8_t *bytes, size_t len, size_t piece, struct writer *w)
{
	struct isns_answer a;
	struct isns_item item;

	isns_answer_expect(&a, ISNS_DEV_ATTR_QRY, 7);
	for (size_t at = 0; at < len; at += piece) {
		struct cursor in = cursor_make(bytes + at, MIN(piece, len - at));
		int r;

		while ((r = isns_answer_next(&a, &in, &item)) > 0) {
			if (item.kind == ISNS_ITEM_STATUS)
				writer_printf(w, "status %u\n", item.status);
			if (item.kind == ISNS_ITEM_END)
				writer_printf(w, "end\n");
			if (item.kind != ISNS_ITEM_ATTRIBUTE)
				continue;
			writer_printf(w, "%u:", item.tag);
			for (size_t i = 0; i < item.len && i < ISNS_VALUE_KEPT; i++)
				writer_printf(w, " %02x", item.value[i]);
			writer_printf(w, "\n");
		}
		if (r == 0) {
			assert_int_equal(cursor_left(&in), 0);
			continue;
		}
		assert_int_equal(r, -EBADMSG);
		writer_printf(w, "! %s\n", a.fault);
		return;
	}
}

static void expect_list(const uint8_t *bytes, size_t len, const char *want)
{
	for (size_t piece = 1; piece <= len; piece++) {
		struct writer w = writer_make(1 << 20);

		list(bytes, len, piece, &w);
		writer_u8(&w, 0);
		assert_string_equal((const char *)w.data, want);
		writer_done(&w);
	}
}

#define EXPECT_LIST(want, ...)                                                                     \
	do {                                                                                       \
		static const uint8_t answer[] = {__VA_ARGS__};                                     \
		expect_list(answer, sizeof(answer), want);                                         \
	} while (0)

static void an_answer_of_one_pdu_is_taken_apart(void **state)
{
	(void)state;
	EXPECT_LIST("status 0\nend\n", HEADER(QUERY_RESPONSE, 4, ONLY, 7, 0), SUCCESS);
	EXPECT_LIST("status 0\n33: 00 00 00 01\n0:\n48: 61 62 63 00\n51:\nend\n",
	            HEADER(QUERY_RESPONSE, 44, ONLY, 7, 0), SUCCESS, NUMBER_32(33), NUMBER_32(4),
	            NUMBER_32(1), DELIMITER, NUMBER_32(48), NUMBER_32(4), 'a', 'b', 'c', 0,
	            NUMBER_32(51), NUMBER_32(0));
}

/* Section 5.2: attributes may be cut anywhere, the status too. */
static void an_answer_of_many_pdus_is_put_together(void **state)
{
	(void)state;
	EXPECT_LIST("status 0\n0:\n48: 61 62 63 00\nend\n", HEADER(QUERY_RESPONSE, 2, FIRST, 7, 0),
	            0, 0, HEADER(QUERY_RESPONSE, 5, MIDDLE, 7, 1), 0, 0, 0, 0, 0,
	            HEADER(QUERY_RESPONSE, 0, MIDDLE, 7, 2),
	            HEADER(QUERY_RESPONSE, 14, MIDDLE, 7, 3), 0, 0, 0, 0, 0, NUMBER_32(48),
	            NUMBER_32(4), 'a', HEADER(QUERY_RESPONSE, 3, LAST, 7, 4), 'b', 'c', 0);
	/* the last one may have nothing left to say */
	EXPECT_LIST("status 0\n0:\nend\n", HEADER(QUERY_RESPONSE, 12, FIRST, 7, 0), SUCCESS,
	            DELIMITER, HEADER(QUERY_RESPONSE, 0, LAST, 7, 1));
}

static void of_a_refusal_only_the_status_counts(void **state)
{
	(void)state;
	EXPECT_LIST("status 6\nend\n", HEADER(QUERY_RESPONSE, 4, ONLY, 7, 0), NUMBER_32(6));
	EXPECT_LIST("status 9\nend\n", HEADER(QUERY_RESPONSE, 7, FIRST, 7, 0), NUMBER_32(9), 1, 2,
	            3, HEADER(QUERY_RESPONSE, 1, LAST, 7, 1), 4);
}

static void what_breaks_the_rfc_is_told(void **state)
{
	(void)state;
	EXPECT_LIST("! the answer is of version 2 of the protocol, not 1\n", 0, 2, 0x80, 2, 0, 4,
	            0x4c, 0, 0, 7, 0, 0, SUCCESS);
	EXPECT_LIST("! the answer is to transaction 8, not 7\n",
	            HEADER(QUERY_RESPONSE, 4, ONLY, 8, 0), SUCCESS);
	EXPECT_LIST("! the answer is of function 0x8001, not 0x8002\n",
	            HEADER(0x8001, 4, ONLY, 7, 0), SUCCESS);
	EXPECT_LIST("! the answer is of function 0x0002, not 0x8002\n", HEADER(2, 4, ONLY, 7, 0),
	            SUCCESS);
	EXPECT_LIST("! the answer is signed, which was not asked for\n",
	            HEADER(QUERY_RESPONSE, 4, ONLY | 0x2000, 7, 0), SUCCESS);
	EXPECT_LIST("! PDU 0 of the answer does not claim to be its first\n",
	            HEADER(QUERY_RESPONSE, 4, LAST, 7, 0), SUCCESS);
	EXPECT_LIST("status 0\n! PDU 1 of the answer claims to be its first\n",
	            HEADER(QUERY_RESPONSE, 4, FIRST, 7, 0), SUCCESS,
	            HEADER(QUERY_RESPONSE, 4, ONLY, 7, 1), SUCCESS);
	EXPECT_LIST("! PDU 1 of the answer comes where PDU 0 should\n",
	            HEADER(QUERY_RESPONSE, 4, ONLY, 7, 1), SUCCESS);
	EXPECT_LIST("status 0\n! PDU 0 of the answer comes where PDU 1 should\n",
	            HEADER(QUERY_RESPONSE, 4, FIRST, 7, 0), SUCCESS,
	            HEADER(QUERY_RESPONSE, 4, LAST, 7, 0), SUCCESS);
	EXPECT_LIST("! the answer ends before its status\n", HEADER(QUERY_RESPONSE, 0, ONLY, 7, 0));
	EXPECT_LIST("! the answer ends before its status\n", HEADER(QUERY_RESPONSE, 3, ONLY, 7, 0),
	            0, 0, 0);
	EXPECT_LIST("status 0\n! the answer ends within an attribute\n",
	            HEADER(QUERY_RESPONSE, 9, ONLY, 7, 0), SUCCESS, 0, 0, 0, 48, 0);
	EXPECT_LIST("status 0\n! attribute 48 of 8 bytes goes beyond the end of the answer\n",
	            HEADER(QUERY_RESPONSE, 16, ONLY, 7, 0), SUCCESS, NUMBER_32(48), NUMBER_32(8),
	            'a', 'b', 'c', 0);
	EXPECT_LIST("status 0\n! the answer ends within an attribute\n",
	            HEADER(QUERY_RESPONSE, 12, FIRST, 7, 0), SUCCESS, NUMBER_32(48), NUMBER_32(8),
	            HEADER(QUERY_RESPONSE, 4, LAST, 7, 1), 'a', 'b', 'c', 0);
	EXPECT_LIST("status 0\n! the answer ends within an attribute\n",
	            HEADER(QUERY_RESPONSE, 12, FIRST, 7, 0), SUCCESS, NUMBER_32(48), NUMBER_32(8),
	            HEADER(QUERY_RESPONSE, 0, LAST, 7, 1));
	EXPECT_LIST("status 0\n! attribute 48 has 3 bytes, which is no multiple of 4\n",
	            HEADER(QUERY_RESPONSE, 15, ONLY, 7, 0), SUCCESS, NUMBER_32(48), NUMBER_32(3),
	            'a', 'b', 0);
	EXPECT_LIST(
		"status 0\n! attribute 48 of 4294967292 bytes goes beyond the end of the answer\n",
		HEADER(QUERY_RESPONSE, 12, FIRST, 7, 0), SUCCESS, NUMBER_32(48), 0xff, 0xff, 0xff,
		0xfc);
}

/* Section 6.4.1: 224 bytes with the NUL; of more no more is kept than tells so. */
static void of_a_long_value_the_beginning_is_kept(void **state)
{
	enum { LEN = 4000 };
	static const uint8_t head[] = {HEADER(QUERY_RESPONSE, 12 + LEN, ONLY, 7, 0), SUCCESS,
	                               NUMBER_32(48), NUMBER_32(LEN)};
	uint8_t answer[sizeof(head) + LEN];
	struct isns_answer a;
	struct isns_item item;
	struct cursor in = cursor_make(answer, sizeof(answer));
	const char *text;

	(void)state;
	memcpy(answer, head, sizeof(head));
	memset(answer + sizeof(head), 'x', LEN);
	isns_answer_expect(&a, ISNS_DEV_ATTR_QRY, 7);
	assert_int_equal(isns_answer_next(&a, &in, &item), 1);
	assert_int_equal(isns_answer_next(&a, &in, &item), 1);
	assert_int_equal(item.kind, ISNS_ITEM_ATTRIBUTE);
	assert_int_equal(item.len, LEN);
	assert_int_equal(isns_item_text(&item, &text), ISNS_VALUE_KEPT);
	assert_int_equal(text[ISNS_VALUE_KEPT - 1], 'x');
	assert_int_equal(isns_answer_next(&a, &in, &item), 1);
	assert_int_equal(item.kind, ISNS_ITEM_END);
}

static void a_value_of_another_size_is_none(void **state)
{
	static const uint8_t bytes[20] = {0x20, 0x01, 0x0d, 0xb8};
	struct isns_item item = {.kind = ISNS_ITEM_ATTRIBUTE, .value = bytes};
	uint8_t address[ISNS_ADDRESS_LEN];
	uint32_t number = 7;
	const char *text;

	(void)state;
	for (item.len = 0; item.len <= sizeof(bytes); item.len += 4) {
		assert_int_equal(isns_item_u32(&item, &number), item.len == 4 ? 0 : -EBADMSG);
		assert_int_equal(isns_item_address(&item, address), item.len == 16 ? 0 : -EBADMSG);
		assert_int_equal(isns_item_text(&item, &text), item.len ? 4 : 0);
	}
	assert_int_equal(number, 0x20010db8);
	assert_memory_equal(address, bytes, sizeof(address));
}

static void an_answer_that_says_nothing_forever_is_given_up(void **state)
{
	static const uint8_t status[] = {SUCCESS};
	struct writer bytes = writer_make(1 << 20);

	(void)state;
	for (unsigned int i = 0; i < 66; i++) {
		writer_be16(&bytes, 1);
		writer_be16(&bytes, QUERY_RESPONSE);
		writer_be16(&bytes, i ? 0 : sizeof(status));
		writer_be16(&bytes, i ? MIDDLE : FIRST);
		writer_be16(&bytes, 7);
		writer_be16(&bytes, (uint16_t)i);
		if (i == 0)
			writer_bytes(&bytes, status, sizeof(status));
	}
	expect_list(bytes.data, bytes.len,
	            "status 0\n! 64 PDUs without a byte, and still no end announced\n");
	writer_done(&bytes);
}

/* Empty attributes, which cost nothing to send and nothing to keep. */
static void an_answer_without_an_end_is_given_up(void **state)
{
	static const uint8_t zeros[65528];
	struct isns_answer a;
	struct isns_item item;
	size_t sent = 0;
	int r = 0;

	(void)state;
	isns_answer_expect(&a, ISNS_DEV_ATTR_QRY, 7);
	for (unsigned int i = 0; r == 0; i++) {
		const uint8_t header[] = {HEADER(QUERY_RESPONSE, 65528, i ? MIDDLE : FIRST, 7, i)};
		struct cursor in = cursor_make(header, sizeof(header));

		r = isns_answer_next(&a, &in, &item);
		in = cursor_make(zeros, r == 0 ? sizeof(zeros) : 0);
		while (r >= 0 && cursor_left(&in) > 0)
			r = isns_answer_next(&a, &in, &item);
		if (r > 0)
			r = 0;
		sent += sizeof(header) + sizeof(zeros);
		assert_true(sent <= ISNS_ANSWER_MAX + sizeof(header) + sizeof(zeros));
	}
	assert_int_equal(r, -EBADMSG);
	assert_string_equal(a.fault, "the answer has no end: more than 64 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_one_pdu_with_its_source),
		cmocka_unit_test(a_text_is_filled_up_with_at_least_its_nul),
		cmocka_unit_test(every_status_has_a_text),
		cmocka_unit_test(an_answer_of_one_pdu_is_taken_apart),
		cmocka_unit_test(an_answer_of_many_pdus_is_put_together),
		cmocka_unit_test(of_a_refusal_only_the_status_counts),
		cmocka_unit_test(what_breaks_the_rfc_is_told),
		cmocka_unit_test(of_a_long_value_the_beginning_is_kept),
		cmocka_unit_test(a_value_of_another_size_is_none),
		cmocka_unit_test(an_answer_that_says_nothing_forever_is_given_up),
		cmocka_unit_test(an_answer_without_an_end_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
