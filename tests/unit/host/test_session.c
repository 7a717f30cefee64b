/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>

#include "lib/host/session.h"
#include "tests/unit/host/fake_sysfs.h"

/* The only session that there is. */
static struct host_session read_only_session(enum host_detail detail)
{
	struct host_session *sessions = NULL, s;
	size_t count = 99;

	assert_int_equal(host_sessions(root, detail, &sessions, &count), 0);
	assert_int_equal(count, 1);
	s = sessions[0];
	free(sessions);
	return s;
}

static void without_iscsi_there_are_no_sessions(void **state _unused_)
{
	struct host_session *sessions = (struct host_session *)root;
	size_t count = 99;

	assert_int_equal(host_sessions(root, HOST_DETAIL_PARAMS, &sessions, &count), 0);
	assert_int_equal(count, 0);
	assert_null(sessions);
	make_folder("class/iscsi_session");
	assert_int_equal(host_sessions(root, HOST_DETAIL_PARAMS, &sessions, &count), 0);
	assert_int_equal(count, 0);
}

static void a_missing_sysfs_is_an_error(void **state _unused_)
{
	struct host_session *sessions;
	size_t count;

	assert_int_equal(host_sessions("/nowhere/at/all", HOST_DETAIL_IDENTITY, &sessions, &count),
	                 -ENOENT);
}

static void the_list_has_what_a_line_of_it_shows(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	s = read_only_session(HOST_DETAIL_LIST);
	assert_int_equal(s.sid, 10);
	assert_true(s.has_creator);
	assert_string_equal(s.transport, "tcp");
	assert_string_equal(s.target_name, "iqn.2026-01.example:t");
	assert_int_equal(s.tpgt, 1);
	assert_string_equal(s.persistent_address, "127.0.0.1");
	assert_int_equal(s.persistent_port, 3260);
}

static void the_identity_of_a_session_is_read(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	s = read_only_session(HOST_DETAIL_IDENTITY);
	assert_int_equal(s.sid, 10);
	assert_int_equal(s.host_no, 3);
	assert_true(s.has_creator);
	assert_string_equal(s.transport, "tcp");
	assert_string_equal(s.target_name, "iqn.2026-01.example:t");
	assert_string_equal(s.iface_name, "default");
	assert_int_equal(s.tpgt, 1);
	assert_string_equal(s.persistent_address, "127.0.0.1");
	assert_int_equal(s.persistent_port, 3260);
}

static void the_state_of_a_session_is_read(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	s = read_only_session(HOST_DETAIL_STATE);
	assert_string_equal(s.initiator_name, "iqn.1993-08.org.debian:01:test");
	assert_string_equal(s.session_state, "LOGGED_IN");
	assert_string_equal(s.target_state, "SCANNED");
	assert_string_equal(s.conn_state, "up");
	assert_string_equal(s.address, "");
}

static void the_addresses_of_a_session_are_read(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	s = read_only_session(HOST_DETAIL_ADDRESS);
	assert_string_equal(s.address, "127.0.0.1");
	assert_int_equal(s.port, 3261);
	assert_string_equal(s.local_address, "192.0.2.9");
	assert_string_equal(s.netdev, "eth1");
	assert_string_equal(s.hwaddress, "");
}

static void the_parameters_of_a_session_are_read(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put(session_folder(3, 10), "password", "a secret\n");
	s = read_only_session(HOST_DETAIL_PARAMS);
	assert_string_equal(s.recovery_tmo, "off");
	assert_int_equal(s.tgt_reset_tmo, 31);
	assert_int_equal(s.lu_reset_tmo, 30);
	assert_int_equal(s.abort_tmo, 15);
	assert_string_equal(s.username, "");
	assert_string_equal(s.password, "a secret");
	assert_string_equal(s.username_in, "");
	assert_string_equal(s.password_in, "");
	assert_int_equal(s.header_digest, 0);
	assert_int_equal(s.data_digest, 1);
	assert_int_equal(s.max_recv_dlength, 262144);
	assert_int_equal(s.max_xmit_dlength, 8192);
	assert_int_equal(s.first_burst_len, 65536);
	assert_int_equal(s.max_burst_len, 262144);
	assert_int_equal(s.immediate_data, 0);
	assert_int_equal(s.initial_r2t, 1);
	assert_int_equal(s.max_outstanding_r2t, 1);
	assert_true(s.exp_statsn_valid);
	assert_int_equal(s.exp_statsn, 3809255700U);
}

