/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expected bytes are written down member by member from the kernel's layout (scsi/iscsi_if.h on a
 * 64-bit machine): every row is (offset in the message, width, value), and all else is zero.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "iscsid/nl_message.h"
#include "lib/base/macros.h"

struct member {
	size_t at, width;
	uint64_t value;
};

static void store(uint8_t *message, const struct member *m)
{
	uint16_t v16 = (uint16_t)m->value;
	uint32_t v32 = (uint32_t)m->value;

	switch (m->width) {
	case 1: message[m->at] = (uint8_t)m->value; break;
	case 2: memcpy(message + m->at, &v16, 2); break;
	case 4: memcpy(message + m->at, &v32, 4); break;
	case 8: memcpy(message + m->at, &m->value, 8); break;
	default: break; /* the end of a row */
	}
}

/* A message of len bytes with these members. */
static void build(uint8_t *dst, size_t len, const struct member *members, size_t count)
{
	memset(dst, 0, len);
	for (size_t i = 0; i < count; i++)
		store(dst, &members[i]);
}

#define EXPECT(w, size, ...)                                                                       \
	do {                                                                                       \
		const struct member members[] = {__VA_ARGS__};                                     \
		uint8_t want[512];                                                                 \
                                                                                                   \
		build(want, size, members, ARRAY_LEN(members));                                    \
		assert_int_equal(writer_status(w), 0);                                             \
		assert_int_equal((w)->len, size);                                                  \
		assert_memory_equal((w)->data, want, size);                                        \
		writer_reset(w);                                                                   \
	} while (0)

/* nlmsg_len, nlmsg_type, NLM_F_REQUEST, uevent.type */
#define HEAD(len, type)                                                                            \
	{0, 4, len}, {4, 2, type}, {6, 2, 1},                                                      \
	{                                                                                          \
		16, 4, type                                                                        \
	}

static int setup(void **state)
{
	static struct writer w;

	w = writer_make(100000);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	writer_done(*state);
	return 0;
}

static void create_session_has_sn_and_queue_sizes(void **state)
{
	struct writer *w = *state;

	nl_message_create_session(w, 128, 32, 0x11223344);
	EXPECT(w, 72, HEAD(72, 11), {32, 4, 0x11223344}, {36, 2, 128}, {38, 2, 32});
}

static void requests_with_ids_have_sid_and_cid(void **state)
{
	struct writer *w = *state;
	static const enum nl_command commands[] = {NL_COMMAND_CREATE_CONN, NL_COMMAND_DESTROY_CONN,
	                                           NL_COMMAND_START_CONN};
	static const uint64_t numbers[] = {13, 14, 17};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		nl_message_conn(w, commands[i], 7, 3);
		EXPECT(w, 72, HEAD(72, numbers[i]), {32, 4, 7}, {36, 4, 3});
	}
}

static void requests_for_a_session_have_its_sid(void **state)
{
	struct writer *w = *state;

	nl_message_session(w, NL_COMMAND_DESTROY_SESSION, 7);
	EXPECT(w, 72, HEAD(72, 12), {32, 4, 7});
	nl_message_session(w, NL_COMMAND_UNBIND_SESSION, 7);
	EXPECT(w, 72, HEAD(72, 27), {32, 4, 7});
	nl_message_session(w, NL_COMMAND_DESTROY_SESSION_ASYNC, 7);
	EXPECT(w, 72, HEAD(72, 43), {32, 4, 7});
}

static void bind_has_the_descriptor_as_64_bits(void **state)
{
	struct writer *w = *state;

	nl_message_bind(w, 7, 0, 19);
	EXPECT(w, 72, HEAD(72, 15), {32, 4, 7}, {40, 8, 19}, {48, 4, 1});
}

static void stop_has_its_flag_behind_the_handle(void **state)
{
	struct writer *w = *state;

	nl_message_stop(w, 7, 0, NL_STOP_RECOVER);
	EXPECT(w, 72, HEAD(72, 18), {32, 4, 7}, {48, 4, 3});
	nl_message_stop(w, 7, 0, NL_STOP_TERM);
	EXPECT(w, 72, HEAD(72, 18), {32, 4, 7}, {48, 4, 1});
}

