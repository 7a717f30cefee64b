/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/failure.h"
#include "lib/base/file.h"
#include "lib/base/macros.h"

static const struct failure refused = {
	.target_name = "iqn.2026-01.org.example:disk",
	.address = "fe80::1%eth0",
	.port = 3260,
	.iface_name = "default",
	.when_sec = 1767225600,
	.attempt = 3,
	.given_up = true,
	.error = ISCSI_ERR_LOGIN_AUTH_FAILED,
	.status = 0x0201,
	.text = "[fe80::1%eth0]:3260 refused the login; compare the secrets",
};

static char folder[64];

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test-failure.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	DIR *d = opendir(folder);

	(void)state;
	for (const struct dirent *e; d && (e = readdir(d));)
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	return rmdir(folder);
}

static void what_was_saved_is_loaded(void **state)
{
	struct failure f;

	(void)state;
	assert_int_equal(failure_save(folder, &refused), 0);
	assert_int_equal(failure_load(folder, &refused, &f), 0);
	assert_string_equal(f.target_name, refused.target_name);
	assert_string_equal(f.address, refused.address);
	assert_string_equal(f.iface_name, refused.iface_name);
	assert_string_equal(f.text, refused.text);
	assert_int_equal(f.port, 3260);
	assert_int_equal(f.when_sec, 1767225600);
	assert_int_equal(f.attempt, 3);
	assert_true(f.given_up);
	assert_int_equal(f.error, 24);
	assert_int_equal(f.status, 0x0201);
}

static void each_record_has_its_own(void **state)
{
	struct failure other = refused, f;

	(void)state;
	assert_int_equal(failure_save(folder, &refused), 0);
	other.port = 3261;
	assert_int_equal(failure_load(folder, &other, &f), -ENOENT);
	strcpy(other.text, "another");
	assert_int_equal(failure_save(folder, &other), 0);
	assert_int_equal(failure_load(folder, &refused, &f), 0);
	assert_string_equal(f.text, refused.text);
	failure_remove(folder, &refused);
	assert_int_equal(failure_load(folder, &refused, &f), -ENOENT);
	assert_int_equal(failure_load(folder, &other, &f), 0);
	failure_remove(folder, &refused);
}

static void a_text_stays_one_line(void **state)
{
	struct failure odd = refused, f;

	(void)state;
	strcpy(odd.text, "first\nerror=0\x7f");
	assert_int_equal(failure_save(folder, &odd), 0);
	assert_int_equal(failure_load(folder, &odd, &f), 0);
	assert_string_equal(f.text, "first?error=0?");
	assert_int_equal(f.error, 24);
}

static void a_torn_file_is_no_failure(void **state)
{
	struct failure f;
	DIR *d;
	const struct dirent *e;

	(void)state;
	assert_int_equal(failure_save(folder, &refused), 0);
	d = opendir(folder);
	assert_non_null(d);
	while ((e = readdir(d)) && e->d_name[0] == '.')
		;
	assert_non_null(e);
	assert_int_equal(file_replace(dirfd(d), e->d_name, "target=x\n", 9, 0600, false), 0);
	closedir(d);
	assert_int_equal(failure_load(folder, &refused, &f), -EBADMSG);
}

static void count_failure(void *data, const struct failure *f)
{
	unsigned int *count = data;

	(*count)++;
	if (f->port == 3260)
		assert_string_equal(f->text, refused.text);
}

static void all_that_are_whole_are_told(void **state)
{
	struct failure other = refused;
	unsigned int count = 0;
	int fd;

	(void)state;
	assert_int_equal(failure_walk("/nonexistent", count_failure, &count), 0);
	assert_int_equal(count, 0);
	other.port = 3261;
	assert_int_equal(failure_save(folder, &refused), 0);
	assert_int_equal(failure_save(folder, &other), 0);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(file_replace(fd, "torn", "target=x\n", 9, 0600, false), 0);
	close(fd);
	assert_int_equal(failure_walk(folder, count_failure, &count), 0);
	assert_int_equal(count, 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_loaded),    TEST(each_record_has_its_own),
		TEST(a_text_stays_one_line),       TEST(a_torn_file_is_no_failure),
		TEST(all_that_are_whole_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
