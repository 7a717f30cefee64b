/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/host/fake_sysfs.h"

#include "lib/host/boot.h"

#define TARGET_NAME "iqn.2007-07.com.example:storage"
#define TREE        "firmware/devicetree/base"
#define INITIATOR   "iqn.2007-07.com.example:initiator"

static struct boot_path *paths;
static size_t count;
static char problems[1 << 14];

static void note(void *data, const char *text)
{
	size_t len = strlen(problems);

	(void)data;
	snprintf(problems + len, sizeof(problems) - len, "%s\n", text);
}

static void read_all(void)
{
	problems[0] = '\0';
	paths = boot_paths_free(paths, count);
	count = 0;
	assert_int_equal(boot_paths(root, note, NULL, &paths, &count), 0);
}

static int forget(void **state)
{
	paths = boot_paths_free(paths, count);
	count = 0;
	return teardown(state);
}

/* The attributes that the kernel's documentation shows, with values of RFC 5737's networks. */
static void put_initiator(const char *tree)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "firmware/%s/initiator", tree);
	put(folder, "initiator-name", INITIATOR "\n");
	put(folder, "flags", "3\n");
	put(folder, "index", "0\n");
}

static void put_nic(const char *tree, int number, const char *mac)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "firmware/%s/ethernet%d", tree, number);
	put(folder, "mac", mac);
	put(folder, "ip-addr", "192.0.2.10\n");
	put(folder, "subnet-mask", "255.255.252.0\n");
	put(folder, "gateway", "192.0.2.254\n");
	put(folder, "vlan", "7\n");
	put(folder, "origin", "0\n");
	put(folder, "flags", "7\n");
}

static void put_target(const char *tree, int number, const char *address, const char *nic)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "firmware/%s/target%d", tree, number);
	put(folder, "target-name", TARGET_NAME "\n");
	put(folder, "ip-addr", address);
	put(folder, "port", "3261\n");
	put(folder, "lun", "00000000\n");
	put(folder, "nic-assoc", nic);
	put(folder, "flags", "3\n");
}

static void a_machine_without_any_has_no_path(void **state)
{
	(void)state;
	read_all();
	assert_int_equal(count, 0);
	assert_null(paths);
	assert_string_equal(problems, "");
}

static void ibft_is_a_path_for_each_target(void **state)
{
	(void)state;
	put_initiator("ibft");
	put_nic("ibft", 0, "02:00:00:00:00:01\n");
	put_nic("ibft", 1, "02:00:00:00:00:02\n");
	put("firmware/ibft/ethernet1", "origin", "3\n");
	put("firmware/ibft/ethernet1", "prefix-len", "22\n");
	put("firmware/ibft/ethernet1", "primary-dns", "192.0.2.53\n");
	make_folder("firmware/ibft/ethernet1/device/net/eth5");
	put_target("ibft", 0, "192.0.2.20\n", "0\n");
	put_target("ibft", 1, "192.0.2.21\n", "1\n");
	put("firmware/ibft/target1", "chap-name", "me\n");
	put("firmware/ibft/target1", "chap-secret", "a secret word\n");
	put("firmware/ibft/target1", "rev-chap-name", "it\n");
	put("firmware/ibft/target1", "rev-chap-name-secret", "other secret\n");
	read_all();
	assert_string_equal(problems, "");
	assert_int_equal(count, 2);
	assert_string_equal(paths[0].source, "ibft/target0");
	assert_string_equal(paths[0].transport, "tcp");
	assert_string_equal(paths[0].initiator_name, INITIATOR);
	assert_string_equal(paths[0].target_name, TARGET_NAME);
	assert_string_equal(paths[0].address, "192.0.2.20");
	assert_int_equal(paths[0].port, 3261);
	assert_string_equal(paths[0].lun, "00000000");
	assert_string_equal(paths[0].nic.hwaddress, "02:00:00:00:00:01");
	assert_string_equal(paths[0].nic.address, "192.0.2.10");
	assert_string_equal(paths[0].nic.subnet_mask, "255.255.252.0");
	assert_string_equal(paths[0].nic.gateway, "192.0.2.254");
	assert_int_equal(paths[0].nic.prefix_len, -1);
	assert_int_equal(paths[0].nic.vlan, 7);
	assert_false(paths[0].nic.dhcp);
	assert_string_equal(paths[0].nic.netdev, "");
	assert_string_equal(paths[0].username, "");
	assert_string_equal(paths[1].nic.hwaddress, "02:00:00:00:00:02");
	assert_string_equal(paths[1].nic.netdev, "eth5");
	assert_string_equal(paths[1].nic.primary_dns, "192.0.2.53");
	assert_int_equal(paths[1].nic.prefix_len, 22);
	assert_true(paths[1].nic.dhcp);
	assert_string_equal(paths[1].username, "me");
	assert_string_equal(paths[1].password, "a secret word");
	assert_string_equal(paths[1].username_in, "it");
	assert_string_equal(paths[1].password_in, "other secret");
}

