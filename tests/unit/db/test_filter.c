/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

#define FILTER "discovery.sendtargets.filter."

static void a_portal_must_pass_every_filter_that_is_set(void **state _unused_)
{
	static const struct {
		const char *networks, *tpgts, *family; /* NULL: not set */
		const char *address;
		int32_t tpgt;
		bool taken;
	} rows[] = {
		{NULL, NULL, NULL, "192.0.2.1", 1, true},
		{NULL, NULL, NULL, "san.example.com", -1, true},
		{"192.0.2.0/24", NULL, NULL, "192.0.2.200", 1, true},
		{"192.0.2.0/24", NULL, NULL, "192.0.3.1", 1, false},
		{"192.0.2.128/25", NULL, NULL, "192.0.2.127", 1, false},
		{"192.0.2.128/25", NULL, NULL, "192.0.2.128", 1, true},
		{"192.0.2.7/32", NULL, NULL, "192.0.2.7", 1, true},
		{"192.0.2.7/32", NULL, NULL, "192.0.2.6", 1, false},
		{"0.0.0.0/0", NULL, NULL, "203.0.113.9", 1, true},
		{"0.0.0.0/0", NULL, NULL, "2001:db8::1", 1, false},
		{"192.0.2.0/24, 2001:db8::/33", NULL, NULL, "2001:db8:7fff::1", 1, true},
		{"192.0.2.0/24, 2001:db8::/33", NULL, NULL, "2001:db8:8000::1", 1, false},
		{"fe80::/10", NULL, NULL, "fe80::1%eth0", 1, true},
		{"0.0.0.0/0 ::/0", NULL, NULL, "san.example.com", 1, false},
		{NULL, "1,3", NULL, "192.0.2.1", 3, true},
		{NULL, "1,3", NULL, "192.0.2.1", 13, false},
		{NULL, "1,3", NULL, "192.0.2.1", -1, false},
		{NULL, NULL, "ipv4", "192.0.2.1", 1, true},
		{NULL, NULL, "ipv4", "2001:db8::1", 1, false},
		{NULL, NULL, "ipv6", "2001:db8::1", 1, true},
		{NULL, NULL, "ipv6", "192.0.2.1", 1, false},
		{NULL, NULL, "any", "192.0.2.1", 1, true},
		{"192.0.2.0/24", "1", "ipv4", "192.0.2.1", 1, true},
		{"192.0.2.0/24", "1", "ipv4", "192.0.2.1", 2, false},
		{"192.0.2.0/24", "2", "ipv6", "192.0.2.1", 2, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);

		if (rows[i].networks)
			assert_int_equal(
				iscsi_db_record_set(r, FILTER "networks", rows[i].networks), 0);
		if (rows[i].tpgts)
			assert_int_equal(iscsi_db_record_set(r, FILTER "tpgts", rows[i].tpgts), 0);
		if (rows[i].family)
			assert_int_equal(iscsi_db_record_set(r, FILTER "family", rows[i].family),
			                 0);
		assert_int_equal(iscsi_db_discovery_takes(r, rows[i].address, rows[i].tpgt),
		                 rows[i].taken);
		iscsi_db_record_free(r);
	}
}

static void what_is_no_filter_is_refused(void **state _unused_)
{
	static const struct {
		const char *key, *value;
	} rows[] = {
		{FILTER "networks", "192.0.2.0"},
		{FILTER "networks", "192.0.2.0/33"},
		{FILTER "networks", "2001:db8::/129"},
		{FILTER "networks", "example.com/8"},
		{FILTER "networks", "192.0.2.0/24 x"},
		{FILTER "networks", "192.0.2.0/-1"},
		{FILTER "tpgts", "65536"},
		{FILTER "tpgts", "-1"},
		{FILTER "tpgts", "1,x"},
		{FILTER "family", "ipv5"},
		{FILTER "reachable", "maybe"},
	};
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(iscsi_db_record_set(r, rows[i].key, rows[i].value), -EINVAL);
	iscsi_db_record_free(r);
}

/* Older readers refuse a record with a key that they do not know. */
static void filters_are_in_the_record_only_when_they_are_set(void **state _unused_)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);
	char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);

	assert_null(strstr(text, FILTER));
	free(text);
	assert_int_equal(iscsi_db_record_set(r, FILTER "tpgts", "1 2"), 0);
	text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
	assert_non_null(strstr(text, FILTER "tpgts = 1,2\n"));
	assert_null(strstr(text, FILTER "family"));
	free(text);
	iscsi_db_record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_portal_must_pass_every_filter_that_is_set),
		cmocka_unit_test(what_is_no_filter_is_refused),
		cmocka_unit_test(filters_are_in_the_record_only_when_they_are_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
