/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "tests/unit/db/scratch.h"

#define NODES "nodes/" SCRATCH_TARGET "/"

static void write_node(struct scratch *s, const struct iscsi_db_node_id *id, const char *key,
                       const char *value)
{
	struct iscsi_db_record *r = scratch_node(id, key, value);

	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
}

/* The listing for a selection as "ADDR,PORT,TPGT IFACE" a line. */
static char *list(struct scratch *s, const struct iscsi_db_selection *sel)
{
	static char text[4096];
	struct iscsi_db_node_id *ids = NULL;
	size_t count = 0, used = 0;

	assert_int_equal(iscsi_db_nodes(s->db, sel, scratch_tell, s, &ids, &count), 0);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s,%u,%d %s\n",
		                         ids[i].address, ids[i].port, ids[i].tpgt, ids[i].iface);
	}
	free(ids);
	return text;
}

static void a_record_stands_in_folders_of_its_name_with_a_link(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	char target[256];

	write_node(s, &id, NULL, NULL);
	assert_true(scratch_is(s, "nodes", S_IFDIR | 0700));
	assert_true(scratch_is(s, "nodes/" SCRATCH_TARGET, S_IFDIR | 0700));
	assert_true(scratch_is(s, NODES "192.0.2.1,3260,1", S_IFDIR | 0700));
	assert_true(scratch_is(s, NODES "192.0.2.1,3260,1/default", S_IFREG | 0600));
	assert_true(scratch_is(s, "static", S_IFDIR | 0700));
	snprintf(target, sizeof(target), "%s/" NODES "192.0.2.1,3260,1", s->root);
	assert_string_equal(scratch_link(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"),
	                    target);
}

static void an_ipv6_address_stands_without_brackets(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("fe80::1", 3261, 2, "default");

	write_node(s, &id, NULL, NULL);
	assert_true(scratch_is(s, NODES "fe80::1,3261,2/default", S_IFREG | 0600));
	assert_true(scratch_has(s, "static/" SCRATCH_TARGET ",fe80::1,3261,2,default"));
	assert_string_equal(list(s, NULL), "fe80::1,3261,2 default\n");
}

static void a_record_without_a_tag_is_a_plain_file_without_a_link(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, -1, "default");
	struct iscsi_db_node_id other = scratch_id("192.0.2.1", 3260, -1, "other");
	struct iscsi_db_record *r = scratch_node(&other, NULL, NULL);

	write_node(s, &id, NULL, NULL);
	assert_true(scratch_is(s, NODES "192.0.2.1,3260", S_IFREG | 0600));
	assert_false(scratch_has(s, "static"));
	assert_string_equal(list(s, NULL), "192.0.2.1,3260,-1 default\n");
	/* one file has one record: that of another interface is not overwritten */
	assert_int_equal(iscsi_db_node_write(s->db, r), -EEXIST);
	iscsi_db_record_free(r);
	/* a record with a tag takes its place */
	id.tpgt = 1;
	write_node(s, &id, NULL, NULL);
	assert_string_equal(list(s, NULL), "192.0.2.1,3260,1 default\n");
}

static void a_record_is_read_as_it_was_written(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default"), again;
	struct iscsi_db_record *r = NULL;

	write_node(s, &id, "node.session.auth.password", "hush12345678");
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_string_equal(iscsi_db_record_get(r, "node.session.auth.password"), "hush12345678");
	assert_int_equal(iscsi_db_node_id_of(r, &again), 0);
	assert_memory_equal(&again, &id, sizeof(id));
	assert_int_equal(s->problems, 0);
	iscsi_db_record_free(r);
}

static void name_and_portal_come_from_the_path(void **state)
{
	static const char text[] = "node.name = iqn.2001-04.com.example:liar\nnode.tpgt = 9\n"
				   "node.conn[0].address = 198.51.100.1\nnode.conn[0].port = 1\n"
				   "iface.iscsi_ifacename = liar\nnode.startup = automatic\n";
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default"), again;
	struct iscsi_db_record *r = NULL;

	scratch_put(s, NODES "192.0.2.1,3260,1/default", text, sizeof(text) - 1);
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
	assert_int_equal(iscsi_db_node_id_of(r, &again), 0);
	assert_memory_equal(&again, &id, sizeof(id));
	assert_string_equal(iscsi_db_record_get(r, "node.startup"), "automatic");
	iscsi_db_record_free(r);
}

