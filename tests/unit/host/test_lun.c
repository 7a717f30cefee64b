/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LUNs and what else is asked one by one. */
#include <errno.h>

#include "lib/host/session.h"
#include "tests/unit/host/fake_sysfs.h"

static void luns_come_in_order_with_their_disks(void **state _unused_)
{
	struct host_session s;
	struct host_lun *luns;
	size_t count;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_lun(3, 10, "3:0:0:10", "running\n", "sdc");
	put_lun(3, 10, "3:0:0:2", "transport-offline\n", "sdb");
	put_lun(3, 10, "3:0:0:0", "running\n", NULL);
	put_lun(3, 10, "3:0:0:18446744073709551615", "blocked\n", NULL);
	make_folder("devices/platform/host3/session10/target3:0:0/power");
	assert_int_equal(host_session_read(root, 10, HOST_DETAIL_IDENTITY, &s), 0);
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(luns[0].lun, 0);
	assert_string_equal(luns[0].disk, "");
	assert_string_equal(luns[0].state, "running");
	assert_int_equal(luns[1].lun, 2);
	assert_string_equal(luns[1].disk, "sdb");
	assert_string_equal(luns[1].state, "transport-offline");
	assert_int_equal(luns[2].lun, 10);
	assert_string_equal(luns[2].disk, "sdc");
	assert_true(luns[3].lun == UINT64_MAX);
	assert_int_equal(luns[3].channel, 0);
	assert_int_equal(luns[3].id, 0);
	free(luns);
}

static void a_session_without_luns_has_none(void **state _unused_)
{
	struct host_session s;
	struct host_lun *luns = (struct host_lun *)root;
	size_t count = 9;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	assert_int_equal(host_session_read(root, 10, HOST_DETAIL_IDENTITY, &s), 0);
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 0);
	assert_null(luns);
	s.sid = 4444; /* gone */
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 0);
}

/* SPC-6 table 151; a target's controller, 0Ch, gets no block device. */
static void a_lun_is_a_disk_by_its_type_before_it_has_a_name(void **state _unused_)
{
	static const char lun_folder[] = "devices/platform/host3/session10/target3:0:0/3:0:0:1";
	static const struct {
		const char *type;
		bool disk;
	} rows[] = {{"0\n", true},   {"7\n", true},  {"14\n", true}, {"20\n", true},
	            {"12\n", false}, {"1\n", false}, {"\n", false}};
	struct host_lun *luns;
	struct host_session s;
	size_t count;

	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_lun(3, 10, "3:0:0:1", "running\n", NULL);
	assert_int_equal(host_session_read(root, 10, HOST_DETAIL_IDENTITY, &s), 0);
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 1);
	assert_false(host_lun_is_disk(root, &s, &luns[0]));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put(lun_folder, "type", rows[i].type);
		assert_int_equal(host_lun_is_disk(root, &s, &luns[0]), rows[i].disk);
	}
	free(luns);
}

static void the_state_of_a_host_is_read(void **state _unused_)
{
	char text[32];

	put_host(3, "iscsi_tcp\n");
	assert_int_equal(host_state(root, 3, text, sizeof(text)), 7);
	assert_string_equal(text, "running");
	assert_int_equal(host_state(root, 4, text, sizeof(text)), -ENOENT);
	assert_string_equal(text, "");
}

static void the_modules_version_is_read(void **state _unused_)
{
	char text[32] = "x";

	host_transport_version(root, text, sizeof(text));
	assert_string_equal(text, "");
	put("module/scsi_transport_iscsi", "version", "2.0-870\n");
	host_transport_version(root, text, sizeof(text));
	assert_string_equal(text, "2.0-870");
}

static void a_sid_is_a_number_or_a_folder(void **state _unused_)
{
	static const struct {
		const char *text; /* a leading slash: below the root */
		int result, sid;
	} rows[] = {
		{"7", 0, 7},
		{"4294967296", -EINVAL, 0},
		{"0", -EINVAL, 0},
		{"", -ENOENT, 0},
		{"abc", -ENOENT, 0},
		{"-7", -ENOENT, 0},
		{"7 ", -ENOENT, 0},
		{"/class/iscsi_session/session10", 0, 10},
		{"/class/iscsi_session/session10/", 0, 10},
		{"/devices/platform/host3/session10", 0, 10},
		{"/devices/platform/host3/session10/target3:0:0/3:0:0:0", 0, 10},
		{"/class/iscsi_session/session10/device/target3:0:0", 0, 10},
		{"/devices/platform/host3", -EINVAL, 0},
		{"/class/iscsi_session/session11", -ENOENT, 0},
		{"/devices/platform/host3/session10/target3:0:0/3:0:0:0/state", -ENOTDIR, 0},
	};

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_lun(3, 10, "3:0:0:0", "running\n", "sda");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char path[PATH_MAX];
		int sid = -7;

		snprintf(path, sizeof(path), "%s%s", rows[i].text[0] == '/' ? root : "",
		         rows[i].text);
		if (host_sid_from_text(root, path, &sid) != rows[i].result)
			fail_msg("'%s'", rows[i].text);
		assert_int_equal(sid, rows[i].result < 0 ? -7 : rows[i].sid);
	}
}

/* A folder elsewhere may have any name. */
static void a_folder_outside_sysfs_names_no_session(void **state _unused_)
{
	char path[PATH_MAX];
	int sid;

	make_folder("sys");
	make_folder("sysfs-like/session10");
	snprintf(path, sizeof(path), "%s/sys", root);
	strcat(root, "/sysfs-like/session10");
	assert_int_equal(host_sid_from_text(path, root, &sid), -EINVAL);
	*strrchr(root, '/') = '\0';
	*strrchr(root, '/') = '\0';
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(luns_come_in_order_with_their_disks),
		TEST(a_lun_is_a_disk_by_its_type_before_it_has_a_name),
		TEST(a_session_without_luns_has_none),
		TEST(the_state_of_a_host_is_read),
		TEST(the_modules_version_is_read),
		TEST(a_sid_is_a_number_or_a_folder),
		TEST(a_folder_outside_sysfs_names_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
