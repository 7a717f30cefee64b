/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions that the kernel has when the daemon starts: which of them work, and who they are. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/adopt.h"
#include "lib/base/macros.h"

static char folder[64];

static int set_up(void **state _unused_)
{
	strcpy(folder, "/tmp/test-adopt.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int tear_down(void **state _unused_)
{
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct host_session usual(void)
{
	return (struct host_session){
		.sid = 0x010203,
		.has_creator = true,
		.transport = "tcp",
		.target_name = "iqn.2026-01.org.example:disk",
		.iface_name = "default",
		.persistent_address = "192.0.2.1",
		.persistent_port = 3260,
		.initiator_name = "iqn.2026-01.org.example:host",
		.session_state = "LOGGED_IN",
		.target_state = "SCANNED",
		.conn_state = "up",
	};
}

static void states_of_the_kernel_are_told_apart(void **state _unused_)
{
	static const struct {
		const char *session, *target, *conn;
		bool healthy, half_made, unfinished;
	} cases[] = {
		{"LOGGED_IN", "SCANNED", "up", true, false, false},
		{"LOGGED_IN", "ALLOCATED", "up", true, false, false}, /* not scanned */
		{"LOGGED_IN", "SCANNED", "", true, false, false},     /* kernels before 5.8 */
		{"LOGGED_IN", "SCANNED", "failed", false, false, false},
		{"FAILED", "SCANNED", "failed", false, false, false},
		{"FREE", "SCANNED", "failed", false, false, false}, /* after recovery_tmo */
		{"FREE", "ALLOCATED", "bound", false, false, true},
		{"LOGGED_IN", "UNBOUND", "down", false, true, false}, /* a logout's last steps */
		{"FAILED", "SCANNED", "down", false, true, false},
		{"LOGGED_IN", "UNBOUND", "up", true, true, false},
		{"FAILED", "UNBINDING", "failed", false, true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct host_session h = usual();

		snprintf(h.session_state, sizeof(h.session_state), "%s", cases[i].session);
		snprintf(h.target_state, sizeof(h.target_state), "%s", cases[i].target);
		snprintf(h.conn_state, sizeof(h.conn_state), "%s", cases[i].conn);
		assert_int_equal(adopt_healthy(&h), cases[i].healthy);
		assert_int_equal(adopt_half_made(&h, false), cases[i].half_made);
		assert_int_equal(adopt_unfinished(&h), cases[i].unfinished);
	}
}

static void a_session_that_was_never_named_is_half_made(void **state _unused_)
{
	struct host_session h = usual();

	h.target_name[0] = 0;
	strcpy(h.session_state, "FREE");
	assert_true(adopt_half_made(&h, false));
}

static void a_session_whose_luns_nobody_looked_for_is_seen(void **state _unused_)
{
	struct host_session h = usual();

	assert_false(adopt_unscanned(&h));
	strcpy(h.target_state, "ALLOCATED");
	assert_true(adopt_unscanned(&h));
	h.target_state[0] = 0; /* an older kernel */
	assert_false(adopt_unscanned(&h));
}

static void a_login_that_another_program_began_is_half_made(void **state _unused_)
{
	struct host_session h = usual();

	strcpy(h.session_state, "FREE");
	strcpy(h.target_state, "ALLOCATED");
	strcpy(h.conn_state, "bound");
	assert_true(adopt_half_made(&h, true));
	/* but one that has LUNs was a session */
	strcpy(h.target_state, "SCANNED");
	assert_false(adopt_half_made(&h, true));
}

/* The last thing of a logout but one. */
static void a_session_without_a_connection_is_half_made(void **state _unused_)
{
	struct host_session h = usual();

	h.conn_state[0] = 0;
	h.persistent_address[0] = 0;
	assert_false(adopt_healthy(&h));
	assert_true(adopt_half_made(&h, false));
}

static void what_was_kept_says_who_it_is(void **state _unused_)
{
	struct run_state kept = {
		.target_name = "iqn.2026-01.org.example:disk",
		.iface_name = "default",
		.portal = {.host = "disk.example", .port = 3260},
		.isid = {0x80, 1, 2, 3, 4, 5},
		.time2wait = 7,
		.logout_timeout = 9,
	};
	struct host_session h = usual();
	struct run_state id;

	assert_int_equal(run_state_save(folder, (uint32_t)h.sid, &kept), 0);
	adopt_identity(folder, &h, &id);
	assert_string_equal(id.portal.host, "disk.example");
	assert_memory_equal(id.isid, kept.isid, ISID_SIZE);
	assert_int_equal(id.time2wait, 7);
	/* killed before the kernel was told its name */
	h.target_name[0] = 0;
	adopt_identity(folder, &h, &id);
	assert_string_equal(id.target_name, kept.target_name);
	/* the number was another session's before */
	strcpy(h.target_name, "iqn.2026-01.org.example:other");
	adopt_identity(folder, &h, &id);
	assert_string_equal(id.target_name, "iqn.2026-01.org.example:other");
	assert_string_equal(id.portal.host, "192.0.2.1");
}

/* open-iscsi's daemon: 00 02 3d, then the session's number. */
static void a_session_of_open_iscsi_s_keeps_its_isid(void **state _unused_)
{
	static const uint8_t isid[ISID_SIZE] = {0x00, 0x02, 0x3d, 0x01, 0x02, 0x03};
	struct host_session h = usual();
	struct run_state id;

	adopt_identity(folder, &h, &id);
	assert_memory_equal(id.isid, isid, ISID_SIZE);
	assert_string_equal(id.iface_name, "default");
	assert_int_equal(id.portal.port, 3260);
}

static void set(struct iscsi_db_record *r, const char *key, const char *value)
{
	assert_int_equal(iscsi_db_record_set(r, key, value), 0);
}

/* The usual session's, to be written. */
static struct iscsi_db_record *usual_record(void)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);

	set(r, "node.name", usual().target_name);
	set(r, "node.conn[0].address", "192.0.2.1");
	set(r, "iface.iscsi_ifacename", "default");
	return r;
}

static void write_record(struct iscsi_db_record *r)
{
	struct iscsi_db *db;

	assert_int_equal(iscsi_db_open(folder, &db), 0);
	assert_int_equal(iscsi_db_node_write(db, r), 0);
	iscsi_db_close(db);
	iscsi_db_record_free(r);
}

static struct iscsi_db_record *adopted(const struct host_session *h, const struct run_state *id)
{
	struct iscsi_db_record *r;
	struct iscsi_db *db;

	assert_int_equal(iscsi_db_open(folder, &db), 0);
	r = adopt_record(db, folder, h, id);
	iscsi_db_close(db);
	return r;
}

static void the_database_has_the_record(void **state _unused_)
{
	struct host_session h = usual();
	struct iscsi_db_record *r = usual_record();
	struct run_state id;

	set(r, "node.session.reopen_max", "17");
	write_record(r);
	adopt_identity(folder, &h, &id);
	r = adopted(&h, &id);
	assert_non_null(r);
	assert_int_equal(iscsi_db_record_get_int(r, "node.session.reopen_max", 0), 17);
	/* of which the session is, whatever this host is called now */
	assert_string_equal(iscsi_db_record_get(r, "iface.initiatorname"),
	                    "iqn.2026-01.org.example:host");
	iscsi_db_record_free(r);
}

static void write_secret(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
}

static void expect_password(const struct host_session *h, const struct run_state *id,
                            const char *password)
{
	struct iscsi_db_record *r = adopted(h, id);

	assert_non_null(r);
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.password"), password);
	iscsi_db_record_free(r);
}

/* As at the login; the kernel keeps what that was made with. */
static void a_secret_that_stands_elsewhere_is_looked_up(void **state _unused_)
{
	struct host_session h = usual();
	struct iscsi_db_record *r = usual_record();
	struct run_state id;
	char path[128], value[160];

	snprintf(path, sizeof(path), "%s/secret", folder);
	snprintf(value, sizeof(value), "@file:%s", path);
	set(r, "node.session.auth.authmethod", "CHAP");
	set(r, "node.session.auth.username", "me");
	set(r, "node.session.auth.password", value);
	write_record(r);
	strcpy(h.username, "me");
	strcpy(h.password, "a secret of mine");
	adopt_identity(folder, &h, &id);
	expect_password(&h, &id, "a secret of mine");
	write_secret(path, "another secret\n");
	expect_password(&h, &id, "another secret");
}

static void without_a_record_there_are_defaults_and_the_kernel_s_credentials(void **state _unused_)
{
	struct host_session h = usual();
	struct iscsi_db_record *r;
	struct run_state id;

	strcpy(h.username, "me");
	strcpy(h.password, "a secret of mine");
	adopt_identity(folder, &h, &id);
	r = adopted(&h, &id);
	assert_non_null(r);
	assert_string_equal(iscsi_db_record_get(r, "node.name"), "iqn.2026-01.org.example:disk");
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.authmethod"), "CHAP");
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.password"),
	                    "a secret of mine");
	iscsi_db_record_free(r);
	/* one that nobody ever named cannot be logged in to */
	id.target_name[0] = 0;
	assert_null(adopted(&h, &id));
	assert_null(adopt_record(NULL, folder, &h, &id));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(states_of_the_kernel_are_told_apart),
		TEST(a_session_that_was_never_named_is_half_made),
		TEST(a_session_whose_luns_nobody_looked_for_is_seen),
		TEST(a_login_that_another_program_began_is_half_made),
		TEST(a_session_without_a_connection_is_half_made),
		TEST(what_was_kept_says_who_it_is),
		TEST(a_session_of_open_iscsi_s_keeps_its_isid),
		TEST(the_database_has_the_record),
		TEST(a_secret_that_stands_elsewhere_is_looked_up),
		TEST(without_a_record_there_are_defaults_and_the_kernel_s_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
