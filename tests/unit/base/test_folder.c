/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/folder.h"

enum { MANY = 3000 };

static char root[] = "/tmp/test-folder.XXXXXX";
static int root_fd = -1;

static int setup(void **state _unused_)
{
	strcpy(strrchr(root, '.'), ".XXXXXX");
	if (!mkdtemp(root))
		return -1;
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0 ? -1 : 0;
}

/* All that a test has made lies in the root itself. */
static int teardown(void **state _unused_)
{
	_cleanup_folder_ struct folder all = {0};

	if (folder_read(root_fd, ".", &all) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		const bool folder = all.entries[i].type == FOLDER_ENTRY_FOLDER;

		unlinkat(root_fd, all.entries[i].name, folder ? AT_REMOVEDIR : 0);
	}
	unlinkat(root_fd, ".hidden", 0);
	close(root_fd);
	return rmdir(root);
}

static void make_file(const char *name)
{
	int fd = openat(root_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void names_come_sorted_with_their_types(void **state _unused_)
{
	static const struct {
		const char *name;
		enum folder_entry_type type;
	} expected[] = {
		{"1", FOLDER_ENTRY_FILE},     {"10", FOLDER_ENTRY_FOLDER}, {"2", FOLDER_ENTRY_LINK},
		{"pipe", FOLDER_ENTRY_OTHER}, {"z", FOLDER_ENTRY_FILE},
	};
	_cleanup_folder_ struct folder f = {0};

	make_file("z");
	make_file("1");
	make_file(".hidden");
	assert_int_equal(mkdirat(root_fd, "10", 0700), 0);
	assert_int_equal(symlinkat("z", root_fd, "2"), 0);
	assert_int_equal(mkfifoat(root_fd, "pipe", 0600), 0);
	assert_int_equal(folder_read(root_fd, ".", &f), 0);
	assert_int_equal(f.count, ARRAY_LEN(expected));
	for (size_t i = 0; i < f.count; i++) {
		assert_string_equal(f.entries[i].name, expected[i].name);
		assert_int_equal(f.entries[i].type, expected[i].type);
	}
}

/* More than one getdents64(2) tells. */
static void a_large_folder_is_read_whole(void **state _unused_)
{
	_cleanup_folder_ struct folder f = {0};
	char name[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "name-%04d", i);
		make_file(name);
	}
	assert_int_equal(folder_read(root_fd, ".", &f), 0);
	assert_int_equal(f.count, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "name-%04d", i);
		assert_string_equal(f.entries[i].name, name);
	}
}

static void what_was_there_before_is_forgotten(void **state _unused_)
{
	_cleanup_folder_ struct folder f = {0};

	make_file("file");
	assert_int_equal(mkdirat(root_fd, "folder", 0700), 0);
	assert_int_equal(folder_read(root_fd, ".", &f), 0);
	assert_int_equal(f.count, 2);
	assert_int_equal(folder_read(root_fd, "folder", &f), 0);
	assert_int_equal(f.count, 0);
	assert_int_equal(folder_read(root_fd, ".", &f), 0);
	assert_int_equal(folder_read(root_fd, "nothing", &f), -ENOENT);
	assert_int_equal(f.count, 0);
	assert_int_equal(folder_read(root_fd, ".", &f), 0);
	assert_int_equal(folder_read(root_fd, "file", &f), -ENOTDIR);
	assert_int_equal(f.count, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_come_sorted_with_their_types),
		TEST(a_large_folder_is_read_whole),
		TEST(what_was_there_before_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