static void targets_are_in_the_order_of_their_numbers(void **state)
{
	(void)state;
	for (int i = 11; i >= 0; i--) {
		char address[32];

		snprintf(address, sizeof(address), "192.0.2.%d\n", i + 1);
		put_target("ibft", i, address, "0\n");
	}
	put_nic("ibft", 0, "02:00:00:00:00:01\n");
	read_all();
	assert_int_equal(count, 12);
	assert_string_equal(paths[2].address, "192.0.2.3");
	assert_string_equal(paths[10].address, "192.0.2.11");
}

static void an_adapters_tree_has_its_transport(void **state)
{
	(void)state;
	put_initiator("iscsi_boot5");
	put_nic("iscsi_boot5", 0, "02:00:00:00:00:05\n");
	put_target("iscsi_boot5", 0, "192.0.2.20\n", "0\n");
	/* the driver knows of no other flag than that it was chosen */
	put("firmware/iscsi_boot5/target0", "flags", "2\n");
	put("class/scsi_host/host5", "proc_name", "qla4xxx\n");
	put_target("iscsi_boot10", 0, "192.0.2.21\n", "0\n");
	put("class/scsi_host/host10", "proc_name", "somewhat\n");
	read_all();
	assert_int_equal(count, 2);
	assert_string_equal(paths[0].source, "iscsi_boot5/target0");
	assert_string_equal(paths[0].transport, "qla4xxx");
	assert_string_equal(paths[1].transport, "tcp");
}

static void what_is_not_in_use_is_left_out(void **state)
{
	(void)state;
	put_nic("ibft", 0, "02:00:00:00:00:01\n");
	put_target("ibft", 0, "192.0.2.20\n", "0\n");
	put_target("ibft", 1, "192.0.2.21\n", "0\n");
	put("firmware/ibft/target0", "flags", "0\n");
	read_all();
	assert_int_equal(count, 1);
	assert_string_equal(paths[0].address, "192.0.2.21");
	assert_string_equal(problems, "");
}

static void the_same_path_counts_once(void **state)
{
	(void)state;
	put_nic("ibft", 0, "02:00:00:00:00:01\n");
	put_target("ibft", 0, "192.0.2.20\n", "0\n");
	put_target("ibft", 1, "192.0.2.20\n", "0\n");
	read_all();
	assert_int_equal(count, 1);
}

static void an_address_that_means_none_is_none(void **state)
{
	(void)state;
	put_nic("ibft", 0, "02:00:00:00:00:01\n");
	put("firmware/ibft/ethernet0", "gateway", "0.0.0.0\n");
	put("firmware/ibft/ethernet0", "primary-dns", "0000:0000:0000:0000:0000:0000:0000:0000\n");
	put_target("ibft", 0, "2001:0db8:0000:0000:0000:0000:0000:0001\n", "0\n");
	read_all();
	assert_int_equal(count, 1);
	assert_string_equal(paths[0].address, "2001:0db8:0000:0000:0000:0000:0000:0001");
	assert_string_equal(paths[0].nic.gateway, "");
	assert_string_equal(paths[0].nic.primary_dns, "");
	assert_string_equal(problems, "");
}