static void what_the_kernel_lacks_is_empty(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	drop(session_folder(3, 10), "ifacename");
	drop(session_folder(3, 10), "target_state");
	drop(session_folder(3, 10), "tpgt");
	drop(connection_folder(3, 10), "address");
	drop(connection_folder(3, 10), "port");
	drop(connection_folder(3, 10), "exp_statsn");
	s = read_only_session(HOST_DETAIL_PARAMS);
	assert_string_equal(s.iface_name, "");
	assert_string_equal(s.target_state, "");
	assert_int_equal(s.tpgt, -1);
	assert_string_equal(s.address, "");
	assert_int_equal(s.port, -1);
	assert_false(s.exp_statsn_valid);
	assert_string_equal(s.target_name, "iqn.2026-01.example:t");
}

/* -1 is what a driver leaves there that logs in by itself, as qla4xxx does. */
static void a_driver_of_its_own_is_no_creator(void **state _unused_)
{
	put_transport("qla4xxx");
	put_host(3, "qla4xxx\n");
	put_session(3, 10);
	assert_true(read_only_session(HOST_DETAIL_LIST).has_creator);
	put(session_folder(3, 10), "creator", "-1\n");
	assert_false(read_only_session(HOST_DETAIL_LIST).has_creator);
	put_transport("tcp");
	assert_false(read_only_session(HOST_DETAIL_LIST).has_creator);
}

static void a_text_that_is_too_long_counts_as_none(void **state _unused_)
{
	char text[HOST_TEXT_SIZE + 2];

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	put(connection_folder(3, 10), "persistent_address", text);
	assert_string_equal(read_only_session(HOST_DETAIL_IDENTITY).persistent_address, "");
	put(connection_folder(3, 10), "persistent_address", text + 1);
	assert_int_equal(strlen(read_only_session(HOST_DETAIL_IDENTITY).persistent_address), 255);
}

static void sessions_come_in_the_order_of_their_numbers(void **state _unused_)
{
	static const int sids[] = {10, 8, 100, 9, 1};
	static const int sorted[] = {1, 8, 9, 10, 100};
	struct host_session *sessions;
	size_t count;

	put_transport("tcp");
	for (size_t i = 0; i < ARRAY_LEN(sids); i++) {
		put_host((int)i, "iscsi_tcp\n");
		put_session((int)i, sids[i]);
	}
	assert_int_equal(host_sessions(root, HOST_DETAIL_STATE, &sessions, &count), 0);
	assert_int_equal(count, ARRAY_LEN(sorted));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(sessions[i].sid, sorted[i]);
		assert_int_equal(sids[sessions[i].host_no], sorted[i]);
	}
	free(sessions);
}

static void with_several_transports_the_host_is_asked(void **state _unused_)
{
	static const char *const rows[][2] = {
		{"iscsi_tcp\n", "tcp"},
		{"iscsi_iser\n", "iser"},
		{"qedi\n", "qedi"},
	};

	put_transport("tcp");
	put_transport("iser");
	put_host(3, "");
	put_session(3, 10);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put("devices/platform/host3/scsi_host/host3", "proc_name", rows[i][0]);
		assert_string_equal(read_only_session(HOST_DETAIL_IDENTITY).transport, rows[i][1]);
	}
}

