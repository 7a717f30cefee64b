/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages are put together member by member from the kernel's layout (scsi/iscsi_if.h on a 64-bit
 * machine): 16 bytes of netlink's header, 56 of the event, then CHAP entries (struct
 * iscsi_chap_rec, 524 bytes), counters (struct iscsi_offload_host_stats, 664 bytes), or attributes.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "iscsid/nl_host.h"
#include "lib/base/macros.h"

enum { HEAD = 72, CHAP = 524, STATS = 664, CUSTOM = 72, HOST = 3 };

/* The kernel: what it was asked last, and what it says. */
static struct {
	uint8_t request[1024];
	size_t request_len;
	unsigned int queries;
	bool watched;
	uint8_t answer[HEAD + STATS + 33 * CUSTOM + 7 * CHAP];
	size_t answer_len;
	int result;
	/* what it tells of a ping */
	int events[2]; /* a pipe: one byte an event */
	struct nl_event queue[3];
	size_t queued, taken;
	int event_result; /* when there is none: 0, or a broken socket */
} kernel;

static void put(uint8_t *message, size_t at, size_t width, uint64_t value)
{
	uint16_t v16 = (uint16_t)value;
	uint32_t v32 = (uint32_t)value;
	const void *from = width == 2 ? (const void *)&v16 : (const void *)&v32;

	memcpy(message + at, width == 8 ? &value : from, width);
}

static uint32_t get(size_t at, size_t width)
{
	uint32_t v = 0;

	memcpy(&v, kernel.request + at, width);
	return v;
}

static void take_request(struct writer *w, enum nl_command command)
{
	assert_int_equal(writer_status(w), 0);
	assert_true(w->len <= sizeof(kernel.request));
	memcpy(kernel.request, w->data, w->len);
	kernel.request_len = w->len;
	writer_done(w);
	/* nlmsg_type and uevent.type */
	assert_int_equal(get(4, 2), command);
	assert_int_equal(get(16, 4), command);
}

int nl_host_call(struct nl *nl _unused_, struct writer *w, enum nl_command command,
                 uint32_t *ret_index)
{
	uint8_t reply[HEAD] = {0};
	struct nl_reply ret;

	/* what becomes of it may be told before the call returns */
	assert_true(command != NL_COMMAND_PING || kernel.watched);
	take_request(w, command);
	put(reply, 0, 4, HEAD);
	put(reply, 4, 2, command);
	put(reply, 16, 4, kernel.result ? 103 : command);
	put(reply, 20, 4, (uint64_t)kernel.result);
	put(reply, 56, 4, 12); /* r.new_flashnode_ret.flashnode_idx */
	assert_int_equal(nl_message_reply(reply, sizeof(reply), command, &ret), 0);
	if (ret_index)
		*ret_index = ret.index;
	return ret.error;
}

int nl_host_query(struct nl *nl _unused_, struct writer *w, enum nl_command command,
                  uint32_t host_no, nl_host_take take, void *data)
{
	const uint8_t *payload;
	uint32_t count;
	size_t len;

	take_request(w, command);
	kernel.queries++;
	if (!nl_message_host_answer(kernel.answer, kernel.answer_len, command, host_no, &payload,
	                            &len, &count))
		return -ENOMSG;
	return take(data, payload, len, count);
}

int nl_watch(struct nl *nl _unused_)
{
	kernel.watched = true;
	return 0;
}

int nl_event_fd(const struct nl *nl _unused_)
{
	return kernel.events[0];
}

int nl_event_next(struct nl *nl _unused_, struct nl_event *ret)
{
	char byte;

	if (read(kernel.events[0], &byte, 1) != 1)
		return kernel.event_result;
	*ret = kernel.queue[kernel.taken++];
	return 1;
}

static int setup(void **state _unused_)
{
	memset(&kernel, 0, sizeof(kernel));
	return pipe2(kernel.events, O_NONBLOCK | O_CLOEXEC);
}

