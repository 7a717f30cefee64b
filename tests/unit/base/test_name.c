/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of RFC 7143 section 4.2.7 and RFC 3722, and names that would be dangerous in a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/base/name.h"

static bool valid(const char *name)
{
	const char *why = "untouched";
	bool ok = iscsi_name_valid(name, strlen(name), &why);

	if (ok)
		assert_string_equal(why, "untouched");
	else
		assert_string_not_equal(why, "untouched");
	return ok;
}

static void names_of_the_standard_are_valid(void **state _unused_)
{
	static const char *const names[] = {
		/* examples of RFC 7143 section 4.2.7 */
		"iqn.2001-04.com.example:storage.diskarrays-sn-a8675309",
		"iqn.2001-04.com.example",
		"iqn.2001-04.com.example:storage.tape1.sys1.xyz",
		"iqn.1992-01.com.example.mail:disk-arrays",
		"eui.02004567A425678D",
		"naa.52004567BA64678D",
		"naa.62004567BA64678D0123456789ABCDEF",
		/* what exists in the field */
		"iqn.1993-08.org.debian:01:abcdef012345",
		"iqn.2000-01.com.synology:nas.Target-1.abc",
		"iqn.2004-04.com.qnap:ts-459:iscsi.test_lun.c5a1b2",
		"iqn.2003-01.org.linux-iscsi.host.x8664:sn.0123456789ab",
		/* RFC 3722: letters beyond ASCII, as UTF-8 of two, three and four bytes */
		"iqn.2001-04.com.example:gr\xc3\xbc\xc3\x9f",
		"iqn.2001-04.com.example:\xe6\x97\xa5\xe6\x9c\xac",
		"iqn.2001-04.com.example:\xf0\x90\x8c\xb0",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!valid(names[i]))
			fail_msg("%s", names[i]);
}

