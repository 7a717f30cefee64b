/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/ipc/message.h"

static int parse(const char *text, struct ipc_message *ret)
{
	return ipc_message_parse(text, strlen(text), ret);
}

static void heads_are_read_or_refused(void **state _unused_)
{
	static const struct {
		const char *text;
		int result;
		enum ipc_reply reply;
		uint32_t id;
		const char *verb;
	} rows[] = {
		{"proto=1\nverb=login\nid=7\n", 0, IPC_REPLY_NONE, 7, "login"},
		{"proto=1\nid=7\nverb=login", 0, IPC_REPLY_NONE, 7, "login"},
		{"proto=1\nverb=a\nnode.name=iqn.x\nid=4294967295\n", 0, IPC_REPLY_NONE, UINT32_MAX,
	         "a"},
		{"proto=1\nreply=progress\nid=0\n", 0, IPC_REPLY_PROGRESS, 0, ""},
		{"proto=1\nreply=item\nid=1\n", 0, IPC_REPLY_ITEM, 1, ""},
		{"proto=1\nreply=done\nid=1\nerror=0\nnews=x\n", 0, IPC_REPLY_DONE, 1, ""},
		/* the first of two counts */
		{"proto=1\nverb=a\nid=1\nid=2\nverb=b\n", 0, IPC_REPLY_NONE, 1, "a"},

		{"", -EBADMSG, 0, 0, NULL},
		{"\n", -EBADMSG, 0, 0, NULL},
		{"verb=login\nproto=1\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nreply=done\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nreply=later\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=-1\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=4294967296\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=7x\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=\n", -EBADMSG, 0, 0, NULL},
		{"proto=one\nverb=login\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=\nverb=login\nid=7\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=7\nno pair\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=login\nid=7\n=value\n", -EBADMSG, 0, 0, NULL},
		{"proto=1\nverb=abcdefghijklmnopqrstuvwxyzabcdef\nid=7\n", -EBADMSG, 0, 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipc_message m = {0};

		assert_int_equal(parse(rows[i].text, &m), rows[i].result);
		if (rows[i].result < 0)
			continue;
		assert_int_equal(m.reply, rows[i].reply);
		assert_int_equal(m.id, rows[i].id);
		assert_string_equal(m.verb, rows[i].verb);
	}
}

static void another_protocol_number_is_told_with_its_id(void **state _unused_)
{
	struct ipc_message m;

	assert_int_equal(parse("proto=2\nverb=login\nid=9\n", &m), -EPROTONOSUPPORT);
	assert_int_equal(m.proto, 2);
	assert_int_equal(m.id, 9);
	/* where even the head is spelled differently */
	assert_int_equal(parse("proto=3\nwhat { }\nid=5\n", &m), -EPROTONOSUPPORT);
	assert_int_equal(m.proto, 3);
	assert_int_equal(parse("proto=0\n", &m), -EPROTONOSUPPORT);
	assert_int_equal(m.id, 0);
}

static void a_nul_byte_anywhere_is_refused(void **state _unused_)
{
	static const char good[] = "proto=1\nverb=stop\nid=7\ndetail=x\n";
	struct ipc_message m;

	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		char text[sizeof(good)];

		memcpy(text, good, sizeof(good));
		text[i] = '\0';
		assert_int_equal(ipc_message_parse(text, sizeof(good) - 1, &m), -EBADMSG);
	}
	/* the one that ends a C string counts as well */
	assert_int_equal(ipc_message_parse(good, sizeof(good), &m), -EBADMSG);
}

static void a_cut_message_is_never_misread(void **state _unused_)
{
	static const char whole[] = "proto=1\nverb=login\nid=7\n";
	struct ipc_message m;

	for (size_t len = 0; len < strlen("proto=1\nverb=login\nid=7"); len++)
		assert_int_equal(ipc_message_parse(whole, len, &m), -EBADMSG);
}

