/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsid/isid.h"
#include "iscsid/run_state.h"
#include "lib/base/macros.h"

static const struct isid_key base = {
	.initiator_name = "iqn.2026-01.org.example:host",
	.iface_name = "default",
};

static void an_isid_has_the_oui_format_and_open_iscsis_oui(void **state)
{
	uint8_t isid[ISID_SIZE];

	(void)state;
	isid_choose(&base, isid);
	/* RFC 7143 section 11.12.5: T=00 in the two high bits, then the OUI */
	assert_int_equal(isid[0], 0x00);
	assert_int_equal(isid[1], 0x02);
	assert_int_equal(isid[2], 0x3d);
}

static void the_same_key_gives_the_same_isid(void **state)
{
	uint8_t a[ISID_SIZE], b[ISID_SIZE];

	(void)state;
	isid_choose(&base, a);
	isid_choose(&base, b);
	assert_memory_equal(a, b, ISID_SIZE);
}

static void every_part_of_the_key_counts(void **state)
{
	struct isid_key keys[] = {base, base, base, base};
	uint8_t first[ISID_SIZE], other[ISID_SIZE];

	(void)state;
	keys[0].initiator_name = "iqn.2026-01.org.example:other";
	keys[1].iface_name = "eth0";
	keys[2].discovery = true;
	keys[3].slot = 1;
	isid_choose(&base, first);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		isid_choose(&keys[i], other);
		assert_memory_not_equal(first, other, ISID_SIZE);
	}
}

static void only_twelve_hexadecimal_digits_are_an_isid(void **state)
{
	static const uint8_t wanted[] = {0x00, 0x02, 0x3d, 0x0a, 0xbc, 0xde};
	static const char *const bad[] = {"", "00023d0abcd", "00023d0abcdef", "00023d0abcdg",
	                                  "0x023d0abcde"};
	uint8_t isid[ISID_SIZE];
	char text[ISID_TEXT_SIZE];

	(void)state;
	assert_int_equal(isid_parse("00023d0abcde", isid), 0);
	assert_memory_equal(isid, wanted, ISID_SIZE);
	isid_format(isid, text);
	assert_string_equal(text, "00023d0abcde");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(isid_parse(bad[i], isid), -EINVAL);
}

/* A folder that is not there yet, in a new one. */
static int make_folder(void **state)
{
	char top[] = "/tmp/test-isid.XXXXXX";
	char *folder = (char *)malloc(64);

	if (!folder || !mkdtemp(top))
		return -1;
	snprintf(folder, 64, "%s/session", top);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	char *folder = (char *)*state;
	int r = rmdir(folder);

	*strrchr(folder, '/') = 0;
	r |= rmdir(folder);
	free(folder);
	return r;
}

static const struct run_state sample = {
	.target_name = "iqn.2026-01.org.example:disk",
	.portal = {.host = "2001:db8::1", .port = 3260},
	.home = {.host = "san.example", .port = 3261},
	.home_address = "2001:db8::2",
	.iface_name = "default",
	.isid = {0x00, 0x02, 0x3d, 1, 2, 3},
	.tsih = 65535,
	.time2wait = 2,
	.time2retain = 20,
	.logout_timeout = 15,
	.scan = true,
};

static void a_state_that_was_saved_is_read_back(void **state)
{
	const char *folder = (const char *)*state;
	struct run_state s;
	struct stat st;
	char path[80];

	assert_int_equal(run_state_save(folder, 7, &sample), 0);
	assert_int_equal(run_state_load(folder, 7, &s), 0);
	assert_string_equal(s.target_name, sample.target_name);
	assert_string_equal(s.portal.host, sample.portal.host);
	assert_int_equal(s.portal.port, 3260);
	assert_int_equal(s.portal.tpgt, PORTAL_TPGT_UNKNOWN);
	assert_string_equal(s.home.host, sample.home.host);
	assert_int_equal(s.home.port, 3261);
	assert_string_equal(s.home_address, "2001:db8::2");
	assert_string_equal(s.iface_name, "default");
	assert_memory_equal(s.isid, sample.isid, ISID_SIZE);
	assert_int_equal(s.tsih, 65535);
	assert_int_equal(s.time2wait, 2);
	assert_int_equal(s.time2retain, 20);
	assert_int_equal(s.logout_timeout, 15);
	assert_true(s.scan);
	snprintf(path, sizeof(path), "%s/7", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	run_state_remove(folder, 7);
	assert_int_equal(run_state_load(folder, 7, &s), -ENOENT);
}

/* Not every session has it, and those that an older daemon left have none. */
static void who_asked_is_kept_of_those_that_the_daemon_wanted(void **state)
{
	const char *folder = (const char *)*state;
	struct run_state s, own = sample;

	assert_int_equal(run_state_save(folder, 7, &sample), 0);
	assert_int_equal(run_state_load(folder, 7, &s), 0);
	assert_string_equal(s.asker, "");
	strcpy(own.asker, "isns/san.example,3205");
	assert_int_equal(run_state_save(folder, 7, &own), 0);
	assert_int_equal(run_state_load(folder, 7, &s), 0);
	assert_string_equal(s.asker, "isns/san.example,3205");
	run_state_remove(folder, 7);
}

static bool is_seven(void *data _unused_, uint32_t sid)
{
	return sid == 7;
}

static void states_of_sessions_that_are_gone_are_removed(void **state)
{
	const char *folder = (const char *)*state;
	struct run_state s;
	char path[80];
	FILE *f;

	assert_int_equal(run_state_save(folder, 7, &sample), 0);
	assert_int_equal(run_state_save(folder, 8, &sample), 0);
	/* what a daemon that was killed while it wrote has left */
	snprintf(path, sizeof(path), "%s/.7.4711.0", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	run_state_prune(folder, is_seven, NULL);
	assert_int_equal(run_state_load(folder, 7, &s), 0);
	assert_int_equal(run_state_load(folder, 8, &s), -ENOENT);
	assert_int_equal(access(path, F_OK), -1);
	run_state_remove(folder, 7);
}

static void a_state_that_is_not_whole_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"target=iqn.2026-01.org.example:disk\n",
		"target=t\naddress=a\nport=70000\nhome_address=a\nhome_port=1\nresolved=\niface=i\nisid=00023d000001\ntsih=1\n"
		"time2wait=0\ntime2retain=0\nlogout_timeout=1\nscan=1\n",
		"target=t\naddress=a\nport=1\nhome_address=a\nhome_port=1\nresolved=\niface=i\nisid=zz\n"
		"tsih=1\ntime2wait=0\n"
		"time2retain=0\nlogout_timeout=1\nscan=1\n",
	};
	const char *folder = (const char *)*state;
	struct run_state s;
	char path[80];

	mkdir(folder, 0700);
	snprintf(path, sizeof(path), "%s/3", folder);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(texts[i], f);
		fclose(f);
		assert_int_equal(run_state_load(folder, 3, &s), -EBADMSG);
	}
	run_state_remove(folder, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_isid_has_the_oui_format_and_open_iscsis_oui),
		cmocka_unit_test(the_same_key_gives_the_same_isid),
		cmocka_unit_test(every_part_of_the_key_counts),
		cmocka_unit_test(only_twelve_hexadecimal_digits_are_an_isid),
		cmocka_unit_test_setup_teardown(a_state_that_was_saved_is_read_back, make_folder,
	                                        remove_folder),
		cmocka_unit_test_setup_teardown(who_asked_is_kept_of_those_that_the_daemon_wanted,
	                                        make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(states_of_sessions_that_are_gone_are_removed,
	                                        make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_state_that_is_not_whole_is_refused, make_folder,
	                                        remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