static int teardown(void **state _unused_)
{
	close(kernel.events[0]);
	close(kernel.events[1]);
	return 0;
}

static void begin_answer(uint32_t command, size_t payload)
{
	kernel.answer_len = HEAD + payload;
	put(kernel.answer, 0, 4, kernel.answer_len);
	put(kernel.answer, 16, 4, command);
	put(kernel.answer, 32, 4, HOST);
}

/* ---- CHAP ------------------------------------------------------------------------------- */

static void answer_chap(uint32_t count)
{
	begin_answer(33, 7 * (size_t)CHAP);
	put(kernel.answer, 36, 4, count);
}

static void put_chap(size_t i, uint16_t index, uint32_t type, const char *name, const char *secret)
{
	uint8_t *entry = kernel.answer + HEAD + i * CHAP;

	put(entry, 0, 2, index);
	put(entry, 4, 4, type);
	memcpy(entry + 8, name, strlen(name));
	memcpy(entry + 264, secret, strlen(secret));
	entry[520] = (uint8_t)strlen(secret);
}

static void note_chap(void *data, const struct nl_chap *chap)
{
	char *text = data;
	size_t len = strlen(text);

	snprintf(text + len, 512 - len, "%u %s %s %s;", chap->index, chap->in ? "in" : "out",
	         chap->username, chap->password);
}

static void chap_entries_are_told_in_order(void **state _unused_)
{
	char text[512] = "";

	answer_chap(2);
	put_chap(0, 1, 0, "us", "secret123456");
	put_chap(1, 9, 1, "them", "");
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), 0);
	assert_string_equal(text, "1 out us secret123456;9 in them ;");
	assert_int_equal(kernel.queries, 1);
	/* host_no, num_entries, chap_tbl_idx */
	assert_int_equal(kernel.request_len, HEAD);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 7);
	assert_int_equal(get(40, 2), 0);
}

static void a_secret_ends_where_its_length_says(void **state _unused_)
{
	char text[512] = "";

	answer_chap(1);
	put_chap(0, 1, 0, "us", "secret123456");
	kernel.answer[HEAD + 520] = 6;
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), 0);
	assert_string_equal(text, "1 out us secret;");
}

static void a_full_answer_is_asked_on_behind_its_last_entry(void **state _unused_)
{
	char text[512] = "";

	answer_chap(7);
	for (uint16_t i = 0; i < 7; i++)
		put_chap(i, i, 0, "u", "p");
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), 0);
	/* this adapter does not get on: it is not asked for ever */
	assert_int_equal(kernel.queries, 2);
	assert_int_equal(get(40, 2), 7);
}

static void more_entries_than_there_are_bytes_tell_nothing(void **state _unused_)
{
	char text[512] = "";

	answer_chap(2);
	kernel.answer_len -= 5 * CHAP + 1;
	put(kernel.answer, 0, 4, kernel.answer_len);
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), -EPROTO);
	answer_chap(8);
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), -EPROTO);
	answer_chap(UINT32_MAX);
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), -EPROTO);
	assert_string_equal(text, "");
}

static void the_answer_of_another_host_is_not_taken(void **state _unused_)
{
	char text[512] = "";

	answer_chap(0);
	put(kernel.answer, 32, 4, HOST + 1);
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), -ENOMSG);
	/* what has a number in netlink's header is a reply */
	answer_chap(0);
	put(kernel.answer, 4, 2, 33);
	assert_int_equal(nl_get_chap(NULL, HOST, note_chap, text), -ENOMSG);
}

/* One attribute: its length and number, and in it length and number again, then the value. */
static size_t check_param(size_t at, uint16_t param, const void *value, size_t len)
{
	assert_int_equal(get(at, 2), 4 + 6 + len);
	assert_int_equal(get(at + 2, 2), param);
	assert_int_equal(get(at + 4, 4), len);
	assert_int_equal(get(at + 8, 2), param);
	assert_memory_equal(kernel.request + at + 10, value, len);
	return at + ((10 + len + 3) & ~(size_t)3);
}

