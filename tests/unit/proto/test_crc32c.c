/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32C against the examples of RFC 7143 appendix A.4 (bytes as they are sent).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/proto/crc32c.h"

enum { EXAMPLE_LEN = 32 };

static void assert_digest(const uint8_t *data, size_t len, const uint8_t *expected)
{
	uint8_t digest[CRC32C_LEN];

	crc32c_put(crc32c(0, data, len), digest);
	assert_memory_equal(digest, expected, CRC32C_LEN);
	/* in two pieces, cut at each place: also those that are no multiple of a word */
	for (size_t cut = 0; cut <= len; cut++) {
		crc32c_put(crc32c(crc32c(0, data, cut), data + cut, len - cut), digest);
		assert_memory_equal(digest, expected, CRC32C_LEN);
	}
}

static void the_rfcs_examples_of_32_bytes(void **state _unused_)
{
	uint8_t data[EXAMPLE_LEN];

	memset(data, 0, sizeof(data));
	assert_digest(data, sizeof(data), (const uint8_t[]){0xaa, 0x36, 0x91, 0x8a});
	memset(data, 0xff, sizeof(data));
	assert_digest(data, sizeof(data), (const uint8_t[]){0x43, 0xab, 0xa8, 0x62});
	for (uint8_t i = 0; i < EXAMPLE_LEN; i++)
		data[i] = i;
	assert_digest(data, sizeof(data), (const uint8_t[]){0x4e, 0x79, 0xdd, 0x46});
	for (uint8_t i = 0; i < EXAMPLE_LEN; i++)
		data[i] = EXAMPLE_LEN - 1 - i;
	assert_digest(data, sizeof(data), (const uint8_t[]){0x5c, 0xdb, 0x3f, 0x11});
}

static void the_rfcs_example_of_a_read_command(void **state _unused_)
{
	static const uint8_t bhs[48] = {0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	                                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
	                                0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00,
	                                0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	                                0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

	assert_digest(bhs, sizeof(bhs), (const uint8_t[]){0x56, 0x3a, 0x96, 0xd9});
}

static void nothing_gives_zero(void **state _unused_)
{
	assert_int_equal(crc32c(0, "", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfcs_examples_of_32_bytes),
		cmocka_unit_test(the_rfcs_example_of_a_read_command),
		cmocka_unit_test(nothing_gives_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
