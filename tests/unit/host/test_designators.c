/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When two pages 83h are of two disks; designators as SPC-4 section 7.8.6 describes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/host/designators.h"

#define HEADER        0x00, 0x83, 0x00, 0x00
#define NAA(n)        0x01, 0x03, 0x00, 0x08, 0x60, 0, 0, 0, 0, 0, 0, n
#define EUI(n)        0x01, 0x02, 0x00, 0x08, 0x00, 0, 0, 0, 0, 0, 0, n
#define T10(n)        0x02, 0x01, 0x00, 0x09, 'V', 'E', 'N', 'D', 'O', 'R', ' ', ' ', n
#define T10_BINARY(n) 0x01, 0x01, 0x00, 0x09, 'V', 'E', 'N', 'D', 'O', 'R', ' ', ' ', n
#define PORT_NAA(n)   0x01, 0x13, 0x00, 0x08, 0x60, 0, 0, 0, 0, 0, 0, n
#define GROUP(n)      0x01, 0x15, 0x00, 0x04, 0, 0, 0, n
#define PAGE(...)                                                                                  \
	{                                                                                          \
		(const uint8_t[]){HEADER, __VA_ARGS__}, sizeof((uint8_t[]){HEADER, __VA_ARGS__})   \
	}

struct row {
	struct {
		const uint8_t *bytes;
		size_t len;
	} a, b;
};

static bool differ(const struct row *row)
{
	bool forth = designators_differ(row->a.bytes, row->a.len, row->b.bytes, row->b.len);

	assert_int_equal(forth,
	                 designators_differ(row->b.bytes, row->b.len, row->a.bytes, row->a.len));
	return forth;
}

static void another_disk_has_no_designator_of_the_strongest_kind_in_common(void **state)
{
	const struct row rows[] = {
		{PAGE(NAA(1)), PAGE(NAA(2))},
		{PAGE(T10('1')), PAGE(T10('2'))},
		{PAGE(T10('1')), PAGE(T10_BINARY('1'))},
		{PAGE(NAA(1), NAA(2)), PAGE(NAA(3), NAA(4))},
		/* a vendor who writes the same text for all of them */
		{PAGE(T10('1'), NAA(1)), PAGE(T10('1'), NAA(2))},
		{PAGE(PORT_NAA(9), NAA(1)), PAGE(PORT_NAA(9), NAA(2))},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(differ(&rows[i]));
}

static void the_same_disk_may_be_described_in_another_way(void **state)
{
	const struct row rows[] = {
		{PAGE(NAA(1)), PAGE(NAA(1))},
		/* seen through another port */
		{PAGE(NAA(1), PORT_NAA(7), GROUP(1)), PAGE(NAA(1), PORT_NAA(8), GROUP(2))},
		/* another order, and one more */
		{PAGE(NAA(1), NAA(2)), PAGE(NAA(3), NAA(2), NAA(1))},
		/* a firmware that knows more kinds */
		{PAGE(T10('1')), PAGE(T10('1'), NAA(1), EUI(1))},
		/* T10 text that changed under the same NAA name */
		{PAGE(T10('1'), NAA(1)), PAGE(T10('2'), NAA(1))},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(differ(&rows[i]));
}

static void what_says_nothing_proves_nothing(void **state)
{
	const struct row rows[] = {
		{PAGE(NAA(1)), {NULL, 0}},
		{PAGE(NAA(1)), {(const uint8_t[]){0x00, 0x83}, 2}},
		{PAGE(NAA(1)), PAGE(EUI(2))},
		{PAGE(NAA(1)), PAGE(0x01, 0x03, 0x00, 0x00)},
		/* cut in the middle of a designator */
		{PAGE(NAA(1)), PAGE(0x01, 0x03, 0x00, 0x08, 0x60, 0, 0)},
		{PAGE(NAA(1)), PAGE(0x01)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(differ(&rows[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_disk_has_no_designator_of_the_strongest_kind_in_common),
		cmocka_unit_test(the_same_disk_may_be_described_in_another_way),
		cmocka_unit_test(what_says_nothing_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
