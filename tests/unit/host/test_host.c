/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "lib/host/host.h"
#include "tests/unit/host/fake_sysfs.h"

static void put_iface(const char *name, const char *attribute, const char *value)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "devices/platform/host3/iscsi_iface/%s", name);
	put(folder, attribute, value);
	put_link("iscsi_iface", name, folder);
}

static void without_iscsi_there_are_no_hosts(void **state _unused_)
{
	struct host_info *hosts = (struct host_info *)root, h;
	size_t count = 99;

	assert_int_equal(host_list(root, &hosts, &count), 0);
	assert_int_equal(count, 0);
	assert_null(hosts);
	assert_int_equal(host_read(root, 0, &h), -ENOENT);
}

static void hosts_come_by_number(void **state _unused_)
{
	static const int numbers[] = {10, 2, 9};
	struct host_info *hosts;
	size_t count;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		put_host(numbers[i], "iscsi_tcp\n");
	assert_int_equal(host_list(root, &hosts, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(hosts[0].host_no, 2);
	assert_int_equal(hosts[1].host_no, 9);
	assert_int_equal(hosts[2].host_no, 10);
	free(hosts);
}

static void a_host_has_what_sysfs_says(void **state _unused_)
{
	struct host_info h;

	put_host(3, "qla4xxx\n");
	assert_int_equal(host_read(root, 3, &h), 0);
	assert_int_equal(h.host_no, 3);
	assert_string_equal(h.transport, "qla4xxx");
	assert_string_equal(h.state, "running");
	assert_string_equal(h.address, "192.0.2.9");
	assert_string_equal(h.netdev, "eth1");
	/* "(null)", and no such attribute */
	assert_string_equal(h.hwaddress, "");
	assert_string_equal(h.initiator_name, "");
}

static void the_transport_over_tcp_has_another_name_than_its_driver(void **state _unused_)
{
	struct host_info h;

	put_host(3, "iscsi_tcp\n");
	assert_int_equal(host_read(root, 3, &h), 0);
	assert_string_equal(h.transport, "tcp");
}

static void interfaces_of_the_host_come_in_order(void **state _unused_)
{
	struct host_iface *ifaces;
	size_t count;

	put_iface("ipv6-iface-3-0", "link_local_addr", "fe80::1\n");
	put_iface("ipv4-iface-3-10", "mtu", "9000\n");
	put_iface("ipv4-iface-3-2", "mtu", "x\n");
	put_iface("ipv4-iface-30-0", "mtu", "1\n");
	put_iface("ipv5-iface-3-0", "mtu", "1\n");
	put_iface("ipv4-iface-3-", "mtu", "1\n");
	assert_int_equal(host_ifaces(root, 3, &ifaces, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(ifaces[0].name, "ipv4-iface-3-2");
	assert_int_equal(ifaces[0].mtu, -1);
	assert_string_equal(ifaces[1].name, "ipv4-iface-3-10");
	assert_int_equal(ifaces[1].number, 10);
	assert_int_equal(ifaces[1].version, 4);
	assert_int_equal(ifaces[1].mtu, 9000);
	assert_int_equal(ifaces[2].version, 6);
	assert_string_equal(ifaces[2].link_local, "fe80::1");
	free(ifaces);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_iscsi_there_are_no_hosts),
		TEST(hosts_come_by_number),
		TEST(a_host_has_what_sysfs_says),
		TEST(the_transport_over_tcp_has_another_name_than_its_driver),
		TEST(interfaces_of_the_host_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