static void a_chap_entry_is_set_by_attributes(void **state _unused_)
{
	const struct nl_chap chap = {
		.index = 258, .in = true, .username = "them", .password = "secret123456"};
	const uint16_t index = 258;
	const uint32_t in = 1;
	const uint8_t len = 12;
	size_t at = HEAD;

	assert_int_equal(nl_set_chap(NULL, HOST, &chap), 0);
	assert_int_equal(get(4, 2), 41);
	assert_int_equal(get(32, 4), HOST);
	/* enum iscsi_chap_param: index, type, username, password, length of the password */
	at = check_param(at, 0, &index, sizeof(index));
	at = check_param(at, 1, &in, sizeof(in));
	at = check_param(at, 2, "them", 4);
	at = check_param(at, 3, "secret123456", 12);
	at = check_param(at, 4, &len, sizeof(len));
	assert_int_equal(kernel.request_len, at);
}

static void an_entry_is_deleted_by_its_index(void **state _unused_)
{
	assert_int_equal(nl_delete_chap(NULL, HOST, 258), 0);
	assert_int_equal(get(4, 2), 34);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 258);
	kernel.result = -EBUSY;
	assert_int_equal(nl_delete_chap(NULL, HOST, 258), -EBUSY);
}

/* ---- flashnodes ------------------------------------------------------------------------- */

static void a_new_flashnode_has_a_type_and_gets_an_index(void **state _unused_)
{
	uint32_t index = 0;

	assert_int_equal(nl_new_flashnode(NULL, HOST, "ipv6", &index), 0);
	assert_int_equal(index, 12);
	assert_int_equal(get(4, 2), 36);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 5);
	assert_string_equal((const char *)kernel.request + HEAD, "ipv6");
}

static void a_flashnode_is_named_by_its_index(void **state _unused_)
{
	static const enum nl_command commands[] = {
		NL_COMMAND_DEL_FLASHNODE, NL_COMMAND_LOGIN_FLASHNODE, NL_COMMAND_LOGOUT_FLASHNODE};

	/* u.logout_flashnode_sid: host_no, sid */
	assert_int_equal(nl_flashnode(NULL, NL_COMMAND_LOGOUT_FLASHNODE_SID, HOST, 70000), 0);
	assert_int_equal(get(4, 2), 40);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 70000);
	for (uint32_t i = 0; i < ARRAY_LEN(commands); i++) {
		assert_int_equal(nl_flashnode(NULL, commands[i], HOST, 70000), 0);
		assert_int_equal(get(4, 2), 37 + i);
		assert_int_equal(get(32, 4), HOST);
		assert_int_equal(get(36, 4), 70000);
	}
}

static void a_flashnode_is_set_by_attributes_and_their_count(void **state _unused_)
{
	struct nl_params params = nl_params_make();
	const uint8_t address[16] = {192, 0, 2, 1};
	const uint8_t erl = 2;
	size_t at = HEAD;

	nl_params_add(&params, 16, &erl, 1, 1);
	/* the driver reads 16 bytes of an address of 4 */
	nl_params_add(&params, 35, address, 4, sizeof(address));
	assert_int_equal(nl_set_flashnode(NULL, HOST, 258, &params), 0);
	assert_int_equal(get(4, 2), 35);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 258);
	assert_int_equal(get(40, 4), 2);
	at = check_param(at, 16, &erl, 1);
	assert_int_equal(get(at, 2), 4 + 6 + 16);
	assert_int_equal(get(at + 4, 4), 4);
	assert_memory_equal(kernel.request + at + 10, address, sizeof(address));
	assert_int_equal(kernel.request_len, at + 28);
	nl_params_done(&params);
}

