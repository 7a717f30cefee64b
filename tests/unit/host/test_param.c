/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of adapters as bytes.  Numbers are typed from scsi/iscsi_if.h: the place of each
 * in enum iscsi_flashnode_param, iscsi_net_param and iscsi_iface_param; widths are what the drivers
 * read (qla4xxx_sysfs_ddb_set_param(), qla4xxx_iface_set_param(), beiscsi_iface_set_param()).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/host/flashnode.h"
#include "lib/host/netparam.h"

#define SESSION "flashnode.session."
#define CONN    "flashnode.conn[0]."

/* A value, and its bytes in hexadecimal digits on a little endian machine. */
struct row {
	const char *key;
	unsigned int number;
	const char *text, *hex;
};

static const struct row flashnode_rows[] = {
	{CONN "is_fw_assigned_ipv6", 0, "1", "01"},
	{SESSION "portal_type", 1, "ipv6", "69707636"},
	{SESSION "auto_snd_tgt_disable", 2, "1", "01"},
	{SESSION "discovery_session", 3, "0", "00"},
	{SESSION "entry_enable", 4, "1", "01"},
	{CONN "header_digest_en", 5, "1", "01"},
	{CONN "data_digest_en", 6, "1", "01"},
	{SESSION "immediate_data", 7, "1", "01"},
	{SESSION "initial_r2t", 8, "1", "01"},
	{SESSION "data_seq_in_order", 9, "1", "01"},
	{SESSION "data_pdu_in_order", 10, "1", "01"},
	{SESSION "chap_auth_en", 11, "1", "01"},
	{CONN "snack_req_en", 12, "1", "01"},
	{SESSION "discovery_logout_en", 13, "1", "01"},
	{SESSION "bidi_chap_en", 14, "1", "01"},
	{SESSION "discovery_auth_optional", 15, "1", "01"},
	{SESSION "erl", 16, "2", "02"},
	{CONN "tcp_timestamp_stat", 17, "1", "01"},
	{CONN "tcp_nagle_disable", 18, "1", "01"},
	{CONN "tcp_wsf_disable", 19, "1", "01"},
	{CONN "tcp_timer_scale", 20, "7", "07"},
	{CONN "tcp_timestamp_en", 21, "1", "01"},
	{CONN "fragment_disable", 22, "1", "01"},
	{CONN "max_recv_dlength", 23, "65536", "00000100"},
	{CONN "max_xmit_dlength", 24, "65536", "00000100"},
	{SESSION "first_burst_len", 25, "262144", "00000400"},
	{SESSION "def_time2wait", 26, "258", "0201"},
	{SESSION "def_time2retain", 27, "20", "1400"},
	{SESSION "max_outstanding_r2t", 28, "1", "0100"},
	{CONN "keepalive_tmo", 29, "14", "0e00"},
	{SESSION "isid", 30, "00023Dab0001", "00023dab0001"},
	{SESSION "tsid", 31, "65535", "ffff"},
	{CONN "port", 32, "3260", "bc0c"},
	{SESSION "max_burst_len", 33, "16776192", "00fcff00"},
	{SESSION "def_taskmgmt_tmo", 34, "10", "0a00"},
	{CONN "ipaddress", 35, "192.0.2.1", "c0000201"},
	{SESSION "targetalias", 36, "disk", "6469736b"},
	{CONN "redirect_ipaddr", 37, "2001:db8::1", "20010db8000000000000000000000001"},
	{CONN "max_segment_size", 38, "1460", "b4050000"},
	{CONN "local_port", 39, "0", "0000"},
	{CONN "ipv4_tos", 40, "255", "ff"},
	{CONN "ipv6_traffic_class", 41, "255", "ff"},
	{CONN "ipv6_flow_label", 42, "255", "ff00"},
	{SESSION "targetname", 43, "iqn.a", "69716e2e61"},
	{SESSION "tpgt", 44, "1", "0100"},
	{CONN "link_local_ipv6", 45, "fe80::1", "fe800000000000000000000000000001"},
	{SESSION "discovery_parent_idx", 46, "3", "0300"},
	{SESSION "discovery_parent_type", 47, "iSNS", "69534e53"},
	{CONN "tcp_xmit_wsf", 48, "3", "03000000"},
	{CONN "tcp_recv_wsf", 49, "3", "03000000"},
	{SESSION "chap_in_idx", 50, "258", "0201"},
	{SESSION "chap_out_idx", 51, "258", "0201"},
	{SESSION "username", 52, "us", "7573"},
	{SESSION "username_in", 53, "us", "7573"},
	{SESSION "password", 54, "secret", "736563726574"},
	{SESSION "password_in", 55, "secret", "736563726574"},
	{CONN "statsn", 56, "4294967295", "ffffffff"},
	{CONN "exp_statsn", 57, "1", "01000000"},
	{SESSION "is_boot_target", 58, "1", "01"},
};

