/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/text.h"

static void a_text_split_at_any_byte_is_one_text(void **state)
{
	static const char whole[] = "InitiatorName=iqn.1994-05.com.example:x\0SessionType=Normal";
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t at = 0; at <= sizeof(whole); at++) {
		struct text_in t = text_in_make(sizeof(whole));
		struct kv_reader r;
		struct kv kv;

		assert_int_equal(text_in_add(&t, whole, at), 0);
		assert_int_equal(text_in_add(&t, whole + at, sizeof(whole) - at), 0);
		r = text_in_reader(&t);
		assert_int_equal(text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault), 1);
		assert_true(kv_key_is(&kv, "InitiatorName"));
		assert_true(kv_value_is(&kv, "iqn.1994-05.com.example:x"));
		assert_int_equal(text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault), 1);
		assert_true(kv_key_is(&kv, "SessionType"));
		assert_true(kv_value_is(&kv, "Normal"));
		assert_int_equal(text_next(&r, ISCSI_TEXT_VALUE_MAX, &kv, fault), 0);
		text_in_done(&t);
	}
}

static void a_text_beyond_its_limit_is_refused(void **state)
{
	struct text_in t = text_in_make(8);

	(void)state;
	assert_int_equal(text_in_add(&t, "A=123456", 8), 0);
	assert_int_equal(text_in_add(&t, "7", 1), -EMSGSIZE);
	text_in_reset(&t);
	assert_int_equal(text_in_add(&t, "B=1", 3), 0);
	text_in_done(&t);
}

/* RFC 7143 6.1: labels of letters, digits and .-+@_ (and '#', which X#... keys have). */
static void keys_and_values_are_checked(void **state)
{
	static const struct {
		const char *pair;
		const char *fault; /* NULL: good */
	} rows[] = {
		{"A=", NULL},
		{"iSCSIProtocolLevel=1", NULL},
		{"X-com.example.a_b+c@d=1", NULL},
		{"X#NodeArchitecture=x86_64", NULL},
		{"TargetAlias=D\xc3\xa4mon =,~", NULL},
		{"A23456789B123456789C123456789D123456789E123456789F123456789G123=1", NULL},
		{"A23456789B123456789C123456789D123456789E123456789F123456789G1234=1",
	         "\"A23456789B123456789C123456789D123456789E123456789F123456789G1234\" is not a legal "
	         "key name"},
		{"9A=1", "\"9A\" is not a legal key name"},
		{"-A=1", "\"-A\" is not a legal key name"},
		{"A B=1", "\"A B\" is not a legal key name"},
		{"A\xff=1", "\"A\\xff\" is not a legal key name"},
		{"A=1\x7f", "the value of A, \"1\\x7f\", contains control characters"},
		{"A=\t", "the value of A, \"\\x09\", contains control characters"},
		{"A", "pair 1, \"A\", is not of the form key=value"},
		{"=1", "pair 1, \"=1\", is not of the form key=value"},
		{"A=0123456789a", "the value of A has 11 bytes, more than the 10 allowed"},
	};
	char fault[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kv_reader r = kv_reader_make(KV_NUL, rows[i].pair, strlen(rows[i].pair) + 1);
		size_t max = rows[i].fault ? 10 : 40;
		struct kv kv;

		assert_int_equal(text_next(&r, max, &kv, fault), rows[i].fault ? -EBADMSG : 1);
		if (rows[i].fault)
			assert_string_equal(fault, rows[i].fault);
		assert_int_equal(text_next(&r, max, &kv, fault), 0);
	}
}

static void text_goes_out_in_pieces(void **state)
{
	static const char whole[] = "A=1\0B=22\0C=333";

	(void)state;
	for (size_t max = 1; max <= sizeof(whole) + 1; max++) {
		struct text_out t = text_out_make(64);
		char got[sizeof(whole)];
		const uint8_t *piece;
		size_t len, at = 0;
		bool more;

		assert_true(text_out_empty(&t));
		text_put(&t.text, "A", "1");
		text_put_number(&t.text, "B", 22);
		text_put(&t.text, "C", "333");
		do {
			assert_false(text_out_empty(&t));
			more = text_out_take(&t, max, &piece, &len);
			assert_int_equal(len, MIN(max, sizeof(whole) - at));
			memcpy(got + at, piece, len);
			at += len;
			assert_int_equal(more, at < sizeof(whole));
		} while (more);
		assert_memory_equal(got, whole, sizeof(whole));
		assert_true(text_out_empty(&t));
		assert_false(text_out_take(&t, max, &piece, &len));
		assert_int_equal(len, 0);
		text_out_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_split_at_any_byte_is_one_text),
		cmocka_unit_test(a_text_beyond_its_limit_is_refused),
		cmocka_unit_test(keys_and_values_are_checked),
		cmocka_unit_test(text_goes_out_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
