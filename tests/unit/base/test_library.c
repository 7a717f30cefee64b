/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/library.h"
#include "lib/base/macros.h"

/* The C library is there wherever this runs. */
#define LIBC "libc.so.6"

struct functions {
	LIBRARY_POINTER(strlen)
	LIBRARY_POINTER(strchr)
};

static void functions_are_found_by_their_names(void **state _unused_)
{
	static const struct library_symbol symbols[] = {
		LIBRARY_SYMBOL(struct functions, strlen) LIBRARY_SYMBOL(struct functions, strchr)};
	struct functions f = {0};

	assert_int_equal(library_open(LIBC, symbols, ARRAY_LEN(symbols), &f, NULL), 0);
	assert_int_equal(f.strlen("four"), 4);
	assert_string_equal(f.strchr("four", 'u'), "ur");
}

static void what_is_missing_is_named(void **state _unused_)
{
	static const struct library_symbol symbols[] = {{"no_such_function", 0}};
	const char *why = NULL;
	void *at;

	assert_int_equal(library_open("libnone.so.9", NULL, 0, NULL, &why), -ELIBACC);
	assert_non_null(strstr(why, "libnone.so.9"));
	assert_int_equal(library_open(LIBC, symbols, 1, &at, &why), -ELIBACC);
	assert_non_null(strstr(why, "no_such_function"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_found_by_their_names),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