static void records_are_listed_in_order_and_selected(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *address;
		uint16_t port;
		int32_t tpgt;
		const char *iface;
	} nodes[] = {
		{"192.0.2.2", 3260, 1, "if1"},   {"192.0.2.2", 3260, 1, "if0"},
		{"2001:db8::1", 3260, 1, "if0"}, {"192.0.2.1", 3261, 1, "if0"},
		{"192.0.2.1", 3260, 2, "if0"},   {"192.0.2.1", 3260, -1, "if1"},
	};
	static const struct {
		struct iscsi_db_selection sel;
		const char *listed;
	} rows[] = {
		{{0},
	         "192.0.2.1,3260,-1 if1\n192.0.2.1,3260,2 if0\n192.0.2.1,3261,1 if0\n"
	         "192.0.2.2,3260,1 if0\n192.0.2.2,3260,1 if1\n2001:db8::1,3260,1 if0\n"},
		{{.target = SCRATCH_TARGET, .address = "192.0.2.2"},
	         "192.0.2.2,3260,1 if0\n192.0.2.2,3260,1 if1\n"},
		{{.address = "2001:db8:0::1"}, "2001:db8::1,3260,1 if0\n"},
		{{.address = "192.0.2.1", .port = 3261}, "192.0.2.1,3261,1 if0\n"},
		{{.iface = "if1"}, "192.0.2.1,3260,-1 if1\n192.0.2.2,3260,1 if1\n"},
		{{.target = "iqn.2001-04.com.example:y"}, ""},
		{{.target = "../nodes/" SCRATCH_TARGET}, ""},
		{{.iface = "if2"}, ""},
	};

	assert_string_equal(list(s, NULL), "");
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		struct iscsi_db_node_id id =
			scratch_id(nodes[i].address, nodes[i].port, nodes[i].tpgt, nodes[i].iface);

		write_node(s, &id, NULL, NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(list(s, &rows[i].sel), rows[i].listed);
}

static void strays_are_told_and_left_out(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");

	write_node(s, &id, NULL, NULL);
	scratch_put(s, "nodes/core", "x", 1);
	scratch_put(s, "nodes/iqn.2001-04.com.example:file", "x", 1);
	scratch_put(s, NODES "192.0.2.1", "x", 1);
	scratch_put(s, NODES "192.0.2.1,03260,1/default", "x", 1);
	scratch_put(s, NODES "192.0.2.1,3260,2", "x", 1);
	scratch_put(s, NODES "192.0.2.1,3260,1/bad name", "x", 1);
	scratch_put(s, NODES "192.0.2.1,3260,1/.default.77.0", "x", 1);
	assert_string_equal(list(s, NULL), "192.0.2.1,3260,1 default\n");
	assert_int_equal(s->problems, 6);
	assert_non_null(strstr(s->problem, "nodes/core is left out"));
	assert_non_null(strstr(s->problem, "nodes/iqn.2001-04.com.example:file is left out"));
}

static void damaged_records_are_told_apart_from_missing_ones(void **state)
{
	static const char torn[] = "# BEGIN RECORD 2.1.8\nnode.name = " SCRATCH_TARGET
				   "\nnode.startup = automatic\nnode.sess";
	static const char binary[] = "\x7f"
				     "ELF\0\0\0";
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	char *huge = malloc(1 << 20);
	const struct {
		const char *data;
		size_t len;
		const char *told;
	} rows[] = {
		{"", 0, "empty"},
		{torn, sizeof(torn) - 1, "middle of the record"},
		{binary, sizeof(binary), "NUL"},
		{huge, 1 << 20, "more than"},
	};
	struct iscsi_db_record *r = NULL;

	memset(huge, 'x', 1 << 20);
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), -ENOENT);
	assert_int_equal(s->problems, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		s->problems = 0;
		s->problem[0] = '\0';
		scratch_put(s, NODES "192.0.2.1,3260,1/default", rows[i].data, rows[i].len);
		assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), -EBADMSG);
		assert_int_equal(s->problems, 1);
		assert_non_null(strstr(s->problem, rows[i].told));
		assert_null(r);
	}
	free(huge);
	/* the next write heals it */
	write_node(s, &id, NULL, NULL);
	assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
	iscsi_db_record_free(r);
}

