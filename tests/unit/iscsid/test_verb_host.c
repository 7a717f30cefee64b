/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients ask of adapters: exactly one answer on every path, whatever the kernel does.  It is
 * asked in children: what they told it comes back in shared memory.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/host_act.h"
#include "tests/unit/iscsid/house.h"

#define HOST "host=7\n"

enum { HEAD = 72, CHAP_SIZE = 524 };

/* While hurrying, a deadline has come at once. */
static struct {
	bool on;
	uint64_t usec; /* how long it would have been */
} hurry;

void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	hurry.usec = usec;
	__real_loop_timer_set(source, hurry.on ? 0 : usec);
}

static int setup_host(void **state)
{
	char folder[160];
	struct house *h;

	adapter = mmap(NULL, sizeof(*adapter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);
	if (adapter == MAP_FAILED || setup(state) < 0)
		return -1;
	h = (struct house *)*state;
	snprintf(folder, sizeof(folder), "%s/class/iscsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, folder, 0700), 0);
	snprintf(folder, sizeof(folder), "%s/class/scsi_host/host%d", h->sysfs, HOST_NO);
	assert_int_equal(file_make_folders(AT_FDCWD, folder, 0700), 0);
	put(folder, "proc_name", "qla4xxx\n");
	return 0;
}

static int teardown_host(void **state)
{
	int r = teardown(state);

	munmap(adapter, sizeof(*adapter));
	adapter = NULL;
	return r;
}

/* The next answer, whatever it is; false: none comes for a while. */
static bool hear(struct house *h, int fd, unsigned int turns)
{
	for (unsigned int i = 0; i < turns; i++) {
		ssize_t n = ipc_recv(fd, h->answer, sizeof(h->answer));

		if (n > 0) {
			h->answer[n] = 0;
			return true;
		}
		assert_int_equal(n, -EAGAIN);
		turn(h);
	}
	return false;
}

static void wait_adapter(struct house *h, const char *words)
{
	for (int i = 0; i < TURNS_MAX && strcmp(adapter->told, words) != 0; i++)
		turn(h);
	assert_string_equal(adapter->told, words);
}

/* One request, one answer, nothing behind it. */
static int ask_once(struct house *h, const char *verb, const char *rest)
{
	int fd = client(h), error;

	memset(adapter, 0, sizeof(*adapter));
	ask(fd, verb, 1, rest);
	error = done(h, fd);
	assert_false(hear(h, fd, 3));
	close(fd);
	return error;
}

#define CHAP_SET  "op=set\nindex=5\ntype=in\nusername=them\npassword=secret123456\n"
#define PING      "iface=ipv6.1\naddress=2001:db8::1\nsize=32\n"
#define FLASHNODE "op=update\nindex=3\nflashnode.session.erl=1\n"

/* What only does something: its one answer is the last. */
static const struct act_case {
	const char *verb, *rest, *command;
} acts[] = {
	{"chap", CHAP_SET, "SET_CHAP "},
	{"chap", "op=delete\nindex=5\n", "DELETE_CHAP "},
	{"flashnode", "op=delete\nindex=3\n", "DEL_FLASHNODE "},
	{"flashnode", "op=login\nindex=3\n", "LOGIN_FLASHNODE "},
	{"flashnode", "op=logout\nindex=3\n", "LOGOUT_FLASHNODE "},
	{"flashnode", FLASHNODE, "SET_FLASHNODE_PARAMS "},
	{"ifaces", "ipv4.0.mtu=1500\n", "SET_IFACE_PARAMS "},
};

/* What is asked: items go in front of the last answer. */
static const struct act_case questions[] = {
	{"chap", "op=show\n", "GET_CHAP "},
	{"flashnode", "op=new\nportal_type=ipv4\n", "NEW_FLASHNODE "},
	{"ping", PING, "PING "},
	{"hoststats", "", "GET_HOST_STATS "},
};

static const char *of_host(const char *rest)
{
	static char text[512];

	snprintf(text, sizeof(text), HOST "%s", rest);
	return text;
}

static void every_act_is_told_to_the_adapter_and_answered(void **state)
{
	struct house *h = (struct house *)*state;

	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		assert_int_equal(ask_once(h, acts[i].verb, of_host(acts[i].rest)), 0);
		assert_string_equal(adapter->told, acts[i].command);
		assert_null(strstr(h->answer, "iferror"));
	}
}

static void what_the_kernel_refuses_is_told_with_its_errno(void **state)
{
	struct house *h = (struct house *)*state;

	kernel.host_result = -EBUSY;
	for (size_t i = 0; i < ARRAY_LEN(acts) + ARRAY_LEN(questions); i++) {
		const struct act_case *c =
			i < ARRAY_LEN(acts) ? &acts[i] : &questions[i - ARRAY_LEN(acts)];

		assert_int_equal(ask_once(h, c->verb, of_host(c->rest)), ISCSI_ERR_BUSY);
		assert_string_equal(adapter->told, c->command);
		assert_non_null(strstr(h->answer, "\niferror=-16\n"));
		assert_non_null(strstr(h->answer, "\ndetail=host 7: "));
	}
}

static void a_host_that_is_none_is_not_asked(void **state)
{
	static const char *const verbs[] = {"chap", "flashnode", "ifaces", "ping", "hoststats"};
	struct house *h = (struct house *)*state;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		assert_int_equal(ask_once(h, verbs[i], "host=8\nop=show\n"),
		                 ISCSI_ERR_TRANS_NOT_FOUND);
		assert_int_equal(ask_once(h, verbs[i], "op=show\n"), ISCSI_ERR_INVAL);
		assert_int_equal(ask_once(h, verbs[i], "host=x\nop=show\n"), ISCSI_ERR_INVAL);
		assert_int_equal(ask_once(h, verbs[i], "host=-1\nop=show\n"), ISCSI_ERR_INVAL);
		assert_string_equal(adapter->told, "");
	}
}

