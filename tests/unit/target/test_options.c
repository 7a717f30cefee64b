/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's command line: what it makes of it, and what it says of mistakes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/target/options.h"

#define NAME "iqn.2001-04.com.example:unit"

enum { WORDS_MAX = 32 };

/* Splits line at blanks; a word '' is an empty one. */
static int parse(const char *line, struct options *ret, char fault[static OPTIONS_FAULT_SIZE])
{
	char copy[1024], *rest = copy, *argv[WORDS_MAX];
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while (rest && argc < WORDS_MAX)
		argv[argc++] = strsep(&rest, " ");
	return options_parse(argc, argv, ret, fault);
}

static void everything_is_told_on_one_line(void **state _unused_)
{
	char fault[OPTIONS_FAULT_SIZE];
	struct options o;

	assert_int_equal(
		parse("--portal 127.0.0.1 --portal [::1]:3261 --portal 127.0.0.2:0"
	              " --target " NAME " --lun 0,size=1M --lun 7,size=8K,block=4096,ro"
	              " --lun 9,size=1M,thin,removable,physical=4096,serial=one"
	              " --target " NAME "2 --refuse 3/1 --redirect 192.0.2.1"
	              " --set InitialR2T=Yes --set HeaderDigest=CRC32C,None --set DefaultTime2Wait=0 --ping-interval 0",
	              &o, fault),
		0);
	assert_int_equal(o.portal_count, 3);
	assert_int_equal(o.portals[0].port, 3260);
	assert_int_equal(o.portals[1].port, 3261);
	assert_string_equal(o.portals[1].host, "::1");
	assert_int_equal(o.portals[2].port, 0);
	assert_string_equal(o.targets->name, NAME);
	assert_int_equal(o.targets->scsi.luns[0]->size, 1 << 20);
	assert_int_equal(o.targets->scsi.luns[7]->block_size, 4096);
	assert_true(o.targets->scsi.luns[7]->read_only);
	assert_null(o.targets->scsi.luns[1]);
	assert_true(o.targets->scsi.luns[9]->thin);
	assert_true(o.targets->scsi.luns[9]->removable);
	assert_int_equal(o.targets->scsi.luns[9]->block_size, 512);
	assert_int_equal(o.targets->scsi.luns[9]->physical_size, 4096);
	assert_string_equal(o.targets->scsi.luns[9]->serial, "one");
	assert_string_equal(o.targets->next->name, NAME "2");
	assert_int_equal(o.targets->next->refuse, 0x0301);
	assert_int_equal(o.targets->next->redirect.port, 3260);
	assert_true(o.offer.initial_r2t);
	assert_int_equal(o.offer.header_digest.method[0], ISCSI_DIGEST_CRC32C);
	assert_int_equal(o.offer.default_time2wait, 0);
	assert_int_equal(o.ping_interval, 0);
	options_done(&o);
}

