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

#define LINK(n) SCRATCH_TARGET ",192.0.2." n ",3260,1,default"

static const struct iscsi_db_discovery_id san = {
	.kind = ISCSI_DB_SENDTARGETS, .address = "san.example.com", .port = 3260};
static const struct iscsi_db_discovery_id isns = {
	.kind = ISCSI_DB_ISNS, .address = "192.0.2.9", .port = 3205};

static void write_discovery(struct scratch *s, const struct iscsi_db_discovery_id *id)
{
	struct iscsi_db_record *r = iscsi_db_record_new(id->kind);
	char port[16];

	snprintf(port, sizeof(port), "%u", id->port);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.address", id->address), 0);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.port", port), 0);
	assert_int_equal(iscsi_db_discovery_write(s->db, r), 0);
	iscsi_db_record_free(r);
}

static void write_node(struct scratch *s, const char *address, const char *type,
                       const struct iscsi_db_discovery_id *from)
{
	struct iscsi_db_node_id id = scratch_id(address, 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.discovery_type", type);
	char port[16];

	snprintf(port, sizeof(port), "%u", from->port);
	iscsi_db_record_set(r, "node.discovery_address", from->address);
	iscsi_db_record_set(r, "node.discovery_port", port);
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
}

static size_t count_discoveries(struct scratch *s, enum iscsi_db_kind kind)
{
	struct iscsi_db_discovery_id *ids = NULL;
	size_t count = 0;

	assert_int_equal(iscsi_db_discoveries(s->db, kind, scratch_tell, s, &ids, &count), 0);
	free(ids);
	return count;
}

static void a_record_stands_beside_its_links(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_discovery_id *ids = NULL;
	struct iscsi_db_node_id *nodes = NULL;
	struct iscsi_db_record *r = NULL;
	size_t count = 0;

	write_discovery(s, &san);
	assert_true(scratch_is(s, "send_targets", S_IFDIR | 0700));
	assert_true(scratch_is(s, "send_targets/san.example.com,3260/st_config", S_IFREG | 0600));
	write_node(s, "192.0.2.2", "send_targets", &san);
	write_node(s, "192.0.2.1", "send_targets", &san);
	assert_true(scratch_has(s, "send_targets/san.example.com,3260/" LINK("1")));

	assert_int_equal(
		iscsi_db_discoveries(s->db, ISCSI_DB_SENDTARGETS, scratch_tell, s, &ids, &count),
		0);
	assert_int_equal(count, 1);
	assert_string_equal(ids[0].address, san.address);
	assert_int_equal(ids[0].port, san.port);
	assert_int_equal(iscsi_db_discovery_nodes(s->db, &ids[0], &nodes, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(nodes[0].target, SCRATCH_TARGET);
	assert_string_equal(nodes[0].address, "192.0.2.1");
	assert_int_equal(nodes[0].tpgt, 1);
	assert_string_equal(nodes[1].address, "192.0.2.2");
	assert_int_equal(iscsi_db_discovery_read(s->db, &san, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "discovery.sendtargets.address"), san.address);
	assert_int_equal(s->problems, 0);
	iscsi_db_record_free(r);
	free(nodes);
	free(ids);
}

static void an_isns_server_has_links_with_and_without_a_record(void **state)
{
	struct scratch *s = *state;

	write_node(s, "192.0.2.1", "isns", &isns);
	assert_true(scratch_has(s, "isns/" LINK("1")));
	assert_int_equal(count_discoveries(s, ISCSI_DB_ISNS), 0);
	write_discovery(s, &isns);
	assert_true(scratch_is(s, "isns/192.0.2.9,3205/isns_config", S_IFREG | 0600));
	write_node(s, "192.0.2.2", "isns", &isns);
	assert_true(scratch_has(s, "isns/192.0.2.9,3205/" LINK("2")));
	assert_int_equal(count_discoveries(s, ISCSI_DB_ISNS), 1);
	/* what a query found before comes to the record when a query finds it again */
	assert_true(scratch_has(s, "isns/" LINK("1")));
	write_node(s, "192.0.2.1", "isns", &isns);
	assert_true(scratch_has(s, "isns/192.0.2.9,3205/" LINK("1")));
	assert_false(scratch_has(s, "isns/" LINK("1")));
	assert_int_equal(s->problems, 0);
}

static void a_record_says_whether_it_asks_to_be_repeated(void **state _unused_)
{
	static const char *const keys[] = {"discovery.sendtargets.use_discoveryd",
	                                   "discovery.isns.use_discoveryd"};
	static const enum iscsi_db_kind kinds[] = {ISCSI_DB_SENDTARGETS, ISCSI_DB_ISNS};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(kinds[i]);

		assert_false(iscsi_db_discovery_repeats(r));
		assert_int_equal(iscsi_db_record_set(r, keys[i], "Yes"), 0);
		assert_true(iscsi_db_discovery_repeats(r));
		iscsi_db_record_free(r);
	}
}

static void firmware_records_have_links_of_their_own(void **state)
{
	struct scratch *s = *state;

	write_node(s, "192.0.2.1", "fw", &san);
	assert_true(scratch_has(s, "fw/" LINK("1")));
}

static void deleting_a_record_deletes_the_nodes_it_found(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id other = scratch_id("192.0.2.3", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&other, NULL, NULL);

	write_discovery(s, &san);
	write_node(s, "192.0.2.1", "send_targets", &san);
	write_node(s, "192.0.2.2", "send_targets", &san);
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	/* a link whose record is gone is no obstacle */
	assert_int_equal(unlinkat(s->fd, "nodes/" SCRATCH_TARGET "/192.0.2.2,3260,1/default", 0),
	                 0);
	assert_int_equal(iscsi_db_discovery_delete(s->db, &san), 0);
	assert_false(scratch_has(s, "send_targets/san.example.com,3260"));
	assert_true(scratch_has(s, "send_targets"));
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET "/192.0.2.1,3260,1"));
	assert_true(scratch_has(s, "nodes/" SCRATCH_TARGET "/192.0.2.3,3260,1/default"));
	assert_int_equal(iscsi_db_discovery_delete(s->db, &san), -ENOENT);
	iscsi_db_record_free(r);
}

