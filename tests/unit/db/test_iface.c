/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

static int write_iface(struct scratch *s, const char *name, const char *net)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_IFACE);
	int ret;

	iscsi_db_record_set(r, "iface.iscsi_ifacename", name);
	iscsi_db_record_set(r, "iface.net_ifacename", net);
	ret = iscsi_db_iface_write(s->db, r);
	iscsi_db_record_free(r);
	return ret;
}

static void stored_ifaces_are_listed_by_name(void **state)
{
	struct scratch *s = *state;
	char(*names)[65] = NULL;
	size_t count = 1;

	assert_int_equal(iscsi_db_ifaces(s->db, &names, &count), 0);
	assert_int_equal(count, 0);
	free(names);
	assert_int_equal(write_iface(s, "b", "eth1"), 0);
	assert_int_equal(write_iface(s, "a", "eth0"), 0);
	scratch_put(s, "ifaces/iface.example", "# an example\n", 13);
	scratch_put(s, "ifaces/not a name", "x", 1);
	assert_true(scratch_is(s, "ifaces", S_IFDIR | 0700));
	assert_true(scratch_is(s, "ifaces/a", S_IFREG | 0600));
	assert_int_equal(iscsi_db_ifaces(s->db, &names, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	free(names);
}

static void an_iface_is_read_changed_and_deleted(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_record *r = NULL;

	assert_int_equal(iscsi_db_iface_read(s->db, "a", NULL, NULL, &r), -ENOENT);
	assert_int_equal(write_iface(s, "a", "eth0"), 0);
	assert_int_equal(iscsi_db_iface_read(s->db, "a", NULL, NULL, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "iface.net_ifacename"), "eth0");
	iscsi_db_record_free(r);
	assert_int_equal(write_iface(s, "a", "eth1"), 0);
	assert_int_equal(iscsi_db_iface_read(s->db, "a", NULL, NULL, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "iface.net_ifacename"), "eth1");
	iscsi_db_record_free(r);
	assert_int_equal(iscsi_db_iface_delete(s->db, "a"), 0);
	assert_int_equal(iscsi_db_iface_delete(s->db, "a"), -ENOENT);
}

static void built_in_ifaces_are_read_but_not_stored(void **state)
{
	static const struct {
		const char *name, *transport;
	} rows[] = {{"default", "tcp"}, {"iser", "iser"}};
	struct scratch *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = NULL;

		assert_int_equal(iscsi_db_iface_read(s->db, rows[i].name, NULL, NULL, &r), 0);
		assert_string_equal(iscsi_db_record_get(r, "iface.iscsi_ifacename"), rows[i].name);
		assert_string_equal(iscsi_db_record_get(r, "iface.transport_name"),
		                    rows[i].transport);
		assert_int_equal(iscsi_db_iface_write(s->db, r), -EPERM);
		assert_int_equal(iscsi_db_iface_delete(s->db, rows[i].name), -EPERM);
		iscsi_db_record_free(r);
	}
}

static void hostile_names_never_become_a_path(void **state)
{
	static const char *const names[] = {"../x", "..", ".x", "a/b", "a b"};
	struct scratch *s = *state;
	struct iscsi_db_record *r = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(write_iface(s, names[i], "eth0"), -EINVAL);
		assert_int_equal(iscsi_db_iface_read(s->db, names[i], NULL, NULL, &r), -EINVAL);
		assert_int_equal(iscsi_db_iface_delete(s->db, names[i]), -EINVAL);
	}
}

static void free_all(struct iscsi_db_record **records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		iscsi_db_record_free(records[i]);
	free(records);
}

static void a_discovery_goes_through_stored_ifaces_of_tcp_or_default(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_record **records = NULL, *offload = iscsi_db_record_new(ISCSI_DB_IFACE);
	size_t count = 0;

	/* neither one of an adapter nor one that is damaged counts */
	iscsi_db_record_set(offload, "iface.iscsi_ifacename", "c");
	iscsi_db_record_set(offload, "iface.transport_name", "bnx2i");
	assert_int_equal(iscsi_db_iface_write(s->db, offload), 0);
	iscsi_db_record_free(offload);
	scratch_put(s, "ifaces/d", "", 0);
	assert_int_equal(iscsi_db_ifaces_of_tcp(s->db, scratch_tell, s, &records, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(iscsi_db_record_get(records[0], "iface.iscsi_ifacename"), "default");
	assert_int_equal(s->problems, 1);
	free_all(records, count);

	assert_int_equal(write_iface(s, "b", "eth1"), 0);
	assert_int_equal(write_iface(s, "a", "eth0"), 0);
	assert_int_equal(iscsi_db_ifaces_of_tcp(s->db, NULL, NULL, &records, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(iscsi_db_record_get(records[0], "iface.net_ifacename"), "eth0");
	assert_string_equal(iscsi_db_record_get(records[1], "iface.net_ifacename"), "eth1");
	free_all(records, count);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stored_ifaces_are_listed_by_name),
		TEST(an_iface_is_read_changed_and_deleted),
		TEST(built_in_ifaces_are_read_but_not_stored),
		TEST(hostile_names_never_become_a_path),
		TEST(a_discovery_goes_through_stored_ifaces_of_tcp_or_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