static void a_parameter_is_text_with_its_nul_padded_to_four(void **state)
{
	struct writer *w = *state;

	nl_message_param(w, 7, 0, NL_PARAM_MAX_BURST, "262144");
	EXPECT(w, 80, HEAD(79, 16), {32, 4, 7}, {40, 4, 8}, {44, 4, 7}, {72, 1, '2'}, {73, 1, '6'},
	       {74, 1, '2'}, {75, 1, '1'}, {76, 1, '4'}, {77, 1, '4'});
	nl_message_param(w, 7, 0, NL_PARAM_ERL, "");
	EXPECT(w, 76, HEAD(73, 16), {32, 4, 7}, {40, 4, 11}, {44, 4, 1});
	nl_message_param(w, 7, 0, NL_PARAM_TPGT, "abc");
	EXPECT(w, 76, HEAD(76, 16), {32, 4, 7}, {40, 4, 16}, {44, 4, 4}, {72, 1, 'a'}, {73, 1, 'b'},
	       {74, 1, 'c'});
}

static void a_host_parameter_has_no_sid(void **state)
{
	struct writer *w = *state;

	nl_message_host_param(w, 5, NL_HOST_PARAM_NETDEV_NAME, "eth");
	EXPECT(w, 76, HEAD(76, 26), {32, 4, 5}, {36, 4, 2}, {40, 4, 4}, {72, 1, 'e'}, {73, 1, 't'},
	       {74, 1, 'h'});
}

/* u.set_iface_params: host_no, count; u.set_flashnode: host_no, flashnode_idx, count */
static void parameters_of_an_adapter_are_counted(void **state)
{
	struct writer *w = *state;

	nl_message_host(w, NL_COMMAND_SET_IFACE_PARAMS, 5, 3, "abcd", 4);
	EXPECT(w, 76, HEAD(76, 31), {32, 4, 5}, {36, 4, 3}, {72, 4, 0x64636261});
	nl_message_set_flashnode(w, 5, 258, 3, "abcd", 4);
	EXPECT(w, 76, HEAD(76, 35), {32, 4, 5}, {36, 4, 258}, {40, 4, 3}, {72, 4, 0x64636261});
}

/* u.iscsi_ping: host_no, iface_num, iface_type, payload_size, pid; struct sockaddr_in */
static void a_ping_carries_its_destination(void **state)
{
	struct nl_ping ping = {
		.iface = {NL_IFACE_IPV6, 1}, .size = 32, .id = 0x11223344, .to_len = 16};
	struct writer *w = *state;

	ping.to.ss_family = 2;
	nl_message_ping(w, 5, &ping);
	EXPECT(w, 88, HEAD(88, 32), {32, 4, 5}, {36, 4, 1}, {40, 4, 2}, {44, 4, 32},
	       {48, 4, 0x11223344}, {72, 2, 2});
}

static void a_pdu_is_its_header_and_data(void **state)
{
	struct writer *w = *state;
	uint8_t bhs[48] = {0x43, 0x87, [47] = 0x99};

	nl_message_pdu(w, 7, 0, bhs, "A=1", 4);
	EXPECT(w, 124, HEAD(124, 19), {32, 4, 7}, {40, 4, 48}, {44, 4, 4}, {72, 1, 0x43},
	       {73, 1, 0x87}, {119, 1, 0x99}, {120, 1, 'A'}, {121, 1, '='}, {122, 1, '1'});
	nl_message_pdu(w, 7, 0, bhs, NULL, 0);
	EXPECT(w, 120, HEAD(120, 19), {32, 4, 7}, {40, 4, 48}, {72, 1, 0x43}, {73, 1, 0x87},
	       {119, 1, 0x99});
	nl_message_pdu(w, 7, 0, bhs, "abcde", 5);
	EXPECT(w, 128, HEAD(125, 19), {32, 4, 7}, {40, 4, 48}, {44, 4, 5}, {72, 1, 0x43},
	       {73, 1, 0x87}, {119, 1, 0x99}, {120, 1, 'a'}, {121, 1, 'b'}, {122, 1, 'c'},
	       {123, 1, 'd'}, {124, 1, 'e'});
}

static void the_handle_goes_into_every_request_of_a_batch(void **state)
{
	struct writer *w = *state;
	const uint64_t handle = 0xffffffffc0a81234;

	nl_message_conn(w, NL_COMMAND_CREATE_CONN, 7, 0);
	nl_message_param(w, 7, 0, NL_PARAM_ERL, "0000");
	nl_message_conn(w, NL_COMMAND_START_CONN, 7, 0);
	nl_message_set_handle(w->data, w->len, handle);
	EXPECT(w, 72 + 80 + 72, HEAD(72, 13), {24, 8, handle}, {32, 4, 7}, {72 + 0, 4, 77},
	       {72 + 4, 2, 16}, {72 + 6, 2, 1}, {72 + 16, 4, 16}, {72 + 24, 8, handle},
	       {72 + 32, 4, 7}, {72 + 40, 4, 11}, {72 + 44, 4, 5}, {72 + 72, 4, 0x30303030},
	       {152 + 0, 4, 72}, {152 + 4, 2, 17}, {152 + 6, 2, 1}, {152 + 16, 4, 17},
	       {152 + 24, 8, handle}, {152 + 32, 4, 7});
}

