/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

static char root[64];
static int folder = -1;

static int setup(void **state _unused_)
{
	strcpy(root, "/tmp/test-file.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int teardown(void **state _unused_)
{
	close(folder);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *name, const void *data, size_t len)
{
	int fd = openat(folder, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void expect(const char *name, const void *data, size_t len)
{
	char *got;
	size_t got_len;

	assert_int_equal(file_read(folder, name, 1 << 20, &got, &got_len), 0);
	assert_int_equal(got_len, len);
	assert_memory_equal(got, data, len);
	assert_int_equal(got[len], '\0');
	free(got);
}

static unsigned int entries(void)
{
	DIR *d = opendir(root);
	unsigned int count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count - 2; /* "." and ".." */
}

static void a_file_is_read_whole_up_to_its_limit(void **state _unused_)
{
	static char big[20000];
	char *got = root;
	size_t len = 7;

	memset(big, 'x', sizeof(big));
	put("big", big, sizeof(big));
	put("empty", "", 0);
	put("nul", "a\0b", 3);
	expect("big", big, sizeof(big));
	expect("empty", "", 0);
	expect("nul", "a\0b", 3);
	assert_int_equal(file_read(folder, "big", sizeof(big), &got, &len), 0);
	free(got);
	got = root;
	len = 7;
	assert_int_equal(file_read(folder, "big", sizeof(big) - 1, &got, &len), -EFBIG);
	assert_int_equal(file_read(folder, "nul", 2, &got, &len), -EFBIG);
	assert_int_equal(file_read(folder, "none", 10, &got, &len), -ENOENT);
	assert_ptr_equal(got, root);
	assert_int_equal(len, 7);
}

/* The size that stat() tells of them is 0. */
static void a_file_without_a_size_is_read_whole(void **state _unused_)
{
	char *got;
	size_t len;

	assert_int_equal(file_read(AT_FDCWD, "/proc/self/status", 1 << 20, &got, &len), 0);
	assert_true(len > 100);
	assert_int_equal(memcmp(got, "Name:", 5), 0);
	free(got);
}

static void what_is_no_file_is_not_read_and_does_not_block(void **state _unused_)
{
	char *got, path[128];
	size_t len;

	assert_int_equal(file_read(folder, ".", 10, &got, &len), -EISDIR);
	snprintf(path, sizeof(path), "%s/fifo", root);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read(folder, "fifo", 10, &got, &len), -EINVAL);
	assert_int_equal(file_read(AT_FDCWD, "/dev/null", 10, &got, &len), -EINVAL);
}

static void a_file_is_made_and_replaced(void **state _unused_)
{
	struct stat st;

	for (int sync = 0; sync <= 1; sync++) {
		assert_int_equal(file_replace(folder, "f", "one", 3, 0600, sync), 0);
		expect("f", "one", 3);
		assert_int_equal(file_replace(folder, "f", "second", 6, 0640, sync), 0);
		expect("f", "second", 6);
		assert_int_equal(fstatat(folder, "f", &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		assert_int_equal(file_replace(folder, "f", "", 0, 0600, sync), 0);
		expect("f", "", 0);
	}
	assert_int_equal(entries(), 1);
}

static void the_umask_takes_nothing_away(void **state _unused_)
{
	mode_t old = umask(0777);
	struct stat st;

	assert_int_equal(file_replace(folder, "f", "x", 1, 0644, false), 0);
	umask(old);
	assert_int_equal(fstatat(folder, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

/* Whoever has the old file open keeps reading the old one: it is not written in place. */
static void a_reader_sees_the_old_file_to_its_end(void **state _unused_)
{
	char buf[8];
	int fd;

	put("f", "old", 3);
	fd = openat(folder, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_replace(folder, "f", "newer", 5, 0600, false), 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "old", 3);
	close(fd);
	expect("f", "newer", 5);
}

static void a_link_is_replaced_and_not_followed(void **state _unused_)
{
	struct stat st;

	put("elsewhere", "keep", 4);
	assert_int_equal(symlinkat("elsewhere", folder, "f"), 0);
	assert_int_equal(file_replace(folder, "f", "x", 1, 0600, false), 0);
	expect("elsewhere", "keep", 4);
	assert_int_equal(fstatat(folder, "f", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state _unused_)
{
	static char big[8192];
	struct rlimit old, tight;

	put("f", "old", 3);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(file_replace(folder, "f", big, sizeof(big), 0600, true), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_DFL);
	expect("f", "old", 3);
	assert_int_equal(entries(), 1);
}

static void a_folder_in_the_way_stays(void **state _unused_)
{
	assert_int_equal(mkdirat(folder, "f", 0700), 0);
	assert_int_equal(file_replace(folder, "f", "x", 1, 0600, false), -EISDIR);
	assert_int_equal(entries(), 1);
	assert_int_equal(file_replace(folder, "none/f", "x", 1, 0600, false), -ENOENT);
	assert_int_equal(entries(), 1);
}

static void the_longest_name_can_be_replaced(void **state _unused_)
{
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = '\0';
	assert_int_equal(file_replace(folder, name, "x", 1, 0600, false), 0);
	expect(name, "x", 1);
	name[NAME_MAX] = 'n';
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(file_replace(folder, name, "x", 1, 0600, false), -ENAMETOOLONG);
	assert_int_equal(entries(), 1);
}

/* A file that a killed writer left is nobody's obstacle. */
static void a_temporary_file_left_behind_does_no_harm(void **state _unused_)
{
	char name[64];

	snprintf(name, sizeof(name), ".f.%d.0", (int)getpid());
	put(name, "torn", 4);
	assert_int_equal(file_replace(folder, "f", "x", 1, 0600, false), 0);
	expect("f", "x", 1);
}

static void folders_are_made_where_they_are_missing(void **state _unused_)
{
	struct stat st;

	assert_int_equal(file_make_folders(folder, "a/b/c", 0700), 0);
	assert_int_equal(fstatat(folder, "a/b/c", &st, 0), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(file_make_folders(folder, "a/b/c", 0700), 0);
	assert_int_equal(file_make_folders(folder, "a//d/", 0700), 0);
	assert_int_equal(fstatat(folder, "a/d", &st, 0), 0);
	assert_int_equal(file_make_folders(folder, "", 0700), -EINVAL);
	put("file", "x", 1);
	assert_int_equal(file_make_folders(folder, "file/x", 0700), -ENOTDIR);
	assert_int_equal(file_make_folders(folder, "file", 0700), -ENOTDIR);
}

static void a_path_s_folder_is_all_but_its_last_part(void **state)
{
	static const char *const rows[][2] = {
		{"/run/iscsid/control", "/run/iscsid"},
		{"/control", "/"},
		{"control", "."},
		{"here/control", "here"},
		{"./control", "."},
		{"/run/", "/run"},
	};
	char dst[PATH_MAX], path[PATH_MAX + 3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(file_folder(rows[i][0], dst), 0);
		assert_string_equal(dst, rows[i][1]);
	}
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	path[PATH_MAX - 1] = '/';
	assert_int_equal(file_folder(path, dst), 0);
	assert_int_equal(strlen(dst), PATH_MAX - 1);
	path[PATH_MAX - 1] = 'x';
	path[PATH_MAX] = '/';
	assert_int_equal(file_folder(path, dst), -ENAMETOOLONG);
}

static void a_line_is_read_without_its_end(void **state _unused_)
{
	char dst[8] = "old";

	put("a", "12345\n", 6);
	put("b", "  x \t\r\n\n", 8);
	put("c", "", 0);
	put("d", "\n", 1);
	put("e", "12345678", 8);
	assert_int_equal(file_read_line(folder, "a", dst, sizeof(dst)), 5);
	assert_string_equal(dst, "12345");
	assert_int_equal(file_read_line(folder, "c", dst, sizeof(dst)), 0);
	assert_string_equal(dst, "");
	assert_int_equal(file_read_line(folder, "d", dst, sizeof(dst)), 0);
	assert_int_equal(file_read_line(folder, "e", dst, sizeof(dst)), -EFBIG);
	assert_int_equal(file_read_line(folder, "b", dst, sizeof(dst)), -EFBIG);
	assert_int_equal(file_read_line(folder, "none", dst, sizeof(dst)), -ENOENT);
}

/* In a process of its own: how many of the descriptors 0 to 2 are not what they should be. */
static int guard_closed_stdio(void)
{
	char byte;
	int wrong = 0;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	file_guard_stdio();
	wrong += read(STDIN_FILENO, &byte, 1) != -1 || errno != EBADF;
	wrong += write(STDOUT_FILENO, "x", 1) != -1 || errno != EBADF;
	wrong += fcntl(STDERR_FILENO, F_GETFD) < 0;
	wrong += open("/dev/null", O_RDONLY | O_CLOEXEC) <= STDERR_FILENO;
	return wrong;
}

static void no_file_becomes_the_standard_output_that_was_closed(void **state _unused_)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(guard_closed_stdio());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_whole_up_to_its_limit),
		TEST(a_file_without_a_size_is_read_whole),
		TEST(what_is_no_file_is_not_read_and_does_not_block),
		TEST(a_file_is_made_and_replaced),
		TEST(the_umask_takes_nothing_away),
		TEST(a_reader_sees_the_old_file_to_its_end),
		TEST(a_link_is_replaced_and_not_followed),
		TEST(a_full_disk_leaves_the_old_file_and_nothing_else),
		TEST(a_folder_in_the_way_stays),
		TEST(the_longest_name_can_be_replaced),
		TEST(a_temporary_file_left_behind_does_no_harm),
		TEST(folders_are_made_where_they_are_missing),
		TEST(a_path_s_folder_is_all_but_its_last_part),
		TEST(a_line_is_read_without_its_end),
		TEST(no_file_becomes_the_standard_output_that_was_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