static void what_is_no_request_is_refused_and_says_why(void **state)
{
	static const struct {
		const char *verb, *rest, *why;
	} cases[] = {
		{"chap", "", "op is not"},
		{"chap", "op=login\n", "op is not"},
		{"chap", "op=delete\n", "index is not"},
		{"chap", "op=delete\nindex=65536\n", "index is not"},
		{"chap", "op=set\nindex=1\nusername=us\n", "1 to 255"},
		{"chap", "op=set\nindex=1\npassword=secret123456\n", "1 to 255"},
		{"flashnode", "op=new\n", "portal_type is"},
		{"flashnode", "op=new\nportal_type=ipv5\n", "portal_type is"},
		{"flashnode", "op=login\n", "index is not"},
		{"flashnode", "op=show\nindex=1\n", "op is not"},
		{"flashnode", "op=update\nindex=1\n", "no parameter"},
		{"flashnode", "op=update\nindex=1\nflashnode.session.foo=1\n",
	         "session.foo is not"},
		{"flashnode", FLASHNODE "flashnode.conn[0].port=0\n", "port has a value"},
		{"ifaces", "", "no parameter"},
		{"ifaces", "ipv5.0.mtu=1500\n", "ipv5.0.mtu is not"},
		{"ifaces", "ipv4.0=1500\n", "ipv4.0 is not"},
		{"ifaces", "ipv4.-1.mtu=1500\n", "ipv4.-1.mtu is not"},
		{"ifaces", "ipv4.4294967296.mtu=1500\n", "mtu is not"},
		{"ifaces", "ipv4.0.mld=enable\n", "ipv4.0.mld is not"},
		{"ifaces", "ipv4.0.mtu=65536\n", "ipv4.0.mtu has a value"},
		{"ifaces", "ipv6.0.ipaddress=192.0.2.1\n", "ipv6.0.ipaddress has a value"},
		{"ping", "address=192.0.2.1\nsize=32\n", "iface is"},
		{"ping", "iface=ipv4.0.mtu\naddress=192.0.2.1\nsize=32\n", "iface is"},
		{"ping", "iface=ipv4.0\naddress=example.com\nsize=32\n", "address is"},
		{"ping", "iface=ipv4.0\naddress=192.0.2.1\nsize=0\n", "size is"},
		{"ping", "iface=ipv4.0\naddress=192.0.2.1\n", "size is"},
	};
	struct house *h = (struct house *)*state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(ask_once(h, cases[i].verb, of_host(cases[i].rest)),
		                 ISCSI_ERR_INVAL);
		assert_string_equal(adapter->told, "");
		if (!strstr(h->answer, cases[i].why))
			fail_msg("%s %s: %s", cases[i].verb, cases[i].rest, h->answer);
	}
}

