/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/nl_host.h"

#include <errno.h>
#include <string.h>
#include <linux/netlink.h>

#include "lib/base/macros.h"

/* struct iscsi_chap_rec, 524 bytes: index at 0, type at 4, name, secret, length of the secret. */
enum {
	CHAP_FIELD = NL_CHAP_TEXT_MAX + 1,
	CHAP_ENTRY_SIZE = 8 + 2 * CHAP_FIELD + 4,
	CHAP_OUT = 0, /* enum chap_type_e */
	CHAP_IN = 1,
	/* as many as are asked for at once */
	CHAP_ENTRIES = 7,
};

/* enum iscsi_chap_param */
enum chap_param {
	CHAP_PARAM_INDEX,
	CHAP_PARAM_TYPE,
	CHAP_PARAM_USERNAME,
	CHAP_PARAM_PASSWORD,
	CHAP_PARAM_PASSWORD_LEN,
};

/* An attribute of netlink with a struct iscsi_param_info in it: u32 length, u16 number, value. */
enum { PARAM_INFO = 6, PARAMS_MAX = 1024 };

static void put_param(struct writer *w, uint16_t param, const void *value, size_t len)
{
	const struct nlattr attribute = {.nla_len = (uint16_t)(NLA_HDRLEN + PARAM_INFO + len),
	                                 .nla_type = param};
	const uint32_t value_len = (uint32_t)len;

	writer_bytes(w, &attribute, sizeof(attribute));
	writer_bytes(w, &value_len, sizeof(value_len));
	writer_bytes(w, &param, sizeof(param));
	writer_bytes(w, value, len);
	writer_zeros(w, NLA_ALIGN(attribute.nla_len) - attribute.nla_len);
}

struct chap_walk {
	nl_chap_take take;
	void *data;
	uint32_t count; /* how many the last answer had */
	uint32_t next;  /* index behind the last one */
};

static int take_chap(void *data, const uint8_t *payload, size_t len, uint32_t count)
{
	struct chap_walk *walk = (struct chap_walk *)data;
	struct cursor c = cursor_make(payload, len);

	if (count > CHAP_ENTRIES || cursor_left(&c) < count * (size_t)CHAP_ENTRY_SIZE)
		return -EPROTO;
	for (uint32_t i = 0; i < count; i++) {
		struct nl_chap chap = {0};
		uint32_t type = 0;
		uint8_t password_len = 0;

		cursor_copy(&c, &chap.index, sizeof(chap.index));
		cursor_skip(&c, 2);
		cursor_copy(&c, &type, sizeof(type));
		cursor_copy(&c, chap.username, CHAP_FIELD);
		cursor_copy(&c, chap.password, CHAP_FIELD);
		cursor_u8(&c, &password_len);
		cursor_skip(&c, 3);
		chap.in = type == CHAP_IN;
		chap.username[NL_CHAP_TEXT_MAX] = '\0';
		chap.password[password_len] = '\0';
		walk->next = chap.index + 1u;
		walk->take(walk->data, &chap);
		explicit_bzero(&chap, sizeof(chap));
	}
	walk->count = count;
	return 0;
}

int nl_get_chap(struct nl *nl, uint32_t host_no, nl_chap_take take, void *data)
{
	struct chap_walk walk = {.take = take, .data = data};
	uint32_t first;
	int r;

	do {
		struct writer w = writer_make(NL_MESSAGE_HEAD);

		first = walk.next;
		nl_message_get_chap(&w, host_no, CHAP_ENTRIES, (uint16_t)first);
		r = nl_host_query(nl, &w, NL_COMMAND_GET_CHAP, host_no, take_chap, &walk);
		/* an adapter that does not get on would be asked for ever */
	} while (r == 0 && walk.count == CHAP_ENTRIES && walk.next > first &&
	         walk.next <= UINT16_MAX);
	return r;
}

int nl_set_chap(struct nl *nl, uint32_t host_no, const struct nl_chap *chap)
{
	struct writer params = writer_make(PARAMS_MAX), w = writer_make(PARAMS_MAX);
	const uint32_t type = chap->in ? CHAP_IN : CHAP_OUT;
	const uint8_t password_len = (uint8_t)strlen(chap->password);
	int r;

	put_param(&params, CHAP_PARAM_INDEX, &chap->index, sizeof(chap->index));
	put_param(&params, CHAP_PARAM_TYPE, &type, sizeof(type));
	put_param(&params, CHAP_PARAM_USERNAME, chap->username, strlen(chap->username));
	put_param(&params, CHAP_PARAM_PASSWORD, chap->password, password_len);
	put_param(&params, CHAP_PARAM_PASSWORD_LEN, &password_len, sizeof(password_len));
	r = writer_status(&params);
	if (r == 0) {
		nl_message_host(&w, NL_COMMAND_SET_CHAP, host_no, 0, params.data, params.len);
		explicit_bzero(params.data, params.len);
		r = nl_host_call(nl, &w, NL_COMMAND_SET_CHAP, NULL);
	}
	writer_done(&params);
	writer_done(&w);
	return r;
}

int nl_delete_chap(struct nl *nl, uint32_t host_no, uint16_t index)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);

	nl_message_delete_chap(&w, host_no, index);
	return nl_host_call(nl, &w, NL_COMMAND_DELETE_CHAP, NULL);
}

