/* SPDX-License-Identifier: GPL-2.0-or-later */
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_is_let_go_and_comes_again),
		cmocka_unit_test(what_was_written_is_kept),
		cmocka_unit_test(an_object_is_locked_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