/* ---- answers ---------------------------------------------------------------------------- */

/* The answer to one question with one item, which is in h->answer. */
static void ask_item(struct house *h, const char *verb, const char *rest)
{
	int fd = client(h);
	char item[sizeof(h->answer)];

	ask(fd, verb, 1, of_host(rest));
	assert_true(hear(h, fd, TURNS_MAX));
	assert_non_null(strstr(h->answer, "\nreply=item\n"));
	memcpy(item, h->answer, sizeof(item));
	assert_int_equal(done(h, fd), 0);
	assert_false(hear(h, fd, 3));
	memcpy(h->answer, item, sizeof(item));
	close(fd);
}

static void put_entry(size_t i, uint16_t index, const char *name, const char *secret)
{
	uint8_t *entry = kernel.answer + i * CHAP_SIZE;

	memcpy(entry, &index, sizeof(index));
	memcpy(entry + 8, name, strlen(name));
	memcpy(entry + 264, secret, strlen(secret));
	entry[520] = (uint8_t)strlen(secret);
	kernel.answer_count = (uint32_t)i + 1;
	kernel.answer_len = (i + 1) * CHAP_SIZE;
}

static void a_new_flashnode_has_its_index_told(void **state)
{
	struct house *h = (struct house *)*state;

	ask_item(h, "flashnode", "op=new\nportal_type=ipv6\n");
	assert_non_null(strstr(h->answer, "\nindex=4\n"));
}

static void what_became_of_a_ping_is_told_and_not_of_another(void **state)
{
	struct house *h = (struct house *)*state;

	kernel.ping_status = 9; /* ISCSI_PING_NO_ARP_RECEIVED */
	ask_item(h, "ping", PING);
	assert_non_null(strstr(h->answer, "\nstatus=9\n"));
}

static void secrets_are_told_to_who_asks_for_them(void **state)
{
	struct house *h = (struct house *)*state;

	put_entry(0, 2, "us", "secret123456");
	ask_item(h, "chap", "op=show\n");
	assert_non_null(strstr(h->answer, "\nindex=2\ntype=out\nusername=us\npassword_set=Yes\n"));
	assert_null(strstr(h->answer, "secret123456"));
	ask_item(h, "chap", "op=show\nsecrets=Yes\n");
	assert_non_null(strstr(h->answer, "\npassword=secret123456\n"));
}

static void a_name_of_the_adapters_ends_where_its_line_does(void **state)
{
	struct house *h = (struct house *)*state;

	put_entry(0, 2, "us\nerror=0\nid=99", "a\r\nb=c");
	ask_item(h, "chap", "op=show\nsecrets=Yes\n");
	assert_non_null(strstr(h->answer, "\nusername=us\n"));
	assert_non_null(strstr(h->answer, "\npassword=a\n"));
	assert_null(strstr(h->answer, "id=99"));
	assert_null(strstr(h->answer, "b=c"));
}

