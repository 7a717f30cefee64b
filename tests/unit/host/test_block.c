/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains from disks to what uses them.  Layouts and texts are those of Linux 6.1:
 * /proc/self/mountinfo and /proc/swaps as proc(5) has them, holders and slaves as links between
 * block devices.
 */
#include <errno.h>

#include "lib/host/block.h"
#include "lib/host/multipath.h"
#include "tests/unit/host/fake_sysfs.h"

enum { HOST = 3, SID = 10 };

static char mounts[4096], swaps[1024];

static int scene(void **state)
{
	mounts[0] = '\0';
	strcpy(swaps, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	/* the machine's own root */
	strcpy(mounts, "24 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw\n");
	return setup(state);
}

/* ---- devices -------------------------------------------------------------------------------- */

static char folders[32][256];
static char names[32][64];
static size_t devices;

static const char *folder_of(const char *name)
{
	for (size_t i = 0; i < devices; i++) {
		if (strcmp(names[i], name) == 0)
			return folders[i];
	}
	fail_msg("no device %s", name);
	return "";
}

static void put_device(const char *folder, const char *name, const char *devno)
{
	snprintf(folders[devices], sizeof(folders[0]), "%s", folder);
	snprintf(names[devices++], sizeof(names[0]), "%s", name);
	put(folder, "dev", devno);
	put_link("block", name, folder);
}

static void put_disk(int host, int sid, int lun, const char *name, const char *devno)
{
	char address[32], folder[256], device[512];

	snprintf(address, sizeof(address), "%d:0:0:%d", host, lun);
	put_lun(host, sid, address, "running\n", name);
	snprintf(folder, sizeof(folder),
	         "devices/platform/host%d/session%d/target%d:0:0/%s/block/%s", host, sid, host,
	         address, name);
	put_device(folder, name, devno);
	snprintf(device, sizeof(device), "%s/%s/device", root, folder);
	assert_int_equal(symlink("../..", device), 0);
}

static void put_partition(const char *disk, const char *name, const char *devno)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/%s", folder_of(disk), name);
	put_device(folder, name, devno);
	put(folder, "partition", "1\n");
}

static void put_virtual(const char *name, const char *devno)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "devices/virtual/block/%s", name);
	put_device(folder, name, devno);
}

static void put_dm(const char *name, const char *devno, const char *dm_name, const char *uuid)
{
	char folder[256];

	put_virtual(name, devno);
	snprintf(folder, sizeof(folder), "devices/virtual/block/%s/dm", name);
	put(folder, "name", dm_name);
	put(folder, "uuid", uuid);
}

static void put_loop(const char *name, const char *devno, const char *backing)
{
	char folder[256];

	put_virtual(name, devno);
	snprintf(folder, sizeof(folder), "devices/virtual/block/%s/loop", name);
	put(folder, "backing_file", backing);
}

/* above is made of below */
static void hold(const char *below, const char *above)
{
	char folder[320];

	snprintf(folder, sizeof(folder), "%s/holders/%s", folder_of(below), above);
	make_folder(folder);
	snprintf(folder, sizeof(folder), "%s/slaves/%s", folder_of(above), below);
	make_folder(folder);
}

static void put_mount(const char *devno, const char *part, const char *target, const char *type,
                      const char *source)
{
	size_t len = strlen(mounts);

	snprintf(mounts + len, sizeof(mounts) - len,
	         "%zu 24 %s %s %s rw,relatime shared:1 - %s %s rw\n", 40 + len, devno, part, target,
	         type, source);
}

static void put_swap(const char *path, const char *type)
{
	size_t len = strlen(swaps);

	snprintf(swaps + len, sizeof(swaps) - len, "%s %s\t524284\t\t0\t\t-2\n", path, type);
}

static void put_session_of_disks(void)
{
	devices = 0;
	put_transport("tcp");
	put_host(HOST, "iscsi_tcp\n");
	put_session(HOST, SID);
}

/* ---- questions ------------------------------------------------------------------------------ */

static void ask(int sid, const int *leaving, size_t count, struct host_uses *ret)
{
	char proc[PATH_MAX];
	struct host_block *b;

	put("proc/self", "mountinfo", mounts);
	put("proc", "swaps", swaps);
	snprintf(proc, sizeof(proc), "%s/proc", root);
	assert_int_equal(host_block_open(root, proc, &b), 0);
	assert_int_equal(host_block_uses(b, sid, leaving, count, ret), 0);
	assert_null(host_block_free(b));
}