int nl_new_flashnode(struct nl *nl, uint32_t host_no, const char *portal_type, uint32_t *ret_index)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD + 8);
	const size_t len = strlen(portal_type) + 1;

	nl_message_host(&w, NL_COMMAND_NEW_FLASHNODE, host_no, (uint32_t)len, portal_type, len);
	return nl_host_call(nl, &w, NL_COMMAND_NEW_FLASHNODE, ret_index);
}

int nl_flashnode(struct nl *nl, enum nl_command command, uint32_t host_no, uint32_t index)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);

	nl_message_host(&w, command, host_no, index, NULL, 0);
	return nl_host_call(nl, &w, command, NULL);
}

/* struct iscsi_offload_host_stats: all members have 64 bits and lie in this order. */
static const char *const counters[] = {
	"mactx_frames",
	"mactx_bytes",
	"mactx_multicast_frames",
	"mactx_broadcast_frames",
	"mactx_pause_frames",
	"mactx_control_frames",
	"mactx_deferral",
	"mactx_excess_deferral",
	"mactx_late_collision",
	"mactx_abort",
	"mactx_single_collision",
	"mactx_multiple_collision",
	"mactx_collision",
	"mactx_frames_dropped",
	"mactx_jumbo_frames",
	"macrx_frames",
	"macrx_bytes",
	"macrx_unknown_control_frames",
	"macrx_pause_frames",
	"macrx_control_frames",
	"macrx_dribble",
	"macrx_frame_length_error",
	"macrx_jabber",
	"macrx_carrier_sense_error",
	"macrx_frame_discarded",
	"macrx_frames_dropped",
	"mac_crc_error",
	"mac_encoding_error",
	"macrx_length_error_large",
	"macrx_length_error_small",
	"macrx_multicast_frames",
	"macrx_broadcast_frames",
	"iptx_packets",
	"iptx_bytes",
	"iptx_fragments",
	"iprx_packets",
	"iprx_bytes",
	"iprx_fragments",
	"ip_datagram_reassembly",
	"ip_invalid_address_error",
	"ip_error_packets",
	"ip_fragrx_overlap",
	"ip_fragrx_outoforder",
	"ip_datagram_reassembly_timeout",
	"ipv6tx_packets",
	"ipv6tx_bytes",
	"ipv6tx_fragments",
	"ipv6rx_packets",
	"ipv6rx_bytes",
	"ipv6rx_fragments",
	"ipv6_datagram_reassembly",
	"ipv6_invalid_address_error",
	"ipv6_error_packets",
	"ipv6_fragrx_overlap",
	"ipv6_fragrx_outoforder",
	"ipv6_datagram_reassembly_timeout",
	"tcptx_segments",
	"tcptx_bytes",
	"tcprx_segments",
	"tcprx_byte",
	"tcp_duplicate_ack_retx",
	"tcp_retx_timer_expired",
	"tcprx_duplicate_ack",
	"tcprx_pure_ackr",
	"tcptx_delayed_ack",
	"tcptx_pure_ack",
	"tcprx_segment_error",
	"tcprx_segment_outoforder",
	"tcprx_window_probe",
	"tcprx_window_update",
	"tcptx_window_probe_persist",
	"ecc_error_correction",
	"iscsi_pdu_tx",
	"iscsi_data_bytes_tx",
	"iscsi_pdu_rx",
	"iscsi_data_bytes_rx",
	"iscsi_io_completed",
	"iscsi_unexpected_io_rx",
	"iscsi_format_error",
	"iscsi_hdr_digest_error",
	"iscsi_data_digest_error",
	"iscsi_sequence_error",
};

struct stats_walk {
	nl_stats_take take;
	void *data;
};

static int take_stats(void *data, const uint8_t *payload, size_t len, uint32_t no_count _unused_)
{
	const struct stats_walk *walk = (const struct stats_walk *)data;
	struct cursor c = cursor_make(payload, len);
	uint64_t value = 0;
	uint32_t custom;

	/* the number of the driver's own counters stands behind the others, padded to 8 bytes */
	if (cursor_skip(&c, ARRAY_LEN(counters) * sizeof(value)) < 0 ||
	    cursor_copy(&c, &custom, sizeof(custom)) < 0 || cursor_skip(&c, 4) < 0)
		return -EPROTO;
	if (custom > NL_STATS_CUSTOM_MAX ||
	    cursor_left(&c) < custom * (NL_STATS_NAME_SIZE + sizeof(value)))
		return -EPROTO;
	c = cursor_make(payload, len);
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		cursor_copy(&c, &value, sizeof(value));
		walk->take(walk->data, false, counters[i], value);
	}
	cursor_skip(&c, sizeof(custom) + 4);
	for (uint32_t i = 0; i < custom; i++) {
		char name[NL_STATS_NAME_SIZE];

		cursor_copy(&c, name, sizeof(name));
		name[sizeof(name) - 1] = '\0';
		cursor_copy(&c, &value, sizeof(value));
		walk->take(walk->data, true, name, value);
	}
	return 0;
}

int nl_get_host_stats(struct nl *nl, uint32_t host_no, nl_stats_take take, void *data)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD);
	struct stats_walk walk = {.take = take, .data = data};

	nl_message_host(&w, NL_COMMAND_GET_HOST_STATS, host_no, 0, NULL, 0);
	return nl_host_query(nl, &w, NL_COMMAND_GET_HOST_STATS, host_no, take_stats, &walk);
}