static void the_oldest_plain_file_is_read_and_replaced(void **state)
{
	static const char old[] = "discovery.startup = manual\n"
				  "discovery.type = sendtargets\n"
				  "discovery.sendtargets.address = 192.0.2.5\n"
				  "discovery.sendtargets.port = 3260\n"
				  "discovery.sendtargets.reopen_max = 7\n";
	static const struct iscsi_db_discovery_id id = {
		.kind = ISCSI_DB_SENDTARGETS, .address = "192.0.2.5", .port = 3260};
	struct scratch *s = *state;
	struct iscsi_db_record *r = NULL;

	scratch_put(s, "send_targets/192.0.2.5,3260", old, sizeof(old) - 1);
	assert_int_equal(count_discoveries(s, ISCSI_DB_SENDTARGETS), 1);
	assert_int_equal(iscsi_db_discovery_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "discovery.sendtargets.reopen_max"), "7");
	assert_int_equal(iscsi_db_discovery_write(s->db, r), 0);
	iscsi_db_record_free(r);
	assert_true(scratch_is(s, "send_targets/192.0.2.5,3260/st_config", S_IFREG | 0600));
	assert_int_equal(iscsi_db_discovery_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "discovery.sendtargets.reopen_max"), "7");
	iscsi_db_record_free(r);
	assert_false(scratch_has(s, "send_targets/.new"));

	assert_int_equal(iscsi_db_discovery_delete(s->db, &id), 0);
	scratch_put(s, "send_targets/192.0.2.5,3260", old, sizeof(old) - 1);
	assert_int_equal(iscsi_db_discovery_delete(s->db, &id), 0);
	assert_false(scratch_has(s, "send_targets/192.0.2.5,3260"));
}

static void strays_are_told_and_left_out(void **state)
{
	struct scratch *s = *state;

	write_discovery(s, &san);
	scratch_put(s, "send_targets/notes.txt", "x", 1);
	scratch_put(s, "send_targets/a b,3260/st_config", "x", 1);
	scratch_put(s, "send_targets/192.0.2.1,99999/st_config", "x", 1);
	assert_int_equal(count_discoveries(s, ISCSI_DB_SENDTARGETS), 1);
	assert_int_equal(s->problems, 3);
}

static void hostile_addresses_never_become_a_path(void **state)
{
	static const char *const addresses[] = {"../../x", "a/b", "", ".."};
	struct scratch *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_SENDTARGETS);

		iscsi_db_record_set(r, "discovery.sendtargets.address", addresses[i]);
		assert_int_equal(iscsi_db_discovery_write(s->db, r), -EINVAL);
		iscsi_db_record_free(r);
	}
	assert_false(scratch_has(s, "send_targets"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_stands_beside_its_links),
		TEST(a_record_says_whether_it_asks_to_be_repeated),
		TEST(an_isns_server_has_links_with_and_without_a_record),
		TEST(firmware_records_have_links_of_their_own),
		TEST(deleting_a_record_deletes_the_nodes_it_found),
		TEST(the_oldest_plain_file_is_read_and_replaced),
		TEST(strays_are_told_and_left_out),
		TEST(hostile_addresses_never_become_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