#define NEG(e) ((uint32_t) - (e))

static const struct {
	const char *what;
	enum nl_command command;
	struct member members[6];
	int result, error;
} replies[] = {
	{"success", NL_COMMAND_STOP_CONN, {{0, 4, 72}, {4, 2, 18}, {16, 4, 18}}, 0, 0},
	{"refused",
         NL_COMMAND_CREATE_CONN,
         {{0, 4, 72}, {4, 2, 13}, {16, 4, 103}, {20, 4, NEG(EINVAL)}},
         0,
         -EINVAL},
	{"unknown command",
         NL_COMMAND_DESTROY_SESSION_ASYNC,
         {{0, 4, 72}, {4, 2, 43}, {16, 4, 103}, {20, 4, NEG(ENOSYS)}},
         0,
         -ENOSYS},
	{"bind fails in the driver",
         NL_COMMAND_BIND_CONN,
         {{0, 4, 72}, {4, 2, 15}, {16, 4, 15}, {56, 4, NEG(EEXIST)}},
         0,
         -EEXIST},
	{"start fails in the driver",
         NL_COMMAND_START_CONN,
         {{0, 4, 72}, {4, 2, 17}, {16, 4, 17}, {56, 4, NEG(ENOTCONN)}},
         0,
         -ENOTCONN},
	{"send fails in the driver",
         NL_COMMAND_SEND_PDU,
         {{0, 4, 72}, {4, 2, 19}, {16, 4, 19}, {56, 4, NEG(EPERM)}},
         0,
         -EPERM},
	{"bind refused",
         NL_COMMAND_BIND_CONN,
         {{0, 4, 72}, {4, 2, 15}, {16, 4, 103}, {20, 4, NEG(EINVAL)}},
         0,
         -EINVAL},
	/* there the same place has other meanings */
	{"set_param has no retcode",
         NL_COMMAND_SET_PARAM,
         {{0, 4, 72}, {4, 2, 16}, {16, 4, 16}, {56, 4, 99}},
         0,
         0},
	{"a positive retcode is no errno",
         NL_COMMAND_BIND_CONN,
         {{0, 4, 72}, {4, 2, 15}, {16, 4, 15}, {56, 4, 5}},
         0,
         -EPROTO},
	{"refused without a reason",
         NL_COMMAND_CREATE_CONN,
         {{0, 4, 72}, {4, 2, 13}, {16, 4, 103}},
         0,
         -EPROTO},
	{"answer to another request",
         NL_COMMAND_CREATE_CONN,
         {{0, 4, 72}, {4, 2, 14}, {16, 4, 14}},
         -EPROTO,
         0},
	{"type of another request inside",
         NL_COMMAND_CREATE_CONN,
         {{0, 4, 72}, {4, 2, 13}, {16, 4, 14}},
         -EPROTO,
         0},
	{"an event", NL_COMMAND_CREATE_CONN, {{0, 4, 72}, {16, 4, 102}}, -EPROTO, 0},
	{"a length that is too small",
         NL_COMMAND_STOP_CONN,
         {{0, 4, 71}, {4, 2, 18}, {16, 4, 18}},
         -EPROTO,
         0},
	{"a length beyond the datagram",
         NL_COMMAND_STOP_CONN,
         {{0, 4, 73}, {4, 2, 18}, {16, 4, 18}},
         -EPROTO,
         0},
};

static void replies_tell_errors_in_both_places(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		struct nl_reply reply = {.error = 77};
		uint8_t message[72];

		build(message, sizeof(message), replies[i].members, ARRAY_LEN(replies[i].members));
		if (nl_message_reply(message, sizeof(message), replies[i].command, &reply) !=
		    replies[i].result)
			fail_msg("%s", replies[i].what);
		if (reply.error != (replies[i].result < 0 ? 77 : replies[i].error))
			fail_msg("%s: error %d", replies[i].what, reply.error);
	}
}

static void a_new_session_has_sid_and_host(void **state _unused_)
{
	static const struct member members[] = {
		{0, 4, 72}, {4, 2, 11}, {16, 4, 11}, {56, 4, 12}, {60, 4, 3}};
	struct nl_reply reply;
	uint8_t message[72];

	build(message, sizeof(message), members, ARRAY_LEN(members));
	assert_int_equal(
		nl_message_reply(message, sizeof(message), NL_COMMAND_CREATE_SESSION, &reply), 0);
	assert_int_equal(reply.error, 0);
	assert_int_equal(reply.sid, 12);
	assert_int_equal(reply.host_no, 3);
}