/* One attribute with a value that it cannot have. */
static const struct {
	const char *folder, *name, *text;
	size_t paths; /* that are left */
	const char *problem;
} odd[] = {
	{"target0", "target-name", "../../etc/passwd\n", 0, "ibft/target0/target-name: '../"},
	{"target0", "target-name", "iqn.2007-07.com.example:a\nnode.startup = automatic\n", 0,
         "ibft/target0: no target name"},
	{"target0", "ip-addr", "not-an-address\n", 0, "ibft/target0/ip-addr: 'not-an-address'"},
	{"target0", "ip-addr", "192.0.2.20;reboot\n", 0, "is not an IP address"},
	{"target0", "ip-addr", "0.0.0.0\n", 0, "ibft/target0: no address"},
	{"target0", "port", "70000\n", 1, "ibft/target0/port is not a number from 0 to 65535"},
	{"target0", "nic-assoc", "9\n", 1, "ibft/target0/nic-assoc: there is no ethernet9"},
	{"target0", "nic-assoc", "-1\n", 1, "ibft/target0/nic-assoc is not a number"},
	{"target0", "lun", "0 0\n", 1, "ibft/target0/lun: '0 0' cannot be used"},
	{"target0", "chap-name", "a\033[2J\n", 1, "ibft/target0/chap-name has a control character"},
	{"ethernet0", "mac", "02:00:00:00:00\n", 1, "is not a hardware address"},
	{"ethernet0", "mac", "02:00:00:00:00:0g\n", 1, "is not a hardware address"},
	{"ethernet0", "vlan", "4096\n", 1, "ibft/ethernet0/vlan is not a number from 0 to 4095"},
	{"initiator", "initiator-name", "me\n", 1, "ibft/initiator/initiator-name: 'me' cannot"},
};

static void an_odd_value_is_named_and_left_out(void **state)
{
	char folder[64];

	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		put_initiator("ibft");
		put_nic("ibft", 0, "02:00:00:00:00:01\n");
		put_target("ibft", 0, "192.0.2.20\n", "0\n");
		snprintf(folder, sizeof(folder), "firmware/ibft/%s", odd[i].folder);
		put(folder, odd[i].name, odd[i].text);
		read_all();
		if (count != odd[i].paths || !strstr(problems, odd[i].problem))
			fail_msg("%s: %zu paths, problems: %s", odd[i].text, count, problems);
		teardown(state);
		setup(state);
	}
}

