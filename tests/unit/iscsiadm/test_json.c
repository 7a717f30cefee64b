/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "iscsiadm/json_objects.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

static int make(void **state)
{
	struct json_document *d = NULL;

	if (json_document_new(&d, NULL) < 0)
		return -1;
	*state = d;
	return 0;
}

static int drop(void **state)
{
	*state = json_document_free(*state);
	return 0;
}

/* The document without blanks outside of texts; the caller frees. */
static char *written(const struct json_document *d)
{
	char *text = NULL, *to;
	bool quoted = false;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(json_document_write(d, JSON_PRETTY, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(text[size - 1], '\n');
	to = text;
	for (const char *from = text; *from; from++) {
		if (*from == '"' && from[-1] != '\\')
			quoted = !quoted;
		if (quoted || (*from != ' ' && *from != '\n'))
			*to++ = *from;
	}
	*to = '\0';
	return text;
}

static void assert_written(const struct json_document *d, const char *expected)
{
	char *text = written(d);

	assert_string_equal(text, expected);
	free(text);
}

static void values_are_written_as_rfc_8259_has_them(void **state)
{
	struct json root = json_root(*state), list = json_add_list(root, "list");

	json_add_number(list, NULL, -1);
	json_add_unsigned(list, NULL, UINT64_MAX);
	json_add_text(json_add_object(list, NULL), "a", "b");
	json_add_bool(root, "yes", true);
	json_add_text(root, "nothing", NULL);
	json_add_text(root, "empty", "");
	json_add_seconds(root, "time", 1250000);
	assert_written(*state, "{\"list\":[-1,18446744073709551615,{\"a\":\"b\"}],\"yes\":true,"
	                       "\"nothing\":null,\"empty\":null,\"time\":1.250000}");
}

static void texts_are_escaped(void **state)
{
	json_add_text(json_root(*state), "t", "a\"b\\c/d\n\x01");
	assert_written(*state, "{\"t\":\"a\\\"b\\\\c/d\\n\\u0001\"}");
}

/* As text, an object is what it is of objects: in its layout, too. */
static void members_are_written_like_values(void **state)
{
	static const char *const texts[] = {
		"",   "plain", "a\"b\\c/d\x01\x7f", "\xc3\xa4\xe2\x82\xac", "a\x80z\xe2\x82", "007",
		"-5", "0",
	};
	struct json_document *d[2] = {*state};
	char *written_as[2] = {0};

	assert_int_equal(json_document_new(&d[1], NULL), 0);
	for (int i = 0; i < 2; i++) {
		struct json in = json_add_object(json_add_list(json_root(d[i]), "list"), NULL);
		struct json_members m = json_members_of(in);
		struct json o = i == 0 ? json_add_object(in, "o") : in;
		size_t size;
		FILE *f;

		for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
			char key[16];

			snprintf(key, sizeof(key), "\"%zu", k);
			if (i == 0)
				json_add_text(o, key, texts[k]);
			else
				json_members_text(&m, key, texts[k]);
			snprintf(key, sizeof(key), "number%zu", k);
			if (i == 0)
				json_add_decimal(o, key, texts[k]);
			else
				json_members_decimal(&m, key, texts[k]);
		}
		if (i == 0)
			json_add_secret(o, "secret", "hush");
		else
			json_members_secret(&m, "secret", "hush");
		if (i == 1)
			json_add_members(in, "o", &m);
		f = open_memstream(&written_as[i], &size);
		assert_non_null(f);
		assert_int_equal(json_document_write(d[i], JSON_PRETTY, f), 0);
		assert_int_equal(fclose(f), 0);
	}
	assert_string_equal(written_as[1], written_as[0]);
	free(written_as[0]);
	free(written_as[1]);
	json_document_free(d[1]);
}

/* Table 3-7 of the Unicode standard, which RFC 3629 section 4 says the same as. */
static void what_is_no_utf_8_is_replaced_byte_by_byte(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"a\x80z", "a\xef\xbf\xbdz"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
	};
	char expected[64];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json_document *d;

		assert_int_equal(json_document_new(&d, NULL), 0);
		json_add_text(json_root(d), "t", rows[i].in);
		snprintf(expected, sizeof(expected), "{\"t\":\"%s\"}", rows[i].out);
		assert_written(d, expected);
		json_document_free(d);
	}
	(void)state;
}