static void what_is_refused_is_told_with_its_id_if_there_is_one(void **state _unused_)
{
	struct ipc_message m = {.id = 77, .verb = "before"};

	assert_int_equal(parse("proto=1\nverb=x\nid=5\nno pair\n", &m), -EBADMSG);
	assert_int_equal(m.id, 5);
	assert_int_equal(parse("proto=1\nid=6\n", &m), -EBADMSG);
	assert_int_equal(m.id, 6);
	assert_int_equal(parse("proto=1\nverb=x\nid=y\n", &m), -EBADMSG);
	assert_int_equal(m.id, 0);
	m.id = 77;
	assert_int_equal(parse("id=5\n", &m), -EBADMSG);
	assert_int_equal(m.id, 0);
	assert_string_equal(m.verb, "before");
}

static void keys_are_found_by_their_whole_name(void **state _unused_)
{
	struct ipc_message m;
	struct kv kv;

	assert_int_equal(parse("proto=1\nreply=done\nid=1\nerror.text=no\nerror=24\nerror=3\n", &m),
	                 0);
	assert_int_equal(ipc_message_get(&m, "error", &kv), 1);
	assert_true(kv_value_is(&kv, "24"));
	assert_int_equal(ipc_message_get(&m, "err", &kv), 0);
	assert_int_equal(ipc_message_get(&m, "", &kv), 0);
	assert_int_equal(ipc_message_get(&m, "proto", &kv), 1);
	assert_true(ipc_message_is(&m, "proto", "1"));
	assert_false(ipc_message_is(&m, "proto", "10"));
	assert_false(ipc_message_is(&m, "err", ""));
	assert_true(kv_value_is(&kv, "1"));
}

static void a_text_for_people_keeps_the_blank_at_its_end(void **state _unused_)
{
	struct ipc_message m;
	struct kv kv;

	assert_int_equal(parse("proto=1\nreply=progress\nid=1\ntext=to \nlast=b\t", &m), 0);
	assert_int_equal(ipc_message_get_text(&m, "text", &kv), 1);
	assert_true(kv_value_is(&kv, "to "));
	assert_int_equal(ipc_message_get_text(&m, "last", &kv), 1);
	assert_true(kv_value_is(&kv, "b\t"));
	assert_int_equal(ipc_message_get_text(&m, "none", &kv), 0);
}

static void numbers_are_checked_against_their_bounds(void **state _unused_)
{
	static const struct {
		const char *key;
		int result, value;
	} rows[] = {
		{"sid", 0, 12},       {"zero", 0, 0},       {"low", -ERANGE, 0},
		{"high", -ERANGE, 0}, {"text", -EINVAL, 0}, {"empty", -EINVAL, 0},
		{"absent", 0, 5},     {"huge", -ERANGE, 0},
	};
	struct ipc_message m;

	assert_int_equal(parse("proto=1\nverb=v\nid=1\nsid=12\nzero=0\nlow=-1\nhigh=101\n"
	                       "text=12a\nempty=\nhuge=99999999999999999999\n",
	                       &m),
	                 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int v = -7;

		assert_int_equal(ipc_message_get_int(&m, rows[i].key, 0, 100, 5, &v),
		                 rows[i].result);
		assert_int_equal(v, rows[i].result < 0 ? -7 : rows[i].value);
	}
}