/* Longer than what a child may say beside its result. */
static void a_long_table_is_told_whole(void **state)
{
	struct house *h = (struct house *)*state;
	char name[255] = "", secret[255] = "";
	int fd = client(h);

	memset(name, 'n', sizeof(name) - 1);
	memset(secret, 's', sizeof(secret) - 1);
	for (uint16_t i = 0; i < 7; i++)
		put_entry(i, i, name, secret);
	ask(fd, "chap", 1, HOST "op=show\nsecrets=Yes\n");
	/* this adapter says the same again when it is asked on */
	for (int i = 0; i < 14; i++) {
		char index[16];

		assert_true(hear(h, fd, TURNS_MAX));
		snprintf(index, sizeof(index), "\nindex=%d\n", i % 7);
		assert_non_null(strstr(h->answer, index));
		assert_non_null(strstr(h->answer, secret));
	}
	assert_int_equal(done(h, fd), 0);
	close(fd);
}

static void an_answer_of_the_wrong_length_is_an_error_and_tells_nothing(void **state)
{
	struct house *h = (struct house *)*state;

	put_entry(0, 0, "us", "secret123456");
	kernel.answer_count = 2;
	assert_int_equal(ask_once(h, "chap", HOST "op=show\n"), ISCSI_ERR_UNKNOWN);
	assert_non_null(strstr(h->answer, "\niferror=-71\n"));
	kernel.answer_count = UINT32_MAX;
	assert_int_equal(ask_once(h, "chap", HOST "op=show\n"), ISCSI_ERR_UNKNOWN);
	kernel.answer_len = 663; /* of 664 bytes of counters */
	assert_int_equal(ask_once(h, "hoststats", HOST), ISCSI_ERR_UNKNOWN);
	kernel.answer_len = 0;
	assert_int_equal(ask_once(h, "hoststats", HOST), ISCSI_ERR_UNKNOWN);
}

static void counters_are_one_item(void **state)
{
	struct house *h = (struct house *)*state;

	kernel.answer_len = 664;
	kernel.answer[0] = 12;
	ask_item(h, "hoststats", "");
	assert_non_null(strstr(h->answer, "\nsnmp.mactx_frames=12\n"));
	assert_non_null(strstr(h->answer, "\nsnmp.iscsi_sequence_error=0\n"));
}

/* ---- who waits -------------------------------------------------------------------------- */

static void nobody_waits_for_an_adapter_that_is_slow(void **state)
{
	struct house *h = (struct house *)*state;
	int slow = client(h), other = client(h);

	kernel.host_signal = SIGSTOP;
	ask(slow, "flashnode", 1, HOST "op=login\nindex=3\n");
	wait_adapter(h, "LOGIN_FLASHNODE ");
	ask(other, "config", 2, "");
	assert_int_equal(done(h, other), 0);
	kernel.host_signal = 0;
	ask(other, "flashnode", 3, HOST "op=logout\nindex=3\n");
	assert_int_equal(done(h, other), 0);
	assert_false(hear(h, slow, 3));
	/* the daemon stops with the one under way: see teardown */
	close(other);
	close(slow);
}

static void a_client_that_goes_takes_its_request_along(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	kernel.host_signal = SIGSTOP;
	ask(fd, "ping", 1, of_host(PING));
	wait_adapter(h, "PING ");
	assert_false(list_empty(&h->manager.host_acts));
	close(fd);
	for (int i = 0; i < TURNS_MAX && !list_empty(&h->manager.host_acts); i++)
		turn(h);
	assert_true(list_empty(&h->manager.host_acts));
}

static unsigned int waiting(const struct house *h)
{
	unsigned int count = 0;

	list_for_each (n, &h->manager.host_acts)
		count++;
	return count;
}

