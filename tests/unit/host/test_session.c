/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sysfs in a temporary folder, laid out as the kernel does it: real folders below devices/, links
 * to them below class/.  The texts of session 10 were read from a 6.1 kernel with iscsi_tcp.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <ftw.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "lib/host/session.h"

static char root[64];

static void make_folder(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(file_make_folders(AT_FDCWD, full, 0755), 0);
}

/* folder/name with a text as the kernel writes it, newline included. */
static void put(const char *folder, const char *name, const char *text)
{
	char full[PATH_MAX];
	FILE *f;

	make_folder(folder);
	snprintf(full, sizeof(full), "%s/%s/%s", root, folder, name);
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void drop(const char *folder, const char *name)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s/%s", root, folder, name);
	assert_int_equal(unlink(full), 0);
}

/* class/CLASS/NAME -> ../../FOLDER */
static void put_link(const char *class, const char *name, const char *folder)
{
	char full[PATH_MAX], target[PATH_MAX];

	snprintf(full, sizeof(full), "class/%s", class);
	make_folder(full);
	snprintf(full, sizeof(full), "%s/class/%s/%s", root, class, name);
	snprintf(target, sizeof(target), "../../%s", folder);
	assert_int_equal(symlink(target, full), 0);
}

static void put_transport(const char *name)
{
	char folder[128];

	snprintf(folder, sizeof(folder), "devices/virtual/iscsi_transport/%s", name);
	make_folder(folder);
	put_link("iscsi_transport", name, folder);
}

static const char *const session_texts[][2] = {
	{"targetname", "iqn.2026-01.example:t\n"},
	{"initiatorname", "iqn.1993-08.org.debian:01:test\n"},
	{"ifacename", "default\n"},
	{"username", "(null)\n"},
	{"password", "(null)\n"},
	{"username_in", "<NULL>\n"},
	{"password_in", "\n"},
	{"tpgt", "1\n"},
	{"initial_r2t", "1\n"},
	{"immediate_data", "0\n"},
	{"first_burst_len", "65536\n"},
	{"max_burst_len", "262144\n"},
	{"max_outstanding_r2t", "1\n"},
	{"abort_tmo", "15\n"},
	{"lu_reset_tmo", "30\n"},
	{"tgt_reset_tmo", "31\n"},
	{"recovery_tmo", "off\n"},
	{"state", "LOGGED_IN\n"},
	{"target_state", "SCANNED\n"},
	{"creator", "-1862271232\n"},
};

static const char *const connection_texts[][2] = {
	{"header_digest", "0\n"},
	{"data_digest", "1\n"},
	{"max_recv_dlength", "262144\n"},
	{"max_xmit_dlength", "8192\n"},
	{"exp_statsn", "3809255700\n"},
	{"persistent_address", "127.0.0.1\n"},
	{"persistent_port", "3260\n"},
	{"address", "127.0.0.1\n"},
	{"port", "3261\n"},
	{"state", "up\n"},
};

/* The folder of a session's class device, below the root. */
static const char *session_folder(int host, int sid)
{
	static char folder[256];

	snprintf(folder, sizeof(folder),
	         "devices/platform/host%d/session%d/iscsi_session/session%d", host, sid, sid);
	return folder;
}

static const char *connection_folder(int host, int sid)
{
	static char folder[256];

	snprintf(folder, sizeof(folder),
	         "devices/platform/host%d/session%d/connection%d:0/iscsi_connection/connection%d:0",
	         host, sid, sid, sid);
	return folder;
}

static void put_host(int host, const char *proc_name)
{
	char folder[256], name[32];

	snprintf(name, sizeof(name), "host%d", host);
	snprintf(folder, sizeof(folder), "devices/platform/host%d/iscsi_host/host%d", host, host);
	put(folder, "ipaddress", "192.0.2.9\n");
	put(folder, "netdev", "eth1\n");
	put(folder, "hwaddress", "(null)\n");
	put_link("iscsi_host", name, folder);
	snprintf(folder, sizeof(folder), "devices/platform/host%d/scsi_host/host%d", host, host);
	put(folder, "state", "running\n");
	put(folder, "proc_name", proc_name);
	put_link("scsi_host", name, folder);
}