static void a_target_that_was_found_is_checked(void **state _unused_)
{
	static const struct {
		const char *keys;
		int result;
	} rows[] = {
		{"target=iqn.2026-01.org.example:a\naddress=192.0.2.1\nport=3261\ntpgt=7\n", 0},
		{"address=192.0.2.1\nport=3261\ntpgt=7\n", -EBADMSG},
		{"target=iqn.2026-01.org.example:a\nport=3261\ntpgt=7\n", -EBADMSG},
		{"target=../../etc\naddress=192.0.2.1\nport=3261\ntpgt=7\n", -EBADMSG},
		{"target=iqn.2026-01.org.example:a\naddress=a/b\nport=3261\n", -EBADMSG},
		{"target=iqn.2026-01.org.example:a\naddress=192.0.2.1\nport=0\n", -EBADMSG},
		{"target=iqn.2026-01.org.example:a\naddress=192.0.2.1\nport=1\ntpgt=65536\n",
	         -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct portal portal = {.port = 9};
		char text[256], name[ISCSI_NAME_SIZE];
		struct ipc_message m;

		snprintf(text, sizeof(text), "proto=1\nreply=item\nid=1\n%s", rows[i].keys);
		assert_int_equal(parse(text, &m), 0);
		assert_int_equal(ipc_message_get_target(&m, name, &portal), rows[i].result);
		assert_int_equal(portal.port, rows[i].result < 0 ? 9 : 3261);
		if (rows[i].result < 0)
			continue;
		assert_string_equal(name, "iqn.2026-01.org.example:a");
		assert_string_equal(portal.host, "192.0.2.1");
		assert_int_equal(portal.tpgt, 7);
	}
}

static void requests_and_answers_have_the_documented_form(void **state _unused_)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	static const char *const answers[] = {
		[IPC_REPLY_PROGRESS] = "proto=1\nreply=progress\nid=4294967295\n",
		[IPC_REPLY_ITEM] = "proto=1\nreply=item\nid=4294967295\n",
		[IPC_REPLY_DONE] = "proto=1\nreply=done\nid=4294967295\n",
	};

	ipc_request_begin(&w, "logout", 3);
	kv_put(&w, KV_NEWLINE, "sid", "12");
	assert_int_equal(writer_status(&w), 0);
	assert_int_equal(w.len, strlen("proto=1\nverb=logout\nid=3\nsid=12\n"));
	assert_memory_equal(w.data, "proto=1\nverb=logout\nid=3\nsid=12\n", w.len);
	for (int i = IPC_REPLY_PROGRESS; i <= IPC_REPLY_DONE; i++) {
		writer_reset(&w);
		ipc_reply_begin(&w, (enum ipc_reply)i, UINT32_MAX);
		assert_int_equal(w.len, strlen(answers[i]));
		assert_memory_equal(w.data, answers[i], w.len);
	}
	writer_done(&w);
}

static void a_message_over_the_limit_is_not_built(void **state _unused_)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);
	char chunk[1001];

	memset(chunk, 'x', sizeof(chunk) - 1);
	chunk[sizeof(chunk) - 1] = '\0';
	ipc_request_begin(&w, "login", 1);
	for (int i = 0; i < 70; i++)
		kv_put(&w, KV_NEWLINE, "node.name", chunk);
	assert_int_equal(writer_status(&w), -EMSGSIZE);
	assert_true(w.len <= IPC_MESSAGE_MAX);
	writer_done(&w);
}

static void a_value_cannot_smuggle_in_another_line(void **state _unused_)
{
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	ipc_reply_begin(&w, IPC_REPLY_DONE, 1);
	kv_put(&w, KV_NEWLINE, "detail", "refused\nerror=0");
	assert_int_equal(writer_status(&w), -EINVAL);
	writer_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_or_refused),
		cmocka_unit_test(another_protocol_number_is_told_with_its_id),
		cmocka_unit_test(a_nul_byte_anywhere_is_refused),
		cmocka_unit_test(a_cut_message_is_never_misread),
		cmocka_unit_test(what_is_refused_is_told_with_its_id_if_there_is_one),
		cmocka_unit_test(keys_are_found_by_their_whole_name),
		cmocka_unit_test(a_text_for_people_keeps_the_blank_at_its_end),
		cmocka_unit_test(numbers_are_checked_against_their_bounds),
		cmocka_unit_test(a_target_that_was_found_is_checked),
		cmocka_unit_test(requests_and_answers_have_the_documented_form),
		cmocka_unit_test(a_message_over_the_limit_is_not_built),
		cmocka_unit_test(a_value_cannot_smuggle_in_another_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