/* ---- interfaces ------------------------------------------------------------------------- */

/* struct iscsi_iface_param_info: iface_num, len, param, iface_type, param_type, value */
static void interfaces_are_set_by_attributes_that_name_them(void **state _unused_)
{
	const struct nl_iface ipv6 = {NL_IFACE_IPV6, 70000};
	struct nl_params params = nl_params_make();
	const uint16_t mtu = 9000;

	nl_params_add_iface(&params, &ipv6, false, 19, &mtu, 2, 2);
	nl_params_add_iface(&params, &ipv6, true, 10, &mtu, 2, 2);
	assert_int_equal(nl_set_ifaces(NULL, HOST, &params), 0);
	assert_int_equal(get(4, 2), 31);
	assert_int_equal(get(32, 4), HOST);
	assert_int_equal(get(36, 4), 2);
	for (size_t at = HEAD, i = 0; i < 2; at += 20, i++) {
		assert_int_equal(get(at, 2), 4 + 12 + 2);
		assert_int_equal(get(at + 2, 2), i == 0 ? 19 : 10);
		assert_int_equal(get(at + 4, 4), 70000);
		assert_int_equal(get(at + 8, 4), 2);
		assert_int_equal(get(at + 12, 2), i == 0 ? 19 : 10);
		assert_int_equal(kernel.request[at + 14], 2); /* ISCSI_IFACE_TYPE_IPV6 */
		assert_int_equal(kernel.request[at + 15], i == 0 ? 2 : 5); /* NET, IFACE_PARAM */
		assert_int_equal(get(at + 16, 2), 9000);
	}
	assert_int_equal(kernel.request_len, HEAD + 40);
	nl_params_done(&params);
}

static void more_parameters_than_a_message_has_room_for_are_an_error(void **state _unused_)
{
	const struct nl_iface ipv4 = {NL_IFACE_IPV4, 0};
	struct nl_params params = nl_params_make();
	const uint8_t text[256] = {0};

	for (int i = 0; i < 1000; i++)
		nl_params_add_iface(&params, &ipv4, false, 40, text, 255, sizeof(text));
	assert_int_equal(nl_set_ifaces(NULL, HOST, &params), -EMSGSIZE);
	assert_int_equal(nl_set_flashnode(NULL, HOST, 1, &params), -EMSGSIZE);
	assert_int_equal(kernel.request_len, 0);
	nl_params_done(&params);
}

/* ---- pings ------------------------------------------------------------------------------ */

static const struct nl_ping ping = {.iface = {NL_IFACE_IPV4, 0}, .size = 32, .id = 7, .to_len = 16};

static void tell(enum nl_event_type type, uint32_t id, uint32_t status)
{
	kernel.queue[kernel.queued++] =
		(struct nl_event){.type = type, .ping_id = id, .ping_status = status};
	assert_int_equal(write(kernel.events[1], "", 1), 1);
}

static void a_ping_waits_for_its_own_result(void **state _unused_)
{
	uint32_t status = 0;

	tell(NL_EVENT_CREATE_SESSION, 7, 1);
	tell(NL_EVENT_PING_COMP, 8, 2);
	tell(NL_EVENT_PING_COMP, 7, 4);
	assert_int_equal(nl_ping(NULL, HOST, &ping, 1000, &status), 0);
	assert_int_equal(status, 4);
}

static void a_ping_does_not_wait_for_ever(void **state _unused_)
{
	uint32_t status = 99;

	assert_int_equal(nl_ping(NULL, HOST, &ping, 1000, &status), -ETIME);
	tell(NL_EVENT_PING_COMP, 8, 0);
	assert_int_equal(nl_ping(NULL, HOST, &ping, 1000, &status), -ETIME);
	assert_int_equal(status, 99);
	kernel.event_result = -EBADF;
	assert_int_equal(nl_ping(NULL, HOST, &ping, 1000, &status), -EBADF);
}