/* A session that goes away while the folder is read leaves a link to nothing. */
static void a_session_that_has_gone_is_left_out(void **state _unused_)
{
	struct host_session *sessions, s = {.sid = 77};
	size_t count;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_link("iscsi_session", "session11", "devices/platform/host4/session11/none");
	put_link("iscsi_session", "sessions", "devices/platform/host3");
	put_link("iscsi_session", "session12x", "devices/platform/host3");
	assert_int_equal(host_sessions(root, HOST_DETAIL_IDENTITY, &sessions, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(sessions[0].sid, 10);
	free(sessions);
	assert_int_equal(host_session_read(root, 11, HOST_DETAIL_IDENTITY, &s), -ENOENT);
	assert_int_equal(s.sid, 77);
}

static void one_session_is_read_alone(void **state _unused_)
{
	struct host_session s;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_host(4, "iscsi_tcp\n");
	put_session(3, 10);
	put_session(4, 12);
	assert_int_equal(host_session_read(root, 12, HOST_DETAIL_STATE, &s), 0);
	assert_int_equal(s.sid, 12);
	assert_int_equal(s.host_no, 4);
	assert_int_equal(host_session_read(root, 11, HOST_DETAIL_STATE, &s), -ENOENT);
}

static void the_state_of_its_luns_is_read_alone(void **state _unused_)
{
	char target_state[HOST_TARGET_STATE_SIZE] = "as before";

	put_session(3, 10);
	assert_int_equal(host_session_target_state(root, 11, target_state), -ENOENT);
	assert_string_equal(target_state, "as before");
	assert_int_equal(host_session_target_state(root, 10, target_state), 0);
	assert_string_equal(target_state, "SCANNED");
	drop(session_folder(3, 10), "target_state");
	assert_int_equal(host_session_target_state(root, 10, target_state), 0);
	assert_string_equal(target_state, "");
}

static void a_host_is_found_by_its_hardware_address(void **state _unused_)
{
	int host_no = -1;

	put("class/iscsi_host/host2", "hwaddress", "(null)\n");
	put("class/iscsi_host/host7", "hwaddress", "00:0e:1e:aa:bb:cc\n");
	assert_int_equal(host_by_hwaddress(root, "00:0E:1e:AA:bb:cc", &host_no), 0);
	assert_int_equal(host_no, 7);
	assert_int_equal(host_by_hwaddress(root, "00:0e:1e:aa:bb:cd", &host_no), -ENOENT);
	assert_int_equal(host_by_hwaddress(root, "", &host_no), -ENOENT);
}

static void no_descriptors_left_is_an_error_and_not_an_empty_list(void **state _unused_)
{
	struct rlimit old, tight;
	struct host_session s;
	int probe = dup(0);

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	close(probe);
	tight = old;
	tight.rlim_cur = (rlim_t)probe + 1; /* enough for the root alone */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_int_equal(host_session_read(root, 10, HOST_DETAIL_PARAMS, &s), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void few_descriptors_are_enough(void **state _unused_)
{
	struct rlimit old, tight;
	struct host_session *sessions;
	size_t count;
	int probe = dup(0);

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	close(probe);
	tight = old;
	tight.rlim_cur = (rlim_t)probe + 3; /* the root, a folder, an attribute */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_int_equal(host_sessions(root, HOST_DETAIL_PARAMS, &sessions, &count), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(count, 1);
	free(sessions);
}

static size_t open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static void no_descriptor_stays_open(void **state _unused_)
{
	struct host_session *sessions;
	size_t count, before;
	int lowest = dup(0), other;

	close(lowest);
	put_transport("tcp");
	for (int i = 1; i <= 30; i++) {
		put_host(i, "iscsi_tcp\n");
		put_session(i, i);
	}
	/* one in the way, which has to survive */
	other = fcntl(0, F_DUPFD, lowest + 5);
	before = open_descriptors();
	assert_int_equal(host_sessions(root, HOST_DETAIL_PARAMS, &sessions, &count), 0);
	assert_int_equal(count, 30);
	free(sessions);
	assert_true(fcntl(other, F_GETFD) >= 0);
	assert_int_equal(open_descriptors(), before);
	close(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_iscsi_there_are_no_sessions),
		TEST(a_missing_sysfs_is_an_error),
		TEST(the_list_has_what_a_line_of_it_shows),
		TEST(the_identity_of_a_session_is_read),
		TEST(the_state_of_a_session_is_read),
		TEST(the_addresses_of_a_session_are_read),
		TEST(the_parameters_of_a_session_are_read),
		TEST(what_the_kernel_lacks_is_empty),
		TEST(a_driver_of_its_own_is_no_creator),
		TEST(a_text_that_is_too_long_counts_as_none),
		TEST(sessions_come_in_the_order_of_their_numbers),
		TEST(with_several_transports_the_host_is_asked),
		TEST(a_session_that_has_gone_is_left_out),
		TEST(one_session_is_read_alone),
		TEST(the_state_of_its_luns_is_read_alone),
		TEST(a_host_is_found_by_its_hardware_address),
		TEST(no_descriptors_left_is_an_error_and_not_an_empty_list),
		TEST(few_descriptors_are_enough),
		TEST(no_descriptor_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
