/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/base/resident.h"

/* A number of /proc/self/status in kB. */
static unsigned long status_kb(const char *key)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/status", "re");
	unsigned long kb = 0;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			return strtoul(line + strlen(key), NULL, 10);
	return kb;
}

static void what_was_read_is_let_go_and_comes_again(void **state _unused_)
{
	unsigned long before = status_kb("RssFile:"), after;

	resident_forget();
	after = status_kb("RssFile:");
	assert_true(before > 0);
	assert_true(after < before);
	/* it still works */
	assert_int_equal(strtoul("0x10", NULL, 0), 16);
}

static int variable = 1;

static void what_was_written_is_kept(void **state _unused_)
{
	variable = 2;
	resident_forget();
	assert_int_equal(variable, 2);
}

/* In a child: nothing else of this program is to stay locked. */
static void an_object_is_locked_as_a_whole(void **state _unused_)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned long before = status_kb("VmLck:");

		/* a sanitizer's runtime turns locks away */
		if (mlock(&variable, sizeof(variable)) < 0 || status_kb("VmLck:") == before)
			_exit(0);
		munlock(&variable, sizeof(variable));
		resident_lock_object(&variable);
		_exit(status_kb("VmLck:") >= before + 16 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Whether the page with this address takes memory. */
static bool in_memory(const uint8_t *address)
{
	const uintptr_t page = (uintptr_t)getpagesize();
	unsigned char pages = 0;

	assert_int_equal(mincore((void *)((uintptr_t)address / page * page), page, &pages), 0);
	return pages & 1;
}

static void free_pages_of_a_locked_heap_go_and_the_rest_stays_locked(void **state _unused_)
{
	enum { PIECE = 2000 };
	uint8_t *pieces[512];
	unsigned long locked = status_kb("VmLck:"), grown;

	if (mallinfo2().arena == 0) /* a sanitizer has a heap of its own */
		skip();
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		pieces[i] = malloc(PIECE);
		assert_non_null(pieces[i]);
		memset(pieces[i], 1, PIECE);
	}
	resident_trim_heap();
	grown = status_kb("VmLck:");
	assert_true(grown >= locked + ARRAY_LEN(pieces) * PIECE / 1024);
	/* the last one keeps the end of the heap where it is */
	for (size_t i = 0; i + 1 < ARRAY_LEN(pieces); i++)
		free(pieces[i]);
	assert_true(in_memory(pieces[ARRAY_LEN(pieces) / 2]));
	resident_trim_heap();
	assert_false(in_memory(pieces[ARRAY_LEN(pieces) / 2]));
	assert_true(in_memory(pieces[ARRAY_LEN(pieces) - 1]));
	assert_int_equal(status_kb("VmLck:"), grown);
	free(pieces[ARRAY_LEN(pieces) - 1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_is_let_go_and_comes_again),
		cmocka_unit_test(what_was_written_is_kept),
		cmocka_unit_test(an_object_is_locked_as_a_whole),
		cmocka_unit_test(free_pages_of_a_locked_heap_go_and_the_rest_stays_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