static void a_mistake_names_option_value_and_what_was_expected(void **state _unused_)
{
	static const struct {
		const char *line;
		const char *fault;
	} cases[] = {
		{"--target " NAME " --lun 0,size=1M",
	         "--portal: at least one is needed; try --help"},
		{"--frob", "--frob: no such option; try --help"},
		{"--portal", "--portal: a value is missing"},
		{"--portal example.com",
	         "--portal example.com: expected ADDRESS[:PORT], e.g. 127.0.0.1:3260 or "
	         "[::1]:3260"},
		{"--lun 0,size=1M", "--lun 0,size=1M: a --target must come before it"},
		{"--target " NAME " --lun 256,size=1M",
	         "--lun 256,size=1M: expected a LUN from 0 to 255 first"},
		{"--target " NAME " --lun 0", "--lun 0: expected size= or file="},
		{"--target " NAME " --lun 0,size=0",
	         "--lun 0,size=0: expected size=BYTES with an optional K, M, G or T"},
		{"--target " NAME " --lun 0,size=9999999999T",
	         "--lun 0,size=9999999999T: expected size=BYTES with an optional K, M, G or T"},
		{"--target " NAME " --lun 0,size=1000",
	         "--lun 0,size=1000: the size is no multiple of the block of 512 bytes, or 0"},
		{"--target " NAME " --lun 0,size=1M,physical=1000",
	         "--lun 0,size=1M,physical=1000: expected physical=BYTES, a power of 2 from 512 to "
	         "65536"},
		{"--target " NAME " --lun 0,size=1M,block=1024",
	         "--lun 0,size=1M,block=1024: expected block=512 or block=4096"},
		{"--target " NAME " --lun 0,size=1M,thinly",
	         "--lun 0,size=1M,thinly: expected size=, file=, block=, physical=, pr=, serial=, "
	         "thin, removable or ro behind the number"},
		{"--target " NAME " --lun 0,size=1M,serial=12345678901234567",
	         "--lun 0,size=1M,serial=12345678901234567: expected serial=TEXT, at most 16 "
	         "printable characters"},
		{"--target " NAME " --lun 0,file=/no/such/file",
	         "--lun 0,file=/no/such/file: No such file or directory"},
		{"--target " NAME " --lun 0,size=1M --lun 0,size=1M",
	         "--lun 0,size=1M: " NAME " has a LUN 0 already"},
		{"--target " NAME " --target " NAME,
	         "--target " NAME ": there is a target of that name already"},
		{"--target " NAME " --refuse 0/0",
	         "--refuse 0/0: expected CLASS/DETAIL in decimal, e.g. 2/3 (RFC 7143 11.13.5)"},
		{"--set InitialR2T=Maybe", "--set InitialR2T=Maybe: expected Yes or No"},
		{"--set DefaultTime2Retain=3601",
	         "--set DefaultTime2Retain=3601: expected 0 to 3600"},
		{"--set Foo=1", "--set Foo=1: expected KEY=VALUE of a key that --help lists"},
		{"--fault r2t", "--fault r2t: expected do and what to do at the end of the line"},
		{"--faults /no/such/file", "--faults /no/such/file: No such file or directory"},
		{"--login-timeout 0", "--login-timeout 0: expected a number from 1 to 3600"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char fault[OPTIONS_FAULT_SIZE];
		struct options o;

		assert_int_equal(parse(cases[i].line, &o, fault), -EINVAL);
		assert_string_equal(fault, cases[i].fault);
	}
}

/* A file of its own with that text; the name is borrowed until the next call. */
static const char *file_of(const char *text)
{
	static char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/test_options.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void a_file_says_what_the_command_line_does(void **state _unused_)
{
	const char *path = file_of("# what there is\n\nportal 127.0.0.1:0\n\ttarget " NAME
	                           "\r\nlun 2,size=1M\naccount user/one two\nverbose");
	char fault[OPTIONS_FAULT_SIZE], line[128];
	struct options o;

	snprintf(line, sizeof(line), "--config %s --ping-interval 3", path);
	assert_int_equal(parse(line, &o, fault), 0);
	assert_int_equal(o.portal_count, 1);
	assert_int_equal(o.targets->scsi.luns[2]->size, 1 << 20);
	assert_memory_equal(o.targets->accounts.first->secret.bytes, "one two", 7);
	assert_true(o.verbose);
	assert_int_equal(o.ping_interval, 3);
	options_done(&o);
	unlink(path);
}

static void a_mistake_in_a_file_names_file_and_line(void **state _unused_)
{
	static const struct {
		const char *text;
		const char *fault;
	} cases[] = {
		{"portal 127.0.0.1\n\nfrob 1\n",
	         ":3: frob: expected the name of an option, without dashes"},
		{"portal\n", ":1: portal: a value is missing"},
		{"verbose 1\n", ":1: verbose: it takes no value"},
		{"#\nlun 0,size=1M\n", ":2: lun 0,size=1M: a --target must come before it"},
		{"target " NAME "\naccount nobody\n", ":2: account: expected USER/SECRET"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *path = file_of(cases[i].text);
		char fault[OPTIONS_FAULT_SIZE], line[128], expected[256];
		struct options o;

		snprintf(line, sizeof(line), "--config %s", path);
		snprintf(expected, sizeof(expected), "%s%s", path, cases[i].fault);
		assert_int_equal(parse(line, &o, fault), -EINVAL);
		assert_string_equal(fault, expected);
		unlink(path);
	}
}

static void a_lun_is_never_less_than_what_was_asked_for(void **state _unused_)
{
	char fault[OPTIONS_FAULT_SIZE], line[256], expected[256];
	const char *path = file_of("far too short");
	struct options o;

	snprintf(line, sizeof(line),
	         "--portal 127.0.0.1:0 --target " NAME " --lun 0,size=1M,file=%s,ro", path);
	snprintf(expected, sizeof(expected),
	         "--lun 0,size=1M,file=%s,ro: the file has 13 bytes only", path);
	assert_int_equal(parse(line, &o, fault), -EINVAL);
	assert_string_equal(fault, expected);
	unlink(path);
}

static void no_message_shows_a_secret(void **state _unused_)
{
	static const char *const lines[] = {
		"--account user/secret",
		"--target " NAME " --account user/secret --account user/secret",
		"--discovery-account usersecret",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char fault[OPTIONS_FAULT_SIZE];
		struct options o;

		assert_int_equal(parse(lines[i], &o, fault), -EINVAL);
		assert_null(strstr(fault, "secret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_told_on_one_line),
		cmocka_unit_test(a_mistake_names_option_value_and_what_was_expected),
		cmocka_unit_test(a_file_says_what_the_command_line_does),
		cmocka_unit_test(a_mistake_in_a_file_names_file_and_line),
		cmocka_unit_test(a_lun_is_never_less_than_what_was_asked_for),
		cmocka_unit_test(no_message_shows_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