static void a_record_has_numbers_and_no_secrets(void **state)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);
	char *text;

	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.port", "3261"), 0);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.auth.password", "hush1234"),
	                 0);
	json_put_record(json_root(*state), "values", r);
	iscsi_db_record_free(r);
	text = written(*state);
	assert_non_null(strstr(text, "\"discovery.sendtargets.port\":3261,"));
	assert_non_null(strstr(text, "\"discovery.sendtargets.auth.password_set\":true,"));
	assert_non_null(strstr(text, "\"discovery.sendtargets.auth.password_in_set\":false,"));
	assert_null(strstr(text, "hush"));
	assert_null(strstr(text, "\"discovery.sendtargets.auth.password\":"));
	free(text);
}

static void a_session_is_told_in_the_depth_that_was_asked_for(void **state)
{
	static const struct cli cli = {.paths.sysfs = "/nonexistent"};
	static const struct daemon_state daemon = {
		.sid = 3, .state = "REOPEN", .connection = "TRANSPORT WAIT"};
	struct host_session s = {.sid = 3,
	                         .has_creator = true,
	                         .transport = "tcp",
	                         .target_name = "iqn.2001-04.com.example:a",
	                         .iface_name = "default",
	                         .tpgt = 1,
	                         .persistent_address = "192.0.2.1",
	                         .persistent_port = 3260,
	                         .password = "hush1234",
	                         .recovery_tmo = "off",
	                         .header_digest = 1,
	                         .data_digest = -1};
	char *text;

	json_put_session(json_root(*state), &cli, &s, 0, &daemon, 1);
	assert_written(*state, "{\"sid\":3,\"target\":\"iqn.2001-04.com.example:a\",\"portal\":{"
	                       "\"address\":\"192.0.2.1\",\"port\":3260},\"tpgt\":1,\"iface\":"
	                       "\"default\",\"transport\":\"tcp\",\"flash\":false}");
	json_put_session(json_root(*state), &cli, &s, 3, &daemon, 1);
	text = written(*state);
	assert_non_null(strstr(text, "\"connection\":\"TRANSPORT WAIT\",\"iscsid\":\"REOPEN\"}"));
	assert_non_null(strstr(text, "\"timeouts\":{\"recovery\":\"off\","));
	assert_non_null(strstr(text, "\"password_set\":true"));
	assert_null(strstr(text, "hush"));
	assert_non_null(strstr(text, "\"HeaderDigest\":\"CRC32C\",\"DataDigest\":null,"));
	assert_non_null(strstr(text, "\"luns\":[]"));
	free(text);
}

static void an_error_has_its_number_and_text(void **state)
{
	struct json list = json_add_list(json_root(*state), "l");

	json_put_error(json_add_object(list, NULL), ISCSI_ERR_NO_OBJS_FOUND);
	json_put_error(json_add_object(list, NULL), ISCSI_ERR_SUCCESS);
	assert_written(*state, "{\"l\":[{\"error\":{\"number\":21,\"text\":\"no objects found\"}},"
	                       "{\"error\":null}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_are_written_as_rfc_8259_has_them, make,
	                                        drop),
		cmocka_unit_test_setup_teardown(texts_are_escaped, make, drop),
		cmocka_unit_test_setup_teardown(members_are_written_like_values, make, drop),
		cmocka_unit_test(what_is_no_utf_8_is_replaced_byte_by_byte),
		cmocka_unit_test_setup_teardown(a_record_has_numbers_and_no_secrets, make, drop),
		cmocka_unit_test_setup_teardown(a_session_is_told_in_the_depth_that_was_asked_for,
	                                        make, drop),
		cmocka_unit_test_setup_teardown(an_error_has_its_number_and_text, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
