/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/cursor.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                                0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14};

static void integers_are_read_most_significant_byte_first(void **state _unused_)
{
	struct cursor c = cursor_make(bytes, sizeof(bytes));
	uint8_t u8;
	uint16_t u16;
	uint32_t u24, u32;
	uint64_t u64;

	assert_int_equal(cursor_u8(&c, &u8), 0);
	assert_int_equal(u8, 0x01);
	assert_int_equal(cursor_be16(&c, &u16), 0);
	assert_int_equal(u16, 0x0203);
	assert_int_equal(cursor_be24(&c, &u24), 0);
	assert_int_equal(u24, 0x040506);
	assert_int_equal(cursor_be32(&c, &u32), 0);
	assert_int_equal(u32, 0x0708090a);
	assert_int_equal(cursor_be64(&c, &u64), 0);
	assert_true(u64 == 0x0b0c0d0e0f101112);
	assert_int_equal(cursor_left(&c), 2);
}

static void what_is_not_there_is_not_read(void **state _unused_)
{
	uint8_t u8 = 7, dst[4] = {7, 7, 7, 7};
	uint16_t u16 = 7;
	uint32_t u32 = 7;
	uint64_t u64 = 7;
	const uint8_t *p = dst;

	for (size_t len = 0; len < 8; len++) {
		struct cursor c = cursor_make(bytes, len);

		assert_int_equal(cursor_be64(&c, &u64), -EBADMSG);
		if (len < 4)
			assert_int_equal(cursor_be32(&c, &u32), -EBADMSG);
		if (len < 4)
			assert_int_equal(cursor_copy(&c, dst, 4), -EBADMSG);
		if (len < 3)
			assert_int_equal(cursor_be24(&c, &u32), -EBADMSG);
		if (len < 2)
			assert_int_equal(cursor_be16(&c, &u16), -EBADMSG);
		if (len < 1)
			assert_int_equal(cursor_u8(&c, &u8), -EBADMSG);
		assert_int_equal(cursor_bytes(&c, len + 1, &p), -EBADMSG);
		assert_int_equal(cursor_skip(&c, SIZE_MAX), -EBADMSG);
		assert_int_equal(cursor_left(&c), len); /* nothing was consumed */
	}
	assert_int_equal(u8, 7);
	assert_int_equal(u16, 7);
	assert_int_equal(u32, 7);
	assert_int_equal(u64, 7);
	assert_ptr_equal(p, dst);
	assert_int_equal(dst[0], 7);
}

static void bytes_are_borrowed_copied_and_skipped(void **state _unused_)
{
	struct cursor c = cursor_make(bytes, sizeof(bytes));
	const uint8_t *p;
	uint8_t dst[3];

	assert_int_equal(cursor_bytes(&c, 2, &p), 0);
	assert_ptr_equal(p, bytes);
	assert_int_equal(cursor_skip(&c, 1), 0);
	assert_int_equal(cursor_copy(&c, dst, 3), 0);
	assert_memory_equal(dst, bytes + 3, 3);
	assert_int_equal(cursor_bytes(&c, 0, &p), 0);
	assert_ptr_equal(p, bytes + 6);
	assert_int_equal(cursor_left(&c), sizeof(bytes) - 6);
}

static void nothing_is_a_window_too(void **state _unused_)
{
	struct cursor c = cursor_make(NULL, 0);
	const uint8_t *p;

	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_bytes(&c, 0, &p), 0);
	assert_int_equal(cursor_bytes(&c, 1, &p), -EBADMSG);
}

static void integers_are_written_most_significant_byte_first(void **state _unused_)
{
	struct writer w = writer_make(100);

	writer_u8(&w, 0x01);
	writer_be16(&w, 0x0203);
	writer_be16(&w, 0x0405);
	writer_u8(&w, 0x06);
	writer_be32(&w, 0x0708090a);
	writer_be64(&w, 0x0b0c0d0e0f101112);
	writer_bytes(&w, "\x13\x14", 2);
	assert_int_equal(writer_status(&w), 0);
	assert_int_equal(w.len, sizeof(bytes));
	assert_memory_equal(w.data, bytes, sizeof(bytes));
	writer_done(&w);
	assert_null(w.data);
}

static void text_and_zeros_are_appended(void **state _unused_)
{
	struct writer w = writer_make(100);

	writer_str(&w, "ab");
	writer_printf(&w, "%d:%s", 12, "x");
	writer_zeros(&w, 2);
	writer_str(&w, "");
	writer_printf(&w, "%s", "");
	writer_bytes(&w, NULL, 0);
	assert_int_equal(w.len, 8);
	assert_memory_equal(w.data, "ab12:x\0\0", 8);
	writer_done(&w);
}

static void a_writer_fills_to_its_maximum_and_no_further(void **state _unused_)
{
	struct writer w = writer_make(300);

	writer_zeros(&w, 299);
	writer_u8(&w, 1);
	assert_int_equal(writer_status(&w), 0);
	assert_int_equal(w.len, 300);
	writer_u8(&w, 2);
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	assert_int_equal(w.len, 300);
	writer_reset(&w);
	writer_zeros(&w, 301);
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	assert_int_equal(w.len, 0);
	writer_reset(&w);
	writer_bytes(&w, bytes, SIZE_MAX);
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	writer_done(&w);
}

static void the_first_error_stays(void **state _unused_)
{
	struct writer w = writer_make(4);

	writer_str(&w, "abc");
	writer_str(&w, "de");
	writer_u8(&w, 'f'); /* would fit, but the message has a hole already */
	writer_printf(&w, "%s", "g");
	writer_zeros(&w, 1);
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	assert_int_equal(w.len, 3);
	writer_reset(&w);
	assert_int_equal(writer_status(&w), 0);
	writer_str(&w, "abcd");
	assert_int_equal(w.len, 4);
	writer_done(&w);
}

static void the_bytes_can_be_taken_as_a_string(void **state _unused_)
{
	struct writer w = writer_make(4);
	char *s = NULL;

	writer_str(&w, "abcd");
	assert_int_equal(writer_take_str(&w, &s), 0);
	assert_string_equal(s, "abcd");
	assert_null(w.data);
	assert_int_equal(w.len, 0);
	free(s);
	assert_int_equal(writer_take_str(&w, &s), 0);
	assert_string_equal(s, "");
	free(s);
	s = (char *)&w;
	writer_str(&w, "abcde");
	assert_int_equal(writer_take_str(&w, &s), -EMSGSIZE);
	assert_ptr_equal(s, &w);
	assert_null(w.data);
}

static void room_is_appended_to_be_filled(void **state _unused_)
{
	struct writer w = writer_make(8);
	char *text, *room;

	writer_str(&w, "ab");
	room = writer_extend(&w, 3);
	assert_non_null(room);
	memcpy(room, "cde", 3);
	writer_u8(&w, 'f');
	assert_null(writer_extend(&w, 3));
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	assert_int_equal(writer_take_str(&w, &text), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_appended_to_be_filled),
		cmocka_unit_test(integers_are_read_most_significant_byte_first),
		cmocka_unit_test(what_is_not_there_is_not_read),
		cmocka_unit_test(bytes_are_borrowed_copied_and_skipped),
		cmocka_unit_test(nothing_is_a_window_too),
		cmocka_unit_test(integers_are_written_most_significant_byte_first),
		cmocka_unit_test(text_and_zeros_are_appended),
		cmocka_unit_test(a_writer_fills_to_its_maximum_and_no_further),
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(the_bytes_can_be_taken_as_a_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
