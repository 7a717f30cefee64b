/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/nl_host.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <linux/netlink.h>

#include "iscsid/loop.h"
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

/* Room for all that two interfaces of each version can be told. */
enum { PARAMS_MAX = 65536 };

/* enum iscsi_param_type */
enum param_type { PARAM_NET = 2, PARAM_IFACE = 5 };

struct nl_params nl_params_make(void)
{
	return (struct nl_params){.w = writer_make(PARAMS_MAX)};
}

void nl_params_done(struct nl_params *params)
{
	if (params->w.data)
		explicit_bzero(params->w.data, params->w.len); /* it may have held secrets */
	writer_done(&params->w);
	params->count = 0;
}

/* An attribute with a head of its own in front of the value. */
static void put_param(struct nl_params *params, uint16_t number, const void *head, size_t head_len,
                      const void *value, size_t room)
{
	const struct nlattr attribute = {.nla_len = (uint16_t)(NLA_HDRLEN + head_len + room),
	                                 .nla_type = number};

	writer_bytes(&params->w, &attribute, sizeof(attribute));
	writer_bytes(&params->w, head, head_len);
	writer_bytes(&params->w, value, room);
	writer_zeros(&params->w, NLA_ALIGN(attribute.nla_len) - attribute.nla_len);
	params->count++;
}

void nl_params_add(struct nl_params *params, uint16_t number, const void *value, size_t len,
                   size_t room)
{
	const struct {
		uint32_t len;
		uint16_t param;
	} __attribute__((packed)) head = {(uint32_t)len, number};

	put_param(params, number, &head, sizeof(head), value, room);
}

void nl_params_add_iface(struct nl_params *params, const struct nl_iface *iface, bool iscsi,
                         uint16_t number, const void *value, size_t len, size_t room)
{
	const struct {
		uint32_t iface_num;
		uint32_t len;
		uint16_t param;
		uint8_t iface_type;
		uint8_t param_type;
	} head = {iface->number, (uint32_t)len, number, (uint8_t)iface->type,
	          iscsi ? PARAM_IFACE : PARAM_NET};

	put_param(params, number, &head, sizeof(head), value, room);
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
	struct nl_params params = nl_params_make();
	struct writer w = writer_make(NL_MESSAGE_HEAD + PARAMS_MAX);
	const uint32_t type = chap->in ? CHAP_IN : CHAP_OUT;
	const size_t name_len = strlen(chap->username), password_len = strlen(chap->password);
	const uint8_t len = (uint8_t)password_len;
	int r;

	nl_params_add(&params, CHAP_PARAM_INDEX, &chap->index, sizeof(chap->index),
	              sizeof(chap->index));
	nl_params_add(&params, CHAP_PARAM_TYPE, &type, sizeof(type), sizeof(type));
	nl_params_add(&params, CHAP_PARAM_USERNAME, chap->username, name_len, name_len);
	nl_params_add(&params, CHAP_PARAM_PASSWORD, chap->password, password_len, password_len);
	nl_params_add(&params, CHAP_PARAM_PASSWORD_LEN, &len, sizeof(len), sizeof(len));
	r = writer_status(&params.w);
	if (r == 0) {
		nl_message_host(&w, NL_COMMAND_SET_CHAP, host_no, 0, params.w.data, params.w.len);
		r = nl_host_call(nl, &w, NL_COMMAND_SET_CHAP, NULL);
	}
	nl_params_done(&params);
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

int nl_set_flashnode(struct nl *nl, uint32_t host_no, uint32_t index,
                     const struct nl_params *params)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD + PARAMS_MAX);
	int r = writer_status(&params->w);

	if (r < 0)
		return r;
	nl_message_set_flashnode(&w, host_no, index, params->count, params->w.data, params->w.len);
	return nl_host_call(nl, &w, NL_COMMAND_SET_FLASHNODE_PARAMS, NULL);
}

int nl_set_ifaces(struct nl *nl, uint32_t host_no, const struct nl_params *params)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD + PARAMS_MAX);
	int r = writer_status(&params->w);

	if (r < 0)
		return r;
	nl_message_host(&w, NL_COMMAND_SET_IFACE_PARAMS, host_no, params->count, params->w.data,
	                params->w.len);
	return nl_host_call(nl, &w, NL_COMMAND_SET_IFACE_PARAMS, NULL);
}

/* ---- pings ------------------------------------------------------------------------------ */

/* What became of the ping, among what else the door has to tell; -EAGAIN: nothing yet. */
static int read_completion(struct nl *nl, uint32_t id, uint32_t *ret_status)
{
	struct nl_event event;
	int r;

	while ((r = nl_event_next(nl, &event)) == 1) {
		if (event.type != NL_EVENT_PING_COMP || event.ping_id != id)
			continue;
		*ret_status = event.ping_status;
		return 0;
	}
	return r < 0 ? r : -EAGAIN;
}

int nl_ping(struct nl *nl, uint32_t host_no, const struct nl_ping *ping, uint64_t timeout_usec,
            uint32_t *ret_status)
{
	struct writer w = writer_make(NL_MESSAGE_HEAD + sizeof(ping->to));
	const uint64_t end = loop_now() + timeout_usec;
	struct pollfd wait = {.events = POLLIN};
	int r = nl_watch(nl);

	if (r < 0)
		return r;
	wait.fd = nl_event_fd(nl);
	nl_message_ping(&w, host_no, ping);
	r = nl_host_call(nl, &w, NL_COMMAND_PING, NULL);
	if (r == 0)
		r = read_completion(nl, ping->id, ret_status);
	for (uint64_t now = loop_now(); r == -EAGAIN && now < end; now = loop_now()) {
		if (poll(&wait, 1, (int)((end - now) / USEC_PER_MSEC) + 1) < 0 && errno != EINTR)
			return -errno;
		r = read_completion(nl, ping->id, ret_status);
	}
	return r == -EAGAIN ? -ETIME : r;
}

/* ---- counters --------------------------------------------------------------------------- */

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