static void a_ping_that_is_refused_is_not_waited_for(void **state _unused_)
{
	uint32_t status = 99;

	kernel.result = -ENOSYS;
	tell(NL_EVENT_PING_COMP, 7, 0);
	assert_int_equal(nl_ping(NULL, HOST, &ping, 1000, &status), -ENOSYS);
	assert_int_equal(kernel.taken, 0);
	assert_int_equal(status, 99);
}

/* ---- counters --------------------------------------------------------------------------- */

static void note_counter(void *data, bool custom, const char *name, uint64_t value)
{
	char *text = data;
	size_t len = strlen(text);

	if (value > 0)
		snprintf(text + len, 512 - len, "%s%s=%llu ", custom ? "+" : "", name,
		         (unsigned long long)value);
}

static void answer_stats(uint32_t customs)
{
	begin_answer(42, STATS + customs * (size_t)CUSTOM);
	put(kernel.answer, HEAD, 8, 0x100000000); /* mactx_frames: the first */
	put(kernel.answer, HEAD + 256, 8, 32);    /* iptx_packets: behind 32 of the MAC */
	put(kernel.answer, HEAD + 560, 8, 70);    /* tcptx_window_probe_persist: TCP's last */
	put(kernel.answer, HEAD + 648, 8, 81);    /* iscsi_sequence_error: the last */
	put(kernel.answer, HEAD + 656, 4, customs);
	for (uint32_t i = 0; i < customs && i < 33; i++) {
		snprintf((char *)kernel.answer + HEAD + STATS + i * (size_t)CUSTOM, 64, "c%u", i);
		put(kernel.answer, HEAD + STATS + i * (size_t)CUSTOM + 64, 8, i);
	}
}

static void counters_of_an_adapter_are_told_in_order(void **state _unused_)
{
	char text[512] = "";

	answer_stats(2);
	assert_int_equal(nl_get_host_stats(NULL, HOST, note_counter, text), 0);
	assert_string_equal(text, "mactx_frames=4294967296 iptx_packets=32 "
	                          "tcptx_window_probe_persist=70 iscsi_sequence_error=81 +c1=1 ");
}

static void more_counters_than_there_are_bytes_are_none(void **state _unused_)
{
	char text[512] = "";

	answer_stats(2);
	put(kernel.answer, HEAD + 656, 4, 3);
	assert_int_equal(nl_get_host_stats(NULL, HOST, note_counter, text), -EPROTO);
	answer_stats(33);
	assert_int_equal(nl_get_host_stats(NULL, HOST, note_counter, text), -EPROTO);
	answer_stats(0);
	put(kernel.answer, 0, 4, HEAD + STATS - 8);
	assert_int_equal(nl_get_host_stats(NULL, HOST, note_counter, text), -EPROTO);
	assert_string_equal(text, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chap_entries_are_told_in_order),
		TEST(a_secret_ends_where_its_length_says),
		TEST(a_full_answer_is_asked_on_behind_its_last_entry),
		TEST(more_entries_than_there_are_bytes_tell_nothing),
		TEST(the_answer_of_another_host_is_not_taken),
		TEST(a_chap_entry_is_set_by_attributes),
		TEST(an_entry_is_deleted_by_its_index),
		TEST(a_new_flashnode_has_a_type_and_gets_an_index),
		TEST(a_flashnode_is_named_by_its_index),
		TEST(a_flashnode_is_set_by_attributes_and_their_count),
		TEST(interfaces_are_set_by_attributes_that_name_them),
		TEST(more_parameters_than_a_message_has_room_for_are_an_error),
		TEST(a_ping_waits_for_its_own_result),
		TEST(a_ping_does_not_wait_for_ever),
		TEST(a_ping_that_is_refused_is_not_waited_for),
		TEST(counters_of_an_adapter_are_told_in_order),
		TEST(more_counters_than_there_are_bytes_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