/* Of IPv4 and either; then of IPv6. */
static const struct row ipv4_rows[] = {
	{"ipaddress", 1, "192.0.2.1", "c0000201"},
	{"subnet_mask", 2, "255.255.255.0", "ffffff00"},
	{"gateway", 3, "192.0.2.254", "c00002fe"},
	{"bootproto", 4, "static", "01"},
	{"bootproto", 4, "dhcp", "02"},
	{"state", 12, "disable", "01"},
	{"state", 12, "enable", "02"},
	{"vlan_state", 15, "enable", "02"},
	{"vlan_tag", 16, "24577", "0160"},
	{"mtu", 19, "9000", "2823"},
	{"port", 20, "3260", "bc0c"},
	{"delayed_ack", 24, "enable", "02"},
	{"tcp_nagle", 25, "disable", "01"},
	{"tcp_wsf_state", 26, "disable", "01"},
	{"tcp_wsf", 27, "3", "03"},
	{"tcp_timer_scale", 28, "3", "03"},
	{"tcp_timestamp", 29, "enable", "02"},
	{"dhcp_dns", 31, "enable", "02"},
	{"dhcp_slp_da", 32, "enable", "02"},
	{"tos_state", 33, "enable", "02"},
	{"tos", 34, "16", "10"},
	{"gratuitous_arp", 35, "enable", "02"},
	{"dhcp_alt_client_id_state", 36, "enable", "02"},
	{"dhcp_alt_client_id", 37, "me", "6d65"},
	{"dhcp_req_vendor_id_state", 38, "enable", "02"},
	{"dhcp_vendor_id_state", 39, "enable", "02"},
	{"dhcp_vendor_id", 40, "me", "6d65"},
	{"dhcp_learn_iqn", 41, "enable", "02"},
	{"fragmentation", 42, "disable", "01"},
	{"incoming_forwarding", 43, "enable", "02"},
	{"ttl", 44, "64", "40"},
	{"redirect", 55, "enable", "02"},
};

static const struct row ipv6_rows[] = {
	{"ipv6_linklocal", 6, "fe80::1", "fe800000000000000000000000000001"},
	{"ipaddress", 7, "2001:db8::1", "20010db8000000000000000000000001"},
	{"ipv6_router", 8, "fe80::2", "fe800000000000000000000000000002"},
	{"ipv6_autocfg", 9, "disable", "01"},
	{"ipv6_autocfg", 9, "nd", "02"},
	{"ipv6_autocfg", 9, "dhcpv6", "03"},
	/* ISCSI_IPV6_LINKLOCAL_AUTOCFG_ENABLE is 1, and so is that of the router */
	{"linklocal_autocfg", 10, "auto", "01"},
	{"linklocal_autocfg", 10, "disable", "02"},
	{"router_autocfg", 11, "auto", "01"},
	{"router_autocfg", 11, "disable", "02"},
	{"state", 12, "enable", "02"},
	{"gratuitous_neighbor_adv", 45, "enable", "02"},
	{"mld", 46, "enable", "02"},
	{"flow_label", 47, "1048575", "ffff0f00"},
	{"traffic_class", 48, "8", "08"},
	{"hop_limit", 49, "64", "40"},
	{"nd_reachable_tmo", 50, "30000", "30750000"},
	{"nd_rexmit_time", 51, "1000", "e8030000"},
	{"nd_stale_tmo", 52, "60000", "60ea0000"},
	{"dup_addr_detect_cnt", 53, "1", "01"},
	{"router_adv_link_mtu", 54, "1500", "dc050000"},
};