static void a_cut_reply_is_refused(void **state _unused_)
{
	static const struct member members[] = {{0, 4, 72}, {4, 2, 18}, {16, 4, 18}};
	struct nl_reply reply;
	uint8_t message[72];

	build(message, sizeof(message), members, ARRAY_LEN(members));
	for (size_t len = 0; len < sizeof(message); len++)
		assert_int_equal(nl_message_reply(message, len, NL_COMMAND_STOP_CONN, &reply),
		                 -EPROTO);
}

/* The kernel leaves garbage where an event has no member. */
static void build_event(uint8_t *dst, size_t len, const struct member *members, size_t count)
{
	memset(dst, 0xa5, len);
	memset(dst, 0, 16);
	for (size_t i = 0; i < count; i++)
		store(dst, &members[i]);
}

static void events_are_read_past_the_garbage(void **state _unused_)
{
	static const struct {
		struct member members[5];
		uint32_t type, sid, cid, error;
	} rows[] = {
		{{{0, 4, 72}, {16, 4, 102}, {56, 4, 7}, {60, 4, 0}, {64, 4, 1020}},
	         NL_EVENT_CONN_ERROR,
	         7,
	         0,
	         1020},
		/* host first, then sid */
		{{{0, 4, 72}, {16, 4, 104}, {56, 4, 3}, {60, 4, 7}},
	         NL_EVENT_DESTROY_SESSION,
	         7,
	         0,
	         0},
		{{{0, 4, 72}, {16, 4, 105}, {56, 4, 7}, {60, 4, 3}},
	         NL_EVENT_UNBIND_SESSION,
	         7,
	         0,
	         0},
		{{{0, 4, 72}, {16, 4, 106}, {56, 4, 7}, {60, 4, 3}},
	         NL_EVENT_CREATE_SESSION,
	         7,
	         0,
	         0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t count = rows[i].members[4].width ? 5 : 4;
		struct nl_event event;
		uint8_t message[72];

		build_event(message, sizeof(message), rows[i].members, count);
		assert_int_equal(nl_message_event(message, sizeof(message), &event), 1);
		assert_int_equal(event.type, rows[i].type);
		assert_int_equal(event.sid, rows[i].sid);
		assert_int_equal(event.cid, rows[i].cid);
		assert_int_equal(event.error, rows[i].error);
		assert_null(event.pdu);
	}
}

static void a_received_pdu_is_header_and_data(void **state _unused_)
{
	static const struct member members[] = {
		{0, 4, 72 + 48 + 5}, {16, 4, 101},  {56, 4, 7},
		{60, 4, 0},          {72, 1, 0x23}, {72 + 52, 1, 'e'},
	};
	struct nl_event event;
	uint8_t message[72 + 48 + 5];

	build_event(message, sizeof(message), members, ARRAY_LEN(members));
	assert_int_equal(nl_message_event(message, sizeof(message), &event), 1);
	assert_int_equal(event.type, NL_EVENT_RECV_PDU);
	assert_int_equal(event.sid, 7);
	assert_int_equal(event.cid, 0);
	assert_ptr_equal(event.pdu, message + 72);
	assert_int_equal(event.pdu_len, 53);
	assert_int_equal(event.pdu[0], 0x23);
	assert_int_equal(event.pdu[52], 'e');
}

/* r.ping_comp: host_no, status, pid, data_size */
static void what_became_of_a_ping_has_its_id(void **state _unused_)
{
	static const struct member members[] = {{0, 4, 72}, {16, 4, 111},        {56, 4, 3},
	                                        {60, 4, 4}, {64, 4, 0x11223344}, {68, 4, 32}};
	uint8_t message[72];
	struct nl_event event;

	build_event(message, sizeof(message), members, ARRAY_LEN(members));
	assert_int_equal(nl_message_event(message, sizeof(message), &event), 1);
	assert_int_equal(event.type, NL_EVENT_PING_COMP);
	assert_int_equal(event.ping_id, 0x11223344);
	assert_int_equal(event.ping_status, 4);
	assert_int_equal(event.sid, 0);
}

static void what_is_no_event_of_ours_is_skipped(void **state _unused_)
{
	static const struct {
		struct member members[4];
		size_t len;
	} rows[] = {
		{{{0, 4, 72}, {16, 4, 109}}, 72},             /* login state of an offload driver */
		{{{0, 4, 72}, {16, 4, 20}}, 72},              /* somebody's statistics */
		{{{0, 4, 72}, {16, 4, 1}}, 72},               /* NL_EVENT_OVERFLOW is ours alone */
		{{{0, 4, 72}, {16, 4, 4000000000}}, 72},      /* from a later kernel */
		{{{0, 4, 72}, {4, 2, 11}, {16, 4, 102}}, 72}, /* has the type of a reply */
		{{{0, 4, 72 + 47}, {16, 4, 101}}, 72 + 47},   /* no whole header */
		{{{0, 4, 72}, {16, 4, 101}}, 72},             /* no PDU at all */
		{{{0, 4, 200}, {16, 4, 101}}, 72 + 48},       /* longer than the datagram */
		{{{0, 4, 71}, {16, 4, 102}}, 72},             /* shorter than its members */
		{{{0, 4, 16}}, 16},                           /* a head alone */
		{{{0, 4, 72}, {16, 4, 102}}, 71},             /* cut */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nl_event event = {.sid = 77};
		uint8_t message[128];

		build_event(message, rows[i].len, rows[i].members, 1);
		for (size_t m = 1; m < 4 && rows[i].members[m].width; m++)
			store(message, &rows[i].members[m]);
		assert_int_equal(nl_message_event(message, rows[i].len, &event), 0);
		assert_int_equal(event.sid, 77);
	}
}

static void commands_and_parameters_have_the_kernels_names(void **state _unused_)
{
	assert_string_equal(nl_command_name(NL_COMMAND_BIND_CONN), "BIND_CONN");
	assert_string_equal(nl_command_name(NL_COMMAND_DESTROY_SESSION_ASYNC),
	                    "DESTROY_SESSION_ASYNC");
	assert_string_equal(nl_param_name(NL_PARAM_MAX_RECV_DLENGTH), "MAX_RECV_DLENGTH");
	assert_string_equal(nl_param_name(NL_PARAM_DISCOVERY_SESS), "DISCOVERY_SESS");
	assert_string_equal(nl_param_name((enum nl_param)12), "unknown");
	assert_string_equal(nl_param_name((enum nl_param)1000), "unknown");
}

static void connection_errors_have_the_kernels_names(void **state _unused_)
{
	assert_string_equal(nl_conn_error_text(1020),
	                    "ISCSI_ERR_TCP_CONN_CLOSE: TCP connection closed");
	assert_string_equal(nl_conn_error_text(1022),
	                    "ISCSI_ERR_NOP_TIMEDOUT: A NOP has timed out");
	assert_ptr_equal(strstr(nl_conn_error_text(1001), "ISCSI_ERR_DATASN:"),
	                 nl_conn_error_text(1001));
	assert_ptr_equal(strstr(nl_conn_error_text(1018), "ISCSI_ERR_INVALID_HOST:"),
	                 nl_conn_error_text(1018));
	assert_string_equal(nl_conn_error_text(1000), "unknown error");
	assert_string_equal(nl_conn_error_text(1023), "unknown error");
	assert_string_equal(nl_conn_error_text(UINT32_MAX), "unknown error");
}

#define ENCODE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENCODE(create_session_has_sn_and_queue_sizes),
		ENCODE(requests_with_ids_have_sid_and_cid),
		ENCODE(requests_for_a_session_have_its_sid),
		ENCODE(bind_has_the_descriptor_as_64_bits),
		ENCODE(stop_has_its_flag_behind_the_handle),
		ENCODE(a_parameter_is_text_with_its_nul_padded_to_four),
		ENCODE(a_host_parameter_has_no_sid),
		ENCODE(parameters_of_an_adapter_are_counted),
		ENCODE(a_ping_carries_its_destination),
		ENCODE(a_pdu_is_its_header_and_data),
		ENCODE(the_handle_goes_into_every_request_of_a_batch),
		cmocka_unit_test(replies_tell_errors_in_both_places),
		cmocka_unit_test(a_new_session_has_sid_and_host),
		cmocka_unit_test(a_cut_reply_is_refused),
		cmocka_unit_test(events_are_read_past_the_garbage),
		cmocka_unit_test(a_received_pdu_is_header_and_data),
		cmocka_unit_test(what_became_of_a_ping_has_its_id),
		cmocka_unit_test(what_is_no_event_of_ours_is_skipped),
		cmocka_unit_test(commands_and_parameters_have_the_kernels_names),
		cmocka_unit_test(connection_errors_have_the_kernels_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