static void put_session(int host, int sid)
{
	char name[32], link[PATH_MAX], target[64];

	for (size_t i = 0; i < ARRAY_LEN(session_texts); i++)
		put(session_folder(host, sid), session_texts[i][0], session_texts[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(connection_texts); i++)
		put(connection_folder(host, sid), connection_texts[i][0], connection_texts[i][1]);
	snprintf(name, sizeof(name), "session%d", sid);
	put_link("iscsi_session", name, session_folder(host, sid));
	snprintf(name, sizeof(name), "connection%d:0", sid);
	put_link("iscsi_connection", name, connection_folder(host, sid));
	snprintf(link, sizeof(link), "%s/%s/device", root, session_folder(host, sid));
	snprintf(target, sizeof(target), "../../../session%d", sid);
	assert_int_equal(symlink(target, link), 0);
}

static void put_lun(int host, int sid, const char *address, const char *state, const char *disk)
{
	char folder[512];

	snprintf(folder, sizeof(folder), "devices/platform/host%d/session%d/target%d:0:0/%s", host,
	         sid, host, address);
	put(folder, "state", state);
	if (disk) {
		size_t len = strlen(folder);

		snprintf(folder + len, sizeof(folder) - len, "/block/%s", disk);
		make_folder(folder);
	}
}

static int setup(void **state _unused_)
{
	strcpy(root, "/tmp/test-sysfs.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int teardown(void **state _unused_)
{
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

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
	assert_string_equal(s.address, "127.0.0.1");
	assert_int_equal(s.port, 3261);
	assert_string_equal(s.local_address, "192.0.2.9");
	assert_string_equal(s.netdev, "eth1");
	assert_string_equal(s.hwaddress, "");
	assert_string_equal(s.session_state, "LOGGED_IN");
	assert_string_equal(s.target_state, "SCANNED");
	assert_string_equal(s.conn_state, "up");
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
	drop(session_folder(3, 10), "creator");
	drop(session_folder(3, 10), "target_state");
	drop(session_folder(3, 10), "tpgt");
	drop(connection_folder(3, 10), "address");
	drop(connection_folder(3, 10), "port");
	drop(connection_folder(3, 10), "exp_statsn");
	s = read_only_session(HOST_DETAIL_PARAMS);
	assert_string_equal(s.iface_name, "");
	assert_false(s.has_creator);
	assert_string_equal(s.target_state, "");
	assert_int_equal(s.tpgt, -1);
	assert_string_equal(s.address, "");
	assert_int_equal(s.port, -1);
	assert_false(s.exp_statsn_valid);
	assert_string_equal(s.target_name, "iqn.2026-01.example:t");
}

static void a_driver_of_its_own_is_no_creator(void **state _unused_)
{
	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put(session_folder(3, 10), "creator", "-1\n");
	assert_false(read_only_session(HOST_DETAIL_IDENTITY).has_creator);
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

static void luns_come_in_order_with_their_disks(void **state _unused_)
{
	struct host_session s;
	struct host_lun *luns;
	size_t count;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_lun(3, 10, "3:0:0:10", "running\n", "sdc");
	put_lun(3, 10, "3:0:0:2", "transport-offline\n", "sdb");
	put_lun(3, 10, "3:0:0:0", "running\n", NULL);
	put_lun(3, 10, "3:0:0:18446744073709551615", "blocked\n", NULL);
	make_folder("devices/platform/host3/session10/target3:0:0/power");
	s = read_only_session(HOST_DETAIL_IDENTITY);
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(luns[0].lun, 0);
	assert_string_equal(luns[0].disk, "");
	assert_string_equal(luns[0].state, "running");
	assert_int_equal(luns[1].lun, 2);
	assert_string_equal(luns[1].disk, "sdb");
	assert_string_equal(luns[1].state, "transport-offline");
	assert_int_equal(luns[2].lun, 10);
	assert_string_equal(luns[2].disk, "sdc");
	assert_true(luns[3].lun == UINT64_MAX);
	assert_int_equal(luns[3].channel, 0);
	assert_int_equal(luns[3].id, 0);
	free(luns);
}

static void a_session_without_luns_has_none(void **state _unused_)
{
	struct host_session s;
	struct host_lun *luns = (struct host_lun *)root;
	size_t count = 9;

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	s = read_only_session(HOST_DETAIL_IDENTITY);
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 0);
	assert_null(luns);
	s.sid = 4444; /* gone */
	assert_int_equal(host_session_luns(root, &s, &luns, &count), 0);
	assert_int_equal(count, 0);
}

static void the_state_of_a_host_is_read(void **state _unused_)
{
	char text[32];

	put_host(3, "iscsi_tcp\n");
	assert_int_equal(host_state(root, 3, text, sizeof(text)), 7);
	assert_string_equal(text, "running");
	assert_int_equal(host_state(root, 4, text, sizeof(text)), -ENOENT);
	assert_string_equal(text, "");
}

static void the_modules_version_is_read(void **state _unused_)
{
	char text[32] = "x";

	host_transport_version(root, text, sizeof(text));
	assert_string_equal(text, "");
	put("module/scsi_transport_iscsi", "version", "2.0-870\n");
	host_transport_version(root, text, sizeof(text));
	assert_string_equal(text, "2.0-870");
}

static void a_sid_is_a_number_or_a_folder(void **state _unused_)
{
	static const struct {
		const char *text; /* a leading slash: below the root */
		int result, sid;
	} rows[] = {
		{"7", 0, 7},
		{"4294967296", -EINVAL, 0},
		{"0", -EINVAL, 0},
		{"", -ENOENT, 0},
		{"abc", -ENOENT, 0},
		{"-7", -ENOENT, 0},
		{"7 ", -ENOENT, 0},
		{"/class/iscsi_session/session10", 0, 10},
		{"/class/iscsi_session/session10/", 0, 10},
		{"/devices/platform/host3/session10", 0, 10},
		{"/devices/platform/host3/session10/target3:0:0/3:0:0:0", 0, 10},
		{"/class/iscsi_session/session10/device/target3:0:0", 0, 10},
		{"/devices/platform/host3", -EINVAL, 0},
		{"/class/iscsi_session/session11", -ENOENT, 0},
		{"/devices/platform/host3/session10/target3:0:0/3:0:0:0/state", -ENOTDIR, 0},
	};

	put_transport("tcp");
	put_host(3, "iscsi_tcp\n");
	put_session(3, 10);
	put_lun(3, 10, "3:0:0:0", "running\n", "sda");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char path[PATH_MAX];
		int sid = -7;

		snprintf(path, sizeof(path), "%s%s", rows[i].text[0] == '/' ? root : "",
		         rows[i].text);
		if (host_sid_from_text(root, path, &sid) != rows[i].result)
			fail_msg("'%s'", rows[i].text);
		assert_int_equal(sid, rows[i].result < 0 ? -7 : rows[i].sid);
	}
}

/* A folder elsewhere may have any name. */
static void a_folder_outside_sysfs_names_no_session(void **state _unused_)
{
	char path[PATH_MAX];
	int sid;

	make_folder("sys");
	make_folder("sysfs-like/session10");
	snprintf(path, sizeof(path), "%s/sys", root);
	strcat(root, "/sysfs-like/session10");
	assert_int_equal(host_sid_from_text(path, root, &sid), -EINVAL);
	*strrchr(root, '/') = '\0';
	*strrchr(root, '/') = '\0';
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_iscsi_there_are_no_sessions),
		TEST(a_missing_sysfs_is_an_error),
		TEST(the_identity_of_a_session_is_read),
		TEST(the_state_of_a_session_is_read),
		TEST(the_parameters_of_a_session_are_read),
		TEST(what_the_kernel_lacks_is_empty),
		TEST(a_driver_of_its_own_is_no_creator),
		TEST(a_text_that_is_too_long_counts_as_none),
		TEST(sessions_come_in_the_order_of_their_numbers),
		TEST(with_several_transports_the_host_is_asked),
		TEST(a_session_that_has_gone_is_left_out),
		TEST(one_session_is_read_alone),
		TEST(no_descriptors_left_is_an_error_and_not_an_empty_list),
		TEST(no_descriptor_stays_open),
		TEST(luns_come_in_order_with_their_disks),
		TEST(a_session_without_luns_has_none),
		TEST(the_state_of_a_host_is_read),
		TEST(the_modules_version_is_read),
		TEST(a_sid_is_a_number_or_a_folder),
		TEST(a_folder_outside_sysfs_names_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
