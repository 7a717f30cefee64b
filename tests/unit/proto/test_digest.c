/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/proto/binary.h"
#include "lib/proto/digest.h"

/* The hashes of "abc": RFC 1321 A.5, FIPS 180-4 and 202 examples. */
static const struct {
	enum digest which;
	const char *result;
} rows[] = {
	{DIGEST_MD5, "0x900150983cd24fb0d6963f7d28e17f72"},
	{DIGEST_SHA1, "0xa9993e364706816aba3e25717850c26c9cd0d89d"},
	{DIGEST_SHA256, "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{DIGEST_SHA3_256, "0x3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
};

static void the_parts_are_hashed_as_one(void **state)
{
	static const struct {
		struct digest_part parts[3];
		size_t count;
	} splits[] = {
		{{{3, "abc"}}, 1},
		{{{1, "a"}, {2, "bc"}}, 2},
		{{{0, NULL}, {3, "abc"}, {0, ""}}, 3},
	};
	struct digests *d = digests_new();

	(void)state;
	assert_non_null(d);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct binary want;

		assert_true(digests_have(d, rows[i].which));
		assert_int_equal(binary_parse(rows[i].result, strlen(rows[i].result), &want), 0);
		assert_int_equal(digest_size(rows[i].which), want.len);
		for (size_t j = 0; j < ARRAY_LEN(splits); j++) {
			uint8_t got[DIGEST_SIZE_MAX] = {0};

			assert_int_equal(digests_compute(d, rows[i].which, splits[j].parts,
			                                 splits[j].count, got),
			                 0);
			assert_memory_equal(got, want.bytes, want.len);
		}
	}
	digests_free(d);
}

/* config(5ossl) "Algorithm Configuration": only what a provider of validated hashes has. */
static void what_the_policy_forbids_is_not_there(void **state)
{
	static const char policy[] = "openssl_conf = init\n[init]\nalg_section = hashes\n"
				     "[hashes]\ndefault_properties = provider=none\n";
	static const struct digest_part part = {3, "abc"};
	char path[] = "/tmp/test_digest.XXXXXX";
	uint8_t result[DIGEST_SIZE_MAX];
	int fd = mkstemp(path);
	struct digests *d;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, policy, sizeof(policy) - 1), sizeof(policy) - 1);
	close(fd);
	setenv("OPENSSL_CONF", path, 1);
	d = digests_new();
	unsetenv("OPENSSL_CONF");
	unlink(path);
	assert_non_null(d);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_false(digests_have(d, rows[i].which));
		assert_int_equal(digests_compute(d, rows[i].which, &part, 1, result), -ENOTSUP);
	}
	digests_free(d);
}

static void equal_means_every_byte(void **state)
{
	uint8_t a[DIGEST_SIZE_MAX] = {0}, b[DIGEST_SIZE_MAX] = {0};

	(void)state;
	assert_true(digest_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		assert_false(digest_equal(a, b, sizeof(a)));
		assert_true(digest_equal(a, b, i));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_are_hashed_as_one),
		cmocka_unit_test(what_the_policy_forbids_is_not_there),
		cmocka_unit_test(equal_means_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