static void what_is_too_much_at_a_time_waits_its_turn(void **state)
{
	struct house *h = (struct house *)*state;
	int busy = client(h), fd = client(h);

	kernel.host_signal = SIGSTOP;
	for (unsigned int i = 0; i < HOST_ACTS_MAX; i++)
		ask(busy, "flashnode", i, HOST "op=delete\nindex=3\n");
	for (int i = 0; i < TURNS_MAX && waiting(h) < HOST_ACTS_MAX; i++)
		turn(h);
	assert_int_equal(waiting(h), HOST_ACTS_MAX);
	kernel.host_signal = 0;
	ask(fd, "flashnode", 1, HOST "op=logout\nindex=3\n");
	assert_false(hear(h, fd, 20));
	close(busy);
	assert_int_equal(done(h, fd), 0);
	assert_true(list_empty(&h->manager.host_acts));
	close(fd);
}

static void an_adapter_that_never_answers_is_given_up(void **state)
{
	struct house *h = (struct house *)*state;

	kernel.host_signal = SIGSTOP;
	hurry.on = true;
	assert_int_equal(ask_once(h, "flashnode", HOST "op=login\nindex=3\n"),
	                 ISCSI_ERR_REQ_TIMEDOUT);
	hurry.on = false;
	assert_true(hurry.usec <= 120 * USEC_PER_SEC);
	assert_non_null(strstr(h->answer, "\ndetail=host 7 has not answered"));
	assert_null(strstr(h->answer, "iferror"));
	assert_true(list_empty(&h->manager.host_acts));
}

static void a_child_that_dies_is_told_as_that(void **state)
{
	struct house *h = (struct house *)*state;

	kernel.host_signal = SIGKILL;
	assert_int_equal(ask_once(h, "chap", HOST "op=show\n"), ISCSI_ERR_CHILD_TERMINATED);
	assert_null(strstr(h->answer, "iferror"));
	kernel.host_signal = 0;
	assert_int_equal(ask_once(h, "flashnode", of_host(FLASHNODE)), 0);
}

/* ---- sessions of a driver's own --------------------------------------------------------- */

static void the_driver_logs_out_of_a_session_that_it_made(void **state)
{
	struct house *h = (struct house *)*state;

	show_session(h, "");
	assert_int_equal(ask_once(h, "logout", "sid=1\n"), 0);
	assert_string_equal(adapter->told, "LOGOUT_FLASHNODE_SID ");
	kernel.host_result = -EIO;
	assert_int_equal(ask_once(h, "logout", "sid=1\n"), ISCSI_ERR_LOGOUT);
	assert_non_null(strstr(h->answer, "\niferror=-5\n"));
	assert_int_equal(ask_once(h, "logout", "sid=2\n"), ISCSI_ERR_SESS_NOT_FOUND);
	assert_string_equal(adapter->told, "");
}

/* One that a program made, over an adapter that we cannot log in through, is that program's. */
static void a_session_that_a_program_made_is_not_the_driver_s(void **state)
{
	struct house *h = (struct house *)*state;
	char folder[192];

	show_session(h, "");
	snprintf(folder, sizeof(folder), "%s/class/iscsi_session/session%d", h->sysfs, SID);
	put(folder, "creator", "4711\n");
	assert_int_equal(ask_once(h, "logout", "sid=1\n"), ISCSI_ERR_SESS_NOT_FOUND);
	assert_string_equal(adapter->told, "");
}

static void disks_in_use_keep_a_session_that_the_driver_made(void **state)
{
	struct house *h = (struct house *)*state;

	show_session(h, "");
	show_disk(h, true);
	h->manager.safe_logout = true;
	assert_int_equal(ask_once(h, "logout", "sid=1\n"), ISCSI_ERR_BUSY);
	assert_non_null(strstr(h->answer, "disks of session 1 are in use"));
	assert_string_equal(adapter->told, "");
	assert_int_equal(ask_once(h, "logout", "sid=1\nforce=Yes\n"), 0);
	assert_string_equal(adapter->told, "LOGOUT_FLASHNODE_SID ");
}

/* ---- what the kernel is told ------------------------------------------------------------ */

