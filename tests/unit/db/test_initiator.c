/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

static char folder[] = "/tmp/test-initiator-XXXXXX";
static char path[sizeof(folder) + 32];

struct told {
	unsigned int line; /* of the last one */
};

static void tell(void *data, unsigned int line, const char *text _unused_)
{
	struct told *t = data;

	t->line = line;
}

static int make_folder(void **state _unused_)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/initiatorname.iscsi", folder);
	return 0;
}

static int remove_folder(void **state _unused_)
{
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *to, const char *text)
{
	FILE *f = fopen(to, "we");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void assert_file(const char *expected)
{
	char text[4096] = "";
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, expected);
}

static void the_initiator_name_is_read_and_validated(void **state _unused_)
{
	static const struct {
		const char *text;
		int result;
		const char *name, *alias;
		unsigned int line; /* of the problem, 0: none */
	} rows[] = {
		{"InitiatorName=iqn.1993-08.org.debian:01:abc\n", 0,
	         "iqn.1993-08.org.debian:01:abc", "", 0},
		{"## a comment\n InitiatorName = iqn.1993-08.org.debian:01:abc\n"
	         "InitiatorAlias = my host",
	         0, "iqn.1993-08.org.debian:01:abc", "my host", 0},
		{"InitiatorName=eui.02004567A425678D", 0, "eui.02004567A425678D", "", 0},
		{"", -ENOENT, NULL, NULL, 0},
		{"#InitiatorName=iqn.1993-08.org.debian:01:abc\n", -ENOENT, NULL, NULL, 0},
		{"InitiatorName=\n", -ENOENT, NULL, NULL, 0},
		{"GenerateName=yes\n", -ENOENT, NULL, NULL, 0},
		{"\nInitiatorName=not-an-iqn\n", -EINVAL, NULL, NULL, 2},
		{"InitiatorName=\"iqn.1993-08.org.debian:01:abc\"\n", -EINVAL, NULL, NULL, 1},
		{"InitiatorName=iqn.1993-08.org.debian:01:abc # mine\n", -EINVAL, NULL, NULL, 1},
		{"InitiatorName\n", -ENOENT, NULL, NULL, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[224] = "before", alias[256] = "before";
		struct told t = {0};

		write_file(path, rows[i].text);
		assert_int_equal(iscsi_db_initiator_name(path, tell, &t, name, alias),
		                 rows[i].result);
		assert_string_equal(name, rows[i].name ? rows[i].name : "before");
		assert_string_equal(alias, rows[i].alias ? rows[i].alias : "before");
		assert_int_equal(t.line, rows[i].line);
	}
}

#define NAME "iqn.2016-04.com.open-iscsi:5d222285fc89"

#define LINES                                                                                      \
	"# The name that iSCSI targets know this machine by.  No two machines may have the "       \
	"same.\n"                                                                                  \
	"InitiatorName=" NAME "\n"

static void a_name_is_written_where_there_is_none(void **state _unused_)
{
	static const struct {
		const char *before; /* NULL: no file */
		const char *after;
	} rows[] = {
		{NULL, LINES},
		{"", LINES},
		{"InitiatorName=\n", LINES},
		{"GenerateName=yes\n", LINES},
		{"# ours\nInitiatorAlias=here\nGenerateName = yes\n",
	         "# ours\nInitiatorAlias=here\n" LINES},
		{"InitiatorName=iqn.1993-08.org.debian:01:abc\nGenerateName=yes\n", LINES},
		{"#InitiatorName=iqn.1993-08.org.debian:01:abc",
	         "#InitiatorName=iqn.1993-08.org.debian:01:abc\n" LINES},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[224], alias[256];
		struct stat st;

		unlink(path);
		if (rows[i].before)
			write_file(path, rows[i].before);
		assert_int_equal(iscsi_db_initiator_name_write(path, NAME), 1);
		assert_file(rows[i].after);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		/* valid, and not written again */
		assert_int_equal(iscsi_db_initiator_name(path, NULL, NULL, name, alias), 0);
		assert_string_equal(name, NAME);
		assert_int_equal(iscsi_db_initiator_name_write(path, NAME), 0);
	}
}

static void a_name_that_is_there_stays(void **state _unused_)
{
	static const char *const texts[] = {
		"InitiatorName=iqn.1993-08.org.debian:01:abc\n",
		"InitiatorName=iqn.1993-08.org.debian:01:abc\nGenerateName=no\n",
		/* for the administrator to put right, not for us to replace */
		"InitiatorName=not-a-name\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		write_file(path, texts[i]);
		assert_int_equal(iscsi_db_initiator_name_write(path, NAME), 0);
		assert_file(texts[i]);
	}
}

static void what_is_no_name_is_not_written(void **state _unused_)
{
	unlink(path);
	assert_int_equal(iscsi_db_initiator_name_write(path, "storage"), -EINVAL);
	assert_int_equal(iscsi_db_initiator_name_write(path, NAME "\n"), -EINVAL);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_initiator_name_is_read_and_validated),
		cmocka_unit_test(a_name_is_written_where_there_is_none),
		cmocka_unit_test(a_name_that_is_there_stays),
		cmocka_unit_test(what_is_no_name_is_not_written),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