static void names_that_break_a_rule_are_refused(void **state _unused_)
{
	static const char *const names[] = {
		"",
		"iqn",
		"iqn.",
		"disk1",
		"IQN.2001-04.com.example",
		"Iqn.2001-04.com.example",
		" iqn.2001-04.com.example",
		"iqn:2001-04.com.example",
		/* the date of the domain */
		"iqn.com.example:disk",
		"iqn.2001.com.example",
		"iqn.01-04.com.example",
		"iqn.2001-4.com.example",
		"iqn.2001-04",
		"iqn.2001-04.",
		"iqn.2001-04:disk",
		"iqn.2001-04.:disk",
		"iqn.2001-04.-x",
		/* lengths of the hexadecimal forms */
		"eui.",
		"eui.02004567A425678",
		"eui.02004567A425678D0",
		"eui.02004567A425678G",
		"naa.52004567BA64678",
		"naa.52004567BA64678D0",
		"naa.62004567BA64678D0123456789ABCDE",
		"naa.62004567BA64678D0123456789ABCDEF0",
		"naa.52004567BA64678Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (valid(names[i]))
			fail_msg("%s", names[i]);
}

static void no_name_leads_out_of_its_folder(void **state _unused_)
{
	static const char *const names[] = {
		"../../x",
		"/etc/passwd",
		"iqn.2001-04.com.example/../../x",
		"iqn.2001-04.com.example:a/b",
		"iqn.2001-04.com.example:..",
		"iqn.2001-04.com.example:a..b",
		"iqn.2001-04.com.example:a\\b",
		"iqn.2001-04.com.example:a b",
		"iqn.2001-04.com.example:a\nnode.startup=automatic",
		"iqn.2001-04.com.example:a\tb",
		"iqn.2001-04.com.example:a\rb",
		"iqn.2001-04.com.example:\x1b[2J",
		"iqn.2001-04.com.example:\x7f",
		"iqn.2001-04.com.example:a,b",
		"iqn.2001-04.com.example:a;b",
		"iqn.2001-04.com.example:$(x)",
		"iqn.2001-04.com.example:`x`",
		"iqn.2001-04.com.example:a*",
		"iqn.2001-04.com.example:a?",
		"iqn.2001-04.com.example:a=b",
		"iqn.2001-04.com.example:a%b",
		"iqn.2001-04.com.example:'",
		"iqn.2001-04.com.example:\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (valid(names[i]))
			fail_msg("%s", names[i]);
}

static void a_nul_inside_a_name_is_refused(void **state _unused_)
{
	static const char name[] = "iqn.2001-04.com.example:a\0b";
	const char *why;

	assert_false(iscsi_name_valid(name, sizeof(name) - 1, &why));
	assert_false(iscsi_name_valid(name, strlen(name) + 1, &why));
	assert_true(iscsi_name_valid(name, strlen(name), &why));
}

/* Unicode table 3-7: what is no well-formed UTF-8. */
static void bytes_that_are_no_utf8_are_refused(void **state _unused_)
{
	static const char *const tails[] = {
		"\x80",             /* a continuation alone */
		"\xc2\x9b",         /* well-formed, but a control character (CSI) */
		"\xc3",             /* cut after the first byte */
		"\xc3(",            /* followed by no continuation */
		"\xc0\xaf",         /* "/" in two bytes */
		"\xc1\xbf",         /* overlong */
		"\xe0\x80\xaf",     /* "/" in three bytes */
		"\xe0\x9f\xbf",     /* overlong */
		"\xed\xa0\x80",     /* a surrogate */
		"\xe6\x97",         /* cut */
		"\xe6\x97(",        /* wrong last byte */
		"\xf0\x80\x80\xaf", /* "/" in four bytes */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80", /* no first byte */
		"\xff",             /* never */
	};

	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		char name[64] = "iqn.2001-04.com.example:";

		strcat(name, tails[i]);
		if (valid(name))
			fail_msg("row %zu", i);
	}
}

/* RFC 7143 section 4.2.7.1: at most 223 bytes. */
static void a_name_has_at_most_223_bytes(void **state _unused_)
{
	char name[301];
	const char *why;

	memset(name, 'x', sizeof(name));
	memcpy(name, "iqn.2001-04.com.example:", 24);
	assert_true(iscsi_name_valid(name, 223, &why));
	assert_false(iscsi_name_valid(name, 224, &why));
	assert_false(iscsi_name_valid(name, 300, &why));
}

static void a_reason_fits_the_fault(void **state _unused_)
{
	const char *why;

	assert_false(iscsi_name_valid("", 0, &why));
	assert_non_null(strstr(why, "empty"));
	assert_false(iscsi_name_valid("disk", 4, &why));
	assert_non_null(strstr(why, "iqn."));
	assert_false(iscsi_name_valid("eui.1", 5, &why));
	assert_non_null(strstr(why, "16 hexadecimal"));
	assert_false(iscsi_name_valid("naa.1", 5, &why));
	assert_non_null(strstr(why, "16 or 32"));
}

static void interface_names_are_harmless_file_names(void **state _unused_)
{
	static const struct {
		const char *name;
		bool valid;
	} rows[] = {
		{"default", true},
		{"iface0", true},
		{"eth0.100", true},
		{"bnx2i.00:10:18:aa:bb:cc", true},
		{"br-lan@if3+x_y", true},
		{"10.0.0.1:3260:volume-1", true},
		{"[fe80::1%eth0]:3260:volume-1", true},
		{"a", true},
		{"1234567890123456789012345678901234567890123456789012345678901234", true},

		{"12345678901234567890123456789012345678901234567890123456789012345", false},
		{"", false},
		{".", false},
		{"..", false},
		{".hidden", false},
		{"a/b", false},
		{"a b", false},
		{"a\n", false},
		{"a\\b", false},
		{"\xc3\xbc", false},
		{"a*", false},
	};
	const char *why;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (iface_name_valid(rows[i].name, strlen(rows[i].name), &why) != rows[i].valid)
			fail_msg("'%s'", rows[i].name);
	assert_false(iface_name_valid("a\0b", 3, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_standard_are_valid),
		cmocka_unit_test(names_that_break_a_rule_are_refused),
		cmocka_unit_test(no_name_leads_out_of_its_folder),
		cmocka_unit_test(a_nul_inside_a_name_is_refused),
		cmocka_unit_test(bytes_that_are_no_utf8_are_refused),
		cmocka_unit_test(a_name_has_at_most_223_bytes),
		cmocka_unit_test(a_reason_fits_the_fault),
		cmocka_unit_test(interface_names_are_harmless_file_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
