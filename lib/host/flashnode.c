/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/flashnode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/sysfs.h"

#define DEVICES "bus/iscsi_flashnode/devices"

enum { PATH_SIZE = 256, VALUE_SIZE = 512 };

static const struct host_param_word portal_types[] = {{"ipv4", 0}, {"ipv6", 0}, {NULL, 0}};

/*
 * The kernel's numbers are enum iscsi_flashnode_param's (scsi/iscsi_if.h); widths are what
 * qla4xxx_sysfs_ddb_set_param(), which is the only driver's, reads.
 */
/* clang-format off */
static const struct value {
	struct host_param param; /* its key as open-iscsi calls it */
	const char *attribute;   /* as the kernel does */
	bool of_connection;
} values[] = {
	{{"flashnode.session.auto_snd_tgt_disable", 2, PARAM_SWITCH}, "auto_snd_tgt_disable", false},
	{{"flashnode.session.discovery_session", 3, PARAM_SWITCH}, "discovery_session", false},
	{{"flashnode.session.portal_type", 1, PARAM_TEXT_OF(portal_types)}, "portal_type", false},
	{{"flashnode.session.entry_enable", 4, PARAM_SWITCH}, "entry_enable", false},
	{{"flashnode.session.immediate_data", 7, PARAM_SWITCH}, "immediate_data", false},
	{{"flashnode.session.initial_r2t", 8, PARAM_SWITCH}, "initial_r2t", false},
	{{"flashnode.session.data_seq_in_order", 9, PARAM_SWITCH}, "data_seq_in_order", false},
	{{"flashnode.session.data_pdu_in_order", 10, PARAM_SWITCH}, "data_pdu_in_order", false},
	{{"flashnode.session.chap_auth_en", 11, PARAM_SWITCH}, "chap_auth", false},
	{{"flashnode.session.discovery_logout_en", 13, PARAM_SWITCH}, "discovery_logout", false},
	{{"flashnode.session.bidi_chap_en", 14, PARAM_SWITCH}, "bidi_chap", false},
	{{"flashnode.session.discovery_auth_optional", 15, PARAM_SWITCH}, "discovery_auth_optional", false},
	{{"flashnode.session.erl", 16, PARAM_RANGE(1, 0, 2)}, "erl", false},
	{{"flashnode.session.first_burst_len", 25, PARAM_U32}, "first_burst_len", false},
	{{"flashnode.session.def_time2wait", 26, PARAM_U16}, "def_time2wait", false},
	{{"flashnode.session.def_time2retain", 27, PARAM_U16}, "def_time2retain", false},
	{{"flashnode.session.max_outstanding_r2t", 28, PARAM_U16}, "max_outstanding_r2t", false},
	{{"flashnode.session.isid", 30, PARAM_BYTES(ISID)}, "isid", false},
	{{"flashnode.session.tsid", 31, PARAM_U16}, "tsid", false},
	{{"flashnode.session.max_burst_len", 33, PARAM_U32}, "max_burst_len", false},
	{{"flashnode.session.def_taskmgmt_tmo", 34, PARAM_U16}, "def_taskmgmt_tmo", false},
	{{"flashnode.session.targetalias", 36, PARAM_TEXT(255)}, "targetalias", false},
	{{"flashnode.session.targetname", 43, PARAM_TEXT(223)}, "targetname", false},
	{{"flashnode.session.discovery_parent_idx", 46, PARAM_U16}, "discovery_parent_idx", false},
	{{"flashnode.session.discovery_parent_type", 47, PARAM_TEXT(79)}, "discovery_parent_type", false},
	{{"flashnode.session.tpgt", 44, PARAM_U16}, "tpgt", false},
	{{"flashnode.session.chap_out_idx", 51, PARAM_U16}, "chap_out_idx", false},
	{{"flashnode.session.chap_in_idx", 50, PARAM_U16}, "chap_in_idx", false},
	{{"flashnode.session.username", 52, PARAM_TEXT(255)}, "username", false},
	{{"flashnode.session.username_in", 53, PARAM_TEXT(255)}, "username_in", false},
	{{"flashnode.session.password", 54, PARAM_SECRET}, "password", false},
	{{"flashnode.session.password_in", 55, PARAM_SECRET}, "password_in", false},
	{{"flashnode.session.is_boot_target", 58, PARAM_SWITCH}, "is_boot_target", false},
	{{"flashnode.conn[0].is_fw_assigned_ipv6", 0, PARAM_SWITCH}, "is_fw_assigned_ipv6", true},
	{{"flashnode.conn[0].header_digest_en", 5, PARAM_SWITCH}, "header_digest", true},
	{{"flashnode.conn[0].data_digest_en", 6, PARAM_SWITCH}, "data_digest", true},
	{{"flashnode.conn[0].snack_req_en", 12, PARAM_SWITCH}, "snack_req", true},
	{{"flashnode.conn[0].tcp_timestamp_stat", 17, PARAM_SWITCH}, "tcp_timestamp_stat", true},
	{{"flashnode.conn[0].tcp_nagle_disable", 18, PARAM_SWITCH}, "tcp_nagle_disable", true},
	{{"flashnode.conn[0].tcp_wsf_disable", 19, PARAM_SWITCH}, "tcp_wsf_disable", true},
	{{"flashnode.conn[0].tcp_timer_scale", 20, PARAM_RANGE(1, 0, 7)}, "tcp_timer_scale", true},
	{{"flashnode.conn[0].tcp_timestamp_en", 21, PARAM_SWITCH}, "tcp_timestamp_enable", true},
	{{"flashnode.conn[0].fragment_disable", 22, PARAM_SWITCH}, "fragment_disable", true},
	{{"flashnode.conn[0].max_xmit_dlength", 24, PARAM_U32}, "max_xmit_dlength", true},
	{{"flashnode.conn[0].max_recv_dlength", 23, PARAM_U32}, "max_recv_dlength", true},
	{{"flashnode.conn[0].keepalive_tmo", 29, PARAM_U16}, "keepalive_tmo", true},
	{{"flashnode.conn[0].port", 32, PARAM_PORT}, "port", true},
	{{"flashnode.conn[0].ipaddress", 35, PARAM_BYTES(ADDRESS)}, "ipaddress", true},
	{{"flashnode.conn[0].redirect_ipaddr", 37, PARAM_BYTES(ADDRESS)}, "redirect_ipaddr", true},
	{{"flashnode.conn[0].max_segment_size", 38, PARAM_U32}, "max_segment_size", true},
	{{"flashnode.conn[0].local_port", 39, PARAM_U16}, "local_port", true},
	{{"flashnode.conn[0].ipv4_tos", 40, PARAM_U8}, "ipv4_tos", true},
	{{"flashnode.conn[0].ipv6_traffic_class", 41, PARAM_U8}, "ipv6_traffic_class", true},
	{{"flashnode.conn[0].ipv6_flow_label", 42, PARAM_U16}, "ipv6_flow_label", true},
	{{"flashnode.conn[0].link_local_ipv6", 45, PARAM_BYTES(IPV6)}, "link_local_ipv6", true},
	{{"flashnode.conn[0].tcp_xmit_wsf", 48, PARAM_U32}, "tcp_xmit_wsf", true},
	{{"flashnode.conn[0].tcp_recv_wsf", 49, PARAM_U32}, "tcp_recv_wsf", true},
	{{"flashnode.conn[0].statsn", 56, PARAM_U32}, "statsn", true},
	{{"flashnode.conn[0].exp_statsn", 57, PARAM_U32}, "exp_statsn", true},
};
/* clang-format on */

