/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/ipc/error.h"

/* The exit codes of iscsiadm(8) that scripts test for. */
static void numbers_are_the_public_exit_codes(void **state _unused_)
{
	assert_int_equal(ISCSI_ERR_SUCCESS, 0);
	assert_int_equal(ISCSI_ERR_SESS_NOT_FOUND, 2);
	assert_int_equal(ISCSI_ERR_TRANS_TIMEOUT, 8);
	assert_int_equal(ISCSI_ERR_SESS_EXISTS, 15);
	assert_int_equal(ISCSI_ERR_ISCSID_NOTCONN, 20);
	assert_int_equal(ISCSI_ERR_NO_OBJS_FOUND, 21);
	assert_int_equal(ISCSI_ERR_LOGIN_AUTH_FAILED, 24);
	assert_int_equal(ISCSI_ERR_BUSY, 28);
	assert_int_equal(ISCSI_ERR_REQ_TIMEDOUT, 33);
}

static void every_number_has_its_text(void **state _unused_)
{
	assert_string_equal(iscsi_err_text(0), "");
	assert_string_equal(iscsi_err_text(2), "session not found");
	assert_string_equal(iscsi_err_text(21), "no objects found");
	assert_string_equal(iscsi_err_text(33), "iscsid request timed out");
	for (int i = 1; i <= 33; i++)
		assert_true(iscsi_err_text(i)[0] != '\0');
}

static void a_foreign_number_reads_unknown_error(void **state _unused_)
{
	assert_string_equal(iscsi_err_text(34), "unknown error");
	assert_string_equal(iscsi_err_text(-1), "unknown error");
	assert_string_equal(iscsi_err_text(INT32_MAX), "unknown error");
}

static void errno_becomes_the_number_that_fits(void **state _unused_)
{
	static const struct {
		int error;
		int number;
	} rows[] = {
		{0, 0},
		{-ENOMEM, 3},
		{-EINVAL, 7},
		{-ETIMEDOUT, 8},
		{-ECONNREFUSED, 4},
		{-EHOSTUNREACH, 4},
		{-EPROTONOSUPPORT, 12},
		{-EPERM, 13},
		{-EACCES, 13},
		{-EEXIST, 15},
		{-EBUSY, 28},
		{-EOPNOTSUPP, 27},
		{-EXDEV, 1},
		{EINVAL, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(iscsi_err_from_errno(rows[i].error), rows[i].number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_public_exit_codes),
		cmocka_unit_test(every_number_has_its_text),
		cmocka_unit_test(a_foreign_number_reads_unknown_error),
		cmocka_unit_test(errno_becomes_the_number_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
