/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/netparam.h"

#include <string.h>

#include "lib/base/macros.h"

/* ISCSI_NET_PARAM_DISABLE and so on (scsi/iscsi_if.h); those of autocfg do not agree. */
static const struct host_param_word states[] = {{"disable", 1}, {"enable", 2}, {NULL, 0}};
static const struct host_param_word bootprotos[] = {{"static", 1}, {"dhcp", 2}, {NULL, 0}};
static const struct host_param_word autocfgs[] = {
	{"disable", 1}, {"nd", 2}, {"dhcpv6", 3}, {NULL, 0}};
static const struct host_param_word autos[] = {{"auto", 1}, {"disable", 2}, {NULL, 0}};

#define STATE PARAM_WORD(states)

/*
 * Numbers are enum iscsi_net_param's, and enum iscsi_iface_param's for those of iSCSI; widths are
 * what qla4xxx_iface_set_param() and beiscsi_iface_set_param() read.
 */
/* clang-format off */
static const struct host_netparam params[] = {
	{.param = {"iface.bootproto", 4, PARAM_WORD(bootprotos)}, .version = 4, .address = true},
	{.param = {"iface.ipaddress", 1, PARAM_BYTES(IPV4)}, .version = 4, .address = true},
	{.param = {"iface.subnet_mask", 2, PARAM_BYTES(IPV4)}, .version = 4, .address = true},
	{.param = {"iface.gateway", 3, PARAM_BYTES(IPV4)}, .version = 4, .address = true},
	{.param = {"iface.ipv6_autocfg", 9, PARAM_WORD(autocfgs)}, .version = 6, .address = true},
	{.param = {"iface.ipaddress", 7, PARAM_BYTES(IPV6)}, .version = 6, .address = true},
	{.param = {"iface.linklocal_autocfg", 10, PARAM_WORD(autos)}, .version = 6, .address = true},
	{.param = {"iface.ipv6_linklocal", 6, PARAM_BYTES(IPV6)}, .version = 6, .address = true},
	{.param = {"iface.router_autocfg", 11, PARAM_WORD(autos)}, .version = 6, .address = true},
	{.param = {"iface.ipv6_router", 8, PARAM_BYTES(IPV6)}, .version = 6, .address = true},
	{.param = {"iface.dhcp_dns", 31, STATE}, .version = 4},
	{.param = {"iface.dhcp_slp_da", 32, STATE}, .version = 4},
	{.param = {"iface.tos_state", 33, STATE}, .version = 4},
	{.param = {"iface.tos", 34, PARAM_U8}, .version = 4},
	{.param = {"iface.gratuitous_arp", 35, STATE}, .version = 4},
	{.param = {"iface.dhcp_alt_client_id_state", 36, STATE}, .version = 4},
	{.param = {"iface.dhcp_alt_client_id", 37, PARAM_TEXT(255)}, .version = 4},
	{.param = {"iface.dhcp_req_vendor_id_state", 38, STATE}, .version = 4},
	{.param = {"iface.dhcp_vendor_id_state", 39, STATE}, .version = 4},
	{.param = {"iface.dhcp_vendor_id", 40, PARAM_TEXT(255)}, .version = 4},
	{.param = {"iface.dhcp_learn_iqn", 41, STATE}, .version = 4},
	{.param = {"iface.fragmentation", 42, STATE}, .version = 4},
	{.param = {"iface.incoming_forwarding", 43, STATE}, .version = 4},
	{.param = {"iface.ttl", 44, PARAM_U8}, .version = 4},
	{.param = {"iface.gratuitous_neighbor_adv", 45, STATE}, .version = 6},
	{.param = {"iface.mld", 46, STATE}, .version = 6},
	{.param = {"iface.flow_label", 47, PARAM_U32}, .version = 6},
	{.param = {"iface.traffic_class", 48, PARAM_U8}, .version = 6},
	{.param = {"iface.hop_limit", 49, PARAM_U8}, .version = 6},
	{.param = {"iface.nd_reachable_tmo", 50, PARAM_U32}, .version = 6},
	{.param = {"iface.nd_rexmit_time", 51, PARAM_U32}, .version = 6},
	{.param = {"iface.nd_stale_tmo", 52, PARAM_U32}, .version = 6},
	{.param = {"iface.dup_addr_detect_cnt", 53, PARAM_U8}, .version = 6},
	{.param = {"iface.router_adv_link_mtu", 54, PARAM_U32}, .version = 6},
	{.param = {"iface.state", 12, STATE}},
	{.param = {"iface.vlan_state", 15, STATE}},
	{.param = {"iface.vlan_tag", 16, PARAM_U16}},
	{.param = {"iface.mtu", 19, PARAM_U16}},
	{.param = {"iface.port", 20, PARAM_PORT}},
	{.param = {"iface.delayed_ack", 24, STATE}},
	{.param = {"iface.tcp_nagle", 25, STATE}},
	{.param = {"iface.tcp_wsf_state", 26, STATE}},
	{.param = {"iface.tcp_wsf", 27, PARAM_U8}},
	{.param = {"iface.tcp_timer_scale", 28, PARAM_U8}},
	{.param = {"iface.tcp_timestamp", 29, STATE}},
	{.param = {"iface.redirect", 55, STATE}},
	{.param = {"iface.def_task_mgmt_timeout", 0, PARAM_U16}, .iscsi = true},
	{.param = {"iface.header_digest", 1, STATE}, .iscsi = true},
	{.param = {"iface.data_digest", 2, STATE}, .iscsi = true},
	{.param = {"iface.immediate_data", 3, STATE}, .iscsi = true},
	{.param = {"iface.initial_r2t", 4, STATE}, .iscsi = true},
	{.param = {"iface.data_seq_inorder", 5, STATE}, .iscsi = true},
	{.param = {"iface.data_pdu_inorder", 6, STATE}, .iscsi = true},
	{.param = {"iface.erl", 7, PARAM_U8}, .iscsi = true},
	{.param = {"iface.max_receive_data_len", 8, PARAM_U32}, .iscsi = true},
	{.param = {"iface.first_burst_len", 9, PARAM_U32}, .iscsi = true},
	{.param = {"iface.max_outstanding_r2t", 10, PARAM_U16}, .iscsi = true},
	{.param = {"iface.max_burst_len", 11, PARAM_U32}, .iscsi = true},
	{.param = {"iface.chap_auth", 12, STATE}, .iscsi = true},
	{.param = {"iface.bidi_chap", 13, STATE}, .iscsi = true},
	{.param = {"iface.discovery_auth", 14, STATE}, .iscsi = true},
	{.param = {"iface.discovery_logout", 15, STATE}, .iscsi = true},
	{.param = {"iface.strict_login_compliance", 16, STATE}, .iscsi = true},
};
/* clang-format on */

const struct host_netparam *host_netparams(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(params);
	return params;
}

const struct host_netparam *host_netparam(int version, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		if ((params[i].version == 0 || params[i].version == version) &&
		    strcmp(params[i].param.key, key) == 0)
			return &params[i];
	}
	return NULL;
}