static const struct row iscsi_rows[] = {
	{"def_task_mgmt_timeout", 0, "10", "0a00"},
	{"header_digest", 1, "enable", "02"},
	{"data_digest", 2, "enable", "02"},
	{"immediate_data", 3, "enable", "02"},
	{"initial_r2t", 4, "enable", "02"},
	{"data_seq_inorder", 5, "enable", "02"},
	{"data_pdu_inorder", 6, "enable", "02"},
	{"erl", 7, "1", "01"},
	{"max_receive_data_len", 8, "65536", "00000100"},
	{"first_burst_len", 9, "65536", "00000100"},
	{"max_outstanding_r2t", 10, "1", "0100"},
	{"max_burst_len", 11, "65536", "00000100"},
	{"chap_auth", 12, "enable", "02"},
	{"bidi_chap", 13, "enable", "02"},
	{"discovery_auth", 14, "enable", "02"},
	{"discovery_logout", 15, "enable", "02"},
	{"strict_login_compliance", 16, "enable", "02"},
};

static void check(const struct host_param *p, const struct row *row)
{
	struct host_param_value value;
	char hex[64] = "";

	if (!p)
		fail_msg("%s is missing", row->key);
	assert_int_equal(p->number, row->number);
	assert_int_equal(host_param_encode(p, row->text, &value), 0);
	for (size_t i = 0; i < value.len; i++)
		snprintf(hex + 2 * i, sizeof(hex) - 2 * i, "%02x", value.bytes[i]);
	if (strcmp(hex, row->hex) != 0)
		fail_msg("%s=%s: %s, not %s", row->key, row->text, hex, row->hex);
	assert_true(value.room >= value.len);
}

static void check_ifaces(const struct row *rows, size_t count, int version, bool iscsi)
{
	for (size_t i = 0; i < count; i++) {
		const struct host_netparam *p;
		char key[64];

		snprintf(key, sizeof(key), "iface.%s", rows[i].key);
		p = host_netparam(version, key);
		check(p ? &p->param : NULL, &rows[i]);
		assert_int_equal(p->iscsi, iscsi);
	}
}

static void every_parameter_of_a_flashnode_has_its_number_and_width(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(flashnode_rows); i++) {
		assert_int_equal(flashnode_rows[i].number, i);
		check(host_flashnode_param(flashnode_rows[i].key), &flashnode_rows[i]);
	}
	assert_null(host_flashnode_param(SESSION "nothing"));
}

static void every_parameter_of_an_interface_has_its_number_and_width(void **state _unused_)
{
	size_t count;

	check_ifaces(ipv4_rows, ARRAY_LEN(ipv4_rows), 4, false);
	check_ifaces(ipv6_rows, ARRAY_LEN(ipv6_rows), 6, false);
	check_ifaces(iscsi_rows, ARRAY_LEN(iscsi_rows), 4, true);
	check_ifaces(iscsi_rows, ARRAY_LEN(iscsi_rows), 6, true);
	/* one row each: bootproto, state twice; state, ipv6_autocfg, linklocal and router twice */
	host_netparams(&count);
	assert_int_equal(count, ARRAY_LEN(ipv4_rows) - 2 + ARRAY_LEN(ipv6_rows) - 5 +
	                                ARRAY_LEN(iscsi_rows));
	assert_null(host_netparam(4, "iface.mld"));
	assert_null(host_netparam(6, "iface.ttl"));
}

