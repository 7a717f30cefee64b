/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/kv.h"
#include "lib/base/macros.h"

/* One expected answer of kv_next(): a pair, or a line that is none (value NULL). */
struct pair {
	const char *key, *value;
	unsigned int line;
};

static void expect(enum kv_separator separator, const char *text, size_t len,
                   const struct pair *pairs)
{
	struct kv_reader r = kv_reader_make(separator, text, len);
	struct kv kv;

	for (; pairs->key; pairs++) {
		assert_int_equal(kv_next(&r, &kv), pairs->value ? 1 : -EBADMSG);
		assert_true(kv_key_is(&kv, pairs->key));
		assert_true(kv_value_is(&kv, pairs->value ? pairs->value : ""));
		assert_int_equal(r.line, pairs->line);
	}
	assert_int_equal(kv_next(&r, &kv), 0);
	assert_int_equal(kv_next(&r, &kv), 0);
}

static void lines_are_trimmed_and_comments_skipped(void **state _unused_)
{
	static const struct {
		const char *text;
		struct pair pairs[4];
	} rows[] = {
		{"", {{0}}},
		{"\n\n  \n\t\r\n", {{0}}},
		{"# BEGIN RECORD 2.1.8\n  # also = no pair\n", {{0}}},
		{"a=1\nb=2\n", {{"a", "1", 1}, {"b", "2", 2}}},
		{"a=1\nb=2", {{"a", "1", 1}, {"b", "2", 2}}},
		{"a=1\r\nb=2\r\n", {{"a", "1", 1}, {"b", "2", 2}}},
		{" \tnode.name \t= \t iqn.x \t\n", {{"node.name", "iqn.x", 1}}},
		{"a=\nb =\n", {{"a", "", 1}, {"b", "", 2}}},
		{"a=b=c\n", {{"a", "b=c", 1}}},
		{"a= x # y\n", {{"a", "x # y", 1}}},
		{"a = two words\n", {{"a", "two words", 1}}},
		{"\n#c\n\na=1\n", {{"a", "1", 4}}},
		{"a=1\ntorn line\nb=2\n", {{"a", "1", 1}, {"torn line", NULL, 2}, {"b", "2", 3}}},
		{"=value\nb=2\n", {{"=value", NULL, 1}, {"b", "2", 2}}},
		{"  = v\n", {{"= v", NULL, 1}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(KV_NEWLINE, rows[i].text, strlen(rows[i].text), rows[i].pairs);
}

/* RFC 7143 section 6.1: pairs end in NUL; nothing else is special. */
static void iscsi_text_is_taken_as_it_is(void **state _unused_)
{
#define TEXT(s) s, sizeof(s) - 1
	static const struct {
		const char *text;
		size_t len;
		struct pair pairs[4];
	} rows[] = {
		{TEXT(""), {{0}}},
		{TEXT("A=1\0B=2\0"), {{"A", "1", 1}, {"B", "2", 2}}},
		{TEXT("A=1\0B=2"), {{"A", "1", 1}, {"B", "2", 2}}},
		{TEXT("A=1\0\0\0B=2\0\0"), {{"A", "1", 1}, {"B", "2", 4}}},
		{TEXT(" A = 1 \0"), {{" A ", " 1 ", 1}}},
		{TEXT("#A=1\0"), {{"#A", "1", 1}}},
		{TEXT("A=1\nB=2\0"), {{"A", "1\nB=2", 1}}},
		{TEXT("A=\0"), {{"A", "", 1}}},
		{TEXT("A\0B=2\0"), {{"A", NULL, 1}, {"B", "2", 2}}},
		{TEXT("=A\0"), {{"=A", NULL, 1}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(KV_NUL, rows[i].text, rows[i].len, rows[i].pairs);
}

static void keys_and_values_compare_whole(void **state _unused_)
{
	struct kv_reader r = kv_reader_make(KV_NEWLINE, "sid=12", 6);
	struct kv kv;

	assert_int_equal(kv_next(&r, &kv), 1);
	assert_true(kv_key_is(&kv, "sid"));
	assert_false(kv_key_is(&kv, "si"));
	assert_false(kv_key_is(&kv, "sid="));
	assert_false(kv_key_is(&kv, ""));
	assert_true(kv_value_is(&kv, "12"));
	assert_false(kv_value_is(&kv, "1"));
	assert_false(kv_value_is(&kv, "123"));
}

static void a_value_is_copied_where_it_fits(void **state _unused_)
{
	struct kv kv = {.key = "k", .key_len = 1, .value = "abcd", .value_len = 4};
	char dst[5] = "old", *dup;

	assert_int_equal(kv_value_copy(&kv, dst, 4), -ENAMETOOLONG);
	assert_string_equal(dst, "old");
	assert_int_equal(kv_value_copy(&kv, dst, 0), -ENAMETOOLONG);
	assert_int_equal(kv_value_copy(&kv, dst, 5), 0);
	assert_string_equal(dst, "abcd");
	kv.value_len = 2;
	dup = kv_value_dup(&kv);
	assert_string_equal(dup, "ab");
	free(dup);
	kv.value = "a\0b";
	kv.value_len = 3;
	assert_int_equal(kv_value_copy(&kv, dst, sizeof(dst)), -EILSEQ);
}

static void pairs_are_written_with_their_separator(void **state _unused_)
{
	struct writer w = writer_make(100);

	kv_put(&w, KV_NEWLINE, "a", "1");
	kv_putf(&w, KV_NEWLINE, "b", "%d:%s", 2, "x");
	assert_int_equal(w.len, 10);
	assert_memory_equal(w.data, "a=1\nb=2:x\n", 10);
	writer_reset(&w);
	kv_put(&w, KV_NUL, "A", "1\n2");
	kv_putf(&w, KV_NUL, "B", "%s", "");
	assert_int_equal(w.len, 9);
	assert_memory_equal(w.data, "A=1\n2\0B=\0", 9);
	writer_done(&w);
}

static void a_newline_cannot_make_a_second_pair(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"detail", "x\nerror=0"}, {"a\nb", "x"}, {"a", "\n"}, {"a", "x\n"}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct writer w = writer_make(100);

		kv_put(&w, KV_NEWLINE, pairs[i][0], pairs[i][1]);
		assert_int_equal(writer_status(&w), -EINVAL);
		assert_int_equal(w.len, 0);
		kv_putf(&w, KV_NEWLINE, "good", "%d", 1); /* the error stays */
		assert_int_equal(writer_status(&w), -EINVAL);
		writer_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_trimmed_and_comments_skipped),
		cmocka_unit_test(iscsi_text_is_taken_as_it_is),
		cmocka_unit_test(keys_and_values_compare_whole),
		cmocka_unit_test(a_value_is_copied_where_it_fits),
		cmocka_unit_test(pairs_are_written_with_their_separator),
		cmocka_unit_test(a_newline_cannot_make_a_second_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