/* As a file system may leave it that lost power: all there, and NUL bytes behind it. */
static void a_record_with_bytes_behind_it_is_healed(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, NULL, NULL);
	char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE);
	char file[8192] = "";

	assert_true(strlen(text) < sizeof(file) - 1);
	strcpy(file, text);
	free(text);
	iscsi_db_record_free(r);
	scratch_put(s, NODES "192.0.2.1,3260,1/default", file, sizeof(file));
	assert_int_equal(iscsi_db_node_read(s->db, &id, NULL, NULL, &r), -EBADMSG);
	write_node(s, &id, NULL, NULL);
	assert_int_equal(iscsi_db_node_read(s->db, &id, NULL, NULL, &r), 0);
	iscsi_db_record_free(r);
}

static void a_deleted_record_leaves_nothing_behind(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id one = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_node_id two = scratch_id("192.0.2.1", 3260, 1, "if0");
	struct iscsi_db_node_id plain = scratch_id("192.0.2.2", 3260, -1, "default");

	write_node(s, &one, NULL, NULL);
	write_node(s, &two, NULL, NULL);
	write_node(s, &plain, NULL, NULL);
	assert_int_equal(iscsi_db_node_delete(s->db, &one), 0);
	assert_int_equal(iscsi_db_node_delete(s->db, &one), -ENOENT);
	assert_false(scratch_has(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"));
	assert_true(scratch_has(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,if0"));
	/* what a writer that was killed left does not keep the folder alive */
	scratch_put(s, NODES "192.0.2.1,3260,1/.if0.4711.0", "half", 4);
	assert_int_equal(iscsi_db_node_delete(s->db, &two), 0);
	assert_false(scratch_has(s, NODES "192.0.2.1,3260,1"));
	assert_true(scratch_has(s, "nodes/" SCRATCH_TARGET));
	assert_int_equal(iscsi_db_node_delete(s->db, &plain), 0);
	assert_false(scratch_has(s, "nodes/" SCRATCH_TARGET));
	assert_true(scratch_has(s, "nodes"));
}

/* How often the database has read a folder to see what was left in it. */
static unsigned int looks;

DIR *fdopendir(int fd)
{
	static DIR *(*real)(int fd);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fdopendir");
	looks++;
	return real(fd);
}

/* That would take the square of the time that one takes. */
static void records_that_go_do_not_look_at_those_that_stay(void **state)
{
	enum { PORTALS = 20 };
	struct scratch *s = *state;
	struct stat st;

	for (uint16_t i = 1; i <= PORTALS; i++) {
		struct iscsi_db_node_id id = scratch_id("192.0.2.1", i, 1, "default");

		write_node(s, &id, NULL, NULL);
	}
	assert_int_equal(fstatat(s->fd, "nodes/" SCRATCH_TARGET, &st, 0), 0);
	if (st.st_nlink == 1) /* a file system that does not count folders */
		skip();
	looks = 0;
	for (uint16_t i = 1; i <= PORTALS; i++) {
		struct iscsi_db_node_id id = scratch_id("192.0.2.1", i, 1, "default");

		assert_int_equal(iscsi_db_node_delete(s->db, &id), 0);
	}
	assert_int_equal(looks, 0);
	assert_false(scratch_is(s, "nodes/" SCRATCH_TARGET, S_IFDIR | 0700));
}

static void a_record_found_through_another_source_moves_there(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.discovery_type", "send_targets");

	write_node(s, &id, NULL, NULL);
	iscsi_db_record_set(r, "node.discovery_address", "192.0.2.9");
	iscsi_db_record_set(r, "node.discovery_port", "3260");
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	assert_true(scratch_has(s, "send_targets/192.0.2.9,3260/" SCRATCH_TARGET
	                           ",192.0.2.1,3260,1,default"));
	assert_false(scratch_has(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"));
	iscsi_db_record_free(r);
}

static void a_link_is_found_even_if_the_record_is_damaged(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, "node.discovery_type", "send_targets");

	iscsi_db_record_set(r, "node.discovery_address", "192.0.2.9");
	iscsi_db_record_set(r, "node.discovery_port", "3260");
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	scratch_put(s, NODES "192.0.2.1,3260,1/default", "", 0);
	assert_int_equal(iscsi_db_node_delete(s->db, &id), 0);
	assert_false(scratch_has(s, "send_targets/192.0.2.9,3260/" SCRATCH_TARGET
	                            ",192.0.2.1,3260,1,default"));
	iscsi_db_record_free(r);
}

static void an_unchanged_record_is_not_written_again(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct stat before, after;

	write_node(s, &id, NULL, NULL);
	assert_int_equal(fstatat(s->fd, NODES "192.0.2.1,3260,1/default", &before, 0), 0);
	write_node(s, &id, NULL, NULL);
	assert_int_equal(fstatat(s->fd, NODES "192.0.2.1,3260,1/default", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	write_node(s, &id, "node.startup", "automatic");
	assert_int_equal(fstatat(s->fd, NODES "192.0.2.1,3260,1/default", &after, 0), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
}

static void hostile_names_never_become_a_path(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *key, *value;
	} rows[] = {
		{"node.name", "../../../tmp/x"},
		{"node.name", "iqn.2001-04.com.example:/../x"},
		{"node.name", ".."},
		{"node.name", ""},
		{"node.conn[0].address", "../x"},
		{"node.conn[0].address", "fe80::1%../../x"},
		{"node.conn[0].address", "a/b"},
		{"node.conn[0].address", ""},
		{"iface.iscsi_ifacename", ".."},
		{"iface.iscsi_ifacename", "../x"},
		{"iface.iscsi_ifacename", ".hidden"},
	};
	struct iscsi_db_node_id good = scratch_id("192.0.2.1", 3260, 1, "default");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = scratch_node(&good, rows[i].key, rows[i].value);
		struct iscsi_db_node_id id;

		assert_int_equal(iscsi_db_node_id_of(r, &id), -EINVAL);
		assert_int_equal(iscsi_db_node_write(s->db, r), -EINVAL);
		iscsi_db_record_free(r);
	}
	assert_false(scratch_has(s, "nodes"));
	good.port = 0;
	assert_int_equal(iscsi_db_node_delete(s->db, &good), -EINVAL);
}

static void records_made_by_hand_are_listed_with_and_without_a_tag(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id tagged = scratch_id("192.0.2.2", 3260, 1, "default");
	struct iscsi_db_node_id plain = scratch_id("192.0.2.1", 3260, -1, "default");
	struct iscsi_db_node_id found = scratch_id("192.0.2.3", 3260, 1, "default");
	struct iscsi_db_node_id *ids = NULL;
	size_t count = 0;

	assert_int_equal(iscsi_db_static_nodes(s->db, &ids, &count), 0);
	assert_int_equal(count, 0);
	free(ids);
	write_node(s, &tagged, NULL, NULL);
	write_node(s, &plain, NULL, NULL);
	write_node(s, &found, "node.discovery_type", "fw");
	assert_int_equal(iscsi_db_static_nodes(s->db, &ids, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(ids[0].address, tagged.address);
	assert_string_equal(ids[1].address, plain.address);
	assert_int_equal(ids[1].tpgt, -1);
	free(ids);
}

/* The folders with links are looked for once in a batch: one that appears later counts as well. */
static void in_a_batch_links_of_new_sources_go_with_their_records(void **state)
{
	static const char *const names[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct scratch *s = *state;
	char path[256];

	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct iscsi_db_node_id id = scratch_id(names[i], 3260, 1, "default");
		struct iscsi_db_record *r =
			scratch_node(&id, "node.discovery_type", "send_targets");

		iscsi_db_record_set(r, "node.discovery_address", names[i]);
		iscsi_db_record_set(r, "node.discovery_port", "3260");
		assert_int_equal(iscsi_db_node_write(s->db, r), 0);
		iscsi_db_record_free(r);
		snprintf(path, sizeof(path),
		         "send_targets/%s,3260/" SCRATCH_TARGET ",%s,3260,1,default", names[i],
		         names[i]);
		assert_true(scratch_has(s, path));
		assert_int_equal(iscsi_db_node_delete(s->db, &id), 0);
		assert_false(scratch_has(s, path));
	}
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
}

static void in_a_batch_a_record_that_changes_its_source_leaves_no_old_link(void **state)
{
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");
	struct iscsi_db_record *r = scratch_node(&id, NULL, NULL);

	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
	assert_true(scratch_has(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"));
	assert_int_equal(iscsi_db_batch_begin(s->db), 0);
	assert_int_equal(iscsi_db_node_read(s->db, &id, NULL, NULL, &r), 0);
	iscsi_db_record_set(r, "node.discovery_type", "fw");
	assert_int_equal(iscsi_db_node_write(s->db, r), 0);
	iscsi_db_record_free(r);
	assert_int_equal(iscsi_db_batch_end(s->db), 0);
	assert_true(scratch_has(s, "fw/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"));
	assert_false(scratch_has(s, "static/" SCRATCH_TARGET ",192.0.2.1,3260,1,default"));
}

static bool stays_and_is_noted(void *data, const struct iscsi_db_record *there)
{
	snprintf(data, 16, "%s", iscsi_db_record_get(there, "node.startup"));
	return strcmp(data, "onboot") == 0;
}

static void a_record_in_the_place_can_stay(void **state)
{
	static const struct {
		const char *there; /* NULL: no record */
		const char *asked, *after;
		int result;
	} rows[] = {
		{NULL, "", "automatic", 0},
		{"automatic", "", "automatic", 0},
		{"manual", "manual", "automatic", 0},
		{"onboot", "onboot", "onboot", 1},
	};
	struct scratch *s = *state;
	struct iscsi_db_node_id id = scratch_id("192.0.2.1", 3260, 1, "default");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct iscsi_db_record *r = scratch_node(&id, "node.startup", "automatic");
		char asked[16] = "";

		iscsi_db_node_delete(s->db, &id);
		if (rows[i].there)
			write_node(s, &id, "node.startup", rows[i].there);
		assert_int_equal(iscsi_db_node_write_unless(s->db, r, stays_and_is_noted, asked),
		                 rows[i].result);
		iscsi_db_record_free(r);
		assert_string_equal(asked, rows[i].asked);
		assert_int_equal(iscsi_db_node_read(s->db, &id, scratch_tell, s, &r), 0);
		assert_string_equal(iscsi_db_record_get(r, "node.startup"), rows[i].after);
		iscsi_db_record_free(r);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_stands_in_folders_of_its_name_with_a_link),
		TEST(an_ipv6_address_stands_without_brackets),
		TEST(a_record_without_a_tag_is_a_plain_file_without_a_link),
		TEST(a_record_is_read_as_it_was_written),
		TEST(name_and_portal_come_from_the_path),
		TEST(records_are_listed_in_order_and_selected),
		TEST(strays_are_told_and_left_out),
		TEST(damaged_records_are_told_apart_from_missing_ones),
		TEST(a_record_with_bytes_behind_it_is_healed),
		TEST(a_deleted_record_leaves_nothing_behind),
		TEST(records_that_go_do_not_look_at_those_that_stay),
		TEST(a_record_found_through_another_source_moves_there),
		TEST(a_link_is_found_even_if_the_record_is_damaged),
		TEST(an_unchanged_record_is_not_written_again),
		TEST(records_made_by_hand_are_listed_with_and_without_a_tag),
		TEST(in_a_batch_links_of_new_sources_go_with_their_records),
		TEST(in_a_batch_a_record_that_changes_its_source_leaves_no_old_link),
		TEST(a_record_in_the_place_can_stay),
		TEST(hostile_names_never_become_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