/* A request's bytes: hexadecimal digits at an offset. */
static void check_bytes(size_t at, const char *hex)
{
	char text[128] = "";

	for (size_t i = 0; i < strlen(hex) / 2; i++)
		snprintf(text + 2 * i, sizeof(text) - 2 * i, "%02x", adapter->request[at + i]);
	assert_string_equal(text, hex);
}

/*
 * struct iscsi_uevent: u.set_flashnode is host_no, flashnode_idx, count; then attributes of struct
 * nlattr, struct iscsi_flashnode_param_info and the value, each padded to 4 bytes (on a little
 * endian machine).
 */
static void parameters_of_a_flashnode_go_in_their_order(void **state)
{
	struct house *h = (struct house *)*state;

	assert_int_equal(ask_once(h, "flashnode",
	                          HOST "op=update\nindex=258\nflashnode.conn[0].port=3261\n"
	                               "flashnode.session.chap_auth_en=1\n"),
	                 0);
	check_bytes(32, "070000000201000002000000");
	check_bytes(HEAD, "0c002000020000002000bd0c");    /* 32: PORT */
	check_bytes(HEAD + 12, "0b000b00010000000b0001"); /* 11: CHAP_AUTH_EN */
	assert_int_equal(adapter->request_len, HEAD + 24);
}

/*
 * u.set_iface_params: host_no, count; attributes with struct iscsi_iface_param_info: number and
 * length, parameter, type of the interface and of the parameter.
 */
static void interfaces_of_one_host_go_in_one_message(void **state)
{
	struct house *h = (struct house *)*state;

	assert_int_equal(
		ask_once(h, "ifaces", HOST "ipv4.0.mtu=9000\nipv6.1.header_digest=enable\n"), 0);
	check_bytes(32, "0700000002000000");
	check_bytes(HEAD, "1200130000000000020000001300010228230000");  /* 19: MTU, of NET */
	check_bytes(HEAD + 20, "110001000100000001000000010002050200"); /* 1: HDRDGST_EN */
	assert_int_equal(adapter->request_len, HEAD + 40);
}

/* u.iscsi_ping: host_no, iface_num, iface_type, payload_size, pid; then struct sockaddr_in6 */
static void a_ping_has_interface_size_and_address(void **state)
{
	struct house *h = (struct house *)*state;

	ask_item(h, "ping", PING);
	check_bytes(32, "07000000010000000200000020000000");
	check_bytes(HEAD, "0a0000000000000020010db8000000000000000000000001");
	assert_int_equal(adapter->request_len, HEAD + 28);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_host, teardown_host)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_act_is_told_to_the_adapter_and_answered),
		TEST(what_the_kernel_refuses_is_told_with_its_errno),
		TEST(a_host_that_is_none_is_not_asked),
		TEST(what_is_no_request_is_refused_and_says_why),
		TEST(a_new_flashnode_has_its_index_told),
		TEST(what_became_of_a_ping_is_told_and_not_of_another),
		TEST(secrets_are_told_to_who_asks_for_them),
		TEST(a_name_of_the_adapters_ends_where_its_line_does),
		TEST(a_long_table_is_told_whole),
		TEST(an_answer_of_the_wrong_length_is_an_error_and_tells_nothing),
		TEST(counters_are_one_item),
		TEST(nobody_waits_for_an_adapter_that_is_slow),
		TEST(a_client_that_goes_takes_its_request_along),
		TEST(what_is_too_much_at_a_time_waits_its_turn),
		TEST(an_adapter_that_never_answers_is_given_up),
		TEST(a_child_that_dies_is_told_as_that),
		TEST(the_driver_logs_out_of_a_session_that_it_made),
		TEST(a_session_that_a_program_made_is_not_the_driver_s),
		TEST(disks_in_use_keep_a_session_that_the_driver_made),
		TEST(parameters_of_a_flashnode_go_in_their_order),
		TEST(interfaces_of_one_host_go_in_one_message),
		TEST(a_ping_has_interface_size_and_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