static void expect_text(int sid, const int *leaving, size_t count, const char *text)
{
	struct host_uses uses;
	char got[1024];

	ask(sid, leaving, count, &uses);
	host_uses_text(&uses, got, sizeof(got));
	assert_string_equal(got, text);
	host_uses_done(&uses);
}

static void expect_uses(const char *text)
{
	expect_text(SID, NULL, 0, text);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void a_disk_that_nobody_uses_has_no_uses(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_partition("sda", "sda1", "8:1\n");
	expect_uses("");
	expect_text(4444, NULL, 0, "");
}

static void a_mounted_disk_is_used(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_mount("8:0", "/", "/srv/my\\040data", "ext4", "/dev/sda");
	expect_uses("sda -> /srv/my data");
}

static void a_partition_is_a_step_of_the_chain(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_partition("sda", "sda1", "8:1\n");
	put_partition("sda", "sda2", "8:2\n");
	put_mount("8:2", "/", "/srv", "xfs", "/dev/sda2");
	expect_uses("sda -> sda2 -> /srv");
}

static void a_bind_mount_is_a_use_of_its_own(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_mount("8:0", "/", "/srv", "ext4", "/dev/sda");
	put_mount("8:0", "/www", "/var/www", "ext4", "/dev/sda");
	expect_uses("sda -> /srv, sda -> /var/www");
}

static void logical_volumes_are_named_as_dm_names_them(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_partition("sda", "sda1", "8:1\n");
	put_dm("dm-0", "253:0\n", "vg-data\n", "LVM-abcdef\n");
	put_dm("dm-1", "253:1\n", "vg-spare\n", "LVM-abcdeg\n");
	hold("sda1", "dm-0");
	hold("sda1", "dm-1");
	put_mount("253:0", "/", "/srv", "ext4", "/dev/mapper/vg-data");
	expect_uses("sda -> sda1 -> dm-0 (vg-data) -> /srv, sda -> sda1 -> dm-1 (vg-spare)");
}

static void the_layers_of_a_thin_pool_end_in_its_volume(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_dm("dm-0", "253:0\n", "vg-pool_tmeta\n", "LVM-a-tmeta\n");
	put_dm("dm-1", "253:1\n", "vg-pool_tdata\n", "LVM-a-tdata\n");
	put_dm("dm-2", "253:2\n", "vg-pool-tpool\n", "LVM-a-tpool\n");
	hold("sda", "dm-0");
	hold("sda", "dm-1");
	hold("dm-0", "dm-2");
	hold("dm-1", "dm-2");
	put_mount("253:2", "/", "/srv", "ext4", "/dev/mapper/vg-pool-tpool");
	struct host_uses uses;

	ask(SID, NULL, 0, &uses);
	assert_int_equal(uses.count, 1);
	assert_non_null(strstr(uses.uses[0].chain, " -> dm-2 (vg-pool-tpool) -> /srv"));
	host_uses_done(&uses);
}

static void an_array_over_two_disks_is_one_use(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_disk(HOST, SID, 1, "sdb", "8:16\n");
	put_virtual("md127", "9:127\n");
	hold("sda", "md127");
	hold("sdb", "md127");
	put_mount("9:127", "/", "/srv", "ext4", "/dev/md127");
	expect_uses("sda -> md127 -> /srv");
}

static void a_device_made_of_a_disk_is_a_use_even_when_idle(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_disk(HOST, SID, 1, "sdb", "8:16\n");
	put_virtual("bcache0", "252:0\n");
	put_dm("dm-3", "253:3\n", "secret\n", "CRYPT-LUKS2-1\n");
	hold("sda", "bcache0");
	hold("sdb", "dm-3");
	expect_uses("sda -> bcache0, sdb -> dm-3 (secret)");
}

static void swap_is_seen_on_devices_and_in_files(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_partition("sda", "sda1", "8:1\n");
	put_disk(HOST, SID, 1, "sdb", "8:16\n");
	put_disk(HOST, SID, 2, "sdc", "8:32\n");
	put_dm("dm-0", "253:0\n", "vg-swap\n", "LVM-a\n");
	hold("sdc", "dm-0");
	put_mount("8:16", "/", "/srv", "ext4", "/dev/sdb");
	put_swap("/dev/sda1", "partition");
	put_swap("/srv/swapfile", "file");
	put_swap("/dev/dm-0", "partition");
	/* on the machine's own disk */
	put_swap("/swapfile", "file");
	expect_uses("sda -> sda1 -> swap, sdb -> /srv -> swap on /srv/swapfile, "
	            "sdc -> dm-0 (vg-swap) -> swap and 1 more");
}

static void a_loop_device_goes_on_from_the_mount_its_file_is_in(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_loop("loop0", "7:0\n", "/srv/images/one\n");
	put_loop("loop1", "7:1\n", "/images/two\n");
	put_loop("loop2", "7:2\n", "/srvother/three\n");
	put_mount("8:0", "/", "/srv", "ext4", "/dev/sda");
	put_mount("7:0", "/", "/mnt/one", "ext4", "/dev/loop0");
	put_mount("7:1", "/", "/mnt/two", "ext4", "/dev/loop1");
	expect_uses("sda -> /srv, sda -> /srv -> loop0 -> /mnt/one");
}

static void a_loop_device_over_a_disk_is_a_use(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_loop("loop0", "7:0\n", "/dev/sda\n");
	expect_uses("sda -> loop0");
}

static void root_comes_first(void **state _unused_)
{
	struct host_uses uses;

	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_disk(HOST, SID, 1, "sdb", "8:16\n");
	put_disk(HOST, SID, 2, "sdc", "8:32\n");
	put_dm("dm-0", "253:0\n", "spare\n", "LVM-a\n");
	hold("sdb", "dm-0");
	mounts[0] = '\0';
	put_mount("8:0", "/", "/boot", "ext4", "/dev/sda");
	put_mount("8:32", "/", "/", "ext4", "/dev/root");
	ask(SID, NULL, 0, &uses);
	assert_int_equal(uses.count, 3);
	assert_int_equal(uses.uses[0].kind, HOST_USE_ROOT);
	assert_string_equal(uses.uses[0].chain, "sdc -> /");
	assert_int_equal(uses.uses[1].kind, HOST_USE_MOUNT);
	assert_int_equal(uses.uses[2].kind, HOST_USE_DEVICE);
	host_uses_done(&uses);
}

/* A btrfs has a number of its own and names one of its devices only. */
static void each_device_of_a_btrfs_is_used(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_disk(HOST, SID, 1, "sdb", "8:16\n");
	make_folder("fs/btrfs/features");
	make_folder("fs/btrfs/0ab9-77/devices/sda");
	make_folder("fs/btrfs/0ab9-77/devices/sdb");
	put_mount("0:45", "/", "/srv", "btrfs", "/dev/sdb");
	expect_uses("sda -> /srv, sdb -> /srv");
}

static void a_file_system_of_another_namespace_is_used(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	make_folder("fs/ext4/features");
	make_folder("fs/ext4/sda");
	expect_uses("sda -> ext4, mounted out of sight");
}

static void the_mounts_of_process_1_count_too(void **state _unused_)
{
	char path[PATH_MAX];

	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_mount("8:0", "/", "/srv", "ext4", "/dev/sda");
	put("proc/1", "mountinfo", mounts);
	mounts[0] = '\0';
	put_mount("0:30", "/", "/", "overlay", "overlay");
	make_folder("proc/self/ns");
	make_folder("proc/1/ns");
	snprintf(path, sizeof(path), "%s/proc/self/ns/mnt", root);
	assert_int_equal(symlink("mnt:[4026532001]", path), 0);
	snprintf(path, sizeof(path), "%s/proc/1/ns/mnt", root);
	assert_int_equal(symlink("mnt:[4026531841]", path), 0);
	expect_uses("sda -> /srv");
}

/* Two sessions, a path each. */
static void put_multipath(void)
{
	put_session_of_disks();
	put_host(HOST + 1, "iscsi_tcp\n");
	put_session(HOST + 1, SID + 1);
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_disk(HOST + 1, SID + 1, 0, "sdb", "8:16\n");
	put_dm("dm-0", "253:0\n", "mpatha\n", "mpath-3600140500000001\n");
	hold("sda", "dm-0");
	hold("sdb", "dm-0");
}

static void a_map_of_paths_is_no_use_while_idle(void **state _unused_)
{
	static const int both[] = {SID, SID + 1};

	put_multipath();
	put_dm("dm-1", "253:1\n", "mpatha-part1\n", "part1-mpath-3600140500000001\n");
	hold("dm-0", "dm-1");
	expect_text(SID, both, 2, "");
}

static void the_paths_of_a_map_are_told_from_other_sessions(void **state _unused_)
{
	put_multipath();
	put_host(HOST + 2, "iscsi_tcp\n");
	put_session(HOST + 2, SID + 2);
	put_disk(HOST + 2, SID + 2, 0, "sdc", "8:32\n");
	put_dm("dm-1", "253:1\n", "vg-data\n", "LVM-abcdef\n");
	hold("sdc", "dm-1");
	assert_true(host_session_is_path(root, SID));
	assert_true(host_session_is_path(root, SID + 1));
	assert_false(host_session_is_path(root, SID + 2));
	assert_false(host_session_is_path(root, SID + 3));
}

static void a_path_may_go_while_another_one_is_live(void **state _unused_)
{
	static const int both[] = {SID, SID + 1};

	put_multipath();
	put_mount("253:0", "/", "/srv", "ext4", "/dev/mapper/mpatha");
	expect_uses("");
	/* but not both */
	expect_text(SID, both, 2, "sda -> dm-0 (mpatha) -> /srv");
	expect_text(SID + 1, both, 2, "sdb -> dm-0 (mpatha) -> /srv");
	/* nor the one that is left */
	put_lun(HOST + 1, SID + 1, "4:0:0:0", "transport-offline\n", NULL);
	expect_uses("sda -> dm-0 (mpatha) -> /srv");
}

static void names_are_shown_as_printable_text(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_mount("8:0", "/", "/srv\\012x", "ext4", "/dev/sda");
	expect_uses("sda -> /srv\\x0ax");
}

static void a_line_that_is_too_long_is_cut(void **state _unused_)
{
	struct host_uses uses;
	char text[8];

	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_mount("8:0", "/", "/srv", "ext4", "/dev/sda");
	ask(SID, NULL, 0, &uses);
	host_uses_text(&uses, text, sizeof(text));
	assert_string_equal(text, "sda -> ");
	host_uses_done(&uses);
}

static void without_proc_nothing_is_known(void **state _unused_)
{
	struct host_block *b;

	put_session_of_disks();
	assert_int_equal(host_block_open(root, root, &b), -ENOENT);
	assert_int_equal(host_block_open("/nowhere", NULL, &b), -ENOENT);
}

/* No kernel does that; a walk must end all the same. */
static void devices_that_hold_each_other_do_not_hang(void **state _unused_)
{
	put_session_of_disks();
	put_disk(HOST, SID, 0, "sda", "8:0\n");
	put_dm("dm-0", "253:0\n", "a\n", "LVM-a\n");
	put_dm("dm-1", "253:1\n", "b\n", "LVM-b\n");
	hold("sda", "dm-0");
	hold("dm-0", "dm-1");
	hold("dm-1", "dm-0");
	put_mount("253:1", "/", "/srv", "ext4", "/dev/dm-1");
	expect_uses("sda -> dm-0 (a) -> dm-1 (b) -> /srv");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scene, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_that_nobody_uses_has_no_uses),
		TEST(a_mounted_disk_is_used),
		TEST(a_partition_is_a_step_of_the_chain),
		TEST(a_bind_mount_is_a_use_of_its_own),
		TEST(logical_volumes_are_named_as_dm_names_them),
		TEST(the_layers_of_a_thin_pool_end_in_its_volume),
		TEST(an_array_over_two_disks_is_one_use),
		TEST(a_device_made_of_a_disk_is_a_use_even_when_idle),
		TEST(swap_is_seen_on_devices_and_in_files),
		TEST(a_loop_device_goes_on_from_the_mount_its_file_is_in),
		TEST(a_loop_device_over_a_disk_is_a_use),
		TEST(root_comes_first),
		TEST(each_device_of_a_btrfs_is_used),
		TEST(a_file_system_of_another_namespace_is_used),
		TEST(the_mounts_of_process_1_count_too),
		TEST(a_map_of_paths_is_no_use_while_idle),
		TEST(the_paths_of_a_map_are_told_from_other_sessions),
		TEST(a_path_may_go_while_another_one_is_live),
		TEST(names_are_shown_as_printable_text),
		TEST(a_line_that_is_too_long_is_cut),
		TEST(without_proc_nothing_is_known),
		TEST(devices_that_hold_each_other_do_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