const struct host_param *host_flashnode_param(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (strcmp(values[i].param.key, key) == 0)
			return &values[i].param;
	}
	return NULL;
}

const struct host_param *host_flashnode_nth(size_t i)
{
	return i < ARRAY_LEN(values) ? &values[i].param : NULL;
}

/* "flashnode_sess-3:1": host 3, index 1 */
static bool parse_name(const char *name, int *ret_host, int *ret_index)
{
	const char *colon = strchr(name, ':');
	char head[64];

	if (!colon || (size_t)(colon - name) >= sizeof(head))
		return false;
	snprintf(head, sizeof(head), "%.*s", (int)(colon - name), name);
	return sysfs_number_behind(head, "flashnode_sess-", ret_host) &&
	       num_int(colon + 1, 0, INT32_MAX, ret_index) == 0;
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int list_indexes(const struct folder *all, int host_no, int **indexes, size_t *count)
{
	int its_host, index;

	for (size_t i = 0; i < all->count; i++) {
		int *grown;

		if (!parse_name(all->entries[i].name, &its_host, &index) || its_host != host_no)
			continue;
		grown = reallocarray(*indexes, *count + 1, sizeof(**indexes));
		if (!grown)
			return -ENOMEM;
		*indexes = grown;
		grown[(*count)++] = index;
	}
	if (*count > 0)
		qsort(*indexes, *count, sizeof(**indexes), compare_ints);
	return 0;
}

int host_flashnodes(const char *sysfs, int host_no, int **ret, size_t *ret_count)
{
	_cleanup_folder_ struct folder all = {0};
	_cleanup_free_ int *indexes = NULL;
	struct sysfs_reader reader;
	size_t count = 0;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	r = sysfs_read_folder(&reader, DEVICES, &all);
	if (r == 0)
		r = list_indexes(&all, host_no, &indexes, &count);
	else if (r == -ENOENT)
		r = 0;
	sysfs_reader_done(&reader);
	if (r < 0)
		return r;
	*ret = take_ptr(indexes);
	*ret_count = count;
	return 0;
}

int host_flashnode_walk(const char *sysfs, int host_no, int index, host_flashnode_take take,
                        void *data)
{
	char session[128], connection[128], path[PATH_SIZE], text[VALUE_SIZE];
	struct sysfs_reader reader;
	int r = sysfs_reader_init(&reader, sysfs);
	bool there;

	if (r < 0)
		return r;
	snprintf(session, sizeof(session), DEVICES "/flashnode_sess-%d:%d", host_no, index);
	snprintf(connection, sizeof(connection), DEVICES "/flashnode_conn-%d:%d:0", host_no, index);
	there = sysfs_has(&reader, session);
	for (size_t i = 0; there && i < ARRAY_LEN(values); i++) {
		snprintf(path, sizeof(path), "%s/%s",
		         values[i].of_connection ? connection : session, values[i].attribute);
		sysfs_read_text(&reader, path, text, sizeof(text));
		take(data, &values[i].param, text);
	}
	explicit_bzero(text, sizeof(text)); /* it may have held a secret */
	r = there ? reader.exhausted : -ENOENT;
	sysfs_reader_done(&reader);
	return r;
}
