/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Uevents of disks and LUNs.  The first message is what a 6.1 kernel sent, without the keys in
 * between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/host/uevent.h"

#define PATH "/devices/platform/host7/session3/target7:0:0/7:0:0:12/block/sda"
#define MESSAGE(action, path, more)                                                                \
	action "@" path "\0ACTION=" action "\0DEVPATH=" path "\0" more "SEQNUM=1042"
#define DISK "SUBSYSTEM=block\0MAJOR=8\0MINOR=0\0DEVNAME=sda\0DEVTYPE=disk\0DISKSEQ=9\0"
#define TEXT(m)                                                                                    \
	{                                                                                          \
		m, sizeof(m)                                                                       \
	}

struct message {
	const char *text;
	size_t len;
};

static void a_disk_comes_and_goes(void **state)
{
	static const char add[] = MESSAGE("add", PATH, DISK),
			  remove[] = MESSAGE("remove", PATH, DISK);
	struct host_disk_event e;

	(void)state;
	assert_true(host_uevent_disk(add, sizeof(add), &e));
	assert_true(e.added);
	assert_int_equal(e.sid, 3);
	assert_int_equal(e.lun.channel, 0);
	assert_int_equal(e.lun.id, 0);
	assert_int_equal(e.lun.lun, 12);
	assert_string_equal(e.lun.disk, "sda");
	assert_true(host_uevent_disk(remove, sizeof(remove), &e));
	assert_false(e.added);
}

static void what_is_no_disk_of_a_session_is_passed_over(void **state)
{
	static const struct message rows[] = {
		TEXT(MESSAGE("change", PATH, DISK)),
		TEXT(MESSAGE("addition", PATH, DISK)),
		TEXT(MESSAGE("add", PATH "/sda1", "SUBSYSTEM=block\0DEVTYPE=partition\0")),
		TEXT(MESSAGE("add", PATH "/sda1", DISK)),
		TEXT(MESSAGE("add", "/devices/platform/host7/session3/target7:0:0/7:0:0:12",
	                     "SUBSYSTEM=scsi\0DEVTYPE=scsi_device\0")),
		TEXT(MESSAGE("add", "/devices/pci0000:00/ata1/host0/target0:0:0/0:0:0:0/block/sda",
	                     DISK)),
		TEXT(MESSAGE("add", "/devices/virtual/block/loop0", DISK)),
		TEXT(MESSAGE("add", "/session3/target7:0:0/7:0:0/block/sda", DISK)),
		TEXT(MESSAGE("add", "/session3/target7:0:0/7:0:0:12/block/", DISK)),
		TEXT(MESSAGE("add", "/sessionx/target7:0:0/7:0:0:12/block/sda", DISK)),
		TEXT(MESSAGE("add", "sda", DISK)),
		TEXT("libudev"),
		TEXT(""),
		{"", 0},
	};
	struct host_disk_event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (host_uevent_disk(rows[i].text, rows[i].len, &e))
			fail_msg("row %zu was taken for a disk", i);
	}
}

static void a_message_that_is_cut_is_none(void **state)
{
	static const char whole[] = MESSAGE("add", PATH, DISK);
	struct host_disk_event e;
	char part[sizeof(whole)];

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		memcpy(part, whole, len);
		/* one cut behind a text looks whole, and says what it says */
		if (len == 0 || part[len - 1] != '\0')
			assert_false(host_uevent_disk(part, len, &e));
	}
}

static void names_have_a_bound(void **state)
{
	static const char name[] = MESSAGE(
		"add", "/session3/target7:0:0/7:0:0:12/block/a123456789b123456789c123456789d1",
		DISK);
	char path[1024] = "add@", *end = path + strlen(path);
	struct host_disk_event e;

	(void)state;
	assert_false(host_uevent_disk(name, sizeof(name), &e));
	memset(end, 'x', 600);
	strcpy(end + 600, PATH);
	memcpy(path + strlen(path) + 1, DISK, sizeof(DISK));
	assert_false(host_uevent_disk(path, sizeof(path), &e));
}

/* As scsi_lib.c of the kernel makes it: scsi_evt_emit(), and what the driver core adds. */
#define LUN_PATH        "/devices/platform/host7/session3/target7:0:0/7:0:0:12"
#define ATTENTION(word) "SDEV_UA=" word "\0SUBSYSTEM=scsi\0DEVTYPE=scsi_device\0"
#define LUNS_CHANGED    ATTENTION("REPORTED_LUNS_DATA_HAS_CHANGED")

static void a_unit_attention_is_told_with_its_lun(void **state)
{
	static const char message[] = MESSAGE("change", LUN_PATH, LUNS_CHANGED);
	struct host_attention_event e;
	struct host_disk_event disk;

	(void)state;
	assert_true(host_uevent_attention(message, sizeof(message), &e));
	assert_int_equal(e.sid, 3);
	assert_int_equal(e.lun.lun, 12);
	assert_string_equal(e.what, "REPORTED_LUNS_DATA_HAS_CHANGED");
	assert_false(host_uevent_disk(message, sizeof(message), &disk));
}

static void what_is_no_unit_attention_of_a_session_is_passed_over(void **state)
{
	static const char long_word[] = MESSAGE(
		"change", LUN_PATH,
		ATTENTION("A123456789A123456789A123456789A123456789A123456789A123456789A123"));
	static const struct message rows[] = {
		TEXT(MESSAGE("add", LUN_PATH, LUNS_CHANGED)),
		TEXT(MESSAGE("change", PATH, DISK)),
		TEXT(MESSAGE("change", LUN_PATH, "SUBSYSTEM=scsi\0DEVTYPE=scsi_device\0")),
		TEXT(MESSAGE("change", LUN_PATH, "SDEV_UA=X\0SUBSYSTEM=block\0")),
		TEXT(MESSAGE("change", LUN_PATH, "SDEV_UA=X\0")),
		TEXT(MESSAGE("change", "/devices/pci0000:00/ata1/host0/target0:0:0/0:0:0:0",
	                     LUNS_CHANGED)),
		TEXT(MESSAGE("change", "/session3/target7:0:0/7:0:0", LUNS_CHANGED)),
		TEXT(MESSAGE("change", "/sessionx/target7:0:0/7:0:0:12", LUNS_CHANGED)),
		{long_word, sizeof(long_word)},
		{"change@", 7},
		{"", 0},
	};
	struct host_attention_event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (host_uevent_attention(rows[i].text, rows[i].len, &e))
			fail_msg("row %zu was taken for a unit attention", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_comes_and_goes),
		cmocka_unit_test(what_is_no_disk_of_a_session_is_passed_over),
		cmocka_unit_test(a_message_that_is_cut_is_none),
		cmocka_unit_test(names_have_a_bound),
		cmocka_unit_test(a_unit_attention_is_told_with_its_lun),
		cmocka_unit_test(what_is_no_unit_attention_of_a_session_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