/* The driver copies 16 bytes of any address, and texts up to their NUL. */
static void zeros_follow_what_the_driver_reads_too_far(void **state _unused_)
{
	static const uint8_t zeros[16];
	struct host_param_value value;

	assert_int_equal(
		host_param_encode(host_flashnode_param(CONN "ipaddress"), "192.0.2.1", &value), 0);
	assert_int_equal(value.len, 4);
	assert_int_equal(value.room, 16);
	assert_memory_equal(value.bytes + 4, zeros, 12);
	assert_int_equal(host_param_encode(host_flashnode_param(SESSION "targetname"),
	                                   "iqn.2001-04.com.example:disk", &value),
	                 0);
	assert_int_equal(value.len, 28);
	assert_int_equal(value.room, 29);
	assert_int_equal(value.bytes[28], 0);
	assert_int_equal(
		host_param_encode(&host_netparam(4, "iface.dhcp_vendor_id")->param, "", &value), 0);
	assert_int_equal(value.len, 0);
	assert_int_equal(value.room, 16);
}

static void what_is_no_value_is_refused(void **state _unused_)
{
	static const struct {
		const char *key, *text;
		int error;
	} rows[] = {
		{SESSION "erl", "3", -ERANGE},
		{SESSION "erl", "-1", -ERANGE},
		{SESSION "erl", "", -EINVAL},
		{SESSION "erl", "1 ", -EINVAL},
		{SESSION "entry_enable", "2", -ERANGE},
		{SESSION "entry_enable", "Yes", -EINVAL},
		{SESSION "tpgt", "65536", -ERANGE},
		{SESSION "max_burst_len", "4294967296", -ERANGE},
		{CONN "port", "0", -ERANGE},
		{CONN "ipaddress", "192.0.2", -EINVAL},
		{CONN "ipaddress", "fe80::1%eth0", -EINVAL},
		{CONN "ipaddress", "example.com", -EINVAL},
		{CONN "link_local_ipv6", "192.0.2.1", -EINVAL},
		{SESSION "isid", "00023d00000", -EINVAL},
		{SESSION "isid", "00023d0000011", -EINVAL},
		{SESSION "isid", "00023d00000g", -EINVAL},
		{SESSION "portal_type", "ipv5", -EINVAL},
	};
	struct host_param_value value;
	char text[300];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			host_param_encode(host_flashnode_param(rows[i].key), rows[i].text, &value),
			rows[i].error);
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	assert_int_equal(host_param_encode(host_flashnode_param(SESSION "username"), text, &value),
	                 0);
	text[255] = 'a';
	text[256] = '\0';
	assert_int_equal(host_param_encode(host_flashnode_param(SESSION "username"), text, &value),
	                 -EINVAL);
	text[224] = '\0';
	assert_int_equal(
		host_param_encode(host_flashnode_param(SESSION "targetname"), text, &value),
		-EINVAL);
	assert_int_equal(
		host_param_encode(&host_netparam(4, "iface.ipaddress")->param, "fe80::1", &value),
		-EINVAL);
	assert_int_equal(host_param_encode(&host_netparam(4, "iface.state")->param, "on", &value),
	                 -EINVAL);
}

static void people_are_told_what_is_allowed(void **state _unused_)
{
	static const struct {
		const char *key, *text;
	} rows[] = {
		{SESSION "erl", "0 to 2"},
		{SESSION "portal_type", "ipv4 or ipv6"},
		{SESSION "targetname", "at most 223 characters"},
		{CONN "ipaddress", "an IPv4 or IPv6 address"},
		{CONN "link_local_ipv6", "an IPv6 address"},
		{SESSION "isid", "12 hexadecimal digits"},
	};
	char text[HOST_PARAM_ALLOWED_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(host_param_allowed(host_flashnode_param(rows[i].key), text),
		                    rows[i].text);
	assert_string_equal(
		host_param_allowed(&host_netparam(6, "iface.ipv6_autocfg")->param, text),
		"disable, nd or dhcpv6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_parameter_of_a_flashnode_has_its_number_and_width),
		cmocka_unit_test(every_parameter_of_an_interface_has_its_number_and_width),
		cmocka_unit_test(zeros_follow_what_the_driver_reads_too_far),
		cmocka_unit_test(what_is_no_value_is_refused),
		cmocka_unit_test(people_are_told_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
