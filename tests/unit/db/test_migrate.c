/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking over the records that open-iscsi's tools left in another place.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/db/scratch.h"

#define PORTAL "192.0.2.1,3260,1"
#define NODE   "nodes/" SCRATCH_TARGET "/" PORTAL "/default"
#define LINK   "send_targets/192.0.2.9,3260/" SCRATCH_TARGET "," PORTAL ",default"
#define SOURCE "send_targets/192.0.2.9,3260/st_config"
#define PLAIN  "nodes/" SCRATCH_TARGET "/192.0.2.7,3260"

/* With a key that nobody knows, a comment and no blanks around '=': all of it must arrive. */
static const char node_text[] = "# BEGIN RECORD 2.0-873\nnode.name=" SCRATCH_TARGET "\n"
				"# a note\nnode.session.from_the_future = 1\n# END RECORD\n";
static const char source_text[] = "# BEGIN RECORD 2.0-873\ndiscovery.type = sendtargets\n"
				  "# END RECORD\n";
static const char iface_text[] = "# BEGIN RECORD 2.0-873\niface.transport_name = tcp\n"
				 "# END RECORD\n";

/* The other place: a root beside the database's. */
struct places {
	struct scratch *to;
	struct scratch from;
	unsigned int told[ISCSI_DB_MIGRATION_REFUSED + 1];
	char last[512];
};

static struct places fill(struct scratch *to)
{
	struct places p = {.to = to};
	char target[512];

	snprintf(p.from.root, sizeof(p.from.root), "%s/old", to->top);
	assert_int_equal(mkdir(p.from.root, 0700), 0);
	p.from.fd = open(p.from.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p.from.fd >= 0);
	scratch_put(&p.from, NODE, node_text, strlen(node_text));
	scratch_put(&p.from, PLAIN, node_text, strlen(node_text));
	scratch_put(&p.from, SOURCE, source_text, strlen(source_text));
	scratch_put(&p.from, "ifaces/eth", iface_text, strlen(iface_text));
	snprintf(target, sizeof(target), "%s/nodes/" SCRATCH_TARGET "/" PORTAL, p.from.root);
	assert_int_equal(symlinkat(target, p.from.fd, LINK), 0);
	return p;
}

static void note(void *data, enum iscsi_db_migration what, const char *path, const char *why)
{
	struct places *p = data;

	p->told[what]++;
	if (what == ISCSI_DB_MIGRATION_REFUSED)
		snprintf(p->last, sizeof(p->last), "%s: %s", path, why);
}

static void assert_told(struct places *p, unsigned int copied, unsigned int same, unsigned int kept,
                        unsigned int refused)
{
	memset(p->told, 0, sizeof(p->told));
	assert_int_equal(iscsi_db_migrate(p->to->db, p->from.root, note, p), 0);
	assert_int_equal(p->told[ISCSI_DB_MIGRATION_COPIED], copied);
	assert_int_equal(p->told[ISCSI_DB_MIGRATION_SAME], same);
	assert_int_equal(p->told[ISCSI_DB_MIGRATION_KEPT], kept);
	assert_int_equal(p->told[ISCSI_DB_MIGRATION_REFUSED], refused);
}

static void assert_text(const struct scratch *s, const char *path, const char *expected)
{
	char text[4096] = "";
	int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	assert_string_equal(text, expected);
}

static void all_records_arrive_to_the_letter_with_links_to_the_new_place(void **state)
{
	struct places p = fill(*state);
	char target[512];

	assert_told(&p, 4, 0, 0, 0);
	assert_text(p.to, NODE, node_text);
	assert_text(p.to, PLAIN, node_text);
	assert_text(p.to, SOURCE, source_text);
	assert_text(p.to, "ifaces/eth", iface_text);
	assert_true(scratch_is(p.to, NODE, S_IFREG | 0600));
	assert_true(scratch_is(p.to, "nodes", S_IFDIR | 0700));
	snprintf(target, sizeof(target), "%s/nodes/" SCRATCH_TARGET "/" PORTAL, p.to->root);
	assert_string_equal(scratch_link(p.to, LINK), target);
	/* and what was there still is */
	assert_text(&p.from, NODE, node_text);
	assert_text(&p.from, SOURCE, source_text);
	snprintf(target, sizeof(target), "%s/nodes/" SCRATCH_TARGET "/" PORTAL, p.from.root);
	assert_string_equal(scratch_link(&p.from, LINK), target);
	close(p.from.fd);
}

static void it_can_be_repeated_and_goes_on_where_it_was_cut_short(void **state)
{
	struct places p = fill(*state);

	assert_told(&p, 4, 0, 0, 0);
	assert_told(&p, 0, 4, 0, 0);
	assert_int_equal(unlinkat(p.to->fd, LINK, 0), 0);
	assert_int_equal(unlinkat(p.to->fd, SOURCE, 0), 0);
	assert_told(&p, 1, 3, 0, 0);
	assert_true(scratch_has(p.to, LINK));
	close(p.from.fd);
}

static void what_is_in_a_records_place_stays_and_is_told(void **state)
{
	static const char ours[] = "# BEGIN RECORD 3.0.0\nnode.startup = automatic\n# END RECORD\n";
	struct places p = fill(*state);

	scratch_put(p.to, NODE, ours, strlen(ours));
	assert_told(&p, 3, 0, 1, 0);
	assert_text(p.to, NODE, ours);
	/* its link says where that one comes from, not ours */
	assert_false(scratch_has(p.to, LINK));
	close(p.from.fd);
}

static void what_is_no_record_is_left_out_with_its_reason(void **state)
{
	struct places p = fill(*state);

	scratch_put(&p.from, NODE, "", 0);
	assert_told(&p, 3, 0, 0, 1);
	assert_string_equal(p.last, NODE ": the file is empty");
	assert_false(scratch_has(p.to, NODE));
	scratch_put(&p.from, "nodes/stray", "x", 1);
	assert_told(&p, 0, 3, 0, 2);
	close(p.from.fd);
}

static void a_plain_discovery_record_gets_its_folder(void **state)
{
	struct places p = fill(*state);

	scratch_put(&p.from, "send_targets/192.0.2.8,3260", source_text, strlen(source_text));
	assert_told(&p, 5, 0, 0, 0);
	assert_text(p.to, "send_targets/192.0.2.8,3260/st_config", source_text);
	close(p.from.fd);
}

static void no_database_and_the_own_one_are_refused(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(iscsi_db_migrate(s->db, "/nonexistent", NULL, NULL), -ENOENT);
	assert_int_equal(iscsi_db_migrate(s->db, s->root, NULL, NULL), -EINVAL);
	assert_int_equal(iscsi_db_migrate(s->db, s->top, NULL, NULL), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_records_arrive_to_the_letter_with_links_to_the_new_place),
		TEST(it_can_be_repeated_and_goes_on_where_it_was_cut_short),
		TEST(what_is_in_a_records_place_stays_and_is_told),
		TEST(what_is_no_record_is_left_out_with_its_reason),
		TEST(a_plain_discovery_record_gets_its_folder),
		TEST(no_database_and_the_own_one_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
