/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives stored inputs to a fuzz entry point, without a fuzzer: the files named on the command line,
 * or all of tests/fuzz/corpus/NAME for a program named fuzz_NAME.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 24 };

static int replay(int dirfd, const char *name)
{
	_cleanup_free_ char *data = NULL;
	size_t len;
	int r = file_read(dirfd, name, INPUT_MAX, &data, &len);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(-r));
		return r;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data, len);
	return 0;
}

static int replay_folder(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	unsigned int count = 0;
	int r = 0;

	if (!dir) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		r = replay(dirfd(dir), entry->d_name);
		count++;
	}
	closedir(dir);
	if (count == 0) {
		fprintf(stderr, "%s: no inputs\n", path);
		return -ENOENT;
	}
	return r;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = strstr(slash ? slash : argv[0], "fuzz_");
	char path[256];
	int r = 0;

	if (argc == 1 && name) {
		snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name + strlen("fuzz_"));
		r = replay_folder(path);
	}
	for (int i = 1; i < argc && r == 0; i++)
		r = replay(AT_FDCWD, argv[i]);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