static void a_secret_is_in_no_message(void **state)
{
	char secret[400];

	(void)state;
	memset(secret, 's', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	put_target("ibft", 0, "192.0.2.20\n", "0\n");
	put("firmware/ibft/target0", "chap-secret", secret);
	put("firmware/ibft/target0", "rev-chap-name-secret", "q\001q\n");
	read_all();
	assert_int_equal(count, 1);
	assert_non_null(strstr(problems, "ibft/target0/chap-secret is too long"));
	assert_null(strstr(problems, "ssss"));
	assert_null(strchr(problems, 'q'));
}

static void there_is_an_end_to_targets(void **state)
{
	(void)state;
	for (int i = 0; i < BOOT_PATHS_MAX + 10; i++) {
		char address[32];

		snprintf(address, sizeof(address), "192.0.2.%d\n", i + 1);
		put_target("iscsi_boot1", i, address, "0\n");
		put_target("iscsi_boot2", i, address, "0\n");
	}
	put_nic("iscsi_boot2", 0, "02:00:00:00:00:01\n");
	put_target("iscsi_boot2", 0, "192.0.2.200\n", "0\n");
	read_all();
	assert_int_equal(count, BOOT_PATHS_MAX);
	assert_non_null(strstr(problems, "more than 64 paths"));
}

/* ---- OpenFirmware ------------------------------------------------------------------------ */

#define OF_DEVICE "/vdevice/l-lan@30000002"
#define OF_PATH                                                                                    \
	OF_DEVICE ":speed=auto,duplex=auto,iscsi,itname=" INITIATOR                                \
		  ",ichapid=me,ichappw=secretsecret1,ciaddr=192.0.2.10,giaddr=192.0.2.254,"        \
		  "subnet-mask=255.255.255.0,siaddr=192.0.2.20,iport=3261,iname=" TARGET_NAME      \
		  ",ilun=1,chapid=it,chappw=othersecret12"

static void put_mac(const char *bytes, size_t len)
{
	char full[PATH_MAX];
	FILE *f;

	make_folder(TREE OF_DEVICE);
	snprintf(full, sizeof(full), "%s/" TREE OF_DEVICE "/local-mac-address", root);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void openfirmware_has_a_boot_path(void **state)
{
	(void)state;
	put(TREE "/chosen", "bootpath", OF_PATH);
	put_mac("\x02\x00\x00\x00\x00\x0a", 6);
	read_all();
	assert_string_equal(problems, "");
	assert_int_equal(count, 1);
	assert_string_equal(paths[0].source, "chosen/bootpath");
	assert_string_equal(paths[0].initiator_name, INITIATOR);
	assert_string_equal(paths[0].target_name, TARGET_NAME);
	assert_string_equal(paths[0].address, "192.0.2.20");
	assert_int_equal(paths[0].port, 3261);
	assert_string_equal(paths[0].lun, "1");
	assert_string_equal(paths[0].nic.address, "192.0.2.10");
	assert_string_equal(paths[0].nic.gateway, "192.0.2.254");
	assert_string_equal(paths[0].nic.subnet_mask, "255.255.255.0");
	assert_string_equal(paths[0].nic.hwaddress, "02:00:00:00:00:0a");
	assert_false(paths[0].nic.dhcp);
	assert_string_equal(paths[0].username, "me");
	assert_string_equal(paths[0].password, "secretsecret1");
	assert_string_equal(paths[0].username_in, "it");
	assert_string_equal(paths[0].password_in, "othersecret12");
}

static void a_hardware_address_of_eight_bytes_has_it_last(void **state)
{
	(void)state;
	put(TREE "/chosen", "bootpath", OF_PATH);
	put_mac("\x00\x00\x02\x00\x00\x00\x00\x0b", 8);
	read_all();
	assert_string_equal(paths[0].nic.hwaddress, "02:00:00:00:00:0b");
}

static void openfirmware_s_aliases_are_other_paths(void **state)
{
	(void)state;
	put(TREE "/chosen", "bootpath", OF_PATH);
	put(TREE "/aliases", "iscsi-disk1", OF_PATH);
	put(TREE "/aliases", "iscsi-disk10",
	    "/vdevice/l-lan@3:iscsi,bootp,siaddr=192.0.2.30,iname=" TARGET_NAME);
	put(TREE "/aliases", "iscsi-disk2",
	    "/vdevice/l-lan@3:iscsi,siaddr=192.0.2.22,iname=" TARGET_NAME);
	put(TREE "/aliases", "disk", "/vdevice/v-scsi@30000003/disk");
	read_all();
	assert_string_equal(problems, "");
	assert_int_equal(count, 3);
	assert_string_equal(paths[1].address, "192.0.2.22");
	assert_int_equal(paths[1].port, 3260);
	assert_string_equal(paths[2].address, "192.0.2.30");
	assert_true(paths[2].nic.dhcp);
}

static void another_boot_path_is_none_of_ours(void **state)
{
	static const char *const others[] = {
		"/vdevice/v-scsi@30000003/disk@8100000000000000",
		"/vdevice/l-lan@30000002:speed=auto,duplex=auto,192.0.2.1,,192.0.2.2",
		"/pci@1/iscsi-toe@0",
		":iscsi,siaddr=192.0.2.1,iname=" TARGET_NAME,
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		put(TREE "/chosen", "bootpath", others[i]);
		read_all();
		assert_int_equal(count, 0);
		assert_string_equal(problems, "");
	}
}

static void an_odd_boot_path_is_named(void **state)
{
	(void)state;
	put(TREE "/chosen", "bootpath",
	    "/a:iscsi,siaddr=192.0.2.1,iport=0,ciaddr=x,iname=" TARGET_NAME);
	read_all();
	assert_int_equal(count, 1);
	assert_int_equal(paths[0].port, 3260);
	assert_non_null(strstr(problems, "chosen/bootpath: iport: '0' is not a port"));
	assert_non_null(strstr(problems, "chosen/bootpath: ciaddr: 'x' cannot be used"));
}

static void a_device_outside_of_the_tree_is_not_looked_at(void **state)
{
	(void)state;
	put("firmware/devicetree/secret", "local-mac-address", "abcdef");
	put(TREE "/chosen", "bootpath", "/../secret:iscsi,siaddr=192.0.2.1,iname=" TARGET_NAME);
	read_all();
	assert_int_equal(count, 1);
	assert_string_equal(paths[0].nic.hwaddress, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_machine_without_any_has_no_path),
		TEST(ibft_is_a_path_for_each_target),
		TEST(targets_are_in_the_order_of_their_numbers),
		TEST(an_adapters_tree_has_its_transport),
		TEST(what_is_not_in_use_is_left_out),
		TEST(the_same_path_counts_once),
		TEST(an_address_that_means_none_is_none),
		TEST(an_odd_value_is_named_and_left_out),
		TEST(a_secret_is_in_no_message),
		TEST(there_is_an_end_to_targets),
		TEST(openfirmware_has_a_boot_path),
		TEST(a_hardware_address_of_eight_bytes_has_it_last),
		TEST(openfirmware_s_aliases_are_other_paths),
		TEST(another_boot_path_is_none_of_ours),
		TEST(an_odd_boot_path_is_named),
		TEST(a_device_outside_of_the_tree_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
