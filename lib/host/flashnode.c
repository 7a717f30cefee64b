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

/* clang-format off */
static const struct value {
	const char *key;       /* as open-iscsi calls it */
	const char *attribute; /* as the kernel does */
	bool of_connection;
	enum host_flashnode_value type;
} values[] = {
	{"flashnode.session.auto_snd_tgt_disable", "auto_snd_tgt_disable", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.discovery_session", "discovery_session", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.portal_type", "portal_type", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.entry_enable", "entry_enable", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.immediate_data", "immediate_data", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.initial_r2t", "initial_r2t", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.data_seq_in_order", "data_seq_in_order", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.data_pdu_in_order", "data_pdu_in_order", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.chap_auth_en", "chap_auth", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.discovery_logout_en", "discovery_logout", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.bidi_chap_en", "bidi_chap", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.discovery_auth_optional", "discovery_auth_optional", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.erl", "erl", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.first_burst_len", "first_burst_len", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.def_time2wait", "def_time2wait", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.def_time2retain", "def_time2retain", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.max_outstanding_r2t", "max_outstanding_r2t", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.isid", "isid", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.tsid", "tsid", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.max_burst_len", "max_burst_len", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.def_taskmgmt_tmo", "def_taskmgmt_tmo", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.targetalias", "targetalias", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.targetname", "targetname", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.discovery_parent_idx", "discovery_parent_idx", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.discovery_parent_type", "discovery_parent_type", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.tpgt", "tpgt", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.chap_out_idx", "chap_out_idx", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.chap_in_idx", "chap_in_idx", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.session.username", "username", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.username_in", "username_in", false, HOST_FLASHNODE_TEXT},
	{"flashnode.session.password", "password", false, HOST_FLASHNODE_SECRET},
	{"flashnode.session.password_in", "password_in", false, HOST_FLASHNODE_SECRET},
	{"flashnode.session.is_boot_target", "is_boot_target", false, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].is_fw_assigned_ipv6", "is_fw_assigned_ipv6", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].header_digest_en", "header_digest", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].data_digest_en", "data_digest", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].snack_req_en", "snack_req", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_timestamp_stat", "tcp_timestamp_stat", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_nagle_disable", "tcp_nagle_disable", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_wsf_disable", "tcp_wsf_disable", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_timer_scale", "tcp_timer_scale", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_timestamp_en", "tcp_timestamp_enable", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].fragment_disable", "fragment_disable", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].max_xmit_dlength", "max_xmit_dlength", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].max_recv_dlength", "max_recv_dlength", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].keepalive_tmo", "keepalive_tmo", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].port", "port", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].ipaddress", "ipaddress", true, HOST_FLASHNODE_TEXT},
	{"flashnode.conn[0].redirect_ipaddr", "redirect_ipaddr", true, HOST_FLASHNODE_TEXT},
	{"flashnode.conn[0].max_segment_size", "max_segment_size", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].local_port", "local_port", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].ipv4_tos", "ipv4_tos", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].ipv6_traffic_class", "ipv6_traffic_class", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].ipv6_flow_label", "ipv6_flow_label", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].link_local_ipv6", "link_local_ipv6", true, HOST_FLASHNODE_TEXT},
	{"flashnode.conn[0].tcp_xmit_wsf", "tcp_xmit_wsf", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].tcp_recv_wsf", "tcp_recv_wsf", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].statsn", "statsn", true, HOST_FLASHNODE_NUMBER},
	{"flashnode.conn[0].exp_statsn", "exp_statsn", true, HOST_FLASHNODE_NUMBER},
};
/* clang-format on */

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

static int list_indexes(DIR *d, int host_no, int **indexes, size_t *count)
{
	const struct dirent *e;
	int its_host, index;

	while ((e = readdir(d))) {
		int *grown;

		if (!parse_name(e->d_name, &its_host, &index) || its_host != host_no)
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
	_cleanup_(cleanup_closedir) DIR *d = NULL;
	_cleanup_free_ int *indexes = NULL;
	struct sysfs_reader reader;
	size_t count = 0;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	d = sysfs_open_folder(&reader, DEVICES);
	if (d)
		r = list_indexes(d, host_no, &indexes, &count);
	else
		r = errno == ENOENT ? 0 : -errno;
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
	_cleanup_(cleanup_closedir) DIR *d = NULL;
	char session[128], connection[128], path[PATH_SIZE], text[VALUE_SIZE];
	struct sysfs_reader reader;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	snprintf(session, sizeof(session), DEVICES "/flashnode_sess-%d:%d", host_no, index);
	snprintf(connection, sizeof(connection), DEVICES "/flashnode_conn-%d:%d:0", host_no, index);
	d = sysfs_open_folder(&reader, session);
	for (size_t i = 0; d && i < ARRAY_LEN(values); i++) {
		snprintf(path, sizeof(path), "%s/%s",
		         values[i].of_connection ? connection : session, values[i].attribute);
		sysfs_read_text(&reader, path, text, sizeof(text));
		take(data, values[i].key, text, values[i].type);
	}
	explicit_bzero(text, sizeof(text)); /* it may have held a secret */
	r = d ? reader.exhausted : -ENOENT;
	sysfs_reader_done(&reader);
	return r;
}
